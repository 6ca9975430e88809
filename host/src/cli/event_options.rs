//! The options of every command that reads events: from where, and what a line is.

use std::io::IsTerminal;
use std::path::PathBuf;

use super::Failure;
use crate::event::{IdPointer, RawLines};
use crate::source::{Format, Input};

#[derive(Debug, clap::Args)]
pub struct EventOptions {
    /// NDJSON files of events, - for standard input [default: what is piped in]
    #[arg(value_name = "EVENTS")]
    events: Vec<PathBuf>,

    /// Each line is bare JSON data; wrap it into an event of this type
    #[arg(long, value_name = "TYPE")]
    raw: Option<String>,

    /// With --raw: where in the data its id stands [default: the id is the data's hash]
    #[arg(long, value_name = "POINTER", requires = "raw")]
    id_pointer: Option<String>,
}

impl EventOptions {
    /// # Errors
    /// When a file is missing, is a folder or may not be read.
    pub fn inputs(&self) -> Result<Vec<Input>, Failure> {
        self.inputs_after(None)
    }

    /// As [`EventOptions::inputs`], where the first of them stands among other options.
    ///
    /// # Errors
    /// As [`EventOptions::inputs`].
    pub fn inputs_after(&self, first: Option<&PathBuf>) -> Result<Vec<Input>, Failure> {
        let inputs = self.named(first);
        inputs.iter().try_for_each(Input::check)?;
        Ok(inputs)
    }

    fn named(&self, first: Option<&PathBuf>) -> Vec<Input> {
        if first.is_none() && self.events.is_empty() && !std::io::stdin().is_terminal() {
            return vec![Input::Stdin];
        }
        let input = |path: &PathBuf| match path.as_os_str() == "-" {
            true => Input::Stdin,
            false => Input::File(path.clone()),
        };
        first.into_iter().chain(&self.events).map(input).collect()
    }

    /// # Errors
    /// When the type or the pointer cannot be.
    pub fn format(&self) -> Result<Format, Failure> {
        let Some(type_) = &self.raw else { return Ok(Format::Event) };
        let id = match &self.id_pointer {
            None => IdPointer::ContentHash,
            Some(pointer) if pointer.starts_with('/') => IdPointer::Pointer(pointer.as_str().into()),
            Some(pointer) => {
                let rule = "a JSON pointer begins with '/', as in /order/id";
                return Err(Failure::usage(format!("--id-pointer is {pointer:?}; {rule}")));
            }
        };
        let raw = RawLines::new(type_, id).map_err(|invalid| Failure::usage(format!("--raw: {invalid}")))?;
        Ok(Format::Raw(raw))
    }
}
