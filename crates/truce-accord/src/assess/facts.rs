//! What an incident says about itself, read once.

use truce_core::time::seconds_between;
use truce_core::{
    Height, Incident, IncidentKind, ObjectIdentity, ObjectKind, Slug, Timestamp, Track,
};

use crate::agreement::OBJECT_WORDS;

/// The facts that clauses ask for; `None` is not known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    pub(crate) object: Option<ObjectKind>,
    pub(crate) weapon: Option<Slug>,
    pub(crate) count: Option<u32>,
    pub(crate) serial: Option<String>,
    pub(crate) missing: bool,
    pub(crate) identity: Option<String>,
    pub(crate) actor: Option<Slug>,
    pub(crate) separation_m: Option<f64>,
    pub(crate) delay_s: Option<f64>,
    pub(crate) against_monitors: bool,
    pub(crate) duration_s: f64,
    pub(crate) ended: bool,
    pub(crate) height: Option<Height>,
}

/// True for kinds whose interval is how long they lasted, not how badly their time is known.
pub(crate) fn lasts(kind: IncidentKind) -> bool {
    matches!(
        kind,
        IncidentKind::Presence
            | IncidentKind::CorridorDeviation
            | IncidentKind::UnauthorisedStop
            | IncidentKind::Encounter
            | IncidentKind::Loitering
            | IncidentKind::Obstruction
            | IncidentKind::CloseApproach
            | IncidentKind::SignalGap
            | IncidentKind::DarkVessel
            | IncidentKind::StraitsLimit
            | IncidentKind::GnssInterference
            | IncidentKind::AccessDenied
            | IncidentKind::Movement
    )
}

/// The instant whose version of the agreement decides: the end of what lasted, the middle of an
/// interval that is only badly known.
pub(crate) fn decisive_instant(incident: &Incident) -> Timestamp {
    if lasts(incident.kind) {
        incident.occurred.end
    } else {
        incident.occurred.middle()
    }
}

/// An identity as `agreement.toml` writes it; a detector's own numbers identify nothing.
pub(crate) fn identity_words(identity: &ObjectIdentity) -> Option<String> {
    match identity {
        ObjectIdentity::Mmsi(mmsi) => Some(format!("mmsi:{mmsi:09}")),
        ObjectIdentity::Icao(icao) => Some(format!("icao:{icao:06x}")),
        ObjectIdentity::Serial(serial) => Some(format!("serial:{serial}")),
        ObjectIdentity::Sensor(_) | ObjectIdentity::Detector { .. } => None,
    }
}

/// The word of `agreement.toml` for a kind of object.
pub(crate) fn object_word(kind: ObjectKind) -> &'static str {
    let word = OBJECT_WORDS.iter().find(|(_, known)| *known == kind);
    word.map_or("object", |(word, _)| word)
}

impl Facts {
    pub(crate) fn of(incident: &Incident, track: Option<&Track>) -> Self {
        let text = |name: &str| incident.attributes.get(name).map(String::as_str);
        let number = |name: &str| text(name).and_then(|value| value.parse::<f64>().ok());
        let slug = |name: &str| text(name).and_then(|value| Slug::new(value).ok());
        let weapon = slug("weapon");
        let named = text("object").and_then(|word| {
            let mut words = OBJECT_WORDS.iter();
            words
                .find(|(known, _)| *known == word)
                .map(|(_, kind)| *kind)
        });
        let is_weapon = weapon.is_some() || incident.kind == IncidentKind::WeaponSighting;
        let implied = is_weapon.then_some(ObjectKind::Weapon);
        let own = track
            .and_then(|track| track.identity.as_ref())
            .and_then(identity_words);
        Self {
            object: named.or_else(|| track.map(|track| track.kind)).or(implied),
            weapon,
            count: text("count").and_then(|value| value.parse().ok()),
            serial: text("serial").map(str::to_owned),
            missing: text("missing") == Some("true"),
            identity: text("identity").map(str::to_owned).or(own),
            actor: slug("actor").or_else(|| track.and_then(|track| track.actor.clone())),
            separation_m: number("separation_m"),
            delay_s: number("delay_s"),
            against_monitors: text("target") == Some("monitors"),
            duration_s: number("duration_s").unwrap_or_else(|| incident.occurred.length_s()),
            ended: incident.attributes.contains_key("ended"),
            height: track.and_then(|track| nearest_height(track, incident)),
        }
    }
}

/// The height of the track's point nearest in time to the incident.
fn nearest_height(track: &Track, incident: &Incident) -> Option<Height> {
    let middle = incident.occurred.middle();
    let with_height = track.points.iter().filter(|point| point.height.is_some());
    let nearest = with_height.min_by(|a, b| {
        let away = |at: Timestamp| seconds_between(at, middle).abs();
        away(a.observed_at).total_cmp(&away(b.observed_at))
    });
    nearest.and_then(|point| point.height)
}
