//! What the reports over a period share: the drawings, the tables in their order, and the part on what
//! could not be seen.

use crate::account::Account;
use crate::chart::counts_over_time;
use crate::document::{Block, Document};
use crate::map::{self, Content};
use crate::table::Table;
use crate::{actions, counts, events, limits, observability, symbols, truces, violations, weapons};

/// Everything from the map to the list of all incidents. Reports differ in which violations they
/// list: all of a day, the verified ones of a week.
pub(crate) fn whole(document: &mut Document, account: &Account, violations: Table) {
    let l = account.basis.language;
    drawings(document, account);
    document
        .table(counts::explosions(account))
        .table(counts::by_kind(account))
        .table(counts::columns(account))
        .table(counts::by_clause(account))
        .table(violations)
        .table(weapons::weapons(account))
        .table(events::civilians(account))
        .table(truces::objects(account))
        .table(truces::windows(account))
        .table(events::movement(account))
        .table(events::visits(account))
        .table(events::interference(account))
        .table(events::maritime(account))
        .table(events::not_violations(account))
        .table(actions::decisions(account))
        .table(actions::replies(account))
        .table(actions::clocks(account))
        .push(Block::Heading(l.t("What was not observable")));
    not_observable(document, account);
    document
        .table(actions::revisions(account))
        .table(violations::all(account));
}

/// The map of the incidents and the chart of their times.
pub(crate) fn drawings(document: &mut Document, account: &Account) {
    let l = account.basis.language;
    let label = l.t("Map of the zones and the incidents of the period");
    let content = Content {
        symbols: symbols::of_period(account),
        ..Content::default()
    };
    if let Some(svg) = map::draw(&account.basis, label, &content) {
        document.push(Block::Drawing {
            title: l.t("Where"),
            svg,
            caption: label.to_owned(),
        });
    }
    let label = l.t("Violations (dark) and other counted incidents over the period");
    if let Some(svg) = counts_over_time(account, label) {
        document.push(Block::Drawing {
            title: l.t("When"),
            svg,
            caption: label.to_owned(),
        });
    }
}

/// The part on what could not be seen.
fn not_observable(document: &mut Document, account: &Account) {
    document.table(observability::watched(account));
    if let Some(drawing) = observability::drawing(account) {
        document.push(drawing);
    }
    for table in limits::tables(account) {
        document.table(table);
    }
}
