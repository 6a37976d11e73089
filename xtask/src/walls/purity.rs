//! What a pure room may not touch, and the scan that finds it.
//!
//! Pure rooms give the same bytes for the same input, so they read no clock, file, socket,
//! environment or global random source, start no threads, print nothing, keep no map of random
//! order, and take sines and logarithms from `libm`. The scan reads a room's `src/` without
//! comments, strings and `#[cfg(test)]` items. It matches names, not types: an import through a
//! macro of another crate would pass it, a review should not.

use super::Violation;
use super::paths::{Path, paths};
use super::tokens::Token;

/// One way in which code can name what is forbidden.
enum Name {
    /// A path that begins so, or a glob import from above it.
    Under(&'static [&'static str]),
    /// A path that ends so.
    Ends(&'static [&'static str]),
    /// An identifier anywhere.
    Word(&'static str),
    /// An identifier that ends so.
    WordEnds(&'static str),
    /// A macro call.
    Macro(&'static str),
    /// A method call on a number, or its spelling as a path such as `f64::sin`.
    Float(&'static str),
}

/// A thing that pure rooms leave alone.
struct Ban {
    touches: &'static str,
    because: &'static str,
    instead: &'static str,
    names: &'static [Name],
}

const BANS: &[Ban] = &[
    Ban {
        touches: "files",
        because: "a replay on another machine must find the same input",
        instead: "take the bytes as an argument; `truce` reads files",
        names: &[
            Name::Under(&["std", "fs"]),
            Name::Under(&["std", "io", "stdin"]),
            Name::Under(&["tempfile"]),
        ],
    },
    Ban {
        touches: "sockets",
        because: "a replay on another machine must find the same input",
        instead: "take a RawMessage as an argument; `truce` holds the transports",
        names: &[
            Name::Under(&["std", "net"]),
            Name::Under(&["std", "os", "unix", "net"]),
            Name::Under(&["tokio"]),
        ],
    },
    Ban {
        touches: "the environment",
        because: "the result would hang on who runs it",
        instead: "take the value as an argument",
        names: &[Name::Under(&["std", "env"])],
    },
    Ban {
        touches: "processes",
        because: "the result would hang on what is installed",
        instead: "return a value and let `truce` act on it",
        names: &[Name::Under(&["std", "process"])],
    },
    Ban {
        touches: "threads",
        because: "the order of work would be the scheduler's",
        instead: "split the work into calls that `truce` may run side by side",
        names: &[Name::Under(&["std", "thread"]), Name::Under(&["rayon"])],
    },
    Ban {
        touches: "the clock",
        because: "a replay tomorrow must give today's bytes",
        instead: "take a Timestamp as an argument",
        names: &[
            Name::Under(&["std", "time", "SystemTime"]),
            Name::Under(&["std", "time", "Instant"]),
            Name::Ends(&["Timestamp", "now"]),
            Name::Ends(&["Zoned", "now"]),
            Name::Ends(&["Utc", "now"]),
            Name::Ends(&["TimeZone", "system"]),
            Name::Ends(&["TimeZone", "try_system"]),
        ],
    },
    Ban {
        touches: "maps of random order",
        because: "the order of iteration changes from run to run",
        instead: "use BTreeMap or BTreeSet",
        names: &[
            Name::WordEnds("HashMap"),
            Name::WordEnds("HashSet"),
            Name::Word("hash_map"),
            Name::Word("hash_set"),
            Name::Word("RandomState"),
            Name::Word("DefaultHasher"),
        ],
    },
    Ban {
        touches: "global randomness",
        because: "a run must be repeatable from its seed",
        instead: "take a seeded generator (`rand_chacha`) as an argument",
        names: &[
            Name::Under(&["rand", "rng"]),
            Name::Under(&["rand", "random"]),
            Name::Word("thread_rng"),
            Name::Word("getrandom"),
            Name::Word("from_os_rng"),
            Name::Word("try_from_os_rng"),
            Name::Word("from_entropy"),
            Name::Word("OsRng"),
            Name::Word("SysRng"),
        ],
    },
    Ban {
        touches: "the terminal",
        because: "output leaves a pure room as a value",
        instead: "return the text; `truce` prints and logs",
        names: &[
            Name::Macro("print"),
            Name::Macro("println"),
            Name::Macro("eprint"),
            Name::Macro("eprintln"),
            Name::Macro("dbg"),
            Name::Under(&["std", "io", "stdout"]),
            Name::Under(&["std", "io", "stderr"]),
        ],
    },
    Ban {
        touches: "the platform's own mathematics",
        because: "its last bits differ between platforms",
        instead: "call the function of the same name in `libm`",
        names: &[
            Name::Float("sin"),
            Name::Float("cos"),
            Name::Float("tan"),
            Name::Float("sin_cos"),
            Name::Float("asin"),
            Name::Float("acos"),
            Name::Float("atan"),
            Name::Float("atan2"),
            Name::Float("sinh"),
            Name::Float("cosh"),
            Name::Float("tanh"),
            Name::Float("asinh"),
            Name::Float("acosh"),
            Name::Float("atanh"),
            Name::Float("exp"),
            Name::Float("exp2"),
            Name::Float("exp_m1"),
            Name::Float("ln"),
            Name::Float("ln_1p"),
            Name::Float("log"),
            Name::Float("log2"),
            Name::Float("log10"),
            Name::Float("powf"),
            Name::Float("cbrt"),
            Name::Float("hypot"),
        ],
    },
];

/// Types and traits whose associated functions are the platform's mathematics.
const FLOATS: &[&str] = &["f32", "f64", "Float", "Real", "RealField", "ComplexField"];

/// Every place where the code of the pure crate `room` touches what it may not.
///
/// `tokens` is the file's code without its tests.
pub(crate) fn scan(room: &str, file: &str, tokens: &[Token]) -> Vec<Violation> {
    let mut found: Vec<(usize, String, &Ban)> = Vec::new();
    for path in paths(tokens) {
        let spelt = path.segments.join("::");
        found.extend(bans_on_path(&path).map(|ban| (path.line, spelt.clone(), ban)));
    }
    for window in tokens.windows(3) {
        found.extend(bans_on_call(window));
    }
    found.sort_by(|a, b| (a.0, a.2.touches, &a.1).cmp(&(b.0, b.2.touches, &b.1)));
    found.dedup_by(|a, b| a.0 == b.0 && a.2.touches == b.2.touches);
    let to_violation = |(line, spelt, ban): (usize, String, &Ban)| Violation {
        file: file.to_owned(),
        line,
        message: format!(
            "crate `{room}` is pure and may not touch {} (`{spelt}`), because {}",
            ban.touches, ban.because
        ),
        hint: ban.instead.to_owned(),
    };
    found.into_iter().map(to_violation).collect()
}

fn bans_on_path(path: &Path) -> impl Iterator<Item = &'static Ban> {
    BANS.iter().filter(|ban| {
        ban.names
            .iter()
            .any(|name| names_path(name, &path.segments))
    })
}

fn names_path(name: &Name, segments: &[String]) -> bool {
    match name {
        Name::Under(prefix) => {
            starts_with(segments, prefix)
                || matches!(segments, [above @ .., star] if star == "*"
                    && above.len() < prefix.len()
                    && above.iter().zip(*prefix).all(|(a, b)| a == b))
        }
        Name::Ends(suffix) => {
            segments.len() >= suffix.len()
                && starts_with(&segments[segments.len() - suffix.len()..], suffix)
        }
        Name::Word(word) => segments.iter().any(|segment| segment == word),
        Name::WordEnds(end) => segments.iter().any(|segment| segment.ends_with(end)),
        Name::Float(method) => {
            matches!(segments, [.., owner, last] if last == method
                && FLOATS.contains(&owner.as_str()))
        }
        Name::Macro(_) => false,
    }
}

fn starts_with(segments: &[String], prefix: &[&str]) -> bool {
    segments.len() >= prefix.len() && segments.iter().zip(prefix).all(|(a, b)| a == b)
}

/// Macro calls (`name !`) and method calls (`. name (`) that a ban names.
fn bans_on_call(window: &[Token]) -> Option<(usize, String, &'static Ban)> {
    let [first, second, third] = window else {
        return None;
    };
    let (token, is_macro) = match (first.ident(), second.ident()) {
        (Some(_), None) if second.is('!') && !third.is('=') => (first, true),
        (None, Some(_)) if first.is('.') && third.is('(') => (second, false),
        _ => return None,
    };
    let called = token.ident()?;
    let named = |name: &Name| match name {
        Name::Macro(name) => is_macro && *name == called,
        Name::Float(name) => !is_macro && *name == called,
        _ => false,
    };
    let ban = BANS.iter().find(|ban| ban.names.iter().any(named))?;
    let spelt = if is_macro {
        format!("{called}!")
    } else {
        format!(".{called}()")
    };
    Some((token.line, spelt, ban))
}

#[cfg(test)]
mod tests {
    use super::super::tokens::{tokens, without_tests};
    use super::*;

    /// What the scan says the source touches, with lines.
    fn check(source: &str, expected: &[(usize, &str)]) {
        let (code, _) = without_tests(&tokens(source));
        let found = scan("truce-core", "lib.rs", &code);
        let short: Vec<(usize, &str)> = found
            .iter()
            .map(|violation| {
                let (_, rest) = violation
                    .message
                    .split_once("touch ")
                    .expect("a message says what");
                (
                    violation.line,
                    rest.split_once(" (`").expect("and the name").0,
                )
            })
            .collect();
        assert_eq!(short, expected, "source: {source}");
    }

    #[test]
    fn planted_violations_are_found() {
        check("use std::fs;", &[(1, "files")]);
        check("\nuse std::{io, fs::File};", &[(2, "files")]);
        check(
            "fn f() { std::net::TcpStream::connect(a) }",
            &[(1, "sockets")],
        );
        check(
            "use std::*;",
            &[
                "files",
                "processes",
                "sockets",
                "the clock",
                "the environment",
                "the terminal",
                "threads",
            ]
            .map(|touches| (1, touches)),
        );
        check("use std::time::*;", &[(1, "the clock")]);
        check(
            "use std::time;\nfn f() { time::Instant::now() }",
            &[(2, "the clock")],
        );
        check(
            "use std::time::{Duration, SystemTime as Clock};",
            &[(1, "the clock")],
        );
        check(
            "use std as s;\nfn f() { s::env::var(x) }",
            &[(2, "the environment")],
        );
        check("std::process::exit(1)", &[(1, "processes")]);
        check("std::thread::spawn(f)", &[(1, "threads")]);
        check("jiff::Timestamp::now()", &[(1, "the clock")]);
        check("use jiff::Zoned as Z; \n Z::now()", &[(2, "the clock")]);
        check("map: &'a HashMap<K, V>", &[(1, "maps of random order")]);
        check("type T = FxHashSet<u8>;", &[(1, "maps of random order")]);
        check("rand::rng()", &[(1, "global randomness")]);
        check("ChaCha8Rng::from_os_rng()", &[(1, "global randomness")]);
        check("getrandom::fill(b)", &[(1, "global randomness")]);
        check("tokio::spawn(f)", &[(1, "sockets")]);
        check("println!(\"x\")", &[(1, "the terminal")]);
        check(
            "a.sin() + b\n.exp()",
            &[
                (1, "the platform's own mathematics"),
                (2, "the platform's own mathematics"),
            ],
        );
        check("1.0_f64.powf(x)", &[(1, "the platform's own mathematics")]);
        check("xs.map(f64::ln)", &[(1, "the platform's own mathematics")]);
        check("pair.0.atan2(y)", &[(1, "the platform's own mathematics")]);
    }

    #[test]
    fn clean_code_passes() {
        check("use std::time::Duration; use std::io::{Read, Write};", &[]);
        check(
            "use std::collections::{BTreeMap, BTreeSet, btree_map};",
            &[],
        );
        check("libm::sin(x) + libm::log(y) + z.sqrt() + n.ilog2()", &[]);
        check(
            "// std::fs\n/* HashMap */ let s = \"std::env println!\";",
            &[],
        );
        check(
            "#[cfg(test)] mod tests { use std::fs; fn f() { x.sin() } }",
            &[],
        );
        check("a != b; print != c; let now = self.now; clock.now()", &[]);
        check("rand_chacha::ChaCha8Rng::seed_from_u64(seed)", &[]);
        check("use crate::fs; use super::net; mod env {}", &[]);
    }
}
