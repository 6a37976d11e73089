//! The spot report: one incident on a page, for those who must know at once.

use crate::case::{self, Case};
use crate::document::{Block, Document};

/// The spot report of an incident.
#[must_use]
pub fn spot(spoken: &Case) -> Document {
    let l = spoken.basis.language;
    let mut document = case::begin("spot", spoken, "Spot report");
    document.push(case::facts(spoken));
    if let Some(map) = case::drawing(spoken) {
        document.push(map);
    }
    document
        .table(case::assessments(spoken))
        .table(case::clocks(spoken))
        .push(Block::Note(l.t(
            "A spot report says what is known now. What arrives later revises the incident, and the \
             earlier revision stays in the log.",
        )));
    document
}
