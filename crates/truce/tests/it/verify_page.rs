//! The page docs/verify.md: its commands run as they stand, and refuse what was changed.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::{replaced, run, text};

/// The shell blocks of the page, behind one another.
fn script() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify.md");
    let page = fs::read_to_string(page).unwrap();
    let blocks: Vec<&str> = page
        .split("```sh\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap())
        .collect();
    assert_eq!(blocks.len(), 3, "the page has other blocks");
    format!("set -e\n{}", blocks.concat())
}

fn follow(folder: &Path) -> (bool, String) {
    let output = Command::new("bash")
        .args(["-c", &script()])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
#[ignore = "interop: needs Go, Python and openssl"]
fn interop_the_commands_of_the_page_prove_a_finding_and_refuse_a_changed_one() {
    let folder = tempfile::tempdir().unwrap();
    let (data, place) = (folder.path().join("data"), folder.path().join("place"));
    fs::create_dir(&place).unwrap();
    crate::program::ingest(&data, &[&crate::program::capture()], &[]).ok();
    let list = [
        "export",
        "incidents",
        "--data",
        text(&data),
        "--format",
        "json",
    ];
    let list = run(&list).ok().json();
    let incident = list["items"][0]["id"].as_str().unwrap().to_owned();
    let tar = place.join("evidence.tar");
    let export = [
        "export",
        "evidence",
        &incident,
        "--data",
        text(&data),
        "--redact",
        "source",
    ];
    let mut export = export.to_vec();
    export.extend(["--out", text(&tar)]);
    run(&export).ok();
    fs::copy(data.join("keys/log.pub"), place.join("log.pub")).unwrap();

    let (proven, said) = follow(&place);
    assert!(proven, "{said}");
    assert!(
        said.contains("is proven") && said.contains("signed by"),
        "{said}"
    );

    let whole = fs::read(&tar).unwrap();
    for (what, from, to) in [
        ("a row", "probability", "probabilitx"),
        ("an index", "\"index\": ", "\"index\":1"),
        (
            "withheld rows",
            "\"withheld_rows\": ",
            "\"withheld_rows\":1",
        ),
    ] {
        fs::write(&tar, replaced(&whole, from, to)).unwrap();
        fs::remove_dir_all(place.join("evidence")).unwrap();
        let (proven, said) = follow(&place);
        assert!(!proven, "{what}: {said}");
    }
}
