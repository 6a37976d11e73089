//! `truce witness`: a witness that a party, the guarantor or anyone else runs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use truce_ledger::{SigningKey, Witness};

use super::serve::shutdown;
use super::verify::read_key;
use super::{Failure, terminal};
use crate::line::{Error, read_text, write_private};
use crate::witness::router;

/// Run a witness: it cosigns a log's checkpoints, and refuses a log that rewrites its past.
///
/// A witness remembers the last checkpoint of each log and cosigns only what is proven to extend
/// it (C2SP tlog-witness), so nobody can show two histories to two readers who ask for its
/// cosignature. It sees hashes and no content. Give its public key and address to the mission, for
/// the policy file, and its public key to everyone who verifies.
#[derive(Debug, Args)]
pub(super) struct WitnessCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a key and an empty memory in a new folder.
    Init {
        /// The folder.
        dir: PathBuf,
        /// Name of the key, such as a domain and a path that you own.
        #[arg(long)]
        name: String,
    },
    /// Answer requests. The folder is the witness's memory: never restore it from a backup, never
    /// run it twice; begin with a new key instead.
    Serve {
        /// The folder that `init` made.
        dir: PathBuf,
        /// File with the public key of a log to witness; may be repeated.
        #[arg(long, value_name = "FILE", required = true)]
        log: Vec<PathBuf>,
        /// Address to listen on; port 0 takes a free one.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8050")]
        listen: SocketAddr,
    },
}

impl WitnessCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.what {
            What::Init { dir, name } => init(&dir, &name),
            What::Serve { dir, log, listen } => serve(&dir, &log, listen),
        }
    }
}

fn init(dir: &Path, name: &str) -> Result<(), Failure> {
    let key = SigningKey::generate(name).map_err(Error::from)?;
    std::fs::create_dir_all(dir).map_err(|e| Error::file("make the folder", dir, e))?;
    write_private(&dir.join("witness.key"), &key.to_string())?;
    let public = dir.join("witness.pub");
    let text = format!("{}\n", key.cosigner());
    std::fs::write(&public, &text).map_err(|e| Error::file("write", &public, e))?;
    Witness::create(&dir.join("state")).map_err(Error::from)?;
    terminal::say(text.trim_end());
    Ok(())
}

fn serve(dir: &Path, logs: &[PathBuf], address: SocketAddr) -> Result<(), Failure> {
    let text = read_text(&dir.join("witness.key"))?;
    let key = SigningKey::parse(text.trim()).map_err(Error::from)?;
    let logs = logs
        .iter()
        .map(|path| read_key(path))
        .collect::<Result<Vec<_>, _>>()?;
    let witness = Witness::open(&dir.join("state"), key, logs).map_err(Error::from)?;
    let outside = |what: &str, e: std::io::Error| Failure::Outside(format!("{what}: {e}"));
    let runtime = tokio::runtime::Runtime::new().map_err(|e| outside("cannot start", e))?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .map_err(|e| outside(&format!("cannot listen on {address}"), e))?;
        let bound = listener.local_addr().unwrap_or(address);
        terminal::say(&format!(
            "{} listens on http://{bound}/",
            witness.cosigner().name()
        ));
        let serving = axum::serve(listener, router(witness));
        let served = serving.with_graceful_shutdown(shutdown()).await;
        served.map_err(|e| outside("the witness stopped", e))
    })
}
