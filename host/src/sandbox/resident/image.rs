//! A module's initial memory: its data segments, taken out of the module and laid out once.
//!
//! Compiled into the module they would be copied into every instance, mostly data that no instance
//! ever writes (a Rust handler has 30 KB of it, a Go one megabytes). Laid out here, a slot holds them
//! already, and only pages that an attempt wrote are copied again.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasm_encoder::{ConstExpr, DataSection, DataSegment, DataSegmentMode, Module, RawSection};
use wasmparser::{Data, DataKind, DataSectionReader, MemoryType, Operator, Parser, Payload};

use super::slot::{PAGE_BYTES, Slot};

/// The bytes of whole pages, from `first_page` on; all other pages are zero at first.
#[derive(Default)]
pub struct Image {
    first_page: usize,
    bytes: Arc<[u8]>,
    /// Slots that hold this image and wait for an instance.
    ready: Mutex<Vec<&'static Slot>>,
}

impl Image {
    /// An image of whole pages.
    pub fn of(first_page: usize, bytes: Vec<u8>) -> Self {
        Image { first_page, bytes: bytes.into(), ready: Mutex::default() }
    }

    /// The same image with slots of its own.
    pub fn replica(&self) -> Self {
        Image { first_page: self.first_page, bytes: self.bytes.clone(), ready: Mutex::default() }
    }

    pub fn first_page(&self) -> usize {
        self.first_page
    }

    pub fn end_page(&self) -> usize {
        self.first_page + self.bytes.len() / PAGE_BYTES
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn take_slot(&self) -> Option<&'static Slot> {
        lock(&self.ready).pop()
    }

    pub fn put_slot(&self, slot: &'static Slot) {
        lock(&self.ready).push(slot);
    }
}

/// Slots whose handler is gone: they hold nothing.
static BLANK: Mutex<Vec<&'static Slot>> = Mutex::new(Vec::new());

/// A slot for a memory of up to `len` bytes that another image had, if there is one.
pub fn take_blank_slot(len: usize) -> Option<&'static Slot> {
    let mut blank = lock(&BLANK);
    let fits = blank.iter().position(|slot| slot.len() >= len)?;
    Some(blank.swap_remove(fits))
}

impl Drop for Image {
    fn drop(&mut self) {
        for slot in lock(&self.ready).drain(..) {
            // SAFETY: a slot that waits has no memory in it. One that cannot be emptied is never used
            // again.
            if unsafe { slot.give_back() }.is_ok() {
                lock(&BLANK).push(slot);
            }
        }
    }
}

fn lock<'a>(slots: &'a Mutex<Vec<&'static Slot>>) -> MutexGuard<'a, Vec<&'static Slot>> {
    slots.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A module without its data, and the data.
pub struct Extracted<'a> {
    pub module: Cow<'a, [u8]>,
    pub image: Arc<Image>,
}

/// Takes the data out of a module where that changes nothing: a memory of its own, and segments at
/// fixed places that lie within it from the start. Any other module is left as it is, and so is one
/// that cannot be parsed: what is wrong with it is the compiler's to say.
pub fn extract(module: &[u8]) -> Extracted<'_> {
    take_out(module).unwrap_or(Extracted { module: Cow::Borrowed(module), image: Arc::default() })
}

fn take_out(module: &[u8]) -> Option<Extracted<'_>> {
    let mut stripped = Module::new();
    let mut memory = None;
    let mut image = Image::default();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.ok()?;
        match &payload {
            Payload::MemorySection(section) => memory = section.clone().into_iter().next()?.ok(),
            Payload::DataSection(section) => {
                let segments = segments(section.clone())?;
                image = lay_out(&segments, memory?)?;
                stripped.section(&emptied(&segments));
                continue;
            }
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            stripped.section(&RawSection { id, data: module.get(range)? });
        }
    }
    Some(Extracted { module: Cow::Owned(stripped.finish()), image: Arc::new(image) })
}

/// A segment: where it goes, or `None` when the module copies it itself at run time.
struct Segment<'a> {
    offset: Option<u32>,
    data: &'a [u8],
}

fn segments(section: DataSectionReader<'_>) -> Option<Vec<Segment<'_>>> {
    section.into_iter().map(|data| segment(data.ok()?)).collect()
}

fn segment(data: Data<'_>) -> Option<Segment<'_>> {
    let DataKind::Active { memory_index: 0, offset_expr } = data.kind else {
        let is_passive = matches!(data.kind, DataKind::Passive);
        return is_passive.then_some(Segment { offset: None, data: data.data });
    };
    let mut operators = offset_expr.get_operators_reader();
    match (operators.read().ok()?, operators.read().ok()?) {
        (Operator::I32Const { value }, Operator::End) => {
            Some(Segment { offset: Some(value.cast_unsigned()), data: data.data })
        }
        _ => None,
    }
}

/// Later segments overwrite earlier ones, as they would in the instance.
fn lay_out(segments: &[Segment<'_>], memory: MemoryType) -> Option<Image> {
    let placed = || segments.iter().filter_map(|segment| Some((segment.offset? as usize, segment.data)));
    let memory_bytes = usize::try_from(memory.initial).ok()?.checked_mul(64 * 1024)?;
    let end = placed().map(|(offset, data)| offset + data.len()).max().unwrap_or(0);
    if end > memory_bytes || memory.page_size_log2.is_some() {
        return None;
    }
    let first_page = placed().map(|(offset, _)| offset).min().unwrap_or(0) / PAGE_BYTES;
    let start = first_page * PAGE_BYTES;
    let mut bytes = vec![0; end.saturating_sub(start).next_multiple_of(PAGE_BYTES)];
    for (offset, data) in placed() {
        bytes[offset - start..][..data.len()].copy_from_slice(data);
    }
    Some(Image::of(first_page, bytes))
}

/// The same segments by number, the placed ones without their bytes. After its instance is made, a
/// placed segment counts as empty anyway.
fn emptied(segments: &[Segment<'_>]) -> DataSection {
    let mut section = DataSection::new();
    for Segment { offset, data } in segments {
        match offset {
            Some(_) => {
                let offset = ConstExpr::i32_const(0);
                let mode = DataSegmentMode::Active { memory_index: 0, offset: &offset };
                section.segment(DataSegment { mode, data: std::iter::empty() });
            }
            None => {
                section.passive(data.iter().copied());
            }
        }
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wasm(wat: &str) -> Vec<u8> {
        wat::parse_str(wat).unwrap()
    }

    #[test]
    fn placed_data_leaves_the_module_and_stands_in_the_image() {
        let module = wasm(
            r#"(module (memory 2) (data (i32.const 70000) "abc") (data $p "passive")
                (data (i32.const 70001) "X") (func (drop (i32.const 0)) (data.drop $p)))"#,
        );
        let Extracted { module: stripped, image } = extract(&module);
        assert_eq!((image.first_page(), image.end_page()), (17, 18));
        let at = 70000 - 17 * PAGE_BYTES;
        assert_eq!(&image.bytes()[at - 1..at + 4], b"\0aXc\0");
        assert!(!stripped.windows(3).any(|bytes| bytes == b"abc"));
        assert!(stripped.windows(7).any(|bytes| bytes == b"passive"));
        wasmtime::Module::new(&wasmtime::Engine::default(), &stripped).unwrap();
    }

    #[test]
    fn a_module_whose_data_depends_on_more_is_left_as_it_is() {
        let modules = [
            r#"(module (memory 1) (data (i32.const 65534) "abc"))"#,
            r#"(module (memory 1) (data (i32.const -1) "a"))"#,
            r#"(module (global $g i32 (i32.const 8)) (memory 1) (data (global.get $g) "a"))"#,
        ];
        for wat in modules {
            let module = wasm(wat);
            let Extracted { module: stripped, image } = extract(&module);
            assert_eq!((&*stripped, image.bytes().len()), (&module[..], 0), "{wat}");
        }
        assert_eq!(&*extract(b"\0asm nonsense").module, b"\0asm nonsense");
    }
}
