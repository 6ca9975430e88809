//! Requests by `wasi:http/outgoing-handler`, for a handler that is a component.

use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme,
};
use wasip2::io::streams::{InputStream, StreamError};

use super::{Error, Request, Response};

/// What may be read or written at a time.
const PIECE_BYTES: usize = 4096;

pub(super) fn send(request: Request) -> Result<Response, Error> {
    let outgoing = outgoing(&request)?;
    let body = (!request.body.is_empty()).then(|| outgoing.body().expect("the body was not taken before"));
    let future = outgoing_handler::handle(outgoing, None).map_err(|code| error(&code))?;
    if let Some(body) = body {
        write(&body, &request.body)?;
        OutgoingBody::finish(body, None).map_err(|code| error(&code))?;
    }
    future.subscribe().block();
    let answer = future.get().expect("it was waited for").expect("it was not taken before");
    read(&answer.map_err(|code| error(&code))?)
}

fn outgoing(request: &Request) -> Result<OutgoingRequest, Error> {
    let fields = Fields::new();
    for (name, value) in &request.headers {
        fields.append(name, value.as_bytes()).map_err(|_| invalid("a header field"))?;
    }
    let (scheme, rest) = request.url.split_once("://").ok_or_else(|| invalid("a URL without a scheme"))?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let outgoing = OutgoingRequest::new(fields);
    let is_set = outgoing.set_method(&method(&request.method)).is_ok()
        && outgoing.set_scheme(Some(&self::scheme(scheme))).is_ok()
        && outgoing.set_authority(Some(authority)).is_ok()
        && outgoing.set_path_with_query(Some(path)).is_ok();
    if is_set { Ok(outgoing) } else { Err(invalid("a method or a URL")) }
}

fn method(method: &str) -> Method {
    match method {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        "OPTIONS" => Method::Options,
        other => Method::Other(other.to_owned()),
    }
}

fn scheme(scheme: &str) -> Scheme {
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => Scheme::Other(scheme.to_owned()),
    }
}

fn write(body: &OutgoingBody, bytes: &[u8]) -> Result<(), Error> {
    let stream = body.write().expect("the stream was not taken before");
    let written = bytes.chunks(PIECE_BYTES).try_for_each(|piece| stream.blocking_write_and_flush(piece));
    written.map_err(|_| invalid("the body"))
}

fn read(response: &IncomingResponse) -> Result<Response, Error> {
    let fields = response.headers().entries().into_iter();
    let headers = fields.map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned())).collect();
    let body = response.consume().expect("the body was not taken before");
    let stream = body.stream().expect("the stream was not taken before");
    let bytes = read_all(&stream)?;
    drop(stream);
    drop(IncomingBody::finish(body));
    Ok(Response { status: response.status(), headers, body: bytes })
}

fn read_all(stream: &InputStream) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(PIECE_BYTES as u64) {
            Ok(piece) => bytes.extend(piece),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(failed)) => {
                return Err(Error::Retry { code: "broken".into(), message: failed.to_debug_string() });
            }
        }
    }
}

fn invalid(what: &str) -> Error {
    Error::Permanent { code: "invalid_request".into(), message: format!("{what} cannot be sent") }
}

/// The host's words for it, as the ABI has them; what it says beside them is in the attempt's log.
fn error(code: &ErrorCode) -> Error {
    let (word, may_pass) = match code {
        ErrorCode::HttpRequestDenied => ("not_granted", false),
        ErrorCode::HttpProtocolError => ("invalid_request", false),
        ErrorCode::HttpRequestBodySize(_) => ("request_too_large", false),
        ErrorCode::ConnectionLimitReached => ("too_many_exchanges", false),
        ErrorCode::DestinationIpProhibited => ("address_refused", false),
        ErrorCode::HttpResponseBodySize(_) => ("response_too_large", false),
        ErrorCode::DnsError(_) => ("dns", true),
        ErrorCode::ConnectionRefused => ("connect", true),
        ErrorCode::TlsProtocolError => ("tls", true),
        ErrorCode::HttpResponseTimeout => ("timeout", true),
        _ => ("broken", true),
    };
    let (code, message) = (word.to_owned(), format!("the request has no answer: {code:?}"));
    if may_pass { Error::Retry { code, message } } else { Error::Permanent { code, message } }
}
