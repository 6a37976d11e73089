//! Interference with the mission's own drones and instruments.

use truce_core::mission::{Actor, Mission, Role, Sensor, SensorKind};
use truce_core::observation::{Health, SensorState, UavDetection};
use truce_core::{
    Height, HeightDatum, Incident, IncidentKind, Interval, Location, Observation, Position, Reading,
};
use truce_fusion::Picture;
use truce_fusion::own::Own;

use crate::world::{at, mission, observation, slug, time};

/// A mission with a drone of its own, whose payload is a sensor.
fn with_drone() -> Mission {
    let mut mission = mission();
    let like = mission.network.sensors[0].clone();
    mission.network.sensors.push(Sensor {
        id: slug("drone-1/payload"),
        kind: SensorKind::UavPayload,
        position: None,
        ..like
    });
    mission.actors.push(Actor {
        id: slug("own-mission"),
        name: "Mission".to_owned(),
        role: Role::Mission,
    });
    mission
}

/// What the drone says of itself: when, where, how high, how fast.
fn report(second: f64, position: Position, height_m: f64, speed_m_s: f64) -> Observation {
    let detection = UavDetection {
        target: Some("drone-1".to_owned()),
        speed_m_s: Some(speed_m_s),
        course_deg: None,
        means: slug("self-report"),
        confidence: None,
        operator: None,
    };
    let Location::Fix { place, .. } = Location::fix(position, 10.0) else {
        unreachable!("a fix was made")
    };
    let above = HeightDatum::MeanSeaLevel;
    let height = Some(Height { height_m, above });
    let location = Some(Location::Fix { place, height });
    let (name, when) = (format!("drone {second}"), Interval::instant(time(second)));
    observation(
        &name,
        Some("drone-1/payload"),
        when,
        location,
        Reading::Uav(detection),
    )
}

/// A flight to the east at 25 m/s, a report every two seconds, over some seconds.
fn flight(from: u32, to: u32) -> Vec<Observation> {
    let steps = (from..to).step_by(2).map(f64::from);
    steps
        .map(|s| report(s, at(25.0 * s, 0.0), 600.0, 25.0))
        .collect()
}

fn found(observations: &[Observation], now_s: f64) -> Vec<Incident> {
    let mut own = Own::new(&with_drone());
    observations
        .iter()
        .for_each(|observation| own.update(observation));
    until(&mut own, now_s)
}

/// What is told when something else was heard at a time.
fn until(own: &mut Own, now_s: f64) -> Vec<Incident> {
    own.update(&state("a-2", now_s, Health::Working));
    own.changes()
}

fn state(sensor: &str, second: f64, health: Health) -> Observation {
    let text = String::new();
    let reading = Reading::SensorState(SensorState { health, text });
    let (name, when) = (format!("state {second}"), Interval::instant(time(second)));
    observation(&name, Some(sensor), when, None, reading)
}

fn line(incident: &Incident) -> String {
    let seconds = |t: truce_core::Timestamp| t.duration_since(time(0.0)).as_secs();
    let (from, to) = (
        seconds(incident.occurred.start),
        seconds(incident.occurred.end),
    );
    let over = if incident.attributes.contains_key("ended") {
        " over"
    } else {
        ""
    };
    format!("{} {from}..{to}{over}", incident.attributes["behaviour"])
}

fn lines(incidents: &[Incident]) -> Vec<String> {
    incidents.iter().map(line).collect()
}

#[test]
fn a_link_lost_in_flight_is_told_once_it_has_lasted_and_when_it_doubles() {
    let mut own = Own::new(&with_drone());
    flight(0, 600)
        .iter()
        .for_each(|observation| own.update(observation));
    assert!(
        until(&mut own, 700.0).is_empty(),
        "102 s of silence are none"
    );
    let told = until(&mut own, 720.0);
    assert_eq!(lines(&told), ["lost_link 598..718"]);
    assert_eq!(told[0].kind, IncidentKind::AccessDenied);
    assert_eq!(told[0].attributes["target"], "monitors");
    assert!(
        told[0].probability < 0.6,
        "a lost link alone shows no intent"
    );
    assert!(until(&mut own, 800.0).is_empty());
    assert_eq!(lines(&until(&mut own, 840.0)), ["lost_link 598..838"]);
    // Heard again: it is over, at the time at which it was heard.
    flight(900, 960)
        .iter()
        .for_each(|observation| own.update(observation));
    let over = until(&mut own, 960.0);
    assert_eq!(lines(&over), ["lost_link 598..900 over"]);
    assert_eq!((over[0].id, over[0].revision), (told[0].id, 3));
}

#[test]
fn a_drone_that_landed_may_fall_silent() {
    let mut landed = flight(0, 600);
    landed.extend(
        (600..660)
            .step_by(2)
            .map(|s| report(f64::from(s), at(15e3, 0.0), 70.0, 0.0)),
    );
    assert!(found(&landed, 9_000.0).is_empty());
    // It hovers: the speed says nothing, the height does.
    let hovers = |s: u32| report(f64::from(s), at(15e3, 0.0), 400.0, 0.0);
    landed.extend((660..760).step_by(2).map(hovers));
    assert_eq!(found(&landed, 9_000.0).len(), 1);
}

#[test]
fn a_place_no_drone_can_have_flown_to_is_a_jump_once_it_stays() {
    let away = |s: f64| report(s, at(25.0 * s, 40e3), 600.0, 25.0);
    let mut jumped = flight(0, 400);
    jumped.extend((400..500).step_by(2).map(|s| away(f64::from(s))));
    assert_eq!(lines(&found(&jumped, 500.0)), ["gnss_jump 398..498"]);
    jumped.extend(flight(500, 600));
    assert_eq!(lines(&found(&jumped, 600.0)), ["gnss_jump 398..500 over"]);
    let mut garbled = flight(0, 400);
    garbled.push(away(401.0));
    garbled.extend(flight(402, 500));
    assert!(
        found(&garbled, 500.0).is_empty(),
        "a single stray report is none"
    );
    garbled.push(away(-2.0));
    assert!(
        found(&garbled, 500.0).is_empty(),
        "nor is a stray first one"
    );
}

#[test]
fn the_order_of_arrival_changes_nothing() {
    let mut all = flight(0, 300);
    all.extend(flight(600, 900));
    all.push(report(100.0, at(2_500.0, 40e3), 600.0, 25.0));
    let expected = lines(&found(&all, 1_500.0));
    assert_eq!(expected, ["lost_link 298..600 over", "lost_link 898..1378"]);
    all.reverse();
    assert_eq!(lines(&found(&all, 1_500.0)), expected);
    // What late reports show to be wrong is withdrawn.
    let mut own = Own::new(&with_drone());
    flight(0, 300)
        .iter()
        .for_each(|observation| own.update(observation));
    assert_eq!(until(&mut own, 450.0).len(), 1);
    flight(300, 452)
        .iter()
        .for_each(|observation| own.update(observation));
    let gone = until(&mut own, 452.0);
    assert_eq!(gone.len(), 1);
    assert!(gone[0].withdrawn.is_some());
}

#[test]
fn an_instrument_that_is_disturbed_says_so() {
    let state = |second: f64, health| state("a-1", second, health);
    let mut states = vec![state(0.0, Health::Working), state(60.0, Health::Jammed)];
    let told = found(&states, 120.0);
    assert_eq!(lines(&told), ["jammed 60..60"]);
    assert!(
        told[0].place.position.distance_m(at(-6e3, -2e3)) < 1.0,
        "where it stands"
    );
    states.extend([state(90.0, Health::Jammed), state(600.0, Health::Working)]);
    states.push(state(700.0, Health::Off));
    assert_eq!(lines(&found(&states, 800.0)), ["jammed 60..600 over"]);
}

#[test]
fn the_missions_own_drone_is_known_as_its_own() {
    let mut picture = Picture::new(&with_drone());
    flight(0, 60)
        .iter()
        .for_each(|observation| picture.update(observation));
    let mut actors = picture
        .changes()
        .into_iter()
        .filter_map(|change| match change {
            truce_fusion::Change::Track(track) => track.actor,
            _ => None,
        });
    assert_eq!(actors.next(), Some(slug("own-mission")));
}
