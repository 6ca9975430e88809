//! Requests of attempts and their answers, in and out.

use rusqlite::types::Type;
use rusqlite::{Error, Result, Row, Statement, params};

use super::row;
use crate::event::{Exchange, HttpFailure, HttpFailureCode, HttpRequest, HttpResponse};
use crate::store::LeaseId;

/// The exchanges of one attempt, in their order.
pub const OF_ATTEMPT: &str = "
    SELECT method, url, request_headers, request_body,
           status, response_headers, response_body, error, error_message
    FROM exchange WHERE event_seq = ?1 AND handler_id = ?2 AND attempt = ?3 ORDER BY place";

pub const INSERT: &str = "
    INSERT INTO exchange (event_seq, handler_id, attempt, place, method, url, request_headers, request_body,
                          status, response_headers, response_body, error, error_message)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

/// Writes the exchange that has this place in its attempt.
pub fn insert(insert: &mut Statement<'_>, lease: LeaseId, place: usize, exchange: &Exchange) -> Result<()> {
    let HttpRequest { method, url, headers, body } = &exchange.request;
    let (response, failure) = match &exchange.answer {
        Ok(response) => (Some(response), None),
        Err(failure) => (None, Some(failure)),
    };
    insert.execute(params![
        lease.event.0,
        lease.handler.0,
        lease.attempt,
        place as i64,
        method,
        url,
        headers_json(headers),
        body,
        response.map(|response| response.status),
        response.map(|response| headers_json(&response.headers)),
        response.map(|response| &response.body),
        failure.map(|failure| failure.code.as_str()),
        failure.map(|failure| &failure.message),
    ])?;
    Ok(())
}

/// Reads the columns of [`OF_ATTEMPT`].
pub fn of_row(row: &Row<'_>) -> Result<Exchange> {
    let request = HttpRequest {
        method: row.get(0)?,
        url: row.get(1)?,
        headers: row::pairs(row, 2)?,
        body: row.get(3)?,
    };
    let answer = match row.get(4)? {
        Some(status) => Ok(HttpResponse { status, headers: row::pairs(row, 5)?, body: row.get(6)? }),
        None => Err(HttpFailure { code: code(row, 7)?, message: row.get(8)? }),
    };
    Ok(Exchange { request, answer })
}

fn code(row: &Row<'_>, index: usize) -> Result<HttpFailureCode> {
    let word: String = row.get(index)?;
    let unknown =
        || Error::FromSqlConversionFailure(index, Type::Text, format!("unknown code {word:?}").into());
    HttpFailureCode::from_word(&word).ok_or_else(unknown)
}

fn headers_json(headers: &[(String, String)]) -> String {
    serde_json::to_string(headers).expect("pairs of texts are always JSON")
}
