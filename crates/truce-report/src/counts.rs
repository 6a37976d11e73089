//! Counts: explosions apart from everything else, by sector and kind against the period before,
//! and by clause.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::{EventClass, IncidentKind, Slug, Status, Verdict};

use crate::table::{Cell, Column, Table};
use crate::{Daily, Reported, words};

/// True for an incident that counts: it stands by itself, was not taken back, and is at least as
/// probable as the mission's alert threshold.
pub(crate) fn counts(daily: &Daily, reported: &Reported) -> bool {
    let retracted = reported
        .finding
        .as_ref()
        .is_some_and(|finding| finding.status == Status::Retracted);
    let incident = &reported.incident;
    incident.withdrawn.is_none()
        && !retracted
        && incident.probability >= daily.mission.alert_threshold
}

/// True for an incident that is held to be a breach of some clause, unless a finding says that it
/// is no violation.
pub(crate) fn is_violation(reported: &Reported) -> bool {
    let status = reported.finding.as_ref().map(|finding| finding.status);
    !matches!(status, Some(Status::NotAViolation | Status::Retracted))
        && reported
            .assessments
            .iter()
            .any(|assessment| assessment.verdict == Verdict::Breach)
}

/// The incidents of the period that count.
pub(crate) fn counted(daily: &Daily) -> impl Iterator<Item = &Reported> {
    daily
        .incidents
        .iter()
        .filter(|reported| counts(daily, reported))
}

fn counted_before(daily: &Daily) -> impl Iterator<Item = &Reported> {
    daily
        .before
        .iter()
        .filter(|reported| counts(daily, reported))
}

/// A row of a table by sector: what is counted.
type Row<'a> = (&'static str, Box<dyn Fn(&Reported) -> bool + 'a>);

/// Explosions, shots and other physical events, by the most probable class.
pub(crate) fn explosions(daily: &Daily) -> Table {
    let rows = EventClass::ALL.map(|class| -> Row<'_> {
        let is = move |reported: &Reported| {
            reported.incident.kind == IncidentKind::PhysicalEvent
                && words::leading_class(&reported.incident) == Some(class)
        };
        (words::class(class), Box::new(is))
    });
    by_sector(
        daily,
        "explosions",
        "Explosions, shots and fires",
        "No explosion, shot or fire was counted in this period or the one before.",
        &rows,
    )
    .note(
        "Physical events by their most probable cause. An event is counted here whether or not it \
         breaks a clause.",
    )
}

/// Everything else, by kind.
pub(crate) fn by_kind(daily: &Daily) -> Table {
    let present: BTreeSet<IncidentKind> = counted(daily)
        .chain(counted_before(daily))
        .map(|reported| reported.incident.kind)
        .filter(|kind| *kind != IncidentKind::PhysicalEvent)
        .collect();
    let rows: Vec<Row<'_>> = present
        .into_iter()
        .map(|kind| -> Row<'_> {
            let is = move |reported: &Reported| reported.incident.kind == kind;
            (words::kind(kind), Box::new(is))
        })
        .collect();
    by_sector(
        daily,
        "incidents",
        "Other incidents",
        "No other incident was counted in this period or the one before.",
        &rows,
    )
}

fn by_sector(
    daily: &Daily,
    id: &'static str,
    title: &'static str,
    empty: &'static str,
    rows: &[Row<'_>],
) -> Table {
    let sectors: Vec<&Slug> = daily
        .mission
        .sectors
        .iter()
        .map(|sector| &sector.id)
        .collect();
    let mut table = Table::new(id, title, empty, &[("what", "")]);
    let mut column = |key: String, title: &str| {
        table.columns.push(Column {
            key,
            title: title.to_owned(),
        });
    };
    for sector in &daily.mission.sectors {
        column(format!("count_{}", sector.id), &sector.name);
    }
    column("count_outside".to_owned(), "Outside");
    column("count".to_owned(), "All");
    column("count_before".to_owned(), "Period before");
    column("change".to_owned(), "Change");

    let mut sums: Option<Vec<u64>> = None;
    let mut lines = Vec::new();
    for (name, is) in rows {
        let mut line: Vec<u64> = Vec::with_capacity(sectors.len() + 3);
        let in_sector = |sector: Option<&Slug>| {
            counted(daily)
                .filter(|r| is(r) && r.sector.as_ref() == sector)
                .count() as u64
        };
        line.extend(sectors.iter().map(|sector| in_sector(Some(sector))));
        let all = counted(daily).filter(|r| is(r)).count() as u64;
        line.push(all - line.iter().sum::<u64>());
        line.push(all);
        line.push(counted_before(daily).filter(|r| is(r)).count() as u64);
        if line.iter().all(|count| *count == 0) {
            continue;
        }
        let sums = sums.get_or_insert_with(|| vec![0; line.len()]);
        for (sum, count) in sums.iter_mut().zip(&line) {
            *sum += count;
        }
        lines.push(cells(name, &line));
    }
    if let Some(sums) = sums {
        lines.push(cells("All", &sums));
        table.total = true;
    }
    table.rows(lines)
}

/// A line of counts, of which the last two are this period's sum and that of the one before.
fn cells(name: &str, counts: &[u64]) -> Vec<Cell> {
    let mut line = vec![Cell::text(name)];
    line.extend(counts.iter().map(|count| Cell::Count(*count)));
    let [.., all, before] = counts else {
        return line;
    };
    line.push(Cell::Change(all.cast_signed() - before.cast_signed()));
    line
}

/// What holding incidents against each clause gave.
pub(crate) fn by_clause(daily: &Daily) -> Table {
    #[derive(Default)]
    struct Line {
        verdicts: [u64; 3],
        breaches_before: u64,
    }
    let mut lines: BTreeMap<&Slug, Line> = BTreeMap::new();
    for reported in counted(daily) {
        for assessment in &reported.assessments {
            let line = lines.entry(&assessment.clause).or_default();
            line.verdicts[assessment.verdict as usize] += 1;
        }
    }
    for reported in counted_before(daily) {
        for assessment in &reported.assessments {
            if assessment.verdict == Verdict::Breach {
                lines.entry(&assessment.clause).or_default().breaches_before += 1;
            }
        }
    }
    let mut lines: Vec<(&Slug, Line)> = lines.into_iter().collect();
    lines.sort_by_key(|(clause, _)| clause_order(daily, clause));
    let rows = lines.into_iter().map(|(clause, line)| {
        let [breach, compliant, undetermined] = line.verdicts;
        vec![
            Cell::text(clause_title(daily, clause)),
            Cell::Count(breach),
            Cell::Count(undetermined),
            Cell::Count(compliant),
            Cell::Count(line.breaches_before),
            Cell::Change(breach.cast_signed() - line.breaches_before.cast_signed()),
        ]
    });
    Table::new(
        "clauses",
        "By clause of the agreement",
        "No counted incident of this period touched a clause.",
        &[
            ("clause", "Clause"),
            ("breach_count", "Breach"),
            ("undetermined_count", "Undetermined"),
            ("compliant_count", "No breach"),
            ("breach_count_before", "Breaches, period before"),
            ("change", "Change"),
        ],
    )
    .note(
        "Assessments made by rule, before verification. One incident can touch several clauses, so \
         the lines do not add up to incidents.",
    )
    .rows(rows.collect())
}

/// Clauses in the order of their articles: `Article 10(1)` stands behind `Article 9`.
fn clause_order(daily: &Daily, id: &Slug) -> (Vec<u32>, String) {
    let found = daily.clauses.iter().find(|clause| clause.id == *id);
    let article = found.map_or("", |clause| &clause.article);
    let numbers = article.split(|c: char| !c.is_ascii_digit());
    let numbers = numbers.filter_map(|digits| digits.parse().ok()).collect();
    (numbers, clause_title(daily, id))
}

/// A clause as people name it.
pub(crate) fn clause_title(daily: &Daily, id: &Slug) -> String {
    let found = daily.clauses.iter().find(|clause| clause.id == *id);
    match found {
        Some(clause) if clause.article.is_empty() => clause.title.clone(),
        Some(clause) => format!("{}: {}", clause.article, clause.title),
        None => id.to_string(),
    }
}
