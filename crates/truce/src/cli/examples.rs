//! An example or two of every command, shown below its help.

use clap::Command;

/// Each command by its words, with command lines that it takes. A test parses them all.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("check", &["truce check missions/ukraine-2025"]),
    (
        "decode",
        &[
            "truce decode aivdm receiver.nmea",
            "truce decode asterix radar.ast --out radar.jsonl",
        ],
    ),
    (
        "assess",
        &["truce assess --data data --agreement amended/agreement.toml --clause cessation-of-fire"],
    ),
    (
        "simulate",
        &["truce simulate missions/ukraine-2025 --hours 24 --seed 7 --out day"],
    ),
    (
        "scenes",
        &["truce scenes items.json --since 2025-06-10T00:00:00Z --out changes.json"],
    ),
    (
        "ingest",
        &[
            "truce ingest --data data --mission missions/ukraine-2025 day",
            "truce ingest --data data --feed ais-coast receiver.nmea.gz",
        ],
    ),
    (
        "serve",
        &[
            "truce serve --data data",
            "truce serve --data new --mission missions/ukraine-2025 --listen 127.0.0.1:9000",
        ],
    ),
    (
        "demo",
        &["truce demo missions/ukraine-2025 --hours 24 --data demo"],
    ),
    (
        "amend",
        &[
            "truce amend --data data --mission amended --dry-run",
            "truce amend --data data --mission amended --by head-of-mission --reason 'Annex C of 1 July'",
        ],
    ),
    ("replay", &["truce replay --data data"]),
    (
        "calibrate",
        &[
            "truce calibrate --data data --truth day/truth.jsonl --svg reliability.svg",
            "truce calibrate --data data --truth day/truth.jsonl --out missions/ukraine-2025/calibration.toml",
        ],
    ),
    (
        "report",
        &[
            "truce report --data data",
            "truce report weekly --data data --date 2025-06-14 --lang uk",
            "truce report dossier --incident 3f9a1c --data data --format pdf",
        ],
    ),
    (
        "export evidence",
        &[
            "truce export evidence 3f9a1c --data data --out evidence.tar",
            "truce export evidence 3f9a1c --data data --redact source,operator --to 'Party A' --out released.tar",
        ],
    ),
    (
        "export raw",
        &[
            "truce export raw 17:4 17:5 --data data --by 'A. Analyst' --reason 'asked for by the commission' --out raw",
        ],
    ),
    (
        "export incidents",
        &["truce export incidents --data data --probability-min 0.8 --format json"],
    ),
    (
        "verify",
        &[
            "truce verify evidence.tar --key log.pub",
            "truce verify data",
        ],
    ),
    (
        "fsck",
        &["truce fsck data", "truce fsck copied-log --key log.pub"],
    ),
    (
        "erase",
        &[
            "truce erase 17:4 --data data --by 'J. Officer' --reason 'order of the data protection officer'",
        ],
    ),
    (
        "revoke",
        &[
            "truce revoke ais-coast coast-2025 --data data --at 2025-06-10T12:00:00Z --by 'J. Officer' --reason 'the receiver was stolen'",
        ],
    ),
    (
        "key",
        &[
            "truce key --data data",
            "truce key --data data --add-ml-dsa",
        ],
    ),
    (
        "witness init",
        &["truce witness init witness --name witness.example/party-a"],
    ),
    (
        "witness serve",
        &["truce witness serve witness --log log.pub --listen 127.0.0.1:8050"],
    ),
    (
        "timestamp request",
        &["truce timestamp --data data request"],
    ),
    (
        "timestamp store",
        &["truce timestamp --data data store answer.tsr --by 'J. Officer'"],
    ),
    (
        "timestamp verify",
        &["truce timestamp --data data verify --ca authority.pem"],
    ),
    (
        "plan mandate",
        &["truce plan mandate missions/ukraine-2025 --ballot draft-chapter-vi:china=no"],
    ),
    (
        "plan forces",
        &[
            "truce plan forces missions/ukraine-2025 --assume us_backstop=true --assume mandate=false",
            "truce plan forces DIR --scenario 'with US: us-backstop=true' --scenario 'without: us-backstop=false'",
        ],
    ),
    (
        "plan unlock",
        &[
            "truce plan unlock missions/ukraine-2025 --layer un-force",
            "truce plan unlock missions/ukraine-2025 --requirement training --assume ceasefire=true",
            "truce plan unlock missions/ukraine-2025 --clause cessation-of-fire --at-least 40",
        ],
    ),
    (
        "plan coverage",
        &[
            "truce plan coverage missions/ukraine-2025 --assume ceasefire=true --days 10",
            "truce plan coverage missions/ukraine-2025 --png map.png --violation works",
        ],
    ),
    (
        "plan chain",
        &[
            "truce plan chain missions/ukraine-2025 --assume ceasefire=true --assume us-backstop=true",
            "truce plan chain missions/ukraine-2025 --assume ceasefire=true --without camera-line",
        ],
    ),
    (
        "plan tasks",
        &[
            "truce plan tasks missions/ukraine-2025 --assume ceasefire=true --vehicles 6 --gpx routes.gpx",
            "truce plan tasks missions/ukraine-2025 --kind patrol --data data",
            "truce plan tasks missions/ukraine-2025 --kind patrol --visits open.geojson",
        ],
    ),
    (
        "completions",
        &["truce completions bash > /etc/bash_completion.d/truce"],
    ),
];

/// Puts its examples below the help of each command.
pub(super) fn with_examples(command: Command) -> Command {
    EXAMPLES.iter().fold(command, |command, (words, examples)| {
        let mut path = words.split(' ');
        below(command, &mut path, examples)
    })
}

fn below(command: Command, path: &mut dyn Iterator<Item = &str>, examples: &[&str]) -> Command {
    match path.next() {
        Some(word) => command.mut_subcommand(word, |inner| below(inner, path, examples)),
        None => command.after_help(format!("Examples:\n  {}", examples.join("\n  "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Arguments;
    use clap::CommandFactory;

    /// The words of a command line as a shell gives them: single quotes hold blanks, and `>` ends it.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut quoted) = (vec![String::new()], false);
        for letter in line.chars().take_while(|letter| *letter != '>') {
            match letter {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                _ => words.last_mut().expect("never empty").push(letter),
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }

    #[test]
    fn every_example_is_taken_by_its_command() {
        for (path, examples) in EXAMPLES {
            for example in *examples {
                let words = words(example);
                assert!(
                    path.split(' ').all(|word| words.iter().any(|w| w == word)),
                    "{example}"
                );
                let parsed = Arguments::command().try_get_matches_from(words);
                assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
            }
        }
    }

    #[test]
    fn every_command_shows_an_example() {
        fn check(command: &Command, path: &str) {
            if command.get_name() == "help" {
                return;
            }
            let help = command.get_after_help().map(ToString::to_string);
            if !command.has_subcommands() {
                let help = help.unwrap_or_else(|| panic!("{path} has no example"));
                assert!(help.contains("truce "), "{path}: {help}");
            }
            for inner in command.get_subcommands() {
                check(inner, &format!("{path} {}", inner.get_name()));
            }
        }
        check(&with_examples(Arguments::command()), "truce");
    }
}
