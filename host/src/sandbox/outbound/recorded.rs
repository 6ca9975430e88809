//! Answers from an attempt that ran before.

use std::vec::IntoIter;

use super::Answer;
use super::request::Checked;
use crate::event::{Exchange, HttpRequest};

pub struct Recorded {
    left: IntoIter<Exchange>,
    asked: usize,
}

impl Recorded {
    pub fn new(exchanges: Vec<Exchange>) -> Self {
        Recorded { left: exchanges.into_iter(), asked: 0 }
    }

    /// The answer to the next request.
    ///
    /// # Errors
    /// Says of a request that is not the recorded one what was recorded in its place.
    pub fn next(&mut self, request: &Checked) -> Result<Answer, String> {
        self.asked += 1;
        let request = request.request();
        match self.left.next() {
            Some(recorded) if recorded.request == *request => Ok(recorded.answer),
            recorded => {
                let instead = recorded.map_or_else(
                    || "no other was".to_owned(),
                    |recorded| format!("the recorded one {}", difference(&recorded.request, request)),
                );
                let HttpRequest { method, url, .. } = request;
                Err(format!("request {}, {method} {url}, was not recorded: {instead}", self.asked))
            }
        }
    }
}

fn difference(recorded: &HttpRequest, now: &HttpRequest) -> String {
    let HttpRequest { method, url, headers, .. } = recorded;
    if (method, url) != (&now.method, &now.url) {
        return format!("is {method} {url}");
    }
    let what = if *headers == now.headers { "another body" } else { "other headers" };
    format!("has {what}")
}
