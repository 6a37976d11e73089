//! Judges a Truce log with crates of others: signed_note and tlog_tiles of Cloudflare's Azul, and
//! fips204 for second signature lines; not one line of Truce takes part.
//!
//! It reads the JSON file of cases that the Go judge beside it reads, and `second`, the verifier key
//! of the second lines. It prints what it did, and ends with an error at the first thing that does
//! not hold.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fips204::ml_dsa_44::PublicKey;
use fips204::traits::{SerDes as _, Verifier as _};
use serde::Deserialize;
use signed_note::{Note, StandardVerifier, VerifierList};
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use tlog_tiles::{
    Checkpoint, Hash, Tile, TileHashReader, TileReader, check_record, check_tree, prove_record,
    prove_tree, record_hash, tree_hash,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[derive(Deserialize)]
struct Cases {
    dir: PathBuf,
    key: String,
    second: String,
    origin: String,
    notes: Vec<String>,
    inclusion: Vec<Inclusion>,
    consistency: Vec<Consistency>,
}

#[derive(Deserialize)]
struct Inclusion {
    note: usize,
    index: u64,
    hashes: Vec<String>,
}

#[derive(Deserialize)]
struct Consistency {
    old: usize,
    new: usize,
    hashes: Vec<String>,
}

/// Tiles as C2SP tlog-tiles lays them out: without the height in their paths.
struct Tiles<'a>(&'a Cases);

impl TileReader for Tiles<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> std::result::Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &Tile| {
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            let (full, _) = path.split_once(".p/").unwrap_or((&path, ""));
            let bytes = fs::read(self.0.dir.join(&path));
            let bytes = bytes.or_else(|_| fs::read(self.0.dir.join(full)));
            let mut bytes = bytes.unwrap_or_default();
            bytes.truncate(tile.width() as usize * 32);
            bytes
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

fn main() -> Result<()> {
    let file = std::env::args().nth(1).ok_or("say which file of cases")?;
    let cases: Cases = serde_json::from_slice(&fs::read(file)?)?;
    let published = fs::read_to_string(cases.dir.join("checkpoint"))?;
    open(&published, &cases)?;
    let trees = cases.notes.iter().map(|note| open(note, &cases));
    let trees: Vec<Checkpoint> = trees.collect::<Result<_>>()?;
    let tiles = Tiles(&cases);
    for tree in trees.iter().filter(|tree| tree.size() > 0) {
        let hashes = TileHashReader::new(tree.size(), *tree.hash(), &tiles);
        same(&tree_hash(tree.size(), &hashes)?, tree.hash(), "a root")?;
    }
    for case in &cases.inclusion {
        let tree = &trees[case.note];
        let (size, root, proof) = (tree.size(), *tree.hash(), hashes(&case.hashes)?);
        let leaf = record_hash(&entry(&cases, tree, case.index)?);
        check_record(&proof, size, root, case.index, leaf)?;
        let read = TileHashReader::new(size, root, &tiles);
        same(
            &prove_record(size, case.index, &read)?,
            &proof,
            "an inclusion proof",
        )?;
    }
    for case in &cases.consistency {
        let (old, new) = (&trees[case.old], &trees[case.new]);
        let (size, root, proof) = (new.size(), *new.hash(), hashes(&case.hashes)?);
        check_tree(&proof, size, root, old.size(), *old.hash())?;
        let read = TileHashReader::new(size, root, &tiles);
        same(
            &prove_tree(size, old.size(), &read)?,
            &proof,
            "a consistency proof",
        )?;
    }
    let (notes, inclusion) = (cases.notes.len() + 1, cases.inclusion.len());
    let consistency = cases.consistency.len();
    println!("notes {notes} inclusion {inclusion} consistency {consistency}");
    Ok(())
}

/// A checkpoint whose signatures by both keys verify.
fn open(text: &str, cases: &Cases) -> Result<Checkpoint> {
    let note = Note::from_bytes(text.as_bytes())?;
    let verifier = StandardVerifier::new(&cases.key)?;
    note.verify(&VerifierList::new(vec![Box::new(verifier)]))?;
    let checkpoint = Checkpoint::from_bytes(note.text()).map_err(|e| e.to_string())?;
    if checkpoint.origin() != cases.origin {
        return Err("another origin".into());
    }
    second_line(text, &checkpoint, &cases.second)?;
    Ok(checkpoint)
}

/// C2SP tlog-cosignature, "ML-DSA-44 signed message".
fn second_line(text: &str, checkpoint: &Checkpoint, vkey: &str) -> Result<()> {
    let mut parts = vkey.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err("no verifier key".into());
    };
    let key = STANDARD.decode(key)?;
    let key: [u8; 1312] = key
        .strip_prefix(&[6])
        .ok_or("another kind of key")?
        .try_into()?;
    let begins = format!("\u{2014} {name} ");
    let lines = text.lines().filter_map(|line| line.strip_prefix(&begins));
    let lines = lines.map(|line| STANDARD.decode(line));
    let lines = lines.collect::<std::result::Result<Vec<_>, _>>()?;
    let id = u32::from_str_radix(id, 16)?.to_be_bytes();
    let line = lines.iter().find_map(|line| line.strip_prefix(&id));
    let (time, signature) = line.ok_or("no second line")?.split_at(8);
    let origin = checkpoint.origin().as_bytes();
    let message = [
        b"subtree/v1\n\0".as_slice(),
        &[u8::try_from(name.len())?],
        name.as_bytes(),
        time,
        &[u8::try_from(origin.len())?],
        origin,
        &[0; 8],
        &checkpoint.size().to_be_bytes(),
        &checkpoint.hash().0,
    ];
    let key = PublicKey::try_from_bytes(key)?;
    match key.verify(&message.concat(), signature.try_into()?, &[]) {
        true => Ok(()),
        false => Err("the second line does not verify".into()),
    }
}

/// One entry out of its bundle.
fn entry(cases: &Cases, tree: &Checkpoint, index: u64) -> Result<Vec<u8>> {
    let bundle = format!("tile/entries/{:03}", index / 256);
    let width = (tree.size() - index / 256 * 256).min(256);
    let partial = cases.dir.join(format!("{bundle}.p/{width}"));
    let mut rest = fs::read(cases.dir.join(&bundle)).or_else(|_| fs::read(partial))?;
    for _ in 0..index % 256 {
        let len = usize::from(u16::from_be_bytes(
            *rest.first_chunk().ok_or("a bundle is cut")?,
        ));
        rest.drain(..2 + len);
    }
    let len = usize::from(u16::from_be_bytes(
        *rest.first_chunk().ok_or("a bundle is cut")?,
    ));
    Ok(rest.get(2..2 + len).ok_or("a bundle is cut")?.to_vec())
}

fn hashes(texts: &[String]) -> Result<Vec<Hash>> {
    let hash = |text: &String| -> Result<Hash> {
        let bytes: [u8; 32] = STANDARD.decode(text)?.as_slice().try_into()?;
        Ok(Hash(bytes))
    };
    texts.iter().map(hash).collect()
}

fn same<T: PartialEq>(theirs: &T, ours: &T, what: &str) -> Result<()> {
    if theirs == ours {
        return Ok(());
    }
    Err(format!("{what} differs").into())
}
