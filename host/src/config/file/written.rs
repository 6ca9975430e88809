//! The file as it is written. Every key is known; a key that is not is refused.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::{ServeSettings, WrittenRetention};
use crate::config::{OriginGrant, ValueSource, parse_duration, parse_size_bytes};
use crate::event::Filter;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenFile {
    pub serve: Option<toml::Spanned<WrittenServe>>,
    #[serde(default)]
    pub handler: Vec<toml::Spanned<WrittenHandler>>,
}

/// By the names of the command line's options.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WrittenServe {
    listen: Option<String>,
    #[serde(default)]
    host: Vec<String>,
    db: Option<PathBuf>,
    workers: Option<usize>,
    max_pending: Option<u64>,
    max_pending_size: Option<Size>,
    min_free_disk: Option<Size>,
    token_file: Option<PathBuf>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    #[serde(default)]
    plain_http: bool,
    otlp_endpoint: Option<String>,
    keep_days: Option<u32>,
    keep_events: Option<u64>,
    keep_size: Option<Size>,
    #[serde(default)]
    keep_all: bool,
}

impl WrittenServe {
    /// What does not go together, in one line.
    pub fn check(&self) -> Result<(), String> {
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            return Err("tls-cert and tls-key belong together; write both or neither".into());
        }
        if self.tls_cert.is_some() && self.plain_http {
            return Err("plain-http is for a server without tls-cert; leave out one of the two".into());
        }
        if self.keep_all
            && (self.keep_days.is_some() || self.keep_events.is_some() || self.keep_size.is_some())
        {
            return Err(
                "keep-all keeps everything; leave it out, or the other keys that begin with keep".into()
            );
        }
        Ok(())
    }

    pub fn settings(self, folder: &Path) -> ServeSettings {
        ServeSettings {
            listen: self.listen,
            host: self.host,
            db: self.db.map(|db| folder.join(db)),
            workers: self.workers,
            max_pending: self.max_pending,
            max_pending_size: self.max_pending_size.map(|size| size.0),
            min_free_disk: self.min_free_disk.map(|size| size.0),
            token_file: self.token_file.map(|file| folder.join(file)),
            tls_cert: self.tls_cert.map(|file| folder.join(file)),
            tls_key: self.tls_key.map(|file| folder.join(file)),
            plain_http: self.plain_http,
            otlp_endpoint: self.otlp_endpoint,
            keep: WrittenRetention {
                days: self.keep_days,
                events: self.keep_events,
                bytes: self.keep_size.map(|size| size.0),
                all: self.keep_all,
            },
        }
    }
}

/// By the names of the command line's options, but for what a command line cannot say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WrittenHandler {
    pub name: String,
    pub module: PathBuf,
    #[serde(default)]
    pub filters: Vec<Filter>,
    pub timeout: Option<Time>,
    pub compile_timeout: Option<Time>,
    pub max_memory: Option<Size>,
    pub fuel: Option<u64>,
    pub max_event: Option<Size>,
    pub max_attempts: Option<u32>,
    pub retry_delay: Option<Time>,
    #[serde(default)]
    pub environment: BTreeMap<String, Granted>,
    #[serde(default)]
    pub http: Vec<WrittenOrigin>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WrittenOrigin {
    origin: String,
    methods: Option<Vec<String>>,
    #[serde(default)]
    private: bool,
}

impl From<WrittenOrigin> for OriginGrant {
    fn from(WrittenOrigin { origin, methods, private }: WrittenOrigin) -> Self {
        OriginGrant { origin, methods, private }
    }
}

/// `"64MiB"`, or a number of bytes.
#[derive(Debug)]
pub struct Size(pub u64);

/// `"5s"`.
#[derive(Debug)]
pub struct Time(pub Duration);

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SizeVisitor)
    }
}

struct SizeVisitor;

impl Visitor<'_> for SizeVisitor {
    type Value = Size;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a size such as \"64MiB\" or 4096")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Size, E> {
        parse_size_bytes(text).map(Size).map_err(|cure| E::custom(format!("{text:?} is no size; {cure}")))
    }

    fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<Size, E> {
        u64::try_from(bytes).map(Size).map_err(|_| E::custom(format!("{bytes} bytes; a size is positive")))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_duration(&text)
            .map(Time)
            .map_err(|cure| de::Error::custom(format!("{text:?} is no time; {cure}")))
    }
}

/// `"EUR"`, or where a secret is to be had.
#[derive(Debug)]
pub struct Granted(pub ValueSource);

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenSecret {
    from_env: Option<String>,
    from_file: Option<PathBuf>,
}

impl<'de> Deserialize<'de> for Granted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GrantedVisitor)
    }
}

struct GrantedVisitor;

impl<'de> Visitor<'de> for GrantedVisitor {
    type Value = Granted;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text, { from-env = \"VARIABLE\" } or { from-file = \"PATH\" }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Granted, E> {
        Ok(Granted(ValueSource::Written(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Granted, A::Error> {
        let WrittenSecret { from_env, from_file } =
            WrittenSecret::deserialize(MapAccessDeserializer::new(map))?;
        match (from_env, from_file) {
            (Some(variable), None) => Ok(Granted(ValueSource::Variable(variable))),
            (None, Some(path)) => Ok(Granted(ValueSource::File(path))),
            _ => Err(de::Error::custom("a secret has one source; write from-env or from-file")),
        }
    }
}
