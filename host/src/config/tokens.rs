//! The file of tokens: who may do what over HTTP. Its text never appears in an error.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Fewer bytes can be guessed.
const TOKEN_BYTES_MIN: usize = 16;

const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// To send events, and nothing else.
    Send,
    /// To look at everything, and nothing else.
    Read,
    /// Everything.
    Operate,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Send => "send",
            Role::Read => "read",
            Role::Operate => "operate",
        }
    }

    pub fn allows(self, wanted: Role) -> bool {
        self == Role::Operate || self == wanted
    }

    fn named(text: &str) -> Option<Role> {
        [Role::Send, Role::Read, Role::Operate].into_iter().find(|role| role.as_str() == text)
    }
}

/// Why a file of tokens is not taken.
#[derive(Debug, thiserror::Error)]
pub enum TokenFileError {
    #[error("--token-file {}: {reason}", path.display())]
    File { path: PathBuf, reason: String },
    #[error("--token-file {}, line {line}: {reason}", path.display())]
    Line { path: PathBuf, line: usize, reason: String },
}

/// One line of the file, without the token itself.
#[derive(Debug, Clone)]
pub struct Token {
    pub role: Role,
    /// What to call it, so that nobody has to name the token itself.
    pub name: Box<str>,
    pub digest: TokenDigest,
}

/// Stands for a token where the token itself is not to be kept.
#[derive(Debug, Clone, Copy)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    fn of(token: &[u8]) -> Self {
        TokenDigest(Sha256::digest(token).into())
    }

    fn is(&self, other: &TokenDigest) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// Every token there is.
#[derive(Debug)]
pub struct Tokens(Vec<Token>);

impl Tokens {
    /// # Errors
    /// When the file cannot be read, others can read it, or a line is no token.
    pub fn read(path: &Path) -> Result<Self, TokenFileError> {
        let refused = |reason: String| TokenFileError::File { path: path.to_owned(), reason };
        let text = private_text(path).map_err(refused)?;
        let mut tokens: Vec<Token> = Vec::new();
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let refused = |reason| TokenFileError::Line { path: path.to_owned(), line: number, reason };
            let token = token_of(line, number).map_err(refused)?;
            if let Some(same) = tokens.iter().find(|other| other.digest.is(&token.digest)) {
                return Err(refused(format!(
                    "the same token as {}; each line needs one of its own",
                    same.name
                )));
            }
            tokens.push(token);
        }
        if tokens.is_empty() {
            return Err(refused("there is no token in it; write a line such as `operate TOKEN name`".into()));
        }
        Ok(Tokens(tokens))
    }

    /// The token that this is. It takes the same time for every wrong one, however much of it is right
    /// and however long it is.
    pub fn find(&self, given: &[u8]) -> Option<&Token> {
        self.with_digest(&TokenDigest::of(given))
    }

    /// The token that a digest was made of.
    pub fn with_digest(&self, digest: &TokenDigest) -> Option<&Token> {
        let mut found = None;
        for token in &self.0 {
            if token.digest.is(digest) {
                found = Some(token);
            }
        }
        found
    }
}

fn private_text(path: &Path) -> Result<String, String> {
    let unreadable = |e: std::io::Error| format!("it cannot be read: {e}");
    let file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode();
    if mode & 0o077 != 0 {
        let cure = format!("`chmod 600 {}`", path.display());
        return Err(format!("others on this machine may open it (mode {:03o}); {cure}", mode & 0o777));
    }
    let mut text = String::new();
    let bytes = file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(unreadable)?;
    if bytes as u64 > FILE_BYTES_MAX {
        return Err(format!("it is larger than {FILE_BYTES_MAX} bytes"));
    }
    Ok(text)
}

fn token_of(line: &str, number: usize) -> Result<Token, String> {
    let mut words = line.split_whitespace();
    let role = words.next().and_then(Role::named);
    let role = role.ok_or("the first word must be a role: send, read or operate")?;
    let token = words.next().ok_or("no token stands after the role; `openssl rand -hex 32` makes one")?;
    if token.len() < TOKEN_BYTES_MIN {
        let bytes = token.len();
        return Err(format!(
            "the token has {bytes} bytes, at least {TOKEN_BYTES_MIN} are needed; `openssl rand -hex 32` makes one"
        ));
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a token can have letters, digits and ASCII punctuation only".into());
    }
    let name = words.next().map_or_else(|| format!("line {number}"), str::to_owned);
    match words.next() {
        None => Ok(Token { role, name: name.into(), digest: TokenDigest::of(token.as_bytes()) }),
        Some(_) => Err("more than a role, a token and a name of one word stand there".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn read(text: &str, mode: u32) -> Result<Tokens, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        Tokens::read(&path).map_err(|e| e.to_string())
    }

    #[test]
    fn each_line_is_a_role_a_token_and_perhaps_a_name() {
        let text = format!("# ours\n\nsend {TOKEN}1\n read {TOKEN}2 grafana \noperate {TOKEN}3 alice\n");
        let tokens = read(&text, 0o600).unwrap();
        let found = |given: String| tokens.find(given.as_bytes()).map(|token| (token.role, &*token.name));
        assert_eq!(found(format!("{TOKEN}1")), Some((Role::Send, "line 3")));
        assert_eq!(found(format!("{TOKEN}2")), Some((Role::Read, "grafana")));
        assert_eq!(found(format!("{TOKEN}3")), Some((Role::Operate, "alice")));
        for wrong in [String::new(), TOKEN.to_owned(), format!("{TOKEN}11"), format!("{TOKEN}1\n")] {
            assert_eq!(found(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line_and_never_by_its_token() {
        for (line, part) in [
            (format!("{TOKEN} send"), "a role: send, read or operate"),
            ("send".to_owned(), "openssl rand"),
            ("read 0123456789abcde".to_owned(), "has 15 bytes, at least 16"),
            (format!("read {TOKEN}ä"), "ASCII"),
            (format!("read {TOKEN} of grafana"), "one word"),
            (format!("send {TOKEN}first"), "the same token as line 1"),
        ] {
            let told = read(&format!("read {TOKEN}first\n{line}\n"), 0o600).unwrap_err();
            assert!(told.contains("line 2: ") && told.contains(part), "{told}");
            assert!(!told.contains("0123456789"), "{told}");
        }
        assert!(read("# none\n", 0o600).unwrap_err().contains("there is no token in it"));
    }

    #[test]
    fn a_file_that_others_may_open_is_refused() {
        let text = format!("send {TOKEN}\n");
        for open in [0o604, 0o640, 0o622, 0o644] {
            let told = read(&text, open).unwrap_err();
            assert!(told.contains("chmod 600") && told.contains(&format!("{open:03o}")), "{told}");
        }
        assert!(read(&text, 0o400).is_ok());
    }

    #[test]
    fn a_role_allows_itself_and_operate_allows_all() {
        let roles = [Role::Send, Role::Read, Role::Operate];
        let allowed = roles.map(|role| roles.map(|wanted| role.allows(wanted)));
        assert_eq!(allowed, [[true, false, false], [false, true, false], [true, true, true]]);
    }
}
