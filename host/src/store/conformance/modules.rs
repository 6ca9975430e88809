//! What an attempt depended on beside its event is kept.

use super::bench::{Bench, MODULE_BYTES, module};
use crate::grants::{RecordedGrants, RecordedValue};
use crate::limits::Limits;
use crate::store::ModuleIdentity;

fn with_little_fuel() -> ModuleIdentity {
    ModuleIdentity { limits: Limits { fuel_max: 7, ..Limits::default() }, ..module("h") }
}

pub fn a_module_under_other_limits_is_another(bench: &mut Bench) {
    let first = bench.registered;
    let other = bench.register(&with_little_fuel());
    assert_eq!(other.handler, first.handler);
    assert_ne!(other.module, first.module);
    bench.crash();
    assert_eq!(bench.register(&with_little_fuel()), other);
    assert_eq!(bench.register(&module("h")), first);
}

fn granted(currency: &str) -> ModuleIdentity {
    let value = RecordedValue::Value(currency.into());
    let environment = [("CURRENCY".into(), value), ("KEY".into(), RecordedValue::Secret)].into();
    ModuleIdentity { grants: RecordedGrants { environment, ..RecordedGrants::default() }, ..module("h") }
}

pub fn a_module_with_other_grants_is_another(bench: &mut Bench) {
    let first = bench.registered;
    let (euro, dollar) = (bench.register(&granted("EUR")), bench.register(&granted("USD")));
    assert_eq!((euro.handler, dollar.handler), (first.handler, first.handler));
    assert!(euro.module != first.module && dollar.module != first.module && euro.module != dollar.module);
    bench.crash();
    assert_eq!(bench.register(&granted("EUR")), euro);
    let modules = bench.inspect().modules().unwrap();
    let recorded = modules.into_iter().find(|module| module.id == euro.module).unwrap().grants;
    assert_eq!(recorded, granted("EUR").grants);
}

pub fn an_attempt_tells_the_limits_it_ran_under(bench: &mut Bench) {
    bench.done(&bench.leased("a"));
    bench.registered = bench.register(&with_little_fuel());
    bench.done(&bench.leased("b"));
    let limits = |id| bench.event(id).deliveries[0].attempts[0].limits;
    assert_eq!((limits("a"), limits("b")), (Some(Limits::default()), Some(with_little_fuel().limits)));
}

pub fn a_modules_bytes_come_back_as_they_were_given(bench: &mut Bench) {
    bench.crash();
    let bytes = |sha256| bench.inspect().module_bytes(&sha256).unwrap();
    assert_eq!(bytes(module("h").sha256).as_deref(), Some(MODULE_BYTES));
    assert_eq!(bytes([0; 32]), None);
}

pub fn a_modules_bytes_are_kept_as_they_were_first_given(bench: &mut Bench) {
    bench.queue().register(&module("other"), b"(other)".as_slice().into()).unwrap();
    let bytes = bench.inspect().module_bytes(&module("h").sha256).unwrap();
    assert_eq!(bytes.as_deref(), Some(MODULE_BYTES));
}
