//! Applications of area code 1: the functions of the system (Rec. ITU-R M.1371-5, annex 5), those of
//! SN/Circ.236 that are still on the air, and those of SN.1/Circ.289 but for weather and areas.
//!
//! `application N` is the one of that number in the annex of SN.1/Circ.289.

use serde_json::{Map, Value};

use super::super::bits::{Bits, field};
use super::table::{
    DAY, DIRECTION, HOUR, Item, KNOTS, Kind, LAT, LON, METRES, MINUTE, MINUTES, MONTH, TONNES,
    above_zero, scale, spare,
};
use super::{Application, Form, Records, area, listed, plain, weather};
use Kind::{Degrees, Flag, Number, Or, RestText, Text};

/// The application of a function. Function 16 broadcast says how many are on board in 16 bits, and
/// targets in more (ITU-R M.1371-1).
pub(super) fn find(function: u8, form: Form) -> Option<&'static Application> {
    Some(match function {
        0 => &TEXT_TELEGRAM,
        2 => &INTERROGATION,
        3 => &CAPABILITY_INTERROGATION,
        5 => &ACKNOWLEDGEMENT,
        11 => &weather::FUNCTION_11,
        12 => &DANGEROUS_CARGO_236,
        13 => &FAIRWAY_CLOSED,
        14 => &TIDAL_WINDOW_236,
        15 => &AIR_DRAUGHT,
        16 if !form.addressed && form.bits >= TARGET_BITS => &TARGETS,
        16 | 40 => &PERSONS_ON_BOARD,
        17 => &TARGETS,
        18 => &CLEARANCE_TIME,
        19 => &TRAFFIC_SIGNAL,
        20 => &BERTHING,
        // The form with codes of the World Meteorological Organization begins with a 1.
        21 if !form.first => &weather::FUNCTION_21,
        22 | 23 => &area::NOTICE,
        24 => &EXTENDED_STATIC,
        25 => &DANGEROUS_CARGO,
        26 => &weather::FUNCTION_26,
        27 | 28 => &ROUTE,
        29 | 30 => &TEXT_DESCRIPTION,
        31 => &weather::FUNCTION_31,
        32 => &TIDAL_WINDOW,
        _ => return None,
    })
}

const LINKAGE: Item = ("linkage", 10, Or(0));
const PERSONS: Item = ("persons_on_board", 13, Or(0));

/// Function 0 (M.1371-5, annex 5, 5.1).
const TEXT_TELEGRAM: Application = plain(
    "text_telegram",
    &[
        ("acknowledgement_required", 1, Flag),
        ("text_sequence_number", 11, Number),
        ("text", 0, RestText),
    ],
);

/// Function 2 (M.1371-5, annex 5, 5.3).
const INTERROGATION: Application = plain(
    "interrogation_for_function",
    &[
        ("requested_area_code", 10, Number),
        ("requested_function", 6, Number),
    ],
);

/// Function 3 (M.1371-5, annex 5, 5.4).
const CAPABILITY_INTERROGATION: Application = plain(
    "capability_interrogation",
    &[("requested_area_code", 10, Number), spare(6)],
);

/// Function 5 (M.1371-5, annex 5, 5.6).
const ACKNOWLEDGEMENT: Application = plain(
    "application_acknowledgement",
    &[
        ("received_area_code", 10, Number),
        ("received_function", 6, Number),
        ("text_sequence_number", 11, Number),
        ("available", 1, Flag),
        ("response", 3, Number),
        spare(49),
    ],
);

/// Function 12 (SN/Circ.236, annex 2, application 2).
const DANGEROUS_CARGO_236: Application = plain(
    "dangerous_cargo_indication",
    &[
        ("last_port", 30, Text),
        ("departure_utc_month", 4, Or(0)),
        ("departure_utc_day", 5, Or(0)),
        ("departure_utc_hour", 5, Or(24)),
        ("departure_utc_minute", 6, Or(60)),
        ("next_port", 30, Text),
        ("arrival_utc_month", 4, Or(0)),
        ("arrival_utc_day", 5, Or(0)),
        ("arrival_utc_hour", 5, Or(24)),
        ("arrival_utc_minute", 6, Or(60)),
        ("main_dangerous_good", 120, Text),
        ("imd_category", 24, Text),
        ("un_number", 13, Or(0)),
        ("amount", 10, Or(0)),
        ("amount_unit", 2, Number),
        spare(3),
    ],
);

/// Function 13 (SN/Circ.236, annex 2, application 3).
const FAIRWAY_CLOSED: Application = plain(
    "fairway_closed",
    &[
        ("reason", 120, Text),
        ("location_from", 120, Text),
        ("location_to", 120, Text),
        ("radius", 10, Or(1001)),
        ("radius_unit", 2, Number),
        ("from_utc_day", 5, Or(0)),
        ("from_utc_month", 4, Or(0)),
        ("from_utc_hour", 5, Or(24)),
        ("from_utc_minute", 6, Or(60)),
        ("to_utc_day", 5, Or(0)),
        ("to_utc_month", 4, Or(0)),
        ("to_utc_hour", 5, Or(24)),
        ("to_utc_minute", 6, Or(60)),
        spare(4),
    ],
);

const FROM_HOUR: Item = ("from_utc_hour", 5, Or(24));
const FROM_MINUTE: Item = ("from_utc_minute", 6, Or(60));
const TO_HOUR: Item = ("to_utc_hour", 5, Or(24));
const TO_MINUTE: Item = ("to_utc_minute", 6, Or(60));

/// Codes of a coordinate per degree: 1/10,000 minute.
const FINE: f64 = 600_000.0;
const FINE_LON: Item = ("lon_deg", 28, Degrees(FINE, 180.0));
const FINE_LAT: Item = ("lat_deg", 27, Degrees(FINE, 90.0));

/// Function 14 (SN/Circ.236, annex 2, application 4).
const TIDAL_WINDOW_236: Application = listed(
    "tidal_window",
    &[MONTH, DAY],
    Records {
        name: "windows",
        bits: 93,
        most: 3,
        items: |_: &Bits, _| vec![OLD_WINDOW],
        written: |_: &Map<String, Value>| vec![OLD_WINDOW],
    },
);
const OLD_WINDOW: &[Item] = &[
    FINE_LAT,
    FINE_LON,
    FROM_HOUR,
    FROM_MINUTE,
    TO_HOUR,
    TO_MINUTE,
    ("current_direction", 9, DIRECTION),
    ("current_speed", 7, scale(0.1, KNOTS, 126, 127)),
];

/// Function 32 (application 3).
const TIDAL_WINDOW: Application = listed(
    "tidal_window",
    &[MONTH, DAY],
    Records {
        name: "windows",
        bits: 88,
        most: 3,
        items: |_: &Bits, _| vec![WINDOW],
        written: |_: &Map<String, Value>| vec![WINDOW],
    },
);
const WINDOW: &[Item] = &[
    LON,
    LAT,
    FROM_HOUR,
    FROM_MINUTE,
    TO_HOUR,
    TO_MINUTE,
    ("current_direction", 9, DIRECTION),
    ("current_speed", 8, scale(0.1, KNOTS, 251, 255)),
];

/// Function 15 (SN/Circ.236, annex 2, application 5).
const AIR_DRAUGHT: Application = plain(
    "extended_static_data",
    &[("air_draught", 11, above_zero(0.1, METRES, 2047)), spare(5)],
);

/// Function 16 (application 5) and 40 (ITU-R M.1371-1, annex 5).
const PERSONS_ON_BOARD: Application = plain("persons_on_board", &[PERSONS, spare(3)]);

/// Bits of one target.
const TARGET_BITS: usize = 120;

/// Function 17: targets that a vessel traffic service knows by other means (application 6).
const TARGETS: Application = listed(
    "vts_targets",
    &[],
    Records {
        name: "targets",
        bits: TARGET_BITS,
        most: 7,
        items: |bits: &Bits, at| target(bits.unsigned(field(at, 2))),
        written: |fields: &Map<String, Value>| {
            target(fields.get("identifier_type").and_then(Value::as_u64))
        },
    },
);

/// The fields of a target: its identifier is a number or text.
fn target(identifier: Option<u64>) -> Vec<&'static [Item]> {
    const KIND: Item = ("identifier_type", 2, Number);
    let named: &[Item] = match identifier {
        Some(0) => &[KIND, ("mmsi", 42, Or(0))],
        Some(1) => &[KIND, ("imo_number", 42, Or(0))],
        Some(2) => &[KIND, ("call_sign", 42, Text)],
        _ => &[KIND, ("identifier", 42, Text)],
    };
    const REST: &[Item] = &[
        spare(4),
        LAT,
        LON,
        ("course", 9, DIRECTION),
        ("utc_second", 6, Or(60)),
        ("speed", 8, scale(1.0, KNOTS, 254, 255)),
    ];
    vec![named, REST]
}

/// Function 18 (application 7).
const CLEARANCE_TIME: Application = plain(
    "clearance_time_to_enter_port",
    &[
        LINKAGE,
        MONTH,
        DAY,
        HOUR,
        MINUTE,
        ("port_and_berth", 120, Text),
        ("destination", 30, Text),
        LON,
        LAT,
        spare(43),
    ],
);

/// Function 19 (application 8).
const TRAFFIC_SIGNAL: Application = plain(
    "marine_traffic_signal",
    &[
        LINKAGE,
        ("station", 120, Text),
        LON,
        LAT,
        ("signal_status", 2, Or(0)),
        ("signal", 5, Or(0)),
        HOUR,
        MINUTE,
        ("next_signal", 5, Or(0)),
        spare(102),
    ],
);

const fn service(name: &'static str) -> Item {
    (name, 2, Number)
}

/// Function 20 (application 9).
const BERTHING: Application = plain(
    "berthing_data",
    &[
        LINKAGE,
        ("berth_length", 9, above_zero(1.0, METRES, 511)),
        ("berth_depth", 8, above_zero(0.1, METRES, 255)),
        ("mooring_position", 3, Or(0)),
        MONTH,
        DAY,
        HOUR,
        MINUTE,
        ("services_known", 1, Flag),
        service("agent"),
        service("bunker_fuel"),
        service("chandler"),
        service("stevedore"),
        service("electrical"),
        service("potable_water"),
        service("customs_house"),
        service("cartage"),
        service("crane"),
        service("lift"),
        service("medical_facilities"),
        service("navigation_repair"),
        service("provisions"),
        service("ship_repair"),
        service("surveyor"),
        service("steam"),
        service("tugs"),
        service("solid_waste_disposal"),
        service("liquid_waste_disposal"),
        service("hazardous_waste_disposal"),
        service("ballast_exchange"),
        service("additional_services"),
        service("regional_use_1"),
        service("regional_use_2"),
        service("reserved_1"),
        service("reserved_2"),
        ("berth_name", 120, Text),
        LON,
        LAT,
    ],
);

/// Function 24 (application 4). The air draught goes to 81.91 m in 13 bits, so its step is a
/// hundredth of a metre although the table writes a tenth.
const EXTENDED_STATIC: Application = plain(
    "extended_static_and_voyage_data",
    &[
        LINKAGE,
        ("air_draught", 13, above_zero(0.01, METRES, 8191)),
        ("last_port", 30, Text),
        ("next_port", 30, Text),
        ("second_next_port", 30, Text),
        service("ais_class_a"),
        service("automatic_tracking_aid"),
        service("bridge_navigational_watch_alarm"),
        service("ecdis_backup"),
        service("ecdis_paper_chart"),
        service("echo_sounder"),
        service("electronic_plotting_aid"),
        service("emergency_steering_gear"),
        service("gnss"),
        service("gyro_compass"),
        service("lrit"),
        service("magnetic_compass"),
        service("navtex"),
        service("radar_arpa"),
        service("radar_s_band"),
        service("radar_x_band"),
        service("radio_hf"),
        service("radio_inmarsat"),
        service("radio_mf"),
        service("radio_vhf"),
        service("speed_log_over_ground"),
        service("speed_log_through_water"),
        service("transmitting_heading_device"),
        service("track_control_system"),
        service("voyage_data_recorder"),
        spare(2),
        ("ice_class", 4, Or(15)),
        ("shaft_horsepower", 18, Or(262_143)),
        ("vhf_channel", 12, Or(0)),
        ("lloyds_ship_type", 42, Text),
        ("gross_tonnage", 18, Or(262_143)),
        ("laden", 2, Or(0)),
        ("heavy_fuel_oil", 2, Or(0)),
        ("light_fuel_oil", 2, Or(0)),
        ("diesel_oil", 2, Or(0)),
        ("bunker_oil", 14, scale(1.0, TONNES, 16_382, 16_383)),
        PERSONS,
        spare(10),
    ],
);

/// Function 25 (application 2).
const DANGEROUS_CARGO: Application = listed(
    "dangerous_cargo_indication",
    &[("amount_unit", 2, Or(0)), ("amount", 10, Or(0))],
    Records {
        name: "cargos",
        bits: 17,
        most: 28,
        items: |bits: &Bits, at| vec![cargo(bits.unsigned(field(at, 4)))],
        written: |fields: &Map<String, Value>| {
            vec![cargo(fields.get("cargo_code").and_then(Value::as_u64))]
        },
    },
);

/// What is said of a cargo under the code that it is carried by (application 2).
fn cargo(code: Option<u64>) -> &'static [Item] {
    use Kind::Spare;
    const CODE: Item = ("cargo_code", 4, Or(0));
    match code {
        Some(1) => &[CODE, ("imdg_class", 7, Or(0)), ("", 6, Spare)],
        Some(2) => &[CODE, ("un_number", 13, Or(0))],
        Some(3) => &[
            CODE,
            ("bc_class", 3, Or(0)),
            ("imdg_class", 7, Or(0)),
            ("", 3, Spare),
        ],
        Some(4) => &[CODE, ("marpol_1_oil", 4, Or(0)), ("", 9, Spare)],
        Some(5) => &[CODE, ("marpol_2_category", 3, Or(0)), ("", 10, Spare)],
        _ => &[CODE, ("cargo_bits", 13, Number)],
    }
}

/// Functions 27, broadcast, and 28, addressed (application 13).
const ROUTE: Application = listed(
    "route_information",
    &[
        LINKAGE,
        ("sender_type", 3, Number),
        ("route_type", 5, Or(0)),
        MONTH,
        DAY,
        HOUR,
        MINUTE,
        ("duration", 18, scale(1.0, MINUTES, 262_142, 262_143)),
        ("waypoint_count", 5, Or(0)),
    ],
    Records {
        name: "waypoints",
        bits: 55,
        most: 16,
        items: |_: &Bits, _| vec![WAYPOINT],
        written: |_: &Map<String, Value>| vec![WAYPOINT],
    },
);
const WAYPOINT: &[Item] = &[FINE_LON, FINE_LAT];

/// Functions 29, broadcast, and 30, addressed (application 14).
const TEXT_DESCRIPTION: Application = plain("text_description", &[LINKAGE, ("text", 0, RestText)]);
