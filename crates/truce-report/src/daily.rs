//! The daily report, as missions write it: counts, violations, weapons, civilians, freedom of
//! movement, truces, the sea, action taken, what was not observable, and what was revised.
//!
//! Its order and its columns follow the daily reports of the OSCE Special Monitoring Mission.

use crate::account::Account;
use crate::chart::counts_over_time;
use crate::document::{Block, Document};
use crate::map::{self, Content};
use crate::{
    actions, counts, events, limits, observability, overview, symbols, truces, violations, weapons,
};

/// The daily report of a cut-off period.
#[must_use]
pub fn daily(account: &Account) -> Document {
    let l = account.basis.language;
    let mut document = overview::begin("daily", account, "Daily report");
    document
        .push(overview::figures(account))
        .push(overview::summary(account));
    drawings(&mut document, account);
    document
        .table(counts::explosions(account))
        .table(counts::by_kind(account))
        .table(counts::columns(account))
        .table(counts::by_clause(account))
        .table(violations::violations(account))
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
    not_observable(&mut document, account);
    document
        .table(actions::revisions(account))
        .table(violations::all(account));
    document
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
pub(crate) fn not_observable(document: &mut Document, account: &Account) {
    document.table(observability::watched(account));
    if let Some(drawing) = observability::drawing(account) {
        document.push(drawing);
    }
    for table in limits::tables(account) {
        document.table(table);
    }
}
