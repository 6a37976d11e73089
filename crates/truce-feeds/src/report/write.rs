//! Writes statements as lines of JSON.

use truce_core::observation::{Claim, Speaker};
use truce_core::{Interval, Location, Observation, Reading};

use super::{ClaimLine, ReplyLine, Role};
use crate::fault::Unencodable;
use crate::notice::NoticeLine;
use crate::retraction::RetractionLine;

/// Writes a claim or a reply. The `from` of a direction without a distance is the observation's
/// sensor.
///
/// # Errors
/// [`Unencodable`] for other readings, and for locations that people do not give: areas, times of
/// arrival, measured ranges.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let refuse = |reason: &str| Unencodable::new("report-json", reason);
    let text = match &observation.reading {
        Reading::Reply(reply) => serde_json::to_string(&ReplyLine {
            _type: "reply".to_owned(),
            incident: reply.incident,
            party: reply.party.clone(),
            replied_at: reply.replied_at,
            stance: reply.stance,
            text: reply.text.clone(),
        }),
        Reading::Notice(notice) => serde_json::to_string(&NoticeLine::of(notice)),
        Reading::Retraction(taken) => {
            serde_json::to_string(&RetractionLine::of(observation, taken))
        }
        Reading::Claim(claim) => serde_json::to_string(&claim_line(observation, claim)?),
        _ => return Err(refuse("it is no claim, reply, notice or retraction")),
    };
    Ok(vec![
        text.map_err(|error| Unencodable::new("report-json", error))?,
    ])
}

pub(crate) fn claim_line(
    observation: &Observation,
    claim: &Claim,
) -> Result<ClaimLine, Unencodable> {
    let (role, party) = match &claim.speaker {
        Speaker::Patrol => (Role::Patrol, None),
        Speaker::Party(party) => (Role::Party, Some(party.clone())),
        Speaker::Hotline => (Role::Hotline, None),
        Speaker::OpenSource => (Role::OpenSource, None),
    };
    let Interval { start, end } = observation.observed_at;
    let published = claim.published.as_ref();
    let mut line = ClaimLine {
        speaker: Some(role),
        party,
        sensor: observation.sensor.clone(),
        observed_at: Some(start),
        observed_until: (end > start).then_some(end),
        about: Some(claim.about),
        class: claim.class,
        side: claim.side.clone(),
        weapon: claim.weapon.clone(),
        count: claim.count,
        object: claim.object.clone(),
        object_kind: claim.object_kind,
        crater_azimuth_deg: claim.crater.map(|crater| crater.azimuth_deg),
        crater_azimuth_deg_sigma: claim.crater.map(|crater| crater.azimuth_deg_sigma),
        text: claim.text.clone(),
        origin: published.map(|published| published.origin.clone()),
        publisher: published.map_or_else(String::new, |published| published.publisher.clone()),
        published_at: published.and_then(|published| published.published_at),
        url: published.map_or_else(String::new, |published| published.url.clone()),
        report: claim.report.clone(),
        grade: Some(observation.grade.code()),
        ..ClaimLine::default()
    };
    write_location(&mut line, observation)?;
    Ok(line)
}

fn write_location(line: &mut ClaimLine, observation: &Observation) -> Result<(), Unencodable> {
    let refuse = |reason: &str| Unencodable::new("report-json", reason);
    match &observation.location {
        None => {}
        Some(Location::Fix {
            place,
            height: None,
        }) => {
            line.lat_deg = Some(place.position.lat_deg);
            line.lon_deg = Some(place.position.lon_deg);
            line.position_m_sigma = Some(place.uncertainty.semi_major_m);
        }
        Some(Location::Relative {
            from,
            reference,
            bearing_deg,
            distance_m,
            sigma_m,
        }) => {
            line.from = Some(from.clone());
            line.from_lat_deg = Some(reference.lat_deg);
            line.from_lon_deg = Some(reference.lon_deg);
            line.bearing_deg = Some(*bearing_deg);
            line.distance_m = Some(*distance_m);
            line.position_m_sigma = Some(*sigma_m);
        }
        Some(Location::Bearing {
            observer,
            bearing_deg,
            bearing_deg_sigma,
            range: None,
        }) => {
            let from = observation.sensor.clone();
            line.from = Some(from.ok_or_else(|| refuse("its direction is from no sensor"))?);
            line.from_lat_deg = Some(observer.lat_deg);
            line.from_lon_deg = Some(observer.lon_deg);
            line.bearing_deg = Some(*bearing_deg);
            line.bearing_deg_sigma = Some(*bearing_deg_sigma);
        }
        Some(_) => return Err(refuse("people do not give such a location")),
    }
    Ok(())
}
