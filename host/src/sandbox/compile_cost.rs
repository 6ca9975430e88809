//! What a module would cost to compile, found by reading it once, before the compiler does.
//!
//! A module of some kilobytes can have the compiler take gigabytes: a call of two bytes may pass a
//! thousand values, and each join of two ways may have to carry every local. So it is the compiler's work
//! that is bounded, not only the file's size. The figures of [`weight`] are what wasmtime 48 was
//! measured to take at its peak for each kind, on modules that have little else.

use wasmparser::{BlockType, Encoding, FuncType, FunctionBody, Operator, Parser, Payload, TypeRef};

use crate::limits::{CODE_BYTES_MAX, FUNCTION_COMPILE_BYTES_MAX, FUNCTIONS_MAX};

/// Peak memory of the compiler, in bytes.
mod weight {
    /// An instruction: a load with its check of bounds is the dearest of the plain ones.
    pub const OPERATOR: u64 = 3 * 1024;
    /// A value that a call passes or gives back.
    pub const CALL_VALUE: u64 = 640;
    /// A value that a branch carries.
    pub const BRANCH_VALUE: u64 = 64;
    /// A local, at each place where ways through the function join.
    pub const JOINED_LOCAL: u64 = 128;
}

/// A module that asks too much of the compiler.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooCostly {
    #[error("it has {functions} functions, the limit is {FUNCTIONS_MAX}; make several handlers of it")]
    Functions { functions: u32 },
    #[error("it has {bytes} bytes of code, the limit is {CODE_BYTES_MAX}; build it with optimization")]
    Code { bytes: u64 },
    #[error(
        "its function {index} would take some {bytes} bytes of memory to compile, the limit is \
         {FUNCTION_COMPILE_BYTES_MAX}; make several functions of it"
    )]
    Function { index: u32, bytes: u64 },
}

/// Reads the functions of a module, or of all the modules that a component is made of, each no further than to
/// its limit. What cannot be read costs nothing: the compiler says what is wrong with it.
pub fn check(module: &[u8]) -> Result<(), TooCostly> {
    let mut signatures = Signatures::default();
    let (mut index, mut functions, mut code_bytes) = (0, 0_u32, 0_u64);
    for payload in Parser::new(0).parse_all(module) {
        match payload {
            // The next one of a component's modules.
            Ok(Payload::Version { encoding: Encoding::Module, .. }) => {
                (signatures, index) = (Signatures::default(), 0);
            }
            Ok(Payload::CodeSectionStart { size, .. }) => {
                code_bytes += u64::from(size);
                if code_bytes > CODE_BYTES_MAX {
                    return Err(TooCostly::Code { bytes: code_bytes });
                }
            }
            Ok(Payload::CodeSectionEntry(body)) => {
                let bytes = Cost::of(&signatures, index, &body).unwrap_or(0);
                if bytes > FUNCTION_COMPILE_BYTES_MAX {
                    return Err(TooCostly::Function { index: signatures.imported + index, bytes });
                }
                index += 1;
            }
            Ok(payload) => {
                if let Payload::FunctionSection(section) = &payload {
                    functions = functions.saturating_add(section.count());
                }
                if functions > FUNCTIONS_MAX {
                    return Err(TooCostly::Functions { functions });
                }
                signatures.read(&payload).unwrap_or_default();
            }
            Err(_) => break,
        }
    }
    Ok(())
}

/// How many values each type and each function takes and gives.
#[derive(Default)]
struct Signatures {
    types: Vec<(u64, u64)>,
    /// The type of every function, the imported ones first.
    functions: Vec<u32>,
    imported: u32,
}

impl Signatures {
    /// `None` when it cannot be read.
    fn read(&mut self, payload: &Payload<'_>) -> Option<()> {
        match payload {
            Payload::TypeSection(section) => {
                for type_ in section.clone().into_iter_err_on_gc_types() {
                    self.types.push(arity(&type_.ok()?));
                }
            }
            Payload::ImportSection(section) => {
                for import in section.clone().into_imports() {
                    if let TypeRef::Func(type_) = import.ok()?.ty {
                        self.functions.push(type_);
                        self.imported += 1;
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for type_ in section.clone() {
                    self.functions.push(type_.ok()?);
                }
            }
            _ => {}
        }
        Some(())
    }

    fn of_type(&self, type_: u32) -> (u64, u64) {
        self.types.get(type_ as usize).copied().unwrap_or_default()
    }

    fn of_function(&self, function: u32) -> (u64, u64) {
        self.functions.get(function as usize).map_or((0, 0), |type_| self.of_type(*type_))
    }

    fn of_block(&self, block: BlockType) -> (u64, u64) {
        match block {
            BlockType::Empty => (0, 0),
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(type_) => self.of_type(type_),
        }
    }
}

fn arity(type_: &FuncType) -> (u64, u64) {
    (type_.params().len() as u64, type_.results().len() as u64)
}

/// The cost of one function, counted up as it is read.
struct Cost<'a> {
    signatures: &'a Signatures,
    /// The function's parameters and locals.
    locals: u64,
    /// What a branch to each open block carries, the outermost first.
    carried: Vec<u64>,
    bytes: u64,
}

impl<'a> Cost<'a> {
    fn of(signatures: &'a Signatures, index: u32, body: &FunctionBody<'_>) -> Option<u64> {
        let (params, results) = signatures.of_function(signatures.imported + index);
        let locals = body.get_locals_reader().ok()?.into_iter().map(|l| l.map_or(0, |(n, _)| u64::from(n)));
        let locals = params + locals.sum::<u64>();
        let mut cost = Cost { signatures, locals, carried: vec![results], bytes: 0 };
        let mut operators = body.get_operators_reader().ok()?;
        while !operators.eof() && cost.bytes <= FUNCTION_COMPILE_BYTES_MAX {
            cost.add(&operators.read().ok()?);
        }
        Some(cost.bytes)
    }

    fn add(&mut self, operator: &Operator<'_>) {
        self.bytes += weight::OPERATOR;
        match operator {
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                self.call(self.signatures.of_function(*function_index));
            }
            Operator::CallIndirect { type_index, .. } | Operator::ReturnCallIndirect { type_index, .. } => {
                self.call(self.signatures.of_type(*type_index));
            }
            Operator::Block { blockty } | Operator::If { blockty } => {
                let (_, results) = self.signatures.of_block(*blockty);
                self.open(results);
            }
            Operator::Loop { blockty } => {
                let (params, _) = self.signatures.of_block(*blockty);
                self.open(params);
            }
            Operator::TryTable { try_table } => {
                let (_, results) = self.signatures.of_block(try_table.ty);
                self.open(results);
            }
            Operator::End => drop(self.carried.pop()),
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                self.branch(*relative_depth);
            }
            Operator::BrTable { targets } => {
                targets.targets().flatten().for_each(|depth| self.branch(depth));
            }
            _ => {}
        }
    }

    fn call(&mut self, (params, results): (u64, u64)) {
        self.bytes += (params + results) * weight::CALL_VALUE;
    }

    fn open(&mut self, carried: u64) {
        self.carried.push(carried);
        self.bytes += carried * weight::BRANCH_VALUE + self.locals * weight::JOINED_LOCAL;
    }

    fn branch(&mut self, depth: u32) {
        let open = self.carried.len().checked_sub(depth as usize + 1);
        let carried = open.map_or(0, |at| self.carried[at]);
        self.bytes += (carried + 1) * weight::BRANCH_VALUE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a module with these types and with this function.
    fn said(types: &str, function: &str) -> Option<String> {
        let module = wat::parse_str(format!("(module {types} (func $f {function}))")).unwrap();
        check(&module).err().map(|costly| costly.to_string())
    }

    fn is_refused(types: &str, function: &str) {
        let said = said(types, function).expect("it costs too much");
        assert!(
            said.starts_with("its function ") && said.ends_with("; make several functions of it"),
            "{said}"
        );
    }

    #[test]
    fn an_ordinary_function_is_let_pass() {
        assert_eq!(said("", &format!("(local i64) {}", "(block (br 0))".repeat(1000))), None);
        assert_eq!(said("", &"nop ".repeat(100_000)), None);
    }

    #[test]
    fn instructions_are_counted() {
        is_refused("", &"nop ".repeat(200_000));
    }

    #[test]
    fn values_that_calls_pass_are_counted() {
        let params = "i32 ".repeat(1000);
        let many = format!("(type $many (func (param {params}) (result {params})))");
        let calls = |n: usize| format!("unreachable {}", "(call_indirect (type $many)) ".repeat(n));
        let table = format!("{many} (table 1 funcref)");
        assert_eq!(said(&table, &format!("{} unreachable", calls(100))), None);
        is_refused(&table, &format!("{} unreachable", calls(1000)));
    }

    #[test]
    fn locals_are_counted_wherever_ways_join() {
        let locals = "i32 ".repeat(5000);
        let joins = |n: usize| format!("(local {locals}) {} {}", "loop ".repeat(n), "end ".repeat(n));
        assert_eq!(said("", &joins(100)), None);
        is_refused("", &joins(1000));
    }

    #[test]
    fn values_that_branches_carry_are_counted() {
        let results = "i32 ".repeat(1000);
        let branches = format!("unreachable {}", "br 0 ".repeat(10_000));
        is_refused("", &format!("(result {results}) {branches}"));
        let table = format!("unreachable (br_table {})", "0 ".repeat(10_000));
        is_refused("", &format!("(result {results}) {table}"));
    }

    #[test]
    fn the_modules_of_a_component_are_read_one_by_one_and_counted_together() {
        let said = |modules: &str| {
            let component = wat::parse_str(format!("(component {modules})")).unwrap();
            check(&component).err().map(|costly| costly.to_string())
        };
        let passes = format!("(core module (import \"a\" \"b\" (func)) (func {}))", "nop ".repeat(1000));
        assert_eq!(said(&passes.repeat(20)), None);
        let costly = format!("{passes} (core module (func {}))", "nop ".repeat(200_000));
        assert!(said(&costly).unwrap().starts_with("its function 0 would take"), "{:?}", said(&costly));
        let many = format!("(core module {})", "(func)".repeat(30_000)).repeat(2);
        assert_eq!(
            said(&many).unwrap(),
            "it has 60000 functions, the limit is 50000; make several handlers of it"
        );
    }

    #[test]
    fn functions_are_counted() {
        let said = said("", &format!(") {}(func", "(func)".repeat(60_000))).unwrap();
        assert_eq!(said, "it has 60002 functions, the limit is 50000; make several handlers of it");
    }
}
