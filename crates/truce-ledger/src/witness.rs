//! C2SP tlog-witness without a network: the one request of its protocol, and the witness that
//! answers it.
//!
//! A witness remembers of each log the newest checkpoint it cosigned, in one file, and cosigns only
//! what extends it. It never cosigns two checkpoints of one log that contradict each other, nor a
//! smaller tree after a larger one, whatever happens in between: the memory is durable before the
//! cosignature is given out, and a witness whose memory is gone does not start.
//!
//! ```text
//! <dir>/lock       held by the one witness
//! <dir>/memory     truce-witness/v1 · sha256 over the rest · per log a length and its checkpoint
//! <dir>/forks/…    signed checkpoints that were refused, as evidence against their log
//! ```

use crate::checkpoint::Checkpoint;
use crate::cosignature::cosign;
use crate::disk::{Folder, LockGuard};
use crate::error::{Error, Result};
use crate::key::{SigningKey, VerifierKey};
use crate::merkle::{Digest, MAX_PROOF_HASHES, sha256, verify_consistency};
use crate::mldsa::MlDsaKey;
use crate::note::{MAX_NOTE_BYTES, NoteSignature};
use crate::policy::MAX_POLICY_ITEMS;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// A request longer than this is refused: a note and a proof.
pub const MAX_REQUEST_BYTES: usize = MAX_NOTE_BYTES + 4096;
/// Refused checkpoints kept as evidence; a log that lies more often is known by then.
const MAX_FORKS: usize = 256;
/// A consistency proof holds no more hashes (tlog-witness, "add-checkpoint").
const MAX_REQUEST_HASHES: usize = 63;
const _: () = assert!(MAX_REQUEST_HASHES <= MAX_PROOF_HASHES);

const MEMORY: &str = "memory";
const FORKS: &str = "forks";
const MAGIC: &str = "truce-witness/v1";

/// The body of an `add-checkpoint` request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the tree that the witness cosigned last.
    pub old_size: u64,
    /// That the new tree extends it.
    pub proof: Vec<Digest>,
    /// The new checkpoint.
    pub checkpoint: Checkpoint,
}

impl AddCheckpoint {
    /// Reads a request; nothing is verified.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::TooLarge`].
    pub fn parse(text: &str) -> Result<AddCheckpoint> {
        let bad = |what: &str| Error::malformed("add-checkpoint request", what);
        let (limit, got) = (MAX_REQUEST_BYTES as u64, text.len() as u64);
        if got > limit {
            let what = "add-checkpoint request in bytes";
            return Err(Error::TooLarge { what, limit, got });
        }
        let (head, note) = text
            .split_once("\n\n")
            .ok_or_else(|| bad("no empty line"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old_size = old
            .and_then(|old| {
                old.parse()
                    .ok()
                    .filter(|size: &u64| size.to_string() == old)
            })
            .ok_or_else(|| bad("the old size"))?;
        let hash = |line: &str| {
            let bytes = STANDARD.decode(line).ok();
            let digest = bytes.and_then(|bytes| Digest::try_from(bytes).ok());
            digest.ok_or_else(|| bad("a hash line"))
        };
        let proof = lines.map(hash).collect::<Result<Vec<_>>>()?;
        if proof.len() > MAX_REQUEST_HASHES {
            return Err(bad("too many hashes"));
        }
        Ok(AddCheckpoint {
            old_size,
            proof,
            checkpoint: Checkpoint::parse(note)?,
        })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        for hash in &self.proof {
            writeln!(f, "{}", STANDARD.encode(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Why a witness did not cosign.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The old size is greater than the new one: a tree does not shrink.
    #[error("the old size is greater than the checkpoint's")]
    Shrinks,
    /// The log is none of those it witnesses.
    #[error("this witness does not know the log")]
    UnknownLog,
    /// The log did not sign the checkpoint.
    #[error("no signature of the log's key verifies")]
    NotSigned,
    /// It has cosigned another size last.
    #[error("this witness cosigned size {size} last")]
    Conflict {
        /// The size it cosigned last.
        size: u64,
    },
    /// The proof does not lead from what it cosigned to the checkpoint, or it cosigned another root
    /// of this size.
    #[error("the checkpoint is not proven to extend what this witness cosigned")]
    Inconsistent,
    /// It could not make its memory durable.
    #[error(transparent)]
    Memory(#[from] Error),
}

impl Refusal {
    /// The HTTP status by which tlog-witness tells it.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Refusal::Shrinks => 400,
            Refusal::NotSigned => 403,
            Refusal::UnknownLog => 404,
            Refusal::Conflict { .. } => 409,
            Refusal::Inconsistent => 422,
            Refusal::Memory(_) => 500,
        }
    }
}

/// A witness with its memory. There is one per folder.
pub struct Witness {
    folder: Folder,
    key: SigningKey,
    /// For a second line under each checkpoint.
    ml_dsa: Option<MlDsaKey>,
    logs: Vec<VerifierKey>,
    /// By origin, what it cosigned last.
    memory: BTreeMap<String, Checkpoint>,
    _lock: LockGuard,
}

impl Witness {
    /// Begins a witness that remembers nothing, in a folder without one.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Io`].
    pub fn create(dir: &Path) -> Result<()> {
        Self::create_in(&Folder::real(dir))
    }

    /// Opens a witness for the logs of these keys, each named by its origin.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::NotALedger`] when its memory is gone; [`Error::Malformed`] when
    /// it is damaged; [`Error::TooLarge`] for too many logs.
    pub fn open(dir: &Path, key: SigningKey, logs: Vec<VerifierKey>) -> Result<Witness> {
        Self::open_in(&Folder::real(dir), key, logs)
    }

    pub(crate) fn create_in(folder: &Folder) -> Result<()> {
        folder.create_root()?;
        let _lock = folder.lock()?;
        if folder.len(MEMORY)?.is_some() {
            let dir = folder.root().to_path_buf();
            return Err(Error::Exists { dir });
        }
        folder.create_dir(FORKS)?;
        folder.replace(MEMORY, memory_text(&BTreeMap::new()).as_bytes())
    }

    pub(crate) fn open_in(
        folder: &Folder,
        key: SigningKey,
        logs: Vec<VerifierKey>,
    ) -> Result<Witness> {
        let (limit, got) = (MAX_POLICY_ITEMS as u64, logs.len() as u64);
        if got > limit {
            let what = "number of logs";
            return Err(Error::TooLarge { what, limit, got });
        }
        if folder.len(MEMORY)?.is_none() {
            let dir = folder.root().to_path_buf();
            return Err(Error::NotALedger { dir });
        }
        let _lock = folder.lock()?;
        let most = MAX_POLICY_ITEMS * (MAX_NOTE_BYTES + 40);
        let text = String::from_utf8(folder.read(MEMORY, most as u64)?)
            .map_err(|_| Error::malformed("witness's memory", "it is not UTF-8"))?;
        let memory = parse_memory(&text)?;
        folder.remove_temporary()?;
        // A crash may have come between the rename and the sync of the directory.
        folder.replace(MEMORY, text.as_bytes())?;
        Ok(Witness {
            folder: folder.clone(),
            key,
            ml_dsa: None,
            logs,
            memory,
            _lock,
        })
    }

    /// Gives each cosignature a second line, by ML-DSA-44, from now on.
    pub fn cosign_also_with(&mut self, key: MlDsaKey) {
        self.ml_dsa = Some(key);
    }

    /// The key that verifies its second lines.
    #[must_use]
    pub fn ml_dsa_cosigner(&self) -> Option<VerifierKey> {
        self.ml_dsa.as_ref().map(MlDsaKey::cosigner)
    }

    /// The key that verifies its cosignatures.
    #[must_use]
    pub fn cosigner(&self) -> VerifierKey {
        self.key.cosigner()
    }

    /// What it cosigned last, by origin.
    pub fn cosigned(&self) -> impl Iterator<Item = &Checkpoint> {
        self.memory.values()
    }

    /// Cosigns a checkpoint that extends what it cosigned before, at `now_s` seconds since the Unix
    /// epoch, with a line for each of its keys; remembers it first. The order of the checks is that of tlog-witness.
    ///
    /// # Errors
    /// Why not. Nothing is remembered then, but for evidence of a fork.
    pub fn add_checkpoint(
        &mut self,
        request: &AddCheckpoint,
        now_s: u64,
    ) -> Result<Vec<NoteSignature>, Refusal> {
        let new = &request.checkpoint;
        let mut keys = self
            .logs
            .iter()
            .filter(|key| key.name() == new.origin)
            .peekable();
        if keys.peek().is_none() {
            return Err(Refusal::UnknownLog);
        }
        if !keys.any(|key| new.verify(key).is_ok()) {
            return Err(Refusal::NotSigned);
        }
        if request.old_size > new.size {
            return Err(Refusal::Shrinks);
        }
        let last = self.memory.get(&new.origin);
        let (size, root) = last.map_or((0, crate::merkle::empty_root()), |c| (c.size, c.root));
        if request.old_size != size {
            return Err(Refusal::Conflict { size });
        }
        let same = new.size > size || new.root == root;
        let proven = if size == 0 {
            request.proof.is_empty()
        } else {
            verify_consistency(size, &root, new.size, &new.root, &request.proof).is_ok()
        };
        if !(same && proven) {
            self.keep_fork(new)?;
            return Err(Refusal::Inconsistent);
        }
        let mut lines = vec![cosign(new.note().text(), now_s, &self.key)];
        if let Some(key) = &self.ml_dsa {
            lines.push(key.cosign(new, now_s)?);
        }
        if last.is_none_or(|last| last.size < new.size) {
            self.remember(new.clone())?;
        }
        Ok(lines)
    }

    fn remember(&mut self, checkpoint: Checkpoint) -> Result<()> {
        let mut memory = self.memory.clone();
        memory.insert(checkpoint.origin.clone(), checkpoint);
        self.folder
            .replace(MEMORY, memory_text(&memory).as_bytes())?;
        self.memory = memory;
        Ok(())
    }

    /// Keeps a checkpoint that its log signed and that contradicts what was cosigned, or was not
    /// proven not to. Beside it lies what was cosigned.
    fn keep_fork(&self, checkpoint: &Checkpoint) -> Result<()> {
        if self.folder.list(FORKS)?.len() >= MAX_FORKS {
            return Ok(());
        }
        let mut text = checkpoint.to_string();
        if let Some(last) = self.memory.get(&checkpoint.origin) {
            text = format!("{text}\n{last}");
        }
        let id = &sha256(text.as_bytes())[..8];
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder
            .replace(&format!("{FORKS}/{id}"), text.as_bytes())?;
        self.folder.sync_dir(FORKS)
    }
}

fn memory_text(memory: &BTreeMap<String, Checkpoint>) -> String {
    let notes = memory.values().map(|checkpoint| {
        let note = checkpoint.to_string();
        format!("{}\n{note}", note.len())
    });
    let notes: String = notes.collect();
    let check = STANDARD.encode(sha256(notes.as_bytes()));
    format!("{MAGIC}\nsha256 {check}\n{notes}")
}

fn parse_memory(text: &str) -> Result<BTreeMap<String, Checkpoint>> {
    let bad = |what: &str| Error::malformed("witness's memory", what);
    let (check, mut notes) = text
        .strip_prefix(MAGIC)
        .and_then(|rest| rest.strip_prefix("\nsha256 "))
        .and_then(|rest| rest.split_once('\n'))
        .ok_or_else(|| bad("the first lines"))?;
    if check != STANDARD.encode(sha256(notes.as_bytes())) {
        return Err(bad("its checksum is another"));
    }
    let mut memory = BTreeMap::new();
    while !notes.is_empty() {
        let (len, rest) = notes.split_once('\n').ok_or_else(|| bad("a length"))?;
        let len: usize = len.parse().map_err(|_| bad("a length"))?;
        let (note, rest) = rest.split_at_checked(len).ok_or_else(|| bad("a length"))?;
        let checkpoint = Checkpoint::parse(note)?;
        memory.insert(checkpoint.origin.clone(), checkpoint);
        notes = rest;
    }
    Ok(memory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::MemoryTree;
    use crate::sim::{Fault, Restart, SimDisk};
    use proptest::prelude::*;
    use std::sync::Arc;

    const ORIGIN: &str = "example.com/log";

    fn key() -> SigningKey {
        SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap()
    }

    fn witness_key() -> SigningKey {
        SigningKey::from_seed("witness.example", &[3; 32]).unwrap()
    }

    fn tree(branch: u8, size: u64) -> MemoryTree {
        let leaf = |i: u64| sha256(&[u8::from(i >= 3) * branch, u8::try_from(i).unwrap()]);
        MemoryTree::new((0..size).map(leaf).collect())
    }

    /// A request of a log whose branches part at size 3.
    fn request(branch: u8, old_size: u64, size: u64) -> AddCheckpoint {
        let tree = tree(branch, size);
        let proof = match old_size {
            0 => Vec::new(),
            old if old <= size => tree.consistency(old, size).unwrap(),
            _ => Vec::new(),
        };
        AddCheckpoint {
            old_size,
            proof,
            checkpoint: Checkpoint::sign(ORIGIN, size, tree.root(), &key()).unwrap(),
        }
    }

    fn open(dir: &Path) -> Witness {
        Witness::open(dir, witness_key(), vec![key().verifier()]).unwrap()
    }

    fn status(witness: &mut Witness, request: &AddCheckpoint) -> u16 {
        witness
            .add_checkpoint(request, 9)
            .map_or_else(|e| e.status(), |_| 200)
    }

    #[test]
    fn it_cosigns_growth_and_refuses_rollback_and_split_view_also_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        Witness::create(dir.path()).unwrap();
        assert!(matches!(
            Witness::create(dir.path()),
            Err(Error::Exists { .. })
        ));
        for restarted in [false, true] {
            let mut witness = open(dir.path());
            assert!(
                Witness::open(dir.path(), witness_key(), Vec::new()).is_err(),
                "second"
            );
            if !restarted {
                assert_eq!(status(&mut witness, &request(1, 4, 5)), 409);
                let key = MlDsaKey::from_seed("witness.example", &[4; 32]).unwrap();
                witness.cosign_also_with(key);
                let grown = request(1, 0, 5);
                let mut checkpoint = grown.checkpoint.clone();
                for line in witness.add_checkpoint(&grown, 1_700_000_000).unwrap() {
                    checkpoint.add_signature(line).unwrap();
                }
                for key in [witness.cosigner(), witness.ml_dsa_cosigner().unwrap()] {
                    let time = checkpoint.verify_cosignature(&key).unwrap();
                    assert_eq!(time, 1_700_000_000);
                }
                assert_eq!(status(&mut witness, &request(1, 5, 9)), 200);
            }
            let same = request(1, 9, 9);
            assert_eq!(status(&mut witness, &same), 200, "the same again");
            assert_eq!(status(&mut witness, &request(1, 0, 5)), 409, "a rollback");
            assert_eq!(
                status(&mut witness, &request(1, 9, 5)),
                400,
                "a shrinking tree"
            );
            assert_eq!(
                status(&mut witness, &request(2, 9, 9)),
                422,
                "a fork of this size"
            );
            assert_eq!(
                status(&mut witness, &request(2, 9, 12)),
                422,
                "a fork that grew"
            );
            let mut forged = request(1, 9, 12);
            forged.checkpoint = Checkpoint::sign(ORIGIN, 12, [1; 32], &witness_key()).unwrap();
            assert_eq!(status(&mut witness, &forged), 403);
            let other = Checkpoint::sign("example.com/other", 12, [1; 32], &key()).unwrap();
            forged.checkpoint = other;
            assert_eq!(status(&mut witness, &forged), 404);
            assert_eq!(witness.cosigned().map(|c| c.size).collect::<Vec<_>>(), [9]);
        }
        assert_eq!(
            std::fs::read_dir(dir.path().join(FORKS)).unwrap().count(),
            2
        );
    }

    #[test]
    fn a_witness_without_its_memory_does_not_start() {
        let dir = tempfile::tempdir().unwrap();
        Witness::create(dir.path()).unwrap();
        let path = dir.path().join(MEMORY);
        assert_eq!(status(&mut open(dir.path()), &request(1, 0, 5)), 200);
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            assert!(
                Witness::open(dir.path(), witness_key(), Vec::new()).is_err(),
                "byte {at}"
            );
        }
        std::fs::remove_file(&path).unwrap();
        let opened = Witness::open(dir.path(), witness_key(), Vec::new());
        assert!(matches!(opened, Err(Error::NotALedger { .. })));
    }

    /// Whatever call fails and however the machine comes back, no cosignature that was given out is
    /// forgotten.
    #[test]
    fn no_fault_makes_it_forget_what_it_cosigned() {
        let folder = |disk: &SimDisk| Folder::on(Arc::new(disk.clone()), Path::new("/witness"));
        let open =
            |disk: &SimDisk| Witness::open_in(&folder(disk), witness_key(), vec![key().verifier()]);
        let base = SimDisk::new();
        Witness::create_in(&folder(&base)).unwrap();
        let run = |disk: &SimDisk| {
            let mut told = 0;
            let Ok(mut witness) = open(disk) else {
                return told;
            };
            for (old, size) in [(0, 5), (5, 9), (9, 12)] {
                match witness.add_checkpoint(&request(1, old, size), 1) {
                    Ok(_) => told = size,
                    Err(_) => break,
                }
            }
            told
        };
        let base = base.restart(Restart::NothingUnsynced);
        let clean = base.fork(Fault::Never);
        assert_eq!(run(&clean), 12);
        for call in 0..clean.calls() {
            for fault in [Fault::Error(call), Fault::Full(call), Fault::Crash(call)] {
                let disk = base.fork(fault);
                let told = run(&disk);
                for how in [Restart::Kill, Restart::NothingUnsynced, Restart::Some(call)] {
                    let witness = open(&disk.restart(how)).unwrap();
                    let remembers = witness.cosigned().map(|c| c.size).max().unwrap_or(0);
                    assert!(
                        remembers >= told,
                        "{fault:?}, {how:?}: {remembers} of {told}"
                    );
                }
            }
        }
    }

    #[test]
    fn requests_round_trip_and_others_are_refused() {
        let made = request(1, 5, 9);
        let text = made.to_string();
        assert_eq!(AddCheckpoint::parse(&text).unwrap(), made);
        assert!(text.starts_with("old 5\n"));
        for (from, to) in [
            ("old 5", "old 05"),
            ("old 5", "old -5"),
            ("old 5", "old"),
            ("old 5\n", "old 5\nAAAA\n"),
            ("\n\nexample", "\nexample"),
        ] {
            assert!(
                AddCheckpoint::parse(&text.replacen(from, to, 1)).is_err(),
                "{from} → {to}"
            );
        }
        let line = format!("{}\n", STANDARD.encode([0; 32])).repeat(MAX_REQUEST_HASHES + 1);
        let long = text.replacen("old 5\n", &format!("old 5\n{line}"), 1);
        assert!(AddCheckpoint::parse(&long).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parsers_panic(text in "\\PC{0,80}", cut in 0usize..300) {
            let _ = (AddCheckpoint::parse(&text), parse_memory(&text));
            let made = request(1, 5, 9).to_string();
            let cut = made.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(0);
            let _ = AddCheckpoint::parse(&format!("{}{text}{}", &made[..cut], &made[cut..]));
        }
    }
}
