//! Targets that a vessel traffic service broadcasts (SN.1/Circ.289, application 6; ITU-R M.1371-1):
//! ships that it knows by other means than their own reports, mostly its radars. Each is an observation
//! of the service, as a target of a radar and not as a report of the vessel that it may name.

use serde_json::{Map, Value};
use truce_core::Position;
use truce_core::observation::{RadarTarget, VesselReport};

/// One target.
#[derive(Debug, PartialEq)]
pub(super) struct Target {
    pub(super) position: Position,
    /// Second of the minute at which it was there.
    pub(super) second: Option<u8>,
    pub(super) seen: RadarTarget,
}

/// The targets that a message tells of, as far as they have a position.
pub(super) fn targets(vessel: &VesselReport) -> Vec<Target> {
    let application = vessel.other.get("application");
    let told = application.filter(|fields| fields["application"] == "vts_targets");
    let list = told.and_then(|fields| fields["targets"].as_array());
    let records = list.into_iter().flatten().filter_map(Value::as_object);
    records.filter_map(target).collect()
}

fn target(fields: &Map<String, Value>) -> Option<Target> {
    let number = |name: &str| fields.get(name).and_then(Value::as_f64);
    let position = Position::new(number("lat_deg")?, number("lon_deg")?)?;
    let second = fields.get("utc_second").and_then(Value::as_u64);
    let second = second.and_then(|second| u8::try_from(second).ok());
    Some(Target {
        position,
        // Codes above 60 are reserved.
        second: second.filter(|second| *second < 60),
        seen: RadarTarget {
            target: identifier(fields),
            speed_m_s: number("speed_m_s"),
            course_deg: number("course_deg"),
        },
    })
}

/// What the service calls it, with the kind of name before it where it is one of a register.
fn identifier(fields: &Map<String, Value>) -> Option<String> {
    let kinds = [
        ("mmsi", "MMSI "),
        ("imo_number", "IMO "),
        ("call_sign", ""),
        ("identifier", ""),
    ];
    kinds.into_iter().find_map(|(field, before)| {
        let name = match fields.get(field)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!name.is_empty()).then(|| format!("{before}{name}"))
    })
}
