//! Where the module goes, and how it gets there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::BuildError;

/// `<name>.wasm` in the crate's folder, or where `output` says: a file, or a folder for that name.
pub fn target(dir: &Path, output: Option<&Path>, name: &str) -> PathBuf {
    let file = format!("{name}.wasm");
    match output {
        Some(output) if output.is_dir() => output.join(file),
        Some(output) => output.to_owned(),
        None if dir == Path::new(".") => file.into(),
        None => dir.join(file),
    }
}

/// Copies a module to its target.
pub fn copy(module: &Path, target: &Path) -> Result<(), BuildError> {
    put(target, |beside| fs::copy(module, beside).map(drop))
}

/// Writes a module to its target.
pub fn write(module: &[u8], target: &Path) -> Result<(), BuildError> {
    put(target, |beside| fs::write(beside, module))
}

/// Makes a file beside the target first, then renames it: a host that starts meanwhile reads the old module
/// or the new one, never half of one.
fn put(target: &Path, make: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), BuildError> {
    let mut beside = target.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    make(&beside).and_then(|()| fs::rename(&beside, target)).map_err(|cause| {
        // Best effort: the first failure is the one to tell.
        let _ = fs::remove_file(&beside);
        BuildError::CannotWrite { path: target.to_owned(), cause }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_lies_in_the_crates_folder_under_the_packages_name() {
        assert_eq!(target(Path::new("."), None, "git-hub"), Path::new("git-hub.wasm"));
        assert_eq!(target(Path::new("a/b"), None, "b"), Path::new("a/b/b.wasm"));
    }

    #[test]
    fn output_names_a_file_or_a_folder_that_exists() {
        assert_eq!(target(Path::new("."), Some(Path::new("x.wasm")), "b"), Path::new("x.wasm"));
        assert_eq!(target(Path::new("."), Some(Path::new("/")), "b"), Path::new("/b.wasm"));
    }
}
