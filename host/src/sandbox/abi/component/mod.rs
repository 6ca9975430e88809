//! The ABIs of components, by what they export: a program, a handler of our own world, or a handler of HTTP.

pub mod command;
pub mod handler_v1;
pub mod http;

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex, Linker, LinkerInstance};

use super::core_module::shown;
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::trap::Ended;
use crate::sandbox::wasi::{http as http_interfaces, preview2};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComponentAbi {
    /// `wasi:cli/run`, as programs for WASI 0.2 have it.
    Command,
    /// `handle` of the world in `guest-sdk/wit/handler.wit`.
    V1,
    /// `wasi:http/incoming-handler`, as servers call it.
    Http,
}

const ALL: [ComponentAbi; 3] = [ComponentAbi::Command, ComponentAbi::V1, ComponentAbi::Http];

impl ComponentAbi {
    /// The export that tells it, up to its version.
    fn export(self) -> &'static str {
        match self {
            ComponentAbi::Command => "wasi:cli/run@0.2.",
            ComponentAbi::V1 => handler_v1::ENTRY,
            ComponentAbi::Http => "wasi:http/incoming-handler@0.2.",
        }
    }

    fn is_told_by(self, export: &str) -> bool {
        match self {
            ComponentAbi::V1 => export == self.export(),
            ComponentAbi::Command | ComponentAbi::Http => export.starts_with(self.export()),
        }
    }
}

/// Finds the ABI that a component is made for.
///
/// # Errors
/// All that is in the way, each problem with its cure.
pub fn of_component(component: &Component) -> Result<ComponentAbi, Vec<String>> {
    let type_ = component.component_type();
    let exports: Vec<&str> = type_.exports(component.engine()).map(|(name, _)| name).collect();
    let is_exported = |abi: &ComponentAbi| exports.iter().any(|export| abi.is_told_by(export));
    let fitting: Vec<ComponentAbi> = ALL.into_iter().filter(is_exported).collect();
    let [abi] = fitting[..] else {
        return Err(vec![if fitting.is_empty() { NO_ENTRY.into() } else { TWO_ENTRIES.into() }]);
    };
    let mut problems = import_problems(component);
    problems.extend((abi == ComponentAbi::V1).then(|| handler_v1::entry_problem(component)).flatten());
    if problems.is_empty() { Ok(abi) } else { Err(problems) }
}

const NO_ENTRY: &str = "it is a component that exports neither `handle` (the world `wasm-evq:handler/handler`, see \
    guest-sdk/wit/handler.wit), nor `wasi:cli/run@0.2` (a command), nor `wasi:http/incoming-handler@0.2` (a handler \
    of HTTP)";

const TWO_ENTRIES: &str = "it is a component that can be called in more than one way; leave out all but one of the \
    exports `handle`, `wasi:cli/run` and `wasi:http/incoming-handler`";

/// What a component imports that nobody serves.
fn import_problems(component: &Component) -> Vec<String> {
    let mut linker = Linker::new(component.engine());
    let type_ = component.component_type();
    let unserved = type_.imports(component.engine()).filter(|(name, item)| match &item.ty {
        ComponentItem::ComponentInstance(_) => {
            !linker.instance(name).is_ok_and(|mut instance| serve(name, &mut instance).unwrap_or(false))
        }
        ComponentItem::Type(_) => false,
        _ => true,
    });
    unserved.map(|(name, _)| format!("it imports `{}`, which is not served", shown(name))).collect()
}

/// All that a component imports, under the names it imports it by: each version of an interface has what
/// the one before had.
pub fn linker(component: &Component) -> wasmtime::Result<Linker<AttemptState>> {
    let (engine, type_) = (component.engine(), component.component_type());
    let mut linker = Linker::new(engine);
    linker.allow_shadowing(true);
    for (name, item) in type_.imports(engine) {
        let ComponentItem::ComponentInstance(interface) = item.ty else { continue };
        let mut instance = linker.instance(name)?;
        for (function, item) in interface.exports(engine) {
            if matches!(item.ty, ComponentItem::ComponentFunc(_)) {
                refuse(&mut instance, name, function)?;
            }
        }
        serve(name, &mut instance)?;
    }
    Ok(linker)
}

/// A function that is there and of no use, until it is served: what needs a file or a socket, since none is ever
/// had, and what a later version of an interface may have.
fn refuse(
    to: &mut LinkerInstance<'_, AttemptState>,
    interface: &str,
    function: &str,
) -> wasmtime::Result<()> {
    let message = format!("`{}` of `{}` is not served", shown(function), shown(interface));
    to.func_new(function, move |_, _, _, _| Err(Ended::violation(message.clone()).into()))
}

fn serve(name: &str, to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<bool> {
    Ok(preview2::link(name, to)? || handler_v1::link(name, to)? || http_interfaces::link(name, to)?)
}

/// Where the function is that handles one event.
pub fn entry(abi: ComponentAbi, component: &Component) -> Option<ComponentExportIndex> {
    let function = match abi {
        ComponentAbi::V1 => return component.get_export_index(None, handler_v1::ENTRY),
        ComponentAbi::Command => "run",
        ComponentAbi::Http => "handle",
    };
    let type_ = component.component_type();
    let name = type_.exports(component.engine()).map(|(name, _)| name).find(|name| abi.is_told_by(name))?;
    let interface = component.get_export_index(None, name)?;
    component.get_export_index(Some(&interface), function)
}
