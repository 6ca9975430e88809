//! The ways in which HTTP can fail. A guest may answer with one, and is given one where its request failed.

use wasmtime::component::{ComponentType, Lift, LinkerInstance, Lower, Resource};

use crate::event::HttpFailureCode;
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::wasi::preview2::{Host, IoError};

#[derive(ComponentType, Lift, Lower, Debug, Clone)]
#[component(record)]
pub struct DnsError {
    rcode: Option<String>,
    #[component(name = "info-code")]
    info_code: Option<u16>,
}

#[derive(ComponentType, Lift, Lower, Debug, Clone)]
#[component(record)]
pub struct TlsAlert {
    #[component(name = "alert-id")]
    alert_id: Option<u8>,
    #[component(name = "alert-message")]
    alert_message: Option<String>,
}

#[derive(ComponentType, Lift, Lower, Debug, Clone)]
#[component(record)]
pub struct FieldSize {
    #[component(name = "field-name")]
    field_name: Option<String>,
    #[component(name = "field-size")]
    field_size: Option<u32>,
}

#[derive(ComponentType, Lift, Lower, Debug, Clone)]
#[component(variant)]
#[rustfmt::skip]
pub enum ErrorCode {
    #[component(name = "DNS-timeout")] DnsTimeout,
    #[component(name = "DNS-error")] DnsError(DnsError),
    #[component(name = "destination-not-found")] DestinationNotFound,
    #[component(name = "destination-unavailable")] DestinationUnavailable,
    #[component(name = "destination-IP-prohibited")] DestinationIpProhibited,
    #[component(name = "destination-IP-unroutable")] DestinationIpUnroutable,
    #[component(name = "connection-refused")] ConnectionRefused,
    #[component(name = "connection-terminated")] ConnectionTerminated,
    #[component(name = "connection-timeout")] ConnectionTimeout,
    #[component(name = "connection-read-timeout")] ConnectionReadTimeout,
    #[component(name = "connection-write-timeout")] ConnectionWriteTimeout,
    #[component(name = "connection-limit-reached")] ConnectionLimitReached,
    #[component(name = "TLS-protocol-error")] TlsProtocolError,
    #[component(name = "TLS-certificate-error")] TlsCertificateError,
    #[component(name = "TLS-alert-received")] TlsAlertReceived(TlsAlert),
    #[component(name = "HTTP-request-denied")] HttpRequestDenied,
    #[component(name = "HTTP-request-length-required")] HttpRequestLengthRequired,
    #[component(name = "HTTP-request-body-size")] HttpRequestBodySize(Option<u64>),
    #[component(name = "HTTP-request-method-invalid")] HttpRequestMethodInvalid,
    #[component(name = "HTTP-request-URI-invalid")] HttpRequestUriInvalid,
    #[component(name = "HTTP-request-URI-too-long")] HttpRequestUriTooLong,
    #[component(name = "HTTP-request-header-section-size")] HttpRequestHeaderSectionSize(Option<u32>),
    #[component(name = "HTTP-request-header-size")] HttpRequestHeaderSize(Option<FieldSize>),
    #[component(name = "HTTP-request-trailer-section-size")] HttpRequestTrailerSectionSize(Option<u32>),
    #[component(name = "HTTP-request-trailer-size")] HttpRequestTrailerSize(FieldSize),
    #[component(name = "HTTP-response-incomplete")] HttpResponseIncomplete,
    #[component(name = "HTTP-response-header-section-size")] HttpResponseHeaderSectionSize(Option<u32>),
    #[component(name = "HTTP-response-header-size")] HttpResponseHeaderSize(FieldSize),
    #[component(name = "HTTP-response-body-size")] HttpResponseBodySize(Option<u64>),
    #[component(name = "HTTP-response-trailer-section-size")] HttpResponseTrailerSectionSize(Option<u32>),
    #[component(name = "HTTP-response-trailer-size")] HttpResponseTrailerSize(FieldSize),
    #[component(name = "HTTP-response-transfer-coding")] HttpResponseTransferCoding(Option<String>),
    #[component(name = "HTTP-response-content-coding")] HttpResponseContentCoding(Option<String>),
    #[component(name = "HTTP-response-timeout")] HttpResponseTimeout,
    #[component(name = "HTTP-upgrade-failed")] HttpUpgradeFailed,
    #[component(name = "HTTP-protocol-error")] HttpProtocolError,
    #[component(name = "loop-detected")] LoopDetected,
    #[component(name = "configuration-error")] ConfigurationError,
    #[component(name = "internal-error")] InternalError(Option<String>),
}

impl ErrorCode {
    /// The nearest word for what went wrong.
    pub fn of(code: HttpFailureCode) -> Self {
        match code {
            HttpFailureCode::NotGranted => ErrorCode::HttpRequestDenied,
            HttpFailureCode::InvalidRequest => ErrorCode::HttpProtocolError,
            HttpFailureCode::RequestTooLarge => ErrorCode::HttpRequestBodySize(None),
            HttpFailureCode::TooManyExchanges => ErrorCode::ConnectionLimitReached,
            HttpFailureCode::AddressRefused => ErrorCode::DestinationIpProhibited,
            HttpFailureCode::Dns => ErrorCode::DnsError(DnsError { rcode: None, info_code: None }),
            HttpFailureCode::Connect => ErrorCode::ConnectionRefused,
            HttpFailureCode::Tls => ErrorCode::TlsProtocolError,
            HttpFailureCode::Timeout => ErrorCode::HttpResponseTimeout,
            HttpFailureCode::Broken => ErrorCode::ConnectionTerminated,
            HttpFailureCode::ResponseTooLarge => ErrorCode::HttpResponseBodySize(None),
        }
    }
}

/// No stream here fails by HTTP.
pub fn link(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.func_wrap("http-error-code", |_: Host<'_>, (_,): (Resource<IoError>,)| Ok((None::<ErrorCode>,)))
}
