//! Radar, ADS-B and tracks from air traffic control: ASTERIX (EUROCONTROL-SPEC-0149, part 1, edition
//! 3.1).
//!
//! | category | what | edition |
//! |---|---|---|
//! | 021 | ADS-B target reports | part 12, 2.6 |
//! | 048 | monoradar target reports | part 4, 1.21 |
//! | 062 | system tracks | part 9, 1.18 |
//!
//! A data block is category, length and records; a record is a field specification that says which
//! items follow, and the items. `shape` knows how items are built and reads them, `write` writes
//! them; one file per category is its table of items, in the order of its field specification.
//! Reserved expansion and special purpose fields are kept as bytes. Blocks of other categories are
//! rejected by their number.
//!
//! **When.** Items carry the time since midnight UTC; the day is the one that brings it nearest to
//! arrival. **Where.** Category 021 by its navigation accuracy category, 062 by its estimated
//! accuracy, both else [`POSITION_M_SIGMA`]; 048 by range and bearing from the feed's sensor.
#![expect(
    clippy::cast_possible_truncation,
    reason = "a cast takes a field whose width the line before has cut, or a value that it has clamped"
)]

mod cat021;
mod cat048;
mod cat062;
mod encode;
mod shape;
mod write;

use truce_core::observation::{AircraftReport, Sighting};
use truce_core::place::{Ellipse, Range, normalize_bearing_deg};
use truce_core::time::{DAY_S, plus_seconds};
use truce_core::{
    Height, HeightDatum, IncidentKind, Interval, Location, ObjectKind, Place, Position, Reading,
    Timestamp,
};

use crate::decoder::{Decoded, Job, Reader, Said};
use crate::fault::{Fault, RejectionClass};
use crate::framer::Cut;
use crate::hexadecimal;
use crate::origin::Site;
use crate::sheet::Sheet;
use crate::units::NAUTICAL_MILE_M;
use shape::{CutShort, Item, Read};

pub use encode::{encode, encode_record};

/// Error of positions that state none, metres: what navigation for surveillance at five nautical
/// miles asks for, 0.1 NM in 95 of 100 (RTCA DO-260B, table 2-70, NACp 7), over 2.45.
pub const POSITION_M_SIGMA: f64 = 75.6;

/// Errors of a radar plot when the sensor states none: 70 m and 0.07 degrees (EUROCONTROL
/// surveillance standard for en-route radar, 6.3).
const RANGE_M_SIGMA: f64 = 70.0;
const BEARING_DEG_SIGMA: f64 = 0.07;

/// The 95 % radius of a circular normal distribution over its standard deviation, √(−2 ln 0.05).
const RADIUS_95_PER_SIGMA: f64 = 2.447_7;

/// Category and length, bytes.
const HEAD_BYTES: usize = 3;

/// Categories that EUROCONTROL publishes besides those that are read: what sensors and systems say of
/// themselves (002, 023, 025, 034, 063, 065 …), which stands between the reports of targets, older
/// reports, weather, alerts, plots.
const OTHER_CATEGORIES: [u8; 21] = [
    1, 2, 4, 8, 9, 10, 11, 15, 16, 17, 18, 19, 20, 23, 25, 34, 63, 65, 205, 240, 247,
];

/// Cuts data blocks by their length.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    let &[_, high, low, ..] = bytes else {
        return Cut::More;
    };
    match usize::from(u16::from_be_bytes([high, low])) {
        // A block holds at least its own head.
        0..HEAD_BYTES => Cut::Message(HEAD_BYTES),
        length if length > bytes.len() => Cut::More,
        length => Cut::Message(length),
    }
}

/// Reads the blocks of one feed.
#[derive(Debug)]
pub(crate) struct Blocks;

impl Reader for Blocks {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let fault = |reason: String| Fault::new(RejectionClass::Frame, reason);
        let &[category, high, low, ref records @ ..] = job.bytes else {
            return Err(fault(format!("{} bytes", job.bytes.len())));
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length != job.bytes.len() || records.is_empty() {
            let reason = format!("{} bytes where {length} are stated", job.bytes.len());
            return Err(fault(reason));
        }
        if OTHER_CATEGORIES.contains(&category) {
            out.sheet(|| unread(category, records));
            return Ok(());
        }
        let items = items(category).ok_or_else(|| {
            let reason = format!("category {category} is not read");
            Fault::new(RejectionClass::MessageType, reason)
        })?;
        let mut rest = records;
        let mut index = 0;
        while !rest.is_empty() {
            let start = records.len() - rest.len();
            let mut read = Read::default();
            let whole = record(items, &mut rest, &mut read);
            let said = said(category, &read, job);
            out.sheet(|| sheet(category, read, whole, start));
            // Of a record that is cut short no item can be trusted to be where it seems.
            let Ok(()) = whole else {
                let reason = format!("record {} is cut short", index + 1);
                return Err(fault(reason));
            };
            if let Some(said) = said {
                job.say(said, index, out);
            }
            index += 1;
        }
        Ok(())
    }
}

fn items(category: u8) -> Option<&'static [Item]> {
    match category {
        21 => Some(cat021::ITEMS),
        48 => Some(cat048::ITEMS),
        62 => Some(cat062::ITEMS),
        _ => None,
    }
}

fn record(items: &[Item], bytes: &mut &[u8], out: &mut Read) -> Result<(), CutShort> {
    for (index, present) in shape::presence(bytes)?.into_iter().enumerate() {
        if present {
            let item = items.get(index).ok_or(CutShort)?;
            shape::read(*item, bytes, out)?;
        }
    }
    Ok(())
}

fn sheet(category: u8, read: Read, whole: Result<(), CutShort>, start: usize) -> Sheet {
    let mut sheet = Sheet::new(format!("CAT{category:03}"));
    sheet.fields = read.fields;
    sheet.given = read.given;
    if whole.is_err() {
        sheet.wrong(format!(
            "the record at byte {} is cut short",
            start + HEAD_BYTES
        ));
    }
    sheet
}

/// A block whose records are not opened.
fn unread(category: u8, records: &[u8]) -> Sheet {
    let mut sheet = Sheet::new(format!("CAT{category:03}"));
    sheet.set("records", hexadecimal::text(records));
    sheet
}

/// The instant nearest to arrival at which so many seconds have passed since midnight UTC.
fn instant(time_of_day_s: f64, received_at: Timestamp) -> Timestamp {
    let received_s = received_at.as_second().rem_euclid(86_400) as f64
        + f64::from(received_at.subsec_nanosecond()) / 1e9;
    let ahead_s = (time_of_day_s - received_s + 1.5 * DAY_S) % DAY_S - DAY_S / 2.0;
    plus_seconds(received_at, ahead_s)
}

fn said(category: u8, read: &Read, job: &Job<'_>) -> Option<Said> {
    let site = job.origin.default_site();
    let target = match category {
        21 => adsb(read, site),
        48 => plot(read, site),
        _ => track(read),
    };
    let received_at = job.receipt.received_at;
    let at = target.time_of_day_s.map(|time| instant(time, received_at));
    if target.location.is_none() && target.report == AircraftReport::default() {
        return None;
    }
    let reading = match target.icao {
        Some(icao_address) => Reading::Aircraft(AircraftReport {
            icao_address,
            ..target.report
        }),
        // Without an address it is an object in the air and nothing more.
        None if target.location.is_some() => Reading::Sighting(Sighting {
            about: IncidentKind::Presence,
            class: None,
            object: Some(ObjectKind::Aircraft),
            weapon: None,
            count: None,
        }),
        None => return None,
    };
    Some(Said {
        sensor: site.map(|site| site.id.clone()),
        observed_at: Interval::instant(at.unwrap_or(received_at)),
        location: target.location,
        reading,
        grade: None,
    })
}

/// What a record says of a target.
#[derive(Debug, Default)]
struct Target {
    icao: Option<u32>,
    report: AircraftReport,
    location: Option<Location>,
    time_of_day_s: Option<f64>,
}

fn address(text: Option<&str>) -> Option<u32> {
    u32::from_str_radix(text?, 16).ok().filter(|icao| *icao > 0)
}

fn call_sign(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

fn height(height_m: Option<f64>, above: HeightDatum) -> Option<Height> {
    height_m.map(|height_m| Height { height_m, above })
}

fn fix(
    lat_deg: Option<f64>,
    lon_deg: Option<f64>,
    sigma_m: f64,
    height: Option<Height>,
) -> Option<Location> {
    let place = Place {
        position: Position::new(lat_deg?, lon_deg?)?,
        uncertainty: Ellipse::circle(sigma_m),
    };
    Some(Location::Fix { place, height })
}

fn adsb(read: &Read, site: Option<&Site>) -> Target {
    let number = |item, field| read.number(item, field);
    let lat = number("I131", "Lat_deg").or_else(|| number("I130", "Lat_deg"));
    let lon = number("I131", "Lon_deg").or_else(|| number("I130", "Lon_deg"));
    let above = height(number("I140", "geometric_height_m"), HeightDatum::Ellipsoid)
        .or_else(|| height(number("I145", "FL_m"), HeightDatum::Barometric));
    let stated = number("I090", "NACp").and_then(accuracy_m_sigma);
    let configured = site.and_then(|site| site.errors.position_m_sigma);
    let sigma_m = stated.or(configured).unwrap_or(POSITION_M_SIGMA);
    Target {
        icao: address(read.text("I080", "TAddr")),
        report: AircraftReport {
            icao_address: 0,
            call_sign: call_sign(read.text("I170", "TId")),
            speed_m_s: number("I160", "GS_m_s"),
            course_deg: number("I160", "TA_deg"),
            climb_m_s: number("I157", "GVR_m_s").or_else(|| number("I155", "BVR_m_s")),
        },
        location: fix(lat, lon, sigma_m, above),
        time_of_day_s: number("I071", "time_applicability_position_s")
            .or_else(|| number("I073", "time_reception_position_s"))
            .or_else(|| number("I077", "time_report_transmission_s")),
    }
}

/// Standard deviation of a navigation accuracy category for position, metres: its 95 % radius over
/// 2.45 (DO-260B, table 2-70).
fn accuracy_m_sigma(category: f64) -> Option<f64> {
    const NM: f64 = NAUTICAL_MILE_M;
    let radius_m = match category as u8 {
        1 => 10.0 * NM,
        2 => 4.0 * NM,
        3 => 2.0 * NM,
        4 => NM,
        5 => 0.5 * NM,
        6 => 0.3 * NM,
        7 => 0.1 * NM,
        8 => 0.05 * NM,
        9 => 30.0,
        10 => 10.0,
        11 => 3.0,
        _ => return None,
    };
    Some(radius_m / RADIUS_95_PER_SIGMA)
}

fn plot(read: &Read, site: Option<&Site>) -> Target {
    let number = |item, field| read.number(item, field);
    let errors = site.map(|site| &site.errors);
    let location = || {
        let range_m = number("I040", "RHO_m")?;
        Some(Location::Bearing {
            observer: site?.position?,
            bearing_deg: normalize_bearing_deg(number("I040", "THETA_deg")?),
            bearing_deg_sigma: errors
                .and_then(|errors| errors.bearing_deg_sigma)
                .unwrap_or(BEARING_DEG_SIGMA),
            range: Some(Range {
                range_m,
                range_m_sigma: errors
                    .and_then(|errors| errors.range_m_sigma)
                    .unwrap_or(RANGE_M_SIGMA),
            }),
        })
    };
    Target {
        icao: address(read.text("I220", "ACAddr")),
        report: AircraftReport {
            icao_address: 0,
            call_sign: call_sign(read.text("I240", "TId")),
            speed_m_s: number("I200", "CGS_m_s"),
            course_deg: number("I200", "CHdg_deg"),
            climb_m_s: None,
        },
        location: location(),
        time_of_day_s: number("I140", "ToD_s"),
    }
}

fn track(read: &Read) -> Target {
    let number = |item, field| read.number(item, field);
    let aircraft = read.part("I380");
    let own = |item, field| aircraft.number(item, field);
    let velocity = number("I185", "Vx_m_s").zip(number("I185", "Vy_m_s"));
    let accuracy = read.part("I500");
    let spread = [
        accuracy.number("APC", "APC_X_m"),
        accuracy.number("APC", "APC_Y_m"),
    ];
    let stated = spread.into_iter().flatten().reduce(f64::max);
    let sigma_m = stated
        .filter(|sigma| *sigma > 0.0)
        .unwrap_or(POSITION_M_SIGMA);
    let above = height(number("I130", "Alt_m"), HeightDatum::Ellipsoid)
        .or_else(|| height(number("I136", "MFL_m"), HeightDatum::Barometric))
        .or_else(|| height(number("I135", "CTBA_m"), HeightDatum::Barometric));
    let name = call_sign(aircraft.text("ID", "ACID"));
    Target {
        icao: address(aircraft.text("ADR", "ADR")),
        report: AircraftReport {
            icao_address: 0,
            call_sign: name.or_else(|| call_sign(read.text("I245", "TId"))),
            speed_m_s: velocity.map(|(x, y)| (x * x + y * y).sqrt()),
            course_deg: velocity
                .map(|(x, y)| normalize_bearing_deg(libm::atan2(x, y).to_degrees())),
            climb_m_s: number("I220", "RoC_m_s").or_else(|| own("GVR", "GVR_m_s")),
        },
        location: fix(
            number("I105", "Lat_deg"),
            number("I105", "Lon_deg"),
            sigma_m,
            above,
        ),
        time_of_day_s: number("I070", "ToT_s"),
    }
}

/// True when some bytes are whole data blocks of the categories that are read.
pub(crate) fn looks_like(bytes: &[u8]) -> bool {
    let &[21 | 48 | 62, high, low, ..] = bytes else {
        return false;
    };
    // Category 48 is also the digit 0 of a text, whose next bytes are no small number.
    (HEAD_BYTES + 2..=4096).contains(&usize::from(u16::from_be_bytes([high, low])))
}

#[cfg(test)]
mod tests;
