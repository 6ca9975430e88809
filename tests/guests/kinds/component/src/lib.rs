//! The behaviours as a component of the world `wasm-evq:handler/handler`.

use behaviours::{Answer, World, behave, word_of};

wit_bindgen::generate!({ path: "../../../../guest-sdk/wit", world: "handler" });

use wasm_evq::handler::host;
use wasm_evq::handler::types::Retry;

struct Component;

impl World for Component {
    fn log(&mut self, line: &str) {
        host::log(host::Level::Info, line);
    }

    fn now_ms(&mut self) -> u64 {
        host::now_ms()
    }

    fn random(&mut self) -> u64 {
        u64::from_le_bytes(host::random(8).try_into().expect("as many as were asked for"))
    }

    fn env(&mut self, name: &str) -> Option<String> {
        host::env(name)
    }

    fn special(&mut self, word: &str) -> Option<Answer> {
        match word {
            "emits" => {
                host::emit(r#"{"type":"emitted","data":"answers-nothing"}"#);
                Some(Answer::Json(host::attempt().to_string()))
            }
            "emits-nonsense" => {
                host::emit("nonsense");
                Some(Answer::Nothing)
            }
            "answers-nonsense" => Some(Answer::Json("nonsense".into())),
            _ => None,
        }
    }
}

impl Guest for Component {
    fn handle(event: String) -> Result<Option<Output>, Failure> {
        match behave(word_of(&event), &mut Component) {
            Answer::Json(text) => Ok(Some(Output::Json(text))),
            Answer::Bytes(bytes) => Ok(Some(Output::Bytes(bytes))),
            Answer::Nothing => Ok(None),
            Answer::Failed(reason) => Err(Failure::Failed(reason)),
            Answer::Later(reason) => Err(Failure::RetryAfter(Retry { delay_ms: 1000, reason })),
            Answer::Never(reason) => Err(Failure::Permanent(reason)),
        }
    }
}

export!(Component);
