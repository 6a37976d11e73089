//! Gathers what happened in a period: from the tables, the mission and the published log.

use std::collections::BTreeMap;

use truce_accord::ladder::{clocks_at, count};
use truce_core::finding::{ClockReading, Column, Counted, Step};
use truce_core::mission::Mission;
use truce_core::time::{HOUR_S, plus_seconds, seconds_between};
use truce_core::{Finding, FindingSerial, IncidentId, Interval, Slug, Timestamp};
use truce_report::{Account, FeedLine, Language, Reported, Revised, Truce};
use truce_store::{HourCount, IncidentQuery, Store};

use super::{Sources, watches};
use crate::line::Error;

/// Most incidents of earlier periods listed as revised.
const REVISED_MAX: u32 = 1_000;

/// Everything that the report of a period needs.
pub(super) fn gather(
    sources: &Sources<'_>,
    period: Interval,
    language: Language,
) -> Result<Account, Error> {
    let (store, mission) = (sources.store, sources.mission);
    let before = Interval {
        start: plus_seconds(period.start, -period.length_s()),
        end: period.start,
    };
    let conditions = store.conditions(period)?.into_iter();
    let conditions: Vec<_> = conditions.map(|c| c.observation).collect();
    let incidents = incidents(store, period)?;
    let findings: Vec<Finding> = store.findings()?.into_iter().map(|(f, _)| f).collect();
    Ok(Account {
        basis: sources.basis(language)?,
        period,
        watches: watches::of(mission, period, sources.as_of, &incidents, &conditions),
        incidents,
        before: self::incidents(store, before)?,
        revised: revised(store, period)?,
        clocks: clocks(sources, &findings),
        findings: findings
            .into_iter()
            .filter(|f| moved_in(f, period))
            .collect(),
        feeds: feeds(store, mission, period, sources.as_of)?,
        conditions,
        truces: truces(sources, period),
    })
}

/// Incidents that began in a period, counted as the mission counts.
pub(super) fn incidents(store: &Store, period: Interval) -> Result<Vec<Reported>, Error> {
    let mut all = Vec::new();
    let mut query = IncidentQuery {
        from: Some(period.start),
        to: Some(period.end),
        ..IncidentQuery::default()
    };
    loop {
        let page = store.incidents(&query)?;
        for summary in page.items {
            all.extend(reported(store, summary.id, summary.sector)?);
        }
        if page.next.is_none() {
            break;
        }
        query.after = page.next;
    }
    take_counts(&mut all);
    Ok(all)
}

/// One incident with all that the mission says of it, counted by itself.
pub(super) fn reported(
    store: &Store,
    id: IncidentId,
    sector: Option<Slug>,
) -> Result<Option<Reported>, Error> {
    let Some(stored) = store.incident(id)? else {
        return Ok(None);
    };
    let assessments = store.assessments(id)?.into_iter();
    let mut reported = [Reported {
        assessments: assessments.map(|(assessment, _)| assessment).collect(),
        finding: store.finding(id)?.map(|(finding, _)| finding),
        sector,
        incident: stored.incident,
        column: Column::Event,
        number: 1,
        counted_with: None,
    }];
    take_counts(&mut reported);
    let [reported] = reported;
    Ok(Some(reported))
}

/// Notes in which column each incident counts, how many there were, and what counts with another.
fn take_counts(all: &mut [Reported]) {
    let cases: Vec<_> = all
        .iter()
        .map(|r| (&r.incident, r.finding.as_ref()))
        .collect();
    let counted = count(&cases);
    let counted = counted
        .iter()
        .flat_map(|c| c.seen_as.iter().map(move |id| (*id, c)));
    let by_id: BTreeMap<IncidentId, &Counted> = counted.collect();
    for reported in all {
        if let Some(counted) = by_id.get(&reported.incident.id) {
            reported.column = counted.column;
            reported.number = counted.number;
            let other = counted.incident != reported.incident.id;
            reported.counted_with = other.then_some(counted.incident);
        }
    }
}

fn revised(store: &Store, period: Interval) -> Result<Vec<Revised>, Error> {
    let mut all = Vec::new();
    for (id, before) in store.revised_in(period, REVISED_MAX)? {
        if let Some(stored) = store.incident(id)? {
            all.push(Revised {
                incident: stored.incident,
                revision_before: before.revision,
                probability_before: before.probability,
            });
        }
    }
    Ok(all)
}

/// True for a finding with a decision or reply in the period.
fn moved_in(finding: &Finding, period: Interval) -> bool {
    finding.history.iter().any(|step| {
        let at = match step {
            Step::Decision(decision) => decision.decided_at,
            Step::Reply(reply) => reply.replied_at,
        };
        period.start <= at && at < period.end
    })
}

fn clocks(sources: &Sources<'_>, findings: &[Finding]) -> Vec<(FindingSerial, ClockReading)> {
    let of = |finding: &Finding| {
        let readings = clocks_at(finding, &sources.agreement.clocks, sources.as_of);
        let serial = finding.serial;
        readings.into_iter().map(move |reading| (serial, reading))
    };
    findings.iter().flat_map(of).collect()
}

/// Phases of clauses that hold only at times and overlap the period.
fn truces(sources: &Sources<'_>, period: Interval) -> Vec<Truce> {
    let mut all = Vec::new();
    for version in &sources.agreement.versions {
        let ends_at = sources.agreement.ends_at(version);
        for clause in &version.clauses {
            for part in clause.terms.periods() {
                let Some(title) = part.title else { continue };
                let start = part.from.unwrap_or(version.effective_from);
                let start = start.max(version.effective_from);
                let end = part.until.unwrap_or(Timestamp::MAX);
                let end = end.min(ends_at.unwrap_or(Timestamp::MAX));
                // A phase without end is a state of the clause and no window.
                if start >= end || end == Timestamp::MAX {
                    continue;
                }
                let during = Interval { start, end };
                if during.start < period.end && period.start < during.end {
                    all.push(Truce {
                        clause: clause.id.clone(),
                        title: title.to_owned(),
                        during,
                        zones: part.zones.to_vec(),
                    });
                }
            }
        }
    }
    all
}

fn feeds(
    store: &Store,
    mission: &Mission,
    period: Interval,
    as_of: Timestamp,
) -> Result<Vec<FeedLine>, Error> {
    let hours = store.feed_hours(period.start, period.end)?;
    let lines = mission.network.feeds.iter().map(|feed| {
        let own: Vec<&HourCount> = hours.iter().filter(|hour| hour.source == feed.id).collect();
        let sum = |count: fn(&HourCount) -> u64| own.iter().map(|hour| count(hour)).sum();
        FeedLine {
            feed: feed.id.clone(),
            messages: sum(|hour| hour.messages),
            observations: sum(|hour| hour.observations),
            rejections: sum(|hour| hour.rejections),
            silences: match feed.silence_s_max {
                Some(most_s) => silences(&own, period, as_of, f64::from(most_s)),
                None => Vec::new(),
            },
        }
    });
    Ok(lines.collect())
}

/// Whole hours of UTC without a message, as stretches longer than the feed may be silent.
fn silences(
    heard: &[&HourCount],
    period: Interval,
    as_of: Timestamp,
    silence_s_max: f64,
) -> Vec<Interval> {
    let end = period.end.min(as_of);
    let mut silences = Vec::new();
    let mut silent_since = period.start;
    let mut close = |from: Timestamp, to: Timestamp| {
        let length_s = seconds_between(from, to);
        if length_s >= HOUR_S && length_s > silence_s_max {
            silences.push(Interval {
                start: from,
                end: to,
            });
        }
    };
    for hour in heard.iter().filter(|hour| hour.messages > 0) {
        close(silent_since, hour.hour.min(end));
        silent_since = plus_seconds(hour.hour, HOUR_S);
    }
    close(silent_since, end);
    silences
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn silence_is_told_from_whole_hours() {
        let at = |hour: f64| plus_seconds("2025-03-01T00:00:00Z".parse().unwrap(), hour * HOUR_S);
        let heard = |hours: &[f64]| -> Vec<HourCount> {
            let count = |hour: &f64| HourCount {
                source: Slug::new("ais").unwrap(),
                hour: at(*hour),
                messages: 1,
                observations: 0,
                rejections: 0,
            };
            hours.iter().map(count).collect()
        };
        let check = |hours: &[f64], now: f64, most_s: f64, expected: &[(f64, f64)]| {
            let heard = heard(hours);
            let heard: Vec<&HourCount> = heard.iter().collect();
            let period = Interval::between(at(0.0), at(6.0));
            let found = silences(&heard, period, at(now), most_s);
            let expected: Vec<Interval> = expected
                .iter()
                .map(|(a, b)| Interval::between(at(*a), at(*b)))
                .collect();
            assert_eq!(found, expected, "{hours:?}");
        };
        check(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], 9.0, 60.0, &[]);
        check(&[0.0, 3.0, 5.0], 9.0, 60.0, &[(1.0, 3.0), (4.0, 5.0)]);
        check(&[0.0, 3.0, 5.0], 9.0, 3_700.0, &[(1.0, 3.0)]);
        check(&[0.0], 4.0, 60.0, &[(1.0, 4.0)]);
        check(&[], 9.0, 60.0, &[(0.0, 6.0)]);
        check(&[], -1.0, 60.0, &[]);
    }
}
