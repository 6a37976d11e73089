//! One incident with everything about it, and the tables and drawings that spot report and dossier
//! share.

use truce_core::finding::ClockReading;
use truce_core::{Digest, Observation, Reading, Timestamp};

use crate::account::{Basis, Reported};
use crate::document::{Block, Document};
use crate::map::{self, Content};
use crate::place::{coordinates, relative_place};
use crate::symbols;
use crate::table::{Cell, Table};
use crate::words::{self, NINETY_PERCENT};

/// One incident with everything about it.
#[derive(Debug, Clone)]
pub struct Case {
    /// What the report rests on.
    pub basis: Basis,
    /// The incident.
    pub reported: Reported,
    /// Where its newest word lies in the log.
    pub place: LogPlace,
    /// Its revisions, oldest first.
    pub revisions: Vec<RevisionLine>,
    /// The observations it rests on, in order of arrival.
    pub exhibits: Vec<Exhibit>,
    /// Its clocks as they stand at `as_of`.
    pub clocks: Vec<ClockReading>,
}

/// Where a record lies in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPlace {
    /// The entry.
    pub entry: u64,
    /// The row of the entry.
    pub row: u32,
}

/// One revision of the incident.
#[derive(Debug, Clone, PartialEq)]
pub struct RevisionLine {
    /// Its number.
    pub revision: u32,
    /// When the mission recorded it.
    pub recorded_at: Timestamp,
    /// The probability it gave.
    pub probability: f64,
    /// How many observations it rested on.
    pub evidence_count: u64,
}

/// One observation of the evidence.
#[derive(Debug, Clone)]
pub struct Exhibit {
    /// The observation.
    pub observation: Observation,
    /// The digest of the message it was decoded from; `None` when the message was erased.
    pub message: Option<Digest>,
    /// Where it lies in the log.
    pub place: LogPlace,
}

/// How much ground a map around an incident shows, in 90 % ellipses, and the least, metres.
const AROUND_ELLIPSES: f64 = 5.0;
const AROUND_M_MIN: f64 = 20_000.0;

/// A report on one incident, with what is said at the head of each.
pub(crate) fn begin(kind: &'static str, case: &Case, title: &'static str) -> Document {
    let basis = &case.basis;
    let l = basis.language;
    let number = words::number(&case.reported);
    let incident = &case.reported.incident;
    let title = format!("{} {number}: {}", l.t(title), l.what(incident));
    let mut document = Document::new(kind, basis, title);
    document.incident = Some(incident.id.0.short());
    document.period = Some(incident.occurred);
    document.head = vec![
        (l.t("Incident"), incident.id.to_string()),
        (l.t("Revision"), incident.revision.to_string()),
        (l.t("Records read up to"), basis.local(basis.as_of)),
        (l.t("Held as"), l.t("mission").to_owned()),
    ];
    if incident.withdrawn.is_some() {
        document.notice = Some((
            l.t("Withdrawn."),
            l.t("The incident no longer stands by itself; this is its last revision."),
        ));
    }
    document
}

/// What happened: the facts in the order in which they are asked for.
pub(crate) fn facts(case: &Case) -> Block {
    let basis = &case.basis;
    let l = basis.language;
    let reported = &case.reported;
    let incident = &reported.incident;
    let ellipse = &incident.place.uncertainty;
    let uncertainty = format!("{:.0}", ellipse.semi_major_m * NINETY_PERCENT);
    let place = format!(
        "{} ({}; ± {uncertainty} m)",
        relative_place(basis, &incident.place),
        coordinates(incident.place.position),
    );
    let party = reported
        .finding
        .as_ref()
        .and_then(|finding| finding.attributed_to.as_ref());
    let attribution = party.map_or(l.t("undetermined"), |p| words::actor(&basis.mission, p));
    let all = [
        ("What", l.what(incident).to_owned()),
        ("When", basis.local_interval(incident.occurred)),
        ("Where", place),
        (
            "Sector",
            words::sector(basis, reported.sector.as_ref()).to_owned(),
        ),
        ("Number", reported.number.to_string()),
        ("Weapon", words::weapon(incident)),
        ("Description", words::description(basis, reported)),
        ("Observer", words::observers(basis, incident)),
        ("Means", words::means(basis, incident)),
        ("Likelihood", l.likelihood(incident.probability)),
        (
            "Status",
            l.standing(&basis.mission, reported.finding.as_ref()),
        ),
        ("Attribution", attribution.to_owned()),
    ];
    let known = all.into_iter().filter(|(_, value)| !value.is_empty());
    Block::Facts(known.map(|(name, value)| (l.t(name), value)).collect())
}

/// The map around the incident, with its ellipse.
pub(crate) fn drawing(case: &Case) -> Option<Block> {
    let l = case.basis.language;
    let incident = &case.reported.incident;
    let ellipse = incident.place.uncertainty;
    let radius_m = AROUND_ELLIPSES * NINETY_PERCENT * ellipse.semi_major_m;
    let symbol = symbols::Symbol {
        ellipse: Some(ellipse),
        ..symbols::symbol(l, &case.reported)
    };
    let content = Content {
        symbols: vec![symbol],
        around: Some((incident.place.position, radius_m.max(AROUND_M_MIN))),
        ..Content::default()
    };
    let label = l.t("The place of the incident with the ellipse that holds it with 90 %");
    let svg = map::draw(&case.basis, label, &content)?;
    Some(Block::Drawing {
        title: l.t("Where"),
        svg,
        caption: label.to_owned(),
    })
}

/// What holding it against each clause gave, with the reasons.
pub(crate) fn assessments(case: &Case) -> Table {
    let basis = &case.basis;
    let l = basis.language;
    let rows = case.reported.assessments.iter().map(|assessment| {
        let texts = assessment.breach_under_text_of.iter();
        let texts: Vec<&str> = texts
            .map(|party| words::actor(&basis.mission, party))
            .collect();
        let clause = basis.clause(&assessment.clause);
        vec![
            Cell::text(basis.clause_title(&assessment.clause)),
            Cell::text(l.verdict(assessment.verdict)),
            Cell::text(assessment.reasons.join(" ")),
            Cell::text(texts.join(", ")),
            Cell::text(clause.map_or("", |clause| &clause.text)),
        ]
    });
    Table::new(
        l,
        "assessments",
        "Held against the agreement",
        "It touches no clause.",
        &[
            ("clause", "Clause"),
            ("verdict", "Verdict"),
            ("reasons", "Reasons"),
            ("breach_under_text_of", "Breach under the text of"),
            ("text", "Text of the clause"),
        ],
    )
    .note(l.t(
        "Made by rule, before verification. Reasons and texts are printed in the language in which \
         the log holds them.",
    ))
    .rows(rows)
}

/// Its clocks.
pub(crate) fn clocks(case: &Case) -> Table {
    let basis = &case.basis;
    let l = basis.language;
    let rows = case.clocks.iter().map(|clock| {
        vec![
            Cell::text(basis.duty(&clock.name)),
            Cell::text(basis.local(clock.due_at)),
            Cell::Number(clock.left_s / 3_600.0, 1),
            Cell::text(basis.local(clock.warns_at)),
            Cell::text(l.clock_state(clock.state)),
        ]
    });
    Table::new(
        l,
        "clocks",
        "Clocks",
        "No clock of the agreement runs.",
        &[
            ("duty", "Duty"),
            ("due_at", "Due"),
            ("left_h", "Hours left"),
            ("warns_at", "Warns from"),
            ("state", "State"),
        ],
    )
    .rows(rows)
}

/// The word for a reading.
pub(crate) fn reading(basis: &Basis, reading: &Reading) -> &'static str {
    basis.language.t(match reading {
        Reading::ThermalAnomaly(_) => "thermal anomaly",
        Reading::AreaChange(_) => "change between scenes",
        Reading::Vessel(_) => "vessel's report",
        Reading::Aircraft(_) => "aircraft's report",
        Reading::Uav(_) => "detection of an uncrewed aircraft",
        Reading::Radar(_) => "target of a radar",
        Reading::Acoustic(_) => "sound",
        Reading::Seismic(_) => "seismic phase",
        Reading::Sighting(_) => "sighting",
        Reading::Claim(_) => "statement",
        Reading::Reply(_) => "reply",
        Reading::Notice(_) => "notice of a movement",
        Reading::Retraction(_) => "retraction of a report",
        Reading::SensorState(_) => "state of a sensor",
        Reading::Weather(_) => "weather",
    })
}
