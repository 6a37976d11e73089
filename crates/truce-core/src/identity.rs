//! Names: readable slugs for what we configure, digests for what we receive and derive, serial
//! numbers for what we publish.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
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

/// What is gathered before it is hashed, bytes: the parts of an observation's name fit.
const HELD_BYTES: usize = 192;

/// A SHA-256 digest (FIPS 180-4), written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of several parts under a domain separator. Each part is preceded by its length
    /// (8 bytes, big-endian), so that no two different lists of parts hash the same bytes.
    #[must_use]
    pub fn of_parts(domain: &str, parts: &[&[u8]]) -> Self {
        // Gathered before they are hashed: names are made of many small pieces, for every message, and
        // the hash takes whole blocks of 64 bytes fastest.
        let mut hasher = Sha256::new();
        let (mut held, mut len) = ([0; HELD_BYTES], 0);
        for part in std::iter::once(domain.as_bytes()).chain(parts.iter().copied()) {
            for piece in [&(part.len() as u64).to_be_bytes(), part] {
                if let Some(room) = held.get_mut(len..len + piece.len()) {
                    room.copy_from_slice(piece);
                    len += piece.len();
                } else {
                    hasher.update(&held[..len]);
                    hasher.update(piece);
                    len = 0;
                }
            }
        }
        hasher.update(&held[..len]);
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
        let nibble = |b: u8| match b {
            b'0'..=b'9' => Ok(b - b'0'),
            b'a'..=b'f' => Ok(b - b'a' + 10),
            _ => Err(refuse()),
        };
        if text.len() != 64 {
            return Err(refuse());
        }
        let mut out = [0; 32];
        for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
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
        assert_eq!(text.parse::<Digest>().unwrap(), Digest::of(b"abc"));
        assert!(text.to_uppercase().parse::<Digest>().is_err());
        assert!("é".repeat(32).parse::<Digest>().is_err());
    }

    #[test]
    fn parts_are_hashed_with_their_lengths() {
        for lengths in [[0, 0, 0], [1, 30, 200], [256, 1, 255], [1000, 3, 300]] {
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
