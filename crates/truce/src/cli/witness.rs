//! `truce witness`: a witness that a party, the guarantor or anyone else runs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use truce_ledger::{MlDsaKey, SigningKey, VerifierKey, Witness};

use super::serve::{bind, on_runtime, shutdown};
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
        /// Make an ML-DSA-44 key too, for a second line under each checkpoint that holds when
        /// quantum computers have broken the first.
        #[arg(long)]
        ml_dsa: bool,
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
            What::Init { dir, name, ml_dsa } => init(&dir, &name, ml_dsa),
            What::Serve { dir, log, listen } => serve(&dir, &log, listen),
        }
    }
}

/// The second key's file inside a witness's folder.
const ML_DSA_KEY: &str = "witness-ml-dsa.key";

fn init(dir: &Path, name: &str, ml_dsa: bool) -> Result<(), Failure> {
    let key = SigningKey::generate(name).map_err(|error| match error {
        truce_ledger::Error::Random { .. } => Failure::from(Error::from(error)),
        error => Failure::Usage(format!("{error}: {name:?}")),
    })?;
    std::fs::create_dir_all(dir).map_err(|e| Error::file("make the folder", dir, e))?;
    write_private(&dir.join("witness.key"), &key.to_string())?;
    publish(&dir.join("witness.pub"), &key.cosigner())?;
    if ml_dsa {
        let second = MlDsaKey::generate(name).map_err(Error::from)?;
        write_private(&dir.join(ML_DSA_KEY), &second.to_string())?;
        publish(&dir.join("witness-ml-dsa.pub"), &second.cosigner())?;
    }
    Witness::create(&dir.join("state")).map_err(Error::from)?;
    Ok(())
}

fn publish(path: &Path, key: &VerifierKey) -> Result<(), Failure> {
    std::fs::write(path, format!("{key}\n")).map_err(|e| Error::file("write", path, e))?;
    terminal::say(&key.to_string());
    Ok(())
}

fn serve(dir: &Path, logs: &[PathBuf], address: SocketAddr) -> Result<(), Failure> {
    let key_file = dir.join("witness.key");
    if !key_file.exists() {
        return Err(Failure::Usage(format!(
            "there is no witness in {}; `truce witness init` makes one",
            dir.display()
        )));
    }
    let text = read_text(&key_file)?;
    let key = SigningKey::parse(text.trim()).map_err(Error::from)?;
    let logs = logs
        .iter()
        .map(|path| read_key(path))
        .collect::<Result<Vec<_>, _>>()?;
    let mut witness = Witness::open(&dir.join("state"), key, logs).map_err(Error::from)?;
    if dir.join(ML_DSA_KEY).exists() {
        let text = read_text(&dir.join(ML_DSA_KEY))?;
        witness.cosign_also_with(MlDsaKey::parse(text.trim()).map_err(Error::from)?);
    }
    let listener = bind(address, "--listen")?;
    let outside = |what: &str, e: std::io::Error| Failure::Outside(format!("{what}: {e}"));
    let runtime = tokio::runtime::Runtime::new().map_err(|e| outside("cannot start", e))?;
    runtime.block_on(async {
        let (listener, bound) = on_runtime(listener)?;
        terminal::say(&format!(
            "{} listens on http://{bound}/",
            witness.cosigner().name()
        ));
        let serving = axum::serve(listener, router(witness));
        let served = serving.with_graceful_shutdown(shutdown()).await;
        served.map_err(|e| outside("the witness stopped", e))
    })
}
