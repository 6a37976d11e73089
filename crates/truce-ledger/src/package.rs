//! The evidence package: one POSIX tar file (ustar, IEEE Std 1003.1-1988) that holds everything a
//! reader needs and opens with any archiver.
//!
//! ```text
//! evidence.json              entries and released rows with salts and paths (see `evidence`)
//! checkpoint                 the signed checkpoint with its cosignatures
//! entries/<index>            each entry's bytes: what is hashed into the log
//! proofs/<index>.tlog-proof  the same inclusion proofs as C2SP tlog-proof, for tools of others
//! frames/<index>             of entries released whole, their bytes in the log's segment
//! …                          whatever the caller adds for people, made from the rows
//! ```
//!
//! Everything but `evidence.json` and the frames follows from it, so verifying a package also compares
//! these files: what a person reads is what was proven. A frame is entry and rows with their salts, as
//! `segment` lays them out; its entry commits to every bit of it.

use crate::error::{Error, Result};
use crate::evidence::{EvidenceFile, Line, MAX_EVIDENCE_BYTES, VerifyReport};
use crate::key::VerifierKey;
use crate::policy::Policy;
use crate::segment::{body_entry, body_rows, check_rows};
use std::collections::BTreeMap;

/// A package with more files is refused.
pub const MAX_PACKAGE_FILES: usize = 1 << 16;

/// Files by their names in the package.
pub type PackageFiles = BTreeMap<String, Vec<u8>>;

const EVIDENCE: &str = "evidence.json";
const FRAMES: &str = "frames/";
const BLOCK: usize = 512;
/// Longest name of a file: the ustar name field.
const MAX_NAME_BYTES: usize = 100;

/// Evidence with the files that are read beside it. Nothing in it is to be believed before
/// [`Package::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    evidence: EvidenceFile,
    /// All other files.
    files: PackageFiles,
}

impl Package {
    /// Makes a package of evidence and of files for people.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a file's name that is too long or taken.
    pub fn new(evidence: EvidenceFile, more: PackageFiles) -> Result<Package> {
        let mut files = generated(&evidence)?;
        for (name, bytes) in more {
            check_name(&name)?;
            if name == EVIDENCE || files.insert(name, bytes).is_some() {
                return Err(Error::malformed("package", "a file's name is taken"));
            }
        }
        Ok(Package { evidence, files })
    }

    /// Adds the bytes of an entry's frame, from [`crate::Reader::frame`].
    ///
    /// # Errors
    /// [`Error::Proof`] when the evidence does not release the entry whole: the frame would tell
    /// what is withheld.
    pub fn add_frame(&mut self, index: u64, frame: Vec<u8>) -> Result<()> {
        check_frame(&self.evidence, index, &frame)?;
        self.files.insert(format!("{FRAMES}{index}"), frame);
        Ok(())
    }

    /// The evidence.
    #[must_use]
    pub fn evidence(&self) -> &EvidenceFile {
        &self.evidence
    }

    /// The files beside it.
    #[must_use]
    pub fn files(&self) -> &PackageFiles {
        &self.files
    }

    /// True when bytes look like a package rather than a bare evidence file.
    #[must_use]
    pub fn is_package(bytes: &[u8]) -> bool {
        bytes.get(257..262) == Some(b"ustar")
    }

    /// The package as a tar file; the same package always gives the same bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut tar = Vec::new();
        // The names that begin with a capital, README above all, come first by themselves.
        for (name, bytes) in &self.files {
            push_file(&mut tar, name, bytes);
        }
        push_file(&mut tar, EVIDENCE, self.evidence.to_json().as_bytes());
        tar.resize(tar.len() + 2 * BLOCK, 0);
        tar
    }

    /// Reads a package; nothing is verified.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::TooLarge`].
    pub fn parse(bytes: &[u8]) -> Result<Package> {
        let (limit, got) = (MAX_EVIDENCE_BYTES as u64, bytes.len() as u64);
        if got > limit {
            let what = "package in bytes";
            return Err(Error::TooLarge { what, limit, got });
        }
        let mut files = parse_tar(bytes)?;
        let evidence = files.remove(EVIDENCE);
        let evidence = evidence.ok_or_else(|| Error::malformed("package", "no evidence.json"))?;
        Ok(Package {
            evidence: EvidenceFile::parse(&evidence)?,
            files,
        })
    }

    /// Checks everything as [`EvidenceFile::verify`] does, and that each file that follows from the
    /// evidence, and each of `more`, says the same. A file that is neither is a line that does not
    /// hold.
    ///
    /// # Errors
    /// As [`EvidenceFile::verify`].
    pub fn verify(
        &self,
        key: &VerifierKey,
        policy: Option<&Policy>,
        more: &PackageFiles,
    ) -> Result<VerifyReport> {
        let mut report = self.evidence.verify(key, policy)?;
        let mut expected = generated(&self.evidence)?;
        expected.extend(more.clone());
        let mut lines = Vec::new();
        for (index, frame) in self.frames() {
            let name = format!("{FRAMES}{index}");
            let number = index.parse().ok().filter(|n: &u64| n.to_string() == index);
            let checked = number
                .ok_or_else(|| Error::malformed("package", "a frame's name"))
                .and_then(|index| check_frame(&self.evidence, index, frame));
            let statement = format!("the log's own bytes of entry {index} are in {name}");
            report.check(checked, statement);
            expected.insert(name, frame.clone());
        }
        for name in expected.keys().chain(self.files.keys()) {
            if expected.get(name) != self.files.get(name) {
                let statement = format!("the file {name} is what the evidence says");
                let line = Line {
                    holds: false,
                    statement,
                };
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        if lines.is_empty() {
            let count = self.files.len();
            lines.push(Line {
                holds: true,
                statement: format!("the {count} files beside the evidence say what it says"),
            });
        }
        report.lines.extend(lines);
        Ok(report)
    }

    /// The frames, by the index in their names.
    fn frames(&self) -> impl Iterator<Item = (&str, &Vec<u8>)> {
        let files = self.files.iter();
        files.filter_map(|(name, bytes)| Some((name.strip_prefix(FRAMES)?, bytes)))
    }
}

/// That a frame is the entry's, that its rows are those committed to, and that none of them is
/// withheld.
fn check_frame(evidence: &EvidenceFile, index: u64, frame: &[u8]) -> Result<()> {
    let wrong = |what| Error::Proof {
        proof: "frame",
        what,
    };
    let entry = evidence.entries.iter().find(|entry| entry.index == index);
    let entry = entry.ok_or(wrong("the evidence has no such entry"))?;
    if body_entry(frame).is_none_or(|bytes| bytes.as_slice() != entry.entry) {
        return Err(wrong("it begins with another entry"));
    }
    check_rows(frame)?;
    let erased = body_rows(frame)?;
    let erased = erased.iter().filter(|row| row.bytes().is_none()).count();
    let whole = entry.rows.iter().all(|row| row.row.parts_withheld() == 0);
    if whole && entry.withheld_rows as usize == erased {
        Ok(())
    } else {
        Err(wrong("the evidence withholds some of its rows"))
    }
}

/// The files that follow from the evidence.
fn generated(evidence: &EvidenceFile) -> Result<PackageFiles> {
    let mut files = PackageFiles::new();
    files.insert(
        "checkpoint".into(),
        evidence.checkpoint.clone().into_bytes(),
    );
    for (position, entry) in evidence.entries.iter().enumerate() {
        let index = entry.index;
        files.insert(format!("entries/{index}"), entry.entry.clone());
        let proof = evidence.tlog_proof(position)?.to_string().into_bytes();
        files.insert(format!("proofs/{index}.tlog-proof"), proof);
    }
    Ok(files)
}

fn check_name(name: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    let parts_fine = name
        .split('/')
        .all(|part| !part.is_empty() && !part.starts_with('.'));
    if name.len() > MAX_NAME_BYTES || !name.bytes().all(plain) || !parts_fine {
        return Err(Error::malformed("package", "a file's name"));
    }
    Ok(())
}

fn push_file(tar: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    let mut header = [0u8; BLOCK];
    let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{:011o}\0", bytes.len()).as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    tar.extend_from_slice(&header);
    tar.extend_from_slice(bytes);
    tar.resize(tar.len().next_multiple_of(BLOCK), 0);
}

fn parse_tar(tar: &[u8]) -> Result<PackageFiles> {
    let bad = |what: &str| Error::malformed("package", what);
    let mut files = PackageFiles::new();
    let mut rest = tar;
    loop {
        let (header, behind) = rest
            .split_first_chunk::<BLOCK>()
            .ok_or_else(|| bad("it is cut"))?;
        if header.iter().all(|byte| *byte == 0) {
            return Ok(files);
        }
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        let blanks = 8 * u32::from(b' ');
        let own: u32 = header[148..156].iter().map(|byte| u32::from(*byte)).sum();
        if &header[257..263] != b"ustar\0"
            || &header[154..156] != b"\0 "
            || octal(&header[148..156]) != Some(sum - own + blanks)
        {
            return Err(bad("a header does not check"));
        }
        if !matches!(header[156], b'0' | 0) || header[345] != 0 {
            return Err(bad("something other than a plain file"));
        }
        let name = header[..MAX_NAME_BYTES].split(|byte| *byte == 0).next();
        let name = name.and_then(|name| std::str::from_utf8(name).ok());
        let name = name.ok_or_else(|| bad("a file's name"))?;
        check_name(name)?;
        let len = octal(&header[124..136]).ok_or_else(|| bad("a length"))? as usize;
        let (bytes, _) = behind
            .split_at_checked(len)
            .ok_or_else(|| bad("it is cut"))?;
        if files.insert(name.to_owned(), bytes.to_vec()).is_some() {
            return Err(bad("a file twice"));
        }
        if files.len() > MAX_PACKAGE_FILES {
            return Err(bad("too many files"));
        }
        rest = behind
            .get(len.next_multiple_of(BLOCK)..)
            .unwrap_or_default();
    }
}

/// A number in octal digits, up to a blank or zero byte.
fn octal(field: &[u8]) -> Option<u32> {
    let digits = field.split(|byte| matches!(byte, 0 | b' ')).next()?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tar() -> Vec<u8> {
        let mut tar = Vec::new();
        push_file(&mut tar, "README.txt", b"read me");
        push_file(&mut tar, "proofs/7.tlog-proof", &[7; 1024]);
        push_file(&mut tar, "empty", b"");
        tar.resize(tar.len() + 2 * BLOCK, 0);
        tar
    }

    #[test]
    fn an_archive_round_trips() {
        let files = parse_tar(&tar()).unwrap();
        assert_eq!(files.len(), 3);
        assert_eq!(files["README.txt"], b"read me");
        assert_eq!(files["proofs/7.tlog-proof"], [7; 1024]);
        assert!(Package::is_package(&tar()) && !Package::is_package(b"{}"));
    }

    #[test]
    fn a_changed_or_cut_header_is_refused() {
        for at in 0..BLOCK {
            let mut changed = tar();
            changed[at] ^= 1;
            assert!(parse_tar(&changed).is_err(), "byte {at}");
        }
        for len in [0, 100, 512, 600] {
            assert!(parse_tar(&tar()[..len]).is_err(), "{len} bytes");
        }
        let twice = [&tar()[..1024], &tar()[..]].concat();
        assert!(parse_tar(&twice).is_err());
        for name in ["/etc/passwd", "../x", "a//b", "a b", ".hidden", ""] {
            let mut tar = Vec::new();
            push_file(&mut tar, name, b"x");
            assert!(parse_tar(&[tar, vec![0; 1024]].concat()).is_err(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..2000),
            changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..20),
        ) {
            let _ = Package::parse(&bytes);
            let mut changed = tar();
            for (at, byte) in changes {
                let at = at % changed.len();
                changed[at] = byte;
            }
            let _ = Package::parse(&changed);
        }
    }
}
