//! Applications of binary messages: known payloads, round trips, and payloads that end anywhere.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::bits::{Bits, MESSAGE_BITS_MAX, field};
use super::*;
use crate::units::KNOT_M_S;

fn message(payload: &str, fill: usize) -> Bits {
    let mut bits = Bits::default();
    bits.append_armoured(payload.as_bytes(), fill).unwrap();
    bits
}

fn opened(payload: &str, fill: usize) -> Opened {
    let bits = message(payload, fill);
    let start = if bits.byte(field(0, 6)) == Some(6) {
        72
    } else {
        40
    };
    let area_code = bits.unsigned(field(start, 10)).unwrap();
    let function = bits.byte(field(start + 10, 6)).unwrap();
    let own = (start + 16, bits.len());
    open((area_code, function), start == 72, &bits, own).unwrap()
}

/// A payload and some of the fields that it says.
fn check(payload: &str, fill: usize, expected: &Value) {
    let Opened { fields, wrong } = opened(payload, fill);
    assert_eq!(wrong, Vec::<String>::new(), "{payload}");
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(
            fields.get(name),
            Some(value),
            "{payload}: {name} in {fields:?}"
        );
    }
}

/// A weather station of the Finnish coast, from gpsd's sample file (BSD); the values were read with
/// pyais 3.3.
#[test]
fn weather_on_the_air() {
    check(
        "8@2<HV@0BkLN:0frqMPaQPtBRRIrwwejwwwwwwwwwwwwwwwwwwwwwwwwwt0",
        2,
        &json!({"application": "meteorological_and_hydrological_data",
                "utc_day": 22, "utc_hour": 1, "utc_minute": 19, "wind_direction_deg": 274.0,
                "wind_speed_m_s": 6.0 * KNOT_M_S, "air_temperature_c": 1.5,
                "humidity_percent": 87.0, "dew_point_c": null, "air_pressure_pa": 102_000.0,
                "wave_height_m": null, "ice": null}),
    );
}

/// A light of the English coast, from a recording in the tests of gpsd (BSD), with its values.
#[test]
fn an_aid_to_navigation_fares() {
    check(
        "6>jQMSP0V:C0>db2@1PRP00",
        2,
        &json!({"application": "aid_to_navigation_monitoring", "supply_v": 26.05,
                "analogue_input_1_v": 0.05, "analogue_input_2_v": 26.0, "racon_status": 2,
                "light_status": 2, "alarm": false, "digital_inputs": 0, "off_position": false}),
    );
}

/// Fields at the ends of what their codes can say, read back as they were written.
#[test]
fn values_at_their_ends() {
    let gauge = |level: f64| json!({"gauge": 7, "water_level_m": level});
    let gauges = json!({"application": "inland_water_levels", "country": "DE",
                        "gauges": [gauge(-81.91), gauge(-0.01), gauge(0.01), gauge(81.91)]});
    let circle = json!({"shape": 0, "scale": 3, "lon_deg": 30.5, "lat_deg": 46.25, "precision": 4,
                        "radius_m": 4_095_000});
    let text = json!({"shape": 5, "text": "MINES"});
    let notice = json!({"application": "area_notice", "linkage": 9, "notice": 10, "utc_month": 2,
                        "utc_day": 28, "utc_hour": 0, "utc_minute": 59, "duration_s": 3600.0,
                        "areas": [circle, text]});
    let targets = json!({"application": "vts_targets", "targets": [
        {"identifier_type": 2, "call_sign": "UR7X", "lon_deg": -180.0, "lat_deg": 90.0,
         "course_deg": 359.0, "utc_second": 0, "speed_m_s": 0.0}]});
    for (code, fields) in [((200, 24), gauges), ((1, 22), notice), ((1, 17), targets)] {
        let fields = fields.as_object().unwrap();
        let mut bits = Bits::default();
        write(code, false, fields, &mut bits, 56).unwrap();
        let back = open(code, false, &bits, (56, bits.len())).unwrap();
        assert_eq!(back.wrong, Vec::<String>::new());
        let mut back = back.fields;
        strip(&mut back);
        assert_eq!(&back, fields);
    }
}

fn fields_of(
    code: (u64, u8),
    addressed: bool,
    bits: &Bits,
    (start, end): (usize, usize),
) -> Opened {
    open(code, addressed, bits, (start, end)).unwrap()
}

/// Every application that is known: area code, function, addressed, bits that it has.
fn known() -> Vec<(u64, u8, bool, usize)> {
    let functions = (0..64).flat_map(|function| [(1, function), (200, function)]);
    let forms = functions.flat_map(|code| [(code, true), (code, false)]);
    let lengths = forms.flat_map(|form| [(form, 16), (form, 900)]);
    let known = lengths.filter_map(|(((area_code, function), addressed), bits)| {
        let first = false;
        let form = Form {
            addressed,
            bits,
            first,
        };
        find((area_code, function), form)?;
        Some((area_code, function, addressed, bits))
    });
    known.collect()
}

#[test]
fn applications_are_as_many_as_the_page_says() {
    let mut codes: Vec<(u64, u8)> = known().iter().map(|known| (known.0, known.1)).collect();
    codes.dedup();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 34, "{codes:?}");
}

proptest! {
    /// What random bits say is written and read back as the same.
    #[test]
    fn applications_read_back(
        which: prop::sample::Index,
        bytes in prop::collection::vec(any::<u8>(), 112),
        length in 0usize..900,
    ) {
        let known = known();
        let (area_code, function, addressed, form) = known[which.index(known.len())];
        let length = if form < 100 { length.min(100) } else { length.max(120) };
        let mut bits = Bits::default();
        for (index, byte) in bytes.iter().enumerate() {
            bits.set(field(8 * index, 8), u64::from(*byte));
        }
        if (area_code, function) == (1, 21) {
            bits.set(field(0, 1), 0);
        }
        let said = fields_of((area_code, function), addressed, &bits, (0, length));
        let mut again = Bits::default();
        write((area_code, function), addressed, &said.fields, &mut again, 0).unwrap();
        let end = again.len();
        prop_assert!(end <= MESSAGE_BITS_MAX);
        let back = fields_of((area_code, function), addressed, &again, (0, end));
        prop_assert_eq!(&back.wrong, &Vec::<String>::new());
        // Reserved codes become "not available", and what was cut off is there.
        let mut told = said.fields;
        let mut back = back.fields;
        for fields in [&mut told, &mut back] {
            strip(fields);
        }
        for (name, value) in &told {
            prop_assert_eq!(back.get(name), Some(value), "{}", name);
        }
    }
}

/// Leaves out what a sensor gave and what a second writing cannot know.
fn strip(fields: &mut Map<String, Value>) {
    fields.remove("given");
    for (_, value) in fields.iter_mut() {
        for record in value.as_array_mut().into_iter().flatten() {
            strip(record.as_object_mut().unwrap());
        }
    }
}
