//! Holds `docs/formats.md` to what the code does: its examples decode, its rejected examples are
//! rejected under the class that it names, and it leaves out no format, column or class.

use crate::sample::{decode, rejected};
use crate::{Format, RejectionClass};

const PAGE: &str = include_str!("../../../docs/formats.md");

/// The fenced blocks whose info string is this, each as its lines.
fn blocks(info: &str) -> Vec<Vec<&'static str>> {
    let opening = format!("\n```{info}\n");
    let bodies = PAGE.split(opening.as_str()).skip(1);
    bodies
        .map(|rest| rest.split("\n```").next().unwrap().lines().collect())
        .collect()
}

#[test]
fn examples_decode() {
    for format in Format::ALL {
        let blocks = blocks(format.slug());
        assert!(!blocks.is_empty(), "{format:?} has no example");
        for lines in blocks {
            let out = decode(format, &lines);
            assert_eq!(out.rejections, [], "{format:?}");
            assert!(!out.observations.is_empty(), "{format:?}: {lines:?}");
            assert_eq!(
                Format::guess(lines[0].as_bytes()),
                Some(format),
                "{}",
                lines[0]
            );
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
            assert_eq!(rejected(format, pair[1]), class, "{}", pair[1]);
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
