//! The inputs that a fuzzer begins with: the samples of a format, and the lines of those of text
//! each for itself, read whole and in pieces.

use std::fs;
use std::path::Path;
use std::process;

use crate::Target;

/// Sizes of pieces, as the first byte of an input says them: whole, and a prime.
const CHOICES: [u8; 2] = [0, 17];

/// Writes the seeds and ends the process where `TRUCE_FUZZ_SEEDS` asks for that.
pub(crate) fn write_if_asked(target: Target) {
    let Some(folder) = std::env::var_os("TRUCE_FUZZ_SEEDS") else {
        return;
    };
    for (number, seed) in seeds(target).iter().enumerate() {
        let path = Path::new(&folder).join(format!("seed-{number:03}"));
        if let Err(error) = fs::write(&path, seed) {
            eprintln!("{}: {error}", path.display());
            process::exit(1);
        }
    }
    process::exit(0);
}

fn seeds(target: Target) -> Vec<Vec<u8>> {
    let mut pieces = target.samples();
    if let Target::Messages(format) = target
        && format.is_text()
    {
        let lines = |text: &Vec<u8>| -> Vec<Vec<u8>> {
            let lines = text.split_inclusive(|byte| *byte == b'\n');
            lines.map(<[u8]>::to_vec).collect()
        };
        pieces = pieces
            .iter()
            .flat_map(lines)
            .chain(pieces.clone())
            .collect();
    }
    let with = |choice: u8| {
        pieces
            .iter()
            .map(move |piece| [&[choice], piece.as_slice()].concat())
    };
    CHOICES.into_iter().flat_map(with).collect()
}
