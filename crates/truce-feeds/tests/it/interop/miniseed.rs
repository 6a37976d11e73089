//! miniSEED against ObsPy 1.5, sample by sample, on records that it writes in every encoding and
//! order of bytes, and on the reference records of libmseed (EarthScope, test/data) where they are
//! there, whose samples are published: an expanding sinusoid, cut to whole numbers.

use serde_json::Value;
use truce_feeds::{Format, Sheet};

use super::peer::{self, Tally, ask, read};

const OBSPY: &str = r#"
import io, json, sys
try:
    import numpy, obspy
except ImportError:
    sys.exit(77)
rng = numpy.random.default_rng(7)
walk = numpy.cumsum(rng.integers(-900, 900, 3000))
for encoding, kind in [("STEIM1", "i4"), ("STEIM2", "i4"), ("INT16", "i2"), ("INT32", "i4"),
                       ("FLOAT32", "f4"), ("FLOAT64", "f8")]:
    for order in [">", "<"]:
        for length in [256, 512, 4096]:
            data = (walk % 30000 if kind == "i2" else walk).astype(kind)
            header = {"network": "UA", "station": "MALYN", "location": "00", "channel": "SHZ",
                      "starttime": obspy.UTCDateTime(2025, 3, 1, 12, 0, 0, 123400),
                      "sampling_rate": 40.0}
            out = io.BytesIO()
            obspy.Trace(data, header).write(out, format="MSEED", encoding=encoding,
                                            byteorder=order, reclen=length)
            whole = out.getvalue()
            for at in range(0, len(whole), length):
                one = whole[at:at + length]
                trace = obspy.read(io.BytesIO(one))[0]
                s = trace.stats
                print(json.dumps({"hex": one.hex(), "network": s.network, "station": s.station,
                    "location": s.location, "channel": s.channel, "ns": s.starttime._ns,
                    "sample_rate_hz": s.sampling_rate,
                    "samples": [float(x) for x in trace.data]}))
"#;

/// Names of libmseed's reference records, each the sinusoid in another encoding.
const REFERENCES: [&str; 12] = [
    "int16.mseed2",
    "int16.mseed3",
    "int32.mseed2",
    "int32.mseed3",
    "float32.mseed3",
    "float64.mseed3",
    "steim1.mseed2",
    "steim1.mseed3",
    "steim1-LE.mseed2",
    "steim2.mseed2",
    "steim2.mseed3",
    "steim2-LE.mseed2",
];

/// The sinusoid's first samples as libmseed's `test/testdata.h` prints them.
const SINUSOID: [f64; 20] = [
    0.0, 6.109208, 10.246826, 10.609957, 6.764728, -0.075704, -7.409461, -12.346208, -12.731430,
    -8.062958, 0.182060, 8.985442, 14.875067, 15.276420, 9.609196, -0.328370, -10.895428,
    -17.921131, -18.329336, -11.450576,
];

fn sheets(stream: &[u8]) -> Vec<Sheet> {
    let read = read(Format::Miniseed, stream).into_iter();
    read.flat_map(|sheets| sheets.expect("every record is read"))
        .collect()
}

fn samples(sheet: &Sheet) -> Vec<f64> {
    let samples = sheet.fields["samples"].as_array().unwrap();
    samples.iter().filter_map(Value::as_f64).collect()
}

#[test]
#[ignore = "needs python3 with ObsPy 1.5"]
fn interop_records_agree_with_obspy() {
    let Some(answers) = ask(OBSPY, b"") else {
        return;
    };
    let mut tally = Tally::default();
    for answer in &answers {
        let digits = answer["hex"].as_str().unwrap();
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        let record: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
        let all = sheets(&record);
        assert_eq!(all.len(), 1);
        for name in [
            "network",
            "station",
            "location",
            "channel",
            "sample_rate_hz",
            "samples",
        ] {
            tally.hold(name, &all[0].fields[name], &answer[name], 0.0, name);
        }
        let started = all[0].fields["started_at"].as_str().unwrap();
        let started: truce_core::Timestamp = started.parse().unwrap();
        let ns = Value::from(i64::try_from(started.as_nanosecond()).unwrap());
        tally.hold("started_at", &ns, &answer["ns"], 0.0, "ns");
    }
    tally.settle("ObsPy", &[]);
}

#[test]
#[ignore = "needs libmseed's reference records beside the project"]
fn interop_reference_records_hold_their_sinusoid() {
    let mut held = 0;
    for name in REFERENCES {
        let file = format!("miniseed/reference-testdata-{name}");
        let Some(stream) = peer::recording(&file) else {
            continue;
        };
        let found: Vec<f64> = sheets(&stream).iter().flat_map(samples).collect();
        let whole = !name.starts_with("float");
        for (at, (found, exact)) in found.iter().zip(SINUSOID).enumerate() {
            let (wanted, tolerance) = if whole {
                (exact.trunc(), 0.0)
            } else {
                (exact, 1e-5)
            };
            assert!(
                (found - wanted).abs() <= tolerance,
                "{name} {at}: {found} {wanted}"
            );
        }
        assert!(found.len() >= 200, "{name}: {}", found.len());
        held += 1;
    }
    println!(
        "{held} of {} reference records were there",
        REFERENCES.len()
    );
}
