//! Gathers what the daily report speaks of: from the tables, the mission and the published log.

use std::collections::BTreeMap;

use truce_accord::Agreement;
use truce_core::finding::Step;
use truce_core::mission::Mission;
use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Digest, Finding, Interval, Slug, Timestamp};
use truce_ledger::Reader;
use truce_report::{Clause, Daily, FeedLine, LogLine, Reported, Revised};
use truce_store::{HourCount, IncidentQuery, Store};

use crate::line::Error;

/// Most incidents of earlier periods listed as revised.
const REVISED_MAX: u32 = 1_000;

/// Everything the report of a period needs. `as_of` is the instant up to which records were read.
///
/// # Errors
/// When the tables or the log cannot be read.
pub fn gather(
    store: &Store,
    reader: &Reader,
    mission: &Mission,
    agreement: &Agreement,
    period: Interval,
    as_of: Timestamp,
) -> Result<Daily, Error> {
    let length_s = period.length_s();
    let before = Interval {
        start: plus_seconds(period.start, -length_s),
        end: period.start,
    };
    let conditions = store.conditions(period)?;
    Ok(Daily {
        mission: mission.clone(),
        period,
        as_of,
        incidents: incidents(store, period)?,
        before: incidents(store, before)?,
        clauses: clauses(agreement),
        revised: revised(store, period)?,
        findings: findings(store, period)?,
        feeds: feeds(store, mission, period, as_of)?,
        conditions: conditions
            .into_iter()
            .map(|condition| condition.observation)
            .collect(),
        log: log(reader)?,
    })
}

fn log(reader: &Reader) -> Result<LogLine, Error> {
    let (checkpoint, witnessed) = (reader.checkpoint()?, reader.witnessed()?);
    Ok(LogLine {
        origin: checkpoint.origin.clone(),
        size: checkpoint.size,
        root: Digest(checkpoint.root),
        witnessed: witnessed.is_some_and(|witnessed| witnessed.size >= checkpoint.size),
    })
}

fn incidents(store: &Store, period: Interval) -> Result<Vec<Reported>, Error> {
    let mut all = Vec::new();
    let mut query = IncidentQuery {
        from: Some(period.start),
        to: Some(period.end),
        ..IncidentQuery::default()
    };
    loop {
        let page = store.incidents(&query)?;
        for summary in page.items {
            let Some(stored) = store.incident(summary.id)? else {
                continue;
            };
            let assessments = store.assessments(summary.id)?.into_iter();
            all.push(Reported {
                assessments: assessments.map(|(assessment, _)| assessment).collect(),
                finding: store.finding(summary.id)?.map(|(finding, _)| finding),
                sector: summary.sector,
                incident: stored.incident,
            });
        }
        if page.next.is_none() {
            return Ok(all);
        }
        query.after = page.next;
    }
}

fn clauses(agreement: &Agreement) -> Vec<Clause> {
    // Of a clause that several versions have, the newest words stand.
    let mut by_id: BTreeMap<&Slug, Clause> = BTreeMap::new();
    for clause in agreement
        .versions
        .iter()
        .flat_map(|version| &version.clauses)
    {
        let article = clause.article.as_deref();
        by_id.insert(
            &clause.id,
            Clause {
                id: clause.id.clone(),
                title: clause.title.clone(),
                article: article.map_or(String::new(), |number| format!("Article {number}")),
            },
        );
    }
    by_id.into_values().collect()
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

/// Findings with a decision or reply in the period.
fn findings(store: &Store, period: Interval) -> Result<Vec<Finding>, Error> {
    let within = |step: &Step| {
        let at = match step {
            Step::Decision(decision) => decision.decided_at,
            Step::Reply(reply) => reply.replied_at,
        };
        period.start <= at && at < period.end
    };
    let all = store.findings()?.into_iter().map(|(finding, _)| finding);
    Ok(all
        .filter(|finding| finding.history.iter().any(within))
        .collect())
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

const HOUR_S: f64 = 3_600.0;

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
