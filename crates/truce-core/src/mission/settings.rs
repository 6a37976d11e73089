//! Reads mission.toml: what the mission is called, who is named in it, its sectors, and what is
//! known beforehand of each class of event.

use super::{Actor, EventClassPrior, Launch, Mission, ReportSchedule, Role, Sector};
use super::{SensorNetwork, Zone};
use crate::document::{Document, Fields, Issues, Names, Node, Refusal};
use crate::document::{in_range, list, one_of, slug, text};
use crate::incident::EventClass;

/// Shortest horizon that makes sense, seconds. Satellites deliver after hours; a smaller number is
/// hours written as seconds.
const HORIZON_S_MIN: f64 = 60.0;
/// Longest horizon, seconds: thirty days.
const HORIZON_S_MAX: f64 = 30.0 * 86_400.0;

/// The words of a role.
const ROLES: [(&str, Role); 5] = [
    ("party", Role::Party),
    ("guarantor", Role::Guarantor),
    ("contributor", Role::Contributor),
    ("mission", Role::Mission),
    ("observer", Role::Observer),
];

/// The words of an event class.
pub(super) const EVENT_CLASSES: [(&str, EventClass); 8] = [
    ("artillery", EventClass::Artillery),
    ("drone_strike", EventClass::DroneStrike),
    ("small_arms", EventClass::SmallArms),
    ("farm_fire", EventClass::FarmFire),
    ("industrial_heat", EventClass::IndustrialHeat),
    ("quarry_blast", EventClass::QuarryBlast),
    ("thunder", EventClass::Thunder),
    ("other", EventClass::Other),
];

/// Reads mission.toml; zones and network are left empty.
pub(super) fn read<'d>(
    document: &'d Document,
    names: &mut Names<'d>,
    issues: &'d Issues,
) -> Option<Mission> {
    let fields = document.fields(issues);
    names.open("actor");
    names.open("sector");
    let name = fields.need("name", slug);
    let title = fields.need("title", text);
    let summary = fields.need("summary", text);
    let log_origin = fields.need("log_origin", origin);
    let horizon_s = fields.need("horizon_s", horizon);
    let attribution_threshold = fields.need("attribution_threshold", share);
    let alert_threshold = fields.need("alert_threshold", share);
    let direction_threshold = fields.maybe("direction_threshold", share);
    let report = fields.need_table("report").and_then(read_report);
    let actors = read_actors(&fields, names);
    let sectors = read_sectors(&fields, names);
    let event_classes = read_event_classes(&fields);
    let sea = fields.table("sea").map(super::sea::read);
    let straits = fields.table("straits").and_then(super::straits::read);
    fields.finish();
    Some(Mission {
        name: name?,
        title: title?,
        summary: summary?,
        log_origin: log_origin?,
        report: report?,
        horizon_s: horizon_s?,
        attribution_threshold: attribution_threshold?,
        alert_threshold: alert_threshold?,
        direction_threshold,
        actors,
        sectors,
        event_classes,
        calibration: None,
        straits,
        sea: sea.unwrap_or_default(),
        zones: Vec::<Zone>::new(),
        network: SensorNetwork::default(),
    })
}

/// A share of one. Percent are recognised and refused with the right number.
pub(super) fn share(node: &Node) -> Result<f64, Refusal> {
    let value = crate::document::number(node)?;
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    let hint = if (1.0..=100.0).contains(&value) {
        format!("write percent as a fraction: {}", value / 100.0)
    } else {
        "it must lie between 0 and 1".to_owned()
    };
    Err((format!("{value} is no probability"), hint))
}

fn horizon(node: &Node) -> Result<f64, Refusal> {
    let value = crate::document::number(node)?;
    if (HORIZON_S_MIN..=HORIZON_S_MAX).contains(&value) {
        return Ok(value);
    }
    let message = format!("{value} s is no useful horizon");
    Err((message, "seconds are expected: six hours is 21600".into()))
}

/// A C2SP tlog-checkpoint origin: a schema-less URL without spaces or plus signs.
fn origin(node: &Node) -> Result<String, Refusal> {
    let origin = text(node)?;
    let refuse = |why: &str| {
        let hint = "write it as example.org/mission, without schema, spaces or plus signs";
        Err((format!("`{origin}` {why}"), hint.to_owned()))
    };
    if origin.is_empty() || origin.chars().any(|c| c.is_whitespace() || c == '+') {
        return refuse("is no log origin");
    }
    if origin.contains("://") {
        return refuse("has a schema");
    }
    Ok(origin)
}

fn read_report(fields: Fields<'_>) -> Option<ReportSchedule> {
    let time_zone = fields.need("time_zone", time_zone);
    let cut_off = fields.need("cut_off", clock);
    fields.finish();
    let (cut_off_hour, cut_off_minute) = cut_off?;
    Some(ReportSchedule {
        time_zone: time_zone?,
        cut_off_hour,
        cut_off_minute,
    })
}

/// An IANA time zone by its shape; whether it exists is known where the time zones are.
fn time_zone(node: &Node) -> Result<String, Refusal> {
    let zone = text(node)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
    let shaped = zone == "UTC" || (zone.contains('/') && zone.chars().all(allowed));
    if shaped {
        return Ok(zone);
    }
    let hint = "name an IANA time zone such as Europe/Kyiv, or UTC";
    Err((format!("`{zone}` is no time zone"), hint.to_owned()))
}

/// A local time of day, `HH:MM`.
fn clock(node: &Node) -> Result<(u8, u8), Refusal> {
    let given = text(node)?;
    let parts = given.split_once(':').filter(|_| given.len() == 5);
    let read = parts.and_then(|(h, m)| Some((h.parse::<u8>().ok()?, m.parse::<u8>().ok()?)));
    match read {
        Some((hour, minute)) if hour < 24 && minute < 60 => Ok((hour, minute)),
        _ => {
            let message = format!("`{given}` is no time of day");
            Err((message, "write hours and minutes, such as 20:00".into()))
        }
    }
}

fn read_actors<'d>(fields: &Fields<'d>, names: &mut Names<'d>) -> Vec<Actor> {
    let mut actors = Vec::new();
    let tables = fields.tables("actors");
    let given = tables.len();
    for table in tables {
        let id = table.need("id", slug);
        names.define("actor", id.as_ref(), &table, "id");
        let name = table.need("name", text);
        let role = table.need("role", one_of(&ROLES));
        table.finish();
        if let (Some(id), Some(name), Some(role)) = (id, name, role) {
            actors.push(Actor { id, name, role });
        }
    }
    let parties = actors.iter().filter(|a| a.role == Role::Party).count();
    if parties < 2 && actors.len() == given {
        let message = format!("an agreement has at least two parties; {parties} are named");
        let hint = "add [[actors]] with role = \"party\"".to_owned();
        fields.issue_at("actors", message, hint);
    }
    actors
}

fn read_sectors<'d>(fields: &Fields<'d>, names: &mut Names<'d>) -> Vec<Sector> {
    let mut sectors = Vec::new();
    for table in fields.tables("sectors") {
        let id = table.need("id", slug);
        names.define("sector", id.as_ref(), &table, "id");
        let name = table.need("name", text);
        let zone = table.need("zone", slug);
        names.refer("zone", zone.as_ref(), &table, "zone");
        table.finish();
        if let (Some(id), Some(name), Some(zone)) = (id, name, zone) {
            sectors.push(Sector { id, name, zone });
        }
    }
    sectors
}

fn read_event_classes(fields: &Fields<'_>) -> Vec<EventClassPrior> {
    let mut priors: Vec<EventClassPrior> = Vec::new();
    for table in fields.tables("event_classes") {
        let class = table.need("class", one_of(&EVENT_CLASSES));
        let rate = table.need("rate_per_day_per_1000_km2", in_range(0.0..=1e6));
        let line_decay_m = table.maybe("line_decay_m", metres(100.0, 1e6));
        let line_decay_power = table.maybe("line_decay_power", in_range(0.1..=100.0));
        let heat_s = table.maybe("heat_s", seconds(60.0, 1e9));
        let strikes_across = table.maybe("strikes_across", share);
        let launch = table.table("launch").and_then(read_launch);
        let basis = table.need("basis", text);
        if let Some(class) = class
            && priors.iter().any(|prior| prior.class == class)
        {
            let hint = "one table for each class".to_owned();
            table.issue_at("class", format!("{class:?} is described twice"), hint);
        }
        table.finish();
        if let (Some(class), Some(rate_per_day_per_1000_km2), Some(basis)) = (class, rate, basis) {
            priors.push(EventClassPrior {
                class,
                rate_per_day_per_1000_km2,
                line_decay_m,
                line_decay_power,
                heat_s,
                strikes_across,
                launch,
                basis,
            });
        }
    }
    priors
}

fn read_launch(fields: Fields<'_>) -> Option<Launch> {
    let probability = fields.need("probability", share);
    let flight_s = fields.need("flight_s", in_range(0.0..=600.0));
    let flight_s_sigma = fields.need("flight_s_sigma", in_range(0.1..=600.0));
    let line_m = fields.need("line_m", pair_of_metres);
    fields.finish();
    Some(Launch {
        probability: probability?,
        flight_s: flight_s?,
        flight_s_sigma: flight_s_sigma?,
        line_m: line_m?,
    })
}

fn pair_of_metres(node: &Node) -> Result<[f64; 2], Refusal> {
    let given = list(in_range(0.0..=1e6))(node)?;
    <[f64; 2]>::try_from(given).map_err(|given| {
        let hint = "give the least and the greatest distance from the line".to_owned();
        (format!("{} numbers are no pair", given.len()), hint)
    })
}

/// A length in metres; one so small that it must be kilometres is refused with the right number.
pub(super) fn metres(least_m: f64, greatest_m: f64) -> impl Fn(&Node) -> Result<f64, Refusal> {
    move |node| {
        let value = crate::document::number(node)?;
        let kilometres = value * 1_000.0;
        if (least_m..=greatest_m).contains(&value) {
            return Ok(value);
        }
        let hint = if value > 0.0 && (least_m..=greatest_m).contains(&kilometres) {
            format!("metres are expected: {value} km is {kilometres}")
        } else {
            format!("it must lie between {least_m} and {greatest_m} metres")
        };
        Err((format!("{value} m is out of range"), hint))
    }
}

/// A duration in seconds; one so small that it must be hours is refused with the right number.
pub(super) fn seconds(least_s: f64, greatest_s: f64) -> impl Fn(&Node) -> Result<f64, Refusal> {
    move |node| {
        let value = crate::document::number(node)?;
        let hours = value * 3_600.0;
        if (least_s..=greatest_s).contains(&value) {
            return Ok(value);
        }
        let hint = if value > 0.0 && (least_s..=greatest_s).contains(&hours) {
            format!("seconds are expected: {value} h is {hours}")
        } else {
            format!("it must lie between {least_s} and {greatest_s} seconds")
        };
        Err((format!("{value} s is out of range"), hint))
    }
}
