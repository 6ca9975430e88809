//! The orders handler as an HTTP component, for `wasmtime serve`: the event in the request's body, the
//! receipt in the response's. Status 422 and the reason for an order that makes no sense.

use wasip2::http::types::{
    Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::StreamError;

/// More than an event has, so that one read mostly takes it all.
const READ_BYTES: u64 = 64 * 1024;

const UNPROCESSABLE: u16 = 422;

struct Orders;

impl wasip2::exports::http::incoming_handler::Guest for Orders {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let answer = read(&request).and_then(|event| peer_orders::handle(&event));
        let (status, body) = match answer {
            Ok(receipt) => (200, receipt),
            Err(reason) => (UNPROCESSABLE, reason.into_bytes()),
        };
        respond(out, status, &body);
    }
}

wasip2::http::proxy::export!(Orders);

fn read(request: &IncomingRequest) -> Result<Vec<u8>, String> {
    let body = request.consume().map_err(|()| "the body was taken before")?;
    let stream = body.stream().map_err(|()| "the body has no stream")?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(READ_BYTES) {
            Ok(more) => bytes.extend(more),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => return Err(error.to_debug_string()),
        }
    }
    drop(stream);
    drop(IncomingBody::finish(body));
    Ok(bytes)
}

fn respond(out: ResponseOutparam, status: u16, bytes: &[u8]) {
    let headers = Fields::new();
    headers.set("content-type", &[b"application/json".to_vec()]).expect("the name is a good one");
    headers.set("content-length", &[bytes.len().to_string().into_bytes()]).expect("the name is a good one");
    let response = OutgoingResponse::new(headers);
    response.set_status_code(status).expect("the status is a good one");
    let body = response.body().expect("the body was not taken before");
    ResponseOutparam::set(out, Ok(response));
    let stream = body.write().expect("the body's stream was not taken before");
    stream.blocking_write_and_flush(bytes).expect("a receipt fits into one write");
    drop(stream);
    OutgoingBody::finish(body, None).expect("as many bytes as were announced");
}
