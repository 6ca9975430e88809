//! Every argument and return type that a handler may have, and what may stand around it.
#![forbid(unsafe_code)]
#![deny(warnings)]

mod unit {
    #[wasm_evq_guest::handler]
    fn handle(_: wasm_evq_guest::Event) {}
}

mod alias {
    use wasm_evq_guest::{Error, Event, handler};

    type Incoming = Event<u32>;
    type Answer = Result<u32, Error>;

    /// Documented, public and with a pattern.
    #[handler]
    #[inline]
    pub fn handle(mut event: Incoming) -> Answer {
        event = event;
        event.into_data()
    }
}

mod own_error {
    use wasm_evq_guest::{Event, handler};

    #[handler]
    fn handle(event: Event<&'static str>) -> Result<i64, std::num::ParseIntError> {
        event.data().unwrap_or(&"").parse()
    }
}

mod serializable_error {
    use serde::Serialize;
    use wasm_evq_guest::{Error, Event, handler};

    #[derive(Serialize)]
    struct Refused;

    impl From<Refused> for Error {
        fn from(_: Refused) -> Error {
            Error::permanent("refused")
        }
    }

    #[handler]
    fn handle(_: Event) -> Result<u32, Refused> {
        Err(Refused)
    }
}

mod borrowed {
    use serde::Deserialize;
    use wasm_evq_guest::{Bytes, Error, Event, RawJson, handler};

    #[derive(Deserialize)]
    struct Visit<'a> {
        page: &'a str,
        #[serde(borrow)]
        rest: &'a RawJson,
    }

    #[handler]
    fn handle(event: Event<Visit<'_>>) -> Result<Bytes, Error> {
        let visit = event.into_data()?;
        Ok(format!("{} {}", visit.page, visit.rest).into())
    }
}

mod hidden_type {
    use wasm_evq_guest::{Event, handler};

    #[handler]
    fn handle(event: Event) -> impl serde::Serialize {
        event.attempt()
    }
}

fn main() {}
