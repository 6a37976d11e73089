//! Where every field of every AIS message lies: the tables of Rec. ITU-R M.1371-5, Annex 8, one
//! constant per message, in the standard's order. Fields follow each other without gaps, so a table is
//! a list of names and lengths.

use super::bits::{Bits, field};

/// Codes of a full-resolution coordinate per degree: 1/10,000 minute.
pub(super) const FINE_PER_DEG: f64 = 600_000.0;
/// Codes of a coarse coordinate per degree: 1/10 minute.
pub(super) const COARSE_PER_DEG: f64 = 600.0;

/// How a field's code is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Not used; says nothing.
    Spare,
    /// A number or a code.
    Number,
    /// A number for which one code means "not available".
    Or(u64),
    /// Yes or no.
    Flag,
    /// Six-bit text.
    Text,
    /// Six-bit text up to the message's end.
    RestText,
    /// Bits of an application up to so many bits before the message's end, as hexadecimal digits.
    Rest(usize),
    /// Degrees: codes per degree, the largest possible value.
    Degrees(f64, f64),
    /// Codes per knot; the code with all bits set means "not available".
    Knots(f64),
    /// Tenths of a degree or degrees; codes from 360 degrees on mean "not available".
    Course(f64),
    /// Rate of turn, 4.733 √(degrees per minute) with its sign (Message 1, note to rate of turn).
    Turn,
    /// Tenths of a metre; 0 means "not available".
    Decimetres,
}

use Kind::{
    Course, Decimetres, Degrees, Flag, Knots, Number, Or, Rest, RestText, Spare, Text, Turn,
};

/// Name, length in bits, kind.
pub(super) type Item = (&'static str, usize, Kind);

const LON: Item = ("lon_deg", 28, Degrees(FINE_PER_DEG, 180.0));
const LAT: Item = ("lat_deg", 27, Degrees(FINE_PER_DEG, 90.0));
const COARSE_LON: Item = ("lon_deg", 18, Degrees(COARSE_PER_DEG, 180.0));
const COARSE_LAT: Item = ("lat_deg", 17, Degrees(COARSE_PER_DEG, 90.0));
const ACCURACY: Item = ("position_accuracy", 1, Flag);
const SPEED: Item = ("speed_m_s", 10, Knots(10.0));
const COURSE: Item = ("course_deg", 12, Course(10.0));
const HEADING: Item = ("heading_deg", 9, Or(511));
const SECOND: Item = ("utc_second", 6, Number);
const RAIM: Item = ("raim", 1, Flag);
const STATE: Item = ("communication_state", 19, Number);
const SELECTOR: Item = ("communication_state_selector", 1, Flag);
const STATUS: Item = ("navigational_status", 4, Or(15));
const EPFD: Item = ("epfd", 4, Number);
const NAME: Item = ("name", 120, Text);
const CALL_SIGN: Item = ("call_sign", 42, Text);
const SHIP_TYPE: Item = ("ship_type", 8, Number);
const DTE: Item = ("data_terminal_not_ready", 1, Flag);
const ASSIGNED: Item = ("assigned_mode", 1, Flag);
const BOW: Item = ("to_bow_m", 9, Number);
const STERN: Item = ("to_stern_m", 9, Number);
const PORT: Item = ("to_port_m", 6, Number);
const STARBOARD: Item = ("to_starboard_m", 6, Number);
const DESTINATION: Item = ("destination_mmsi", 30, Number);
const SEQUENCE: Item = ("sequence_number", 2, Number);
const RETRANSMITTED: Item = ("retransmitted", 1, Flag);
const AREA_CODE: Item = ("designated_area_code", 10, Number);
const FUNCTION: Item = ("function_identifier", 6, Number);
pub(super) const BINARY: Item = ("binary", 0, Rest(0));

const fn spare(bits: usize) -> Item {
    ("", bits, Spare)
}

/// The fields before the type's own: the same in every message (Annex 8, 3).
pub(super) const HEAD: &[Item] = &[
    ("message_type", 6, Number),
    ("repeat_indicator", 2, Number),
    ("mmsi", 30, Number),
];

/// Messages 1, 2, 3 (3.1).
pub(super) const CLASS_A: &[Item] = &[
    STATUS,
    ("rate_of_turn_deg_min", 8, Turn),
    SPEED,
    ACCURACY,
    LON,
    LAT,
    COURSE,
    HEADING,
    SECOND,
    ("special_manoeuvre", 2, Number),
    spare(3),
    RAIM,
    STATE,
];

/// Messages 4 and 11 (3.2, 3.9).
pub(super) const BASE: &[Item] = &[
    ("utc_year", 14, Or(0)),
    ("utc_month", 4, Or(0)),
    ("utc_day", 5, Or(0)),
    ("utc_hour", 5, Or(24)),
    ("utc_minute", 6, Or(60)),
    ("utc_second", 6, Or(60)),
    ACCURACY,
    LON,
    LAT,
    EPFD,
    ("long_range_broadcast", 1, Flag),
    spare(9),
    RAIM,
    STATE,
];

/// Message 5 (3.3).
pub(super) const VOYAGE: &[Item] = &[
    ("ais_version", 2, Number),
    ("imo_number", 30, Or(0)),
    CALL_SIGN,
    NAME,
    SHIP_TYPE,
    BOW,
    STERN,
    PORT,
    STARBOARD,
    EPFD,
    ("eta_month", 4, Or(0)),
    ("eta_day", 5, Or(0)),
    ("eta_hour", 5, Or(24)),
    ("eta_minute", 6, Or(60)),
    ("draught_m", 8, Decimetres),
    ("destination", 120, Text),
    DTE,
    spare(1),
];

/// Message 6 (3.4).
const ADDRESSED_BINARY: &[Item] = &[
    SEQUENCE,
    DESTINATION,
    RETRANSMITTED,
    spare(1),
    AREA_CODE,
    FUNCTION,
    BINARY,
];

/// Messages 7 and 13 (3.5, 3.11).
const ACKNOWLEDGEMENT: &[Item] = &[
    spare(2),
    ("destination_mmsi_1", 30, Number),
    ("sequence_number_1", 2, Number),
    ("destination_mmsi_2", 30, Number),
    ("sequence_number_2", 2, Number),
    ("destination_mmsi_3", 30, Number),
    ("sequence_number_3", 2, Number),
    ("destination_mmsi_4", 30, Number),
    ("sequence_number_4", 2, Number),
];

/// Message 8 (3.6).
const BROADCAST_BINARY: &[Item] = &[spare(2), AREA_CODE, FUNCTION, BINARY];

/// Message 9 (3.7).
pub(super) const AIRCRAFT: &[Item] = &[
    ("altitude_m", 12, Or(4095)),
    ("speed_m_s", 10, Knots(1.0)),
    ACCURACY,
    LON,
    LAT,
    COURSE,
    SECOND,
    ("altitude_is_barometric", 1, Flag),
    spare(7),
    DTE,
    spare(3),
    ASSIGNED,
    RAIM,
    SELECTOR,
    STATE,
];

/// Message 10 (3.8).
const INQUIRY: &[Item] = &[spare(2), DESTINATION, spare(2)];

/// Message 12 (3.10).
const ADDRESSED_SAFETY: &[Item] = &[
    SEQUENCE,
    DESTINATION,
    RETRANSMITTED,
    spare(1),
    ("safety_text", 0, RestText),
];

/// Message 14 (3.12).
const BROADCAST_SAFETY: &[Item] = &[spare(2), ("safety_text", 0, RestText)];

/// Message 15 (3.13).
const INTERROGATION: &[Item] = &[
    spare(2),
    ("destination_mmsi_1", 30, Number),
    ("requested_type_1_1", 6, Number),
    ("slot_offset_1_1", 12, Number),
    spare(2),
    ("requested_type_1_2", 6, Number),
    ("slot_offset_1_2", 12, Number),
    spare(2),
    ("destination_mmsi_2", 30, Number),
    ("requested_type_2_1", 6, Number),
    ("slot_offset_2_1", 12, Number),
    spare(2),
];

/// Message 16 (3.14).
const ASSIGNMENT: &[Item] = &[
    spare(2),
    ("destination_mmsi_1", 30, Number),
    ("slot_offset_1", 12, Number),
    ("increment_1", 10, Number),
    ("destination_mmsi_2", 30, Number),
    ("slot_offset_2", 12, Number),
    ("increment_2", 10, Number),
];

/// Message 17 (3.15).
pub(super) const CORRECTIONS: &[Item] = &[
    spare(2),
    COARSE_LON,
    COARSE_LAT,
    spare(5),
    ("correction_type", 6, Number),
    ("correction_station", 10, Number),
    ("z_count", 13, Number),
    ("correction_sequence_number", 3, Number),
    ("word_count", 5, Number),
    ("correction_health", 3, Number),
    ("correction_words", 0, Rest(0)),
];

/// Message 18 (3.16).
pub(super) const CLASS_B: &[Item] = &[
    spare(8),
    SPEED,
    ACCURACY,
    LON,
    LAT,
    COURSE,
    HEADING,
    SECOND,
    spare(2),
    ("carrier_sense", 1, Flag),
    ("display", 1, Flag),
    ("selective_calling", 1, Flag),
    ("whole_band", 1, Flag),
    ("accepts_message_22", 1, Flag),
    ASSIGNED,
    RAIM,
    SELECTOR,
    STATE,
];

/// Message 19 (3.17).
pub(super) const CLASS_B_EXTENDED: &[Item] = &[
    spare(8),
    SPEED,
    ACCURACY,
    LON,
    LAT,
    COURSE,
    HEADING,
    SECOND,
    spare(4),
    NAME,
    SHIP_TYPE,
    BOW,
    STERN,
    PORT,
    STARBOARD,
    EPFD,
    RAIM,
    DTE,
    ASSIGNED,
    spare(4),
];

/// Message 20 (3.18).
const LINK_MANAGEMENT: &[Item] = &[
    spare(2),
    ("slot_offset_1", 12, Number),
    ("slot_count_1", 4, Number),
    ("timeout_min_1", 3, Number),
    ("increment_1", 11, Number),
    ("slot_offset_2", 12, Number),
    ("slot_count_2", 4, Number),
    ("timeout_min_2", 3, Number),
    ("increment_2", 11, Number),
    ("slot_offset_3", 12, Number),
    ("slot_count_3", 4, Number),
    ("timeout_min_3", 3, Number),
    ("increment_3", 11, Number),
    ("slot_offset_4", 12, Number),
    ("slot_count_4", 4, Number),
    ("timeout_min_4", 3, Number),
    ("increment_4", 11, Number),
];

/// Message 21 (3.19).
pub(super) const AID: &[Item] = &[
    ("aid_type", 5, Number),
    NAME,
    ACCURACY,
    LON,
    LAT,
    BOW,
    STERN,
    PORT,
    STARBOARD,
    EPFD,
    SECOND,
    ("off_position", 1, Flag),
    ("aid_status", 8, Number),
    RAIM,
    ("virtual_aid", 1, Flag),
    ASSIGNED,
    spare(1),
    ("name_extension", 0, RestText),
];

const CHANNELS_HEAD: &[Item] = &[
    spare(2),
    ("channel_a", 12, Number),
    ("channel_b", 12, Number),
    ("transmit_receive_mode", 4, Number),
    ("low_power", 1, Flag),
];
const CHANNELS_TAIL: &[Item] = &[
    ("addressed", 1, Flag),
    ("narrow_band_a", 1, Flag),
    ("narrow_band_b", 1, Flag),
    ("transitional_zone_size", 3, Number),
    spare(23),
];
const TWO_STATIONS: &[Item] = &[
    ("destination_mmsi_1", 30, Number),
    spare(5),
    ("destination_mmsi_2", 30, Number),
    spare(5),
];
/// Corners of messages 22 and 23, in tenths of a minute.
const AREA: &[Item] = &[
    ("north_east_lon_deg", 18, Degrees(COARSE_PER_DEG, 180.0)),
    ("north_east_lat_deg", 17, Degrees(COARSE_PER_DEG, 90.0)),
    ("south_west_lon_deg", 18, Degrees(COARSE_PER_DEG, 180.0)),
    ("south_west_lat_deg", 17, Degrees(COARSE_PER_DEG, 90.0)),
];

/// Message 23 (3.21).
const GROUP_HEAD: &[Item] = &[spare(2)];
const GROUP_TAIL: &[Item] = &[
    ("station_type", 4, Number),
    SHIP_TYPE,
    spare(22),
    ("transmit_receive_mode", 2, Number),
    ("reporting_interval", 4, Number),
    ("quiet_time_min", 4, Number),
    spare(6),
];

/// Message 24 (3.22).
const OTHER_PART: &[Item] = &[("part_number", 2, Number), BINARY];
pub(super) const PART_A: &[Item] = &[("part_number", 2, Number), NAME, spare(8)];
pub(super) const PART_B_HEAD: &[Item] = &[
    ("part_number", 2, Number),
    SHIP_TYPE,
    ("unit_vendor", 18, Text),
    ("unit_model", 4, Number),
    ("unit_serial", 20, Number),
    CALL_SIGN,
];
pub(super) const DIMENSIONS: &[Item] = &[BOW, STERN, PORT, STARBOARD];
pub(super) const MOTHERSHIP: &[Item] = &[("mothership_mmsi", 30, Number)];
pub(super) const PART_B_TAIL: &[Item] = &[EPFD, spare(2)];

const BINARY_HEAD: &[Item] = &[("addressed", 1, Flag), ("structured", 1, Flag)];
/// Two spare bits follow the address, so that what comes next begins on a byte (3.23, 3.24).
const BINARY_ADDRESS: &[Item] = &[DESTINATION, spare(2)];
const APPLICATION: &[Item] = &[AREA_CODE, FUNCTION];
/// Message 26 ends with the communication state (3.24).
const MULTI_SLOT_TAIL: &[Item] = &[("binary", 0, Rest(20)), SELECTOR, STATE];

/// Message 27 (3.25).
pub(super) const LONG_RANGE: &[Item] = &[
    ACCURACY,
    RAIM,
    STATUS,
    COARSE_LON,
    COARSE_LAT,
    ("speed_m_s", 6, Knots(1.0)),
    ("course_deg", 9, Course(1.0)),
    ("position_older_than_5_s", 1, Flag),
    spare(1),
];

/// Message 28, an aid to navigation in one slot (Rec. ITU-R M.1371-6, annex 7, 3.26, tables 84 and
/// 85).
pub(super) const SHORT_AID: &[Item] = &[
    SECOND,
    LON,
    LAT,
    ("restricted_use", 2, Number),
    ("aid_station_type", 3, Number),
    ("aid_type", 7, Number),
    ("aid_resource_number", 17, Number),
    ("dimensions_type", 4, Number),
    ("dimension_a", 9, Number),
    ("dimension_b", 11, Number),
    ("additional_data", 1, Flag),
    ("not_charted", 1, Flag),
    ("on_station_status", 4, Number),
    ("aid_status", 8, Number),
    spare(1),
    ("authenticated", 1, Flag),
];

/// The tables of a message behind its head, one after the other. `None` for types that the standard
/// does not define.
pub(super) fn tables(bits: &Bits, message_type: u8, mmsi: u64) -> Option<Vec<&'static [Item]>> {
    let flag = |start| bits.flag(start) == Some(true);
    Some(match message_type {
        1..=3 => vec![CLASS_A],
        4 | 11 => vec![BASE],
        5 => vec![VOYAGE],
        6 => vec![ADDRESSED_BINARY],
        7 | 13 => vec![ACKNOWLEDGEMENT],
        8 => vec![BROADCAST_BINARY],
        9 => vec![AIRCRAFT],
        10 => vec![INQUIRY],
        12 => vec![ADDRESSED_SAFETY],
        14 => vec![BROADCAST_SAFETY],
        15 => vec![INTERROGATION],
        16 => vec![ASSIGNMENT],
        17 => vec![CORRECTIONS],
        18 => vec![CLASS_B],
        19 => vec![CLASS_B_EXTENDED],
        20 => vec![LINK_MANAGEMENT],
        21 => vec![AID],
        22 if flag(139) => vec![CHANNELS_HEAD, TWO_STATIONS, CHANNELS_TAIL],
        22 => vec![CHANNELS_HEAD, AREA, CHANNELS_TAIL],
        23 => vec![GROUP_HEAD, AREA, GROUP_TAIL],
        24 => match bits.byte(field(38, 2)) {
            Some(0) => vec![PART_A],
            // An auxiliary craft (MMSI 98…) names its mothership where others give dimensions.
            Some(1) if mmsi / 10_000_000 == 98 => vec![PART_B_HEAD, MOTHERSHIP, PART_B_TAIL],
            Some(1) => vec![PART_B_HEAD, DIMENSIONS, PART_B_TAIL],
            _ => vec![OTHER_PART],
        },
        25 | 26 => {
            let mut tables = vec![BINARY_HEAD];
            tables.extend(flag(38).then_some(BINARY_ADDRESS));
            tables.extend(flag(39).then_some(APPLICATION));
            tables.push(if message_type == 26 {
                MULTI_SLOT_TAIL
            } else {
                &[BINARY]
            });
            tables
        }
        27 => vec![LONG_RANGE],
        28 => vec![SHORT_AID],
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
