//! Radar against AIS: small seas with one vessel that is looked at.

use truce_core::observation::RadarTarget;
use truce_core::{Incident, Interval, Location, Observation, Reading};
use truce_fusion::sea::{Sea, Summary};
use truce_fusion::{Change, Picture};

use crate::shipping::{HOUR_S, northward, traffic};
use crate::world::*;

/// A place some way east and north, seen by a radar; the errors go round within 40 m.
fn plot(radar: &str, second: f64, east_m: f64, north_m: f64) -> Observation {
    let off = |n: f64| 40.0 * (second * n).sin();
    let place = at(east_m + off(0.7), north_m + off(1.3));
    let name = format!("{radar} {second} {east_m}");
    observation(
        &name,
        Some(radar),
        Interval::instant(time(second)),
        Some(Location::fix(place, 40.0)),
        Reading::Radar(RadarTarget::default()),
    )
}

/// What two radars in turn see of a vessel that sails 60 km north from an hour on, as `northward` has
/// it; `east_m` beside the others.
fn seen(hour: f64, east_m: f64) -> Vec<Observation> {
    let minutes = (0..120).map(|minute| 60.0 * f64::from(minute));
    let both = minutes.flat_map(|s| [("radar-1", s), ("radar-2", s + 20.0)]);
    let plots = both.map(|(radar, s)| plot(radar, hour * HOUR_S + s, east_m, 8.0 * s));
    plots.collect()
}

/// What is told of vessels without AIS in the end, and the state while radar follows.
fn judge(mut readings: Vec<Observation>, hour: f64) -> (Vec<Incident>, Summary) {
    readings.sort_by_key(|reading| (reading.observed_at.start, reading.id));
    let (mut picture, mut sea) = (Picture::new(&mission()), Sea::new(&mission()));
    let (mut told, mut then) = (Vec::new(), Summary::default());
    let mut followed = time(0.0);
    for reading in &readings {
        let at = reading.observed_at.start;
        picture.update(reading);
        sea.update(reading);
        if truce_core::time::seconds_between(followed, at) >= 60.0 {
            followed = at;
            for change in picture.changes() {
                if let Change::Track(track) = change {
                    sea.follow(&track);
                }
            }
            told.extend(sea.changes());
        }
        if at <= time(hour * HOUR_S) {
            then = sea.summary();
        }
    }
    told.extend(sea.finish());
    let mut last = std::collections::BTreeMap::new();
    for incident in told {
        last.insert(incident.id, incident);
    }
    let standing = last.into_values().filter(|one| one.withdrawn.is_none());
    (standing.collect(), then)
}

fn behaviours(incidents: &[Incident]) -> Vec<&str> {
    let words = incidents
        .iter()
        .map(|one| one.attributes["behaviour"].as_str());
    words.collect()
}

#[test]
fn what_radar_and_ais_see_is_one_vessel_and_nothing_to_tell() {
    let mut readings = traffic(48.0);
    readings.extend(northward(950, 40.3, None, None));
    readings.extend(seen(40.3, 0.0));
    let (told, then) = judge(readings, 42.0);
    assert_eq!(behaviours(&told), [""; 0]);
    // Two radars, one track.
    let [radar] = &then.radar[..] else {
        panic!("{:?}", then.radar)
    };
    assert_eq!(radar.identity.as_deref(), Some("mmsi:000000950"));
    assert_eq!(radar.incident, None);
}

#[test]
fn a_vessel_without_ais_is_told_where_it_would_have_been_heard() {
    let mut readings = traffic(48.0);
    readings.extend(seen(40.3, 1_500.0));
    let (told, then) = judge(readings, 42.2);
    assert_eq!(behaviours(&told), ["dark"]);
    let dark = &told[0];
    assert_eq!(dark.track, Some(then.radar[0].track));
    assert_eq!(then.radar[0].incident, Some(dark.id));
    assert!(!dark.attributes.contains_key("identity"));
    assert!(dark.attributes.contains_key("ended"));
    let hours = dark.occurred.length_s() / HOUR_S;
    assert!((1.8..2.0).contains(&hours), "{hours}");
    let sum: f64 = dark.explanation.iter().map(|term| term.log_odds).sum();
    assert!((truce_core::belief::probability(sum) - dark.probability).abs() < 1e-9);
    assert!(dark.probability > 0.9);
}

#[test]
fn a_vessel_that_radar_loses_and_finds_again_is_told_once() {
    let lost = time(40.3 * HOUR_S + 3_000.0)..time(40.3 * HOUR_S + 4_500.0);
    let mut readings = traffic(48.0);
    readings.extend(seen(40.3, 1_500.0));
    let is_plot = |reading: &Observation| matches!(reading.reading, Reading::Radar(_));
    readings.retain(|one| !is_plot(one) || !lost.contains(&one.observed_at.start));
    let (told, then) = judge(readings, 42.2);
    assert_eq!(behaviours(&told), ["dark"]);
    let hours = told[0].occurred.length_s() / HOUR_S;
    assert!((1.8..2.0).contains(&hours), "{hours}");
    assert_eq!(told[0].track, Some(then.radar[0].track));
    let again = told[0]
        .explanation
        .iter()
        .find(|term| term.name.as_str() == "again");
    assert!(
        again.unwrap().text.contains("radar lost it for 26 minutes"),
        "{again:?}"
    );
}

#[test]
fn another_vessel_after_one_that_radar_lost_is_told_by_itself() {
    let mut readings = traffic(48.0);
    let from = |hour: f64, off_m: f64| seen(hour, 1_500.0 + off_m).into_iter();
    readings.extend(from(40.3, 0.0).take(100));
    // It comes where the first one came from.
    readings.extend(from(41.5, 300.0).take(100));
    let (told, _) = judge(readings, 42.2);
    assert_eq!(behaviours(&told), ["dark", "dark"]);
    assert!(
        !told[0]
            .explanation
            .iter()
            .any(|term| term.name.as_str() == "again")
    );
}

#[test]
fn where_nobody_is_heard_a_vessel_without_ais_is_nothing_to_tell() {
    let mut readings = traffic(48.0);
    readings.extend(seen(40.3, 80_000.0));
    assert_eq!(behaviours(&judge(readings, 42.0).0), [""; 0]);
    // Nor while the receivers are out.
    let mut readings = traffic(48.0);
    let out = time(40.0 * HOUR_S)..time(43.0 * HOUR_S);
    readings.retain(|reading| !out.contains(&reading.observed_at.start));
    readings.extend(seen(40.3, 1_500.0));
    let (told, _) = judge(readings, 42.0);
    assert!(!behaviours(&told).contains(&"dark"));
}

#[test]
fn a_vessel_that_falls_silent_before_the_radar_keeps_its_name_and_is_told_as_silent() {
    let mut readings = traffic(48.0);
    readings.extend(northward(950, 40.3, None, Some((40.8, 42.2))));
    readings.extend(seen(40.3, 0.0));
    let (told, then) = judge(readings, 42.2);
    assert_eq!(behaviours(&told), ["gap"]);
    assert_eq!(then.radar[0].identity.as_deref(), Some("mmsi:000000950"));
}

#[test]
fn what_radars_see_is_judged_though_nobody_sends() {
    let (mut picture, mut sea) = (Picture::new(&mission()), Sea::new(&mission()));
    let mut points = 0;
    for reading in seen(1.0, 0.0) {
        picture.update(&reading);
        sea.update(&reading);
        for change in picture.changes() {
            if let Change::Track(track) = change {
                sea.follow(&track);
            }
        }
        sea.changes();
        let tracks = sea.unnamed();
        points += tracks.iter().map(|track| track.points.len()).sum::<usize>();
    }
    // One a minute for two hours, but for the time that readings settle and reports may follow.
    assert!((85..=96).contains(&points), "{points}");
}
