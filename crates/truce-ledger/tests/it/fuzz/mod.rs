//! Every parser against inputs that are nearly right.
//!
//! `tests/corpus/<parser>.jsonl` holds one input per line and what it gives: the smallest that was
//! found for each answer of the parser, all made by the command below from logs of this test. Each
//! run checks all of them, then changes them at random. An input may be refused; it must not panic,
//! and what is accepted must be read the same when it is written out again.
//!
//! A long run: `TRUCE_FUZZ_RUNS=1000000 TRUCE_FUZZ_SEED=2 cargo test -p truce-ledger --test it fuzz`;
//! with `-- --ignored fuzz::grow` it writes what gives a new answer, or the same from fewer bytes,
//! into the corpus.

mod change;
mod targets;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use change::Random;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use targets::{TARGETS, Target};

/// Attempts to take bytes out of an input that gives a new answer.
const SHRINKS: usize = 2000;

/// Answers that a corpus grows to at most.
const ANSWERS_MAX: usize = 30;

/// Changed inputs for each parser, unless `TRUCE_FUZZ_RUNS` says otherwise.
const RUNS: u64 = 10_000;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// What a parser says of an input: `ok`, or its error without what it repeats of the input.
fn answer(target: &Target, input: &[u8]) -> String {
    match (target.parse)(input) {
        Ok(_) => "ok".into(),
        Err(error) => without_repeated(&error),
    }
}

/// An error without its numbers, and without what stands between its first and last quote.
fn without_repeated(error: &str) -> String {
    let quoted = |letter| matches!(letter, '`' | '"');
    let kept = match (error.find(quoted), error.rfind(quoted)) {
        (Some(first), Some(last)) => [&error[..first], &error[last + 1..]].concat(),
        _ => error.to_owned(),
    };
    let mut text = String::new();
    for letter in kept.chars() {
        match letter.is_ascii_digit() {
            true if text.ends_with('#') => {}
            true => text.push('#'),
            false => text.push(letter),
        }
    }
    text
}

fn corpus_file(target: &Target) -> PathBuf {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    corpus.join(format!("{}.jsonl", target.name))
}

/// By answer, the input that gives it.
fn corpus(target: &Target) -> BTreeMap<String, Vec<u8>> {
    let text = fs::read_to_string(corpus_file(target)).unwrap_or_default();
    let line = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let input = match (line["text"].as_str(), line["base64"].as_str()) {
            (Some(text), None) => text.as_bytes().to_vec(),
            (None, Some(base64)) => STANDARD.decode(base64).unwrap(),
            _ => panic!("neither text nor base64: {line}"),
        };
        (line["gives"].as_str().unwrap().to_owned(), input)
    };
    text.lines().map(line).collect()
}

fn write_corpus(target: &Target, corpus: &BTreeMap<String, Vec<u8>>) {
    let line = |(gives, input): (&String, &Vec<u8>)| match std::str::from_utf8(input) {
        Ok(text) => format!("{}\n", json!({ "gives": gives, "text": text })),
        Err(_) => format!(
            "{}\n",
            json!({ "gives": gives, "base64": STANDARD.encode(input) })
        ),
    };
    fs::write(
        corpus_file(target),
        corpus.iter().map(line).collect::<String>(),
    )
    .unwrap();
}

/// Reads what was accepted once more from what it was written out to.
fn check(target: &Target, input: &[u8]) {
    if let Ok(written) = (target.parse)(input) {
        let again = (target.parse)(&written);
        assert_eq!(
            again,
            Ok(written),
            "{}: {}",
            target.name,
            STANDARD.encode(input)
        );
    }
}

#[test]
fn the_corpus_gives_what_it_says() {
    for target in TARGETS {
        let corpus = corpus(target);
        assert!(
            corpus.contains_key("ok"),
            "{}: nothing is accepted",
            target.name
        );
        assert!(corpus.len() >= 2, "{}: nothing is refused", target.name);
        for (gives, input) in corpus {
            assert_eq!(answer(target, &input), gives, "{}", target.name);
            check(target, &input);
        }
    }
}

#[test]
fn changed_inputs_are_refused_or_read_the_same_again() {
    let runs = number("TRUCE_FUZZ_RUNS", RUNS);
    for target in TARGETS {
        let corpus: Vec<Vec<u8>> = corpus(target).into_values().collect();
        let mut random = Random(number("TRUCE_FUZZ_SEED", 1));
        for _ in 0..runs {
            check(target, &random.changed(&corpus));
        }
    }
}

/// Adds inputs with answers that the corpus has not, and takes those of fewer bytes.
#[test]
#[ignore = "writes the corpus"]
fn grow() {
    let runs = number("TRUCE_FUZZ_RUNS", RUNS);
    for target in TARGETS {
        let mut random = Random(number("TRUCE_FUZZ_SEED", 1));
        let mut corpus = corpus(target);
        for seed in (target.seeds)() {
            take(target, &mut corpus, seed, &mut random);
        }
        for _ in 0..runs {
            let inputs: Vec<Vec<u8>> = corpus.values().cloned().collect();
            let changed = random.changed(&inputs);
            check(target, &changed);
            take(target, &mut corpus, changed, &mut random);
        }
        write_corpus(target, &corpus);
    }
}

fn take(
    target: &Target,
    corpus: &mut BTreeMap<String, Vec<u8>>,
    mut input: Vec<u8>,
    random: &mut Random,
) {
    let gives = answer(target, &input);
    if !corpus.contains_key(&gives) && corpus.len() >= ANSWERS_MAX {
        return;
    }
    if corpus
        .get(&gives)
        .is_some_and(|known| known.len() <= input.len())
    {
        return;
    }
    // What is accepted stays as it was made: shrunk, it would be the empty one.
    if gives != "ok" {
        for _ in 0..SHRINKS {
            let shorter = random.shorter(&input);
            if answer(target, &shorter) == gives {
                input = shorter;
            }
        }
    } else if corpus.contains_key(&gives) {
        return;
    }
    corpus.insert(gives, input);
}
