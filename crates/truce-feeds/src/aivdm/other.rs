//! AIS messages that tell nothing about a vessel's movement: binary, safety and management
//! messages. Their fields go to [`VesselReport::other`](truce_core::observation::VesselReport)
//! under the names of Rec. ITU-R M.1371-5, Annex 8. What an application puts into a binary message is
//! opened where the application is known, and stays hexadecimal beside it.

use serde_json::Value;

use super::application;
use super::bits::{Bits, Field, field};
use super::decode::Told;
use super::tables::COARSE_PER_DEG;

/// First bit of the application identifier of a message to one station: 6, and 25 and 26 with an
/// address.
const ADDRESSED_START: usize = 72;

/// Reads the messages 6, 7, 8, 10, 12 to 16, 20, 22, 23, 25 and 26. `None` when the message ends
/// before its first field does.
pub(crate) fn decode(bits: &Bits, told: &mut Told) -> Option<()> {
    match told.vessel.message_type {
        // 6: addressed binary message.
        6 => {
            told.keep("destination_mmsi", Some(bits.unsigned(field(40, 30))?));
            application(bits, told, ADDRESSED_START, bits.len());
        }
        // 7 and 13: acknowledgement of one to four messages.
        7 | 13 => mmsi_list(bits, told, (40, 32, 4))?,
        // 8: binary broadcast message.
        8 => {
            bits.unsigned(field(40, 10))?;
            application(bits, told, 40, bits.len());
        }
        // 10: UTC and date inquiry.
        10 => told.keep("destination_mmsi", Some(bits.unsigned(field(40, 30))?)),
        // 12: addressed safety related message.
        12 => {
            told.keep("destination_mmsi", Some(bits.unsigned(field(40, 30))?));
            safety_text(bits, told, 72);
        }
        // 14: safety related broadcast message.
        14 => {
            bits.unsigned(field(38, 2))?;
            safety_text(bits, told, 40);
        }
        // 15: interrogation of one or two stations.
        15 => interrogation(bits, told)?,
        // 16: assignment of slots to one or two stations.
        16 => mmsi_list(bits, told, (40, 52, 2))?,
        // 20: data link management; slots that base stations reserve say nothing of vessels.
        20 => {
            bits.unsigned(field(40, 12))?;
        }
        // 22: channel management.
        22 => channels(bits, told)?,
        // 23: group assignment.
        23 => area(bits, told, [40, 58, 75, 93])?,
        // 25 and 26: binary messages of one or several slots.
        _ => binary(bits, told)?,
    }
    Some(())
}

/// Stations that are addressed: first bit, distance, most of them.
fn mmsi_list(
    bits: &Bits,
    told: &mut Told,
    (start, step, most): (usize, usize, usize),
) -> Option<()> {
    let mmsi = |index| bits.unsigned(field(start + step * index, 30));
    mmsi(0)?;
    let list: Vec<Value> = (0..most).map_while(mmsi).map(Value::from).collect();
    told.keep("destination_mmsi", Some(list));
    Some(())
}

/// Designated area code, function identifier and the application's own bits up to `end`.
fn application(bits: &Bits, told: &mut Told, start: usize, end: usize) {
    let area_code = bits.unsigned(field(start, 10));
    let function = bits.byte(field(start + 10, 6));
    told.keep("designated_area_code", area_code);
    told.keep("function_identifier", function);
    told.keep("binary", bits.hexadecimal(start + 16, end));
    let (Some(area_code), Some(function)) = (area_code, function) else {
        return;
    };
    // An address has 30 bits and two spare ones before the application.
    let addressed = start == ADDRESSED_START;
    let own = (start + 16, end);
    if let Some(opened) = application::open((area_code, function), addressed, bits, own) {
        told.keep("application", Some(opened.fields));
        if !opened.wrong.is_empty() {
            told.keep("wrong", Some(opened.wrong.join("; ")));
        }
    }
}

fn safety_text(bits: &Bits, told: &mut Told, start: usize) {
    let length = bits.len().saturating_sub(start);
    told.keep("safety_text", bits.text(field(start, length)));
}

fn interrogation(bits: &Bits, told: &mut Told) -> Option<()> {
    let first = bits.unsigned(field(40, 30))?;
    let mut list = vec![Value::from(first)];
    list.extend(bits.unsigned(field(110, 30)).map(Value::from));
    told.keep("destination_mmsi", Some(list));
    let asked = [70, 90, 140].map(|start| bits.byte(field(start, 6)));
    let asked: Vec<Value> = asked
        .into_iter()
        .flatten()
        .filter(|kind| *kind > 0)
        .map(Value::from)
        .collect();
    told.keep("requested_message_types", Some(asked));
    Some(())
}

/// Channel numbers, and either two stations or an area (bit 139).
fn channels(bits: &Bits, told: &mut Told) -> Option<()> {
    told.keep("channel_a", Some(bits.unsigned(field(40, 12))?));
    told.keep("channel_b", bits.unsigned(field(52, 12)));
    if bits.flag(139)? {
        mmsi_list(bits, told, (69, 35, 2))
    } else {
        area(bits, told, [69, 87, 104, 122])
    }
}

/// North-east and south-west corners of a rectangle: longitude and latitude of each.
fn area(bits: &Bits, told: &mut Told, starts: [usize; 4]) -> Option<()> {
    let names = [
        "north_east_lon_deg",
        "north_east_lat_deg",
        "south_west_lon_deg",
        "south_west_lat_deg",
    ];
    // Longitudes have 18 bits and end at 180 degrees, latitudes 17 and 90.
    let shapes: [(usize, f64); 4] = [(18, 180.0), (17, 90.0), (18, 180.0), (17, 90.0)];
    for ((name, start), (length, most)) in names.into_iter().zip(starts).zip(shapes) {
        let deg = bits.signed(field(start, length))? as f64 / COARSE_PER_DEG;
        told.keep(name, Some(deg).filter(|deg| deg.abs() <= most));
    }
    Some(())
}

/// Binary data with or without an address (bit 38) and an application identifier (bit 39).
fn binary(bits: &Bits, told: &mut Told) -> Option<()> {
    let (addressed, structured) = (bits.flag(38)?, bits.flag(39)?);
    let start = if addressed {
        let destination: Field = field(40, 30);
        told.keep("destination_mmsi", Some(bits.unsigned(destination)?));
        // Message 25 and 26 leave two spare bits behind the address.
        ADDRESSED_START
    } else {
        40
    };
    // Message 26 ends with the communication state: a selector flag and 19 bits.
    let state_bits = if told.vessel.message_type == 26 {
        20
    } else {
        0
    };
    let end = bits.len().saturating_sub(state_bits);
    if structured {
        application(bits, told, start, end);
    } else {
        told.keep("binary", bits.hexadecimal(start, end));
    }
    Some(())
}
