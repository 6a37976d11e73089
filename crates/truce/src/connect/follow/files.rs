//! The file that is followed, and the files it becomes when it is rotated.

use std::collections::VecDeque;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use truce_core::Digest;

use super::Read;
use super::cursor::Cursor;
use crate::connect::gate::Framing;

/// Bytes read at a time, beyond the beginning of a message that waits for its end.
const CHUNK_BYTES: usize = 256 << 10;

/// Bytes at the beginning of a file by which it is known again.
const HEAD_BYTES: usize = 1_024;

/// Looks at a renamed file that has not grown before it is left: whoever writes may still hold it.
const LAST_LOOKS: u32 = 5;

/// Endings of files that rotation has packed; what is in them cannot be followed.
const PACKED: [&str; 5] = ["gz", "xz", "zst", "bz2", "zip"];

/// What one look gave.
#[derive(Debug)]
pub(super) enum Step {
    /// Messages.
    Read(Read),
    /// Nothing new.
    Nothing,
    /// Another file, or the same from its beginning: look again at once.
    Again(&'static str),
    /// There is no file.
    Absent,
}

/// The file that is read now, and those that come after it.
#[derive(Debug)]
pub(super) struct Files {
    path: PathBuf,
    framing: Framing,
    open: Option<Open>,
    /// Rotated files that were begun after the one that is read, in order.
    later: VecDeque<PathBuf>,
    /// Where to go on, until the file is found.
    resume: Option<Cursor>,
}

#[derive(Debug)]
struct Open {
    file: File,
    inode: u64,
    head: Vec<u8>,
    /// Where the next message begins.
    offset: u64,
    /// Messages to pass over from there on.
    skip: u64,
    /// Bytes behind `offset` that are no whole message yet.
    rest: Vec<u8>,
    idle_looks: u32,
}

impl Files {
    pub(super) fn new(path: PathBuf, framing: Framing) -> Self {
        Self {
            path,
            framing,
            open: None,
            later: VecDeque::new(),
            resume: None,
        }
    }

    /// Goes on at a cursor.
    pub(super) fn resume(&mut self, cursor: Cursor) {
        self.resume = Some(cursor);
    }

    /// Reads what is new, or finds out that nothing is.
    pub(super) fn step(&mut self) -> io::Result<Step> {
        let Some(open) = &mut self.open else {
            return self.open_next();
        };
        let read = open.read(self.framing)?;
        if let Some(read) = read {
            open.idle_looks = 0;
            return Ok(Step::Read(read));
        }
        if open.file.metadata()?.len() < open.end() {
            open.begin_anew()?;
            return Ok(Step::Again(
                "the file was truncated; reading it from its beginning",
            ));
        }
        let renamed = match fs::metadata(&self.path) {
            Ok(now) => inode(&now) != open.inode,
            // Renamed, and the new one is not there yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Step::Nothing),
            Err(error) => return Err(error),
        };
        if !renamed {
            return Ok(Step::Nothing);
        }
        open.idle_looks += 1;
        if open.idle_looks < LAST_LOOKS && self.later.is_empty() {
            return Ok(Step::Nothing);
        }
        let last = open.finish(self.framing);
        self.open = None;
        Ok(last.map_or(Step::Again("the file was rotated"), Step::Read))
    }

    fn open_next(&mut self) -> io::Result<Step> {
        if let Some(cursor) = self.resume.take() {
            match self.find(&cursor) {
                Ok(Some(open)) => {
                    self.open = Some(open);
                    return Ok(Step::Again("going on where reading stopped"));
                }
                Ok(None) => {}
                Err(error) => {
                    self.resume = Some(cursor);
                    return Err(error);
                }
            }
            // Falls through to the file as it is now.
            tracing::warn!(path = %self.path.display(),
                "the file that was read last is gone; what it held beyond the cursor is lost");
        }
        let path = self.later.pop_front().unwrap_or_else(|| self.path.clone());
        match Open::at(&path, 0, 0) {
            Ok(open) => {
                self.open = Some(open);
                Ok(Step::Again("opened"))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Step::Absent),
            Err(error) => Err(error),
        }
    }

    /// The file that a cursor belongs to, under its present name, opened at the cursor; notes those
    /// that were begun after it.
    fn find(&mut self, cursor: &Cursor) -> io::Result<Option<Open>> {
        let mut candidates = self.rotated()?;
        candidates.push(self.path.clone());
        let is_it = |path: &PathBuf| is_cursors(path, cursor).unwrap_or(false);
        let mut fitting: Vec<usize> = (0..candidates.len())
            .filter(|n| is_it(&candidates[*n]))
            .collect();
        // A copy (of `copytruncate`) has another number; the original is preferred.
        let same = |n: &usize| {
            fs::metadata(&candidates[*n]).is_ok_and(|found| inode(&found) == cursor.inode)
        };
        if fitting.iter().any(same) {
            fitting.retain(same);
        }
        let Some(&n) = fitting.last() else {
            return Ok(None);
        };
        let (path, last) = (candidates[n].clone(), candidates.len() - 1);
        self.later = candidates.into_iter().take(last).skip(n + 1).collect();
        Open::at(&path, cursor.offset, cursor.skip).map(Some)
    }

    /// Files beside the one that is followed whose names begin with its own, oldest first.
    fn rotated(&self) -> io::Result<Vec<PathBuf>> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let Some(folder) = self.path.parent() else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for item in fs::read_dir(folder)? {
            let path = item?.path();
            let other = path.file_name().unwrap_or_default().to_string_lossy();
            let packed = path
                .extension()
                .is_some_and(|end| PACKED.iter().any(|packed| end == *packed));
            let is_rotated = other.len() > name.len() && other.starts_with(name.as_ref());
            if is_rotated && !packed && path.is_file() {
                found.push((fs::metadata(&path)?.modified()?, path));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, path)| path).collect())
    }
}

impl Open {
    fn at(path: &Path, offset: u64, skip: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let inode = inode(&file.metadata()?);
        let head = head(&mut file, offset)?;
        file.seek(SeekFrom::Start(offset))?;
        let rest = Vec::new();
        Ok(Self {
            file,
            inode,
            head,
            offset,
            skip,
            rest,
            idle_looks: 0,
        })
    }

    /// Behind everything that was read.
    fn end(&self) -> u64 {
        self.offset + self.rest.len() as u64
    }

    fn begin_anew(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        (self.offset, self.skip) = (0, 0);
        self.head.clear();
        self.rest.clear();
        Ok(())
    }

    /// The next messages that are whole.
    fn read(&mut self, framing: Framing) -> io::Result<Option<Read>> {
        loop {
            let chunk = (&self.file).take(CHUNK_BYTES as u64);
            if { chunk }.read_to_end(&mut self.rest)? == 0 {
                return Ok(None);
            }
            let (messages, begun) = cut(framing, &self.rest);
            let read = self.consume(messages, self.rest.len() - begun);
            if !read.bytes.is_empty() {
                return Ok(Some(read));
            }
        }
    }

    /// What is left when nobody will write more.
    fn finish(&mut self, framing: Framing) -> Option<Read> {
        let mut messages = Vec::new();
        let mut deliver = |message: &[u8]| messages.push(message.to_vec());
        let mut framer = framing.framer();
        framer.push(&self.rest, &mut deliver);
        framer.finish(&mut deliver);
        let read = self.consume(messages, self.rest.len());
        (!read.bytes.is_empty()).then_some(read)
    }

    fn consume(&mut self, mut messages: Vec<Vec<u8>>, bytes: usize) -> Read {
        let from = self.cursor();
        let skipped = usize::try_from(self.skip).map_or(messages.len(), |n| n.min(messages.len()));
        messages.drain(..skipped);
        self.skip -= skipped as u64;
        if self.head.len() as u64 == self.offset {
            let more = bytes.min(HEAD_BYTES - self.head.len());
            self.head.extend_from_slice(&self.rest[..more]);
        }
        self.rest.drain(..bytes);
        self.offset += bytes as u64;
        Read {
            bytes: messages,
            from: Cursor {
                skip: skipped as u64,
                ..from
            },
            to: self.cursor(),
        }
    }

    fn cursor(&self) -> Cursor {
        let before = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let head = &self.head[..self.head.len().min(before)];
        Cursor {
            inode: self.inode,
            head: Digest::of(head),
            head_bytes: head.len() as u64,
            offset: self.offset,
            skip: self.skip,
            entry: 0,
            in_entry: 0,
        }
    }
}

/// The messages in bytes that begin with one, and how many bytes at the end are no whole one yet.
fn cut(framing: Framing, bytes: &[u8]) -> (Vec<Vec<u8>>, usize) {
    let mut whole = Vec::new();
    let mut framer = framing.framer();
    framer.push(bytes, &mut |message| whole.push(message.to_vec()));
    let (mut begun, mut cut_off) = (0, false);
    framer.finish(&mut |message| {
        begun += message.len();
        // The framer takes away the CR of a line, and the byte order mark of the first.
        cut_off = bytes.ends_with(b"\r") && !message.ends_with(b"\r");
    });
    begun += usize::from(cut_off);
    if whole.is_empty() && begun > 0 && bytes.starts_with(b"\xEF\xBB\xBF") {
        begun = bytes.len();
    }
    (whole, begun.min(bytes.len()))
}

/// Up to [`HEAD_BYTES`] of a file, and no more than lie before an offset.
fn head(file: &mut File, offset: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    let most = offset.min(HEAD_BYTES as u64);
    io::Read::by_ref(file).take(most).read_to_end(&mut head)?;
    Ok(head)
}

fn is_cursors(path: &Path, cursor: &Cursor) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let long_enough = file.metadata()?.len() >= cursor.offset;
    let head = head(&mut file, cursor.head_bytes)?;
    Ok(long_enough && Digest::of(&head) == cursor.head)
}

/// The file's number on its disk; where there are none, its first bytes alone must tell.
fn inode(metadata: &Metadata) -> u64 {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::ino(metadata);
    #[cfg(not(unix))]
    return {
        let _ = metadata;
        0
    };
}

#[cfg(test)]
mod tests {
    use truce_core::mission::Transport;

    use super::*;
    use crate::connect::stage::network;

    fn framing(format: &str) -> Framing {
        let mut feed = network(Transport::HttpPush).feeds.remove(0);
        feed.format = format.parse().unwrap();
        Framing::of(&feed).unwrap()
    }

    struct Followed {
        folder: tempfile::TempDir,
        files: Files,
    }

    impl Followed {
        fn new(text: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("f.log");
            fs::write(&path, text).unwrap();
            let files = Files::new(path, framing("aivdm"));
            Self { folder, files }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        /// All that is to be read now, and a cursor behind it.
        fn read(&mut self) -> (Vec<String>, Option<Cursor>) {
            let (mut texts, mut cursor, mut idle) = (Vec::new(), None, 0);
            while idle <= LAST_LOOKS {
                match self.files.step().unwrap() {
                    Step::Read(read) => {
                        texts.extend(read.bytes.iter().map(|b| String::from_utf8_lossy(b).into()));
                        cursor = Some(read.to);
                    }
                    Step::Again(_) => {}
                    Step::Nothing | Step::Absent => idle += 1,
                }
            }
            (texts, cursor)
        }

        /// A follower of the same file that begins at a cursor.
        fn resumed(self, cursor: Cursor) -> Self {
            let mut files = Files::new(self.path("f.log"), framing("aivdm"));
            files.resume(cursor);
            Self { files, ..self }
        }
    }

    fn cursor(text: &str) -> (Followed, Cursor) {
        let mut followed = Followed::new(text);
        let (_, cursor) = followed.read();
        (followed, cursor.unwrap())
    }

    #[test]
    fn reading_goes_on_at_the_cursor_wherever_the_file_has_gone() {
        type Change = fn(&Followed);
        let renamed: Change = |f| {
            fs::rename(f.path("f.log"), f.path("f.log.1")).unwrap();
            fs::write(f.path("f.log"), "d\n").unwrap();
        };
        let twice: Change = |f| {
            let file = File::options().append(true).open(f.path("f.log")).unwrap();
            file.set_modified(std::time::SystemTime::UNIX_EPOCH)
                .unwrap();
            fs::rename(f.path("f.log"), f.path("f.log.2")).unwrap();
            fs::write(f.path("f.log.1"), "d\n").unwrap();
            fs::write(f.path("f.log.0.gz"), "x\n").unwrap();
            fs::write(f.path("f.log"), "e\n").unwrap();
        };
        let copied: Change = |f| {
            fs::copy(f.path("f.log"), f.path("f.log.1")).unwrap();
            fs::write(f.path("f.log"), "d\n").unwrap();
        };
        let gone: Change = |f| fs::write(f.path("f.log"), "d\n").unwrap();
        let cases: [(&str, Change, &[&str]); 5] = [
            ("as it was", |_| (), &["c"]),
            ("renamed", renamed, &["c", "d"]),
            ("renamed twice", twice, &["c", "d", "e"]),
            ("copied and truncated", copied, &["c", "d"]),
            ("truncated", gone, &["d"]),
        ];
        for (name, change, expected) in cases {
            let (followed, cursor) = cursor("a\nb\n");
            fs::write(followed.path("f.log"), "a\nb\nc\n").unwrap();
            change(&followed);
            let (texts, _) = followed.resumed(cursor).read();
            assert_eq!(texts, expected, "{name}");
        }
    }

    #[test]
    fn a_line_without_its_end_waits_and_the_cursor_stands_before_it() {
        let (mut followed, cursor) = cursor("a\r\nb\r");
        assert_eq!(cursor.offset, 3);
        fs::write(followed.path("f.log"), "a\r\nb\r\nc").unwrap();
        assert_eq!(followed.read().0, ["b"]);
        let (texts, _) = followed.resumed(cursor).read();
        assert_eq!(texts, ["b"]);
    }

    #[test]
    fn a_file_that_is_left_gives_its_last_line() {
        let mut followed = Followed::new("a\nb");
        assert_eq!(followed.read().0, ["a"]);
        fs::rename(followed.path("f.log"), followed.path("f.log.1")).unwrap();
        fs::write(followed.path("f.log"), "c\n").unwrap();
        assert_eq!(followed.read().0, ["b", "c"]);
    }

    #[test]
    fn messages_behind_a_cursor_are_passed_over() {
        let (followed, cursor) = cursor("a\n");
        fs::write(followed.path("f.log"), "a\nb\nc\nd\n").unwrap();
        let (texts, _) = followed.resumed(Cursor { skip: 2, ..cursor }).read();
        assert_eq!(texts, ["d"]);
    }

    #[test]
    fn bytes_are_cut_and_what_is_unfinished_is_measured() {
        let cases: [(&[u8], usize, usize); 8] = [
            (b"a\nb\n", 2, 0),
            (b"a\nbc", 1, 2),
            (b"a\nb\r", 1, 2),
            (b"a\n\r", 1, 1),
            (b"\xEF\xBB\xBFa", 0, 4),
            (b"$GPGGA,1*00$GPRMC", 0, 17),
            (b"a\n$GPGGA,1*00$GPRMC\r", 1, 18),
            (b"", 0, 0),
        ];
        for (bytes, whole, begun) in cases {
            let (messages, rest) = cut(framing("aivdm"), bytes);
            assert_eq!((messages.len(), rest), (whole, begun), "{bytes:?}");
        }
        // A format with a framing of its own: an AVR message ends with a semicolon.
        let (messages, rest) = cut(framing("avr"), b"*8D4840D6202CC371C32CE0576098;\n*8D48");
        assert_eq!((messages.len(), rest), (1, 5));
    }
}
