//! The tags of the UAS datalink local set, MISB ST 0601.19, chapter 8.

use serde_json::{Map, Value};

use super::st0903::{self, Target};
use super::value::Coding::{Identifier, Of, Rest, Sized};
use super::value::Kind::{
    Around, Bytes, Identifiers, List, Mapped, Number, Over, Parts, Set as Nested, Signed, Text,
};
use super::value::{self, Kind, Part, Tag};
use super::{put_item, st0102};
use crate::hexadecimal;
use crate::sheet::Sheet;

/// Altitudes, metres.
const ALTITUDE: Kind = Over(-900.0, 19_000.0);
/// The same over a longer range.
const EXTENDED_ALTITUDE: Kind = Mapped(-900.0, 40_000.0);
/// Degrees of a circle.
const CIRCLE: Kind = Over(0.0, 360.0);
/// Millibars of a pressure; converted to pascals.
const PRESSURE: Kind = Over(0.0, 5_000.0);

/// Ends of the horizon in the image and on the ground (item 81).
const HORIZON: &[Part] = &[
    ("start_x_percent", Of(Number(1.0), 1)),
    ("start_y_percent", Of(Number(1.0), 1)),
    ("end_x_percent", Of(Number(1.0), 1)),
    ("end_y_percent", Of(Number(1.0), 1)),
    ("start_lat_deg", Of(Around(90.0), 4)),
    ("start_lon_deg", Of(Around(180.0), 4)),
    ("end_lat_deg", Of(Around(90.0), 4)),
    ("end_lon_deg", Of(Around(180.0), 4)),
];
/// A command to the platform (item 115).
const COMMAND: &[Part] = &[
    ("id", Identifier),
    ("text", Sized(Text)),
    ("sent_us", Rest(Number(1.0))),
];
/// Country codes (item 122).
const COUNTRIES: &[Part] = &[
    ("coding_method", Sized(Number(1.0))),
    ("overflight", Sized(Text)),
    ("operator", Sized(Text)),
    ("manufacture", Sized(Text)),
];
/// A band of wavelengths (item 128).
const WAVELENGTH: &[Part] = &[
    ("id", Identifier),
    ("least_nm", Of(Mapped(0.0, 1e9), 4)),
    ("most_nm", Of(Mapped(0.0, 1e9), 4)),
    ("name", Rest(Text)),
];
/// A place of items 130 and 141.
const PLACE: &[Part] = &[
    ("lat_deg", Of(Mapped(-90.0, 90.0), 4)),
    ("lon_deg", Of(Mapped(-180.0, 180.0), 4)),
    ("height_ellipsoid_m", Of(Mapped(-900.0, 9_000.0), 3)),
];
/// Where the flight began and is to end (item 130).
const AIRBASES: &[Part] = &[
    ("take_off", Sized(Parts(PLACE))),
    ("recovery", Sized(Parts(PLACE))),
];
/// What the platform carries (item 138).
const PAYLOADS: &[Part] = &[("count", Identifier), ("payloads", Rest(List(PAYLOAD)))];
const PAYLOAD: &[Part] = &[
    ("id", Identifier),
    ("kind", Identifier),
    ("name", Sized(Text)),
];
/// A store of the platform (item 140).
const STORE: &[Part] = &[
    ("station", Identifier),
    ("hardpoint", Identifier),
    ("carriage", Identifier),
    ("store", Identifier),
    ("status", Identifier),
    ("kind", Sized(Text)),
];
/// A point of the planned way (item 141).
const WAYPOINT: &[Part] = &[
    ("id", Identifier),
    ("order", Of(Signed(1.0), 2)),
    ("information", Identifier),
    ("place", Rest(Parts(PLACE))),
];
/// Ranges of the sensor's directions; their resolution is not fixed (item 142).
const VIEW_DOMAIN: &[Part] = &[
    ("azimuth", Sized(Bytes)),
    ("elevation", Sized(Bytes)),
    ("roll", Sized(Bytes)),
];
/// Name of the stream of metadata (item 143).
const SUBSTREAM: &[Part] = &[("id", Identifier), ("uuid", Rest(Bytes))];

/// Tag, name with its own unit, kind, and the bytes that are written, 0 for as many as needed.
const TAGS: &[Tag] = &[
    (2, "time_us", Number(1.0), 8),
    (3, "mission_id", Text, 0),
    (4, "platform_tail_number", Text, 0),
    (5, "platform_heading_deg", CIRCLE, 2),
    (6, "platform_pitch_deg", Around(20.0), 2),
    (7, "platform_roll_deg", Around(50.0), 2),
    (8, "platform_true_airspeed_m_s", Number(1.0), 1),
    (9, "platform_indicated_airspeed_m_s", Number(1.0), 1),
    (10, "platform_designation", Text, 0),
    (11, "image_source", Text, 0),
    (12, "image_coordinate_system", Text, 0),
    (13, "sensor_lat_deg", Around(90.0), 4),
    (14, "sensor_lon_deg", Around(180.0), 4),
    (15, "sensor_altitude_m", ALTITUDE, 2),
    (16, "sensor_horizontal_view_deg", Over(0.0, 180.0), 2),
    (17, "sensor_vertical_view_deg", Over(0.0, 180.0), 2),
    (18, "sensor_relative_azimuth_deg", CIRCLE, 4),
    (19, "sensor_relative_elevation_deg", Around(180.0), 4),
    (20, "sensor_relative_roll_deg", CIRCLE, 4),
    (21, "slant_range_m", Over(0.0, 5_000_000.0), 4),
    (22, "target_width_m", Over(0.0, 10_000.0), 2),
    (23, "frame_centre_lat_deg", Around(90.0), 4),
    (24, "frame_centre_lon_deg", Around(180.0), 4),
    (25, "frame_centre_altitude_m", ALTITUDE, 2),
    (26, "corner_1_lat_offset_deg", Around(0.075), 2),
    (27, "corner_1_lon_offset_deg", Around(0.075), 2),
    (28, "corner_2_lat_offset_deg", Around(0.075), 2),
    (29, "corner_2_lon_offset_deg", Around(0.075), 2),
    (30, "corner_3_lat_offset_deg", Around(0.075), 2),
    (31, "corner_3_lon_offset_deg", Around(0.075), 2),
    (32, "corner_4_lat_offset_deg", Around(0.075), 2),
    (33, "corner_4_lon_offset_deg", Around(0.075), 2),
    (34, "icing_detected", Number(1.0), 1),
    (35, "wind_direction_deg", CIRCLE, 2),
    (36, "wind_speed_m_s", Over(0.0, 100.0), 1),
    (37, "static_pressure_mbar", PRESSURE, 2),
    (38, "density_altitude_m", ALTITUDE, 2),
    (39, "outside_air_temperature_c", Signed(1.0), 1),
    (40, "target_lat_deg", Around(90.0), 4),
    (41, "target_lon_deg", Around(180.0), 4),
    (42, "target_altitude_m", ALTITUDE, 2),
    (43, "target_gate_width_px", Number(2.0), 1),
    (44, "target_gate_height_px", Number(2.0), 1),
    (45, "target_error_m_ce90", Over(0.0, 4_095.0), 2),
    (46, "target_error_m_le90", Over(0.0, 4_095.0), 2),
    (47, "generic_flags", Number(1.0), 1),
    (48, "security", Nested(st0102::TAGS), 0),
    (49, "differential_pressure_mbar", PRESSURE, 2),
    (50, "angle_of_attack_deg", Around(20.0), 2),
    (51, "platform_climb_m_s", Around(180.0), 2),
    (52, "sideslip_deg", Around(20.0), 2),
    (53, "airfield_pressure_mbar", PRESSURE, 2),
    (54, "airfield_altitude_m", ALTITUDE, 2),
    (55, "relative_humidity_percent", Over(0.0, 100.0), 1),
    (56, "platform_ground_speed_m_s", Number(1.0), 1),
    (57, "ground_range_m", Over(0.0, 5_000_000.0), 4),
    (58, "fuel_remaining_kg", Over(0.0, 10_000.0), 2),
    (59, "platform_call_sign", Text, 0),
    (60, "weapon_load", Number(1.0), 2),
    (61, "weapon_fired", Number(1.0), 1),
    (62, "laser_code", Number(1.0), 2),
    (63, "sensor_view_name", Number(1.0), 1),
    (64, "platform_magnetic_heading_deg", CIRCLE, 2),
    (65, "version", Number(1.0), 1),
    (67, "alternate_platform_lat_deg", Around(90.0), 4),
    (68, "alternate_platform_lon_deg", Around(180.0), 4),
    (69, "alternate_platform_altitude_m", ALTITUDE, 2),
    (70, "alternate_platform_name", Text, 0),
    (71, "alternate_platform_heading_deg", CIRCLE, 2),
    (72, "event_start_us", Number(1.0), 8),
    (73, "remote_video_terminal", Bytes, 0),
    (75, "sensor_height_ellipsoid_m", ALTITUDE, 2),
    (76, "alternate_platform_height_ellipsoid_m", ALTITUDE, 2),
    (77, "operational_mode", Number(1.0), 1),
    (78, "frame_centre_height_ellipsoid_m", ALTITUDE, 2),
    (79, "sensor_speed_north_m_s", Around(327.0), 2),
    (80, "sensor_speed_east_m_s", Around(327.0), 2),
    (81, "image_horizon", Parts(HORIZON), 0),
    (82, "corner_1_lat_deg", Around(90.0), 4),
    (83, "corner_1_lon_deg", Around(180.0), 4),
    (84, "corner_2_lat_deg", Around(90.0), 4),
    (85, "corner_2_lon_deg", Around(180.0), 4),
    (86, "corner_3_lat_deg", Around(90.0), 4),
    (87, "corner_3_lon_deg", Around(180.0), 4),
    (88, "corner_4_lat_deg", Around(90.0), 4),
    (89, "corner_4_lon_deg", Around(180.0), 4),
    (90, "platform_pitch_full_deg", Around(90.0), 4),
    (91, "platform_roll_full_deg", Around(90.0), 4),
    (92, "angle_of_attack_full_deg", Around(90.0), 4),
    (93, "sideslip_full_deg", Around(180.0), 4),
    (94, "core_identifier", Bytes, 0),
    (95, "radar_imagery", Bytes, 0),
    (96, "target_width_extended_m", Mapped(0.0, 1_500_000.0), 3),
    (97, "range_image", Bytes, 0),
    (98, "geo_registration", Bytes, 0),
    (99, "composite_imaging", Bytes, 0),
    (100, "segment", Bytes, 0),
    (101, "amendment", Bytes, 0),
    (102, "standard_deviations", Bytes, 0),
    (103, "density_altitude_extended_m", EXTENDED_ALTITUDE, 3),
    (
        104,
        "sensor_height_ellipsoid_extended_m",
        EXTENDED_ALTITUDE,
        3,
    ),
    (
        105,
        "alternate_height_ellipsoid_extended_m",
        EXTENDED_ALTITUDE,
        3,
    ),
    (106, "stream_designator", Text, 0),
    (107, "operational_base", Text, 0),
    (108, "broadcast_source", Text, 0),
    (109, "range_to_recovery_km", Mapped(0.0, 21_000.0), 4),
    (110, "time_airborne_s", Number(1.0), 0),
    (111, "propulsion_speed_rpm", Number(1.0), 0),
    (112, "platform_course_deg", Mapped(0.0, 360.0), 2),
    (113, "altitude_above_ground_m", EXTENDED_ALTITUDE, 3),
    (114, "radar_altimeter_m", EXTENDED_ALTITUDE, 3),
    (115, "control_command", Parts(COMMAND), 0),
    (116, "control_commands_verified", Identifiers, 0),
    (
        117,
        "sensor_azimuth_rate_deg_s",
        Mapped(-1_000.0, 1_000.0),
        2,
    ),
    (
        118,
        "sensor_elevation_rate_deg_s",
        Mapped(-1_000.0, 1_000.0),
        2,
    ),
    (119, "sensor_roll_rate_deg_s", Mapped(-1_000.0, 1_000.0), 2),
    (120, "storage_full_percent", Mapped(0.0, 100.0), 2),
    (121, "active_wavelengths", Identifiers, 0),
    (122, "countries", Parts(COUNTRIES), 0),
    (123, "navigation_satellites", Number(1.0), 1),
    (124, "positioning_methods", Number(1.0), 1),
    (125, "platform_status", Number(1.0), 1),
    (126, "sensor_control_mode", Number(1.0), 1),
    (127, "sensor_frame_rate_ratio", Identifiers, 0),
    (128, "wavelengths", List(WAVELENGTH), 0),
    (129, "target_id", Text, 0),
    (130, "airbases", Parts(AIRBASES), 0),
    (131, "take_off_us", Number(1.0), 8),
    (132, "transmission_frequency_mhz", Mapped(1.0, 99_999.0), 4),
    (133, "storage_capacity_gb", Number(1.0), 0),
    (134, "zoom_percent", Mapped(0.0, 100.0), 2),
    (135, "communications_method", Text, 0),
    (136, "leap_seconds_s", Signed(1.0), 4),
    (137, "time_correction_us", Signed(1.0), 8),
    (138, "payloads", Parts(PAYLOADS), 0),
    (139, "active_payloads", Bytes, 0),
    (140, "weapon_stores", List(STORE), 0),
    (141, "waypoints", List(WAYPOINT), 0),
    (142, "view_domain", Parts(VIEW_DOMAIN), 0),
    (143, "metadata_substream", Parts(SUBSTREAM), 0),
];

/// Own units that are converted: the ends of both names, and the SI unit in one of its own as a
/// quotient, which keeps microseconds exact.
const CONVERSIONS: [(&str, &str, (f64, f64)); 4] = [
    ("_us", "_s", (1.0, 1e6)),
    ("_mbar", "_pa", (100.0, 1.0)),
    ("_km", "_m", (1_000.0, 1.0)),
    ("_mhz", "_hz", (1e6, 1.0)),
];

/// What a packet says.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) sheet: Sheet,
    pub(super) targets: Vec<Target>,
}

impl Default for Set {
    fn default() -> Self {
        Self {
            sheet: Sheet::new("ST0601"),
            targets: Vec::new(),
        }
    }
}

/// The name in SI units of a quantity that is converted, and the quotient.
fn converted(name: &str) -> Option<(String, (f64, f64))> {
    let mut known = CONVERSIONS.iter();
    known.find_map(|(own, si, factor)| Some((name.strip_suffix(own)?.to_owned() + si, *factor)))
}

impl Set {
    /// Takes an item.
    pub(super) fn take(&mut self, tag: u32, bytes: &[u8]) {
        if tag == VMTI {
            st0903::read(bytes, &mut self.sheet, &mut self.targets);
            return;
        }
        let known = TAGS.iter().find(|(known, ..)| *known == tag);
        let Some(&(_, name, kind, _)) = known else {
            self.sheet
                .set(&format!("tag_{tag}"), hexadecimal::text(bytes));
            return;
        };
        // An item without a value says "not known" (ST 0107.5, zero-length items).
        let value = match bytes {
            [] => Some(Value::Null),
            bytes => value::read(kind, bytes),
        };
        let Some(value) = value else {
            self.sheet
                .wrong(format!("`{name}` has {} bytes", bytes.len()));
            return;
        };
        match converted(name) {
            None => self.sheet.set(name, value),
            Some((si, (times, over))) => {
                let number = value.as_f64().map(|own| own * times / over);
                self.sheet.converted((&si, number), (name, value));
            }
        }
    }
}

/// Tag of the moving targets (ST 0903).
const VMTI: u32 = 74;

/// Writes what a sheet says as items, without the checksum. Own values count before those in SI
/// units.
///
/// # Errors
/// The name of a field whose value is none of its kind.
pub(super) fn write(
    fields: &Map<String, Value>,
    given: &Map<String, Value>,
) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    for (tag, name, kind, length) in TAGS {
        let from_si = || {
            let (si, (times, over)) = converted(name)?;
            let value = fields.get(&si)?;
            Some(
                value
                    .as_f64()
                    .map_or(Value::Null, |si| (si * over / times).into()),
            )
        };
        let own = given.get(*name).or_else(|| fields.get(*name)).cloned();
        let Some(value) = own.or_else(from_si) else {
            continue;
        };
        let bytes = match &value {
            Value::Null => Vec::new(),
            value => value::write(*kind, *length, value).ok_or_else(|| (*name).to_owned())?,
        };
        put_item(*tag, &bytes, &mut out);
    }
    if let Some(Value::Object(vmti)) = fields.get("vmti") {
        put_item(VMTI, &st0903::write(vmti)?, &mut out);
    }
    for (tag, value) in value::unnamed(fields) {
        let bytes = value.as_str().and_then(hexadecimal::bytes);
        put_item(tag, &bytes.ok_or_else(|| format!("tag_{tag}"))?, &mut out);
    }
    Ok(out)
}

/// Bytes that are written of an item, 0 for as many as are needed.
#[cfg(test)]
pub(super) fn written_bytes(tag: u32) -> usize {
    let known = TAGS.iter().find(|(known, ..)| *known == tag);
    known.map_or(0, |(.., bytes)| *bytes)
}
