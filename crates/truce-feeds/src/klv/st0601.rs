//! The tags of the UAS datalink local set, MISB ST 0601.19, chapter 8.

use serde_json::Value;

use super::st0903::{self, Target};
use super::value::Kind::{Around, Bytes, Mapped, Number, Over, Signed, Text};
use super::value::{self, Kind};
use crate::hexadecimal;
use crate::sheet::Sheet;

/// Altitudes, metres.
const ALTITUDE: Kind = Over(-900.0, 19_000.0);
/// Degrees of a circle.
const CIRCLE: Kind = Over(0.0, 360.0);
/// Millibars of a pressure; converted to pascals.
const PRESSURE: Kind = Over(0.0, 5_000.0);

/// Tag, name with its unit, kind.
const TAGS: &[(u32, &str, Kind)] = &[
    (2, "time_us", Number(1.0)),
    (3, "mission_id", Text),
    (4, "platform_tail_number", Text),
    (5, "platform_heading_deg", CIRCLE),
    (6, "platform_pitch_deg", Around(20.0)),
    (7, "platform_roll_deg", Around(50.0)),
    (8, "platform_true_airspeed_m_s", Number(1.0)),
    (9, "platform_indicated_airspeed_m_s", Number(1.0)),
    (10, "platform_designation", Text),
    (11, "image_source", Text),
    (12, "image_coordinate_system", Text),
    (13, "sensor_lat_deg", Around(90.0)),
    (14, "sensor_lon_deg", Around(180.0)),
    (15, "sensor_altitude_m", ALTITUDE),
    (16, "sensor_horizontal_view_deg", Over(0.0, 180.0)),
    (17, "sensor_vertical_view_deg", Over(0.0, 180.0)),
    (18, "sensor_relative_azimuth_deg", CIRCLE),
    (19, "sensor_relative_elevation_deg", Around(180.0)),
    (20, "sensor_relative_roll_deg", CIRCLE),
    (21, "slant_range_m", Over(0.0, 5_000_000.0)),
    (22, "target_width_m", Over(0.0, 10_000.0)),
    (23, "frame_centre_lat_deg", Around(90.0)),
    (24, "frame_centre_lon_deg", Around(180.0)),
    (25, "frame_centre_altitude_m", ALTITUDE),
    (26, "corner_1_lat_offset_deg", Around(0.075)),
    (27, "corner_1_lon_offset_deg", Around(0.075)),
    (28, "corner_2_lat_offset_deg", Around(0.075)),
    (29, "corner_2_lon_offset_deg", Around(0.075)),
    (30, "corner_3_lat_offset_deg", Around(0.075)),
    (31, "corner_3_lon_offset_deg", Around(0.075)),
    (32, "corner_4_lat_offset_deg", Around(0.075)),
    (33, "corner_4_lon_offset_deg", Around(0.075)),
    (34, "icing_detected", Number(1.0)),
    (35, "wind_direction_deg", CIRCLE),
    (36, "wind_speed_m_s", Over(0.0, 100.0)),
    (37, "static_pressure_pa", PRESSURE),
    (38, "density_altitude_m", ALTITUDE),
    (39, "outside_air_temperature_c", Signed(1.0)),
    (40, "target_lat_deg", Around(90.0)),
    (41, "target_lon_deg", Around(180.0)),
    (42, "target_altitude_m", ALTITUDE),
    (43, "target_gate_width_px", Number(2.0)),
    (44, "target_gate_height_px", Number(2.0)),
    (45, "target_error_m_ce90", Over(0.0, 4_095.0)),
    (46, "target_error_m_le90", Over(0.0, 4_095.0)),
    (47, "generic_flags", Number(1.0)),
    (48, "security", Bytes),
    (49, "differential_pressure_pa", PRESSURE),
    (50, "angle_of_attack_deg", Around(20.0)),
    (51, "platform_climb_m_s", Around(180.0)),
    (52, "sideslip_deg", Around(20.0)),
    (53, "airfield_pressure_pa", PRESSURE),
    (54, "airfield_altitude_m", ALTITUDE),
    (55, "relative_humidity_percent", Over(0.0, 100.0)),
    (56, "platform_ground_speed_m_s", Number(1.0)),
    (57, "ground_range_m", Over(0.0, 5_000_000.0)),
    (58, "fuel_remaining_kg", Over(0.0, 10_000.0)),
    (59, "platform_call_sign", Text),
    (60, "weapon_load", Number(1.0)),
    (61, "weapon_fired", Number(1.0)),
    (62, "laser_code", Number(1.0)),
    (63, "sensor_view_name", Number(1.0)),
    (64, "platform_magnetic_heading_deg", CIRCLE),
    (65, "version", Number(1.0)),
    (67, "alternate_platform_lat_deg", Around(90.0)),
    (68, "alternate_platform_lon_deg", Around(180.0)),
    (69, "alternate_platform_altitude_m", ALTITUDE),
    (70, "alternate_platform_name", Text),
    (71, "alternate_platform_heading_deg", CIRCLE),
    (72, "event_start_us", Number(1.0)),
    (73, "remote_video_terminal", Bytes),
    (75, "sensor_height_ellipsoid_m", ALTITUDE),
    (76, "alternate_platform_height_ellipsoid_m", ALTITUDE),
    (77, "operational_mode", Number(1.0)),
    (78, "frame_centre_height_ellipsoid_m", ALTITUDE),
    (79, "sensor_speed_north_m_s", Around(327.0)),
    (80, "sensor_speed_east_m_s", Around(327.0)),
    (81, "image_horizon", Bytes),
    (82, "corner_1_lat_deg", Around(90.0)),
    (83, "corner_1_lon_deg", Around(180.0)),
    (84, "corner_2_lat_deg", Around(90.0)),
    (85, "corner_2_lon_deg", Around(180.0)),
    (86, "corner_3_lat_deg", Around(90.0)),
    (87, "corner_3_lon_deg", Around(180.0)),
    (88, "corner_4_lat_deg", Around(90.0)),
    (89, "corner_4_lon_deg", Around(180.0)),
    (90, "platform_pitch_full_deg", Around(90.0)),
    (91, "platform_roll_full_deg", Around(90.0)),
    (92, "angle_of_attack_full_deg", Around(90.0)),
    (93, "sideslip_full_deg", Around(180.0)),
    (94, "core_identifier", Bytes),
    (95, "radar_imagery", Bytes),
    (96, "target_width_extended_m", Mapped(0.0, 1_500_000.0)),
    (102, "standard_deviations", Bytes),
    (103, "density_altitude_extended_m", Mapped(-900.0, 40_000.0)),
    (
        104,
        "sensor_height_ellipsoid_extended_m",
        Mapped(-900.0, 40_000.0),
    ),
    (
        105,
        "alternate_height_ellipsoid_extended_m",
        Mapped(-900.0, 40_000.0),
    ),
    (106, "stream_designator", Text),
    (107, "operational_base", Text),
    (108, "broadcast_source", Text),
    (109, "range_to_recovery_km", Mapped(0.0, 21_000.0)),
    (112, "platform_course_deg", Mapped(0.0, 360.0)),
    (113, "altitude_above_ground_m", Mapped(-900.0, 40_000.0)),
    (114, "radar_altimeter_m", Mapped(-900.0, 40_000.0)),
];

/// A mbar, pascals.
const MILLIBAR_PA: f64 = 100.0;

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

impl Set {
    /// Takes an item.
    pub(super) fn take(&mut self, tag: u32, bytes: &[u8]) {
        if tag == 74 {
            st0903::read(bytes, &mut self.sheet, &mut self.targets);
            return;
        }
        let known = TAGS.iter().find(|(known, ..)| *known == tag);
        let Some(&(_, name, kind)) = known else {
            self.sheet
                .set(&format!("tag_{tag}"), hexadecimal::text(bytes));
            return;
        };
        // An item without a value says "not known" (ST 0107.5, zero-length items).
        if bytes.is_empty() {
            self.sheet.set(name, Value::Null);
            return;
        }
        let Some(value) = value::read(kind, bytes) else {
            self.sheet
                .wrong(format!("`{name}` has {} bytes", bytes.len()));
            return;
        };
        let own = value.as_f64();
        match name.rsplit_once('_') {
            Some((base, "us")) => {
                let seconds = own.map(|micros| micros / 1e6);
                self.sheet
                    .converted((&format!("{base}_s"), seconds), (name, value));
            }
            Some((base, "pa")) => {
                let pascals = own.map(|mbar| mbar * MILLIBAR_PA);
                self.sheet
                    .converted((name, pascals), (&format!("{base}_mbar"), value));
            }
            Some((base, "km")) => {
                let metres = own.map(|km| km * 1000.0);
                self.sheet
                    .converted((&format!("{base}_m"), metres), (name, value));
            }
            _ => self.sheet.set(name, value),
        }
    }
}
