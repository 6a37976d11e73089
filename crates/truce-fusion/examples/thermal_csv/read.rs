//! The files of others, read into places and days. A file that cannot be read names its row.
//!
//! FIRMS tables of thermal anomalies (NASA, header names in any case), coded events of the Centre
//! for Information Resilience as CSV, civilian harm of Bellingcat as JSON, weekly maps of control
//! as JSON lines, and GeoJSON polygons (RFC 7946).

use std::io::Read;
use std::path::Path;

use csv_core::{ReadRecordResult, Reader};
use flate2::read::MultiGzDecoder;
use serde_json::Value;
use truce_core::{Position, Timestamp};
use truce_fusion::thermal::{Day, Polygon};

/// Decompressed bytes of a file at most: a decade of anomalies of a country is a tenth of it.
const BYTES_MAX: u64 = 1 << 30;
/// Columns of a table at most.
const COLUMNS_MAX: usize = 256;
/// Groups of the coded events that are violent, by the beginning of their name.
const VIOLENT: [&str; 9] = [
    "Civilian Infrastructure Damage",
    "Bombing or Explosion",
    "Civilian Casualty",
    "Munitions",
    "Ground Battle",
    "Military Infrastructure Damage",
    "Russian Firing Positions",
    "Ukrainian Military Losses",
    "Russian Military Losses",
];
/// The country whose coded events are taken.
const COUNTRY: &str = "Ukraine";
/// Classes of polygons that one side holds, and the fill that marks one without a class.
const HELD_CLASSES: [&str; 2] = ["occupied", "pre2022"];
const HELD_FILL: &str = "#a52714";

/// A row of a FIRMS table; its own words are kept for the answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Anomaly {
    pub(crate) lat: String,
    pub(crate) lon: String,
    pub(crate) date: String,
    pub(crate) position: Position,
    pub(crate) day: Day,
}

/// Confirmed violent events.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Events {
    pub(crate) events: Vec<(Position, Day)>,
    /// Rows that name no place or no day.
    pub(crate) left_out: usize,
}

/// The text of a file, decompressed when its name ends in `.gz`.
pub(crate) fn text(path: &Path) -> Result<String, String> {
    let named = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = std::fs::File::open(path).map_err(named)?;
    let mut text = String::new();
    let read = if path.extension().is_some_and(|extension| extension == "gz") {
        MultiGzDecoder::new(file)
            .take(BYTES_MAX)
            .read_to_string(&mut text)
    } else {
        file.take(BYTES_MAX).read_to_string(&mut text)
    };
    match read {
        Ok(bytes) if bytes as u64 == BYTES_MAX => {
            Err(format!("{}: larger than {BYTES_MAX} bytes", path.display()))
        }
        Ok(_) => Ok(text),
        Err(error) => Err(named(error)),
    }
}

/// Reads a file with one of the readers below and names it in the error.
fn parsed<T>(path: &Path, parse: fn(&str) -> Result<T, String>) -> Result<T, String> {
    parse(&text(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

pub(crate) fn anomalies(path: &Path) -> Result<Vec<Anomaly>, String> {
    parsed(path, parse_anomalies)
}

pub(crate) fn events(path: &Path) -> Result<Events, String> {
    let json = path
        .extension()
        .is_some_and(|extension| extension == "json");
    parsed(path, if json { parse_harm } else { parse_events })
}

pub(crate) fn control(path: &Path) -> Result<Vec<(Day, Vec<Polygon>)>, String> {
    parsed(path, parse_control)
}

pub(crate) fn regions(path: &Path) -> Result<Vec<Polygon>, String> {
    parsed(path, parse_regions)
}

/// A day written as 2022-06-01.
pub(crate) fn day(text: &str) -> Result<Day, String> {
    let instant = format!("{}T00:00:00Z", text.trim()).parse::<Timestamp>();
    instant
        .map(Day::of)
        .map_err(|_| format!("`{text}` is no day like 2022-06-01"))
}

fn position(lat: &str, lon: &str) -> Result<Position, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let position = number(lat)
        .zip(number(lon))
        .and_then(|(lat, lon)| Position::new(lat, lon));
    position.ok_or_else(|| format!("`{lat}`, `{lon}` is no latitude and longitude"))
}

fn parse_anomalies(text: &str) -> Result<Vec<Anomaly>, String> {
    let mut anomalies = Vec::new();
    rows(
        text,
        &["latitude", "longitude", "acq_date"],
        |row, [lat, lon, date]| {
            let at_row = |error| format!("row {row}: {error}");
            anomalies.push(Anomaly {
                position: position(lat, lon).map_err(at_row)?,
                day: day(date).map_err(at_row)?,
                lat: lat.to_owned(),
                lon: lon.to_owned(),
                date: date.to_owned(),
            });
            Ok(())
        },
    )?;
    Ok(anomalies)
}

fn parse_events(text: &str) -> Result<Events, String> {
    let mut events = Events::default();
    let columns = ["event_group", "country", "lat", "lon", "date"];
    rows(text, &columns, |_, [group, country, lat, lon, date]| {
        if VIOLENT.iter().any(|name| group.starts_with(name)) && country.trim() == COUNTRY {
            events.add(position(lat, lon), day(date));
        }
        Ok(())
    })?;
    Ok(events)
}

fn parse_harm(text: &str) -> Result<Events, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let list = value.as_array().ok_or("not a list of events")?;
    let mut events = Events::default();
    for event in list {
        let field = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        // 02/24/2022 is the 24th of February.
        let date: Vec<&str> = field("date").split('/').collect();
        let iso = match date[..] {
            [month, day, year] => format!("{year}-{month:0>2}-{day:0>2}"),
            _ => String::new(),
        };
        events.add(position(field("latitude"), field("longitude")), day(&iso));
    }
    Ok(events)
}

impl Events {
    fn add(&mut self, position: Result<Position, String>, day: Result<Day, String>) {
        match (position, day) {
            (Ok(position), Ok(day)) => self.events.push((position, day)),
            _ => self.left_out += 1,
        }
    }
}

fn parse_control(text: &str) -> Result<Vec<(Day, Vec<Polygon>)>, String> {
    let mut maps = Vec::new();
    for (index, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let at_line = |error: String| format!("line {}: {error}", index + 1);
        maps.push(parse_map(line).map_err(at_line)?);
    }
    Ok(maps)
}

fn parse_map(line: &str) -> Result<(Day, Vec<Polygon>), String> {
    let map: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let date = map.get("date").and_then(Value::as_str).ok_or("no `date`")?;
    let list = map
        .get("polygons")
        .and_then(Value::as_array)
        .ok_or("no list `polygons`")?;
    let mut held = Vec::new();
    for polygon in list {
        let field = |name: &str| {
            polygon
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let filled = field("class") == "other" && field("fill").eq_ignore_ascii_case(HELD_FILL);
        if HELD_CLASSES.contains(&field("class")) || filled {
            held.extend(geometry(polygon.get("geometry"))?);
        }
    }
    Ok((day(date)?, held))
}

fn parse_regions(text: &str) -> Result<Vec<Polygon>, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let features = value
        .get("features")
        .and_then(Value::as_array)
        .ok_or("no list `features`")?;
    let mut regions = Vec::new();
    for (number, feature) in features.iter().enumerate() {
        let polygons = geometry(feature.get("geometry"));
        regions.extend(polygons.map_err(|error| format!("feature {}: {error}", number + 1))?);
    }
    if regions.is_empty() {
        return Err("no polygons".to_owned());
    }
    Ok(regions)
}

/// The polygons of a GeoJSON geometry; points and lines have none.
fn geometry(geometry: Option<&Value>) -> Result<Vec<Polygon>, String> {
    let geometry = geometry.ok_or("no `geometry`")?;
    let coordinates = geometry.get("coordinates").unwrap_or(&Value::Null);
    match geometry.get("type").and_then(Value::as_str) {
        Some("Polygon") => Ok(vec![polygon(coordinates)?]),
        Some("MultiPolygon") => list(coordinates)?.iter().map(polygon).collect(),
        Some(_) => Ok(Vec::new()),
        None => Err("a geometry without `type`".to_owned()),
    }
}

fn polygon(rings: &Value) -> Result<Polygon, String> {
    let corner = |corner: &Value| {
        let number = |index: usize| corner.get(index).and_then(Value::as_f64);
        let position = number(1)
            .zip(number(0))
            .and_then(|(lat, lon)| Position::new(lat, lon));
        position.ok_or_else(|| format!("{corner} is no longitude and latitude"))
    };
    let ring = |ring: &Value| list(ring)?.iter().map(corner).collect();
    list(rings)?.iter().map(ring).collect()
}

fn list(value: &Value) -> Result<&Vec<Value>, String> {
    value
        .as_array()
        .ok_or_else(|| "coordinates are no list".to_owned())
}

/// Hands over the named columns of each row after the header, with the row's number; names match
/// in any case.
fn rows<const N: usize>(
    text: &str,
    names: &[&str; N],
    mut take: impl FnMut(usize, [&str; N]) -> Result<(), String>,
) -> Result<(), String> {
    let mut reader = Reader::new();
    let (mut input, mut number) = (text.trim_start_matches('\u{feff}').as_bytes(), 0);
    // A field is never longer than the text that holds it.
    let (mut fields, mut ends) = (vec![0; input.len()], vec![0; COLUMNS_MAX]);
    let mut places: Option<[usize; N]> = None;
    loop {
        let (mut filled, mut count) = (0, 0);
        loop {
            let (result, read, written, ended) =
                reader.read_record(input, &mut fields[filled..], &mut ends[count..]);
            (input, filled, count) = (&input[read..], filled + written, count + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => break,
                ReadRecordResult::End if number == 0 => return Err("no header".to_owned()),
                ReadRecordResult::End => return Ok(()),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(format!(
                        "row {}: more than {COLUMNS_MAX} columns",
                        number + 1
                    ));
                }
            }
        }
        number += 1;
        let field = |column: usize| -> Result<&str, String> {
            let start = if column == 0 { 0 } else { ends[column - 1] };
            let bytes = fields.get(start..ends[column]).unwrap_or_default();
            std::str::from_utf8(bytes).map_err(|_| format!("row {number}: no UTF-8"))
        };
        let Some(columns) = places else {
            places = Some(header(count, field, names)?);
            continue;
        };
        if columns.iter().any(|column| *column >= count) {
            return Err(format!("row {number}: only {count} columns"));
        }
        let mut values = [""; N];
        for (value, column) in values.iter_mut().zip(columns) {
            *value = field(column)?;
        }
        take(number, values)?;
    }
}

/// Where the named columns stand.
fn header<'a, const N: usize>(
    count: usize,
    field: impl Fn(usize) -> Result<&'a str, String>,
    names: &[&str; N],
) -> Result<[usize; N], String> {
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(names) {
        let found = (0..count)
            .find(|column| field(*column).is_ok_and(|text| text.trim().eq_ignore_ascii_case(name)));
        *place = found.ok_or_else(|| format!("no column `{name}` in the header"))?;
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails<T: std::fmt::Debug>(result: Result<T, String>, part: &str) {
        let message = result.unwrap_err();
        assert!(message.contains(part), "{message} should say {part}");
    }

    #[test]
    fn anomalies_keep_their_own_words() {
        let text = "acq_date,LATITUDE,Longitude,frp\r\n2022-06-01,48.10,37.5,1.0\r\n";
        let [anomaly] = &parse_anomalies(text).unwrap()[..] else {
            panic!("one row");
        };
        let words = (&*anomaly.lat, &*anomaly.lon, &*anomaly.date);
        assert_eq!(words, ("48.10", "37.5", "2022-06-01"));
        assert_eq!(anomaly.position, Position::new(48.1, 37.5).unwrap());
        assert_eq!(Ok(anomaly.day), day("2022-06-01"));
        assert_eq!(
            parse_anomalies("latitude,longitude,acq_date\n").unwrap(),
            []
        );
    }

    #[test]
    fn broken_tables_name_the_row_and_what_is_wrong() {
        let cases = [
            ("", "no header"),
            ("latitude,longitude\n1,2\n", "no column `acq_date`"),
            (
                "latitude,longitude,acq_date\n1,2\n",
                "row 2: only 2 columns",
            ),
            (
                "latitude,longitude,acq_date\n1,2,2022-01-01\n1,x,2022-01-01\n",
                "row 3: `1`, `x`",
            ),
            (
                "latitude,longitude,acq_date\n91,2,2022-01-01\n",
                "row 2: `91`, `2` is no latitude",
            ),
            (
                "latitude,longitude,acq_date\n1,2,01/01/2022\n",
                "row 2: `01/01/2022` is no day",
            ),
        ];
        for (text, part) in cases {
            fails(parse_anomalies(text), part);
        }
    }

    #[test]
    fn events_are_violent_placed_and_dated() {
        let text = "event_group,country,lat,lon,date,town\n\
            Ground Battle,Ukraine ,48.0,37.0,2022-05-01,\"A, B\"\n\
            Russian Military Presence May 2022,Ukraine,48.0,37.0,2022-05-01,\n\
            Munitions,Russia,48.0,37.0,2022-05-01,\n\
            Munitions,Ukraine,,37.0,2022-05-01,\n\
            Civilian Casualty,Ukraine,48.0,37.0,soon,\n";
        let events = parse_events(text).unwrap();
        assert_eq!((events.events.len(), events.left_out), (1, 2));
        fails(parse_events("lat,lon\n"), "no column `event_group`");
    }

    #[test]
    fn harm_has_american_days() {
        let harm = |date: &str| {
            let event = format!(r#"[{{"date":"{date}","latitude":"48","longitude":"37"}}]"#);
            parse_harm(&event).unwrap()
        };
        assert_eq!(harm("02/24/2022").events[0].1, day("2022-02-24").unwrap());
        assert_eq!(harm("2/4/2022").events[0].1, day("2022-02-04").unwrap());
        assert_eq!(harm("24 February").left_out, 1);
        fails(parse_harm("{}"), "not a list");
    }

    #[test]
    fn maps_hold_the_polygons_of_one_side() {
        let polygon = |class: &str, fill: &str| {
            let ring = "[[[37,48],[38,48],[38,49],[37,48]]]";
            let geometry = format!(r#"{{"type":"Polygon","coordinates":{ring}}}"#);
            format!(r#"{{"class":"{class}","fill":"{fill}","geometry":{geometry}}}"#)
        };
        let held = |class: &str, fill: &str| {
            let line = format!(
                r#"{{"date":"2022-04-03","polygons":[{}]}}"#,
                polygon(class, fill)
            );
            parse_control(&line).unwrap()[0].1.len()
        };
        assert_eq!(held("occupied", ""), 1);
        assert_eq!(held("pre2022", "#000000"), 1);
        assert_eq!(held("other", "#A52714"), 1);
        assert_eq!(held("other", "#bcaaa4"), 0);
        assert_eq!(held("liberated", "#a52714"), 0);
        fails(parse_control("\n{\"polygons\":[]}"), "line 2: no `date`");
        fails(
            parse_control("{\"date\":\"2022-04-03\"}"),
            "line 1: no list `polygons`",
        );
        fails(parse_control("{"), "line 1: ");
    }

    #[test]
    fn regions_are_polygons() {
        let region = |geometry: &str| {
            parse_regions(&format!(r#"{{"features":[{{"geometry":{geometry}}}]}}"#))
        };
        let ring = "[[[37,48],[38,48],[38,49],[37,48]]]";
        assert_eq!(
            region(&format!(r#"{{"type":"Polygon","coordinates":{ring}}}"#))
                .unwrap()
                .len(),
            1
        );
        let many = format!(r#"{{"type":"MultiPolygon","coordinates":[{ring},{ring}]}}"#);
        assert_eq!(region(&many).unwrap().len(), 2);
        fails(
            region(r#"{"type":"Point","coordinates":[1,2]}"#),
            "no polygons",
        );
        fails(
            region(r#"{"type":"Polygon","coordinates":[[[200,1]]]}"#),
            "feature 1: [200,1]",
        );
        fails(
            region(r#"{"type":"Polygon"}"#),
            "feature 1: coordinates are no list",
        );
        fails(parse_regions("{}"), "no list `features`");
    }
}
