//! Requests that a handler sends. There are two ways to answer one: to send it, where the operator granted
//! that, or to give what was recorded when the same attempt ran before. What a handler can tell them apart by,
//! its fuel included, is the same in both.
//!
//! Whatever goes wrong is told to the guest, and no reason to end it; only a request that is not the recorded
//! one ends the attempt, for nobody knows what the answer would have been.

mod address;
mod client;
mod recorded;
mod request;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use client::Client;
use recorded::Recorded;

use super::attempt_state::AttemptState;
use super::trap::Ended;
use super::wasi::Grant;
use crate::event::{
    Exchange, HttpFailure, HttpFailureCode, HttpRequest, HttpResponse, LogLevel, headers_bytes,
};
use crate::grants::{Grants, Mask};
use crate::limits::{
    HTTP_BODY_BYTES_MAX, HTTP_BYTES_MAX, HTTP_EXCHANGES_MAX, HTTP_HEADER_BYTES_MAX, HTTP_TIME_MAX,
    HTTP_URL_BYTES_MAX, KIB,
};
use request::Checked;

/// What is told of a failure, secrets taken out.
const TOLD_BYTES_MAX: u64 = 4 * KIB;

pub type Answer = Result<HttpResponse, HttpFailure>;

/// Where the answers to an attempt's requests come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Answers {
    /// From the servers.
    #[default]
    Live,
    /// From an attempt that ran before, in its order. Nothing goes out.
    Recorded(Vec<Exchange>),
}

/// What an attempt holds of its requests.
#[derive(Default)]
pub struct Outbound {
    way: Option<Way>,
    exchanges: Vec<Exchange>,
    bytes: u64,
    /// Failures that the log names already.
    told: BTreeSet<HttpFailureCode>,
}

enum Way {
    Live(Arc<Client>),
    Recorded(Recorded),
}

impl Outbound {
    /// `client` is there when anything is granted.
    pub fn new(answers: Answers, client: Option<Arc<Client>>) -> Self {
        let way = match answers {
            Answers::Live => client.map(Way::Live),
            Answers::Recorded(exchanges) => Some(Way::Recorded(Recorded::new(exchanges))),
        };
        Outbound { way, ..Outbound::default() }
    }

    /// All exchanges, without the secrets among what was granted.
    pub fn into_exchanges(self, grants: &Grants) -> Vec<Exchange> {
        if self.exchanges.is_empty() {
            return Vec::new();
        }
        let mask = Mask::of(grants);
        match mask.is_empty() {
            true => self.exchanges,
            false => self.exchanges.into_iter().map(|exchange| masked(exchange, &mask)).collect(),
        }
    }
}

impl AttemptState {
    /// Answers a request that came by the import `call`.
    ///
    /// # Errors
    /// When the attempt ends with it: its time is over, its log is full, or it is not the recorded one.
    pub fn send_request(&mut self, call: &str, request: HttpRequest) -> Result<Answer, Ended> {
        if self.grants.http.is_empty() {
            self.deny(Grant::Http, call)?;
            let message = "no HTTP requests are granted to this handler; grant its origin with --http";
            return Ok(Err(HttpFailure::new(HttpFailureCode::NotGranted, message)));
        }
        let answer = match self.admit(request) {
            Ok(request) => {
                let answer = self.answer(&request)?;
                let exchange = Exchange { request: request.into_request(), answer: answer.clone() };
                self.outbound.bytes += exchange.len_bytes();
                self.outbound.exchanges.push(exchange);
                answer
            }
            Err(failure) => Err(failure),
        };
        self.check_time()?;
        if let Err(failure) = &answer
            && self.outbound.told.insert(failure.code)
        {
            let line = format!("`{call}` failed ({}): {failure}", failure.code.as_str());
            // It may name a method or a field that a guest made of a secret.
            let line = Mask::of(&self.grants).text(line, TOLD_BYTES_MAX);
            self.push_log(LogLevel::Warn, &line)?;
        }
        Ok(answer)
    }

    /// All that can be known of a request before it goes out: a function of the guest and its grants.
    fn admit(&self, request: HttpRequest) -> Result<Checked, HttpFailure> {
        let request = Checked::of(request, &self.grants.http)?;
        let Outbound { exchanges, bytes, .. } = &self.outbound;
        if exchanges.len() == HTTP_EXCHANGES_MAX {
            let message = format!("the attempt has sent {HTTP_EXCHANGES_MAX} requests, which is the limit");
            return Err(HttpFailure::new(HttpFailureCode::TooManyExchanges, message));
        }
        let together = bytes + request.len_bytes();
        if together > HTTP_BYTES_MAX {
            let message = format!(
                "the attempt's requests and their answers would have {together} bytes, the limit is {HTTP_BYTES_MAX}"
            );
            return Err(HttpFailure::new(HttpFailureCode::TooManyExchanges, message));
        }
        Ok(request)
    }

    fn answer(&mut self, request: &Checked) -> Result<Answer, Ended> {
        let bytes_left = HTTP_BYTES_MAX - self.outbound.bytes - request.len_bytes();
        let time = self.time_left().min(HTTP_TIME_MAX);
        match &mut self.outbound.way {
            Some(Way::Live(client)) => Ok(client.send(request, time, bytes_left.min(HTTP_BODY_BYTES_MAX))),
            Some(Way::Recorded(recorded)) => recorded.next(request).map_err(Ended::failed),
            None => Err(Ended::violation("a request was sent where nothing answers")),
        }
    }
}

fn masked(exchange: Exchange, mask: &Mask) -> Exchange {
    let HttpRequest { method, url, headers, body } = exchange.request;
    let request = HttpRequest {
        method,
        url: mask.text(url, HTTP_URL_BYTES_MAX as u64),
        headers: masked_headers(headers, mask),
        body: mask.bytes(body, HTTP_BODY_BYTES_MAX),
    };
    let answer = match exchange.answer {
        Ok(HttpResponse { status, headers, body }) => Ok(HttpResponse {
            status,
            headers: masked_headers(headers, mask),
            body: mask.bytes(body, HTTP_BODY_BYTES_MAX),
        }),
        Err(HttpFailure { code, message }) => {
            Err(HttpFailure { code, message: mask.text(message, TOLD_BYTES_MAX) })
        }
    };
    Exchange { request, answer }
}

fn masked_headers(headers: Vec<(String, String)>, mask: &Mask) -> Vec<(String, String)> {
    let mut left = HTTP_HEADER_BYTES_MAX.saturating_sub(headers_bytes(&headers)) as u64;
    let mut one = |text: String| {
        let bytes = text.len() as u64;
        let masked = mask.text(text, bytes + left);
        left -= (masked.len() as u64).saturating_sub(bytes).min(left);
        masked
    };
    headers.into_iter().map(|(name, value)| (one(name), one(value))).collect()
}
