//! Weather and water: meteorological and hydrological data as SN/Circ.236 (function 11) and as
//! SN.1/Circ.289 (31) has them, observations of ships (21), and reports of sensors (26).
//!
//! `application N` is the one of that number in the annex of SN.1/Circ.289.

use serde_json::{Map, Value};

use super::super::bits::field;
use super::table::{
    CELSIUS, DAY, DECIBARS, DEGREES, DIRECTION, HECTOPASCALS, HOUR, Item, KNOTS, Kind, LAT, LON,
    METRES, MILLISIEMENS_CM, MINUTE, MINUTES, NAUTICAL_MILES, PER_MILLE, PERCENT, SECONDS,
    above_zero, from, scale, signed, spare,
};
use super::{Application, Records, listed, plain};
use Kind::{Degrees, Flag, Number, Or, Text};

/// A direction, 511 for "not available" (SN/Circ.236).
const DIRECTION_236: Kind = scale(1.0, DEGREES, 359, 511);
/// Knots of wind, 126 for that and more.
const WIND: Kind = scale(1.0, KNOTS, 126, 127);
/// Tenths of a knot of current, 251 for that and more.
const CURRENT: Kind = scale(0.1, KNOTS, 251, 255);
/// Metres below the surface.
const DEPTH: Kind = scale(1.0, METRES, 30, 31);
/// Tenths of a metre of waves, 251 for that and more.
const WAVES: Kind = scale(0.1, METRES, 251, 255);
/// Seconds between waves.
const PERIOD: Kind = scale(1.0, SECONDS, 60, 63);
/// Relative humidity; 101 and 127 are both "not available".
const HUMIDITY: Kind = scale(1.0, PERCENT, 100, 101);
/// Force of Beaufort.
const SEA_STATE: Item = ("sea_state_beaufort", 4, Or(13));
const PRECIPITATION: Item = ("precipitation_type", 3, Or(7));
const ICE: Item = ("ice", 2, Or(3));
const AIR: Item = (
    "air_temperature",
    11,
    signed(0.1, CELSIUS, (-600, 600), -1024),
);
const DEW: Item = ("dew_point", 10, signed(0.1, CELSIUS, (-200, 500), 501));
const WATER: Item = (
    "water_temperature",
    10,
    signed(0.1, CELSIUS, (-100, 500), 501),
);
/// 0 is 799 hPa or less, 402 is 1,201 hPa or more.
const PRESSURE: Item = (
    "air_pressure",
    9,
    from((1.0, 799.0), HECTOPASCALS, 402, 511),
);
const TENDENCY: Item = ("air_pressure_tendency", 2, Or(3));
const SALINITY: Item = ("salinity", 9, scale(0.1, PER_MILLE, 501, 510));
const LEVEL_TREND: Item = ("water_level_trend", 2, Or(3));
const WIND_SPEED: Item = ("wind_speed", 7, WIND);
const WIND_GUST: Item = ("wind_gust", 7, WIND);

/// Meteorological and hydrological data (SN/Circ.236, annex 2, application 1).
const MET_HYDRO_236: &[Item] = &[
    LAT,
    LON,
    ("utc_day", 5, Or(31)),
    ("utc_hour", 5, Or(31)),
    ("utc_minute", 6, Or(63)),
    ("wind_speed", 7, scale(1.0, KNOTS, 120, 127)),
    ("wind_gust", 7, scale(1.0, KNOTS, 120, 127)),
    ("wind_direction", 9, DIRECTION_236),
    ("wind_gust_direction", 9, DIRECTION_236),
    (
        "air_temperature",
        11,
        from((0.1, -60.0), CELSIUS, 1200, 2047),
    ),
    ("humidity", 7, scale(1.0, PERCENT, 100, 127)),
    ("dew_point", 10, from((0.1, -20.0), CELSIUS, 700, 1023)),
    (
        "air_pressure",
        9,
        from((1.0, 800.0), HECTOPASCALS, 400, 511),
    ),
    TENDENCY,
    ("visibility", 8, scale(0.1, NAUTICAL_MILES, 250, 255)),
    ("water_level", 9, from((0.1, -10.0), METRES, 400, 511)),
    LEVEL_TREND,
    ("current_speed", 8, scale(0.1, KNOTS, 250, 255)),
    ("current_direction", 9, DIRECTION_236),
    ("current_2_speed", 8, scale(0.1, KNOTS, 250, 255)),
    ("current_2_direction", 9, DIRECTION_236),
    ("current_2_depth", 5, DEPTH),
    ("current_3_speed", 8, scale(0.1, KNOTS, 250, 255)),
    ("current_3_direction", 9, DIRECTION_236),
    ("current_3_depth", 5, DEPTH),
    ("wave_height", 8, scale(0.1, METRES, 250, 255)),
    ("wave_period", 6, PERIOD),
    ("wave_direction", 9, DIRECTION_236),
    ("swell_height", 8, scale(0.1, METRES, 250, 255)),
    ("swell_period", 6, PERIOD),
    ("swell_direction", 9, DIRECTION_236),
    ("sea_state_beaufort", 4, Or(15)),
    (
        "water_temperature",
        10,
        from((0.1, -10.0), CELSIUS, 600, 1023),
    ),
    PRECIPITATION,
    ("salinity", 9, scale(0.1, PER_MILLE, 500, 511)),
    ICE,
    spare(6),
];

pub(super) const FUNCTION_11: Application =
    plain("meteorological_and_hydrological_data", MET_HYDRO_236);

/// Meteorological and hydrographic data (application 1).
const MET_HYDRO: &[Item] = &[
    LON,
    LAT,
    ("position_accuracy", 1, Flag),
    DAY,
    HOUR,
    MINUTE,
    WIND_SPEED,
    WIND_GUST,
    ("wind_direction", 9, DIRECTION),
    ("wind_gust_direction", 9, DIRECTION),
    AIR,
    ("humidity", 7, HUMIDITY),
    DEW,
    PRESSURE,
    TENDENCY,
    ("visibility_beyond_range", 1, Flag),
    ("visibility", 7, scale(0.1, NAUTICAL_MILES, 126, 127)),
    ("water_level", 12, from((0.01, -10.0), METRES, 4000, 4001)),
    LEVEL_TREND,
    ("current_speed", 8, CURRENT),
    ("current_direction", 9, DIRECTION),
    ("current_2_speed", 8, CURRENT),
    ("current_2_direction", 9, DIRECTION),
    ("current_2_depth", 5, DEPTH),
    ("current_3_speed", 8, CURRENT),
    ("current_3_direction", 9, DIRECTION),
    ("current_3_depth", 5, DEPTH),
    ("wave_height", 8, WAVES),
    ("wave_period", 6, PERIOD),
    ("wave_direction", 9, DIRECTION),
    ("swell_height", 8, WAVES),
    ("swell_period", 6, PERIOD),
    ("swell_direction", 9, DIRECTION),
    SEA_STATE,
    WATER,
    PRECIPITATION,
    SALINITY,
    ICE,
    spare(10),
];

pub(super) const FUNCTION_31: Application =
    plain("meteorological_and_hydrographic_data", MET_HYDRO);

/// Weather observation report from a ship, the form without codes of the World Meteorological
/// Organization (application 10).
const SHIP_WEATHER: &[Item] = &[
    ("wmo_codes", 1, Flag),
    ("location_name", 120, Text),
    LON,
    LAT,
    DAY,
    HOUR,
    MINUTE,
    ("present_weather", 4, Or(8)),
    ("visibility_beyond_range", 1, Flag),
    ("visibility", 7, scale(0.1, NAUTICAL_MILES, 126, 127)),
    ("humidity", 7, HUMIDITY),
    WIND_SPEED,
    ("wind_direction", 9, DIRECTION),
    PRESSURE,
    ("air_pressure_tendency", 4, Or(15)),
    AIR,
    WATER,
    ("wave_period", 6, PERIOD),
    ("wave_height", 8, WAVES),
    ("wave_direction", 9, DIRECTION),
    ("swell_height", 8, WAVES),
    ("swell_direction", 9, DIRECTION),
    ("swell_period", 6, PERIOD),
    spare(3),
];

pub(super) const FUNCTION_21: Application = plain("weather_observation_of_ship", SHIP_WEATHER);

/// Reports of sensors (application 12): each has 112 bits, of which four say what it is.
pub(super) const FUNCTION_26: Application = listed(
    "environmental",
    &[],
    Records {
        name: "reports",
        bits: 112,
        most: 8,
        items: |bits, at| sensor_report(bits.unsigned(field(at, 4))),
        written: |fields: &Map<String, Value>| {
            sensor_report(fields.get("report_type").and_then(Value::as_u64))
        },
    },
);

/// What every sensor's report begins with (application 12).
const REPORT: &[Item] = &[
    ("report_type", 4, Number),
    DAY,
    HOUR,
    MINUTE,
    ("site", 7, Number),
];

/// What the report of a kind of sensor says (application 12).
fn sensor_report(kind: Option<u64>) -> Vec<&'static [Item]> {
    let own: &[Item] = match kind {
        Some(0) => SITE,
        Some(1) => STATION,
        Some(2) => SENSED_WIND,
        Some(3) => WATER_LEVEL,
        Some(4) => CURRENTS,
        Some(5) => CURRENTS_IN_SPACE,
        Some(6) => CURRENTS_AROUND,
        Some(7) => SEA,
        Some(8) => SALT,
        Some(9) => WEATHER,
        Some(10) => AIR_GAP,
        _ => &[],
    };
    vec![REPORT, own]
}

const KIND_OF_SENSOR: Item = ("sensor_type", 3, Number);
const FORECAST_DAY: Item = ("forecast_utc_day", 5, Or(0));
const FORECAST_HOUR: Item = ("forecast_utc_hour", 5, Or(24));
const FORECAST_MINUTE: Item = ("forecast_utc_minute", 6, Or(60));
const FORECAST_LASTS: Item = ("forecast_duration", 8, scale(1.0, MINUTES, 254, 255));

const SITE: &[Item] = &[
    ("lon_deg", 28, Degrees(600_000.0, 180.0)),
    ("lat_deg", 27, Degrees(600_000.0, 90.0)),
    ("altitude", 11, scale(0.1, METRES, 2001, 2002)),
    ("owner", 4, Number),
    ("timeout_code", 3, Number),
    spare(12),
];

const STATION: &[Item] = &[("name", 84, Text), spare(1)];

const SENSED_WIND: &[Item] = &[
    ("wind_speed", 7, scale(1.0, KNOTS, 122, 127)),
    ("wind_gust", 7, scale(1.0, KNOTS, 122, 127)),
    ("wind_direction", 9, DIRECTION),
    ("wind_gust_direction", 9, DIRECTION),
    KIND_OF_SENSOR,
    ("forecast_wind_speed", 7, scale(1.0, KNOTS, 122, 127)),
    ("forecast_wind_gust", 7, scale(1.0, KNOTS, 122, 127)),
    ("forecast_wind_direction", 9, DIRECTION),
    FORECAST_DAY,
    FORECAST_HOUR,
    FORECAST_MINUTE,
    FORECAST_LASTS,
    spare(3),
];

/// Hundredths of a metre, -327.67 to 327.67 m.
const LEVEL: Kind = signed(0.01, METRES, (-32_767, 32_767), -32_768);

const WATER_LEVEL: &[Item] = &[
    ("water_level_type", 1, Number),
    ("water_level", 16, LEVEL),
    LEVEL_TREND,
    ("vertical_datum", 5, Or(14)),
    KIND_OF_SENSOR,
    ("forecast_water_level_type", 1, Number),
    ("forecast_water_level", 16, LEVEL),
    FORECAST_DAY,
    FORECAST_HOUR,
    FORECAST_MINUTE,
    FORECAST_LASTS,
    spare(17),
];

/// Tenths of a knot, 246 for that and more.
const SENSED_CURRENT: Kind = scale(0.1, KNOTS, 246, 247);
/// Metres, 361 for that and more.
const SENSED_DEPTH: Kind = scale(1.0, METRES, 361, 362);

const CURRENTS: &[Item] = &[
    ("current_1_speed", 8, SENSED_CURRENT),
    ("current_1_direction", 9, DIRECTION),
    ("current_1_depth", 9, SENSED_DEPTH),
    ("current_2_speed", 8, SENSED_CURRENT),
    ("current_2_direction", 9, DIRECTION),
    ("current_2_depth", 9, SENSED_DEPTH),
    ("current_3_speed", 8, SENSED_CURRENT),
    ("current_3_direction", 9, DIRECTION),
    ("current_3_depth", 9, SENSED_DEPTH),
    KIND_OF_SENSOR,
    spare(4),
];

const CURRENTS_IN_SPACE: &[Item] = &[
    ("current_1_north", 8, SENSED_CURRENT),
    ("current_1_east", 8, SENSED_CURRENT),
    ("current_1_up", 8, SENSED_CURRENT),
    ("current_1_depth", 9, SENSED_DEPTH),
    ("current_2_north", 8, SENSED_CURRENT),
    ("current_2_east", 8, SENSED_CURRENT),
    ("current_2_up", 8, SENSED_CURRENT),
    ("current_2_depth", 9, SENSED_DEPTH),
    KIND_OF_SENSOR,
    spare(16),
];

const CURRENTS_AROUND: &[Item] = &[
    ("current_1_bearing", 9, DIRECTION),
    ("current_1_distance", 7, scale(1.0, METRES, 121, 122)),
    ("current_1_speed", 8, SENSED_CURRENT),
    ("current_1_direction", 9, DIRECTION),
    ("current_1_depth", 9, SENSED_DEPTH),
    ("current_2_bearing", 9, DIRECTION),
    ("current_2_distance", 7, scale(1.0, METRES, 121, 122)),
    ("current_2_speed", 8, SENSED_CURRENT),
    ("current_2_direction", 9, DIRECTION),
    ("current_2_depth", 9, SENSED_DEPTH),
    spare(1),
];

/// Tenths of a metre, 246 for that and more.
const SENSED_WAVES: Kind = scale(0.1, METRES, 246, 247);

const SEA: &[Item] = &[
    ("swell_height", 8, SENSED_WAVES),
    ("swell_period", 6, scale(1.0, SECONDS, 60, 61)),
    ("swell_direction", 9, DIRECTION),
    SEA_STATE,
    ("swell_sensor_type", 3, Number),
    (
        "water_temperature",
        10,
        signed(0.1, CELSIUS, (-100, 500), 501),
    ),
    ("water_temperature_depth", 7, scale(0.1, METRES, 121, 122)),
    ("water_temperature_sensor_type", 3, Number),
    ("wave_height", 8, SENSED_WAVES),
    ("wave_period", 6, scale(1.0, SECONDS, 60, 61)),
    ("wave_direction", 9, DIRECTION),
    ("wave_sensor_type", 3, Number),
    ("salinity", 9, scale(0.1, PER_MILLE, 501, 502)),
];

const SALT: &[Item] = &[
    (
        "water_temperature",
        10,
        signed(0.1, CELSIUS, (-100, 500), 501),
    ),
    ("conductivity", 10, scale(0.1, MILLISIEMENS_CM, 701, 702)),
    ("water_pressure", 16, scale(0.1, DECIBARS, 60_001, 60_002)),
    ("salinity", 9, scale(0.1, PER_MILLE, 501, 502)),
    ("salinity_type", 2, Number),
    KIND_OF_SENSOR,
    spare(35),
];

const WEATHER: &[Item] = &[
    AIR,
    ("air_temperature_sensor_type", 3, Number),
    ("precipitation_type", 2, Or(3)),
    ("visibility", 8, scale(0.1, NAUTICAL_MILES, 241, 242)),
    DEW,
    ("dew_point_sensor_type", 3, Number),
    (
        "air_pressure",
        9,
        from((1.0, 799.0), HECTOPASCALS, 402, 403),
    ),
    TENDENCY,
    ("air_pressure_sensor_type", 3, Number),
    ("salinity", 9, scale(0.1, PER_MILLE, 501, 502)),
    spare(25),
];

const AIR_GAP: &[Item] = &[
    ("air_draught", 13, above_zero(0.01, METRES, 8191)),
    ("air_gap", 13, above_zero(0.01, METRES, 8191)),
    ("air_gap_trend", 2, Or(3)),
    ("forecast_air_gap", 13, above_zero(0.01, METRES, 8191)),
    FORECAST_DAY,
    FORECAST_HOUR,
    FORECAST_MINUTE,
    spare(28),
];
