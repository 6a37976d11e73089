//! MAVLink 1 and 2: packets, and the messages that say where an aircraft is.
//!
//! ```text
//! FD len incompatible compatible sequence system component id(3) payload checksum(2) [signature(13)]
//! FE len                         sequence system component id(1) payload checksum(2)
//! ```
//! The checksum is CRC-16/MCRF4XX over everything behind the first byte and a byte that stands for
//! the message's definition. MAVLink 2 cuts zeros off the end of payloads; they are put back.
//!
//! | message | becomes |
//! |---|---|
//! | 24 GPS_RAW_INT | position, height above the ellipsoid or sea level |
//! | 33 GLOBAL_POSITION_INT | position, height above sea level, velocity |
//! | 12900 OPEN_DRONE_ID_BASIC_ID | the number of what follows |
//! | 12901 OPEN_DRONE_ID_LOCATION | position |
//! | 12915 OPEN_DRONE_ID_MESSAGE_PACK | as its messages |
//! | others of `messages` | their name and bytes on the sheet |
//!
//! Recordings of ground stations (`.tlog`) have the time before each packet: microseconds since 1970,
//! eight bytes, big-endian.

mod messages;

use truce_core::place::normalize_bearing_deg;
use truce_core::{Height, HeightDatum, Observation, Position};

use self::messages::definition;
use super::{Numbers, Whereabouts, flight, remote_id, say};
use crate::decoder::{Decoded, Job, Reader};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::framer::Cut;
use crate::hexadecimal;
use crate::sheet::Sheet;

const MAGIC_1: u8 = 0xFE;
const MAGIC_2: u8 = 0xFD;

/// Messages that are written.
const GPS_RAW_INT: u32 = 24;
const BASIC_ID: u32 = 12_900;
const MESSAGE_PACK: u32 = 12_915;

/// Bytes before the payload of versions 1 and 2.
const HEAD_1: usize = 6;
const HEAD_2: usize = 10;

/// A packet with this incompatible flag ends with a signature.
const SIGNED: u8 = 1;
const SIGNATURE_BYTES: usize = 13;

/// Bytes of the time before a packet of a recording.
const TIME_BYTES: usize = 8;

/// Longest payload, bytes.
const PAYLOAD_BYTES_MAX: usize = 255;

/// Cuts packets by their length.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    let wanted = match bytes {
        [MAGIC_1, length, ..] => HEAD_1 + usize::from(*length) + 2,
        [MAGIC_2, length, flags, ..] => {
            let signature = if flags & SIGNED == 0 {
                0
            } else {
                SIGNATURE_BYTES
            };
            HEAD_2 + usize::from(*length) + 2 + signature
        }
        [MAGIC_1 | MAGIC_2, ..] => return Cut::More,
        // A time of 1996 to 2068.
        [0] => return Cut::More,
        [0, 3..=10, ..] if bytes.len() <= TIME_BYTES => return Cut::More,
        [0, 3..=10, _, _, _, _, _, _, MAGIC_1 | MAGIC_2, ..] => return Cut::Skip(TIME_BYTES),
        _ => {
            let magic = |byte: &u8| matches!(*byte, MAGIC_1 | MAGIC_2);
            let next = bytes.iter().position(magic);
            return Cut::Message(next.unwrap_or(bytes.len()));
        }
    };
    if bytes.len() < wanted {
        return Cut::More;
    }
    // A byte of noise that looks like a beginning must not swallow the packets behind it.
    match packet(&bytes[..wanted]) {
        Err(fault) if fault.class == RejectionClass::Checksum => Cut::Message(1),
        _ => Cut::Message(wanted),
    }
}

/// CRC-16/MCRF4XX.
fn checksum(bytes: impl IntoIterator<Item = u8>) -> u16 {
    bytes.into_iter().fold(0xFFFF, |sum, byte| {
        let mut mixed = byte ^ (sum & 0xFF) as u8;
        mixed ^= mixed << 4;
        let wide = u16::from(mixed);
        sum >> 8 ^ wide << 8 ^ wide << 3 ^ wide >> 4
    })
}

/// A packet.
#[derive(Debug)]
struct Packet {
    system: u8,
    component: u8,
    id: u32,
    /// With the zeros that were cut off.
    payload: [u8; PAYLOAD_BYTES_MAX],
    /// Bytes of it that came.
    sent: usize,
}

impl Packet {
    fn f32(&self, at: usize) -> Option<f64> {
        let bytes = [0, 1, 2, 3].map(|index| self.payload[at + index]);
        Some(f64::from(f32::from_le_bytes(bytes))).filter(|value| value.is_finite())
    }

    fn i32(&self, at: usize) -> i32 {
        i32::from_le_bytes([0, 1, 2, 3].map(|index| self.payload[at + index]))
    }

    fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.payload[at], self.payload[at + 1]])
    }

    fn i16(&self, at: usize) -> i16 {
        self.u16(at).cast_signed()
    }
}

/// Reads a packet; one of a message that is not in the table cannot be checked and is rejected.
fn packet(bytes: &[u8]) -> Result<Packet, Fault> {
    let fault = |class, reason: &str| Err(Fault::new(class, reason));
    let (head, system, component, id) = match bytes {
        [MAGIC_1, _, _, system, component, id, ..] => (HEAD_1, *system, *component, u32::from(*id)),
        [MAGIC_2, _, _, _, _, system, component, a, b, c, ..] => {
            let id = u32::from_le_bytes([*a, *b, *c, 0]);
            (HEAD_2, *system, *component, id)
        }
        _ => return fault(RejectionClass::Frame, "no MAVLink packet"),
    };
    let sent = usize::from(bytes[1]);
    let Some(sum) = bytes.get(head + sent..head + sent + 2) else {
        return fault(RejectionClass::Frame, "the packet is cut short");
    };
    let Some((_, length, extra)) = definition(id) else {
        let reason = format!("message {id} is not read");
        return fault(RejectionClass::MessageType, &reason);
    };
    let covered = bytes[1..head + sent].iter().copied().chain([extra]);
    if checksum(covered) != u16::from_le_bytes([sum[0], sum[1]]) {
        return fault(RejectionClass::Checksum, "the checksum is wrong");
    }
    let mut payload = [0; PAYLOAD_BYTES_MAX];
    let kept = sent.min(length);
    payload[..kept].copy_from_slice(&bytes[head..head + kept]);
    Ok(Packet {
        system,
        component,
        id,
        payload,
        sent,
    })
}

/// Reads the packets of one link.
#[derive(Debug, Default)]
pub(crate) struct Packets(Numbers);

impl Reader for Packets {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let packet = packet(job.bytes)?;
        let name = definition(packet.id).map_or("", |(name, ..)| name);
        let mut sheet = Sheet::new(name);
        sheet.set("message_id", packet.id);
        sheet.set("system", packet.system);
        sheet.set("component", packet.component);
        let own = format!("system {}", packet.system);
        match packet.id {
            24 | 33 | 12_901 => {
                let (found, transmitter) = match packet.id {
                    24 => (raw(&packet, &mut sheet), own),
                    33 => (fused(&packet, &mut sheet), own),
                    _ => (
                        located(&packet, &mut sheet, job),
                        transmitter(&packet, 32, &own),
                    ),
                };
                out.sheet(|| sheet);
                say(found, self.0.of(&transmitter), 0, job, out);
            }
            12_900 => {
                let id_type = packet.payload[22];
                let number = remote_id::aircraft_number(id_type, &packet.payload[24..44]);
                sheet.set("id_type", id_type);
                sheet.set("aircraft_type", packet.payload[23]);
                sheet.set("id", number.clone());
                out.sheet(|| sheet);
                if let Some(number) = number {
                    self.0.remember(&transmitter(&packet, 2, &own), &number);
                }
            }
            12_915 => self.pack(&packet, &transmitter(&packet, 2, &own), job, out)?,
            _ => {
                let sent = &packet.payload[..packet.sent.min(PAYLOAD_BYTES_MAX)];
                sheet.set("payload", hexadecimal::text(sent));
                out.sheet(|| sheet);
            }
        }
        Ok(())
    }
}

impl Packets {
    fn pack(
        &mut self,
        packet: &Packet,
        transmitter: &str,
        job: &Job<'_>,
        out: &mut Decoded,
    ) -> Result<(), Fault> {
        let head = [0xF2, packet.payload[22], packet.payload[23]];
        let content = [&head[..], &packet.payload[24..249]].concat();
        for (index, message) in (0..).zip(remote_id::messages(&content)?) {
            let read = remote_id::read(message, job.receipt.received_at);
            if let Some(number) = &read.number {
                self.0.remember(transmitter, number);
            }
            let sheet = read.sheet;
            out.sheet(|| sheet);
            if let Some(found) = read.whereabouts {
                say(found, self.0.of(transmitter), index, job, out);
            }
        }
        Ok(())
    }
}

/// Who sent an Open Drone ID message: the address it was heard from, or the system itself.
fn transmitter(packet: &Packet, at: usize, own: &str) -> String {
    let address = &packet.payload[at..at + 20];
    if address.iter().all(|byte| *byte == 0) {
        own.to_owned()
    } else {
        hexadecimal::text(address)
    }
}

fn place(sheet: &mut Sheet, lat: i32, lon: i32) -> Option<Position> {
    let place = remote_id::position(lat, lon);
    sheet.set("lat_deg", place.map(|place| place.lat_deg));
    sheet.set("lon_deg", place.map(|place| place.lon_deg));
    place
}

fn metres(sheet: &mut Sheet, name: &str, millimetres: i32) -> f64 {
    let metres = f64::from(millimetres) / 1000.0;
    sheet.converted(
        (&format!("{name}_m"), Some(metres)),
        (&format!("{name}_mm"), millimetres),
    );
    metres
}

/// GLOBAL_POSITION_INT: time since start 0, latitude 4, longitude 8, altitude 12 and height 16 in
/// millimetres, velocity north, east, down 20, 22, 24 in cm/s, heading 26 in hundredths of a degree.
fn fused(packet: &Packet, sheet: &mut Sheet) -> Whereabouts {
    let position = place(sheet, packet.i32(4), packet.i32(8));
    sheet.set(
        "since_start_s",
        f64::from(packet.i32(0).cast_unsigned()) / 1000.0,
    );
    let height_m = metres(sheet, "altitude", packet.i32(12));
    metres(sheet, "height_above_home", packet.i32(16));
    let [north, east, down] = [20, 22, 24].map(|at| f64::from(packet.i16(at)) / 100.0);
    for (name, value) in [("north", north), ("east", east), ("down", down)] {
        let own = format!("speed_{name}_cm_s");
        sheet.converted(
            (&format!("speed_{name}_m_s"), Some(value)),
            (&own, value * 100.0),
        );
    }
    let heading = packet.u16(26);
    sheet.set(
        "heading_deg",
        (heading < 36_000).then(|| f64::from(heading) / 100.0),
    );
    Whereabouts {
        position,
        position_m_sigma: None,
        height: Some(Height {
            height_m,
            above: HeightDatum::MeanSeaLevel,
        }),
        speed_m_s: Some((north * north + east * east).sqrt()),
        course_deg: Some(normalize_bearing_deg(libm::atan2(east, north).to_degrees())),
        at: None,
    }
}

/// GPS_RAW_INT: time 0, latitude 8, longitude 12, altitude 16 in millimetres, speed 24 in cm/s,
/// course 26 in hundredths of a degree, fix 28, satellites 29, and as extensions the height above
/// the ellipsoid 30 and the horizontal error 34 in millimetres.
fn raw(packet: &Packet, sheet: &mut Sheet) -> Whereabouts {
    let fix = packet.payload[28];
    sheet.set("fix_type", fix);
    sheet.set("satellites", packet.payload[29]);
    let position = place(sheet, packet.i32(8), packet.i32(12));
    let above_sea_m = metres(sheet, "altitude", packet.i32(16));
    let ellipsoid = packet.i32(30);
    let error_m = metres(sheet, "horizontal_error", packet.i32(34));
    let height = if ellipsoid == 0 {
        (above_sea_m, HeightDatum::MeanSeaLevel)
    } else {
        (
            metres(sheet, "height_ellipsoid", ellipsoid),
            HeightDatum::Ellipsoid,
        )
    };
    let known = |code: u16| (code != u16::MAX).then(|| f64::from(code) / 100.0);
    let (speed, course) = (known(packet.u16(24)), known(packet.u16(26)));
    sheet.set("speed_m_s", speed);
    sheet.set("course_deg", course);
    Whereabouts {
        // Without a fix of two dimensions the numbers mean nothing.
        position: position.filter(|_| fix >= 2),
        position_m_sigma: (error_m > 0.0).then_some(error_m),
        height: Some(Height {
            height_m: height.0,
            above: height.1,
        }),
        speed_m_s: speed,
        course_deg: course.map(normalize_bearing_deg),
        at: None,
    }
}

/// OPEN_DRONE_ID_LOCATION: latitude 0, longitude 4, barometric 8 and ellipsoidal 12 altitude and
/// height 16 in metres, time since the hour 20 in seconds, course 24 in hundredths of a degree,
/// horizontal 26 and vertical 28 speed in cm/s, addressee 30, address 32, status 52, reference 53,
/// accuracy 54.
fn located(packet: &Packet, sheet: &mut Sheet, job: &Job<'_>) -> Whereabouts {
    let position = place(sheet, packet.i32(0), packet.i32(4));
    let altitude = |at| packet.f32(at).filter(|metres| *metres > -1000.0);
    let (barometric, ellipsoid) = (altitude(8), altitude(12));
    sheet.set("altitude_m", barometric);
    sheet.set("height_ellipsoid_m", ellipsoid);
    sheet.set("height_m", altitude(16));
    sheet.set("status", packet.payload[52]);
    sheet.set("horizontal_accuracy", packet.payload[54]);
    let course = packet.u16(24);
    let course_deg = (course < 36_000).then(|| f64::from(course) / 100.0);
    let speed = packet.u16(26);
    let speed_m_s = (speed < 25_500).then(|| f64::from(speed) / 100.0);
    sheet.set("course_deg", course_deg);
    sheet.set("speed_m_s", speed_m_s);
    let since_s = packet
        .f32(20)
        .filter(|since_s| (0.0..3_600.0).contains(since_s));
    sheet.set("since_hour_s", since_s);
    let height = ellipsoid
        .map(|height_m| (height_m, HeightDatum::Ellipsoid))
        .or_else(|| barometric.map(|height_m| (height_m, HeightDatum::Barometric)));
    Whereabouts {
        position,
        position_m_sigma: remote_id::accuracy_m_sigma(packet.payload[54]),
        height: height.map(|(height_m, above)| Height { height_m, above }),
        speed_m_s,
        course_deg,
        at: since_s.map(|since_s| remote_id::nearest_hour(since_s, job.receipt.received_at)),
    }
}

/// Writes a detection with a position as packets of MAVLink 2, system 1: with a height above sea level
/// OPEN_DRONE_ID_BASIC_ID and GPS_RAW_INT, whose heights and errors are rounded to millimetres and
/// speeds to cm/s; else OPEN_DRONE_ID_MESSAGE_PACK, rounded as remote ID is. Numbers have at most 20
/// bytes.
///
/// # Errors
/// [`Unencodable`] for other readings and locations.
pub fn encode(observation: &Observation) -> Result<Vec<Vec<u8>>, Unencodable> {
    let (number, found) = flight(observation, "mavlink")?;
    let above_sea = found
        .height
        .filter(|height| height.above == HeightDatum::MeanSeaLevel);
    let Some(height) = above_sea else {
        let pack = remote_id::pack(number, &found);
        let mut payload = vec![0; 22];
        // Behind the byte that says that it is a pack.
        payload.extend(&pack[1..]);
        return Ok(vec![write(MESSAGE_PACK, payload)]);
    };
    let at_us = observation.observed_at.start.as_microsecond();
    let mut packets = Vec::new();
    if !number.is_empty() {
        let mut payload = vec![0; 22];
        // A serial number of an aircraft of no stated kind.
        payload.extend([1, 0]);
        payload.extend(number.bytes().take(20));
        packets.push(write(BASIC_ID, payload));
    }
    packets.push(write(GPS_RAW_INT, raw_payload(at_us, &found, height)));
    Ok(packets)
}

/// The payload that [`raw`] reads: a fix of three dimensions.
fn raw_payload(at_us: i64, found: &Whereabouts, height: Height) -> Vec<u8> {
    // Casts of floats saturate.
    let code = |value: f64| libm::rint(value) as i32;
    let place = found.position.map_or((0, 0), |place| {
        (code(place.lat_deg * 1e7), code(place.lon_deg * 1e7))
    });
    let hundredths = |value: Option<f64>| {
        let code = value.map(|value| libm::rint(value * 100.0) as u16);
        code.unwrap_or(u16::MAX)
    };
    let mut payload = at_us.to_le_bytes().to_vec();
    for value in [place.0, place.1, code(height.height_m * 1e3)] {
        payload.extend(value.to_le_bytes());
    }
    // Dilutions unknown.
    let known = [
        u16::MAX,
        u16::MAX,
        hundredths(found.speed_m_s),
        hundredths(found.course_deg),
    ];
    payload.extend(known.into_iter().flat_map(u16::to_le_bytes));
    payload.extend([3, u8::MAX]);
    let error = found.position_m_sigma.unwrap_or(0.0) * 1e3;
    payload.extend(0_i32.to_le_bytes());
    payload.extend(code(error).to_le_bytes());
    payload
}

/// A packet of MAVLink 2; what its payload lacks at the end is zero.
fn write(id: u32, payload: Vec<u8>) -> Vec<u8> {
    let extra = definition(id).map_or(0, |(.., extra)| extra);
    let [a, b, c, _] = id.to_le_bytes();
    let mut packet = vec![MAGIC_2, payload.len() as u8, 0, 0, 0, 1, 1, a, b, c];
    packet.extend(payload);
    let sum = checksum(packet[1..].iter().copied().chain([extra]));
    packet.extend(sum.to_le_bytes());
    packet
}
