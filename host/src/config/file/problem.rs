//! What is wrong with a configuration file, in one line: where, what, and what would do.

use std::io::Read;
use std::path::{Path, PathBuf};

/// Why a file configures nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("cannot read {}: {reason}; --config names the file", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{} is larger than the limit of {bytes_max} bytes for a configuration file", path.display())]
    TooLarge { path: PathBuf, bytes_max: u64 },
    #[error("{}:{line}: {problem}", path.display())]
    Invalid { path: PathBuf, line: usize, problem: String },
}

/// The text of a file of bounded size.
pub fn read(path: &Path, bytes_max: u64) -> Result<String, FileError> {
    let unreadable =
        |error: std::io::Error| FileError::Unreadable { path: path.to_owned(), reason: error.to_string() };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    file.take(bytes_max + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > bytes_max {
        return Err(FileError::TooLarge { path: path.to_owned(), bytes_max });
    }
    Ok(text)
}

/// A file and its text, to say where something is.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub path: &'a Path,
    pub text: &'a str,
}

impl Place<'_> {
    /// A problem at this byte of the text.
    pub fn at(self, byte: usize, problem: String) -> FileError {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let line = 1 + before.bytes().filter(|byte| *byte == b'\n').count();
        FileError::Invalid { path: self.path.to_owned(), line, problem }
    }

    pub fn of_toml(self, error: &toml::de::Error) -> FileError {
        let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        let problem = of_unknown_word(&message).unwrap_or(message);
        self.at(error.span().map_or(0, |span| span.start), problem)
    }
}

/// serde tells of a word it does not know by that word and all that could stand there, each in backticks.
fn of_unknown_word(message: &str) -> Option<String> {
    let (kind, rest) = [("unknown field", "key"), ("unknown variant", "filter dialect")]
        .iter()
        .find_map(|(begin, kind)| Some((*kind, message.strip_prefix(begin)?)))?;
    let mut words = rest.split('`').skip(1).step_by(2);
    let unknown = words.next()?;
    let known: Vec<&str> = words.collect();
    Some(match nearest(unknown, &known) {
        Some(nearest) => format!("unknown {kind} `{unknown}`; did you mean `{nearest}`?"),
        None => format!("unknown {kind} `{unknown}`; known here are {}", known.join(", ")),
    })
}

/// The known word that was most likely meant; a slip or two in a long word, one in a short one.
fn nearest<'k>(unknown: &str, known: &[&'k str]) -> Option<&'k str> {
    let slips = |word: &str| strsim::damerau_levenshtein(&unknown.to_lowercase(), word);
    let nearest = known.iter().copied().min_by_key(|word| slips(word))?;
    (slips(nearest) <= nearest.len().div_ceil(3)).then_some(nearest)
}
