//! Collecting cosignatures after each checkpoint, beside the line.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::broadcast;
use tokio::task::JoinSet;
use truce_core::Timestamp;
use truce_core::time::nanoseconds;
use truce_ledger::{AddCheckpoint, Checkpoint, Cosigned, NoteSignature, Peer, Policy, Reader};

use super::client::{Answer, add_checkpoint};
use crate::line::Error;
use crate::service::{Live, next_checkpoint};

/// A witness that failed is left alone for so long, so that it does not slow down the others.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(15);

/// Without a new checkpoint, whoever did not cosign the newest is asked again after so long.
const ASK_AGAIN_EVERY: Duration = Duration::from_secs(5);

/// Asks a policy's witnesses and keeps what they cosign.
pub struct Collector {
    reader: Arc<Reader>,
    cosigned: Cosigned,
    policy: Policy,
    known: Vec<Known>,
    /// The newest checkpoint with the cosignatures it has got.
    newest: Option<Checkpoint>,
}

/// What is known of one witness.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// What it cosigned last, as far as it has told.
    size: u64,
    paused_until: Option<Instant>,
}

/// How a witness took a checkpoint.
enum Outcome {
    Lines(String),
    Failed(String),
}

impl Collector {
    /// A collector for the log in a folder.
    ///
    /// # Errors
    /// When the log cannot be read, or there is no place for the cosignatures.
    pub fn open(log: &std::path::Path, policy: Policy) -> Result<Self, Error> {
        let reader = Arc::new(Reader::open(log)?);
        let newest = reader.cosigned()?;
        Ok(Self {
            reader,
            cosigned: Cosigned::open(log)?,
            known: vec![Known::default(); policy.witnesses().len()],
            policy,
            newest,
        })
    }

    /// Asks after every checkpoint until the line ends.
    pub async fn run(mut self, mut live: broadcast::Receiver<Live>) {
        loop {
            if let Err(error) = self.round().await {
                tracing::warn!(%error, "cosignatures were not kept");
            }
            if !next_checkpoint(&mut live, ASK_AGAIN_EVERY).await {
                return;
            }
        }
    }

    /// Asks every witness that has not cosigned the newest checkpoint, all at once.
    ///
    /// # Errors
    /// When the log cannot be read or what was cosigned cannot be kept. A witness that gives no
    /// answer is no error.
    pub async fn round(&mut self) -> Result<(), Error> {
        let published = self.reader.checkpoint()?;
        if published.size == 0 {
            return Ok(());
        }
        let same = |kept: &&Checkpoint| kept.note().text() == published.note().text();
        let mut checkpoint = self
            .newest
            .as_ref()
            .filter(same)
            .unwrap_or(&published)
            .clone();
        let mut asking = JoinSet::new();
        for (at, peer) in self.policy.witnesses().iter().enumerate() {
            let paused = self.known[at]
                .paused_until
                .is_some_and(|until| until > Instant::now());
            if paused || peer.url.is_none() || checkpoint.verify_cosignature(&peer.key).is_ok() {
                continue;
            }
            let (reader, peer, size) = (self.reader.clone(), peer.clone(), self.known[at].size);
            let published = published.clone();
            asking.spawn(async move { (at, ask(&reader, &peer, size, published).await) });
        }
        while let Some(asked) = asking.join_next().await {
            let Ok((at, outcome)) = asked else { continue };
            match outcome {
                Outcome::Lines(lines) if self.take(at, &mut checkpoint, &lines) => {
                    self.known[at].size = published.size;
                    self.keep(&checkpoint)?;
                }
                Outcome::Lines(_) => self.pause(at, "its cosignature does not verify"),
                Outcome::Failed(why) => self.pause(at, &why),
            }
        }
        Ok(())
    }

    /// Adds the lines that are this witness's cosignatures; false when there is none.
    fn take(&self, at: usize, checkpoint: &mut Checkpoint, lines: &str) -> bool {
        let mut cosigned = checkpoint.clone();
        for line in lines.lines() {
            let ours = NoteSignature::parse(line).ok().filter(|line| {
                let key = &self.policy.witnesses()[at].key;
                line.name == key.name() && line.key_id == key.id()
            });
            if let Some(line) = ours
                && cosigned.add_signature(line).is_err()
            {
                return false;
            }
        }
        let key = &self.policy.witnesses()[at].key;
        let verifies = cosigned.verify_cosignature(key).is_ok();
        if verifies {
            *checkpoint = cosigned;
        }
        verifies
    }

    fn keep(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let witnessed = !self.policy.asks_for_nobody() && self.policy.judge(checkpoint).met;
        let now_ns = nanoseconds(Timestamp::now());
        self.cosigned.keep(checkpoint, witnessed, now_ns)?;
        self.newest = Some(checkpoint.clone());
        Ok(())
    }

    fn pause(&mut self, at: usize, why: &str) {
        let witness = &self.policy.witnesses()[at].name;
        tracing::warn!(%witness, %why, "no cosignature");
        self.known[at].paused_until = Some(Instant::now() + PAUSE_AFTER_FAILURE);
    }
}

/// Asks one witness; when it cosigned another size last, once more from there.
async fn ask(reader: &Reader, peer: &Peer, mut size: u64, checkpoint: Checkpoint) -> Outcome {
    let Some(url) = &peer.url else {
        return Outcome::Failed("the policy gives no address".into());
    };
    for _ in 0..2 {
        if size > checkpoint.size {
            return Outcome::Failed(format!(
                "it cosigned size {size}, but the log has {}: was the log rolled back?",
                checkpoint.size
            ));
        }
        let proof = match reader.consistency_proof(size, checkpoint.size) {
            Ok(proof) => proof,
            Err(error) => return Outcome::Failed(error.to_string()),
        };
        let request = AddCheckpoint {
            old_size: size,
            proof,
            checkpoint: checkpoint.clone(),
        };
        match add_checkpoint(url, &request).await {
            Ok(Answer::Cosigned(lines)) => return Outcome::Lines(lines),
            Ok(Answer::LastSize(last)) if last != size => size = last,
            Ok(Answer::LastSize(_)) => {
                return Outcome::Failed("it cosigned another root of this size".into());
            }
            Ok(Answer::Refused { status }) => {
                return Outcome::Failed(format!("it refused with status {status}"));
            }
            Err(error) => return Outcome::Failed(error.to_string()),
        }
    }
    Outcome::Failed("its size changes all the time".into())
}
