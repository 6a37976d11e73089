//! A disk in memory for the fault tests: it can fail any chosen call, and on a power cut it
//! forgets whatever was not synced, sector by sector and name by name.
//!
//! Harsher than real file systems: unsynced sectors and names survive in any combination, and a
//! failed sync leaves its sectors clean but not durable, as Linux does.

use crate::disk::{Disk, DiskFile, LockGuard};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// Unsynced data survives or is lost in pieces of this many bytes.
const SECTOR_BYTES: usize = 64;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The call with this number fails; a write has then taken half its bytes.
    Error(u64),
    /// The call with this number, if a write, takes only half and says so.
    ShortWrite(u64),
    /// From this call on, whatever needs space fails.
    Full(u64),
    /// From this call on everything fails: the process is dead.
    Crash(u64),
    Never,
}

/// What is left when the machine comes up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restart {
    /// Only the process died: everything written is there.
    Kill,
    /// The power failed: only what was synced is there.
    NothingUnsynced,
    /// The power failed: of what was not synced, a part chosen by this seed is there.
    Some(u64),
}

#[derive(Debug, Clone, Default)]
struct Inode {
    data: Vec<u8>,
    durable: Vec<u8>,
    dirty: BTreeSet<usize>,
}

impl Inode {
    fn touch(&mut self, from: usize, to: usize) {
        self.dirty
            .extend(from / SECTOR_BYTES..to.div_ceil(SECTOR_BYTES));
    }

    /// Copies one sector to what is durable, extending or not what is there.
    fn persist(&mut self, sector: usize) {
        let from = sector * SECTOR_BYTES;
        let to = (from + SECTOR_BYTES).min(self.data.len());
        if from < to {
            let len = self.durable.len().max(to);
            self.durable.resize(len, 0);
            self.durable[from..to].copy_from_slice(&self.data[from..to]);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Dir,
    File(usize),
}

#[derive(Debug, Clone)]
struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, Node>,
    durable_names: BTreeMap<PathBuf, Node>,
    locks: BTreeSet<PathBuf>,
    /// Counts restarts; handles of an earlier life do nothing.
    life: u64,
    calls: u64,
    fault: Fault,
    /// Every content that ever stood under the name `checkpoint`.
    published: Vec<Vec<u8>>,
}

/// What a call does besides reading.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    Reads,
    NeedsSpace,
    Other,
}

/// How a call goes on.
#[derive(PartialEq, Eq)]
enum Course {
    Fine,
    Half,
    HalfThenFail,
}

impl State {
    /// Counts a call and decides its fate.
    fn call(&mut self, effect: Effect) -> io::Result<Course> {
        let call = self.calls;
        self.calls += 1;
        match self.fault {
            Fault::Error(at) if at == call && effect == Effect::NeedsSpace => {
                Ok(Course::HalfThenFail)
            }
            Fault::Error(at) if at == call => Err(io::Error::from_raw_os_error(5)),
            Fault::ShortWrite(at) if at == call => Ok(Course::Half),
            Fault::Full(at) if at <= call && effect == Effect::NeedsSpace => {
                Err(io::ErrorKind::StorageFull.into())
            }
            Fault::Crash(at) if at == call && effect == Effect::NeedsSpace => {
                Ok(Course::HalfThenFail)
            }
            Fault::Crash(at) if at <= call => Err(io::Error::other("the process is dead")),
            _ => Ok(Course::Fine),
        }
    }

    fn file(&self, path: &Path) -> io::Result<usize> {
        match self.names.get(path) {
            Some(Node::File(inode)) => Ok(*inode),
            Some(Node::Dir) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn check_parent(&self, path: &Path) -> io::Result<()> {
        let parent = path.parent().unwrap_or(Path::new("/"));
        let is_dir = parent == Path::new("/") || self.names.get(parent) == Some(&Node::Dir);
        if is_dir {
            Ok(())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }
}

/// A shared handle on the simulated disk.
#[derive(Clone)]
pub(crate) struct SimDisk(Arc<Mutex<State>>);

impl SimDisk {
    pub(crate) fn new() -> SimDisk {
        SimDisk(Arc::new(Mutex::new(State {
            inodes: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            locks: BTreeSet::new(),
            life: 0,
            calls: 0,
            fault: Fault::Never,
            published: Vec::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// A copy that shares nothing with this disk; calls are counted from 0.
    pub(crate) fn fork(&self, fault: Fault) -> SimDisk {
        let mut state = self.state().clone();
        (state.calls, state.fault) = (0, fault);
        SimDisk(Arc::new(Mutex::new(state)))
    }

    pub(crate) fn calls(&self) -> u64 {
        self.state().calls
    }

    pub(crate) fn published(&self) -> Vec<Vec<u8>> {
        self.state().published.clone()
    }

    /// The disk as it is after a restart, without faults.
    pub(crate) fn restart(&self, how: Restart) -> SimDisk {
        let disk = self.fork(Fault::Never);
        let mut state = disk.state();
        state.life += 1;
        state.locks.clear();
        if how != Restart::Kill {
            let mut random = match how {
                Restart::Some(seed) => Some(seed),
                _ => None,
            };
            state.cut_power(&mut random);
        }
        drop(state);
        disk
    }

    /// Writes the files out to a real directory.
    pub(crate) fn materialise(&self, root: &Path, dir: &Path) {
        let state = self.state();
        for (path, node) in &state.names {
            let Ok(relative) = path.strip_prefix(root) else {
                continue;
            };
            let target = dir.join(relative);
            match node {
                Node::Dir => std::fs::create_dir_all(target).unwrap(),
                Node::File(inode) => std::fs::write(target, &state.inodes[*inode].data).unwrap(),
            }
        }
    }
}

impl State {
    fn cut_power(&mut self, random: &mut Option<u64>) {
        for inode in &mut self.inodes {
            for sector in std::mem::take(&mut inode.dirty) {
                if coin(random) {
                    inode.persist(sector);
                }
            }
            if inode.durable.len() > inode.data.len() && coin(random) {
                inode.durable.truncate(inode.data.len());
            }
            inode.data = inode.durable.clone();
        }
        let (new, old) = (self.names.clone(), self.durable_names.clone());
        let all: BTreeSet<_> = new.keys().chain(old.keys()).cloned().collect();
        self.names.clear();
        for path in all {
            let survivor = if coin(random) {
                new.get(&path)
            } else {
                old.get(&path)
            };
            if let Some(node) = survivor.filter(|_| self.check_parent(&path).is_ok()) {
                self.names.insert(path, *node);
            }
        }
        self.durable_names = self.names.clone();
    }
}

/// A coin from splitmix64; without a seed always false.
fn coin(random: &mut Option<u64>) -> bool {
    let Some(state) = random else { return false };
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) & 1 == 1
}

fn failed() -> io::Error {
    io::Error::from_raw_os_error(5)
}

impl Disk for SimDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        let course = state.call(Effect::NeedsSpace)?;
        if course == Course::HalfThenFail {
            return Err(failed());
        }
        state.check_parent(path)?;
        match state.names.insert(path.to_path_buf(), Node::Dir) {
            Some(Node::File(_)) => panic!("a directory over a file"),
            _ => Ok(()),
        }
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        let course = state.call(Effect::NeedsSpace)?;
        state.check_parent(path)?;
        let inode = match state.names.get(path) {
            Some(Node::File(inode)) => *inode,
            _ => {
                state.inodes.push(Inode::default());
                let inode = state.inodes.len() - 1;
                state.names.insert(path.to_path_buf(), Node::File(inode));
                inode
            }
        };
        let len = state.inodes[inode].data.len();
        state.inodes[inode].touch(0, len);
        state.inodes[inode].data.clear();
        if course == Course::HalfThenFail {
            return Err(failed());
        }
        Ok(Box::new(SimFile {
            disk: self.clone(),
            inode,
            life: state.life,
        }))
    }

    fn open(&self, path: &Path, _write: bool) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.call(Effect::Reads)?;
        let inode = state.file(path)?;
        Ok(Box::new(SimFile {
            disk: self.clone(),
            inode,
            life: state.life,
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        if state.call(Effect::NeedsSpace)? == Course::HalfThenFail {
            return Err(failed());
        }
        state.check_parent(to)?;
        let inode = state.file(from)?;
        state.names.remove(from);
        state.names.insert(to.to_path_buf(), Node::File(inode));
        if to.ends_with("checkpoint") {
            let data = state.inodes[inode].data.clone();
            state.published.push(data);
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.call(Effect::Other)?;
        state.file(path)?;
        state.names.remove(path);
        Ok(())
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.call(Effect::Other)?;
        if state.names.keys().any(|name| name.parent() == Some(path)) {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        state.names.remove(path);
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.call(Effect::Other)?;
        if path != Path::new("/") && state.names.get(path) != Some(&Node::Dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let State {
            names,
            durable_names,
            ..
        } = &mut *state;
        durable_names.retain(|name, _| name.parent() != Some(path));
        let inside = names.iter().filter(|(name, _)| name.parent() == Some(path));
        durable_names.extend(inside.map(|(name, node)| (name.clone(), *node)));
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut state = self.state();
        state.call(Effect::Reads)?;
        if state.names.get(path) != Some(&Node::Dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inside = state
            .names
            .keys()
            .filter(|name| name.parent() == Some(path));
        Ok(inside
            .map(|p| p.file_name().unwrap().to_str().unwrap().to_owned())
            .collect())
    }

    fn len(&self, path: &Path) -> io::Result<u64> {
        let mut state = self.state();
        state.call(Effect::Reads)?;
        let inode = state.file(path)?;
        Ok(state.inodes[inode].data.len() as u64)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<LockGuard>> {
        let mut state = self.state();
        state.call(Effect::Other)?;
        state.check_parent(path)?;
        if !state.names.contains_key(path) {
            state.inodes.push(Inode::default());
            let inode = state.inodes.len() - 1;
            state.names.insert(path.to_path_buf(), Node::File(inode));
        }
        let taken = state.locks.insert(path.to_path_buf());
        let guard = SimLock {
            disk: self.clone(),
            path: path.to_path_buf(),
            life: state.life,
        };
        Ok(taken.then(|| Box::new(guard) as LockGuard))
    }
}

struct SimLock {
    disk: SimDisk,
    path: PathBuf,
    life: u64,
}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.life == self.life {
            state.locks.remove(&self.path);
        }
    }
}

struct SimFile {
    disk: SimDisk,
    inode: usize,
    life: u64,
}

impl SimFile {
    fn call(&self, effect: Effect) -> io::Result<(MutexGuard<'_, State>, Course)> {
        let mut state = self.disk.state();
        assert_eq!(state.life, self.life, "a handle outlived its process");
        let course = state.call(effect)?;
        Ok((state, course))
    }
}

impl DiskFile for SimFile {
    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let (state, _) = self.call(Effect::Reads)?;
        let data = &state.inodes[self.inode].data;
        let from = usize::try_from(offset).unwrap().min(data.len());
        let n = buf.len().min(data.len() - from);
        buf[..n].copy_from_slice(&data[from..from + n]);
        Ok(n)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let (mut state, course) = self.call(Effect::NeedsSpace)?;
        let n = if course == Course::Fine {
            bytes.len()
        } else {
            bytes.len().div_ceil(2)
        };
        let from = usize::try_from(offset).unwrap();
        let inode = &mut state.inodes[self.inode];
        let len = inode.data.len().max(from + n);
        inode.data.resize(len, 0);
        inode.data[from..from + n].copy_from_slice(&bytes[..n]);
        inode.touch(from, from + n);
        if course == Course::HalfThenFail {
            Err(failed())
        } else {
            Ok(n)
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let called = self.call(Effect::Other).map(|_| ());
        let mut state = self.disk.state();
        let inode = &mut state.inodes[self.inode];
        let dirty = std::mem::take(&mut inode.dirty);
        called?;
        for sector in dirty {
            inode.persist(sector);
        }
        inode.durable.truncate(inode.data.len());
        Ok(())
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        let (mut state, _) = self.call(Effect::Other)?;
        let inode = &mut state.inodes[self.inode];
        inode.data.resize(usize::try_from(len).unwrap(), 0);
        Ok(())
    }

    fn len(&mut self) -> io::Result<u64> {
        let (state, _) = self.call(Effect::Reads)?;
        Ok(state.inodes[self.inode].data.len() as u64)
    }
}
