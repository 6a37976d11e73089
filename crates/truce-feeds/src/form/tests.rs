//! Forms and tables by a mapping: answers to claims, pages cut into submissions, and what does not fit.

use std::collections::BTreeMap;

use proptest::prelude::*;
use truce_core::mission::{Feed, Mapping};
use truce_core::observation::Speaker;
use truce_core::{EventClass, Interval, Location, ObjectIdentity, Position, Reading};

use super::*;
use crate::Format::{self, ClaimsCsv, OdkJson, OdkXml};
use crate::sample::{at, decode_one, feed, message, network, position, round_trip, slug};
use crate::{Decoder, Framer};

fn table(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    pairs.iter().map(owned).collect()
}

/// As a mission writes it for a form of its patrols.
fn mapping() -> Mapping {
    let words = [
        ("shelling", "physical_event"),
        ("crossing", "passage"),
        ("nothing", ""),
    ];
    Mapping {
        questions: table(&[
            ("observed_at", "when"),
            ("place", "g/where"),
            ("about", "what"),
            ("count", "g/how_many"),
            ("text", "notes"),
            ("sensor", "who"),
        ]),
        fixed: table(&[("speaker", "patrol"), ("grade", "B2")]),
        words: BTreeMap::from([
            ("about".to_owned(), table(&words)),
            ("sensor".to_owned(), table(&[("anna", "post-17/acoustic")])),
        ]),
        each: None,
        utc_offset_s: 7_200,
    }
}

fn decode(format: Format, mapping: Mapping, stream: &str) -> Decoded {
    let feed = Feed {
        decoding: truce_core::mission::Decoding {
            mapping: Some(mapping),
            picker: None,
        },
        ..feed(format)
    };
    let mut decoder = Decoder::new(format, &feed, &network());
    let mut out = Decoded::with_sheets();
    let mut framer = Framer::of(format);
    let mut messages = Vec::new();
    framer.push(stream.as_bytes(), &mut |bytes| {
        messages.push(bytes.to_vec())
    });
    framer.finish(&mut |bytes| messages.push(bytes.to_vec()));
    for bytes in messages {
        decoder.decode(&message(format, &bytes), &mut out);
    }
    out
}

const XML: &str = "<data id=\"patrol\" version=\"4\"><when>2025-03-01T14:00:00.000+02:00</when>
    <g><where>48.1 37.9 120 6.0384</where><how_many>5</how_many></g><what>shelling</what>
    <notes>five explosions &amp; smoke</notes><who>anna</who>
    <meta><instanceID>uuid:1</instanceID></meta></data>";
const KOBO: &str = r#"{"count":1,"next":null,"results":[{"_id":7,"when":"2025-03-01T14:00:00",
    "g/where":"48.1 37.9 120 6.0384","g/how_many":"5","what":"shelling","who":"anna",
    "notes":"five explosions & smoke","_attachments":[]}]}"#;
const CENTRAL: &str = r#"{"value":[{"__id":"uuid:1","__system":{"submissionDate":"2025-03-01T12:03:00Z"},
    "when":"2025-03-01T14:00:00.000+02:00","what":"shelling","who":"anna",
    "notes":"five explosions & smoke","g":{"how_many":5,"where":{"type":"Point",
    "coordinates":[37.9,48.1,120],"properties":{"accuracy":6.0384}}}}]}"#;
const CSV: &str = "when;g/where;g/how_many;what;notes;who\r
    2025-03-01 14:00:00;48.1 37.9 120 6.0384;5;shelling;five explosions & smoke;anna\r\n";

#[test]
fn one_report_in_every_form() {
    let cases = [
        (OdkXml, XML),
        (OdkJson, KOBO),
        (OdkJson, CENTRAL),
        (ClaimsCsv, CSV),
    ];
    for (format, stream) in cases {
        let out = decode(format, mapping(), stream);
        assert_eq!(out.rejections, [], "{stream}");
        let [seen] = out.observations.as_slice() else {
            panic!("{stream}: {out:?}")
        };
        assert_eq!(
            seen.observed_at,
            Interval::instant(at("2025-03-01T12:00:00Z"))
        );
        assert_eq!(seen.sensor, Some(slug("post-17/acoustic")));
        assert_eq!(seen.grade.code(), "B2");
        let Some(Location::Fix { place, .. }) = seen.location else {
            panic!("{stream}")
        };
        assert_eq!(place.position, position(48.1, 37.9));
        assert!((place.uncertainty.semi_major_m - 4.0).abs() < 1e-9);
        let Reading::Claim(claim) = &seen.reading else {
            panic!("{stream}")
        };
        assert_eq!((&claim.speaker, claim.count), (&Speaker::Patrol, Some(5)));
        assert_eq!(claim.text, "five explosions & smoke");
        let given = &out.sheets.unwrap()[0].given;
        assert_eq!(given["what"], "shelling");
    }
}

/// Names of the reports that a submission is and takes back.
fn reports(out: &Decoded) -> (Vec<String>, Vec<String>) {
    assert_eq!(out.rejections, []);
    let (mut own, mut taken) = (Vec::new(), Vec::new());
    for seen in &out.observations {
        match &seen.reading {
            Reading::Claim(claim) => own.extend(claim.report.as_ref().map(Slug::to_string)),
            Reading::Retraction(back) => {
                assert!(back.corrected);
                taken.extend(back.reports.iter().map(Slug::to_string));
            }
            other => panic!("{other:?}"),
        }
    }
    (own, taken)
}

#[test]
fn an_edited_submission_takes_back_the_one_before() {
    let edited = XML.replace(
        "<instanceID>uuid:1<",
        "<deprecatedID>uuid:1</deprecatedID><instanceID>uuid:2<",
    );
    let kobo = KOBO.replace(
        "\"_id\":7,",
        "\"_id\":7,\"meta/instanceID\":\"uuid:2\",\"meta/deprecatedID\":\"uuid:1\",",
    );
    let (first, none) = reports(&decode(OdkXml, mapping(), XML));
    assert_eq!((first.len(), none.len()), (1, 0));
    assert_eq!(reports(&decode(OdkJson, mapping(), CENTRAL)).0, first);
    for (format, text) in [(OdkXml, edited.as_str()), (OdkJson, &kobo)] {
        let (own, taken) = reports(&decode(format, mapping(), text));
        assert_eq!(taken, first, "{text}");
        assert_ne!(own, first);
        // What was corrected to nothing is taken back all the same.
        let nothing = decode(format, mapping(), &text.replace("shelling", "nothing"));
        assert_eq!(reports(&nothing), (Vec::new(), first.clone()));
    }
    let same = edited.replace("uuid:2", "uuid:1");
    assert_eq!(reports(&decode(OdkXml, mapping(), &same)), (first, none));
}

#[test]
fn an_answer_may_say_that_there_is_nothing() {
    let out = decode(OdkXml, mapping(), &XML.replace("shelling", "nothing"));
    assert_eq!((out.observations.len(), out.rejections.len()), (0, 0));
    assert_eq!(out.sheets.unwrap()[0].kind, "form");
}

#[test]
fn repetitions_are_claims_of_their_own() {
    let mapping = Mapping {
        each: Some("harm".to_owned()),
        fixed: table(&[("speaker", "hotline"), ("about", "civilian_harm")]),
        questions: table(&[
            ("count", "harm/n"),
            ("observed_at", "day"),
            ("text", "harm/kind"),
        ]),
        words: BTreeMap::new(),
        utc_offset_s: -3_600,
    };
    let xml = "<data><day>2025-03-01</day><harm><kind>hurt</kind><n>2</n></harm>\
               <harm><kind>killed</kind><n>1</n></harm></data>";
    let json = r#"{"day":"2025-03-01","harm":[{"harm/kind":"hurt","harm/n":2},{"kind":"killed","n":"1"}]}"#;
    for (format, stream) in [(OdkXml, xml), (OdkJson, json)] {
        let out = decode(format, mapping.clone(), stream);
        assert_eq!(out.rejections, []);
        let said: Vec<_> = out
            .observations
            .iter()
            .map(|seen| match &seen.reading {
                Reading::Claim(claim) => (claim.text.as_str(), claim.count),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(said, [("hurt", Some(2)), ("killed", Some(1))], "{stream}");
        let day = Interval {
            start: at("2025-03-01T01:00:00Z"),
            end: at("2025-03-02T00:59:59.999999999Z"),
        };
        assert_eq!(out.observations[1].observed_at, day);
        assert_ne!(out.observations[0].id, out.observations[1].id);
    }
    let none = decode(OdkJson, mapping, r#"{"day":"2025-03-01"}"#);
    assert_eq!((none.observations.len(), none.rejections.len()), (0, 0));
}

#[test]
fn shapes_are_areas() {
    let shape = "48 37 0 0; 48 38 0 0; 49 38 0 0; 48 37 0 0";
    let out = decode(
        OdkXml,
        mapping(),
        &XML.replace("48.1 37.9 120 6.0384", shape),
    );
    let ring = [(48.0, 37.0), (48.0, 38.0), (49.0, 38.0)];
    let ring = ring.map(|(lat_deg, lon_deg)| Position { lat_deg, lon_deg });
    let area = Location::Area {
        ring: ring.to_vec(),
    };
    assert_eq!(out.observations[0].location, Some(area));
}

#[test]
fn what_is_rejected() {
    let replaced = |from: &str, to: &str| (OdkXml, XML.replace(from, to));
    let cases = [
        (replaced("shelling", "gossip"), "value"),
        (replaced("2025-03-01T14:00:00.000+02:00", "noon"), "time"),
        (
            replaced("2025-03-01T14:00:00.000+02:00", "2025-02-30"),
            "time",
        ),
        (
            replaced("2025-03-01T14:00:00.000+02:00", ""),
            "missing_field",
        ),
        (replaced("48.1 37.9 120 6.0384", "here"), "number"),
        (replaced("48.1 37.9 120 6.0384", "48.1"), "number"),
        (replaced("48.1 37.9 120 6.0384", "98.1 37.9"), "range"),
        (replaced("48.1 37.9 120 6.0384", "48 37;48 38"), "range"),
        (replaced(">5<", ">many<"), "number"),
        (replaced("anna", "Otto"), "value"),
        (replaced("anna", "otto"), "unknown_sensor"),
        ((OdkXml, "<data><when>x</data>".to_owned()), "xml"),
        ((OdkJson, "{\"when\":}".to_owned()), "json"),
        ((OdkJson, "[1]".to_owned()), "json"),
        ((ClaimsCsv, "a;b\n".to_owned()), "header"),
        (
            (ClaimsCsv, "when;what\n2025-03-01T12:00:00Z".to_owned()),
            "column_count",
        ),
    ];
    for ((format, stream), class) in cases {
        let out = decode(format, mapping(), &stream);
        let classes: Vec<&str> = out.rejections.iter().map(|r| r.class.as_str()).collect();
        assert_eq!(classes, [class], "{stream}");
        assert_eq!(out.observations, []);
    }
}

#[test]
fn a_form_has_a_limit() {
    let many: String = (0..5_000).map(|n| format!("<q{n}>1</q{n}>")).collect();
    let out = decode(OdkXml, mapping(), &format!("<data>{many}</data>"));
    assert_eq!(out.rejections[0].class.as_str(), "range");
}

proptest! {
    #[test]
    fn written_claims_read_back(
        speaker in 0..4u8, about in any::<bool>(), count in prop::option::of(any::<u32>()),
        mmsi in prop::option::of(1..999_999_999u32), text in "[ -~äж]{0,30}",
        lat in -89_000..89_000i32, lon in -179_000..179_000i32, relative in any::<bool>(),
        seconds in 0..4_000_000_000i64, length in 0..100_000i64,
    ) {
        let base = r#"{"speaker":"patrol","about":"presence","observed_at":"2025-03-01T12:00:00Z"}"#;
        let mut observation = decode_one(Format::ReportJson, &[base]);
        let time = |s| truce_core::Timestamp::from_second(s).unwrap();
        observation.observed_at = Interval { start: time(seconds), end: time(seconds + length) };
        let place = position(f64::from(lat) / 1e3, f64::from(lon) / 1e3);
        observation.location = Some(if relative {
            Location::Relative {
                from: slug("a-village"),
                reference: place,
                bearing_deg: 45.0,
                distance_m: 3_000.0,
                sigma_m: 681.0,
            }
        } else {
            Location::fix(place, 12.5)
        });
        let Reading::Claim(claim) = &mut observation.reading else { panic!("no claim") };
        claim.speaker = match speaker {
            0 => Speaker::Patrol,
            1 => Speaker::Party(slug("party-a")),
            2 => Speaker::Hotline,
            _ => Speaker::OpenSource,
        };
        claim.class = about.then_some(EventClass::Artillery);
        claim.count = count;
        claim.object = mmsi.map(ObjectIdentity::Mmsi);
        claim.text = text.trim().to_owned();
        for format in [OdkXml, OdkJson] {
            let mut back = round_trip(format, &observation);
            back.source = observation.source.clone();
            let Reading::Claim(claim) = &mut back.reading else { panic!("no claim") };
            prop_assert!(claim.report.take().is_some());
            prop_assert_eq!(&back, &observation);
        }
        let rows = [table::header(), ClaimsCsv.encode(&observation).unwrap().remove(0)];
        let mut back = decode_one(ClaimsCsv, &rows);
        (back.id, back.message) = (observation.id, observation.message);
        (back.received_at, back.source) = (observation.received_at, observation.source.clone());
        prop_assert_eq!(back, observation);
    }
}
