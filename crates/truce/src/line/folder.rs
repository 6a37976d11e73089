//! The data folder of one mission and what lies where in it.
//!
//! ```text
//! DATA/
//!   log/            the evidence log: segments, tiles, checkpoint (truce-ledger)
//!   keys/log.key    the log's private key, readable by its owner only
//!   keys/log.pub    the log's public key, for everyone who verifies
//!   keys/log-ml-dsa.key, .pub  the same for a second line by ML-DSA-44, if any
//!   witnesses.policy  the witnesses to ask for cosignatures, if any (C2SP tlog-policy)
//!   push-keys/      keys of the feeds that are pushed
//!   cursors/        how far followed files were read, and what receivers of notifications were told
//!   credentials/    what transports show to the servers they ask
//!   notify.toml     whom to tell of what, if anyone
//!   state.sqlite    tables folded from the log; can be thrown away
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use truce_core::Slug;
use truce_ledger::{Ledger, MlDsaKey, OpenReport, SigningKey, VerifierKey};

use super::Error;

/// A data folder. Holding one locks nothing; the log's writer does.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at a path; it need not exist.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The log's folder.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    /// The file of the log's private key.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.0.join("keys/log.key")
    }

    /// The file of the log's public key.
    #[must_use]
    pub fn public_key_file(&self) -> PathBuf {
        self.0.join("keys/log.pub")
    }

    /// The file of the private key for a second line by ML-DSA-44, when there is one.
    #[must_use]
    pub fn ml_dsa_key_file(&self) -> PathBuf {
        self.0.join("keys/log-ml-dsa.key")
    }

    /// The file of its public key.
    #[must_use]
    pub fn ml_dsa_public_key_file(&self) -> PathBuf {
        self.0.join("keys/log-ml-dsa.pub")
    }

    /// The policy that names the witnesses to ask, when the mission has any.
    #[must_use]
    pub fn policy_file(&self) -> PathBuf {
        self.0.join("witnesses.policy")
    }

    /// Whom to tell of what, when the operator wants anyone told.
    #[must_use]
    pub fn notify_file(&self) -> PathBuf {
        self.0.join("notify.toml")
    }

    /// Tokens of outside authorities over checkpoints.
    #[must_use]
    pub fn timestamps(&self) -> PathBuf {
        self.0.join("timestamps")
    }

    /// How far the file was read that a feed follows.
    #[must_use]
    pub fn cursor_file(&self, feed: &Slug) -> PathBuf {
        self.0.join("cursors").join(file_name(feed, "json"))
    }

    /// The key that senders of a pushed feed show.
    #[must_use]
    pub fn push_key_file(&self, feed: &Slug) -> PathBuf {
        self.0.join("push-keys").join(file_name(feed, "key"))
    }

    /// What a feed's transport shows to the server it asks, if its operator put it there.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn credentials(&self, feed: &Slug) -> Result<Option<String>, Error> {
        let path = self.0.join("credentials").join(file_name(feed, "txt"));
        if !path.exists() {
            return Ok(None);
        }
        Ok(Some(read_text(&path)?.trim_end().to_owned()))
    }

    /// The tables.
    #[must_use]
    pub fn state_file(&self) -> PathBuf {
        self.0.join("state.sqlite")
    }

    /// True when a log was begun here.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.public_key_file().exists()
    }

    /// Makes the folder with a new key. The private key's file is readable by its owner only.
    ///
    /// # Errors
    /// When files cannot be written, or no random numbers can be had.
    pub fn create(&self, origin: &str) -> Result<SigningKey, Error> {
        let keys = self.0.join("keys");
        fs::create_dir_all(&keys).map_err(|e| Error::file("make the folder", &keys, e))?;
        let key = SigningKey::generate(origin)?;
        write_private(&self.key_file(), &key.to_string())?;
        let public = self.public_key_file();
        let text = format!("{}\n", key.verifier());
        fs::write(&public, text).map_err(|e| Error::file("write", &public, e))?;
        Ok(key)
    }

    /// Reads the log's private key.
    ///
    /// # Errors
    /// When the file cannot be read or holds no key.
    pub fn signing_key(&self) -> Result<SigningKey, Error> {
        Ok(SigningKey::parse(read_text(&self.key_file())?.trim())?)
    }

    /// Opens the log for writing, with all keys that sign its checkpoints.
    ///
    /// # Errors
    /// When a key cannot be read, another process holds the log, or going on could lose or fork
    /// entries.
    pub fn open_ledger(&self) -> Result<(Ledger, OpenReport), Error> {
        let (mut ledger, report) = Ledger::open(&self.log(), self.signing_key()?)?;
        let second = self.ml_dsa_key_file();
        if second.exists() {
            ledger.sign_also_with(MlDsaKey::parse(read_text(&second)?.trim())?)?;
        }
        Ok((ledger, report))
    }

    /// Makes a key for a second line by ML-DSA-44 under each checkpoint from now on.
    ///
    /// # Errors
    /// When there is one already, or files cannot be written.
    pub fn create_ml_dsa_key(&self) -> Result<VerifierKey, Error> {
        let key = MlDsaKey::generate(self.verifier_key()?.name())?;
        write_private(&self.ml_dsa_key_file(), &key.to_string())?;
        let public = self.ml_dsa_public_key_file();
        let text = format!("{}\n", key.cosigner());
        fs::write(&public, text).map_err(|e| Error::file("write", &public, e))?;
        Ok(key.cosigner())
    }

    /// Reads the log's public key.
    ///
    /// # Errors
    /// When the file cannot be read or holds no key.
    pub fn verifier_key(&self) -> Result<VerifierKey, Error> {
        Ok(VerifierKey::parse(
            read_text(&self.public_key_file())?.trim(),
        )?)
    }
}

/// The name of a feed's own file.
fn file_name(feed: &Slug, ending: &str) -> String {
    format!("{}.{ending}", feed.as_str().replace('/', "_"))
}

/// Reads a text file.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|e| Error::file("read", path, e))
}

/// Writes a new file that its owner alone can read.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let write = |mut file: fs::File| writeln!(file, "{text}").and_then(|()| file.sync_all());
    options
        .open(path)
        .and_then(write)
        .map_err(|e| Error::file("write", path, e))
}

/// Writes a file so that a crash leaves either the old one or the new one, and makes its folder.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension("new");
    let mut out = fs::File::create(&draft)?;
    out.write_all(bytes)?;
    out.sync_data()?;
    fs::rename(draft, path)
}
