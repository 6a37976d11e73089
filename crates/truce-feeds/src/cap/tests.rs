//! Alerts and their updates, areas, and what is rejected.

use std::collections::BTreeMap;

use proptest::prelude::*;
use truce_core::mission::{Decoding, Feed};

use super::*;
use crate::Decoder;
use crate::Format::{Cap, ReportJson};
use crate::sample::{
    at, decode_one, decode_stream, feed, message, network, position, rejected, round_trip,
};

/// An alert with some of its parts changed.
fn alert(changes: &[(&str, &str)]) -> String {
    let text = "<cap:alert xmlns:cap=\"urn:oasis:names:tc:emergency:cap:1.2\">\
        <identifier>A-77</identifier><sender>alerts@example.org</sender>\
        <sent>2025-03-01T14:00:00+02:00</sent><status>Actual</status><msgType>Alert</msgType>\
        <scope>Public</scope>\
        <info><language>uk</language><category>Safety</category><category>Security</category>\
        <event>Air raid</event><urgency>Immediate</urgency><severity>Severe</severity>\
        <certainty>Likely</certainty><onset>2025-03-01T14:05:00+02:00</onset>\
        <expires>2025-03-01T15:00:00+02:00</expires><headline>Alert</headline>\
        <description>Take cover &amp; wait</description>\
        <area><areaDesc>One</areaDesc><polygon>48,37 48,38 49,38 48,37</polygon></area>\
        <area><areaDesc>Two</areaDesc><circle>48.5,37.5 8</circle></area></info>\
        <info><language>en</language><category>Security</category><event>Air raid</event>\
        <urgency>Immediate</urgency><severity>Severe</severity><certainty>Likely</certainty></info>\
        </cap:alert>";
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

fn decode(text: &str, mapping: Option<Mapping>) -> Decoded {
    let feed = Feed {
        decoding: Decoding {
            mapping,
            picker: None,
        },
        ..feed(Cap)
    };
    let mut out = Decoded::with_sheets();
    let mut decoder = Decoder::new(Cap, &feed, &network());
    decoder.decode(&message(Cap, text.as_bytes()), &mut out);
    out
}

fn claim(seen: &Observation) -> &Claim {
    match &seen.reading {
        Reading::Claim(claim) => claim,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_area_of_the_first_language_is_a_claim() {
    let out = decode(&alert(&[]), None);
    assert_eq!(out.rejections, []);
    let [one, two] = out.observations.as_slice() else {
        panic!("{out:?}")
    };
    let ring = [(48.0, 37.0), (48.0, 38.0), (49.0, 38.0)].map(|(lat, lon)| position(lat, lon));
    let area = Location::Area {
        ring: ring.to_vec(),
    };
    assert_eq!(one.location, Some(area));
    let circle = Location::fix(position(48.5, 37.5), 4_000.0);
    assert_eq!(two.location, Some(circle));
    assert_eq!(one.observed_at.start, at("2025-03-01T12:05:00Z"));
    assert_eq!(one.observed_at.end, at("2025-03-01T13:00:00Z"));
    assert_eq!(one.grade.code(), "F3");
    assert_eq!(claim(one).about, IncidentKind::PhysicalEvent);
    assert_eq!(claim(one).text, "Alert\nTake cover & wait\nOne\nTwo");
    let published = claim(one).published.as_ref().unwrap();
    assert_eq!(published.publisher, "alerts@example.org");
    assert_eq!(published.published_at, Some(at("2025-03-01T12:00:00Z")));
    let sheet = &out.sheets.unwrap()[0];
    assert_eq!(sheet.fields["likelihood_words"][0], "likely");
    assert_eq!(sheet.given["info.event"], "Air raid");
}

/// An alert whose declaration names an encoding, with a headline of these bytes.
fn encoded(declared: &str, headline: &[u8]) -> Vec<u8> {
    let alert = alert(&[]);
    let (before, behind) = alert.split_once("<headline>Alert").unwrap();
    let head = format!("<?xml version='1.0' encoding='{declared}'?>\n{before}<headline>");
    [head.as_bytes(), headline, behind.as_bytes()].concat()
}

#[test]
fn text_is_in_the_encoding_that_the_document_declares() {
    let cases: &[(&str, &[u8], &str)] = &[
        ("windows-1251", b"\xCA\xE8\xBF\xE2", "Київ"),
        ("KOI8-U", b"\xEB\xC9\xA7\xD7", "Київ"),
        ("ISO-8859-1", b"Usulut\xE1n", "Usulután"),
        ("Shift_JIS", b"\x8D\x5D", "江"),
        // UTF-8 all the same.
        ("utf-16", "Київ".as_bytes(), "Київ"),
        ("ISO-8859-1", "Київ".as_bytes(), "Київ"),
    ];
    for (declared, headline, read) in cases {
        let out = decode_stream(Cap, &encoded(declared, headline));
        assert_eq!(out.rejections, [], "{declared}");
        assert_eq!(out.observations.len(), 2, "{declared}");
        let text = &claim(&out.observations[0]).text;
        assert!(text.starts_with(read), "{declared}: {text}");
    }
}

#[test]
fn a_document_in_no_known_encoding_is_one_rejection() {
    let cases: &[(&str, &[u8])] = &[
        ("UTF-8", b"\xCA\xE8"),
        ("utf-16", b"\xCA\xE8\xBF\xE2"),
        ("of our own", b"\xCA\xE8"),
        // A byte that stands for nothing there.
        ("Shift_JIS", b"\x82"),
    ];
    for (declared, headline) in cases {
        let stream = [encoded(declared, headline), alert(&[]).into_bytes()].concat();
        let out = decode_stream(Cap, &stream);
        let classes: Vec<_> = out.rejections.iter().map(|it| it.class.as_str()).collect();
        assert_eq!(classes, ["encoding"], "{declared}");
        assert_eq!(out.observations.len(), 2, "{declared}");
    }
}

#[test]
fn an_update_goes_back_to_its_first_alert() {
    let origin = |text: &str| {
        let out = decode(text, None);
        claim(&out.observations[0])
            .published
            .clone()
            .unwrap()
            .origin
    };
    let first = origin(&alert(&[]));
    let references = "<scope>Public</scope><references>alerts@example.org,A-78,\
        2025-03-01T14:10:00+02:00 alerts@example.org,A-77,2025-03-01T14:00:00+02:00</references>";
    let update = alert(&[
        (">Alert<", ">Update<"),
        (">A-77<", ">A-79<"),
        ("<sent>2025-03-01T14:00", "<sent>2025-03-01T14:20"),
        ("<scope>Public</scope>", references),
    ]);
    assert_eq!(origin(&update), first);
    assert_ne!(origin(&alert(&[(">A-77<", ">A-79<")])), first);
    assert_ne!(origin(&alert(&[("alerts@", "others@")])), first);
}

/// What an alert takes back, and how many claims it makes.
fn taken_back(text: &str) -> (Option<Retraction>, usize) {
    let out = decode(text, None);
    assert_eq!(out.rejections, []);
    let taken = out
        .observations
        .iter()
        .find_map(|seen| match &seen.reading {
            Reading::Retraction(retraction) => Some(retraction.clone()),
            _ => None,
        });
    let claims = out.observations.len() - usize::from(taken.is_some());
    (taken, claims)
}

#[test]
fn cancel_and_update_take_back_what_their_sender_said_before() {
    let name = |text: &str| claim(&decode(text, None).observations[0]).report.clone();
    let first = name(&alert(&[])).unwrap();
    let references = "<scope>Public</scope><note>All clear</note><references>\
        alerts@example.org,A-77,2025-03-01T14:00:00+02:00 others@example.org,A-77,\
        2025-03-01T14:00:00+02:00 alerts@example.org,A-79,2025-03-01T14:00:00+02:00</references>";
    let later = |kind: &str| {
        alert(&[
            (">Alert<", &format!(">{kind}<")),
            (">A-77<", ">A-79<"),
            ("<sent>2025-03-01T14:00", "<sent>2025-03-01T14:20"),
            ("<scope>Public</scope>", references),
        ])
    };
    let retraction = |corrected| Retraction {
        reports: vec![first.clone()],
        corrected,
        text: "All clear".to_owned(),
    };
    assert_eq!(taken_back(&later("Cancel")), (Some(retraction(false)), 0));
    assert_eq!(taken_back(&later("Update")), (Some(retraction(true)), 2));
    for kind in ["Ack", "Error"] {
        assert_eq!(taken_back(&later(kind)), (None, 0), "{kind}");
    }
    let exercise = later("Cancel").replace(">Actual<", ">Exercise<");
    assert_eq!(taken_back(&exercise), (None, 0));
    assert_ne!(name(&later("Update")), Some(first));
    let at_once = decode(&later("Cancel"), None).observations[0].observed_at;
    assert_eq!(at_once, Interval::instant(at("2025-03-01T12:20:00Z")));
}

#[test]
fn what_is_about_no_incident_is_only_shown() {
    let cases = [
        ("<status>Actual<", "<status>Exercise<"),
        ("<status>Actual<", "<status>Test<"),
        ("<msgType>Alert<", "<msgType>Cancel<"),
        ("<msgType>Alert<", "<msgType>Ack<"),
        (">Security<", ">Met<"),
    ];
    for change in cases {
        let out = decode(&alert(&[change]), None);
        assert_eq!(
            (out.observations.len(), out.rejections.len()),
            (0, 0),
            "{change:?}"
        );
        assert_eq!(out.sheets.unwrap().len(), 1);
    }
}

#[test]
fn certainties_are_credibilities() {
    let cases = [
        ("Observed", "F2"),
        ("Very Likely", "F3"),
        ("Possible", "F4"),
        ("Unlikely", "F5"),
        ("Unknown", "F6"),
    ];
    for (certainty, grade) in cases {
        let out = decode(&alert(&[("Likely", certainty)]), None);
        assert_eq!(out.observations[0].grade.code(), grade, "{certainty}");
    }
}

#[test]
fn the_mapping_says_what_events_are() {
    let about = |word: &str| {
        let words = |word: &str| BTreeMap::from([("Air raid".to_owned(), word.to_owned())]);
        let mapping = Mapping {
            words: BTreeMap::from([
                ("about".to_owned(), words(word)),
                ("class".to_owned(), words("drone_strike")),
            ]),
            ..Mapping::default()
        };
        let out = decode(&alert(&[(">Security<", ">Met<")]), Some(mapping));
        let rejected = out
            .rejections
            .first()
            .map(|rejection| rejection.class.to_string());
        let said = out
            .observations
            .first()
            .map(|seen| (claim(seen).about, claim(seen).class));
        (said, rejected)
    };
    let strike = Some(EventClass::DroneStrike);
    assert_eq!(
        about("movement"),
        (Some((IncidentKind::Movement, strike)), None)
    );
    assert_eq!(about(""), (None, None));
    assert_eq!(about("gossip"), (None, Some("value".to_owned())));
}

#[test]
fn what_is_rejected() {
    let cases = [
        (("<sent>2025", "<sent>soon"), "time"),
        (
            ("<sent>2025-03-01T14:00:00+02:00", "<sent>"),
            "missing_field",
        ),
        ((">A-77<", "><"), "missing_field"),
        (("48,37 48,38 49,38 48,37", "48,37 48,38 48,37"), "range"),
        (("48,37 48,38 49,38 48,37", "48,37 x"), "number"),
        (("48.5,37.5 8", "48.5,37.5"), "number"),
        (("48.5,37.5 8", "98.5,37.5 8"), "range"),
        (("<expires>2025", "<expires>2024"), "range"),
        (("cap:alert", "cap:warning"), "xml"),
    ];
    for (change, class) in cases {
        assert_eq!(rejected(Cap, &alert(&[change])), class, "{change:?}");
    }
}

proptest! {
    #[test]
    fn written_alerts_read_back(
        credibility in 0..5usize, text in "[ -~äж]{0,30}", circle in any::<bool>(),
        lat in -80_000..80_000i32, seconds in 0..4_000_000_000i64, length in 0..100_000i64,
    ) {
        let base = r#"{"speaker":"open_source","about":"physical_event","publisher":"P",
            "observed_at":"2025-03-01T12:00:00Z","origin":"alert/0123456789ab"}"#;
        let mut observation = decode_one(ReportJson, &[base]);
        let time = |s| Timestamp::from_second(s).unwrap();
        observation.observed_at = Interval { start: time(seconds), end: time(seconds + length) };
        observation.grade.credibility = [
            Credibility::ProbablyTrue,
            Credibility::PossiblyTrue,
            Credibility::Doubtful,
            Credibility::Improbable,
            Credibility::CannotBeJudged,
        ][credibility];
        let lat_deg = f64::from(lat) / 1e3;
        observation.location = Some(if circle {
            Location::fix(position(lat_deg, 37.5), 750.0)
        } else {
            let ring = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)];
            let corner = |(dlat, lon_deg)| position(lat_deg + dlat, lon_deg);
            Location::Area { ring: ring.map(corner).to_vec() }
        });
        let Reading::Claim(said) = &mut observation.reading else { panic!("no claim") };
        said.text = text.trim().to_owned();
        said.published.as_mut().unwrap().published_at = Some(time(seconds));
        let mut back = round_trip(Cap, &observation);
        back.source = observation.source.clone();
        let Reading::Claim(read) = &mut back.reading else { panic!("no claim") };
        prop_assert_eq!(read.report.take(), Some(report_name("P", "alert/0123456789ab")));
        // An alert's origin follows from its sender and number.
        let origin = std::mem::replace(
            &mut read.published.as_mut().unwrap().origin,
            claim(&observation).published.clone().unwrap().origin,
        );
        prop_assert!(origin.as_str().starts_with("alert/"));
        prop_assert_eq!(back, observation);
    }
}
