//! Requests between being handed over and being answered. A guest may write a body after it has handed its request
//! over; so it goes out as soon as both are there, and never in part.

use std::collections::BTreeMap;

use super::exchange::{BodyId, FieldList};
use super::outgoing::HANDLER;
use crate::event::{HttpFailure, HttpFailureCode, HttpRequest, LimitName};
use crate::limits::RESOURCES_MAX;
use crate::sandbox::attempt_state::{AttemptState, bound};
use crate::sandbox::outbound::Answer;
use crate::sandbox::trap::Ended;

/// A request that was handed over.
#[derive(Debug)]
pub struct Call {
    pub method: String,
    pub url: String,
    pub fields: FieldList,
    pub body: Option<BodyId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(u64);

#[derive(Debug, Default)]
pub struct Calls {
    /// Those whose bodies are not whole yet.
    waiting: BTreeMap<CallId, Call>,
    answered: BTreeMap<CallId, Answer>,
    begun: u64,
}

impl Calls {
    pub fn is_waiting(&self, call: CallId) -> bool {
        self.waiting.contains_key(&call)
    }

    /// The answer to a call that is not waiting; it is given once.
    pub fn take_answer(&mut self, call: CallId) -> Option<Answer> {
        self.answered.remove(&call)
    }

    /// Ends the wait of a guest that waits for its own request, whose body it does not finish.
    pub fn give_up(&mut self) {
        for call in std::mem::take(&mut self.waiting).into_keys() {
            let message = "the body of the request was not finished";
            self.answered.insert(call, Err(HttpFailure::new(HttpFailureCode::InvalidRequest, message)));
        }
    }

    fn begin(&mut self) -> Result<CallId, Ended> {
        self.begun += 1;
        bound(LimitName::Resources, self.begun, RESOURCES_MAX)?;
        Ok(CallId(self.begun))
    }
}

impl AttemptState {
    /// Takes a request over, and sends it if it has no body, or one that is finished.
    pub fn begin_call(&mut self, call: Call) -> Result<CallId, Ended> {
        let id = self.http.calls.begin()?;
        let is_whole = call.body.is_none_or(|body| self.http.is_finished(body));
        match is_whole {
            true => self.send_call(id, call)?,
            false => drop(self.http.calls.waiting.insert(id, call)),
        }
        Ok(id)
    }

    /// Sends the request that waits for this body.
    pub fn finish_body(&mut self, body: BodyId) -> Result<(), Ended> {
        self.http.finish(body);
        let waiting = &self.http.calls.waiting;
        let id = waiting.iter().find(|(_, call)| call.body == Some(body)).map(|(id, _)| *id);
        match id.and_then(|id| Some((id, self.http.calls.waiting.remove(&id)?))) {
            Some((id, call)) => self.send_call(id, call),
            None => Ok(()),
        }
    }

    fn send_call(&mut self, id: CallId, call: Call) -> Result<(), Ended> {
        let Call { method, url, fields, body } = call;
        let body = body.map(|body| self.http.take_body(body)).unwrap_or_default();
        let answer = match headers_of(fields, body.len()) {
            Ok(headers) => self.send_request(HANDLER, HttpRequest { method, url, headers, body })?,
            Err(failure) => Err(failure),
        };
        self.http.calls.answered.insert(id, answer);
        Ok(())
    }
}

/// Fields as text. Many languages say how long the body is, which is the host's to say: it goes where it is true.
fn headers_of(fields: FieldList, body_bytes: usize) -> Result<Vec<(String, String)>, HttpFailure> {
    let is_told = |(name, value): &(String, Vec<u8>)| {
        name == "content-length" && *value == body_bytes.to_string().into_bytes()
    };
    let told = fields.into_iter().filter(|field| !is_told(field)).map(|(name, value)| {
        let no_text = |_| {
            let message = format!("the value of the header field {name} is no text");
            HttpFailure::new(HttpFailureCode::InvalidRequest, message)
        };
        Ok((name.clone(), String::from_utf8(value).map_err(no_text)?))
    });
    told.collect()
}
