//! A request that a handler sent while it handled an event, and what came back.

/// One request and its answer, as the handler saw both but for secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    pub request: HttpRequest,
    pub answer: Result<HttpResponse, HttpFailure>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    pub method: String,
    pub url: String,
    /// Names in lower case, in the order in which they were given.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct HttpFailure {
    pub code: HttpFailureCode,
    pub message: String,
}

/// What went wrong, by what the handler can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HttpFailureCode {
    NotGranted,
    InvalidRequest,
    RequestTooLarge,
    TooManyExchanges,
    AddressRefused,
    Dns,
    Connect,
    Tls,
    Timeout,
    Broken,
    ResponseTooLarge,
}

impl HttpFailureCode {
    const ALL: [HttpFailureCode; 11] = [
        HttpFailureCode::NotGranted,
        HttpFailureCode::InvalidRequest,
        HttpFailureCode::RequestTooLarge,
        HttpFailureCode::TooManyExchanges,
        HttpFailureCode::AddressRefused,
        HttpFailureCode::Dns,
        HttpFailureCode::Connect,
        HttpFailureCode::Tls,
        HttpFailureCode::Timeout,
        HttpFailureCode::Broken,
        HttpFailureCode::ResponseTooLarge,
    ];

    /// The word for it in the ABI and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            HttpFailureCode::NotGranted => "not_granted",
            HttpFailureCode::InvalidRequest => "invalid_request",
            HttpFailureCode::RequestTooLarge => "request_too_large",
            HttpFailureCode::TooManyExchanges => "too_many_exchanges",
            HttpFailureCode::AddressRefused => "address_refused",
            HttpFailureCode::Dns => "dns",
            HttpFailureCode::Connect => "connect",
            HttpFailureCode::Tls => "tls",
            HttpFailureCode::Timeout => "timeout",
            HttpFailureCode::Broken => "broken",
            HttpFailureCode::ResponseTooLarge => "response_too_large",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        HttpFailureCode::ALL.into_iter().find(|code| code.as_str() == word)
    }

    /// Whether the same request may fare better in another attempt.
    pub fn may_pass(self) -> bool {
        match self {
            HttpFailureCode::Dns
            | HttpFailureCode::Connect
            | HttpFailureCode::Tls
            | HttpFailureCode::Timeout
            | HttpFailureCode::Broken => true,
            HttpFailureCode::NotGranted
            | HttpFailureCode::InvalidRequest
            | HttpFailureCode::RequestTooLarge
            | HttpFailureCode::TooManyExchanges
            | HttpFailureCode::AddressRefused
            | HttpFailureCode::ResponseTooLarge => false,
        }
    }
}

impl HttpFailure {
    pub fn new(code: HttpFailureCode, message: impl Into<String>) -> Self {
        HttpFailure { code, message: message.into() }
    }
}

impl Exchange {
    /// What it takes in memory and in the database, but for a constant.
    pub fn len_bytes(&self) -> u64 {
        let answer = match &self.answer {
            Ok(response) => headers_bytes(&response.headers) + response.body.len(),
            Err(failure) => failure.message.len(),
        };
        self.request.len_bytes() + answer as u64
    }
}

impl HttpRequest {
    pub fn len_bytes(&self) -> u64 {
        let HttpRequest { method, url, headers, body } = self;
        (method.len() + url.len() + headers_bytes(headers) + body.len()) as u64
    }
}

/// The bytes of names and values.
pub fn headers_bytes(headers: &[(String, String)]) -> usize {
    headers.iter().map(|(name, value)| name.len() + value.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_comes_back_from_its_word() {
        for code in HttpFailureCode::ALL {
            assert_eq!(HttpFailureCode::from_word(code.as_str()), Some(code));
        }
        assert_eq!(HttpFailureCode::from_word("later"), None);
    }
}
