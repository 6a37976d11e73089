//! Applications of inland navigation, area code 200: the standard for vessel tracking and tracing
//! (UNECE resolution 63, ECE/TRANS/SC.3/176; CESNI ES-RIS, part II), inland-specific messages.
//!
//! A sign is a bit of its own there: 0 is negative, 1 is positive.

use serde_json::{Map, Value};

use super::super::bits::Bits;
use super::table::{
    DAY, DIRECTION, HOUR, Item, Kind, METRES, MINUTE, MONTH, Scale, Sign, UNITLESS, Unit,
    above_zero, spare,
};
use super::{Application, Records, listed, plain};
use Kind::{Degrees, Flag, Number, Or, Text};

/// The application of a function.
pub(super) fn find(function: u8) -> Option<&'static Application> {
    Some(match function {
        10 => &STATIC,
        21 => &ARRIVAL,
        22 => &REQUESTED_ARRIVAL,
        23 => &WARNING,
        24 => &WATER_LEVEL,
        40 => &SIGNAL,
        55 => &PERSONS,
        _ => return None,
    })
}

/// Function 10: static and voyage data of an inland ship.
const STATIC: Application = plain(
    "inland_static_and_voyage_data",
    &[
        ("european_number", 48, Text),
        ("length", 13, above_zero(0.1, METRES, 8000)),
        ("beam", 10, above_zero(0.1, METRES, 1000)),
        ("eri_ship_type", 14, Or(0)),
        ("blue_cones", 3, Or(5)),
        ("draught", 11, above_zero(0.01, METRES, 2000)),
        ("loaded", 2, Or(0)),
        ("speed_quality", 1, Flag),
        ("course_quality", 1, Flag),
        ("heading_quality", 1, Flag),
        spare(8),
    ],
);

const COUNTRY: Item = ("country", 12, Text);
const LOCATION: Item = ("location_code", 18, Text);
const SECTION: Item = ("fairway_section", 30, Text);
const TERMINAL: Item = ("terminal_code", 30, Text);
const HECTOMETRE: Item = ("fairway_hectometre", 30, Text);

/// Function 21: estimated arrival at a lock, bridge or terminal.
const ARRIVAL: Application = plain(
    "inland_estimated_arrival",
    &[
        COUNTRY,
        LOCATION,
        SECTION,
        TERMINAL,
        HECTOMETRE,
        MONTH,
        DAY,
        HOUR,
        MINUTE,
        ("tugboats", 3, Or(7)),
        ("air_draught", 12, above_zero(0.01, METRES, 4000)),
        spare(5),
    ],
);

/// Function 22: the arrival that a lock, bridge or terminal asks for.
const REQUESTED_ARRIVAL: Application = plain(
    "inland_requested_arrival",
    &[
        COUNTRY,
        LOCATION,
        SECTION,
        TERMINAL,
        HECTOMETRE,
        MONTH,
        DAY,
        HOUR,
        MINUTE,
        ("lock_status", 2, Number),
        spare(2),
    ],
);

/// A number whose first bit says that it is positive: step, unit, size, "not available".
const fn first_bit(step: f64, unit: Unit, most: i64, none: i64) -> Kind {
    Kind::Scale(Scale {
        sign: Sign::FirstBitPositive,
        step,
        offset: 0.0,
        unit,
        known: (-most, most),
        none,
    })
}

/// A warning's least or largest value, in the unit of its kind.
const fn extreme(name: &'static str) -> Item {
    (name, 9, first_bit(1.0, UNITLESS, 254, 255))
}

/// Codes of a coordinate per degree: 1/10,000 minute.
const FINE: f64 = 600_000.0;

/// Function 23: a warning of the European meteorological services.
const WARNING: Application = plain(
    "inland_weather_warning",
    &[
        ("start_utc_year_since_2000", 8, Or(0)),
        ("start_utc_month", 4, Or(0)),
        ("start_utc_day", 5, Or(0)),
        ("end_utc_year_since_2000", 8, Or(0)),
        ("end_utc_month", 4, Or(0)),
        ("end_utc_day", 5, Or(0)),
        ("start_utc_hour", 5, Or(24)),
        ("start_utc_minute", 6, Or(60)),
        ("end_utc_hour", 5, Or(24)),
        ("end_utc_minute", 6, Or(60)),
        ("start_lon_deg", 28, Degrees(FINE, 180.0)),
        ("start_lat_deg", 27, Degrees(FINE, 90.0)),
        ("end_lon_deg", 28, Degrees(FINE, 180.0)),
        ("end_lat_deg", 27, Degrees(FINE, 90.0)),
        ("warning_type", 4, Or(0)),
        extreme("value_min"),
        extreme("value_max"),
        ("classification", 2, Or(0)),
        ("wind_from", 4, Or(0)),
        spare(6),
    ],
);

/// Function 24: water levels at up to four gauges, against the gauge's reference.
const WATER_LEVEL: Application = listed(
    "inland_water_levels",
    &[COUNTRY],
    Records {
        name: "gauges",
        bits: 25,
        most: 4,
        items: |_: &Bits, _| vec![GAUGE],
        written: |_: &Map<String, Value>| vec![GAUGE],
    },
);
const GAUGE: &[Item] = &[
    ("gauge", 11, Or(0)),
    ("water_level", 14, first_bit(0.01, METRES, 8191, 0)),
];

/// Function 40: the lights of a signal.
const SIGNAL: Application = plain(
    "inland_signal_status",
    &[
        ("lon_deg", 28, Degrees(FINE, 180.0)),
        ("lat_deg", 27, Degrees(FINE, 90.0)),
        ("signal_form", 4, Or(0)),
        ("orientation", 9, DIRECTION),
        ("direction_of_impact", 3, Or(0)),
        ("light_status", 30, Number),
        spare(11),
    ],
);

/// Function 55: persons on board. Spare bits differ between broadcast and addressed messages.
const PERSONS: Application = plain(
    "inland_persons_on_board",
    &[
        ("crew", 8, Or(255)),
        ("passengers", 13, Or(8191)),
        ("shipboard_personnel", 8, Or(255)),
        spare(51),
    ],
);
