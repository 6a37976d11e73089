//! The parsers, each with inputs that it accepts.

use crate::lifecycle::{filled, key};
use truce_ledger::{
    AddCheckpoint, Checkpoint, Entry, EvidenceFile, MlDsaKey, NoteSignature, Package, PackageFiles,
    Policy, Reader, Result, SignedNote, SigningKey, TileId, TlogProof, VerifierKey, cosign,
    parse_bundle, parse_hashes, parse_timestamp_response, push_bundle_entry,
};

/// One parser.
pub(super) struct Target {
    /// The name of its corpus.
    pub(super) name: &'static str,
    /// Reads an input and writes out what was read.
    pub(super) parse: fn(&[u8]) -> std::result::Result<Vec<u8>, String>,
    /// Inputs that it accepts.
    pub(super) seeds: fn() -> Vec<Vec<u8>>,
}

/// All parsers of the crate's door.
pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "signed-note",
        parse: |input| text(input, SignedNote::parse, SignedNote::to_string),
        seeds: || vec![cosigned().to_string().into_bytes()],
    },
    Target {
        name: "note-signature",
        parse: |input| text(input, NoteSignature::parse, NoteSignature::to_string),
        seeds: || vec![cosigned().note().signatures()[0].to_string().into_bytes()],
    },
    Target {
        name: "checkpoint",
        parse: |input| text(input, Checkpoint::parse, Checkpoint::to_string),
        seeds: || vec![cosigned().to_string().into_bytes()],
    },
    Target {
        name: "verifier-key",
        parse: |input| text(input, VerifierKey::parse, VerifierKey::to_string),
        seeds: || {
            let keys = [key().verifier(), key().cosigner(), ml_dsa().cosigner()];
            keys.map(|key| key.to_string().into_bytes()).to_vec()
        },
    },
    Target {
        name: "signing-key",
        parse: |input| text(input, SigningKey::parse, SigningKey::to_string),
        seeds: || vec![key().to_string().into_bytes()],
    },
    Target {
        name: "ml-dsa-key",
        parse: |input| text(input, MlDsaKey::parse, MlDsaKey::to_string),
        seeds: || vec![ml_dsa().to_string().into_bytes()],
    },
    Target {
        name: "tile-path",
        parse: |input| {
            // Its error repeats the path.
            text(input, TileId::parse, TileId::path).map_err(|_| String::from("not a tile's path"))
        },
        seeds: || {
            let paths = [
                "tile/0/000",
                "tile/entries/x001/x234/067.p/8",
                "tile/63/001",
            ];
            paths.map(|path| path.as_bytes().to_vec()).to_vec()
        },
    },
    Target {
        name: "hashes",
        parse: |input| said(parse_hashes(input).map(|hashes| hashes.concat())),
        seeds: || vec![[[7; 32], [8; 32]].concat()],
    },
    Target {
        name: "bundle",
        parse: |input| said(parse_bundle(input).map(|entries| bundle(&entries))),
        seeds: || vec![bundle(&[b"one", b"", b"three"])],
    },
    Target {
        name: "entry",
        parse: |input| said(Entry::parse(input).map(|entry| entry.to_bytes().to_vec())),
        seeds: || log(|reader| reader.entry(3).unwrap().0.to_bytes().to_vec()),
    },
    Target {
        name: "tlog-proof",
        parse: |input| text(input, TlogProof::parse, TlogProof::to_string),
        seeds: || log(|reader| evidence(reader).tlog_proof(1).unwrap().to_string().into()),
    },
    Target {
        name: "policy",
        parse: |input| text(input, Policy::parse, |policy| format!("{policy:?}")).map(|_| policy()),
        seeds: || vec![policy()],
    },
    Target {
        name: "evidence-file",
        parse: |input| {
            said(EvidenceFile::parse(input).map(|file| {
                // Whatever it says, looking at it must end.
                let _ = file.verify(&key().verifier(), None);
                file.to_json().into_bytes()
            }))
        },
        seeds: || log(|reader| evidence(reader).to_json().into_bytes()),
    },
    Target {
        name: "package",
        parse: |input| {
            said(Package::parse(input).map(|package| {
                let _ = package.verify(&key().verifier(), None, &PackageFiles::new());
                package.to_bytes()
            }))
            .map_err(without_evidence)
        },
        seeds: || log(package),
    },
    Target {
        name: "add-checkpoint",
        parse: |input| text(input, AddCheckpoint::parse, AddCheckpoint::to_string),
        seeds: || {
            let (old_size, proof) = (3, vec![[1; 32], [2; 32]]);
            let checkpoint = cosigned();
            let request = AddCheckpoint {
                old_size,
                proof,
                checkpoint,
            };
            vec![request.to_string().into_bytes()]
        },
    },
    Target {
        name: "timestamp-response",
        parse: |input| {
            said(parse_timestamp_response(input).map(|token| {
                let _ = format!("{token:?}");
                input.to_vec()
            }))
        },
        seeds: || vec![token()],
    },
];

/// What is wrong with the evidence inside a package is another parser's answer.
fn without_evidence(error: String) -> String {
    match error.contains("evidence file") {
        true => "the evidence in the package is wrong".into(),
        false => error,
    }
}

fn said<T>(result: Result<T>) -> std::result::Result<T, String> {
    result.map_err(|error| error.to_string())
}

/// A parser of text; what is not UTF-8 never reaches it.
fn text<T>(
    input: &[u8],
    parse: impl Fn(&str) -> Result<T>,
    write: impl Fn(&T) -> String,
) -> std::result::Result<Vec<u8>, String> {
    let input = std::str::from_utf8(input).map_err(|_| String::from("not UTF-8"))?;
    said(parse(input)).map(|read| write(&read).into_bytes())
}

fn ml_dsa() -> MlDsaKey {
    MlDsaKey::from_seed("example.com/log", &[8; 32]).unwrap()
}

fn witness() -> SigningKey {
    SigningKey::from_seed("w.example", &[3; 32]).unwrap()
}

fn cosigned() -> Checkpoint {
    let mut checkpoint = Checkpoint::sign("example.com/log", 5, [1; 32], &key()).unwrap();
    let line = cosign(checkpoint.note().text(), 7, &witness());
    checkpoint.add_signature(line).unwrap();
    checkpoint
}

fn bundle(entries: &[&[u8]]) -> Vec<u8> {
    let mut bundle = Vec::new();
    for entry in entries {
        push_bundle_entry(&mut bundle, entry).unwrap();
    }
    bundle
}

/// One input, made from a small log.
fn log(make: fn(&Reader) -> Vec<u8>) -> Vec<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), 9, 4));
    vec![make(&Reader::open(dir.path()).unwrap())]
}

fn evidence(reader: &Reader) -> EvidenceFile {
    EvidenceFile::build(reader, &[(2, vec![0]), (3, vec![0, 1, 2])]).unwrap()
}

fn package(reader: &Reader) -> Vec<u8> {
    let mut package = Package::new(evidence(reader), PackageFiles::new()).unwrap();
    package.add_frame(3, reader.frame(3).unwrap()).unwrap();
    package.to_bytes()
}

fn policy() -> Vec<u8> {
    let (log, a) = (key().verifier(), witness().cosigner());
    let b = SigningKey::from_seed("v.example", &[4; 32])
        .unwrap()
        .cosigner();
    let text = format!(
        "# two\nlog {log} https://log.example/\nwitness a {a} http://w.example/\nwitness b {b}\n\
         group g 1 a b\nquorum g\n"
    );
    text.into_bytes()
}

/// A granted response (RFC 3161 §2.4.2) over the digest 5 5 5 …, as short as it can be.
fn token() -> Vec<u8> {
    let element = |tag: u8, contents: &[u8]| {
        let len = u8::try_from(contents.len()).unwrap();
        let head = if len < 0x80 {
            vec![tag, len]
        } else {
            vec![tag, 0x81, len]
        };
        [head, contents.to_vec()].concat()
    };
    let sha256 = [0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let tst = [0x06, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 9, 16, 1, 4];
    let signed = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 2];
    let imprint = [element(0x30, &sha256), element(0x04, &[5; 32])].concat();
    let info = [
        vec![2, 1, 1, 6, 2, 0x2a, 3],
        element(0x30, &imprint),
        vec![2, 1, 9],
        element(0x18, b"20250301120000Z"),
    ];
    let info = element(0xa0, &element(0x04, &element(0x30, &info.concat())));
    let data = [
        vec![2, 1, 3, 0x31, 0],
        element(0x30, &[&tst[..], &info].concat()),
    ]
    .concat();
    let content = [signed.to_vec(), element(0xa0, &element(0x30, &data))].concat();
    let status = element(0x30, &[2, 1, 0]);
    element(0x30, &[status, element(0x30, &content)].concat())
}
