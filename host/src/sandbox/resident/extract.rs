//! Takes a module's data segments out of it, and lays them out as its memory's [`Image`].
//!
//! Compiled into the module they would be copied into every instance, mostly data that no instance
//! ever writes (a Rust handler has 30 KB of it, a Go one megabytes). Laid out here, a slot holds them
//! already, and only pages that an attempt wrote are copied again.

use std::borrow::Cow;
use std::sync::Arc;

use wasm_encoder::{ConstExpr, DataSection, DataSegment, DataSegmentMode, Module, RawSection};
use wasmparser::{
    Data, DataKind, DataSectionReader, Element, ElementItems, ElementKind, ElementSectionReader, MemoryType,
    Operator, Parser, Payload, Table,
};

use super::image::Image;
use super::slot::PAGE_BYTES;

/// A module without its data, and the data.
pub struct Extracted<'a> {
    pub module: Cow<'a, [u8]>,
    pub image: Arc<Image>,
}

/// Takes the data out of a module where that changes nothing: a memory of its own, and segments at
/// fixed places that lie within it from the start. The same must hold for its tables: they are filled
/// before memory is, and one that is filled beyond its end traps before any data is paid for. Any other
/// module is left as it is, and so is one that cannot be parsed: what is wrong with it is the
/// compiler's to say.
pub fn extract(module: &[u8]) -> Extracted<'_> {
    take_out(module).unwrap_or(Extracted { module: Cow::Borrowed(module), image: Arc::default() })
}

fn take_out(module: &[u8]) -> Option<Extracted<'_>> {
    let mut stripped = Module::new();
    let mut memory = None;
    let mut tables = Vec::new();
    let mut elements = None;
    let mut image = Image::default();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.ok()?;
        match &payload {
            Payload::MemorySection(section) => memory = section.clone().into_iter().next()?.ok(),
            Payload::TableSection(section) => {
                tables = section.clone().into_iter().collect::<Result<_, _>>().ok()?;
            }
            Payload::ElementSection(section) => elements = Some(section.clone()),
            Payload::DataSection(section) => {
                elements_lie_within(elements.take(), &tables)?;
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
    Some(Segment { offset: Some(fixed_place(&offset_expr)?), data: data.data })
}

/// The place that an offset names by a single number.
fn fixed_place(offset: &wasmparser::ConstExpr<'_>) -> Option<u32> {
    let mut operators = offset.get_operators_reader();
    match (operators.read().ok()?, operators.read().ok()?) {
        (Operator::I32Const { value }, Operator::End) => Some(value.cast_unsigned()),
        _ => None,
    }
}

/// `None` where filling the tables could trap.
fn elements_lie_within(elements: Option<ElementSectionReader<'_>>, tables: &[Table<'_>]) -> Option<()> {
    for element in elements.into_iter().flatten() {
        let Element { kind: ElementKind::Active { table_index, offset_expr }, items, .. } = element.ok()?
        else {
            continue;
        };
        let count = match items {
            ElementItems::Functions(functions) => functions.count(),
            ElementItems::Expressions(_, expressions) => expressions.count(),
        };
        let table = tables.get(table_index.unwrap_or(0) as usize)?;
        let end = u64::from(fixed_place(&offset_expr)?) + u64::from(count);
        if end > table.ty.initial {
            return None;
        }
    }
    Some(())
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
    Some(Image::of(first_page, bytes, placed().map(|(_, data)| data.len() as u64).sum()))
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
        assert_eq!(image.copied_bytes(), 4, "what overwrites is copied, too");
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
            r#"(module (memory 1) (data (i32.const 0) "a") (table 1 funcref) (elem (i32.const 1) $f) (func $f))"#,
            r#"(module (memory 1) (data (i32.const 0) "a") (table 1 funcref) (global $g i32 (i32.const 0))
                (elem (global.get $g) $f) (func $f))"#,
        ];
        for wat in modules {
            let module = wasm(wat);
            let Extracted { module: stripped, image } = extract(&module);
            assert_eq!((&*stripped, image.bytes().len()), (&module[..], 0), "{wat}");
        }
        assert_eq!(&*extract(b"\0asm nonsense").module, b"\0asm nonsense");
    }
}
