//! What the mission could have seen: per sector and class the probability that one event would have
//! been noticed, and whether silence means that it was quiet.

use truce_core::{EventClass, Slug};

use crate::account::{Account, Silence, Watch};
use crate::chart::{Grid, strips};
use crate::document::Block;
use crate::table::{Cell, Table};
use crate::words;

/// The table of watches.
pub(crate) fn watched(account: &Account) -> Table {
    let basis = &account.basis;
    let l = basis.language;
    let rows = account.watches.iter().map(|watch| {
        let least = watch.parts.iter().copied().fold(f64::INFINITY, f64::min);
        let blind = watch.parts.iter().filter(|p| **p < BLIND_BELOW).count() as u64;
        vec![
            Cell::text(words::sector(basis, Some(&watch.sector))),
            Cell::text(l.class(watch.class)),
            Cell::Number(watch.detection * 100.0, 0),
            Cell::Number(
                if least.is_finite() {
                    least * 100.0
                } else {
                    0.0
                },
                0,
            ),
            Cell::Count(blind),
            Cell::text(l.silence(watch.silence)),
        ]
    });
    Table::new(
        l,
        "watched",
        "What silence means",
        "How well the sectors were watched is not known.",
        &[
            ("sector", "Sector"),
            ("class", "Class of event"),
            ("detection_percent", "Would have been noticed, %"),
            ("least_percent", "Least at any time, %"),
            ("blind_parts", "Hours or days below 20 %"),
            ("silence", "Silence means"),
        ],
    )
    .note(l.t(
        "The probability that one event, anywhere in the sector and at any time of the period, \
         would have been noticed by the sensors that worked, under the weather that was told. Below \
         80 % silence is no sign of quiet: the sector was not observable for that class.",
    ))
    .rows(rows)
}

/// From this probability down a part of the period is called blind.
const BLIND_BELOW: f64 = 0.2;

/// Classes of which the course of the period is drawn.
const DRAWN: [EventClass; 3] = [
    EventClass::Artillery,
    EventClass::DroneStrike,
    EventClass::SmallArms,
];

/// The course of the period: a strip for each sector and class.
pub(crate) fn drawing(account: &Account) -> Option<Block> {
    let basis = &account.basis;
    let l = basis.language;
    let rows: Vec<(String, &[f64])> = account
        .watches
        .iter()
        .filter(|watch| DRAWN.contains(&watch.class))
        .map(|watch| {
            let sector = words::sector(basis, Some(&watch.sector));
            let name = format!("{sector}: {}", l.class(watch.class));
            (name, watch.parts.as_slice())
        })
        .collect();
    let parts = rows.first()?.1.len();
    let label = l.t("Probability of noticing an event, by sector and time");
    let svg = strips(
        &rows,
        &Grid::over(account, parts),
        label,
        [l.t("could not be seen"), l.t("would be noticed")],
    );
    Some(Block::Drawing {
        title: l.t("What could be seen, over time"),
        svg,
        caption: label.to_owned(),
    })
}

/// Sectors in which a class was silent without that meaning quiet.
pub(crate) fn not_observable(account: &Account, class: EventClass) -> Vec<&Slug> {
    let silent = |watch: &&Watch| watch.class == class && watch.silence == Silence::NotObservable;
    let watches = account.watches.iter().filter(silent);
    watches.map(|watch| &watch.sector).collect()
}
