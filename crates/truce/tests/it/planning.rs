//! The commands of `docs/planning.md` give what the page says they give.

use std::path::Path;

use crate::program::{Run, truce};

const PAGE: &str = include_str!("../../../../docs/planning.md");

/// A command of the page and the lines shown under it.
struct Shown {
    command: String,
    lines: Vec<String>,
}

/// The commands in the page's `console` blocks. What is left out of an answer is shown as `…`.
fn shown() -> Vec<Shown> {
    let (mut inside, mut all) = (false, Vec::<Shown>::new());
    for line in PAGE.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ truce ").filter(|_| inside) {
            all.push(Shown {
                command: command.to_owned(),
                lines: Vec::new(),
            });
        } else if inside && let Some(last) = all.last_mut() {
            last.lines.push(line.trim_end().to_owned());
        }
    }
    all
}

/// Words of a command line, single quotes respected.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in command.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn the_commands_of_the_page_answer_as_shown() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let all = shown();
    assert!(all.len() >= 5, "the page shows {} commands", all.len());
    for Shown { command, lines } in all {
        let words = words(&command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let run: Run = truce(&words).current_dir(&root).output().unwrap().into();
        let run = run.ok();
        let mut answer = run.out.lines().map(str::trim_end);
        for line in lines.iter().filter(|line| *line != "…" && !line.is_empty()) {
            let found = answer.any(|given| given == line);
            assert!(
                found,
                "$ truce {command}\nhas no line, in order:\n{line}\n{}",
                run.out
            );
        }
    }
}
