//! The weekly assessment: what changed against the week before, and what the mission can stand
//! behind.

use crate::account::Account;
use crate::daily::{drawings, not_observable};
use crate::document::{Block, Document};
use crate::{actions, counts, events, overview, truces, violations, weapons};

/// The assessment of a week, or of any longer period.
#[must_use]
pub fn weekly(account: &Account) -> Document {
    let l = account.basis.language;
    let mut document = overview::begin("weekly", account, "Weekly assessment");
    document
        .push(overview::figures(account))
        .push(overview::summary(account))
        .push(Block::Heading(l.t("Change by sector")))
        .push(overview::sector_trends(account))
        .push(Block::Note(l.t(
            "Counts also change when sensors, weather or attention change: compare what could be \
             seen, below. A difference is called more than chance when two counts of one rate would \
             differ as much in fewer than one of 20 weeks.",
        )));
    drawings(&mut document, account);
    document
        .table(counts::explosions(account))
        .table(counts::by_kind(account))
        .table(counts::columns(account))
        .table(counts::by_clause(account))
        .table(violations::verified(account))
        .table(weapons::weapons(account))
        .table(events::civilians(account))
        .table(truces::objects(account))
        .table(truces::windows(account))
        .table(events::movement(account))
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
