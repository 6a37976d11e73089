//! Which scenes a satellite took: items of a SpatioTemporal Asset Catalog (STAC Item Specification
//! 1.0.0 and 1.1.0, EO extension), one by one, in an array, or in the `features` of a collection.
//!
//! | field | meaning |
//! |---|---|
//! | `id` | the scene; needed |
//! | `geometry` | its outline, GeoJSON; else `bbox` |
//! | `properties` `datetime`, else `start_datetime` and `end_datetime` | when; needed |
//! | `properties` `platform`, `instruments` | the sensor: `platform/instrument`, else `platform` |
//! | `properties` `eo:cloud_cover` | per cent of the scene |
//!
//! | `properties` `truce:score`, `truce:score_sigma`, `truce:scenes` | of an area of change |
//!
//! A scene says that its sensor worked and looked at an area, and how much of that was under cloud.
//! An area of change ([`crate::scene`]) says that something changed there between two instants.

use serde_json::{Map, Value};
use truce_core::observation::{AreaChange, Health, SensorState, Weather};
use truce_core::{Interval, Location, Observation, Position, Reading, Timestamp};

use crate::decoder::{Decoded, Job, Reader, Said};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::framer::Cut;
use crate::geojson::{Shape, shape};
use crate::jsonl::json_fault;
use crate::origin::Site;
use crate::sheet::Sheet;
use crate::validity::check_location;

/// Cuts a stream behind each item.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    crate::json::cut(bytes, &["features"])
}

/// Reads the items of one feed.
#[derive(Debug)]
pub(crate) struct Items;

impl Reader for Items {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(text) = job.text()? else {
            return Ok(());
        };
        let item: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| json_fault(&error))?;
        let item = Item::of(&item)?;
        let site = item.site(job);
        out.sheet(|| item.sheet());
        for (index, said) in (0..).zip(item.said(site)) {
            job.say(said, index, out);
        }
        Ok(())
    }
}

/// One scene.
struct Item<'a> {
    fields: &'a Map<String, Value>,
    id: &'a str,
    observed_at: Interval,
    ring: Vec<Position>,
    cloud_fraction: Option<f64>,
    change: Option<AreaChange>,
}

impl<'a> Item<'a> {
    fn of(fields: &'a Map<String, Value>) -> Result<Self, Fault> {
        let id = fields.get("id").and_then(Value::as_str);
        let id = id.ok_or_else(|| Fault::missing("id"))?;
        let ring = outline(fields)?;
        check_location(&Location::Area { ring: ring.clone() })?;
        let percent = number(fields, "eo:cloud_cover", 0.0..=100.0)?;
        Ok(Self {
            fields,
            id,
            observed_at: time(fields)?,
            ring,
            cloud_fraction: percent.map(|percent| percent / 100.0),
            change: change(fields)?,
        })
    }

    /// The sensor on the scene's platform.
    fn site<'o>(&self, job: &Job<'o>) -> Option<&'o Site> {
        let text = |name| property(self.fields, name).and_then(Value::as_str);
        let platform = text("platform").unwrap_or_default().to_ascii_lowercase();
        let instruments = property(self.fields, "instruments").and_then(Value::as_array);
        let instruments = instruments.into_iter().flatten().filter_map(Value::as_str);
        let names =
            instruments.map(|instrument| format!("{platform}/{}", instrument.to_ascii_lowercase()));
        let mut names = names.chain([platform.clone()]);
        names
            .find_map(|name| job.origin.receiver(&name))
            .or_else(|| job.origin.default_site())
    }

    fn said(&self, site: Option<&Site>) -> Vec<Said> {
        if let Some(change) = &self.change {
            return vec![self.say(site, Reading::AreaChange(change.clone()))];
        }
        let worked = site.map(|_| {
            Reading::SensorState(SensorState {
                health: Health::Working,
                text: self.id.to_owned(),
            })
        });
        let weather = self.cloud_fraction.map(|cloud_fraction| {
            Reading::Weather(Weather {
                cloud_fraction: Some(cloud_fraction),
                ..Weather::default()
            })
        });
        let readings = worked.into_iter().chain(weather);
        readings.map(|reading| self.say(site, reading)).collect()
    }

    fn say(&self, site: Option<&Site>, reading: Reading) -> Said {
        Said {
            sensor: site.map(|site| site.id.clone()),
            observed_at: self.observed_at,
            location: Some(Location::Area {
                ring: self.ring.clone(),
            }),
            reading,
            grade: None,
        }
    }

    fn sheet(&self) -> Sheet {
        let collection = self.fields.get("collection").and_then(Value::as_str);
        let mut sheet = Sheet::new(collection.unwrap_or("item"));
        sheet.set("id", self.id);
        sheet.set("observed_from", self.observed_at.start.to_string());
        sheet.set("observed_until", self.observed_at.end.to_string());
        sheet.set("cloud_fraction", self.cloud_fraction);
        sheet.maybe("score", self.change.as_ref().map(|change| change.score));
        sheet.maybe(
            "score_sigma",
            self.change.as_ref().map(|change| change.score_sigma),
        );
        sheet.given = self.fields.clone();
        sheet
    }
}

/// A property that is a number within a range, when it is there.
fn number(
    fields: &Map<String, Value>,
    name: &str,
    range: std::ops::RangeInclusive<f64>,
) -> Result<Option<f64>, Fault> {
    let Some(value) = property(fields, name).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let wanted = format!("{} to {} is expected", range.start(), range.end());
    let fault = || Fault::field(RejectionClass::Range, name, &value.to_string(), &wanted);
    let within = value.as_f64().filter(|number| range.contains(number));
    within.map(Some).ok_or_else(fault)
}

/// What a comparison of scenes says of an area, when the item is one.
fn change(fields: &Map<String, Value>) -> Result<Option<AreaChange>, Fault> {
    let Some(score) = number(fields, "truce:score", 0.0..=f64::MAX)? else {
        return Ok(None);
    };
    let score_sigma = number(fields, "truce:score_sigma", 0.0..=f64::MAX)?;
    let scenes = property(fields, "truce:scenes").and_then(Value::as_str);
    Ok(Some(AreaChange {
        score,
        score_sigma: score_sigma.ok_or_else(|| Fault::missing("truce:score_sigma"))?,
        scenes: scenes.unwrap_or_default().to_owned(),
    }))
}

pub(crate) fn property<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get("properties")?.get(name)
}

/// The outline: the geometry, else the box west, south, east, north (with heights between or not).
fn outline(fields: &Map<String, Value>) -> Result<Vec<Position>, Fault> {
    let geometry = fields.get("geometry").map(shape).transpose()?.flatten();
    if let Some(Shape::Area(ring)) = geometry {
        return Ok(ring);
    }
    let numbers = || -> Option<Vec<f64>> {
        let numbers = fields.get("bbox")?.as_array()?.iter().map(Value::as_f64);
        numbers.collect()
    };
    let numbers = numbers().unwrap_or_default();
    let (west, south, east, north) = match numbers.as_slice() {
        &[west, south, east, north] | &[west, south, _, east, north, _] => {
            (west, south, east, north)
        }
        _ => return Err(Fault::missing("geometry")),
    };
    let corners = [(south, west), (south, east), (north, east), (north, west)];
    let ring = corners.map(|(lat_deg, lon_deg)| Position { lat_deg, lon_deg });
    Ok(ring.to_vec())
}

/// `datetime`, which may be null beside `start_datetime` and `end_datetime`.
pub(crate) fn time(fields: &Map<String, Value>) -> Result<Interval, Fault> {
    let of = |name: &str| -> Result<Option<Timestamp>, Fault> {
        let Some(text) = property(fields, name).and_then(Value::as_str) else {
            return Ok(None);
        };
        let wanted = "a time such as 2025-03-01T12:00:00Z is expected";
        let fault = |_| Fault::field(RejectionClass::Time, name, text, wanted);
        text.parse().map(Some).map_err(fault)
    };
    let interval = match (of("start_datetime")?, of("end_datetime")?, of("datetime")?) {
        (Some(start), Some(end), _) => Interval { start, end },
        (_, _, Some(at)) => Interval::instant(at),
        _ => return Err(Fault::missing("datetime")),
    };
    crate::validity::check_interval(&interval)?;
    Ok(interval)
}

/// Writes the state of a sensor that looked at an area, the cloud over one, or its change as an item.
///
/// # Errors
/// [`Unencodable`] for other readings, other weather than cloud, and without an area.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let refuse = |reason: &str| Unencodable::new("stac", reason);
    let Some(Location::Area { ring }) = &observation.location else {
        return Err(refuse("it has no area"));
    };
    let sensor = observation.sensor.as_ref().map(|sensor| sensor.as_str());
    let mut id = observation.id.to_string();
    let mut properties = Map::new();
    match &observation.reading {
        Reading::SensorState(SensorState {
            health: Health::Working,
            text,
        }) => {
            let sensor = sensor.ok_or_else(|| refuse("it names no sensor"))?;
            properties.insert("platform".to_owned(), sensor.into());
            text.clone_into(&mut id);
        }
        Reading::Weather(Weather {
            cloud_fraction: Some(cloud_fraction),
            wind_speed_m_s: None,
            wind_from_deg: None,
        }) if sensor.is_none() => {
            let percent = cloud_fraction * 100.0;
            properties.insert("eo:cloud_cover".to_owned(), percent.into());
        }
        Reading::AreaChange(change) => {
            properties = change_properties(change);
            if let Some(sensor) = sensor {
                properties.insert("platform".to_owned(), sensor.into());
            }
        }
        _ => return Err(refuse("it is neither a scene nor its cloud nor a change")),
    }
    let item = item(&id, ring, observation.observed_at, properties);
    Ok(vec![Value::Object(item).to_string()])
}

/// The properties that tell a change.
pub(crate) fn change_properties(change: &AreaChange) -> Map<String, Value> {
    let properties = [
        ("truce:score", Value::from(change.score)),
        ("truce:score_sigma", change.score_sigma.into()),
        ("truce:scenes", change.scenes.as_str().into()),
    ];
    properties
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

/// An item of an area and a time.
pub(crate) fn item(
    id: &str,
    ring: &[Position],
    Interval { start, end }: Interval,
    mut properties: Map<String, Value>,
) -> Map<String, Value> {
    if start == end {
        properties.insert("datetime".to_owned(), start.to_string().into());
    } else {
        properties.insert("datetime".to_owned(), Value::Null);
        properties.insert("start_datetime".to_owned(), start.to_string().into());
        properties.insert("end_datetime".to_owned(), end.to_string().into());
    }
    let corners: Vec<[f64; 2]> = ring.iter().chain(ring.first()).map(|p| p.to_xy()).collect();
    let members = [
        ("type", Value::from("Feature")),
        ("stac_version", "1.0.0".into()),
        ("id", id.into()),
        (
            "geometry",
            serde_json::json!({ "type": "Polygon", "coordinates": [corners] }),
        ),
        ("bbox", bounds(ring).into()),
        ("properties", properties.into()),
        ("links", Value::Array(Vec::new())),
        ("assets", Map::new().into()),
    ];
    members
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

/// The box around a ring, which an item with a geometry must state: west, south, east, north.
fn bounds(ring: &[Position]) -> Vec<f64> {
    let [mut west, mut south, mut east, mut north] = [180.0_f64, 90.0, -180.0, -90.0];
    for corner in ring {
        west = west.min(corner.lon_deg);
        south = south.min(corner.lat_deg);
        east = east.max(corner.lon_deg);
        north = north.max(corner.lat_deg);
    }
    vec![west, south, east, north]
}

#[cfg(test)]
mod tests;
