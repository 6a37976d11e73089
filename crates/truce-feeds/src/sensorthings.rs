//! Observations of the OGC SensorThings API (OGC 18-088, version 1.1), as a service answers them over
//! HTTP or publishes them over MQTT (clause 14.3): one by one, in an array, or on a page in `value`.
//!
//! | property (clauses 8.2.5, 8.2.8) | meaning |
//! |---|---|
//! | `phenomenonTime` | when: an instant or an interval; needed unless `resultTime` is there |
//! | `result` | a number, text, truth, or an object |
//! | `resultQuality`, `parameters` | kept; `sigma` in either is the result's standard deviation |
//! | `FeatureOfInterest` `feature` | where, GeoJSON |
//! | `Datastream` | `name`, `unitOfMeasurement`, `Thing`, `ObservedProperty`, when expanded |
//!
//! What a result is follows from its observed property, by its name or the last part of its
//! definition: cloud cover and wind are weather, a sound level is a sound at its station, a health is
//! the state of a sensor. A result of another property is shown and gives no observation. The sensor
//! is the one that goes by the name of the thing or of the datastream, else the feed's.

use serde_json::{Map, Value};
use truce_core::observation::{AcousticDetection, Health, SensorState, Weather};
use truce_core::place::normalize_bearing_deg;
use truce_core::{Interval, Location, Observation, Position, Reading, Timestamp};

use crate::decoder::{Decoded, Job, Reader, Said};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::framer::Cut;
use crate::jsonl::json_fault;
use crate::origin::Site;
use crate::sheet::Sheet;
use crate::table::{read_word, write_word};
use crate::units::KNOT_M_S;
use crate::validity::check_location;

/// Error of a feature's point, metres, when the sensor's is not configured: a place read off a map.
const POSITION_M_SIGMA: f64 = 100.0;

/// Error of the time of a sound's level, seconds, when the sensor's is not configured: such services
/// publish means over a second.
const TIME_S_SIGMA: f64 = 0.5;

/// What a property measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Property {
    CloudFraction,
    WindSpeed,
    WindFrom,
    SoundLevel,
    Health,
}

/// Names of properties, of which only letters and digits in small case are compared, as they stand in
/// the CF standard names and the QUDT and OGC vocabularies.
const PROPERTIES: [(&str, Property); 14] = [
    ("cloudareafraction", Property::CloudFraction),
    ("cloudcover", Property::CloudFraction),
    ("cloudfraction", Property::CloudFraction),
    ("windspeed", Property::WindSpeed),
    ("windfromdirection", Property::WindFrom),
    ("winddirection", Property::WindFrom),
    ("soundpressurelevel", Property::SoundLevel),
    ("soundlevel", Property::SoundLevel),
    ("peaksoundpressurelevel", Property::SoundLevel),
    ("noiselevel", Property::SoundLevel),
    ("health", Property::Health),
    ("status", Property::Health),
    ("sensorstatus", Property::Health),
    ("sensorhealth", Property::Health),
];

/// Units by their symbol and what makes them SI.
const UNITS: [(&str, f64); 9] = [
    ("%", 0.01),
    ("okta", 0.125),
    ("1", 1.0),
    ("m/s", 1.0),
    ("km/h", 1.0 / 3.6),
    ("kn", KNOT_M_S),
    ("deg", 1.0),
    ("°", 1.0),
    ("dB", 1.0),
];

/// Cuts a stream behind each observation.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    crate::json::cut(bytes, &["value"])
}

/// Reads the observations of one feed.
#[derive(Debug)]
pub(crate) struct Observations;

impl Reader for Observations {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(text) = job.text()? else {
            return Ok(());
        };
        let entity: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| json_fault(&error))?;
        let entity = Value::Object(entity);
        let observed_at = time(&entity)?;
        let result = entity
            .get("result")
            .ok_or_else(|| Fault::missing("result"))?;
        let site = site(&entity, job);
        let location = location(&entity, site)?;
        out.sheet(|| sheet(&entity, observed_at, result));
        let Some(property) = property(&entity) else {
            return Ok(());
        };
        let reading = reading(property, &entity, result)?;
        let location = match (&reading, location) {
            (Reading::Acoustic(_), _) => Some(arrival(site)?),
            (_, location) => location,
        };
        let said = Said {
            sensor: site.map(|site| site.id.clone()),
            observed_at,
            location,
            reading,
            grade: None,
        };
        job.say(said, 0, out);
        Ok(())
    }
}

/// The text at a path of names.
fn text<'a>(entity: &'a Value, path: &[&str]) -> Option<&'a str> {
    let found = path
        .iter()
        .try_fold(entity, |value, name| value.get(name))?;
    found.as_str().filter(|text| !text.is_empty())
}

/// When the phenomenon was (ISO 8601: an instant, or two parted by `/`).
fn time(entity: &Value) -> Result<Interval, Fault> {
    let stated = text(entity, &["phenomenonTime"]).or_else(|| text(entity, &["resultTime"]));
    let stated = stated.ok_or_else(|| Fault::missing("phenomenonTime"))?;
    let wanted = "a time, or two parted by `/`, is expected";
    let fault = || Fault::field(RejectionClass::Time, "phenomenonTime", stated, wanted);
    let (start, end) = stated.split_once('/').unwrap_or((stated, stated));
    let start: Timestamp = start.parse().map_err(|_| fault())?;
    let end: Timestamp = end.parse().map_err(|_| fault())?;
    if end < start {
        return Err(fault());
    }
    Ok(Interval { start, end })
}

/// The sensor that goes by the name of the thing, the datastream or the sensor entity.
fn site<'a>(entity: &Value, job: &Job<'a>) -> Option<&'a Site> {
    let names = [
        &["Datastream", "Sensor", "name"][..],
        &["Datastream", "Thing", "name"],
        &["Datastream", "name"],
    ];
    let mut names = names.into_iter().filter_map(|path| text(entity, path));
    names
        .find_map(|name| job.origin.receiver(name))
        .or_else(|| job.origin.default_site())
}

fn property(entity: &Value) -> Option<Property> {
    let of = |name: &str| {
        let plain: String = name
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric())
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        PROPERTIES.iter().find(|(known, _)| *known == plain)
    };
    let last = |definition: &'static str| {
        let definition = text(entity, &["Datastream", "ObservedProperty", definition])?;
        definition.rsplit(['/', '#', ':']).next()
    };
    let names = [
        text(entity, &["Datastream", "ObservedProperty", "name"]),
        last("definition"),
        text(entity, &["Datastream", "name"]),
    ];
    let (_, property) = names.into_iter().flatten().find_map(of)?;
    Some(*property)
}

/// The number of a result in SI units.
fn number(entity: &Value, result: &Value) -> Result<f64, Fault> {
    let shown = result.to_string();
    let wrong = |wanted: &str| Fault::field(RejectionClass::Number, "result", &shown, wanted);
    let number = result
        .as_f64()
        .or_else(|| result.as_str()?.trim().parse().ok());
    let number = number.filter(|number| number.is_finite());
    let number = number.ok_or_else(|| wrong("a number is expected"))?;
    let unit = text(entity, &["Datastream", "unitOfMeasurement", "symbol"]);
    let Some(unit) = unit else {
        return Ok(number);
    };
    let known = UNITS.iter().find(|(symbol, _)| *symbol == unit);
    let wanted = "a unit that is known is expected";
    let fault = || Fault::field(RejectionClass::Value, "unitOfMeasurement", unit, wanted);
    known.map(|(_, factor)| number * factor).ok_or_else(fault)
}

fn reading(property: Property, entity: &Value, result: &Value) -> Result<Reading, Fault> {
    let value = || number(entity, result);
    let within = |value: f64, most: f64| {
        let wanted = format!("0 to {most} is expected");
        let fault = || Fault::field(RejectionClass::Range, "result", &value.to_string(), &wanted);
        (0.0..=most)
            .contains(&value)
            .then_some(value)
            .ok_or_else(fault)
    };
    Ok(match property {
        Property::CloudFraction => Reading::Weather(Weather {
            cloud_fraction: Some(within(value()?, 1.0)?),
            ..Weather::default()
        }),
        Property::WindSpeed => Reading::Weather(Weather {
            wind_speed_m_s: Some(within(value()?, 150.0)?),
            ..Weather::default()
        }),
        Property::WindFrom => Reading::Weather(Weather {
            wind_from_deg: Some(normalize_bearing_deg(value()?)),
            ..Weather::default()
        }),
        Property::SoundLevel => Reading::Acoustic(AcousticDetection {
            class: None,
            launch: None,
            level_db: Some(value()?),
            signal_to_noise_db: None,
        }),
        Property::Health => {
            let word = result.as_str().unwrap_or_default();
            let wanted = "working, degraded, jammed or off is expected";
            let shown = result.to_string();
            let fault = || Fault::field(RejectionClass::Value, "result", &shown, wanted);
            let health = read_word::<Health>(&word.to_ascii_lowercase()).ok_or_else(fault)?;
            let text = text(entity, &["parameters", "text"]).unwrap_or_default();
            Reading::SensorState(SensorState {
                health,
                text: text.to_owned(),
            })
        }
    })
}

/// A sound without a direction, at its station.
fn arrival(site: Option<&Site>) -> Result<Location, Fault> {
    let position = site.and_then(|site| site.position);
    let station = position.ok_or_else(|| {
        let reason = "a sound needs a sensor of the mission with a position";
        Fault::new(RejectionClass::UnknownSensor, reason)
    })?;
    let stated = site.and_then(|site| site.errors.time_s_sigma);
    Ok(Location::Arrival {
        station,
        arrival_s_sigma: stated.unwrap_or(TIME_S_SIGMA),
    })
}

/// The place of the feature of interest: a point or the outline of an area.
fn location(entity: &Value, site: Option<&Site>) -> Result<Option<Location>, Fault> {
    let Some(feature) = entity
        .get("FeatureOfInterest")
        .and_then(|f| f.get("feature"))
    else {
        return Ok(None);
    };
    // A feature may be a geometry or have one (clause 8.2.8).
    let geometry = feature.get("geometry").unwrap_or(feature);
    let Some(shape) = crate::geojson::shape(geometry)? else {
        return Ok(None);
    };
    let stated = site.and_then(|site| site.errors.position_m_sigma);
    let location = match shape {
        crate::geojson::Shape::Point(position) => {
            Location::fix(position, stated.unwrap_or(POSITION_M_SIGMA))
        }
        crate::geojson::Shape::Area(ring) => Location::Area { ring },
    };
    check_location(&location)?;
    Ok(Some(location))
}

fn sheet(entity: &Value, observed_at: Interval, result: &Value) -> Sheet {
    let property = text(entity, &["Datastream", "ObservedProperty", "name"]);
    let mut sheet = Sheet::new(
        property
            .or_else(|| text(entity, &["Datastream", "name"]))
            .unwrap_or("observation"),
    );
    sheet.set("observed_from", observed_at.start.to_string());
    sheet.set("observed_until", observed_at.end.to_string());
    match number(entity, result) {
        Ok(number) => sheet.set("result", number),
        Err(_) => sheet.set("result", result.clone()),
    }
    if let Value::Object(fields) = entity {
        sheet.given = fields.clone();
    }
    sheet
}

/// Writes weather, a state or the level of a sound as an observation with its datastream.
///
/// # Errors
/// [`Unencodable`] for other readings, and for weather of more or less than one property.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let refuse = |reason: &str| Unencodable::new("sensorthings", reason);
    let (name, unit, result, remark) = match &observation.reading {
        Reading::Weather(weather) => {
            let all = [
                ("cloud_area_fraction", "1", weather.cloud_fraction),
                ("wind_speed", "m/s", weather.wind_speed_m_s),
                ("wind_from_direction", "deg", weather.wind_from_deg),
            ];
            let mut said = all
                .into_iter()
                .filter_map(|(name, unit, value)| Some((name, unit, value?)));
            match (said.next(), said.next()) {
                (Some((name, unit, value)), None) => (name, unit, Value::from(value), None),
                _ => return Err(refuse("its weather is not of one property")),
            }
        }
        Reading::SensorState(state) => {
            let word = write_word(&state.health);
            ("health", "", Value::from(word), Some(state.text.as_str()))
        }
        Reading::Acoustic(AcousticDetection {
            class: None,
            launch: None,
            level_db: Some(level_db),
            signal_to_noise_db: None,
        }) => ("sound_pressure_level", "dB", Value::from(*level_db), None),
        _ => return Err(refuse("no property is measured like that")),
    };
    let mut stream = Map::new();
    stream.insert(
        "ObservedProperty".to_owned(),
        serde_json::json!({ "name": name }),
    );
    if !unit.is_empty() {
        stream.insert(
            "unitOfMeasurement".to_owned(),
            serde_json::json!({ "symbol": unit }),
        );
    }
    if let Some(sensor) = &observation.sensor {
        stream.insert("Thing".to_owned(), serde_json::json!({ "name": sensor }));
    }
    let Interval { start, end } = observation.observed_at;
    let time = if start == end {
        start.to_string()
    } else {
        format!("{start}/{end}")
    };
    let mut entity = serde_json::json!({
        "phenomenonTime": time,
        "result": result,
        "Datastream": stream,
    });
    if let Some(remark) = remark.filter(|remark| !remark.is_empty()) {
        entity["parameters"] = serde_json::json!({ "text": remark });
    }
    let feature = feature(observation.location.as_ref())?;
    if let Some(feature) = feature {
        entity["FeatureOfInterest"] = serde_json::json!({ "feature": feature });
    }
    Ok(vec![entity.to_string()])
}

/// The feature of interest that is a place.
fn feature(location: Option<&Location>) -> Result<Option<Value>, Unencodable> {
    let position = |position: &Position| Value::from(position.to_xy().to_vec());
    Ok(match location {
        None | Some(Location::Arrival { .. }) => None,
        Some(Location::Fix { place, .. }) => {
            Some(serde_json::json!({ "type": "Point", "coordinates": position(&place.position) }))
        }
        Some(Location::Area { ring }) => {
            let closed: Vec<Value> = ring.iter().chain(ring.first()).map(position).collect();
            Some(serde_json::json!({ "type": "Polygon", "coordinates": [closed] }))
        }
        Some(_) => {
            let reason = "a feature of interest has no direction";
            return Err(Unencodable::new("sensorthings", reason));
        }
    })
}

#[cfg(test)]
mod tests;
