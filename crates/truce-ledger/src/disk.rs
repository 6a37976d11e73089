//! The one door to the file system.
//!
//! Every file-system call of this crate goes through [`Disk`]: the real one here, and a simulated
//! one in the tests that fails any chosen call and forgets whatever was not synced.

use crate::error::{Error, Result};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Held as long as the lock is; dropping it releases the folder.
pub(crate) type LockGuard = Box<dyn Send + Sync>;

/// The file-system calls the log needs, and no others.
pub(crate) trait Disk: Send + Sync {
    /// Creates a directory; one that exists already is fine.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Creates an empty file for writing, or empties the one that is there.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a file that exists.
    fn open(&self, path: &Path, write: bool) -> io::Result<Box<dyn DiskFile>>;
    /// Renames a file over whatever is at `to`.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty directory.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a directory durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// The names in a directory, sorted.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
    /// A file's length in bytes.
    fn len(&self, path: &Path) -> io::Result<u64>;
    /// Takes the exclusive lock on a file, creating it when needed; `None` when it is held.
    fn lock(&self, path: &Path) -> io::Result<Option<LockGuard>>;
}

/// An open file.
pub(crate) trait DiskFile: Send + Sync {
    /// Reads at most `buf.len()` bytes at `offset`; 0 at the end of the file.
    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
    /// Writes at `offset` and returns how many bytes were taken.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize>;
    /// Makes contents and length durable (fdatasync).
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file to `len` bytes.
    fn set_len(&mut self, len: u64) -> io::Result<()>;
    /// The file's length in bytes.
    fn len(&mut self) -> io::Result<u64>;
}

/// The operating system's file system.
pub(crate) struct RealDisk;

impl Disk for RealDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        match fs::create_dir(path) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            other => other,
        }
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        Ok(Box::new(options.open(path)?))
    }

    fn open(&self, path: &Path, write: bool) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(
            OpenOptions::new().read(true).write(write).open(path)?,
        ))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        // Only Unix can open a directory to sync it; elsewhere the file system orders names itself.
        if cfg!(unix) {
            File::open(path)?.sync_all()
        } else {
            Ok(())
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = fs::read_dir(path)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn len(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(path)?.len())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<LockGuard>> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(e),
        }
    }
}

impl DiskFile for File {
    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.seek(SeekFrom::Start(offset))?;
        self.read(buf)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        self.seek(SeekFrom::Start(offset))?;
        self.write(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    fn len(&mut self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}

/// Writes all bytes at `offset`; a write that takes nothing is an error.
pub(crate) fn write_all(file: &mut dyn DiskFile, offset: u64, bytes: &[u8]) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match file.write_at(offset + done as u64, &bytes[done..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => done += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Reads until `buf` is full or the file ends; returns how much was read.
pub(crate) fn read_full(file: &mut dyn DiskFile, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buf.len() {
        match file.read_at(offset + done as u64, &mut buf[done..]) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(done)
}

/// A log's folder on some disk; paths are relative to it and use `/`.
#[derive(Clone)]
pub(crate) struct Folder {
    disk: Arc<dyn Disk>,
    root: PathBuf,
}

/// Where a new file is written before it is renamed into place. There is one writer, so one name.
const TEMPORARY: &str = "incoming.tmp";

impl Folder {
    pub(crate) fn real(root: &Path) -> Folder {
        Folder {
            disk: Arc::new(RealDisk),
            root: root.to_path_buf(),
        }
    }

    #[cfg(test)]
    pub(crate) fn on(disk: Arc<dyn Disk>, root: &Path) -> Folder {
        Folder {
            disk,
            root: root.to_path_buf(),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The whole path of a file; the root itself for the empty name.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() {
            self.root.clone()
        } else {
            self.root.join(name)
        }
    }

    /// Creates the folder itself, durably. Its parent must exist.
    pub(crate) fn create_root(&self) -> Result<()> {
        self.create_dir("")?;
        let parent = self
            .root
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        self.disk
            .sync_dir(parent)
            .map_err(|e| Error::io("sync directory", parent, e))
    }

    /// Takes the exclusive lock of the folder.
    pub(crate) fn lock(&self) -> Result<LockGuard> {
        let path = self.path("lock");
        let guard = self
            .disk
            .lock(&path)
            .map_err(|e| Error::io("lock", &path, e))?;
        guard.ok_or_else(|| Error::Locked {
            dir: self.root.clone(),
        })
    }

    /// Reads a file whole; longer than `limit` bytes is refused.
    pub(crate) fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>> {
        let path = self.path(name);
        let mut file = self.open(name, false)?;
        let len = file.len().map_err(|e| Error::io("stat", &path, e))?;
        if len > limit {
            return Err(Error::TooLarge {
                what: "file length in bytes",
                limit,
                got: len,
            });
        }
        let mut bytes = vec![0; usize::try_from(len).expect("the limit fits in memory")];
        let read = read_full(file.as_mut(), 0, &mut bytes);
        let read = read.map_err(|e| Error::io("read", &path, e))?;
        bytes.truncate(read);
        Ok(bytes)
    }

    pub(crate) fn open(&self, name: &str, write: bool) -> Result<Box<dyn DiskFile>> {
        let path = self.path(name);
        self.disk
            .open(&path, write)
            .map_err(|e| Error::io("open", &path, e))
    }

    pub(crate) fn create(&self, name: &str) -> Result<Box<dyn DiskFile>> {
        let path = self.path(name);
        self.disk
            .create(&path)
            .map_err(|e| Error::io("create", &path, e))
    }

    /// A file's length in bytes; `None` when there is no such file.
    pub(crate) fn len(&self, name: &str) -> Result<Option<u64>> {
        let path = self.path(name);
        match self.disk.len(&path) {
            Ok(len) => Ok(Some(len)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::io("stat", &path, e)),
        }
    }

    /// The sorted names in a directory; none when there is no such directory.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>> {
        let path = self.path(name);
        match self.disk.list(&path) {
            Ok(names) => Ok(names),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(Error::io("list", &path, e)),
        }
    }

    /// Removes a file; it is fine when there is none.
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        match self.disk.remove(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", &path, e)),
            _ => Ok(()),
        }
    }

    /// Removes a directory of files and the files in it; returns how many.
    pub(crate) fn remove_files(&self, name: &str) -> Result<u64> {
        let files = self.list(name)?;
        for file in &files {
            self.remove(&format!("{name}/{file}"))?;
        }
        let path = self.path(name);
        self.disk
            .remove_dir(&path)
            .map_err(|e| Error::io("remove directory", &path, e))?;
        Ok(files.len() as u64)
    }

    /// Removes what a crashed writer left behind.
    pub(crate) fn remove_temporary(&self) -> Result<()> {
        self.remove(TEMPORARY)
    }

    pub(crate) fn create_dir(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        self.disk
            .create_dir(&path)
            .map_err(|e| Error::io("create directory", &path, e))
    }

    pub(crate) fn sync_dir(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        self.disk
            .sync_dir(&path)
            .map_err(|e| Error::io("sync directory", &path, e))
    }

    /// Writes a file so that its name only ever shows the whole old or the whole new content:
    /// temporary file, fdatasync, rename. The name is durable once its directory is synced.
    fn replace_unsynced(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let temporary = self.path(TEMPORARY);
        let mut file = self.create(TEMPORARY)?;
        write_all(file.as_mut(), 0, bytes).map_err(|e| Error::io("write", &temporary, e))?;
        file.sync().map_err(|e| Error::io("sync", &temporary, e))?;
        drop(file);
        let path = self.path(name);
        self.disk
            .rename(&temporary, &path)
            .map_err(|e| Error::io("rename", &path, e))
    }

    /// Replaces a file in the root directory, durably and atomically.
    pub(crate) fn replace(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.replace_unsynced(name, bytes)?;
        self.sync_dir("")
    }
}

/// Writes many files into a tree of directories and then syncs each directory touched once.
pub(crate) struct TreeWriter {
    folder: Folder,
    /// Directories known to exist durably.
    durable: BTreeSet<String>,
    /// Directories made since the last [`TreeWriter::sync`].
    made: BTreeSet<String>,
    /// Directories whose names changed since then.
    changed: BTreeSet<String>,
}

impl TreeWriter {
    pub(crate) fn new(folder: Folder) -> TreeWriter {
        let (made, changed) = (BTreeSet::new(), BTreeSet::new());
        TreeWriter {
            folder,
            durable: BTreeSet::new(),
            made,
            changed,
        }
    }

    /// Writes a file with its contents durable; its name is durable after [`TreeWriter::sync`].
    pub(crate) fn write(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let (dir, _) = name
            .rsplit_once('/')
            .expect("a tile's path has directories");
        self.make_dir(dir)?;
        self.folder.replace_unsynced(name, bytes)?;
        self.changed.insert(dir.to_owned());
        Ok(())
    }

    /// A directory seen for the first time may be left from a crash with its name not durable,
    /// so its parent counts as changed even when it exists.
    fn make_dir(&mut self, dir: &str) -> Result<()> {
        if dir.is_empty() || self.durable.contains(dir) || self.made.contains(dir) {
            return Ok(());
        }
        let parent = dir.rsplit_once('/').map_or("", |(parent, _)| parent);
        self.make_dir(parent)?;
        self.folder.create_dir(dir)?;
        self.made.insert(dir.to_owned());
        self.changed.insert(parent.to_owned());
        Ok(())
    }

    /// Makes all names durable, deepest directory first.
    pub(crate) fn sync(&mut self) -> Result<()> {
        for dir in std::mem::take(&mut self.changed).iter().rev() {
            self.folder.sync_dir(dir)?;
        }
        self.durable.append(&mut self.made);
        Ok(())
    }
}
