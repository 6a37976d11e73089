//! Holds `docs/formats.md` to what the code does: its examples decode, its rejected examples are
//! rejected under the class that it names, and it leaves out no format, column or class.

use crate::sample::{decode_stream, rejected};
use crate::{Format, RejectionClass, hexadecimal};

const PAGE: &str = include_str!("../../../docs/formats.md");

/// The fenced blocks whose info string is this, each as its lines.
fn blocks(info: &str) -> Vec<Vec<&'static str>> {
    let opening = format!("\n```{info}\n");
    let bodies = PAGE.split(opening.as_str()).skip(1);
    bodies
        .map(|rest| rest.split("\n```").next().unwrap().lines().collect())
        .collect()
}

/// What a block stands for: itself, or the bytes whose digits it holds.
fn stream(format: Format, block: &str) -> Vec<u8> {
    if format.is_text() {
        block.as_bytes().to_vec()
    } else {
        hexadecimal::bytes(block).unwrap()
    }
}

#[test]
fn examples_decode() {
    for format in Format::ALL {
        let blocks = blocks(format.slug());
        assert!(!blocks.is_empty(), "{format:?} has no example");
        for lines in blocks {
            let text = lines.join("\n");
            let stream = stream(format, &text);
            let out = decode_stream(format, &stream);
            assert_eq!(out.rejections, [], "{format:?}");
            assert!(!out.observations.is_empty(), "{format:?}: {text}");
            let guess = Format::guess(&stream);
            assert_eq!(guess, Some(format), "{text}");
        }
    }
}

#[test]
fn rejected_examples_are_rejected() {
    for format in Format::ALL {
        let blocks = blocks(&format!("{} rejected", format.slug()));
        assert!(!blocks.is_empty(), "{format:?} has no rejected example");
        for pair in blocks.concat().chunks(2) {
            let class = pair[0].strip_prefix("# ").unwrap();
            let message = stream(format, pair[1]);
            assert_eq!(rejected(format, &message), class, "{}", pair[1]);
        }
    }
}

#[test]
fn nothing_is_left_out() {
    for class in RejectionClass::ALL {
        let row = format!("\n| `{}` |", class.name());
        assert!(PAGE.contains(&row), "{} is not described", class.name());
    }
    for format in Format::ALL {
        let row = format!("\n| [`{0}`](#{0}) |", format.slug());
        assert!(PAGE.contains(&row), "{format:?} is not in the table");
        assert!(
            PAGE.contains(&format!("\n## {}\n", format.slug())),
            "{format:?}"
        );
        let section = PAGE
            .split(&format!("\n## {}\n", format.slug()))
            .nth(1)
            .unwrap();
        let section = section.split("\n## ").next().unwrap();
        for column in format.header().unwrap_or_default().split(',') {
            assert!(
                section.contains(&format!("`{column}`")) || column.is_empty(),
                "{column}"
            );
        }
    }
}
