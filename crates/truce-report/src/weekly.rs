//! The weekly assessment: what changed against the week before, and what the mission can stand
//! behind.

use crate::account::Account;
use crate::document::{Block, Document};
use crate::{body, overview, violations};

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
    body::whole(&mut document, account, violations::verified(account));
    document
}
