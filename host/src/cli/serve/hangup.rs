//! SIGHUP: tokens, certificate and key are read again. What is bad is told and leaves all as it was.

use std::path::PathBuf;

use crate::api::Reloader;
use crate::cli::Failure;
use crate::config::Tokens;

/// What is read again.
pub struct Credentials {
    pub reloader: Reloader,
    pub token_file: Option<PathBuf>,
}

impl Credentials {
    pub fn read_again(&self) {
        if self.token_file.is_none() && !self.reloader.has_certificate() {
            return;
        }
        match self.try_to_read() {
            Ok(()) => eprintln!("wasm-evq: tokens and certificate are read again"),
            Err(failure) => eprintln!("wasm-evq: tokens and certificate stay as they were: {failure}"),
        }
    }

    /// Both are read before either is used.
    fn try_to_read(&self) -> Result<(), Failure> {
        let tokens = self.token_file.as_deref().map(Tokens::read).transpose()?;
        self.reloader.certificate()?;
        if let Some(tokens) = tokens {
            self.reloader.tokens(tokens);
        }
        Ok(())
    }
}
