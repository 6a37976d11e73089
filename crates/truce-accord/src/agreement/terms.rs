//! Reading the terms of a clause. A party's own text states only what differs from the common one;
//! what it leaves out is taken from there.

use truce_core::document::{Fields, Node, Refusal, in_range, list, one_of, text, timestamp};
use truce_core::{ClauseKind, Slug, Timestamp};

use super::references::{Named, References};
use super::rules::read_rule;
use super::{Exempt, OBJECT_WORDS, Phase, Terms, Thresholds};

/// Longest time an agreement may set as a threshold, seconds: ten years.
const SECONDS_MAX: f64 = 10.0 * 365.25 * 86_400.0;
/// Longest distance an agreement may set, metres: half the equator.
pub(super) const DISTANCE_M_MAX: f64 = 20_037_508.0;

/// What a clause's terms are read with.
pub(super) struct Reading<'a> {
    /// The names that may be referred to.
    pub(super) references: &'a References<'a>,
    /// The thresholds for clauses that set none.
    pub(super) thresholds: Thresholds,
    /// The kind of the clause.
    pub(super) kind: ClauseKind,
    /// The common text, when a party's own text is read.
    pub(super) base: Option<&'a Terms>,
}

impl Reading<'_> {
    /// A field that is needed in the common text and may be left out in a party's own.
    pub(super) fn need<T: Clone>(
        &self,
        fields: &Fields<'_>,
        key: &str,
        base: Option<&T>,
        read: impl Fn(&Node) -> Result<T, Refusal>,
    ) -> Option<T> {
        match base {
            Some(value) if fields.node(key).is_none() => Some(value.clone()),
            _ => fields.need(key, read),
        }
    }

    /// A field with a value for when it is left out.
    pub(super) fn or<T: Clone>(
        &self,
        fields: &Fields<'_>,
        key: &str,
        base: Option<&T>,
        otherwise: T,
        read: impl Fn(&Node) -> Result<T, Refusal>,
    ) -> T {
        let inherited = base.cloned().unwrap_or(otherwise);
        fields.maybe(key, read).unwrap_or(inherited)
    }
}

/// Reads the terms of a clause or of a party's own text.
pub(super) fn read_terms(fields: &Fields<'_>, reading: &Reading<'_>) -> Option<Terms> {
    let base = reading.base;
    let words = reading.need(fields, "text", base.map(|b| &b.text), text);
    let zones = read_zones(fields, reading);
    let from = instant(fields, "from", base.and_then(|b| b.from));
    let until = instant(fields, "until", base.and_then(|b| b.until));
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        let hint = "`until` is the first instant at which the clause no longer holds".to_owned();
        fields.issue_at("until", "`until` is not after `from`".to_owned(), hint);
    }
    let phases = read_phases(fields, reading);
    let exempt = read_exempt(fields, reading);
    let inherited = base.map_or(reading.thresholds, |b| b.thresholds);
    let thresholds = match fields.table("thresholds") {
        Some(table) => read_thresholds(table, inherited),
        None => inherited,
    };
    let rule = read_rule(fields, reading);
    Some(Terms {
        text: words?,
        zones: zones?,
        from,
        until,
        phases,
        exempt,
        thresholds,
        rule: rule?,
    })
}

fn instant(fields: &Fields<'_>, key: &str, base: Option<Timestamp>) -> Option<Timestamp> {
    fields.maybe(key, timestamp).or(base)
}

/// True for kinds that say nothing without a place.
fn needs_zones(kind: ClauseKind) -> bool {
    matches!(
        kind,
        ClauseKind::NoPresence
            | ClauseKind::Airspace
            | ClauseKind::Corridor
            | ClauseKind::ProtectedObjects
    )
}

fn named_zone(kind: ClauseKind) -> Named {
    match kind {
        // A line may not be crossed; a protected object may be a point with a radius.
        ClauseKind::NoPresence | ClauseKind::ProtectedObjects => Named::Zone,
        _ => Named::Area,
    }
}

fn read_zones(fields: &Fields<'_>, reading: &Reading<'_>) -> Option<Vec<Slug>> {
    let named = named_zone(reading.kind);
    let given = reading.references.names(fields, "zones", named);
    match (given, reading.base) {
        (Some(zones), _) => Some(zones),
        (None, Some(base)) => Some(base.zones.clone()),
        (None, None) if needs_zones(reading.kind) => {
            let hint = "name the zones of zones.geojson in which it holds".to_owned();
            fields.issue_at("zones", "the clause has no `zones`".to_owned(), hint);
            None
        }
        (None, None) => Some(Vec::new()),
    }
}

fn read_phases(fields: &Fields<'_>, reading: &Reading<'_>) -> Vec<Phase> {
    if fields.node("phase").is_none() {
        return reading.base.map_or(Vec::new(), |b| b.phases.clone());
    }
    let named = named_zone(reading.kind);
    let read = |table: Fields<'_>| {
        let title = table.need("title", text);
        let from = table.need("from", timestamp);
        let until = table.maybe("until", timestamp);
        if let (Some(from), Some(until)) = (from, until)
            && until <= from
        {
            let message = "the phase ends before it begins".to_owned();
            table.issue_at("until", message, "set `until` after `from`".to_owned());
        }
        let zones = reading.references.names(&table, "zones", named);
        table.finish();
        Some(Phase {
            title: title?,
            from: from?,
            until,
            zones: zones.unwrap_or_default(),
        })
    };
    fields
        .tables("phase")
        .into_iter()
        .filter_map(read)
        .collect()
}

fn read_exempt(fields: &Fields<'_>, reading: &Reading<'_>) -> Exempt {
    let Some(table) = fields.table("exempt") else {
        return reading
            .base
            .map_or_else(Exempt::default, |b| b.exempt.clone());
    };
    let names = |key, named| {
        let names = reading.references.names(&table, key, named);
        names.unwrap_or_default()
    };
    let exempt = Exempt {
        actors: names("actors", Named::Actor),
        weapons: names("weapons", Named::Weapon),
        objects: table
            .maybe("objects", list(one_of(&OBJECT_WORDS)))
            .unwrap_or_default(),
        identities: table
            .maybe("identities", list(identity))
            .unwrap_or_default(),
    };
    table.finish();
    exempt
}

/// An identity as text: `mmsi:227006760`, `icao:4b1812` or `serial:a-17`.
fn identity(node: &Node) -> Result<String, Refusal> {
    let given = text(node)?;
    let fits = match given.split_once(':') {
        Some(("mmsi", digits)) => digits.len() == 9 && digits.bytes().all(|b| b.is_ascii_digit()),
        Some(("icao", hex)) => {
            let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            hex.len() == 6 && hex.bytes().all(lower_hex)
        }
        Some(("serial", serial)) => !serial.is_empty(),
        _ => false,
    };
    if fits {
        return Ok(given);
    }
    let hint = "write mmsi:227006760, icao:4b1812 or serial:a-17".to_owned();
    Err((format!("`{given}` is no identity of an object"), hint))
}

/// Reads thresholds over those inherited.
pub(super) fn read_thresholds(table: Fields<'_>, inherited: Thresholds) -> Thresholds {
    let read = |key: &str, max: f64, otherwise: f64| {
        table.maybe(key, in_range(0.0..=max)).unwrap_or(otherwise)
    };
    let thresholds = Thresholds {
        breach: read("breach", 1.0, inherited.breach),
        compliant: read("compliant", 1.0, inherited.compliant),
        dwell_s: read("dwell_s", SECONDS_MAX, inherited.dwell_s),
        hysteresis_m: read("hysteresis_m", DISTANCE_M_MAX, inherited.hysteresis_m),
        silence_s: read("silence_s", SECONDS_MAX, inherited.silence_s),
        border_sigmas: read("border_sigmas", 10.0, inherited.border_sigmas),
    };
    if thresholds.compliant >= thresholds.breach {
        let key = if table.node("breach").is_some() {
            "breach"
        } else {
            "compliant"
        };
        let message = "`compliant` is not below `breach`".to_owned();
        let hint = "between the two a verdict is undetermined, for example 0.2 and 0.8".to_owned();
        table.issue_at(key, message, hint);
    }
    table.finish();
    thresholds
}
