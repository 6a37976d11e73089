//! Gathers what the daily report speaks of: from the tables, the mission and the published log.

use std::collections::BTreeMap;

use truce_accord::Agreement;
use truce_core::mission::{Feed, Mission};
use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Digest, Interval, Slug, Timestamp};
use truce_ledger::Reader;
use truce_report::{Clause, Daily, FeedLine, LogLine, Reported, Revised};
use truce_store::{HourCount, IncidentQuery, IncidentSummary, Store};

use crate::line::Error;

/// Seconds in an hour: silence of feeds is known by the hour.
const HOUR_S: f64 = 3_600.0;

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
    let findings = store.findings_recorded(period.start, period.end)?;
    let conditions = store.conditions(period)?;
    Ok(Daily {
        mission: mission.clone(),
        period,
        as_of,
        incidents: reported(store, period)?,
        before: reported(store, before)?,
        clauses: clauses(agreement),
        revised: revised(store, period)?,
        findings: findings.into_iter().map(|(finding, _)| finding).collect(),
        feeds: feeds(store, mission, period)?,
        conditions: conditions
            .into_iter()
            .map(|condition| condition.observation)
            .collect(),
        log: log(reader)?,
    })
}

/// All pages of a query.
fn pages(store: &Store, mut query: IncidentQuery) -> Result<Vec<IncidentSummary>, Error> {
    let mut items = Vec::new();
    loop {
        let page = store.incidents(&query)?;
        items.extend(page.items);
        if page.next.is_none() {
            return Ok(items);
        }
        query.after = page.next;
    }
}

fn reported(store: &Store, period: Interval) -> Result<Vec<Reported>, Error> {
    let query = IncidentQuery {
        from: Some(period.start),
        to: Some(period.end),
        ..IncidentQuery::default()
    };
    let mut reported = Vec::new();
    for summary in pages(store, query)? {
        let Some(stored) = store.incident(summary.id)? else {
            continue;
        };
        let assessments = store.assessments(summary.id)?;
        reported.push(Reported {
            incident: stored.incident,
            sector: summary.sector,
            assessments: assessments
                .into_iter()
                .map(|(assessment, _)| assessment)
                .collect(),
            finding: store.finding(summary.id)?.map(|(finding, _)| finding),
        });
    }
    Ok(reported)
}

/// Every clause of every version; a later version's words replace an earlier one's.
fn clauses(agreement: &Agreement) -> Vec<Clause> {
    let all = agreement
        .versions
        .iter()
        .flat_map(|version| &version.clauses);
    let named = all.map(|clause| {
        let article = clause.article.clone().unwrap_or_default();
        let (id, title) = (clause.id.clone(), clause.title.clone());
        (clause.id.clone(), Clause { id, title, article })
    });
    named
        .collect::<BTreeMap<Slug, Clause>>()
        .into_values()
        .collect()
}

/// Incidents of earlier periods that were revised in this one.
fn revised(store: &Store, period: Interval) -> Result<Vec<Revised>, Error> {
    let query = IncidentQuery {
        to: Some(period.start),
        ..IncidentQuery::default()
    };
    let mut revised = Vec::new();
    for summary in pages(store, query)? {
        if !(period.start..period.end).contains(&summary.updated_at) {
            continue;
        }
        let revisions = store.revisions(summary.id)?;
        let before = revisions
            .iter()
            .rfind(|revision| revision.recorded_at < period.start);
        let Some(before) = before.filter(|before| before.revision < summary.revision) else {
            continue;
        };
        if let Some(stored) = store.incident(summary.id)? {
            revised.push(Revised {
                incident: stored.incident,
                revision_before: before.revision,
                probability_before: before.probability,
            });
        }
    }
    Ok(revised)
}

fn feeds(store: &Store, mission: &Mission, period: Interval) -> Result<Vec<FeedLine>, Error> {
    let hours = store.feed_hours(period.start, period.end)?;
    Ok(mission
        .network
        .feeds
        .iter()
        .map(|feed| feed_line(feed, &hours, period))
        .collect())
}

fn feed_line(feed: &Feed, hours: &[HourCount], period: Interval) -> FeedLine {
    let own = || hours.iter().filter(|hour| hour.source == feed.id);
    FeedLine {
        feed: feed.id.clone(),
        messages: own().map(|hour| hour.messages).sum(),
        observations: own().map(|hour| hour.observations).sum(),
        rejections: own().map(|hour| hour.rejections).sum(),
        silences: silences(feed, own().map(|hour| hour.hour), period),
    }
}

/// Stretches without a message that are longer than the feed allows, to the hour: between the end
/// of one hour with messages and the beginning of the next.
fn silences(
    feed: &Feed,
    heard: impl Iterator<Item = Timestamp>,
    period: Interval,
) -> Vec<Interval> {
    let Some(allowed_s) = feed.silence_s_max.map(f64::from) else {
        return Vec::new();
    };
    let mut silences = Vec::new();
    let mut quiet_since = period.start;
    for hour in heard.chain([period.end]) {
        if seconds_between(quiet_since, hour) > allowed_s {
            silences.push(Interval {
                start: quiet_since,
                end: hour,
            });
        }
        quiet_since = quiet_since.max(plus_seconds(hour, HOUR_S));
    }
    silences
}

fn log(reader: &Reader) -> Result<LogLine, Error> {
    let checkpoint = reader.checkpoint()?;
    Ok(LogLine {
        origin: checkpoint.origin.clone(),
        size: checkpoint.size,
        root: Digest(checkpoint.root),
        // Witnesses come with the witness server; until then no quorum can be met.
        witnessed: false,
    })
}
