//! Results as JSON lines.

use std::io::{self, Write};

use super::PrintRows;
use crate::api::shape::ResultJson;
use crate::cli::output::json_line;
use crate::store::ResultRow;

/// Prints each result as one line of JSON.
pub struct JsonRows<W>(W);

impl<W: Write> JsonRows<W> {
    pub fn new(out: W) -> Self {
        JsonRows(out)
    }
}

impl<W: Write> PrintRows for JsonRows<W> {
    fn row(&mut self, row: ResultRow) -> io::Result<()> {
        json_line(&mut self.0, &ResultJson::of(&row)?)
    }

    fn end(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::results::tests::row;
    use crate::store::StoredOutput;

    fn line(output: StoredOutput) -> String {
        let mut out = Vec::new();
        JsonRows::new(&mut out).row(ResultRow { output, ..row() }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_result_is_one_line_with_the_columns_of_the_view() {
        assert_eq!(
            line(StoredOutput::Json("{\"z\":\n12345678901234567890123}".into())),
            concat!(
                r#"{"event_id":"1","source":"/s","type":"t","handler":"h","handler_sha256":"ab","status":"ok","#,
                r#""output":{"z": 12345678901234567890123},"error":null,"attempts":1,"fuel":2,"#,
                r#""peak_memory_bytes":3,"duration_us":4,"finished_at":"1970-01-01T00:00:01.500Z"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn bytes_are_base64_under_their_own_name() {
        let text = line(StoredOutput::Bytes(vec![0, 255]));
        assert!(text.contains(r#""output":null,"output_base64":"AP8=","error""#), "{text}");
        assert!(line(StoredOutput::None).contains(r#""output":null,"error""#));
    }
}
