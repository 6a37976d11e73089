//! `truce timestamp`: an outside authority's word on when a checkpoint was there (RFC 3161).

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, Subcommand};
use truce_core::record::{Custody, CustodyAction};
use truce_core::{Digest, Timestamp};
use truce_ledger::{Reader, parse_timestamp_response, sha256, timestamp_request};

use super::{DataArgument, Failure, terminal};
use crate::custody;
use crate::line::{Error, Folder, read_text};

/// Have an outside authority vouch for the time of a checkpoint (RFC 3161).
///
/// `request` puts the newest checkpoint aside and writes the request; send it to an authority you
/// trust, for example with curl -H 'Content-Type: application/timestamp-query' --data-binary
/// @FILE.tsq URL; `store` keeps what came back and logs it; `verify` checks it again at any time.
#[derive(Debug, Args)]
pub(super) struct TimestampCommand {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    data: DataArgument,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Put the newest checkpoint aside and write a request for it.
    Request,
    /// Keep the authority's response, and log it. No server may hold the folder.
    Store {
        /// The response.
        response: PathBuf,
        /// Who stores it; it is logged.
        #[arg(long, value_name = "NAME", env = "USER", default_value = "unnamed")]
        by: String,
    },
    /// Check every token: the checkpoint it names, the log it belongs to, and with --ca the
    /// authority's signature, for which openssl is asked.
    Verify {
        /// File with the authority's certificates, in PEM.
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
    },
}

impl TimestampCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        let folder = self.data.folder();
        if !folder.exists() {
            let path = folder.path().to_owned();
            return Err(Error::NoFolder { path }.into());
        }
        match self.what {
            What::Request => request(&folder),
            What::Store { response, by } => store(&folder, &response, by),
            What::Verify { ca } => verify(&folder, ca.as_deref()),
        }
    }
}

fn request(folder: &Folder) -> Result<(), Failure> {
    let checkpoint = Reader::open(&folder.log())
        .and_then(|reader| reader.checkpoint())
        .map_err(Error::from)?;
    let dir = folder.timestamps();
    std::fs::create_dir_all(&dir).map_err(|e| Error::file("make the folder", &dir, e))?;
    let text = checkpoint.to_string();
    let digest = sha256(text.as_bytes());
    // The token is bound to the digest; the nonce only tells this request from others.
    let nonce = u64::try_from(Timestamp::now().as_nanosecond() & 0xffff_ffff_ffff).unwrap_or(1);
    let (kept, query) = (
        named(&dir, checkpoint.size, "checkpoint"),
        named(&dir, checkpoint.size, "tsq"),
    );
    write(&kept, text.as_bytes())?;
    write(&query, &timestamp_request(&digest, nonce))?;
    terminal::say(&format!("{}", query.display()));
    Ok(())
}

fn store(folder: &Folder, response: &Path, by: String) -> Result<(), Failure> {
    let bytes = std::fs::read(response).map_err(|e| Error::file("read", response, e))?;
    let token = parse_timestamp_response(&bytes).map_err(|e| Failure::NotProven(e.to_string()))?;
    let dir = folder.timestamps();
    let asked = kept(&dir)?
        .into_iter()
        .find(|path| read_text(path).is_ok_and(|text| sha256(text.as_bytes()) == token.digest));
    let Some(asked) = asked else {
        let why = "the token is over none of the checkpoints that were put aside";
        return Err(Failure::NotProven(why.into()));
    };
    let now = Timestamp::now();
    let custody = Custody {
        action: CustodyAction::Timestamp,
        by,
        done_at: now,
        reason: format!("the authority names {} for {}", token.time, asked.display()),
        to: None,
        rows: Vec::new(),
        digest: Some(Digest::of(&bytes)),
    };
    let path = asked.with_extension("tsr");
    custody::log(folder, custody, now)?;
    write(&path, &bytes)?;
    terminal::say(&format!("kept {}: {}", path.display(), token.time));
    Ok(())
}

fn verify(folder: &Folder, ca: Option<&Path>) -> Result<(), Failure> {
    let (key, reader) = (
        folder.verifier_key()?,
        Reader::open(&folder.log()).map_err(Error::from)?,
    );
    let asked = kept(&folder.timestamps())?;
    let answered = |path: &PathBuf| path.with_extension("tsr").exists();
    let (answered, open): (Vec<_>, Vec<_>) = asked.into_iter().partition(answered);
    if answered.is_empty() {
        let next = match open.is_empty() {
            true => "`truce timestamp request` asks for one",
            false => "`truce timestamp store` takes in what the authority answered",
        };
        return Err(Failure::AnswerIsNo(format!("there is no token; {next}")));
    }
    let mut wrong = 0;
    for path in answered {
        let token = path.with_extension("tsr");
        let checked = check(&path, &token, &key, &reader).and_then(|time| match ca {
            Some(ca) => ask_openssl(&path, &token, ca).map(|()| time),
            None => Ok(time),
        });
        match checked {
            Ok(time) => terminal::say(&format!("proven      {}: {time}", path.display())),
            Err(why) => {
                wrong += 1;
                terminal::say(&format!("NOT PROVEN  {}: {why}", path.display()));
            }
        }
    }
    if ca.is_none() {
        terminal::say("the authority's signature was not checked: say --ca FILE");
    }
    match wrong {
        0 => Ok(()),
        n => Err(Failure::NotProven(format!("{n} token(s) are not proven"))),
    }
}

/// That the token is over the checkpoint, and the checkpoint is the log's. Gives the time.
fn check(
    path: &Path,
    token: &Path,
    key: &truce_ledger::VerifierKey,
    reader: &Reader,
) -> Result<String, String> {
    let text = read_text(path).map_err(|e| e.to_string())?;
    let bytes = std::fs::read(token).map_err(|e| e.to_string())?;
    let token = parse_timestamp_response(&bytes).map_err(|e| e.to_string())?;
    if token.digest != sha256(text.as_bytes()) {
        return Err("the token is over another checkpoint".into());
    }
    let checkpoint = truce_ledger::Checkpoint::parse(&text).map_err(|e| e.to_string())?;
    checkpoint.verify(key).map_err(|e| e.to_string())?;
    let root = reader.root(checkpoint.size).map_err(|e| e.to_string())?;
    if root != checkpoint.root {
        return Err("the log has another root at this size".into());
    }
    Ok(token.time)
}

fn ask_openssl(path: &Path, token: &Path, ca: &Path) -> Result<(), String> {
    let mut openssl = Command::new("openssl");
    openssl.args(["ts", "-verify", "-data"]).arg(path);
    openssl.arg("-in").arg(token).arg("-CAfile").arg(ca);
    let output = openssl
        .output()
        .map_err(|e| format!("cannot run openssl: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("openssl: {}", said.trim()))
}

/// The checkpoints that were put aside.
fn kept(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(dir).map_err(|e| Error::file("read", dir, e))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "checkpoint"));
    paths.sort();
    Ok(paths)
}

fn named(dir: &Path, size: u64, end: &str) -> PathBuf {
    dir.join(format!("{size:020}.{end}"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(|e| Error::file("write", path, e))
}
