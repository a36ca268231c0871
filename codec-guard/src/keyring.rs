//! Keyrings: the keys of one trust domain, from a file, an environment variable or a callback.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, error, fmt};

use arc_swap::ArcSwap;
use planwire_core::Digest;
use planwire_core::trailer::Trailer;
use zeroize::Zeroizing;

use crate::file::{self, Contents};
use crate::key::{Key, LineFault};

/// The keys of one trust domain: one that signs, if any, and any number that verify.
///
/// The text of a keyring has one key in a line, `sign|verify hmac-sha256|ed25519 ID BASE64`; blank lines
/// and those that begin with `#` do not count. The secret of an HMAC key has at least 32 bytes. A key
/// that signs by Ed25519 is its 32-byte seed, and one that verifies the 32-byte public key.
///
/// Neither its text nor its `Debug` output shows a key, and the text that was read is wiped when it is dropped.
pub struct Keyring {
    source: Source,
    keys: ArcSwap<Vec<Key>>,
}

/// The source of a keyring's text.
type Fetch = dyn Fn() -> Result<Zeroizing<String>, Box<dyn error::Error + Send + Sync>> + Send + Sync;

enum Source {
    Text,
    File(PathBuf),
    Variable(String),
    Callback(Box<Fetch>),
}

/// Why a keyring cannot be used. There is no fallback to another source or to an empty keyring.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The text cannot be read.
    #[error("the keyring {keyring} cannot be read: {source}")]
    Unreadable {
        /// Where it is from.
        keyring: String,
        /// What went wrong.
        source: Box<dyn error::Error + Send + Sync>,
    },
    /// There is no key in the text.
    #[error("the keyring {keyring} holds no key")]
    Empty {
        /// Where it is from.
        keyring: String,
    },
    /// A line is not a key.
    #[error("the keyring {keyring} is unsound in line {line}: {fault}")]
    Line {
        /// Where it is from.
        keyring: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        fault: LineFault,
    },
    /// Everybody can read a file with a key that signs.
    #[error("the keyring {keyring} holds a secret, and its mode {mode:03o} lets everybody read it")]
    Exposed {
        /// Where it is from.
        keyring: String,
        /// The file's permissions.
        mode: u32,
    },
}

impl Keyring {
    /// Reads a keyring from its text.
    ///
    /// # Errors
    ///
    /// If a line is not a key, or there is no key.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let keys = keys(text, &Source::Text)?;
        Ok(Self { source: Source::Text, keys: ArcSwap::from_pointee(keys) })
    }

    /// Reads a keyring from a file.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`]; and if the file cannot be read, is not a regular one of at most 1 MiB, or lets others than
    /// its owner write it, or everybody read a secret.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyringError> {
        Self::load(Source::File(path.as_ref().to_owned()))
    }

    /// Reads a keyring from an environment variable.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`], and if the variable is not set or not UTF-8.
    pub fn from_env(variable: impl Into<String>) -> Result<Self, KeyringError> {
        Self::load(Source::Variable(variable.into()))
    }

    /// Reads a keyring from the text that a function returns, e.g. a client of a secret store.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`], and if the function fails.
    pub fn from_callback(
        fetch: impl Fn() -> Result<Zeroizing<String>, Box<dyn error::Error + Send + Sync>> + Send + Sync + 'static,
    ) -> Result<Self, KeyringError> {
        Self::load(Source::Callback(Box::new(fetch)))
    }

    fn load(source: Source) -> Result<Self, KeyringError> {
        let keys = source.keys()?;
        Ok(Self { source, keys: ArcSwap::from_pointee(keys) })
    }

    /// Reads the file, the variable or the callback again; every user of this keyring then has the new keys. A
    /// keyring from a text stays as it is.
    ///
    /// # Errors
    ///
    /// The errors of the first reading; the old keys then stay.
    pub fn reload(&self) -> Result<(), KeyringError> {
        if !matches!(self.source, Source::Text) {
            self.keys.store(Arc::new(self.source.keys()?));
        }
        Ok(())
    }

    /// The ids of the keys that verify, in the order of the lines.
    #[must_use]
    pub fn key_ids(&self) -> Vec<String> {
        self.keys.load().iter().map(|key| key.id.clone()).collect()
    }

    /// The id of the key that signs, if there is one.
    #[must_use]
    pub fn signing_key_id(&self) -> Option<String> {
        self.keys.load().iter().find(|key| key.signs()).map(|key| key.id.clone())
    }

    /// Signs the statement that `statement` makes from the signing key's id.
    pub(crate) fn sign(&self, statement: impl FnOnce(&str) -> Vec<u8>) -> Option<(String, Vec<u8>)> {
        let keys = self.keys.load();
        let key = keys.iter().find(|key| key.signs())?;
        Some((key.id.clone(), key.sign(&statement(&key.id))?))
    }

    /// Whether a key of this ring made the signature of a trailer over the digest of the signed bytes and the
    /// trailer's claims.
    pub(crate) fn verifies(&self, signed: Digest, trailer: &Trailer) -> bool {
        let keys = self.keys.load();
        let key = keys.iter().find(|key| key.id == trailer.claims.key_id);
        key.is_some_and(|key| key.verifies(&trailer.claims.statement(signed), &trailer.signature))
    }
}

fn keys(text: &str, source: &Source) -> Result<Vec<Key>, KeyringError> {
    let mut keys = Vec::<Key>::new();
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let fault = |fault| KeyringError::Line { keyring: source.to_string(), line, fault };
        let key = Key::parse(content).map_err(fault)?;
        if keys.iter().any(|other| other.id == key.id) {
            return Err(fault(LineFault::Duplicate));
        }
        if key.signs() && keys.iter().any(Key::signs) {
            return Err(fault(LineFault::SecondSigner));
        }
        keys.push(key);
    }
    if keys.is_empty() {
        return Err(KeyringError::Empty { keyring: source.to_string() });
    }
    Ok(keys)
}

/// The size limit of a keyring file, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// The permission bit that lets everybody read a file.
const READ_BY_ALL: u32 = 0o004;

impl Source {
    fn keys(&self) -> Result<Vec<Key>, KeyringError> {
        let Contents { text, mode } = self
            .contents()
            .map_err(|source| KeyringError::Unreadable { keyring: self.to_string(), source })?;
        let keys = keys(&text, self)?;
        // Anybody may read public keys, so the keys are parsed first.
        if mode & READ_BY_ALL != 0 && keys.iter().any(Key::is_secret) {
            return Err(KeyringError::Exposed { keyring: self.to_string(), mode });
        }
        Ok(keys)
    }

    fn contents(&self) -> Result<Contents, Box<dyn error::Error + Send + Sync>> {
        let text = match self {
            Self::Text => Zeroizing::default(),
            Self::File(path) => return Ok(file::read(path, LONGEST)?),
            Self::Variable(variable) => match env::var(variable) {
                Ok(text) => Zeroizing::new(text),
                // Its own text repeats the value.
                Err(env::VarError::NotUnicode(_)) => return Err("it is not UTF-8".into()),
                Err(error) => return Err(error.into()),
            },
            Self::Callback(fetch) => fetch()?,
        };
        Ok(Contents { text, mode: 0 })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("given as text"),
            Self::File(path) => write!(f, "in {}", path.display()),
            Self::Variable(variable) => write!(f, "in the environment variable {variable}"),
            Self::Callback(_) => f.write_str("of the callback"),
        }
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keyring").field(&self.keys.load()).finish()
    }
}
