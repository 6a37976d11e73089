//! `truce key`: the log's public keys, and a second one.

use clap::Args;

use super::{DataArgument, Failure, terminal};
use crate::line::{Error, Folder, read_text};

/// Print the log's public keys: what every party must be given by a way that it trusts.
///
/// With --add-ml-dsa a second key is made first. From then on each checkpoint carries a second line
/// by ML-DSA-44 (FIPS 204), which holds when quantum computers have broken the first. Programs that
/// do not know such lines pass over them. To demand it, name the key as a witness in a policy file.
#[derive(Debug, Args)]
pub(super) struct Key {
    #[command(flatten)]
    data: DataArgument,
    /// Make the second key. A server that runs must be started again to use it.
    #[arg(long)]
    add_ml_dsa: bool,
}

impl Key {
    pub(super) fn run(self) -> Result<(), Failure> {
        let folder = self.data.folder();
        if !folder.exists() {
            let path = folder.path().to_owned();
            return Err(Error::NoFolder { path }.into());
        }
        if self.add_ml_dsa {
            add(&folder)?;
        }
        terminal::say(&folder.verifier_key()?.to_string());
        if folder.ml_dsa_public_key_file().exists() {
            terminal::say(read_text(&folder.ml_dsa_public_key_file())?.trim_end());
        }
        Ok(())
    }
}

fn add(folder: &Folder) -> Result<(), Failure> {
    if folder.ml_dsa_key_file().exists() {
        return Err(Failure::Usage(
            "the log has an ML-DSA-44 key already".into(),
        ));
    }
    folder.create_ml_dsa_key()?;
    Ok(())
}
