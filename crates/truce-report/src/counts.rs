//! Counts: explosions apart from everything else, by sector and kind against the period before,
//! and by clause.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::finding::Column as CountedIn;
use truce_core::{EventClass, IncidentKind, Slug, Status, Verdict};

use crate::account::{Account, Basis, Reported};
use crate::table::{Cell, Column, Table};

/// True for an incident that counts: it stands by itself, was not taken back, is no exercise and no
/// mere trajectory, and is at least as probable as the mission's alert threshold.
pub(crate) fn counts(account: &Account, reported: &Reported) -> bool {
    reported.column == CountedIn::Event && stands(account, reported)
}

/// True for what is counted in some column.
fn stands(account: &Account, reported: &Reported) -> bool {
    let retracted = reported
        .finding
        .as_ref()
        .is_some_and(|finding| finding.status == Status::Retracted);
    let incident = &reported.incident;
    incident.withdrawn.is_none()
        && reported.counted_with.is_none()
        && !retracted
        && incident.probability >= account.basis.mission.alert_threshold
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
pub(crate) fn counted(account: &Account) -> impl Iterator<Item = &Reported> {
    account
        .incidents
        .iter()
        .filter(|reported| counts(account, reported))
}

pub(crate) fn counted_before(account: &Account) -> impl Iterator<Item = &Reported> {
    account
        .before
        .iter()
        .filter(|reported| counts(account, reported))
}

/// A row of a table by sector: what is counted.
type Row<'a> = (&'static str, Box<dyn Fn(&Reported) -> bool + 'a>);

/// Explosions, shots and other physical events, by the most probable class.
pub(crate) fn explosions(account: &Account) -> Table {
    let l = account.basis.language;
    let rows = EventClass::ALL.map(|class| -> Row<'_> {
        let is = move |reported: &Reported| {
            reported.incident.kind == IncidentKind::PhysicalEvent
                && reported.incident.leading_class() == Some(class)
        };
        (l.class(class), Box::new(is))
    });
    by_sector(
        account,
        "explosions",
        "Explosions, shots and fires",
        "No explosion, shot or fire was counted in this period or the one before.",
        &rows,
    )
    .note(l.t(
        "Physical events by their most probable cause. An event is counted here whether or not it \
         breaks a clause.",
    ))
}

/// Everything else, by kind.
pub(crate) fn by_kind(account: &Account) -> Table {
    let l = account.basis.language;
    let present: BTreeSet<IncidentKind> = counted(account)
        .chain(counted_before(account))
        .map(|reported| reported.incident.kind)
        .filter(|kind| *kind != IncidentKind::PhysicalEvent)
        .collect();
    let rows: Vec<Row<'_>> = present
        .into_iter()
        .map(|kind| -> Row<'_> {
            let is = move |reported: &Reported| reported.incident.kind == kind;
            (l.kind(kind), Box::new(is))
        })
        .collect();
    by_sector(
        account,
        "incidents",
        "Other incidents",
        "No other incident was counted in this period or the one before.",
        &rows,
    )
}

fn by_sector(
    account: &Account,
    id: &'static str,
    title: &'static str,
    empty: &'static str,
    rows: &[Row<'_>],
) -> Table {
    let l = account.basis.language;
    let known = &account.basis.mission.sectors;
    let sectors: Vec<&Slug> = known.iter().map(|sector| &sector.id).collect();
    let mut table = Table::new(l, id, title, empty, &[("what", "What")]);
    let mut column = |key: String, title: &str| {
        table.columns.push(Column {
            key,
            title: title.to_owned(),
        });
    };
    for sector in known {
        column(format!("count_{}", sector.id), &sector.name);
    }
    column("count_outside".to_owned(), l.t("Outside"));
    column("count".to_owned(), l.t("All"));
    column("count_before".to_owned(), l.t("Period before"));
    column("change".to_owned(), l.t("Change"));

    let mut sums: Option<Vec<u64>> = None;
    let mut lines = Vec::new();
    for (name, is) in rows {
        let mut line: Vec<u64> = Vec::with_capacity(sectors.len() + 3);
        let in_sector = |sector: Option<&Slug>| {
            counted(account)
                .filter(|r| is(r) && r.sector.as_ref() == sector)
                .count() as u64
        };
        line.extend(sectors.iter().map(|sector| in_sector(Some(sector))));
        let all = counted(account).filter(|r| is(r)).count() as u64;
        line.push(all - line.iter().sum::<u64>());
        line.push(all);
        line.push(counted_before(account).filter(|r| is(r)).count() as u64);
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
        lines.push(cells(l.t("All"), &sums));
        table.has_total = true;
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
pub(crate) fn by_clause(account: &Account) -> Table {
    #[derive(Default)]
    struct Line {
        verdicts: [u64; 3],
        breaches_before: u64,
    }
    let mut lines: BTreeMap<&Slug, Line> = BTreeMap::new();
    for reported in counted(account) {
        for assessment in &reported.assessments {
            let line = lines.entry(&assessment.clause).or_default();
            line.verdicts[assessment.verdict as usize] += 1;
        }
    }
    for reported in counted_before(account) {
        for assessment in &reported.assessments {
            if assessment.verdict == Verdict::Breach {
                lines.entry(&assessment.clause).or_default().breaches_before += 1;
            }
        }
    }
    let mut lines: Vec<(&Slug, Line)> = lines.into_iter().collect();
    lines.sort_by_key(|(clause, _)| clause_order(&account.basis, clause));
    let rows = lines.into_iter().map(|(clause, line)| {
        let [breach, compliant, undetermined] = line.verdicts;
        vec![
            Cell::text(account.basis.clause_title(clause)),
            Cell::Count(breach),
            Cell::Count(undetermined),
            Cell::Count(compliant),
            Cell::Count(line.breaches_before),
            Cell::Change(breach.cast_signed() - line.breaches_before.cast_signed()),
        ]
    });
    let l = account.basis.language;
    Table::new(
        l,
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
    .note(l.t(
        "Assessments made by rule, before verification. One incident can touch several clauses, so \
         the lines do not add up to incidents.",
    ))
    .rows(rows)
}

/// Clauses in the order of their articles: `10(1)` stands behind `9`.
fn clause_order(basis: &Basis, id: &Slug) -> (Vec<u32>, String) {
    let article = basis
        .clause(id)
        .and_then(|clause| clause.article.as_deref());
    let numbers = article
        .unwrap_or_default()
        .split(|c: char| !c.is_ascii_digit());
    let numbers = numbers.filter_map(|digits| digits.parse().ok()).collect();
    (numbers, basis.clause_title(id))
}

/// What is counted how: events, projectiles in flight and exercises, in columns that are never
/// added.
pub(crate) fn columns(account: &Account) -> Table {
    let l = account.basis.language;
    let all = [CountedIn::Event, CountedIn::Trajectory, CountedIn::Exercise];
    let rows = all.map(|column| {
        let of = |reported: &&Reported| stands(account, reported) && reported.column == column;
        let now: Vec<&Reported> = account.incidents.iter().filter(of).collect();
        let number = now.iter().map(|reported| reported.number).sum();
        let before = account.before.iter().filter(of).count() as u64;
        vec![
            Cell::text(l.column(column)),
            Cell::Count(now.len() as u64),
            Cell::Count(number),
            Cell::Count(before),
        ]
    });
    let same = account
        .incidents
        .iter()
        .filter(|r| r.counted_with.is_some());
    let same = same.count();
    let rules = l.t(
        "An event is counted once, however many observers told of it. Projectiles in flight stand \
         apart, since their launch or impact may be another observer's event; so do exercises \
         outside any forbidden area. Numbers of two lines are never added.",
    );
    let joined = l.fill(
        "Reports joined with another as the same event: {}.",
        &[&same],
    );
    Table::new(
        l,
        "counting",
        "How it was counted",
        "",
        &[
            ("column", "Counted as"),
            ("count", "Incidents"),
            ("number", "Number told by observers"),
            ("count_before", "Period before"),
        ],
    )
    .note(format!("{rules} {joined}"))
    .rows(rows)
}
