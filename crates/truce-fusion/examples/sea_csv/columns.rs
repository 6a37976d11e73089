//! A table of vessel positions, whatever its columns are called.
//!
//! Wanted are an identity, a time, latitude and longitude; when there are some also speed, course,
//! status, receiver, ship type, IMO number, length and beam. A row without a position may give these. A
//! column is known by the beginning of its name, capitals and signs aside.

use truce_core::observation::VesselReport;
use truce_core::place::normalize_bearing_deg;
use truce_core::time::SignedDuration;
use truce_core::{
    Digest, Grade, Interval, Location, MessageId, Observation, Position, Reading, Slug, Timestamp,
};

/// Standard deviation of a position by satellite navigation, metres.
const POSITION_M_SIGMA: f64 = 10.0;
/// One knot, metres per second.
const KNOT_M_S: f64 = truce_core::mission::KNOT_M_S;

/// Where each column is.
struct Columns {
    identity: usize,
    time: usize,
    lat: usize,
    lon: usize,
    speed: Option<(usize, f64)>,
    course: Option<usize>,
    status: Option<usize>,
    receiver: Option<usize>,
    ship_type: Option<usize>,
    imo: Option<usize>,
    length: Option<usize>,
    beam: Option<usize>,
}

/// The readings of a table in order of its rows, and how many rows were no reading.
pub(crate) fn read(text: &str) -> Result<(Vec<Observation>, usize), String> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let header = lines.next().ok_or("the table is empty")?;
    let names: Vec<String> = header.split(',').map(plain).collect();
    let columns = Columns::of(&names)?;
    let (mut readings, mut refused) = (Vec::new(), 0);
    for (row, line) in lines.enumerate() {
        let fields: Vec<&str> = line
            .split(',')
            .map(|field| field.trim().trim_matches('"'))
            .collect();
        match columns.reading(&fields, row) {
            Some(reading) => readings.push(reading),
            None => refused += 1,
        }
    }
    Ok((readings, refused))
}

fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_lowercase()
}

impl Columns {
    fn of(names: &[String]) -> Result<Self, String> {
        let find = |beginnings: &[&str]| {
            beginnings
                .iter()
                .find_map(|beginning| names.iter().position(|name| name.starts_with(beginning)))
        };
        let need = |what: &str, beginnings: &[&str]| {
            find(beginnings).ok_or_else(|| format!("the table has no column for the {what}"))
        };
        let speed = find(&["sog", "speed"]).map(|at| {
            let in_metres = ["ms", "mps"].iter().any(|unit| names[at].ends_with(unit));
            (at, if in_metres { 1.0 } else { KNOT_M_S })
        });
        Ok(Self {
            identity: need("identity", &["mmsi", "id", "vesselid", "shipid"])?,
            time: need(
                "time",
                &[
                    "time",
                    "aispostimestamp",
                    "basedatetime",
                    "timestamp",
                    "date",
                ],
            )?,
            lat: need("latitude", &["lat", "y"])?,
            lon: need("longitude", &["lon", "lng", "x"])?,
            speed,
            course: find(&["cog", "course"]),
            status: find(&["status", "navstatus", "navigationalstatus"]),
            receiver: find(&["receiver", "station", "sensor"]),
            ship_type: find(&["shiptype", "vesseltype", "type"]),
            imo: find(&["imo"]),
            length: find(&["length"]),
            beam: find(&["beam", "width"]),
        })
    }

    fn reading(&self, fields: &[&str], row: usize) -> Option<Observation> {
        let number = |at: usize| {
            fields
                .get(at)?
                .parse::<f64>()
                .ok()
                .filter(|n| n.is_finite())
        };
        let said = |at: Option<usize>| number(at?);
        let position = number(self.lat)
            .zip(number(self.lon))
            .and_then(|(lat_deg, lon_deg)| Position::new(lat_deg, lon_deg));
        if position.is_none() && said(self.ship_type).is_none() {
            return None;
        }
        let at = Interval::instant(instant(fields.get(self.time)?)?);
        let message = MessageId(Digest::of(&(row as u64).to_be_bytes()));
        let vessel = VesselReport {
            mmsi: fields.get(self.identity)?.parse().ok()?,
            message_type: 1,
            // 102.3 knots and 360 degrees stand for unknown (ITU-R M.1371-5, table 48).
            speed_m_s: self
                .speed
                .and_then(|(at, unit)| Some(number(at)? * unit))
                .filter(|speed| (0.0..52.0).contains(speed)),
            course_deg: self
                .course
                .and_then(number)
                .filter(|course| (0.0..360.0).contains(course))
                .map(normalize_bearing_deg),
            navigational_status: self
                .status
                .and_then(|at| fields.get(at)?.parse().ok())
                .filter(|status| *status < 15),
            ship_type: self
                .ship_type
                .and_then(|at| fields.get(at)?.parse().ok())
                .filter(|code| *code > 0),
            imo_number: self.imo.and_then(|at| fields.get(at)?.parse().ok()),
            length_m: said(self.length).filter(|length| *length > 0.0),
            beam_m: said(self.beam).filter(|beam| *beam > 0.0),
            ..VesselReport::default()
        };
        let receiver = self.receiver.and_then(|at| fields.get(at));
        Some(Observation {
            id: Observation::name(message, 0, at),
            message,
            source: Slug::new("table").ok()?,
            sensor: receiver.and_then(|name| Slug::new(name).ok()),
            observed_at: at,
            received_at: at.start,
            location: position.map(|position| Location::fix(position, POSITION_M_SIGMA)),
            reading: Reading::Vessel(vessel),
            grade: Grade::UNJUDGED,
            signed_by: None,
        })
    }
}

/// An instant as RFC 3339 has it, with or without zone and with a space for the T; with the day
/// first and slashes; or as seconds since 1970. Without a zone it is UTC.
fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Timestamp::UNIX_EPOCH
            .checked_add(SignedDuration::try_from_secs_f64(seconds).ok()?)
            .ok();
    }
    let (date, time) = text.split_once(['T', ' '])?;
    let date = match date.split('/').collect::<Vec<_>>()[..] {
        [day, month, year] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        [year, month, day] => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => date.to_owned(),
    };
    let time = time.trim();
    let time = match time.matches(':').count() {
        1 => format!("{time:0>5}:00"),
        _ => time.to_owned(),
    };
    let zoned = time.ends_with('Z') || time.contains('+');
    let zone = if zoned { "" } else { "Z" };
    format!("{date}T{time}{zone}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(table: &str, at: &str, speed_m_s: Option<f64>) {
        let (readings, refused) = read(table).unwrap();
        assert_eq!((readings.len(), refused), (1, 0), "{table}");
        assert_eq!(readings[0].observed_at.start.to_string(), at);
        let Reading::Vessel(vessel) = &readings[0].reading else {
            panic!("no vessel");
        };
        assert_eq!(vessel.speed_m_s, speed_m_s);
    }

    #[test]
    fn tables_of_others_are_read() {
        check(
            "\u{feff}ID,ais_pos_timestamp,longitude,latitude\n1,20/03/2021 00:22,32.3,31.4\n",
            "2021-03-20T00:22:00Z",
            None,
        );
        check(
            "Time,MMSI,Latitude_degrees,Longitude_degrees,COG_degrees,SOG_knots\n\
             2016-01-12 13:02:11.218,235070762,50.7,-1.09,157.8,3600\n",
            "2016-01-12T13:02:11.218Z",
            None,
        );
        check(
            "mmsi,timestamp,lat,lon,speed_m_s\n1,1616457600,30.0,32.5,5\n",
            "2021-03-23T00:00:00Z",
            Some(5.0),
        );
        assert!(read("a,b\n1,2\n").is_err());
    }
}
