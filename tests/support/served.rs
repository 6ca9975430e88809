//! A `wasm-evq serve` on a free port, and what it answers.

use std::collections::BTreeMap;

use serde_json::Value;
use ureq::http::Request;

use super::{BOUND, Dir, Evq, Output, Running, evq, guest};

/// A server that ends with the test.
pub struct Served {
    process: Running,
    url: String,
    agent: ureq::Agent,
}

/// An answer: its status, its headers, its body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// Serves a guest from `evq.db` in this folder, with further arguments.
pub fn serve(dir: &Dir, handler: &str, more: &[&str]) -> Served {
    Served::start(dir, serving(handler).args(more))
}

/// Serves what `evq.toml` in this folder says, with further arguments.
pub fn serve_config(dir: &Dir, more: &[&str]) -> Served {
    Served::start(dir, evq(["serve", "--config", "evq.toml", "--listen", "127.0.0.1:0", "--json"]).args(more))
}

/// What [`serve`] types, for a test that adds more than arguments.
pub fn serving(handler: &str) -> Evq {
    evq(["serve", &guest(handler), "--listen", "127.0.0.1:0", "--json"])
}

impl Served {
    pub fn start(dir: &Dir, typed: Evq) -> Served {
        let mut process = typed.start_in(dir);
        let said: Value = serde_json::from_str(&process.line()).unwrap();
        let url = said["listening"].as_str().unwrap().to_owned();
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(BOUND));
        Served { process, url, agent: config.build().new_agent() }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// `127.0.0.1:PORT`, for a socket of the test's own.
    pub fn address(&self) -> &str {
        self.url.split_once("://").unwrap().1
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], ())
    }

    pub fn options(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("OPTIONS", path, headers, ())
    }

    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Answer {
        self.send("POST", path, headers, body.as_ref())
    }

    /// Posts one event in structured mode.
    pub fn post_event(&self, path: &str, event: impl AsRef<[u8]>) -> Answer {
        self.post(path, &[("content-type", "application/cloudevents+json")], event)
    }

    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl ureq::AsSendBody,
    ) -> Answer {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let mut response = self.agent.run(request.body(body).unwrap()).unwrap();
        let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: response.body_mut().read_to_string().unwrap(),
        }
    }

    /// Sends a signal by its name, such as HUP.
    pub fn signal(&self, name: &str) {
        self.process.signal(name);
    }

    /// Waits for a line on its standard error that holds `text`; returns it.
    pub fn says(&mut self, text: &str) -> String {
        self.process.says(text)
    }

    /// What is told of one handler.
    pub fn handler(&self, name: &str) -> Value {
        let handlers = self.get("/handlers").assert_status(200).json();
        let found = handlers["handlers"].as_array().unwrap().iter().find(|one| one["name"] == name);
        found.unwrap_or_else(|| panic!("no handler {name} in {handlers}")).clone()
    }

    /// Sends a signal by its name and waits until it has said this of it; returns the line.
    pub fn signal_until_said(&mut self, name: &str, text: &str) -> String {
        self.process.signal(name);
        self.process.says(text)
    }

    /// What a supervisor sends.
    pub fn terminate(&self) {
        self.process.signal("TERM");
    }

    /// Waits for its end.
    pub fn ended(self) -> Output {
        self.process.wait()
    }

    /// SIGKILL.
    pub fn kill(self) {
        self.process.kill();
    }

    /// Ends it in order.
    pub fn stop(self) -> Output {
        self.terminate();
        self.ended()
    }
}

impl Answer {
    #[track_caller]
    pub fn assert_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:?}\n{}", self.headers, self.body);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// A refusal as every one must be: this status, a problem of this kind, and a text that says
    /// these things. Returns the problem.
    #[track_caller]
    pub fn assert_problem(self, status: u16, kind: &str, parts: &[&str]) -> Value {
        let answer = self.assert_status(status);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        let problem = answer.json();
        assert_eq!(problem["type"], format!("urn:wasm-evq:problem:{kind}"), "{problem}");
        assert_eq!(problem["status"], status);
        let detail = problem["detail"].as_str().unwrap();
        for part in parts {
            assert!(detail.contains(part), "no {part:?} in: {detail}");
        }
        problem
    }
}
