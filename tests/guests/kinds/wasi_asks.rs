//! Requests by `wasi:http/outgoing-handler`, as a language's library sends them: what an event's word asks for.

use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, Method, OutgoingBody, OutgoingRequest, Scheme,
};
use wasip2::io::streams::StreamError;

/// `posts AUTHORITY`: POSTs ten thousand bytes after the request was handed over; `gets AUTHORITY` has no body;
/// `forgets AUTHORITY` never finishes one and waits. Gives what came, in words.
pub fn ask(word: &str) -> Option<String> {
    let (verb, authority) = word.split_once(' ')?;
    let answered = match verb {
        "gets" => outgoing_handler::handle(request(authority, &Method::Get), None).and_then(answer),
        "posts" => post(authority),
        "forgets" => forget(authority),
        _ => return None,
    };
    Some(answered.unwrap_or_else(|error| format!("{error:?}")))
}

fn request(authority: &str, method: &Method) -> OutgoingRequest {
    let fields = Fields::new();
    fields.append("x-one", b"1").expect("the field is a good one");
    let request = OutgoingRequest::new(fields);
    request.set_method(method).expect("the method is a good one");
    request.set_scheme(Some(&Scheme::Http)).expect("the scheme is a good one");
    request.set_authority(Some(authority)).expect("the authority is a good one");
    request.set_path_with_query(Some("/asked?by=wasi")).expect("the path is a good one");
    assert_eq!(request.authority().as_deref(), Some(authority));
    request
}

fn post(authority: &str) -> Result<String, ErrorCode> {
    let request = request(authority, &Method::Post);
    request.headers();
    let body = request.body().expect("the body was not taken before");
    let future = outgoing_handler::handle(request, None)?;
    assert!(future.get().is_none() && !future.subscribe().ready(), "there is no answer before the body");
    let stream = body.write().expect("the stream was not taken before");
    for _ in 0..10 {
        stream.blocking_write_and_flush(&[b'x'; 1000]).expect("a body takes what it is given");
    }
    drop(stream);
    OutgoingBody::finish(body, None)?;
    answer(future)
}

fn forget(authority: &str) -> Result<String, ErrorCode> {
    let request = request(authority, &Method::Post);
    let body = request.body().expect("the body was not taken before");
    let future = outgoing_handler::handle(request, None)?;
    let answered = answer(future);
    drop(body);
    answered
}

fn answer(future: FutureIncomingResponse) -> Result<String, ErrorCode> {
    future.subscribe().block();
    let response = future.get().expect("it was waited for").expect("it was not taken before")?;
    assert!(future.get().is_some_and(|again| again.is_err()), "an answer is given once");
    let said = response.headers().get("x-said").concat();
    let body = response.consume().expect("the body was not taken before");
    assert!(response.consume().is_err(), "a body is given once");
    let stream = body.stream().expect("the stream was not taken before");
    let mut text = Vec::new();
    loop {
        match stream.blocking_read(7) {
            Ok(more) => text.extend(more),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => panic!("{}", error.to_debug_string()),
        }
    }
    drop(stream);
    let trailers = IncomingBody::finish(body);
    assert!(matches!(trailers.get(), Some(Ok(Ok(None)))), "there are no trailers");
    let [said, text] = [said, text].map(|bytes| String::from_utf8(bytes).expect("it is text"));
    Ok(format!("{} {said} {text}", response.status()))
}
