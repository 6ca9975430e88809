//! How big a module is, and how much memory an instance of it has at first.

use std::fmt;
use std::fs;
use std::path::Path;

use wasmparser::{Parser, Payload};

use super::BuildError;

/// What a person wants to know of a module that was just built.
#[derive(Debug, PartialEq, Eq)]
pub struct ModuleSize {
    bytes: usize,
    /// In pages of 64 KiB; `None` for a module that defines no memory.
    memory_pages: Option<u64>,
}

impl ModuleSize {
    pub fn of_file(path: &Path) -> Result<Self, BuildError> {
        let module =
            fs::read(path).map_err(|cause| BuildError::CannotWrite { path: path.to_owned(), cause })?;
        Ok(Self { bytes: module.len(), memory_pages: memory_pages(&module) })
    }
}

impl fmt::Display for ModuleSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes)?;
        match self.memory_pages {
            Some(pages) => write!(f, ", memory {} KiB ({pages} pages)", pages.saturating_mul(64)),
            None => Ok(()),
        }
    }
}

/// The minimum of the first memory, of a component's modules, too. The module came from a compiler a moment ago:
/// anything odd is simply not told.
fn memory_pages(module: &[u8]) -> Option<u64> {
    let payloads = Parser::new(0).parse_all(module).map_while(Result::ok);
    let mut memories = payloads.filter_map(|payload| match payload {
        Payload::MemorySection(section) => section.into_iter().next()?.ok(),
        _ => None,
    });
    memories.next().map(|memory| memory.initial)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] = b"\0asm\x01\0\0\0";
    const MEMORY_SECTION: u8 = 5;

    fn module(sections: &[u8]) -> Vec<u8> {
        [HEADER, sections].concat()
    }

    #[test]
    fn the_memory_is_found_behind_other_sections() {
        let with_types = module(&[1, 4, 1, 0x60, 0, 0, MEMORY_SECTION, 4, 1, 0, 0x80, 0x02]);
        assert_eq!(memory_pages(&with_types), Some(256));
    }

    #[test]
    fn no_memory_and_broken_modules_tell_nothing() {
        assert_eq!(memory_pages(&module(&[1, 4, 1, 0x60, 0, 0])), None);
        assert_eq!(memory_pages(&module(&[MEMORY_SECTION, 0xff, 0xff])), None);
        assert_eq!(memory_pages(b"text"), None);
    }

    #[test]
    fn it_reads_as_a_sentence() {
        let size = ModuleSize { bytes: 61234, memory_pages: Some(3) };
        assert_eq!(size.to_string(), "61234 bytes, memory 192 KiB (3 pages)");
    }
}
