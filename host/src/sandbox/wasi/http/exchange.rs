//! What an attempt holds of HTTP.

use std::collections::BTreeSet;

use super::ErrorCode;
use super::calls::Calls;
use crate::event::LimitName;
use crate::limits::RESOURCES_MAX;
use crate::sandbox::attempt_state::{AttemptState, bound};
use crate::sandbox::trap::Ended;

/// Bytes of all header fields that an attempt makes, copies included. Servers take some 16 KiB of them.
const FIELD_BYTES_MAX: u64 = 1024 * 1024;

/// Header fields in their order, each with its name in lower case.
pub type FieldList = Vec<(String, Vec<u8>)>;

/// Empty for a handler that has nothing to do with HTTP.
#[derive(Debug, Default)]
pub struct Exchange {
    /// What was written to each body that the guest made.
    bodies: Vec<Vec<u8>>,
    body_bytes: u64,
    field_bytes: u64,
    /// Bodies that are whole.
    finished: BTreeSet<BodyId>,
    pub calls: Calls,
    pub reply: Option<Reply>,
}

/// What the guest answered.
#[derive(Debug)]
pub enum Reply {
    Response { status: u16, fields: FieldList, body: Option<BodyId> },
    Error(ErrorCode),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BodyId(usize);

impl Exchange {
    /// A body to be written. It stays when its handle is gone, so they are counted here.
    pub fn new_body(&mut self) -> Result<BodyId, Ended> {
        bound(LimitName::Resources, self.bodies.len() as u64 + 1, RESOURCES_MAX)?;
        self.bodies.push(Vec::new());
        Ok(BodyId(self.bodies.len() - 1))
    }

    pub fn finish(&mut self, body: BodyId) {
        self.finished.insert(body);
    }

    pub fn is_finished(&self, body: BodyId) -> bool {
        self.finished.contains(&body)
    }

    pub fn take_body(&mut self, body: BodyId) -> Vec<u8> {
        self.bodies.get_mut(body.0).map(std::mem::take).unwrap_or_default()
    }
}

impl AttemptState {
    pub fn write_body(&mut self, body: BodyId, bytes: &[u8]) -> Result<(), Ended> {
        let size = self.http.body_bytes + bytes.len() as u64;
        bound(LimitName::Output, size, self.limits.output_bytes_max)?;
        self.http.body_bytes = size;
        if let Some(written) = self.http.bodies.get_mut(body.0) {
            written.extend_from_slice(bytes);
        }
        Ok(())
    }

    /// Counts fields that are about to be kept.
    pub fn hold_fields<'a>(
        &mut self,
        fields: impl IntoIterator<Item = &'a (String, Vec<u8>)>,
    ) -> Result<(), Ended> {
        let bytes: usize = fields.into_iter().map(|(name, value)| name.len() + value.len()).sum();
        self.http.field_bytes += bytes as u64;
        if self.http.field_bytes > FIELD_BYTES_MAX {
            let message = format!("it made more than {FIELD_BYTES_MAX} bytes of HTTP fields");
            return Err(Ended::violation(message));
        }
        Ok(())
    }
}
