//! Tiles of the C2SP tlog-tiles specification: their paths and the form of entry bundles.
//!
//! Tiles have height 8. A hash tile is up to 256 concatenated digests; an entry bundle is up to
//! 256 entries, each behind its length as a big-endian 16-bit number.

use crate::error::{Error, Result};
use crate::merkle::{Accumulator, Digest};

/// Hashes in a full tile, entries in a full bundle (tlog-tiles, "Merkle Tree").
pub const TILE_WIDTH: u16 = 256;

/// The highest tile level the specification allows.
pub const MAX_TILE_LEVEL: u8 = 63;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TileKind {
    /// Tree hashes at this tile level (0 is the leaf hashes).
    Hashes(u8),
    /// The entries themselves.
    Entries,
}

/// Names one tile or bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TileId {
    /// Hashes of a level, or entries.
    pub kind: TileKind,
    /// Index of the tile within its level.
    pub index: u64,
    /// Number of hashes or entries, 1 to 256; below 256 the tile is partial.
    pub width: u16,
}

impl TileId {
    /// The path below the log's prefix: `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = match self.kind {
            TileKind::Hashes(level) => format!("tile/{level}/"),
            TileKind::Entries => String::from("tile/entries/"),
        };
        path.push_str(&index_path(self.index));
        if self.width < TILE_WIDTH {
            path.push_str(&format!(".p/{}", self.width));
        }
        path
    }

    /// Reads a path as [`TileId::path`] writes it; any other spelling is refused.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(path: &str) -> Result<TileId> {
        parse_path(path)
            .filter(|tile| tile.path() == path)
            .ok_or_else(|| Error::malformed("tile path", format!("{path:.100}")))
    }

    /// The entry indexes that the tile spans: `start..end`, for a partial tile up to its width.
    #[must_use]
    pub fn span(&self) -> (u64, u64) {
        let level = match self.kind {
            TileKind::Hashes(level) => u32::from(level),
            TileKind::Entries => 0,
        };
        let unit = 1u64.checked_shl(8 * level).unwrap_or(u64::MAX);
        let start = self.index.saturating_mul(256).saturating_mul(unit);
        (
            start,
            start.saturating_add(u64::from(self.width).saturating_mul(unit)),
        )
    }

    /// The tile of the same place with all 256 places filled.
    #[must_use]
    pub fn full(&self) -> TileId {
        TileId {
            width: TILE_WIDTH,
            ..*self
        }
    }
}

/// The tile at `level`, `index` for a tree of `size` leaves; `None` when it would be empty.
#[must_use]
pub fn tile_at(kind: TileKind, index: u64, size: u64) -> Option<TileId> {
    let level = match kind {
        TileKind::Hashes(level) => u32::from(level),
        TileKind::Entries => 0,
    };
    let hashes = size.checked_shr(8 * level).unwrap_or(0);
    let left = hashes.checked_sub(index.checked_mul(256)?)?;
    let width = u16::try_from(left.min(256)).expect("at most 256");
    (width > 0).then_some(TileId { kind, index, width })
}

/// `1234067` becomes `x001/x234/067`.
fn index_path(index: u64) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    path
}

fn parse_path(path: &str) -> Option<TileId> {
    let rest = path.strip_prefix("tile/")?;
    let (kind, rest) = rest.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes(level.parse().ok().filter(|l| *l <= MAX_TILE_LEVEL)?),
    };
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => (
            number,
            width.parse().ok().filter(|w| (1..TILE_WIDTH).contains(w))?,
        ),
        None => (rest, TILE_WIDTH),
    };
    let mut index = 0u64;
    for element in number.split('/') {
        let digits = element.strip_prefix('x').unwrap_or(element);
        if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    Some(TileId { kind, index, width })
}

/// Appends one entry to a bundle: its length (u16, big-endian), then its bytes.
///
/// # Errors
/// [`Error::TooLarge`] when the entry is longer than 65,535 bytes.
pub fn push_bundle_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<()> {
    let Ok(len) = u16::try_from(entry.len()) else {
        let (limit, got) = (u64::from(u16::MAX), entry.len() as u64);
        return Err(Error::TooLarge {
            what: "entry length in bytes",
            limit,
            got,
        });
    };
    bundle.extend_from_slice(&len.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// Splits a bundle into its entries.
///
/// # Errors
/// [`Error::Malformed`] when the bytes do not end with an entry, or hold more than 256.
pub fn parse_bundle(mut bundle: &[u8]) -> Result<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while !bundle.is_empty() {
        let bad = || Error::malformed("entry bundle", format!("entry {} is cut", entries.len()));
        let (len, rest) = bundle.split_first_chunk::<2>().ok_or_else(bad)?;
        let len = usize::from(u16::from_be_bytes(*len));
        let (entry, rest) = rest.split_at_checked(len).ok_or_else(bad)?;
        if entries.len() == usize::from(TILE_WIDTH) {
            return Err(Error::malformed("entry bundle", "more than 256 entries"));
        }
        entries.push(entry);
        bundle = rest;
    }
    Ok(entries)
}

/// Splits a hash tile into its digests.
///
/// # Errors
/// [`Error::Malformed`] when the length is not 32 bytes times 1 to 256.
pub fn parse_hashes(tile: &[u8]) -> Result<&[Digest]> {
    let (hashes, rest) = tile.as_chunks::<32>();
    if !rest.is_empty() || hashes.is_empty() || hashes.len() > usize::from(TILE_WIDTH) {
        return Err(Error::malformed(
            "hash tile",
            format!("{} bytes", tile.len()),
        ));
    }
    Ok(hashes)
}

/// The hash of the complete subtree of `2^level` (`level` ≤ 8) hashes of a tile that starts at
/// `index * 2^level`; `None` when the tile does not hold it.
pub(crate) fn node_in_tile(hashes: &[Digest], level: u32, index: usize) -> Option<Digest> {
    let start = index.checked_shl(level)?;
    let slice = hashes.get(start..start.checked_add(1 << level)?)?;
    let mut tree = Accumulator::new();
    for hash in slice {
        tree.push(*hash);
    }
    Some(tree.root())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(kind: TileKind, index: u64, width: u16, expected: &str) {
        let tile = TileId { kind, index, width };
        assert_eq!(tile.path(), expected);
        assert_eq!(TileId::parse(expected).unwrap(), tile);
    }

    #[test]
    fn paths_are_those_of_the_specification() {
        check(TileKind::Hashes(0), 1_234_067, 256, "tile/0/x001/x234/067");
        check(TileKind::Hashes(0), 0, 256, "tile/0/000");
        check(TileKind::Hashes(1), 999, 17, "tile/1/999.p/17");
        check(TileKind::Hashes(63), 1000, 1, "tile/63/x001/000.p/1");
        check(TileKind::Entries, 273, 112, "tile/entries/273.p/112");
        check(
            TileKind::Entries,
            u64::MAX,
            256,
            "tile/entries/x018/x446/x744/x073/x709/x551/615",
        );
    }

    #[test]
    fn other_spellings_are_refused() {
        for path in [
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/00/000",
            "tile/64/000",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/x000/067",
            "tile/0/001/234",
            "tile/0/x001",
            "tile/0/+01",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/-1/000",
            "tile/+1/000",
            "/tile/0/000",
            "tile/0/000/",
            "tile/entries/",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "tile/0/\u{661}\u{661}\u{661}",
        ] {
            assert!(TileId::parse(path).is_err(), "{path}");
        }
    }

    /// The example of the specification: a tree of 70,000 entries.
    #[test]
    fn a_tree_of_seventy_thousand_has_the_tiles_of_the_specification() {
        let width = |level, index| tile_at(TileKind::Hashes(level), index, 70_000).map(|t| t.width);
        assert_eq!(width(0, 272), Some(256));
        assert_eq!(width(0, 273), Some(112));
        assert_eq!(width(0, 274), None);
        assert_eq!(
            (width(1, 0), width(1, 1), width(1, 2)),
            (Some(256), Some(17), None)
        );
        assert_eq!(
            (width(2, 0), width(3, 0), width(63, 0)),
            (Some(1), None, None)
        );
    }

    #[test]
    fn spans_name_the_entries() {
        let span = |path| TileId::parse(path).unwrap().span();
        assert_eq!(span("tile/0/001"), (256, 512));
        assert_eq!(span("tile/1/001.p/17"), (65_536, 65_536 + 17 * 256));
        assert_eq!(span("tile/entries/273.p/112"), (69_888, 70_000));
    }

    proptest! {
        #[test]
        fn bundles_round_trip(entries in proptest::collection::vec(
            proptest::collection::vec(any::<u8>(), 0..300), 0..20)) {
            let mut bundle = Vec::new();
            for entry in &entries {
                push_bundle_entry(&mut bundle, entry).unwrap();
            }
            prop_assert_eq!(parse_bundle(&bundle).unwrap(), entries);
        }

        #[test]
        fn no_bytes_make_the_parsers_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..2000), path in "\\PC{0,40}",
        ) {
            let _ = parse_hashes(&bytes);
            if let Ok(entries) = parse_bundle(&bytes) {
                let mut again = Vec::new();
                for entry in entries {
                    push_bundle_entry(&mut again, entry).unwrap();
                }
                prop_assert_eq!(again, bytes);
            }
            if let Ok(tile) = TileId::parse(&path) {
                prop_assert_eq!(tile.path(), path);
            }
        }

        #[test]
        fn paths_round_trip(level in 0u8..=63, index in any::<u64>(), width in 1u16..=256) {
            let tile = TileId { kind: TileKind::Hashes(level), index, width };
            prop_assert_eq!(TileId::parse(&tile.path()).unwrap(), tile);
        }
    }
}
