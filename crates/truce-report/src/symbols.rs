//! What a map shows of incidents.

use truce_core::{Ellipse, Position};

use crate::account::{Account, Reported};
use crate::counts::{counted, is_violation};
use crate::language::Language;
use crate::words;

/// A point on a map.
pub(crate) struct Symbol {
    /// Where.
    pub(crate) at: Position,
    /// How it is drawn: a class of the style sheet.
    pub(crate) class: &'static str,
    /// What it is.
    pub(crate) title: String,
    /// Its 90 % ellipse, where that is drawn.
    pub(crate) ellipse: Option<Ellipse>,
}

/// The classes of symbols with their names, in the order of the legend.
pub(crate) const CLASSES: [(&str, &str); 3] = [
    ("armed", "Violation with weapons"),
    ("breach", "Other violation"),
    ("event", "Other incident"),
];

/// The counted incidents of a period, violations last so that they lie on top.
pub(crate) fn of_period(account: &Account) -> Vec<Symbol> {
    let l = account.basis.language;
    let mut all: Vec<&Reported> = counted(account).collect();
    all.sort_by_key(|reported| is_violation(reported));
    all.into_iter()
        .map(|reported| symbol(l, reported))
        .collect()
}

/// One incident.
pub(crate) fn symbol(l: Language, reported: &Reported) -> Symbol {
    let incident = &reported.incident;
    let class = match (is_violation(reported), words::is_armed(incident)) {
        (true, true) => "armed",
        (true, false) => "breach",
        (false, _) => "event",
    };
    Symbol {
        at: incident.place.position,
        class,
        title: l.what(incident).to_owned(),
        ellipse: None,
    }
}
