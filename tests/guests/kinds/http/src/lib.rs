//! The behaviours as a handler of HTTP.

#[path = "../../wasi_asks.rs"]
mod wasi_asks;

use behaviours::{Answer, World, behave, word_of};
use wasip2::cli::environment::get_environment;
use wasip2::cli::{stderr, stdout};
use wasip2::clocks::wall_clock;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingRequest,
    OutgoingResponse, ResponseOutparam, Scheme,
};
use wasip2::io::streams::StreamError;
use wasip2::random::random::get_random_bytes;

struct Http;

impl World for Http {
    fn log(&mut self, line: &str) {
        let log = stderr::get_stderr();
        log.blocking_write_and_flush(line.as_bytes()).expect("the log takes what it is given");
        log.blocking_write_and_flush(b"\n").expect("the log takes what it is given");
    }

    fn now_ms(&mut self) -> u64 {
        let now = wall_clock::now();
        now.seconds * 1000 + u64::from(now.nanoseconds) / 1_000_000
    }

    fn random(&mut self) -> u64 {
        u64::from_le_bytes(get_random_bytes(8).try_into().expect("as many as were asked for"))
    }

    fn env(&mut self, name: &str) -> Option<String> {
        get_environment().into_iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    fn special(&mut self, word: &str) -> Option<Answer> {
        match word {
            "calls-out" => Some(call_out()),
            "prints" => {
                let out = stdout::get_stdout();
                out.blocking_write_and_flush(b"a printed line\n").expect("the stream takes what it is given");
                Some(Answer::Json("true".into()))
            }
            "hoards-bodies" => loop {
                OutgoingResponse::new(Fields::new()).body().expect("the body was not taken before");
            },
            "hoards-fields" => {
                let fields = Fields::new();
                loop {
                    fields.append("name", &[b'f'; 1000]).expect("the field is a good one");
                }
            }
            word => Some(Answer::Json(format!("{:?}", wasi_asks::ask(word)?))),
        }
    }
}

impl wasip2::exports::http::incoming_handler::Guest for Http {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        assert!(matches!(request.method(), Method::Post));
        let content_type = request.headers().get("Content-Type").concat();
        assert!(content_type.starts_with(b"application/cloudevents+json"));
        let event = read(&request);
        match word_of(&event) {
            "never-ends-its-body" => never_end(out),
            "answers-by-no-response" => return,
            "answers-by-an-error" => return ResponseOutparam::set(out, Err(ErrorCode::InternalError(None))),
            _ => {}
        }
        let (status, body) = match behave(word_of(&event), &mut Http) {
            Answer::Json(text) => (200, text.into_bytes()),
            Answer::Bytes(bytes) => (200, bytes),
            Answer::Nothing => (204, Vec::new()),
            Answer::Failed(reason) => (500, reason.into_bytes()),
            Answer::Later(reason) => (503, reason.into_bytes()),
            Answer::Never(reason) => (422, reason.into_bytes()),
        };
        respond(out, status, &body);
    }
}

wasip2::http::proxy::export!(Http);

fn read(request: &IncomingRequest) -> String {
    let body = request.consume().expect("the body was not taken before");
    let stream = body.stream().expect("the stream was not taken before");
    let mut event = Vec::new();
    loop {
        match stream.blocking_read(100) {
            Ok(more) => event.extend(more),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => panic!("{}", error.to_debug_string()),
        }
    }
    drop(stream);
    drop(IncomingBody::finish(body));
    String::from_utf8(event).expect("an event is text")
}

fn respond(out: ResponseOutparam, status: u16, bytes: &[u8]) {
    let headers = Fields::new();
    headers.set("Retry-After", &[b"1".to_vec()]).expect("the field is a good one");
    let response = OutgoingResponse::new(headers);
    response.set_status_code(status).expect("the status is a good one");
    let body = response.body().expect("the body was not taken before");
    ResponseOutparam::set(out, Ok(response));
    let stream = body.write().expect("the stream was not taken before");
    for piece in bytes.chunks(4096) {
        stream.blocking_write_and_flush(piece).expect("a body takes what it is given");
    }
    drop(stream);
    OutgoingBody::finish(body, None).expect("it is whole");
}

fn never_end(out: ResponseOutparam) -> ! {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().expect("the body was not taken before");
    ResponseOutparam::set(out, Ok(response));
    let stream = body.write().expect("the stream was not taken before");
    loop {
        stream.blocking_write_and_flush(&[b'b'; 1000]).expect("a body takes what it is given");
    }
}

fn call_out() -> Answer {
    let request = OutgoingRequest::new(Fields::new());
    request.set_scheme(Some(&Scheme::Http)).expect("the scheme is a good one");
    request.set_authority(Some("example.com")).expect("the authority is a good one");
    match outgoing_handler::handle(request, None) {
        Err(ErrorCode::HttpRequestDenied) => Answer::Failed("denied".into()),
        other => Answer::Json(format!("\"{:?}\"", other.is_ok())),
    }
}
