//! What is typed for a handler to be given beside its events.

use std::path::PathBuf;

use crate::config::{GrantError, OriginGrant, ValueSource, environment, http};
use crate::grants::Grants;

#[derive(Debug, clap::Args)]
pub struct GrantOptions {
    /// Give the handler this value, which is no secret: it is recorded. May be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    env: Vec<(String, String)>,

    /// Give the handler a secret: what this environment variable holds [default: the one of the same name]
    #[arg(long, value_name = "NAME[=VARIABLE]", value_parser = name_and_variable)]
    secret_env: Vec<(String, String)>,

    /// Give the handler a secret: what this file holds
    #[arg(long, value_name = "NAME=PATH", value_parser = pair)]
    secret_file: Vec<(String, String)>,

    /// Let the handler send requests to this origin, such as https://api.example.com=GET,POST [default: GET]
    #[arg(long, value_name = "ORIGIN[=METHOD,...]")]
    http: Vec<String>,

    /// As --http, of a host whose name stands for an address that is not public
    #[arg(long, value_name = "ORIGIN[=METHOD,...]")]
    http_private: Vec<String>,
}

impl GrantOptions {
    pub fn grants(&self) -> Result<Grants, GrantError> {
        let written = self.env.iter().map(|(name, text)| (name, ValueSource::Written(text.clone())));
        let variables = self.secret_env.iter().map(|(name, of)| (name, ValueSource::Variable(of.clone())));
        let files =
            self.secret_file.iter().map(|(name, path)| (name, ValueSource::File(PathBuf::from(path))));
        let values = written.chain(variables).chain(files).map(|(name, source)| (name.clone(), source));
        let public = self.http.iter().map(|typed| origin(typed, false));
        let private = self.http_private.iter().map(|typed| origin(typed, true));
        Ok(Grants { environment: environment(values)?, http: http(public.chain(private))? })
    }
}

fn origin(typed: &str, private: bool) -> OriginGrant {
    let (origin, methods) = match typed.split_once('=') {
        Some((origin, methods)) => (origin, Some(methods.split(',').map(str::to_owned).collect())),
        None => (typed, None),
    };
    OriginGrant { origin: origin.to_owned(), methods, private }
}

fn pair(typed: &str) -> Result<(String, String), &'static str> {
    let pair = typed.split_once('=').ok_or("write a name, = and what it is to be")?;
    Ok((pair.0.to_owned(), pair.1.to_owned()))
}

fn name_and_variable(typed: &str) -> Result<(String, String), std::convert::Infallible> {
    let (name, variable) = typed.split_once('=').unwrap_or((typed, typed));
    Ok((name.to_owned(), variable.to_owned()))
}
