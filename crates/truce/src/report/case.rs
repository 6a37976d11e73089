//! Gathers everything about one incident.

use truce_accord::ladder::clocks_at;
use truce_core::{Body, Digest};
use truce_report::{Case, Exhibit, Language, LogPlace, RevisionLine};
use truce_store::LogPosition;

use super::{Refusal, Sources, account};
use crate::evidence::Entries;
use crate::line::Error;

/// Observations listed in one dossier; the evidence package holds all.
const EXHIBITS_MAX: usize = 2_000;

/// Everything about the incident of a name or the beginning of one.
pub(super) fn gather(
    sources: &Sources<'_>,
    name: &str,
    language: Language,
) -> Result<Case, Refusal> {
    let store = sources.store;
    let unknown = || Refusal::UnknownIncident(name.to_owned());
    let id = match store.find_incident(name) {
        Err(error @ truce_store::Error::Ambiguous { .. }) => {
            return Err(Refusal::Wish(error.to_string()));
        }
        found => found.map_err(Error::from)?.ok_or_else(unknown)?,
    };
    let summary = store.incident_summary(id).map_err(Error::from)?;
    let sector = summary.and_then(|summary| summary.sector);
    let reported = account::reported(store, id, sector)?.ok_or_else(unknown)?;
    let stored = store
        .incident(id)
        .map_err(Error::from)?
        .ok_or_else(unknown)?;
    let finding = store.finding(id).map_err(Error::from)?;
    let newest = finding.as_ref().map_or(stored.at, |(_, at)| *at);
    let clocks = finding
        .iter()
        .flat_map(|(finding, _)| clocks_at(finding, &sources.agreement.clocks, sources.as_of));
    let revisions = store.revisions(id).map_err(Error::from)?.into_iter();
    Ok(Case {
        basis: sources.basis(language)?,
        clocks: clocks.collect(),
        place: place(newest),
        revisions: revisions
            .map(|line| RevisionLine {
                revision: line.revision,
                recorded_at: line.recorded_at,
                probability: line.probability,
                evidence_count: line.evidence_count,
            })
            .collect(),
        exhibits: exhibits(sources, id)?,
        reported,
    })
}

fn place(at: LogPosition) -> LogPlace {
    LogPlace {
        entry: at.entry,
        row: at.row,
    }
}

/// The observations in the order in which they arrived.
fn exhibits(sources: &Sources<'_>, id: truce_core::IncidentId) -> Result<Vec<Exhibit>, Error> {
    let mut entries = Entries::new(sources.reader);
    let mut exhibits = Vec::new();
    let evidence = sources.store.evidence(id)?;
    for evidence in evidence.iter().take(EXHIBITS_MAX) {
        let Some(at) = evidence.at else { continue };
        let record = entries.record(at)?;
        let Some(Body::Observation(observation)) = record.map(|record| record.body.clone()) else {
            continue;
        };
        let message_at = sources.store.find_message(observation.message, at.entry)?;
        let raw = match message_at {
            Some(at) => entries.record(at)?.map(|record| &record.body),
            None => None,
        };
        let message: Option<Digest> =
            matches!(raw, Some(Body::Raw(_))).then_some(observation.message.0);
        exhibits.push(Exhibit {
            observation,
            message,
            place: place(at),
        });
    }
    exhibits.sort_by_key(|exhibit| (exhibit.observation.received_at, exhibit.observation.id));
    Ok(exhibits)
}
