//! The annex for a report to the Security Council: what the mission stands behind over a reporting
//! period, clause by clause, with the parties' replies and the limits of what was seen.

use crate::account::Account;
use crate::body::drawings;
use crate::document::{Block, Document};
use crate::{actions, counts, events, observability, overview, truces, violations, weapons};

/// The annex over a reporting period.
#[must_use]
pub fn annex(account: &Account) -> Document {
    let l = account.basis.language;
    let mut document = overview::begin("annex", account, "Annex for the Security Council");
    document
        .push(Block::Text(
            l.t(
                "This annex lists as findings only what the mission has verified. Counts by rule \
                 stand beside them and are assessments. The parties' replies are printed as they \
                 were given.",
            )
            .to_owned(),
        ))
        .push(Block::Heading(l.t("Overview")))
        .push(overview::figures(account))
        .push(overview::summary(account))
        .push(overview::sector_trends(account));
    drawings(&mut document, account);
    document
        .push(Block::Heading(l.t("Implementation of the agreement")))
        .table(counts::by_clause(account))
        .table(violations::verified(account))
        .table(weapons::weapons(account))
        .table(truces::objects(account))
        .table(truces::windows(account))
        .table(events::maritime(account))
        .push(Block::Heading(l.t("Civilians")))
        .table(events::civilians(account))
        .push(Block::Heading(l.t("The mission")))
        .table(events::movement(account))
        .table(events::interference(account))
        .table(observability::watched(account));
    if let Some(drawing) = observability::drawing(account) {
        document.push(drawing);
    }
    document
        .push(Block::Heading(l.t("The parties")))
        .table(actions::replies(account))
        .table(actions::clocks(account))
        .table(counts::columns(account));
    document
}
