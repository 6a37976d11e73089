//! Names: readable slugs for what we configure, digests for what we receive and derive, serial
//! numbers for what we publish.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::block_api::compress256;
use sha2::{Digest as _, Sha256};

/// Longest slug accepted, in bytes: long enough for `sector/post/sensor`, short enough for a table.
pub const SLUG_LENGTH_MAX: usize = 96;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not a slug.
    #[error(
        "`{text}` is not a name: use 1 to 96 of the characters a-z 0-9 - _ . / and begin with a \
         letter or digit"
    )]
    Slug {
        /// The text as given.
        text: String,
    },
    /// The text is not a digest.
    #[error("`{text}` is not a digest: 64 hexadecimal digits are expected")]
    Digest {
        /// The text as given.
        text: String,
    },
}

/// A readable name of something that is configured, such as `post-17/acoustic-2`. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(Arc<str>);

impl Slug {
    /// Reads a slug.
    ///
    /// # Errors
    /// [`Error::Slug`] when the text is empty, too long, or holds a character that a name may not.
    pub fn new(text: &str) -> Result<Self, Error> {
        let allowed = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/');
        let first = text.bytes().next();
        let begins_well = first.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if begins_well && text.len() <= SLUG_LENGTH_MAX && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(Error::Slug {
                text: text.chars().take(SLUG_LENGTH_MAX).collect(),
            })
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl FromStr for Slug {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl std::borrow::Borrow<str> for Slug {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for Slug {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

/// Block of the hash, bytes (FIPS 180-4, 1, figure 1).
const BLOCK_BYTES: usize = 64;

/// Blocks that are gathered before they are hashed: the parts of an observation's name and of most
/// messages fit.
const HELD_BLOCKS: usize = 5;

/// Bits' count at the end of the last block, bytes.
const COUNT_BYTES: usize = 8;

/// The hash's first value (FIPS 180-4, 5.3.3).
const INITIAL: [u32; 8] = [
    0x6A09_E667,
    0xBB67_AE85,
    0x3C6E_F372,
    0xA54F_F53A,
    0x510E_527F,
    0x9B05_688C,
    0x1F83_D9AB,
    0x5BE0_CD19,
];

/// Short input gathered in place, since names are made of many small pieces, for every message, and
/// the hash takes whole blocks fastest.
struct Held {
    bytes: [u8; HELD_BLOCKS * BLOCK_BYTES],
    len: usize,
}

impl Default for Held {
    fn default() -> Self {
        Self {
            bytes: [0; HELD_BLOCKS * BLOCK_BYTES],
            len: 0,
        }
    }
}

impl Held {
    /// Appends a piece; `None` when it does not fit with the padding.
    fn push(&mut self, piece: &[u8]) -> Option<()> {
        let end = self.len + piece.len();
        if end + 1 + COUNT_BYTES > self.bytes.len() {
            return None;
        }
        self.bytes[self.len..end].copy_from_slice(piece);
        self.len = end;
        Some(())
    }

    /// The digest: a bit that is set, zeros, and the count of bits end the last block (5.1.1).
    fn digest(mut self) -> [u8; 32] {
        self.bytes[self.len] = 0x80;
        let blocks = (self.len + 1 + COUNT_BYTES).div_ceil(BLOCK_BYTES);
        let end = blocks * BLOCK_BYTES;
        let count = 8 * self.len as u64;
        self.bytes[end - COUNT_BYTES..end].copy_from_slice(&count.to_be_bytes());
        let (blocks, _) = self.bytes[..end].as_chunks::<BLOCK_BYTES>();
        let mut state = INITIAL;
        compress256(&mut state, blocks);
        let mut out = [0; 32];
        for (place, word) in out.chunks_exact_mut(4).zip(state) {
            place.copy_from_slice(&word.to_be_bytes());
        }
        out
    }
}

/// The value of each hexadecimal digit; 255 for bytes that are none.
const DIGIT_VALUES: [u8; 256] = {
    let mut table = [255; 256];
    let mut value = 0;
    while value < 16 {
        table[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    table
};

/// A SHA-256 digest (FIPS 180-4), written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of what pieces are, one behind the other.
    #[must_use]
    pub fn of_pieces<P: AsRef<[u8]>>(pieces: impl IntoIterator<Item = P>) -> Self {
        let mut hasher = Sha256::new();
        for piece in pieces {
            hasher.update(piece);
        }
        Self(hasher.finalize().into())
    }

    /// The digest of several parts under a domain separator. Each part is preceded by its length
    /// (8 bytes, big-endian), so that no two different lists of parts hash the same bytes.
    #[must_use]
    pub fn of_parts(domain: &str, parts: &[&[u8]]) -> Self {
        let mut held = Held::default();
        let parts = || std::iter::once(domain.as_bytes()).chain(parts.iter().copied());
        let pushed = parts().try_for_each(|part| {
            held.push(&(part.len() as u64).to_be_bytes())?;
            held.push(part)
        });
        if pushed.is_some() {
            return Self(held.digest());
        }
        let mut hasher = Sha256::new();
        for part in parts() {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// The first twelve hexadecimal digits, for people to read.
    #[must_use]
    pub fn short(&self) -> String {
        let mut text = self.to_string();
        text.truncate(12);
        text
    }

    fn hex(&self) -> [u8; 64] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut out = [0; 64];
        for (pair, byte) in out.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        out
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.hex()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = || Error::Digest {
            text: text.chars().take(80).collect(),
        };
        if text.len() != 64 {
            return Err(refuse());
        }
        let mut out = [0; 32];
        let mut seen = 0;
        for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let [high, low] = [pair[0], pair[1]].map(|digit| DIGIT_VALUES[usize::from(digit)]);
            seen |= high | low;
            *byte = high << 4 | low;
        }
        if seen > 15 {
            return Err(refuse());
        }
        Ok(Self(out))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hex = self.hex();
        serializer.serialize_str(std::str::from_utf8(&hex).map_err(serde::ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! named_by_digest {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Digest);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.short())
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self, Error> {
                text.parse().map(Self)
            }
        }
    };
}

named_by_digest!(
    /// Names a raw message: the digest of its source and its bytes.
    MessageId
);
named_by_digest!(
    /// Names an observation: the digest of its message, its place in that message and its time.
    ObservationId
);
named_by_digest!(
    /// Names a track: the digest of its founding observation and the rule version.
    TrackId
);
named_by_digest!(
    /// Names an incident: the digest of its founding observation, kind and rule version.
    IncidentId
);

/// The serial number of a published finding, counted from 1 and never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FindingSerial(pub u64);

impl fmt::Display for FindingSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F-{:06}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs() {
        for good in ["post-17/acoustic-2", "a", "0", "viirs.n20"] {
            assert_eq!(Slug::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "-a", "Post", "a b", "ä", &"a".repeat(97)] {
            assert!(Slug::new(bad).is_err(), "{bad:?} was accepted");
        }
    }

    /// FIPS 180-4 example: the digest of "abc".
    #[test]
    fn digest_of_abc() {
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), text);
        assert_eq!(Digest::of_pieces(["a", "", "bc"]).to_string(), text);
        assert_eq!(text.parse::<Digest>().unwrap(), Digest::of(b"abc"));
        assert!(text.to_uppercase().parse::<Digest>().is_err());
        assert!("é".repeat(32).parse::<Digest>().is_err());
    }

    #[test]
    fn parts_are_hashed_with_their_lengths() {
        // Every length around the ends of blocks, and longer ones.
        let single = (0..400).map(|length| [length, 0, 0]);
        let several = [[1, 30, 200], [256, 1, 255], [1000, 3, 300]];
        for lengths in single.chain(several) {
            let parts = lengths.map(|length: usize| vec![0x5A; length]);
            let mut whole = 1u64.to_be_bytes().to_vec();
            whole.push(b'x');
            for part in &parts {
                whole.extend((part.len() as u64).to_be_bytes());
                whole.extend(part);
            }
            let parts = parts.each_ref().map(Vec::as_slice);
            assert_eq!(
                Digest::of_parts("x", &parts),
                Digest::of(&whole),
                "{lengths:?}"
            );
        }
    }

    #[test]
    fn parts_are_not_confused_by_their_borders() {
        let one = Digest::of_parts("x", &[b"ab", b"c"]);
        assert_ne!(one, Digest::of_parts("x", &[b"a", b"bc"]));
        assert_ne!(one, Digest::of_parts("y", &[b"ab", b"c"]));
    }
}
