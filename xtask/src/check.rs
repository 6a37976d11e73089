//! `cargo xtask test`: chooses groups, runs them all, and sums up.
//!
//! A failure never hides a later one: every group that can run does. What was left out or could not
//! run is said in the table, so that a short green run cannot pass for a whole one.

use std::time::Duration;

use crate::cost::Stopwatch;
use crate::groups::{GROUPS, Group};
use crate::programs::provide;
use crate::workspace::Workspace;

/// Which groups to run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Run nothing but these, when there are any.
    pub(crate) only: Vec<String>,
    /// Leave these out.
    pub(crate) without: Vec<String>,
}

/// How a group ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
    LeftOut,
}

struct Row {
    group: &'static str,
    outcome: Outcome,
    wall: Duration,
}

/// Runs the selected groups, prints the table, and says whether all that ran passed.
pub(crate) fn run(workspace: &Workspace, selection: &Selection) -> bool {
    let mut rows: Vec<Row> = Vec::new();
    for group in GROUPS.iter().filter(|group| selection.concerns(group.name)) {
        let watch = Stopwatch::start();
        let outcome = if selection.leaves_out(group.name) {
            println!("left out: {}", group.name);
            Outcome::LeftOut
        } else {
            run_group(group, workspace, &rows)
        };
        rows.push(Row {
            group: group.name,
            outcome,
            wall: watch.read().wall,
        });
    }
    print!("\n{}", summary(&rows));
    !rows
        .iter()
        .any(|row| matches!(row.outcome, Outcome::Failed(_)))
}

fn run_group(group: &Group, workspace: &Workspace, before: &[Row]) -> Outcome {
    println!("\n== {}: {}", group.name, group.about);
    let failed = |row: &Row| matches!(row.outcome, Outcome::Failed(_) | Outcome::Skipped(_));
    if let Some(needed) = group.after
        && before.iter().any(|row| row.group == needed && failed(row))
    {
        println!("skipped: it builds on the group {needed}, which did not pass");
        return Outcome::Skipped(format!("{needed} did not pass"));
    }
    match provide(group.needs, group.name).and_then(|()| (group.run)(workspace)) {
        Ok(()) => Outcome::Passed,
        Err(reason) => {
            println!("{} failed: {reason}", group.name);
            Outcome::Failed(reason)
        }
    }
}

/// The table and the closing line, which counts groups.
fn summary(rows: &[Row]) -> String {
    let mut text = format!("{:<12} {:<10} {:>8}\n", "group", "result", "seconds");
    let mut reasons = String::new();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for row in rows {
        let result = match &row.outcome {
            Outcome::Passed => {
                passed += 1;
                "passed"
            }
            Outcome::Failed(reason) => {
                failed += 1;
                reasons.push_str(&format!("{}: {reason}\n", row.group));
                "FAILED"
            }
            Outcome::Skipped(reason) => {
                skipped += 1;
                reasons.push_str(&format!("{}: skipped, since {reason}\n", row.group));
                "skipped"
            }
            Outcome::LeftOut => "left out",
        };
        let seconds = row.wall.as_secs_f64();
        text.push_str(&format!("{:<12} {result:<10} {seconds:>8.1}\n", row.group));
    }
    let skipped = if skipped > 0 {
        format!(", {skipped} skipped")
    } else {
        String::new()
    };
    format!("{text}\n{reasons}{passed} passed, {failed} failed{skipped}\n")
}

impl Selection {
    /// Refuses what cannot run.
    ///
    /// # Errors
    /// When the selection names a group that does not exist, or leaves none to run.
    pub(crate) fn check(&self) -> Result<(), String> {
        let names: Vec<&str> = GROUPS.iter().map(|group| group.name).collect();
        let named = self.only.iter().chain(&self.without);
        for name in named {
            if !names.contains(&name.as_str()) {
                return Err(format!(
                    "there is no group `{name}`; there are {}",
                    names.join(", ")
                ));
            }
        }
        let runs = |name: &&&str| self.concerns(name) && !self.leaves_out(name);
        match names.iter().find(runs) {
            Some(_) => Ok(()),
            None => Err("this leaves no group to run".to_owned()),
        }
    }

    fn concerns(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }

    fn leaves_out(&self, name: &str) -> bool {
        self.without.iter().any(|without| without == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(only: &[&str], without: &[&str]) -> Selection {
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Selection {
            only: own(only),
            without: own(without),
        }
    }

    #[test]
    fn a_selection_names_groups_that_exist() {
        let check = |only: &[&str], without: &[&str], fine: bool| {
            let result = selection(only, without).check();
            assert_eq!(result.is_ok(), fine, "{only:?} {without:?}: {result:?}");
        };
        check(&[], &[], true);
        check(&["walls", "unit"], &[], true);
        check(&[], &["browser"], true);
        check(&["wall"], &[], false);
        check(&[], &["browsers"], false);
        check(&["unit"], &["unit"], false);
        let error = selection(&["wall"], &[]).check().unwrap_err();
        assert!(
            error.contains("walls") && error.contains("browser"),
            "{error}"
        );
    }

    fn row(group: &'static str, outcome: Outcome) -> Row {
        Row {
            group,
            outcome,
            wall: Duration::from_millis(1500),
        }
    }

    #[test]
    fn the_closing_line_counts_groups() {
        let check = |rows: &[Row], last: &str| {
            assert_eq!(summary(rows).lines().last(), Some(last));
        };
        let failed = || Outcome::Failed("no".to_owned());
        let skipped = || Outcome::Skipped("web did not pass".to_owned());
        check(&[row("walls", Outcome::Passed)], "1 passed, 0 failed");
        check(
            &[row("walls", Outcome::Passed), row("unit", failed())],
            "1 passed, 1 failed",
        );
        check(
            &[row("unit", Outcome::LeftOut), row("docs", Outcome::Passed)],
            "1 passed, 0 failed",
        );
        check(
            &[row("web", failed()), row("browser", skipped())],
            "0 passed, 1 failed, 1 skipped",
        );
    }

    #[test]
    fn a_group_waits_for_what_it_builds_on() {
        fn never(_: &Workspace) -> Result<(), String> {
            panic!("must not run")
        }
        fn always(_: &Workspace) -> Result<(), String> {
            Ok(())
        }
        let workspace = Workspace {
            root: "/".into(),
            target: "/".into(),
            members: Vec::new(),
        };
        let group = |run| Group {
            name: "b",
            about: "",
            needs: &[],
            after: Some("a"),
            run,
        };
        let broken = [row("a", Outcome::Failed("no".to_owned()))];
        let outcome = run_group(&group(never), &workspace, &broken);
        assert_eq!(outcome, Outcome::Skipped("a did not pass".to_owned()));
        for before in [Outcome::Passed, Outcome::LeftOut] {
            let outcome = run_group(&group(always), &workspace, &[row("a", before)]);
            assert_eq!(outcome, Outcome::Passed);
        }
    }
}
