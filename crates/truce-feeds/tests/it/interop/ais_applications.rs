//! Applications of AIS binary messages against pyais 3.3 and libais 0.17: every field that they open.

use serde_json::Value;

use super::ais::{LIBAIS, PYAIS, Payload, Same, asked, ours};
use super::peer::{Seeded, Tally};

/// An application as a peer shows it.
struct Shown {
    message_type: u8,
    area_code: u64,
    function: u64,
    /// Bits behind the application identifier.
    bits: usize,
    fields: &'static [Same],
    /// A list of the peer, ours, and the fields of what is in it.
    list: Option<(&'static str, &'static str, &'static [Same])>,
}

/// Messages of each application in the corpus.
const EACH: usize = 60;

fn payload(random: &mut Seeded, shown: &Shown) -> Payload {
    let start = if shown.message_type == 6 { 72 } else { 40 };
    let length = start + 16 + shown.bits;
    let mut bits: Vec<bool> = (0..length).map(|_| random.next() & 1 == 1).collect();
    let mut set = |start: usize, count: usize, value: u64| {
        for index in 0..count {
            bits[start + index] = value >> (count - 1 - index) & 1 == 1;
        }
    };
    set(0, 6, u64::from(shown.message_type));
    set(8, 30, 100_000_000 + random.below(800_000_000));
    set(start, 10, shown.area_code);
    set(start + 10, 6, shown.function);
    match (shown.area_code, shown.function) {
        // The form with codes of the World Meteorological Organization is not read by pyais.
        (1, 21) => set(start + 16, 1, 0),
        // Shapes that are defined: a circle, then any but those that are reserved.
        (1, 22 | 23) => {
            for area in 0..(shown.bits - 55) / 87 {
                set(start + 71 + 87 * area, 3, random.below(6));
            }
        }
        (1, 26) => {
            for report in 0..shown.bits / 112 {
                set(start + 16 + 112 * report, 4, random.below(11));
            }
        }
        _ => {}
    }
    Payload::of(bits)
}

/// Our value of a field: the sensor's own where it was converted. Names with a dot are coordinates
/// whatever they are.
fn value(fields: &Value, name: &str) -> Option<Value> {
    let given = |name: &str| fields.get("given").and_then(|given| given.get(name));
    match name.strip_prefix('.') {
        Some(coordinate) => Some(Value::from(given(coordinate)?.as_f64()? / 60.0)),
        None => given(name).or_else(|| fields.get(name)).cloned(),
    }
}

fn hold(fields: &[Same], ours: &Value, theirs: &Value, about: &str, tally: &mut Tally) {
    for (name, own, unknown) in fields {
        let Some(expected) = theirs.get(name) else {
            continue;
        };
        // What a list's record of another kind does not have is not compared.
        let Some(got) = value(ours, own) else {
            continue;
        };
        let got = match (&got, unknown) {
            (Value::Null, Some(code)) => Value::from(*code),
            _ => got,
        };
        tally.hold(
            &format!("{about} {name}"),
            &got,
            expected,
            1e-5,
            &theirs.to_string(),
        );
    }
}

fn compare(shown: &[Shown], script: &str, seed: u64) -> Option<Tally> {
    let mut random = Seeded::of(seed);
    let mut tally = Tally::default();
    for shown in shown {
        let corpus: Vec<Payload> = (0..EACH).map(|_| payload(&mut random, shown)).collect();
        let answers = asked(script, &corpus)?;
        let about = format!(
            "{}/{}/{}",
            shown.message_type, shown.area_code, shown.function
        );
        let before = tally.fields;
        for (sheet, answer) in ours(&corpus).iter().zip(&answers) {
            if answer.get("error").is_some() {
                continue;
            }
            let application: &Value = sheet.fields.get("application").unwrap();
            hold(shown.fields, application, answer, &about, &mut tally);
            let Some((theirs, own, fields)) = shown.list else {
                continue;
            };
            let theirs = answer.get(theirs).and_then(Value::as_array);
            let own = application.get(own).and_then(Value::as_array);
            for (theirs, own) in theirs.into_iter().flatten().zip(own.into_iter().flatten()) {
                hold(fields, own, theirs, &about, &mut tally);
            }
        }
        assert!(tally.fields > before, "{about}: nothing was compared");
    }
    Some(tally)
}

#[test]
#[ignore = "needs python3 with pyais 3.3"]
fn interop_applications_agree_with_pyais() {
    if let Some(tally) = compare(PYAIS_SHOWS, PYAIS, 31) {
        tally.settle("pyais", PYAIS_DIFFERS);
    }
}

#[test]
#[ignore = "needs python3 with libais 0.17"]
fn interop_applications_agree_with_libais() {
    if let Some(tally) = compare(LIBAIS_SHOWS, LIBAIS, 32) {
        tally.settle("libais", LIBAIS_DIFFERS);
    }
}

const fn shown(
    (message_type, area_code, function): (u8, u64, u64),
    bits: usize,
    fields: &'static [Same],
) -> Shown {
    Shown {
        message_type,
        area_code,
        function,
        bits,
        fields,
        list: None,
    }
}

const fn listed(
    shown: Shown,
    theirs: &'static str,
    ours: &'static str,
    fields: &'static [Same],
) -> Shown {
    Shown {
        list: Some((theirs, ours, fields)),
        ..shown
    }
}

const PYAIS_SHOWS: &[Shown] = &[
    shown((8, 1, 0), 96, TEXT),
    shown((8, 1, 11), 296, WEATHER),
    listed(shown((8, 1, 16), 240, &[]), "targets", "targets", TARGET),
    listed(shown((8, 1, 17), 360, &[]), "targets", "targets", TARGET),
    shown((8, 1, 19), 304, SIGNAL),
    shown((8, 1, 20), 272, BERTH),
    shown((8, 1, 21), 304, WEATHER),
    listed(shown((8, 1, 22), 403, NOTICE), "sub_areas", "areas", AREA),
    shown((8, 1, 24), 304, STATIC),
    listed(shown((8, 1, 26), 560, &[]), "reports", "reports", REPORT),
    listed(
        shown((8, 1, 27), 446, ROUTE),
        "waypoints",
        "waypoints",
        POINT,
    ),
    shown((8, 1, 29), 100, TEXT),
    shown((8, 1, 31), 304, WEATHER),
    shown((8, 200, 10), 112, INLAND),
    shown((8, 200, 23), 200, WARNING),
    shown((8, 200, 24), 112, GAUGES),
    shown((8, 200, 40), 112, LIGHTS),
    shown((6, 1, 16), 48, PERSONS),
    shown((6, 1, 18), 272, CLEARANCE),
    shown((6, 1, 20), 272, BERTH),
    listed(shown((6, 1, 23), 403, NOTICE), "sub_areas", "areas", AREA),
    listed(shown((6, 1, 25), 114, CARGO), "cargos", "cargos", CARGOS),
];

const PERSONS: &[Same] = &[("persons", "persons_on_board", Some(0.0))];
const TEXT: &[Same] = &[
    ("ack_required", "acknowledgement_required", None),
    ("text_sequence", "text_sequence_number", None),
    ("text", "text", None),
    ("linkage", "linkage", Some(0.0)),
    ("description", "text", None),
];
const TARGET: &[Same] = &[
    ("id_type", "identifier_type", None),
    ("lat", ".lat_min", None),
    ("lon", ".lon_min", None),
    ("course", "course_deg", None),
    ("second", "utc_second", Some(60.0)),
    ("speed", "speed_kn", None),
];
const SIGNAL: &[Same] = &[
    ("linkage", "linkage", Some(0.0)),
    ("station", "station", None),
    ("lon", ".lon_min", None),
    ("lat", ".lat_min", None),
    ("status", "signal_status", Some(0.0)),
    ("signal", "signal", Some(0.0)),
    ("hour", "utc_hour", Some(24.0)),
    ("minute", "utc_minute", Some(60.0)),
    ("nextsignal", "next_signal", Some(0.0)),
];
const CLEARANCE: &[Same] = &[
    ("linkage", "linkage", Some(0.0)),
    ("month", "utc_month", Some(0.0)),
    ("day", "utc_day", Some(0.0)),
    ("hour", "utc_hour", Some(24.0)),
    ("minute", "utc_minute", Some(60.0)),
    ("port_name", "port_and_berth", None),
    ("destination", "destination", None),
    ("lon", ".lon_min", None),
    ("lat", ".lat_min", None),
];
const BERTH: &[Same] = &[
    ("linkage", "linkage", Some(0.0)),
    ("berth_length", "berth_length_m", None),
    ("berth_depth", "berth_depth_m", None),
    ("position", "mooring_position", Some(0.0)),
    ("month", "utc_month", Some(0.0)),
    ("day", "utc_day", Some(0.0)),
    ("hour", "utc_hour", Some(24.0)),
    ("minute", "utc_minute", Some(60.0)),
    ("availability", "services_known", None),
    ("agent", "agent", None),
    ("fuel", "bunker_fuel", None),
    ("chandler", "chandler", None),
    ("stevedore", "stevedore", None),
    ("electrical", "electrical", None),
    ("water", "potable_water", None),
    ("customs", "customs_house", None),
    ("cartage", "cartage", None),
    ("crane", "crane", None),
    ("lift", "lift", None),
    ("medical", "medical_facilities", None),
    ("navrepair", "navigation_repair", None),
    ("provisions", "provisions", None),
    ("shiprepair", "ship_repair", None),
    ("surveyor", "surveyor", None),
    ("steam", "steam", None),
    ("tugs", "tugs", None),
    ("solidwaste", "solid_waste_disposal", None),
    ("liquidwaste", "liquid_waste_disposal", None),
    ("hazardouswaste", "hazardous_waste_disposal", None),
    ("ballast", "ballast_exchange", None),
    ("additional", "additional_services", None),
    ("regional1", "regional_use_1", None),
    ("regional2", "regional_use_2", None),
    ("future1", "reserved_1", None),
    ("future2", "reserved_2", None),
    ("berth_name", "berth_name", None),
    ("berth_lon", ".lon_min", None),
    ("berth_lat", ".lat_min", None),
];
/// What functions 11, 21 and 31 have of these.
const WEATHER: &[Same] = &[
    ("location", "location_name", None),
    ("lat", ".lat_min", None),
    ("lon", ".lon_min", None),
    ("accuracy", "position_accuracy", None),
    ("weather", "present_weather", Some(8.0)),
    ("wspeed", "wind_speed_kn", None),
    ("wgust", "wind_gust_kn", None),
    ("wdir", "wind_direction_deg", None),
    ("wgustdir", "wind_gust_direction_deg", None),
    ("airtemp", "air_temperature_c", None),
    ("humidity", "humidity_percent", None),
    ("dewpoint", "dew_point_c", None),
    ("pressure", "air_pressure_hpa", None),
    ("visgreater", "visibility_beyond_range", None),
    ("vislimit", "visibility_beyond_range", None),
    ("visibility", "visibility_nmi", None),
    ("waterlevel", "water_level_m", None),
    ("leveltrend", "water_level_trend", Some(3.0)),
    ("cspeed", "current_speed_kn", None),
    ("cdir", "current_direction_deg", None),
    ("cspeed2", "current_2_speed_kn", None),
    ("cdir2", "current_2_direction_deg", None),
    ("cdepth2", "current_2_depth_m", None),
    ("cspeed3", "current_3_speed_kn", None),
    ("cdir3", "current_3_direction_deg", None),
    ("cdepth3", "current_3_depth_m", None),
    ("waveheight", "wave_height_m", None),
    ("waveperiod", "wave_period_s", None),
    ("wavedir", "wave_direction_deg", None),
    ("swellheight", "swell_height_m", None),
    ("swellperiod", "swell_period_s", None),
    ("swelldir", "swell_direction_deg", None),
    ("watertemp", "water_temperature_c", None),
    ("preciptype", "precipitation_type", Some(7.0)),
    ("salinity", "salinity_per_mille", None),
    ("ice", "ice", Some(3.0)),
];
const NOTICE: &[Same] = &[
    ("linkage", "linkage", Some(0.0)),
    ("notice", "notice", Some(127.0)),
    ("month", "utc_month", Some(0.0)),
    ("day", "utc_day", Some(0.0)),
    ("hour", "utc_hour", Some(24.0)),
    ("minute", "utc_minute", Some(60.0)),
    ("duration", "duration_min", None),
];
const AREA: &[Same] = &[
    ("shape", "shape", None),
    ("scale", "scale", None),
    ("lon", ".lon_min", None),
    ("lat", ".lat_min", None),
    ("precision", "precision", None),
    ("radius", "radius_m", None),
    ("east", "east_m", None),
    ("north", "north_m", None),
    ("orientation", "orientation_deg", None),
    ("left", "left_bearing_deg", None),
    ("right", "right_bearing_deg", None),
    ("text", "text", None),
];
const STATIC: &[Same] = &[
    ("linkage", "linkage", Some(0.0)),
    ("airdraught", "air_draught_m", None),
    ("lastport", "last_port", None),
    ("nextport", "next_port", None),
    ("secondport", "second_next_port", None),
    ("ais_state", "ais_class_a", None),
    ("ata_state", "automatic_tracking_aid", None),
    ("bnwas_state", "bridge_navigational_watch_alarm", None),
    ("ecdisb_state", "ecdis_backup", None),
    ("chart_state", "ecdis_paper_chart", None),
    ("sounder_state", "echo_sounder", None),
    ("epaid_state", "electronic_plotting_aid", None),
    ("steer_state", "emergency_steering_gear", None),
    ("gnss_state", "gnss", None),
    ("gyro_state", "gyro_compass", None),
    ("lrit_state", "lrit", None),
    ("magcomp_state", "magnetic_compass", None),
    ("navtex_state", "navtex", None),
    ("arpa_state", "radar_arpa", None),
    ("sband_state", "radar_s_band", None),
    ("xband_state", "radar_x_band", None),
    ("hfradio_state", "radio_hf", None),
    ("inmarsat_state", "radio_inmarsat", None),
    ("mfradio_state", "radio_mf", None),
    ("vhfradio_state", "radio_vhf", None),
    ("grndlog_state", "speed_log_over_ground", None),
    ("waterlog_state", "speed_log_through_water", None),
    ("thd_state", "transmitting_heading_device", None),
    ("tcs_state", "track_control_system", None),
    ("vdr_state", "voyage_data_recorder", None),
    ("horsepower", "shaft_horsepower", Some(262_143.0)),
    ("vhfchan", "vhf_channel", Some(0.0)),
    ("lshiptype", "lloyds_ship_type", None),
    ("tonnage", "gross_tonnage", Some(262_143.0)),
    ("lading", "laden", Some(0.0)),
    ("heavyoil", "heavy_fuel_oil", Some(0.0)),
    ("lightoil", "light_fuel_oil", Some(0.0)),
    ("dieseloil", "diesel_oil", Some(0.0)),
    ("totaloil", "bunker_oil_t", None),
    ("persons", "persons_on_board", Some(0.0)),
];
/// What reports of sensors have of these. Codes for "not available" of water levels, weather and
/// currents are shown as numbers by the peer, and by us beside the field.
const REPORT: &[Same] = &[
    ("sensor", "report_type", None),
    ("day", "utc_day", Some(0.0)),
    ("hour", "utc_hour", Some(24.0)),
    ("minute", "utc_minute", Some(60.0)),
    ("site", "site", None),
    ("owner", "owner", None),
    ("timeout", "timeout_code", None),
    ("alt", "altitude_m", None),
    ("lon", ".lon_min", None),
    ("lat", ".lat_min", None),
    ("name", "name", None),
    ("wspeed", "wind_speed_kn", None),
    ("wgust", "wind_gust_kn", None),
    ("wdir", "wind_direction_deg", None),
    ("wgustdir", "wind_gust_direction_deg", None),
    ("sensortype", "sensor_type", None),
    ("fwspeed", "forecast_wind_speed_kn", None),
    ("fwgust", "forecast_wind_gust_kn", None),
    ("fwdir", "forecast_wind_direction_deg", None),
    ("fday", "forecast_utc_day", Some(0.0)),
    ("fhour", "forecast_utc_hour", Some(24.0)),
    ("fminute", "forecast_utc_minute", Some(60.0)),
    ("duration", "forecast_duration_min", None),
    ("absolute", "water_level_type", None),
    ("level", "water_level_m", None),
    ("leveltrend", "water_level_trend", Some(3.0)),
    ("datum", "vertical_datum", Some(14.0)),
    ("fabsolute", "forecast_water_level_type", None),
    ("flevel", "forecast_water_level_m", None),
    ("cspeed1", "current_1_speed_kn", None),
    ("cdir1", "current_1_direction_deg", None),
    ("cdepth1", "current_1_depth_m", None),
    ("cspeed3", "current_3_speed_kn", None),
    ("cdir3", "current_3_direction_deg", None),
    ("cdepth3", "current_3_depth_m", None),
    ("cnorth1", "current_1_north_kn", None),
    ("ceast1", "current_1_east_kn", None),
    ("cup1", "current_1_up_kn", None),
    ("cnorth2", "current_2_north_kn", None),
    ("cup2", "current_2_up_kn", None),
    ("cdepth2", "current_2_depth_m", None),
    ("bearing1", "current_1_bearing_deg", None),
    ("distance1", "current_1_distance_m", None),
    ("speed1", "current_1_speed_kn", None),
    ("direction1", "current_1_direction_deg", None),
    ("depth1", "current_1_depth_m", None),
    ("bearing2", "current_2_bearing_deg", None),
    ("distance2", "current_2_distance_m", None),
    ("speed2", "current_2_speed_kn", None),
    ("direction2", "current_2_direction_deg", None),
    ("depth2", "current_2_depth_m", None),
    ("swheight", "swell_height_m", None),
    ("swperiod", "swell_period_s", None),
    ("swelldir", "swell_direction_deg", None),
    ("seastate", "sea_state_beaufort", Some(13.0)),
    ("swelltype", "swell_sensor_type", None),
    ("watertemp", "water_temperature_c", None),
    ("watertempdepth", "water_temperature_depth_m", None),
    ("depthtype", "water_temperature_sensor_type", None),
    ("waveheight", "wave_height_m", None),
    ("waveperiod", "wave_period_s", None),
    ("wavedir", "wave_direction_deg", None),
    ("wavetype", "wave_sensor_type", None),
    ("salinity", "salinity_per_mille", None),
    ("conductivity", "conductivity_ms_cm", None),
    ("salinitytype", "salinity_type", None),
    ("temperature", "air_temperature_c", None),
    ("preciptype", "precipitation_type", Some(3.0)),
    ("visibility", "visibility_nmi", None),
    ("dewpoint", "dew_point_c", None),
    ("dewtype", "dew_point_sensor_type", None),
    ("pressuretend", "air_pressure_tendency", Some(3.0)),
    ("pressuretype", "air_pressure_sensor_type", None),
    ("airdraught", "air_draught_m", None),
    ("airgap", "air_gap_m", None),
    ("gaptrend", "air_gap_trend", Some(3.0)),
    ("fairgap", "forecast_air_gap_m", None),
];
const ROUTE: &[Same] = &[
    ("linkage", "linkage", Some(0.0)),
    ("sender", "sender_type", None),
    ("rtype", "route_type", Some(0.0)),
    ("month", "utc_month", Some(0.0)),
    ("day", "utc_day", Some(0.0)),
    ("hour", "utc_hour", Some(24.0)),
    ("minute", "utc_minute", Some(60.0)),
    ("duration", "duration_min", None),
    ("waycount", "waypoint_count", Some(0.0)),
];
const POINT: &[Same] = &[("lon", ".lon_min", None), ("lat", ".lat_min", None)];
const CARGO: &[Same] = &[
    ("unit", "amount_unit", Some(0.0)),
    ("amount", "amount", Some(0.0)),
];
const CARGOS: &[Same] = &[
    ("code", "cargo_code", Some(0.0)),
    ("imdg", "imdg_class", Some(0.0)),
    ("un", "un_number", Some(0.0)),
    ("bc", "bc_class", Some(0.0)),
    ("marpol_oil", "marpol_1_oil", Some(0.0)),
    ("marpol_cat", "marpol_2_category", Some(0.0)),
];
const INLAND: &[Same] = &[
    ("vin", "european_number", None),
    ("length", "length_m", None),
    ("beam", "beam_m", None),
    ("shiptype", "eri_ship_type", Some(0.0)),
    ("hazard", "blue_cones", Some(5.0)),
    ("draught", "draught_m", None),
    ("loaded", "loaded", Some(0.0)),
    ("speed_q", "speed_quality", None),
    ("course_q", "course_quality", None),
    ("heading_q", "heading_quality", None),
];
const WARNING: &[Same] = &[
    ("start_year", "start_utc_year_since_2000", Some(0.0)),
    ("start_month", "start_utc_month", Some(0.0)),
    ("start_day", "start_utc_day", Some(0.0)),
    ("end_year", "end_utc_year_since_2000", Some(0.0)),
    ("end_month", "end_utc_month", Some(0.0)),
    ("end_day", "end_utc_day", Some(0.0)),
    ("start_hour", "start_utc_hour", Some(24.0)),
    ("start_minute", "start_utc_minute", Some(60.0)),
    ("end_hour", "end_utc_hour", Some(24.0)),
    ("end_minute", "end_utc_minute", Some(60.0)),
    ("start_lon", ".start_lon_min", None),
    ("start_lat", ".start_lat_min", None),
    ("end_lon", ".end_lon_min", None),
    ("end_lat", ".end_lat_min", None),
    ("type", "warning_type", Some(0.0)),
    ("min", "value_min", None),
    ("max", "value_max", None),
    ("intensity", "classification", Some(0.0)),
    ("wind", "wind_from", Some(0.0)),
];
const GAUGES: &[Same] = &[("country", "country", None)];
const LIGHTS: &[Same] = &[
    ("lon", ".lon_min", None),
    ("lat", ".lat_min", None),
    ("form", "signal_form", Some(0.0)),
    ("facing", "orientation_deg", None),
    ("direction", "direction_of_impact", Some(0.0)),
    ("status_raw", "light_status", None),
];

const LIBAIS_SHOWS: &[Shown] = &[
    shown((8, 1, 11), 296, LIBAIS_WEATHER),
    shown((8, 1, 13), 416, LIBAIS_CLOSED),
    shown((8, 1, 15), 16, &[("air_draught", "air_draught_m", None)]),
    shown((8, 1, 16), 16, PERSONS),
    shown((8, 1, 21), 304, LIBAIS_WEATHER),
    listed(
        shown((8, 1, 22), 403, LIBAIS_NOTICE),
        "sub_areas",
        "areas",
        LIBAIS_AREA,
    ),
    shown((8, 1, 24), 304, LIBAIS_STATIC),
    shown((8, 1, 29), 100, LIBAIS_TEXT),
    shown((8, 1, 31), 304, LIBAIS_WEATHER),
    shown((8, 200, 10), 112, LIBAIS_INLAND),
    shown((8, 200, 24), 112, GAUGES),
    shown((8, 200, 40), 112, LIBAIS_LIGHTS),
    shown((6, 1, 0), 96, LIBAIS_TEXT),
    listed(
        shown((6, 1, 14), 288, LIBAIS_DAY),
        "windows",
        "windows",
        LIBAIS_WINDOW,
    ),
    shown((6, 1, 18), 272, LIBAIS_CLEARANCE),
    shown((6, 1, 20), 272, LIBAIS_BERTH),
    shown(
        (6, 1, 25),
        114,
        &[
            ("amount_unit", "amount_unit", Some(0.0)),
            ("amount", "amount", Some(0.0)),
        ],
    ),
    listed(
        shown((6, 1, 32), 262, LIBAIS_DAY),
        "windows",
        "windows",
        LIBAIS_WINDOW,
    ),
    shown((6, 1, 40), 16, PERSONS),
];

const LIBAIS_WEATHER: &[Same] = &[
    ("x", ".lon_min", None),
    ("y", ".lat_min", None),
    ("utc_hour", "utc_hour", Some(24.0)),
    ("wind_ave", "wind_speed_kn", None),
    ("wind_gust", "wind_gust_kn", None),
    ("wind_dir", "wind_direction_deg", None),
    ("wind_gust_dir", "wind_gust_direction_deg", None),
    ("wind_speed", "wind_speed_kn", None),
    ("air_temp", "air_temperature_c", None),
    ("rel_humid", "humidity_percent", None),
    ("humidity", "humidity_percent", None),
    ("dew_point", "dew_point_c", None),
    ("air_pres", "air_pressure_hpa", None),
    ("air_pres_trend", "air_pressure_tendency", Some(3.0)),
    ("water_level", "water_level_m", None),
    ("water_level_trend", "water_level_trend", Some(3.0)),
    ("surf_cur_speed", "current_speed_kn", None),
    ("surf_cur_dir", "current_direction_deg", None),
    ("cur_speed_2", "current_2_speed_kn", None),
    ("cur_dir_2", "current_2_direction_deg", None),
    ("cur_depth_2", "current_2_depth_m", None),
    ("cur_speed_3", "current_3_speed_kn", None),
    ("cur_dir_3", "current_3_direction_deg", None),
    ("cur_depth_3", "current_3_depth_m", None),
    ("wave_height", "wave_height_m", None),
    ("wave_period", "wave_period_s", None),
    ("wave_dir", "wave_direction_deg", None),
    ("swell_height", "swell_height_m", None),
    ("swell_period", "swell_period_s", None),
    ("swell_dir", "swell_direction_deg", None),
    ("water_temp", "water_temperature_c", None),
    ("precip_type", "precipitation_type", Some(7.0)),
    ("salinity", "salinity_per_mille", None),
    ("ice", "ice", Some(3.0)),
];
const LIBAIS_CLOSED: &[Same] = &[
    ("radius", "radius", Some(1001.0)),
    ("units", "radius_unit", None),
    ("day_from", "from_utc_day", Some(0.0)),
    ("month_from", "from_utc_month", Some(0.0)),
    ("hour_from", "from_utc_hour", Some(24.0)),
    ("minute_from", "from_utc_minute", Some(60.0)),
    ("day_to", "to_utc_day", Some(0.0)),
    ("month_to", "to_utc_month", Some(0.0)),
    ("hour_to", "to_utc_hour", Some(24.0)),
    ("minute_to", "to_utc_minute", Some(60.0)),
];
const LIBAIS_NOTICE: &[Same] = &[
    ("link_id", "linkage", Some(0.0)),
    ("notice_type", "notice", Some(127.0)),
    ("month", "utc_month", Some(0.0)),
    ("day", "utc_day", Some(0.0)),
    ("hour", "utc_hour", Some(24.0)),
    ("minute", "utc_minute", Some(60.0)),
    ("duration_minutes", "duration_min", None),
];
const LIBAIS_AREA: &[Same] = &[
    ("sub_area_type", "shape", None),
    ("x", ".lon_min", None),
    ("y", ".lat_min", None),
    ("precision", "precision", None),
    ("radius", "radius_m", None),
    ("e_dim_m", "east_m", None),
    ("n_dim_m", "north_m", None),
    ("orient_deg", "orientation_deg", None),
    ("left_bound_deg", "left_bearing_deg", None),
    ("right_bound_deg", "right_bearing_deg", None),
];
const LIBAIS_STATIC: &[Same] = &[
    ("link_id", "linkage", Some(0.0)),
    ("air_draught", "air_draught_m", None),
    ("shaft_power", "shaft_horsepower", Some(262_143.0)),
    ("vhf", "vhf_channel", Some(0.0)),
    ("gross_tonnage", "gross_tonnage", Some(262_143.0)),
    ("laden_ballast", "laden", Some(0.0)),
    ("heavy_oil", "heavy_fuel_oil", Some(0.0)),
    ("light_oil", "light_fuel_oil", Some(0.0)),
    ("diesel", "diesel_oil", Some(0.0)),
    ("bunker_oil", "bunker_oil_t", None),
    ("persons", "persons_on_board", Some(0.0)),
];
const LIBAIS_TEXT: &[Same] = &[
    ("ack_required", "acknowledgement_required", None),
    ("msg_seq", "text_sequence_number", None),
    ("link_id", "linkage", Some(0.0)),
];
const LIBAIS_INLAND: &[Same] = &[
    ("length", "length_m", None),
    ("beam", "beam_m", None),
    ("ship_type", "eri_ship_type", Some(0.0)),
    ("haz_cargo", "blue_cones", Some(5.0)),
    ("draught", "draught_m", None),
    ("loaded", "loaded", Some(0.0)),
    ("speed_qual", "speed_quality", None),
    ("course_qual", "course_quality", None),
    ("heading_qual", "heading_quality", None),
];
const LIBAIS_LIGHTS: &[Same] = &[
    ("x", ".lon_min", None),
    ("y", ".lat_min", None),
    ("form", "signal_form", Some(0.0)),
    ("dir", "orientation_deg", None),
    ("stream_dir", "direction_of_impact", Some(0.0)),
    ("status_raw", "light_status", None),
];
const LIBAIS_DAY: &[Same] = &[
    ("utc_month", "utc_month", Some(0.0)),
    ("utc_day", "utc_day", Some(0.0)),
];
const LIBAIS_WINDOW: &[Same] = &[
    ("x", ".lon_min", None),
    ("y", ".lat_min", None),
    ("utc_hour_from", "from_utc_hour", Some(24.0)),
    ("utc_min_from", "from_utc_minute", Some(60.0)),
    ("utc_hour_to", "to_utc_hour", Some(24.0)),
    ("utc_min_to", "to_utc_minute", Some(60.0)),
    ("from_utc_hour", "from_utc_hour", Some(24.0)),
    ("from_utc_min", "from_utc_minute", Some(60.0)),
    ("to_utc_hour", "to_utc_hour", Some(24.0)),
    ("to_utc_min", "to_utc_minute", Some(60.0)),
    ("cur_dir", "current_direction_deg", None),
    ("cur_speed", "current_speed_kn", None),
];
const LIBAIS_CLEARANCE: &[Same] = &[
    ("link_id", "linkage", Some(0.0)),
    ("utc_month", "utc_month", Some(0.0)),
    ("utc_day", "utc_day", Some(0.0)),
    ("utc_hour", "utc_hour", Some(24.0)),
    ("utc_min", "utc_minute", Some(60.0)),
    ("x", ".lon_min", None),
    ("y", ".lat_min", None),
];
const LIBAIS_BERTH: &[Same] = &[
    ("link_id", "linkage", Some(0.0)),
    ("length", "berth_length_m", None),
    ("depth", "berth_depth_m", None),
    ("position", "mooring_position", Some(0.0)),
    ("utc_month", "utc_month", Some(0.0)),
    ("utc_day", "utc_day", Some(0.0)),
    ("utc_hour", "utc_hour", Some(24.0)),
    ("utc_min", "utc_minute", Some(60.0)),
    ("x", ".lon_min", None),
    ("y", ".lat_min", None),
];

/// Reasons that several fields share.
const AT_SIGN: &str = "a text ends at its first @ (M.1371-5, annex 8, 6-bit ASCII, note)";
const RESERVED: &str = "a reserved code is \"not available\" to the peer; we keep it";
const FIRST_BIT: &str =
    "the first bit is 0 when negative, the others are the size (ECE/TRANS/SC.3/176)";
const TENTHS: &str = "steps of a tenth, which the peer leaves out (SN.1/Circ.289, annex)";

/// Where pyais reads another thing than the standard says.
const PYAIS_DIFFERS: &[(&str, &str)] = &[
    ("6/1/18 destination", AT_SIGN),
    ("6/1/18 port_name", AT_SIGN),
    ("6/1/20 berth_name", AT_SIGN),
    ("8/1/0 text", AT_SIGN),
    ("8/1/19 station", AT_SIGN),
    ("8/1/20 berth_name", AT_SIGN),
    ("8/1/21 location", AT_SIGN),
    ("8/1/22 text", AT_SIGN),
    ("6/1/23 text", AT_SIGN),
    ("8/1/26 name", AT_SIGN),
    ("8/1/24 lastport", AT_SIGN),
    ("8/1/24 lshiptype", AT_SIGN),
    ("8/1/24 nextport", AT_SIGN),
    ("8/1/24 secondport", AT_SIGN),
    ("8/1/29 description", AT_SIGN),
    ("8/200/10 vin", AT_SIGN),
    ("8/200/24 country", AT_SIGN),
    ("8/200/23 max", FIRST_BIT),
    ("8/200/23 min", FIRST_BIT),
    ("8/200/23 type", RESERVED),
    ("8/200/23 wind", RESERVED),
    ("8/200/40 direction", RESERVED),
];

/// Where libais reads another thing than the standard says.
const LIBAIS_DIFFERS: &[(&str, &str)] = &[
    ("8/200/24 country", AT_SIGN),
    ("6/1/20 depth", TENTHS),
    ("8/1/31 wave_height", TENTHS),
    (
        "8/1/11 wind_gust_dir",
        "the peer shows the gust's speed again",
    ),
    (
        "8/1/21 water_temp",
        "tenths of a degree in two's complement; the peer counts from -10 (annex, 10)",
    ),
    (
        "8/1/22 duration_minutes",
        "the peer shows the minute of the start again",
    ),
    (
        "8/1/24 air_draught",
        "13 bits reach 81.91 m, so a step is a hundredth of a metre (annex, 4)",
    ),
    (
        "8/1/31 air_pres",
        "hPa from 799 on; the peer counts from 800 and divides by 100 (annex, 1)",
    ),
    (
        "8/200/10 draught",
        "hundredths of a metre (ECE/TRANS/SC.3/176)",
    ),
];
