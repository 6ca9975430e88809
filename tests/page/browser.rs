//! A real browser, driven over WebDriver: a dozen calls of a W3C protocol that is JSON over HTTP, spoken with
//! the client that the tests have already. The crates for it would bring sixty others.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{BOUND, until};

/// The name under which WebDriver answers an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one window; it ends with the test.
pub struct Browser {
    driver: Child,
    session: String,
    agent: ureq::Agent,
}

/// How to find an element.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    Css(&'a str),
    /// A button or a link by its words.
    Words(&'a str),
}

impl Browser {
    /// A window of 1280 by 900; `None`, with word of it, where no browser is installed.
    ///
    /// # Panics
    /// When there is none and `EVQ_BROWSER` is `required`, as in CI.
    pub fn open() -> Option<Self> {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = match command.spawn() {
            Ok(driver) => driver,
            Err(error) if std::env::var("EVQ_BROWSER").as_deref() == Ok("required") => {
                panic!("chromedriver: {error}; install chromium and chromium-driver")
            }
            Err(_) => {
                println!("skipped: no chromedriver here; `apt install chromium chromium-driver` brings it");
                return None;
            }
        };
        let port = port(&mut driver);
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(BOUND));
        let agent = config.build().new_agent();
        let mut browser = Browser { driver, session: format!("http://127.0.0.1:{port}/session"), agent };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--window-size=1280,900",
        ];
        let options =
            json!({"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}});
        let opened = browser.call("POST", "", json!({"capabilities": {"alwaysMatch": options}}));
        let id = opened["sessionId"].as_str().expect("a session").to_owned();
        browser.session.extend(["/", &id]);
        Some(browser)
    }

    pub fn go(&self, url: &str) {
        self.call("POST", "/url", json!({"url": url}));
    }

    pub fn reload(&self) {
        self.call("POST", "/refresh", json!({}));
    }

    pub fn url(&self) -> String {
        self.call("GET", "/url", Value::Null).as_str().unwrap().to_owned()
    }

    pub fn resize(&self, width: u32, height: u32) {
        // The window's frame counts; the page is told its own size by the browser's tools.
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let command = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": size});
        self.call("POST", "/goog/cdp/execute", command);
    }

    /// Dark or light, as the system would have it.
    pub fn prefer(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        let command = json!({"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}});
        self.call("POST", "/goog/cdp/execute", command);
    }

    /// Waits until the page shows a text.
    pub fn sees(&self, text: &str) {
        let started = Instant::now();
        loop {
            let shown = self.text();
            if shown.contains(text) {
                return;
            }
            assert!(started.elapsed() < BOUND, "no {text:?} in {BOUND:?}, but: {shown}");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    pub fn text(&self) -> String {
        self.run("return document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Runs a function body in the page.
    pub fn run(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", json!({"script": script, "args": []}))
    }

    /// Waits for an element and clicks it. One that is drawn anew meanwhile is looked for again.
    pub fn click(&self, by: By<'_>) {
        until(&format!("{by:?} can be clicked"), || {
            let element = self.find(by)?;
            self.try_call("POST", &format!("/element/{element}/click"), json!({})).ok()
        });
    }

    /// Presses and lets go of a key, by its name in the DOM, on whatever has the focus.
    pub fn press(&self, key: &str) {
        let code = match key {
            "Enter" => '\u{e007}',
            "Escape" => '\u{e00c}',
            "Tab" => '\u{e004}',
            other => panic!("no code for the key {other:?}"),
        };
        let actions = ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": code}));
        let keys = json!([{"type": "key", "id": "keys", "actions": actions}]);
        self.call("POST", "/actions", json!({"actions": keys}));
    }

    /// Types into a field, in place of what is in it.
    pub fn type_into(&self, css: &str, text: &str) {
        let element = until(&format!("there is {css}"), || self.find(By::Css(css)));
        self.call("POST", &format!("/element/{element}/clear"), json!({}));
        self.call("POST", &format!("/element/{element}/value"), json!({"text": text}));
    }

    fn find(&self, by: By<'_>) -> Option<String> {
        let words = |words| format!("//*[self::a or self::button][normalize-space()='{words}']");
        let (using, value) = match by {
            By::Css(css) => ("css selector", css.to_owned()),
            By::Words(text) => ("xpath", words(text)),
        };
        let found = self.try_call("POST", "/element", json!({"using": using, "value": value})).ok()?;
        found[ELEMENT].as_str().map(str::to_owned)
    }

    /// A picture of the window, as PNG in base64.
    pub fn screenshot(&self) -> String {
        self.call("GET", "/screenshot", Value::Null).as_str().unwrap().to_owned()
    }

    /// What the browser complained of: scripts that failed, loads that its policy forbade.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.call("POST", "/se/log", json!({"type": "browser"}));
        log.as_array().unwrap().iter().map(|entry| entry["message"].to_string()).collect()
    }

    #[track_caller]
    fn call(&self, method: &str, path: &str, body: Value) -> Value {
        self.try_call(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    fn try_call(&self, method: &str, path: &str, body: Value) -> Result<Value, Value> {
        let request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.session));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = request.header("content-type", "application/json").body(body).unwrap();
        let mut response = self.agent.run(request).unwrap();
        let is_success = response.status().is_success();
        let text = response.body_mut().with_config().limit(64 * 1024 * 1024).read_to_string().unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        if is_success { Ok(answer["value"].clone()) } else { Err(answer["value"].clone()) }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends the browser that it started; killed first, it could not.
        let _ = self.try_call("DELETE", "", Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The port that the driver chose, which it says in one of its first lines.
fn port(driver: &mut Child) -> u16 {
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
    let said =
        lines.find_map(|line| line.split_once("successfully on port ").map(|(_, port)| port.to_owned()));
    // It goes on to write now and then, and must not meet a closed pipe.
    std::thread::spawn(move || lines.for_each(drop));
    said.and_then(|port| port.trim_end_matches('.').parse().ok()).expect("chromedriver names its port")
}
