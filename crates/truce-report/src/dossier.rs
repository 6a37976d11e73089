//! The dossier: everything that is known of one incident, and where in the log it stands.

use truce_core::finding::Step;

use crate::actions::action_words;
use crate::case::{self, Case};
use crate::chart::bars;
use crate::document::{Block, Document};
use crate::place::coordinates;
use crate::table::{Cell, Row, Table};
use crate::words;

/// The dossier of an incident.
#[must_use]
pub fn dossier(spoken: &Case) -> Document {
    let l = spoken.basis.language;
    let mut document = case::begin("dossier", spoken, "Dossier");
    document.push(case::facts(spoken));
    if let Some(map) = case::drawing(spoken) {
        document.push(map);
    }
    explanation(&mut document, spoken);
    distributions(&mut document, spoken);
    document
        .table(evidence(spoken))
        .table(case::assessments(spoken))
        .table(history(spoken))
        .table(replies(spoken))
        .table(case::clocks(spoken))
        .table(revisions(spoken))
        .push(Block::Heading(l.t("Proof")))
        .push(Block::Facts(vec![
            (l.t("Entry in the log"), spoken.place.entry.to_string()),
            (l.t("Row"), spoken.place.row.to_string()),
        ]))
        .push(Block::Note(l.t(
            "Whoever has the evidence package of this incident and the log's public key can check \
             that these records stand in the log, without asking the mission.",
        )));
    document
}

/// Why the probability is what it is, term by term.
fn explanation(document: &mut Document, spoken: &Case) {
    let l = spoken.basis.language;
    let terms = &spoken.reported.incident.explanation;
    let rows: Vec<(String, f64)> = terms
        .iter()
        .map(|term| {
            let sensor = term.sensor.as_ref().map_or("", |sensor| sensor.as_str());
            (format!("{} {sensor}", term.name), term.log_odds)
        })
        .collect();
    let label = l.t("Weight of each term: to the right for, to the left against");
    if let Some(svg) = bars(&rows, label, 2) {
        document.push(Block::Drawing {
            title: l.t("Why it is held to be so likely"),
            svg,
            caption: label.to_owned(),
        });
    }
    let rows = terms.iter().map(|term| {
        vec![
            Cell::text(term.name.as_str()),
            Cell::text(term.sensor.as_ref().map_or("", |sensor| sensor.as_str())),
            Cell::text(&*term.text),
            Cell::Number(term.log_odds, 2),
        ]
    });
    let table = Table::new(
        l,
        "explanation",
        "Explanation",
        "The incident carries no explanation.",
        &[
            ("term", "Term"),
            ("sensor", "Sensor"),
            ("text", "In words"),
            ("log_odds", "Weight (log-odds)"),
        ],
    )
    .note(l.t("Terms are printed in the language in which the log holds them."))
    .rows(rows);
    document.table(table);
}

/// What it may have been, and who may have done it.
fn distributions(document: &mut Document, spoken: &Case) {
    let basis = &spoken.basis;
    let l = basis.language;
    let incident = &spoken.reported.incident;
    let classes = incident.classes.iter();
    let classes: Vec<(String, f64)> = classes
        .map(|(class, p)| (l.class(*class).to_owned(), *p))
        .collect();
    let label = l.t("Probability of each class");
    if let Some(svg) = bars(&classes, label, 2) {
        document.push(Block::Drawing {
            title: l.t("What it may have been"),
            svg,
            caption: label.to_owned(),
        });
    }
    if incident.attribution.parties.is_empty() {
        return;
    }
    let parties = incident.attribution.parties.iter();
    let mut parties: Vec<(String, f64)> = parties
        .map(|(party, p)| (words::actor(&basis.mission, party).to_owned(), *p))
        .collect();
    let open = incident.attribution.undetermined();
    parties.push((l.t("undetermined").to_owned(), open));
    let label = l.t(
        "Where the evidence points. This is no attribution: two officers attribute, or nobody does.",
    );
    if let Some(svg) = bars(&parties, label, 2) {
        document.push(Block::Drawing {
            title: l.t("Where the evidence points"),
            svg,
            caption: label.to_owned(),
        });
    }
}

/// The evidence in the order in which it arrived.
fn evidence(spoken: &Case) -> Table {
    let basis = &spoken.basis;
    let l = basis.language;
    let rows = spoken.exhibits.iter().map(|exhibit| {
        let observation = &exhibit.observation;
        let place = observation.location.as_ref().and_then(|at| at.place());
        let sensor = observation.sensor.as_ref();
        let cells = vec![
            Cell::text(basis.local(observation.received_at)),
            Cell::text(basis.local_interval(observation.observed_at)),
            Cell::text(sensor.map_or(observation.source.as_str(), |sensor| sensor.as_str())),
            Cell::text(case::reading(basis, &observation.reading)),
            Cell::text(place.map_or(String::new(), |place| coordinates(place.position))),
            Cell::text(observation.grade.code()),
            Cell::text(
                exhibit
                    .message
                    .map_or(l.t("erased").to_owned(), |d| d.to_string()),
            ),
            Cell::text(format!("{}:{}", exhibit.place.entry, exhibit.place.row)),
        ];
        Row {
            cells,
            place: place.map(|place| place.position),
        }
    });
    Table::new(
        l,
        "evidence",
        "Evidence",
        "The log holds no observation of this incident.",
        &[
            ("received_at", "Received"),
            ("observed", "Observed at"),
            ("sensor", "Sensor"),
            ("reading", "Reading"),
            ("place", "Where"),
            ("grade", "Grade"),
            ("message", "Digest of the message"),
            ("log", "Entry:row"),
        ],
    )
    .note(
        l.t("In order of arrival. The grade is the Admiralty code: source A to F, content 1 to 6."),
    )
    .rows(rows)
}

/// What officers decided.
fn history(spoken: &Case) -> Table {
    let basis = &spoken.basis;
    let steps = spoken.reported.finding.iter().flat_map(|f| &f.history);
    let rows = steps.filter_map(|step| match step {
        Step::Decision(decision) => Some(vec![
            Cell::text(basis.local(decision.decided_at)),
            Cell::text(action_words(basis, &decision.action)),
            Cell::text(decision.officer.as_str()),
            Cell::text(&*decision.reason),
        ]),
        Step::Reply(_) => None,
    });
    Table::new(
        basis.language,
        "history",
        "Decisions",
        "No officer has decided anything on it.",
        &[
            ("decided_at", "When"),
            ("action", "Action"),
            ("officer", "Officer"),
            ("reason", "Reason given"),
        ],
    )
    .rows(rows)
}

/// What the parties replied.
fn replies(spoken: &Case) -> Table {
    let basis = &spoken.basis;
    let l = basis.language;
    let steps = spoken.reported.finding.iter().flat_map(|f| &f.history);
    let rows = steps.filter_map(|step| match step {
        Step::Reply(reply) => Some(vec![
            Cell::text(basis.local(reply.replied_at)),
            Cell::text(words::actor(&basis.mission, &reply.party)),
            Cell::text(l.stance(reply.stance)),
            Cell::text(&*reply.text),
        ]),
        Step::Decision(_) => None,
    });
    Table::new(
        l,
        "replies",
        "Replies of the parties",
        "No party has replied.",
        &[
            ("replied_at", "When"),
            ("party", "Party"),
            ("stance", "Stance"),
            ("text", "In its words"),
        ],
    )
    .note(l.t("Every reply is printed as it was given. A reply changes no status."))
    .rows(rows)
}

fn revisions(spoken: &Case) -> Table {
    let basis = &spoken.basis;
    let rows = spoken.revisions.iter().map(|line| {
        vec![
            Cell::Count(u64::from(line.revision)),
            Cell::text(basis.local(line.recorded_at)),
            Cell::Number(line.probability, 2),
            Cell::Count(line.evidence_count),
        ]
    });
    Table::new(
        basis.language,
        "revisions",
        "Revisions",
        "",
        &[
            ("revision", "Revision"),
            ("recorded_at", "Recorded"),
            ("probability", "Likelihood"),
            ("observation_count", "Observations"),
        ],
    )
    .rows(rows)
}
