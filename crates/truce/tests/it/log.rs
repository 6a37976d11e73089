//! The log of a data folder: what fsck finds.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{ingest, run, text};

/// A data folder with a small log.
pub(crate) fn small(folder: &Path) -> PathBuf {
    let (data, file) = (folder.join("data"), folder.join("fires.csv"));
    let rows = "LATITUDE,LONGITUDE,ACQ_DATE\n48.1,37.7,2022-05-01\n48.2,37.8,2022-05-01\n";
    fs::write(&file, rows).unwrap();
    ingest(&data, &[&file], &["--feed", "viirs-archive"]).ok();
    data
}

/// All files that are not empty, below a folder.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if fs::metadata(&path).unwrap().len() > 0 {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn fsck_names_the_file_of_every_flipped_bit() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let sound = run(&["fsck", text(&data)]).ok();
    assert!(sound.out.contains("the log is what its checkpoint says"));
    let log = data.join("log");
    let all = files(&log);
    for kind in [
        "segments/",
        "tile/0/",
        "tile/entries/",
        "head",
        "checkpoint",
    ] {
        let is_kind = |path: &PathBuf| path.strip_prefix(&log).unwrap().starts_with(kind);
        assert!(all.iter().any(is_kind), "no {kind} in {all:?}");
    }
    for path in all {
        let whole = fs::read(&path).unwrap();
        for bit in [0, whole.len() * 4 + 3, whole.len() * 8 - 1] {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, bytes).unwrap();
            let answer = run(&["fsck", text(&data), "--format", "json"]);
            assert_eq!(answer.code, Some(4), "bit {bit} of {}", path.display());
            let name = path.strip_prefix(&log).unwrap().to_str().unwrap();
            let answer = answer.json();
            let damage = answer["damage"].as_array().unwrap();
            let named = damage.iter().any(|damage| damage["file"] == name);
            assert!(named, "bit {bit} of {name}: {damage:?}");
        }
        fs::write(&path, &whole).unwrap();
    }
    run(&["fsck", text(&data)]).ok();
}
