//! What stands at the head of every report over a period: key figures, the summary in sentences
//! from templates, and whether a change is more than chance.

use truce_core::mission::Sector;
use truce_core::{IncidentKind, Slug, Status};

use crate::account::{Account, Reported};
use crate::counts::{counted, counted_before, is_violation};
use crate::document::{Block, Document, Figure};
use crate::events::{is_corroborated, is_maritime};
use crate::weapons::{Breach, breach};
use crate::{limits, observability, words};

/// The head of a report over a period.
pub(crate) fn begin(kind: &'static str, account: &Account, title: &'static str) -> Document {
    let basis = &account.basis;
    let l = basis.language;
    let until = basis.local(account.period.end);
    let mut document = Document::new(kind, basis, format!("{}, {until}", l.t(title)));
    let period = l.fill(
        "{} up to, but not including, {}",
        &[&basis.local(account.period.start), &until],
    );
    document.period = Some(account.period);
    document.head = vec![
        (l.t("Period"), period),
        (l.t("Time zone"), basis.mission.report.time_zone.clone()),
        (l.t("Records read up to"), basis.local(basis.as_of)),
        (l.t("Held as"), l.t("mission").to_owned()),
    ];
    if basis.as_of < account.period.end {
        document.notice = Some((
            l.t("Provisional."),
            l.t("The period has not ended; counts will change."),
        ));
    }
    document
}

/// Incidents of this period and of the one before that fulfil a test.
fn sums(account: &Account, test: impl Fn(&Reported) -> bool) -> [u64; 2] {
    let now = counted(account).filter(|r| test(r)).count() as u64;
    let before = counted_before(account).filter(|r| test(r)).count() as u64;
    [now, before]
}

/// The key figures.
pub(crate) fn figures(account: &Account) -> Block {
    let l = account.basis.language;
    let compared = |name, [now, before]: [u64; 2]| Figure {
        value: now.to_string(),
        name: l.t(name),
        before: Some(before.to_string()),
    };
    let alone = |name, value: String| Figure {
        value,
        name: l.t(name),
        before: None,
    };
    let hours = limits::sensor_hours_lost(account);
    Block::Figures(vec![
        compared("incidents counted", sums(account, |_| true)),
        compared("held to be violations", sums(account, is_violation)),
        compared(
            "events with weapons",
            sums(account, |r| words::is_armed(&r.incident)),
        ),
        alone(
            "earlier incidents revised",
            account.revised.len().to_string(),
        ),
        alone("sensor hours not as configured", format!("{hours:.0}")),
    ])
}

/// The summary: a sentence for each matter of the report.
pub(crate) fn summary(account: &Account) -> Block {
    let l = account.basis.language;
    let [all, before] = sums(account, |_| true);
    let [violations, violations_before] = sums(account, is_violation);
    let threshold = format!("{:.2}", account.basis.mission.alert_threshold);
    let armed = counted(account).filter(|r| words::is_armed(&r.incident));
    let by_sector = sectors_named(account, &armed.collect::<Vec<_>>());
    let weapons = |wanted: fn(Breach) -> bool| {
        let of = counted(account).filter(|r| breach(r).is_some_and(wanted));
        of.map(|reported| reported.number).sum::<u64>()
    };
    let missing = weapons(|breach| breach == Breach::Missing);
    let in_breach = weapons(|breach| breach != Breach::Missing);
    let harm: Vec<&Reported> = of_kind(account, |kind| kind == IncidentKind::CivilianHarm);
    let corroborated = harm.iter().filter(|r| is_corroborated(r)).count();
    let hindered = of_kind(account, |kind| {
        matches!(
            kind,
            IncidentKind::AccessDenied | IncidentKind::PassageRefused
        )
    });
    let disturbed = of_kind(account, |kind| kind == IncidentKind::GnssInterference);
    let sea = of_kind(account, is_maritime);
    Block::List(vec![
        l.fill(
            "The mission counted {} incidents; in the period before, {}. An incident is counted \
             from a probability of {} on.",
            &[&all, &before, &threshold],
        ),
        l.fill(
            "By rule, {} of them are held to be violations; in the period before, {}. Attributed to \
             a party by two officers: {}.",
            &[&violations, &violations_before, &attributed(account)],
        ),
        l.fill("Events with weapons by sector: {}.", &[&by_sector]),
        l.fill(
            "Weapons where they may not be: {}; missing from storage: {}.",
            &[&in_breach, &missing],
        ),
        l.fill(
            "Reports of harm to civilians: {}, of which corroborated: {}.",
            &[&harm.len(), &corroborated],
        ),
        l.fill(
            "The mission or aid was hindered: {}. Disturbances of satellite navigation: {}. \
             Incidents at sea: {}.",
            &[&hindered.len(), &disturbed.len(), &sea.len()],
        ),
        blind(account),
    ])
}

fn of_kind(account: &Account, wanted: impl Fn(IncidentKind) -> bool) -> Vec<&Reported> {
    counted(account)
        .filter(|reported| wanted(reported.incident.kind))
        .collect()
}

/// Findings that name a party.
pub(crate) fn attributed(account: &Account) -> usize {
    counted(account)
        .filter(|r| {
            r.finding
                .as_ref()
                .is_some_and(|f| f.attributed_to.is_some())
        })
        .count()
}

/// `Sector North 3, Sector South 0`, and what lies outside.
fn sectors_named(account: &Account, found: &[&Reported]) -> String {
    let count = |sector: Option<&Slug>| {
        let of = found.iter().filter(|r| r.sector.as_ref() == sector);
        of.count()
    };
    let sectors = account.basis.mission.sectors.iter();
    let mut parts: Vec<String> = sectors
        .map(|sector| format!("{} {}", sector.name, count(Some(&sector.id))))
        .collect();
    if count(None) > 0 {
        let outside = account.basis.language.t("outside the sectors");
        parts.push(format!("{outside} {}", count(None)));
    }
    parts.join(", ")
}

/// Where silence says nothing.
fn blind(account: &Account) -> String {
    let basis = &account.basis;
    let l = basis.language;
    let class = truce_core::EventClass::Artillery;
    let names: Vec<&str> = observability::not_observable(account, class)
        .into_iter()
        .map(|sector| words::sector(basis, Some(sector)))
        .collect();
    if names.is_empty() {
        let sentence = "There was no sector in which artillery was silent without that meaning \
                        quiet.";
        return l.t(sentence).to_owned();
    }
    l.fill(
        "Not observable for artillery, so that silence does not mean quiet: {}.",
        &[&names.join(", ")],
    )
}

/// How a sector's count changed against the period before, and whether chance alone would do that.
pub(crate) fn sector_trends(account: &Account) -> Block {
    let l = account.basis.language;
    let sentence = |sector: &Sector| {
        let [now, before] = sums(account, |r| r.sector.as_ref() == Some(&sector.id));
        let change = match (now.cmp(&before), is_more_than_chance(now, before)) {
            (_, false) => l.t("the difference is within what chance gives"),
            (std::cmp::Ordering::Less, true) => l.t("fewer than chance would explain"),
            (_, true) => l.t("more than chance would explain"),
        };
        let changes = [
            &sector.name as &dyn std::fmt::Display,
            &now,
            &before,
            &change,
        ];
        l.fill("{}: {} incidents, in the period before {}; {}.", &changes)
    };
    Block::List(account.basis.mission.sectors.iter().map(sentence).collect())
}

/// True when two counts over equally long periods differ by more than two Poisson counts of one
/// rate do in 19 of 20 cases: given their sum n, one is binomial (n, ½); normal approximation with
/// continuity correction (Przyborowski and Wilenski 1940).
fn is_more_than_chance(now: u64, before: u64) -> bool {
    let sum = (now + before) as f64;
    let apart = now.abs_diff(before) as f64;
    apart - 1.0 > 1.96 * sum.sqrt()
}

/// True for a finding that the mission stands behind as a fact.
pub(crate) fn is_verified(reported: &Reported) -> bool {
    let status = reported.finding.as_ref().map(|finding| finding.status);
    matches!(
        status,
        Some(Status::Verified | Status::Attributed | Status::Closed)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_told_from_change() {
        // Exact two-sided binomial probabilities: 5 of 5 6.3 %, 6 of 6 3.1 %, 60 of 100 5.7 %,
        // 61 of 100 3.5 %.
        for (now, before, expected) in [
            (0, 0, false),
            (5, 0, false),
            (0, 6, true),
            (60, 40, false),
            (39, 61, true),
        ] {
            assert_eq!(is_more_than_chance(now, before), expected, "{now} {before}");
        }
    }
}
