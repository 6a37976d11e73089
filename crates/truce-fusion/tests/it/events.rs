//! Incidents: what raises and what lowers the belief in them.

use truce_core::incident::Withdrawal;
use truce_core::mission::{Calibration, Mission, Sensor, SensorKind, Shape, Zone};
use truce_core::observation::{
    CraterAzimuth, Health, Publication, SeismicPhase, SeismicPick, SensorState, Speaker,
};
use truce_core::{
    EventClass, Incident, IncidentKind, Interval, Location, Observation, Reading, belief,
};
use truce_fusion::{Picture, Silence};

use crate::world::*;

/// The one incident that holds an observation.
fn incident_of(picture: &Picture, observation: &Observation) -> Incident {
    let id = picture
        .incident_of(observation.id)
        .expect("an incident holds it");
    picture.incident(id).unwrap().clone()
}

fn with_term<'a>(incident: &'a Incident, name: &str) -> Vec<&'a truce_core::Term> {
    incident
        .explanation
        .iter()
        .filter(|term| term.name.as_str() == name)
        .collect()
}

/// The probability follows from the lines, and the classes are a distribution.
fn check_sums(incident: &Incident) {
    let sum: f64 = incident.explanation.iter().map(|term| term.log_odds).sum();
    let difference = (belief::probability(sum) - incident.probability).abs();
    assert!(difference < 1e-9, "{sum} {}", incident.probability);
    if incident.kind == IncidentKind::PhysicalEvent {
        let all: f64 = incident.classes.values().sum();
        assert!((all - 1.0).abs() < 1e-9, "{all}");
        let weapons = incident
            .classes
            .iter()
            .filter(|(class, _)| class.uses_weapons());
        let weapons: f64 = weapons.map(|(_, p)| p).sum();
        assert!((weapons - incident.probability).abs() < 1e-9);
    }
}

fn shelling() -> [Observation; 4] {
    let place = at(1_500.0, -1_500.0);
    let report = shelled("report", 40.0, at(1_800.0, -1_300.0));
    [
        report,
        heard("a-1", 0.0, place),
        heard("a-2", 0.0, place),
        heard("a-3", 0.0, place),
    ]
}

#[test]
fn a_late_pixel_revises_a_shelling() {
    let mut picture = picture_of(&shelling(), 3_600.0);
    let first = picture.changes();
    let [first] = incidents(&first)[..] else {
        panic!("{first:#?}");
    };
    check_sums(first);
    assert_eq!((first.revision, first.evidence.len()), (1, 4));
    assert!(first.probability > 0.9, "{:#?}", first.explanation);
    let error_m = first.place.position.distance_m(at(1_500.0, -1_500.0));
    assert!(error_m < 400.0, "{error_m}");
    assert!(first.place.uncertainty.semi_major_m < 300.0);
    let (south, p) = first.attribution.side(0.0).unwrap();
    assert!(
        south.as_str() == "north" && p > 0.6,
        "{:?}",
        first.attribution
    );

    picture.update(&thermal("pixel", 1_800.0, at(1_450.0, -1_600.0)));
    picture.advance(time(9_000.0));
    let second = picture.changes();
    let [second] = incidents(&second)[..] else {
        panic!("{second:#?}");
    };
    check_sums(second);
    assert_eq!((second.id, second.revision), (first.id, 2));
    assert_eq!(second.evidence.len(), 5);
    assert!(
        second.probability > first.probability,
        "{:#?}",
        second.explanation
    );
}

#[test]
fn the_same_again_is_no_revision() {
    let mut picture = picture_of(&shelling(), 3_600.0);
    assert_eq!(picture.changes().len(), 1);
    for observation in shelling() {
        picture.update(&observation);
    }
    assert_eq!(picture.changes(), []);
}

/// Directions alone cross at a place; one alone is no incident.
#[test]
fn bearings_that_cross_found_an_incident_and_one_alone_does_not() {
    let place = at(1_500.0, -1_500.0);
    let three = ["a-1", "a-2", "a-3"].map(|array| heard(array, 0.0, place));
    let incident = incident_of(&picture_of(&three, 100.0), &three[0]);
    check_sums(&incident);
    assert_eq!(incident.evidence.len(), 3);
    assert!(incident.place.position.distance_m(place) < 600.0);
    assert!(incident.probability > 0.8, "{:#?}", incident.explanation);
    let one = picture_of(&three[..1], 100.0);
    assert_eq!(one.incident_of(three[0].id), None);
}

/// One wave's arrival beside one sound gives a place along the direction and is improbable as noise.
#[test]
fn a_sound_and_one_arrival_of_a_wave_found_an_incident() {
    let mut mission = mission();
    let (station, place) = (at(-14e3, -9e3), at(-12e3, -1_500.0));
    let mut seismometer = mission.network.sensors[0].clone();
    seismometer.id = slug("s-1");
    seismometer.kind = SensorKind::SeismicStation;
    seismometer.position = Some(station);
    seismometer.latency_s_max = 600.0;
    for detects in &mut seismometer.detects {
        detects.range_m_half = Some(30e3);
    }
    mission.network.sensors.push(seismometer);
    let pick = SeismicPick {
        phase: SeismicPhase::P,
        signal_to_noise_db: None,
    };
    let location = Location::Arrival {
        station,
        arrival_s_sigma: 0.2,
    };
    let arrived = Interval::instant(time(station.distance_m(place) / 6_000.0));
    let reading = Reading::Seismic(pick);
    let felt = observation("p", Some("s-1"), arrived, Some(location), reading);
    let sound = heard("a-1", 0.0, place);
    let mut picture = Picture::new(&mission);
    picture.update(&sound);
    picture.advance(time(60.0));
    assert_eq!(picture.incident_of(sound.id), None);
    picture.update(&felt);
    picture.advance(time(61.0));
    let incident = incident_of(&picture, &sound);
    check_sums(&incident);
    assert_eq!(incident.evidence.len(), 2);
    assert!(incident.probability > 0.5, "{incident:#?}");
    let error_m = incident.place.position.distance_m(place);
    assert!(
        error_m < incident.place.uncertainty.semi_major_m,
        "{error_m}"
    );
}

/// Where the mission has directions told, one towards the line is an incident on it, with a long
/// error, and keeps its name when a second one crosses it; below the mission's threshold it is none.
#[test]
fn a_direction_towards_the_line_is_told_where_the_mission_says_so() {
    let from = |threshold| {
        Picture::new(&Mission {
            direction_threshold: Some(threshold),
            ..mission()
        })
    };
    let place = at(-6_000.0, 0.0);
    let (towards, again) = (heard("a-1", 0.0, place), heard("a-2", 0.0, place));
    let mut careful = from(0.9);
    careful.update(&towards);
    careful.advance(time(10.0));
    assert_eq!(careful.incident_of(towards.id), None);
    let mut picture = from(0.05);
    picture.update(&towards);
    picture.advance(time(10.0));
    let early = incident_of(&picture, &towards);
    picture.advance(time(400.0));
    let late = incident_of(&picture, &towards);
    check_sums(&early);
    check_sums(&late);
    assert!(early.probability > 0.05 && early.probability < 0.5);
    assert_eq!(with_term(&late, "silence").len(), 2, "{late:#?}");
    let (error_m, errors) = (
        late.place.position.distance_m(place),
        late.place.uncertainty,
    );
    assert!(error_m < errors.semi_major_m, "{error_m} {errors:?}");
    assert!(
        errors.semi_major_m > 2.0 * errors.semi_minor_m,
        "{errors:?}"
    );
    picture.update(&again);
    picture.advance(time(410.0));
    let crossed = incident_of(&picture, &towards);
    assert_eq!(crossed.id, early.id);
    assert!(crossed.probability > late.probability, "{crossed:#?}");
}

#[test]
fn silence_counts_only_as_its_delay_passes_and_lowers_the_belief() {
    let report = shelled("report", 0.0, at(0.0, -1_500.0));
    let p = |now_s| incident_of(&picture_of(std::slice::from_ref(&report), now_s), &report);
    let (early, late) = (p(5.0), p(400.0));
    check_sums(&early);
    check_sums(&late);
    assert_eq!(with_term(&early, "silence").len(), 0);
    assert_eq!(
        with_term(&late, "silence").len(),
        3,
        "{:#?}",
        late.explanation
    );
    assert!(late.probability < early.probability);
}

/// A sensor whose delay has passed by half would have told of half of what it noticed.
#[test]
fn silence_grows_as_a_delay_passes() {
    let mut mission = mission();
    for sensor in &mut mission.network.sensors {
        sensor.latency_s_max = 600.0;
    }
    let report = shelled("report", 0.0, at(0.0, -1_500.0));
    let at_time = |now_s| {
        let mut picture = Picture::new(&mission);
        picture.update(&report);
        picture.advance(time(now_s));
        incident_of(&picture, &report)
    };
    let told = [60.0, 330.0, 900.0].map(at_time);
    told.iter().for_each(check_sums);
    assert_eq!(with_term(&told[0], "silence").len(), 0);
    let half = &with_term(&told[1], "silence")[0].text;
    assert!(half.contains("would have told of it by now"), "{half}");
    let full = &with_term(&told[2], "silence")[0].text;
    assert!(full.contains("would have noticed"), "{full}");
    assert!(told.is_sorted_by(|before, after| before.probability > after.probability));
}

/// Six slow arrays may have heard two sounds too.
fn amid_slow_arrays() -> (Mission, [Observation; 2]) {
    let mut mission = mission();
    let near = mission.network.sensor(&slug("a-1")).unwrap().clone();
    for number in 0..6 {
        mission.network.sensors.push(Sensor {
            id: slug(&format!("slow-{number}")),
            position: Some(at(1_000.0 * f64::from(number), -4_000.0)),
            latency_s_max: 600.0,
            ..near.clone()
        });
    }
    let sounds = ["a-1", "a-2"].map(|array| heard(array, 0.0, at(1_500.0, -1_500.0)));
    (mission, sounds)
}

/// Who may still send something says nothing by its silence, so that two sounds are told at once;
/// in time the silence of the slow arrays is the stronger.
#[test]
fn an_event_is_told_before_slow_sensors_have_spoken() {
    let (mission, sounds) = amid_slow_arrays();
    let mut picture = Picture::new(&mission);
    for sound in &sounds {
        picture.update(sound);
    }
    picture.advance(time(25.0));
    let early = incident_of(&picture, &sounds[0]);
    check_sums(&early);
    assert_eq!(early.evidence.len(), 2);
    assert!(early.probability > 0.5, "{:#?}", early.explanation);
    picture.advance(time(9_000.0));
    assert_eq!(picture.incident_of(sounds[0].id), None);
}

/// The time alone decides when silence ends an event, not how often somebody looked.
#[test]
fn growing_silence_ends_an_event_at_the_same_time_however_often_it_is_told() {
    let (mission, sounds) = amid_slow_arrays();
    let mut often = Picture::new(&mission);
    for sound in &sounds {
        often.update(sound);
    }
    let mut stood = Vec::new();
    for step in 0..40 {
        let now = time(25.0 + 20.0 * f64::from(step));
        often.advance(now);
        let mut once = Picture::new(&mission);
        for sound in &sounds {
            once.update(sound);
        }
        once.advance(now);
        assert_eq!(often.state_digest(), once.state_digest(), "{now}");
        stood.push(often.incident_of(sounds[0].id).is_some());
    }
    assert_eq!([stood[0], stood[39]], [true, false]);
    assert!(
        stood.is_sorted_by(|before, after| before >= after),
        "{stood:?}"
    );
}

#[test]
fn silence_comes_due_by_itself() {
    let mut picture = picture_of(&[shelled("report", 0.0, at(0.0, -1_500.0))], 10.0);
    assert_eq!(incidents(&picture.changes())[0].revision, 1);
    picture.advance(time(400.0));
    let changes = picture.changes();
    assert_eq!(incidents(&changes)[0].revision, 2);
    picture.advance(time(401.0));
    assert_eq!(picture.changes(), []);
}

#[test]
fn a_sensor_that_did_not_work_says_nothing_by_its_silence() {
    let report = shelled("report", 0.0, at(0.0, -1_500.0));
    let state = |second, health| {
        let state = Reading::SensorState(SensorState {
            health,
            text: String::new(),
        });
        let observed_at = Interval::instant(time(second));
        observation(
            &format!("{health:?}"),
            Some("a-1"),
            observed_at,
            None,
            state,
        )
    };
    let off = [report.clone(), state(-100.0, Health::Off)];
    let back = [
        report.clone(),
        state(-100.0, Health::Off),
        state(-50.0, Health::Working),
    ];
    for (observations, silent) in [(&off[..], 2), (&back[..], 3)] {
        let incident = incident_of(&picture_of(observations, 400.0), &report);
        assert_eq!(with_term(&incident, "silence").len(), silent);
    }
}

/// The imager looks half an hour after the event and reports within four hours.
#[test]
fn cloud_is_no_evidence_of_absence() {
    let report = shelled("report", 0.0, at(0.0, -1_500.0));
    let late_s = 20_000.0;
    let silent = |observations: &[Observation]| {
        let incident = incident_of(&picture_of(observations, late_s), &report);
        check_sums(&incident);
        let about = |term: &&truce_core::Term| {
            term.sensor
                .as_ref()
                .is_some_and(|sensor| sensor.as_str() == "viirs")
        };
        let p = incident.probability;
        (
            with_term(&incident, "silence")
                .into_iter()
                .filter(about)
                .count(),
            p,
        )
    };
    let (unknown, p_unknown) = silent(std::slice::from_ref(&report));
    let (cloudy, p_cloudy) = silent(&[report.clone(), sky("cloud", 1_800.0, 0.9)]);
    let (clear, _) = silent(&[report.clone(), sky("clear", 1_800.0, 0.0)]);
    assert_eq!((unknown, cloudy, clear), (0, 0, 1));
    assert_eq!(p_unknown, p_cloudy);
}

#[test]
fn one_voice_counts_once() {
    let place = at(1_500.0, -1_500.0);
    let pixel = |name: &str, east_m| thermal(name, 1_800.0, at(1_500.0 + east_m, -1_500.0));
    let report = shelled("report", 0.0, place);
    let one = [report.clone(), pixel("p1", 0.0)];
    let many = [
        report.clone(),
        pixel("p1", 0.0),
        pixel("p2", 300.0),
        pixel("p3", -250.0),
    ];
    let one = incident_of(&picture_of(&one, 1_900.0), &report);
    let many = incident_of(&picture_of(&many, 1_900.0), &report);
    check_sums(&many);
    assert_eq!(many.evidence.len(), 4);
    assert_eq!(with_term(&many, "repeated").len(), 2);
    assert!(
        with_term(&many, "repeated")
            .iter()
            .all(|term| term.log_odds == 0.0)
    );
    assert!((one.probability - many.probability).abs() < 1e-12);
}

#[test]
fn a_fire_far_from_the_line_where_fields_burn_every_year_is_a_farm_fire() {
    let (near, far) = (at(0.0, -2_000.0), at(0.0, -45_000.0));
    let mut picture = Picture::new(&mission());
    for year in ["2022", "2023", "2024"] {
        for day in 10..20 {
            let instant = format!("{year}-03-{day}T10:00:00Z").parse().unwrap();
            let mut pixel = thermal(&format!("{year} {day}"), 0.0, far);
            pixel.observed_at = Interval::instant(instant);
            picture.learn_background(&pixel);
        }
    }
    let pixels = [thermal("near", 1_800.0, near), thermal("far", 1_800.0, far)];
    for pixel in &pixels {
        picture.update(pixel);
    }
    picture.advance(time(2_000.0));
    let [near, far] = [&pixels[0], &pixels[1]].map(|pixel| incident_of(&picture, pixel));
    check_sums(&near);
    check_sums(&far);
    assert!(far.probability < 0.02, "{:#?}", far.explanation);
    assert!(
        near.probability > 10.0 * far.probability,
        "{}",
        near.probability
    );
    assert!(
        far.classes[&EventClass::FarmFire] > 0.9,
        "{:?}",
        far.classes
    );
    assert!(
        far.explanation[0].text.contains("10.0 fires"),
        "{}",
        far.explanation[0].text
    );
}

/// The background may be learnt after the pixel was seen.
#[test]
fn a_background_learnt_late_revises_what_was_told() {
    let pixel = thermal("pixel", 1_800.0, at(0.0, -3_000.0));
    let mut picture = picture_of(std::slice::from_ref(&pixel), 2_000.0);
    let before = incident_of(&picture, &pixel).probability;
    for day in 1..=20 {
        let mut earlier = thermal(&format!("{day}"), 0.0, at(0.0, -3_000.0));
        earlier.observed_at =
            Interval::instant(format!("2024-03-{day:02}T10:00:00Z").parse().unwrap());
        picture.learn_background(&earlier);
    }
    picture.advance(time(2_000.0));
    assert!(incident_of(&picture, &pixel).probability < before / 2.0);
}

/// Two reports that are too far apart for one event, until arrays hear it between them: the
/// incident of the report that came first keeps its name, the other names its successor.
#[test]
fn what_turns_out_to_be_one_event_keeps_the_name_that_came_first() {
    let report = |name: &str, second, east_m| {
        let mut report = shelled(name, second, at(east_m, -1_500.0));
        report.sensor = None;
        report.source = slug(&format!("feed-{name}"));
        report
    };
    let (west, east) = (
        report("west", 10.0, -1_900.0),
        report("east", 20.0, 1_900.0),
    );
    let mut picture = picture_of(&[west.clone(), east.clone()], 60.0);
    assert_eq!(incidents(&picture.changes()).len(), 2);
    let [old_west, old_east] = [&west, &east].map(|r| picture.incident_of(r.id).unwrap());
    assert_ne!(old_west, old_east);
    for array in ["a-1", "a-2", "a-3"] {
        let mut sound = heard(array, 0.0, at(0.0, -1_500.0));
        sound.received_at = time(120.0);
        picture.update(&sound);
    }
    picture.advance(time(120.0));
    let changes = picture.changes();
    let now = picture.incident_of(west.id).unwrap();
    assert_eq!((now, picture.incident_of(east.id)), (old_west, Some(now)));
    let gone = incidents(&changes);
    let gone = gone
        .into_iter()
        .find(|incident| incident.id == old_east)
        .unwrap();
    assert_eq!(gone.withdrawn, Some(Withdrawal::PartOf(now)));
    assert_eq!(gone.revision, 2);
    assert_eq!(incidents(&changes).len(), 2);
}

#[test]
fn statements_of_independent_voices_add_up_and_those_of_one_do_not() {
    let place = at(0.0, 4_000.0);
    let stopped = |name: &str, speaker: Speaker| {
        let mut claim = claim(name, IncidentKind::AccessDenied, None);
        claim.speaker = speaker;
        told(name, 0.0, place, claim)
    };
    let patrol = stopped("patrol", Speaker::Patrol);
    let p = |observations: &[Observation]| {
        let incident = incident_of(&picture_of(observations, 60.0), &patrol);
        check_sums(&incident);
        assert_eq!(incident.kind, IncidentKind::AccessDenied);
        assert!(incident.classes.is_empty());
        incident.probability
    };
    let one = p(std::slice::from_ref(&patrol));
    let same = p(&[patrol.clone(), stopped("again", Speaker::Patrol)]);
    let two = p(&[patrol.clone(), stopped("call", Speaker::Hotline)]);
    assert_eq!(one, same);
    assert!(one > 0.7 && two > one, "{one} {two}");
    let shelling = shelled("report", 0.0, place);
    let both = picture_of(&[patrol.clone(), shelling.clone()], 60.0);
    assert_ne!(both.incident_of(patrol.id), both.incident_of(shelling.id));
}

/// Two feeds bring the same quotation, a third one another report.
#[test]
fn copies_of_a_published_report_count_once() {
    let published = |name: &str, origin: &str| {
        let mut claim = claim(name, IncidentKind::AccessDenied, None);
        claim.speaker = Speaker::OpenSource;
        claim.published = Some(Publication {
            origin: slug(origin),
            publisher: name.to_owned(),
            published_at: None,
            url: String::new(),
        });
        let mut told = told(name, 0.0, at(0.0, 4_000.0), claim);
        told.source = slug(name);
        told
    };
    let first = published("agency", "quotation/1");
    let p = |more: Observation| {
        let incident = incident_of(&picture_of(&[first.clone(), more], 60.0), &first);
        check_sums(&incident);
        incident.probability
    };
    let alone = incident_of(&picture_of(std::slice::from_ref(&first), 60.0), &first).probability;
    assert_eq!(p(published("paper", "quotation/1")), alone);
    assert!(p(published("blog", "quotation/2")) > alone);
}

#[test]
fn a_party_is_not_taken_at_its_word_about_the_other() {
    let accuse = |speaker: Speaker| {
        let mut claim = claim("x", IncidentKind::CivilianHarm, None);
        (claim.speaker, claim.side) = (speaker, Some(slug("north")));
        let told = told("x", 0.0, at(0.0, -4_000.0), claim);
        incident_of(&picture_of(std::slice::from_ref(&told), 60.0), &told)
    };
    let patrol = accuse(Speaker::Patrol);
    let party = accuse(Speaker::Party(slug("south")));
    let admitted = accuse(Speaker::Party(slug("north")));
    let north = |incident: &Incident| incident.attribution.parties[&slug("north")];
    assert!(party.probability < patrol.probability);
    assert!(north(&party) < 0.55 && north(&patrol) > 0.7 && north(&admitted) > 0.8);
}

/// A launch is heard on one side; the attribution says so and no place is told.
#[test]
fn the_sound_of_a_launch_names_a_side() {
    let impact = at(1_500.0, -200.0);
    let report = shelled("report", 0.0, impact);
    let launch = |array: &str, bearing_deg| {
        let mut sound = heard(array, -30.0, at(0.0, 9_000.0));
        if let Reading::Acoustic(detection) = &mut sound.reading {
            detection.launch = Some(true);
        }
        if let Some(Location::Bearing { bearing_deg: b, .. }) = &mut sound.location {
            *b = bearing_deg;
        }
        sound
    };
    let p = |observations: &[Observation]| {
        let picture = picture_of(observations, 60.0);
        let incident = incident_of(&picture, &report);
        assert!(incident.place.position.distance_m(impact) < 1_000.0);
        incident.attribution.parties[&slug("north")]
    };
    let silent = p(std::slice::from_ref(&report));
    let from_north = p(&[report.clone(), launch("a-3", 0.0)]);
    let from_south = p(&[report.clone(), launch("a-2", 180.0)]);
    assert!(
        from_north > silent && silent > from_south,
        "{from_north} {silent} {from_south}"
    );
    // Alone it founds nothing.
    let alone = launch("a-3", 0.0);
    assert_eq!(
        picture_of(std::slice::from_ref(&alone), 60.0).incident_of(alone.id),
        None
    );
}

/// A patrol reads a crater: the attribution names the side its azimuth points to, the less the
/// less sharply it was read.
#[test]
fn a_crater_names_a_side() {
    let impact = at(1_500.0, -800.0);
    let north = |crater: Option<(f64, f64)>| {
        let mut words = claim(
            "x",
            IncidentKind::PhysicalEvent,
            Some(EventClass::Artillery),
        );
        words.crater = crater.map(|(azimuth_deg, azimuth_deg_sigma)| CraterAzimuth {
            azimuth_deg,
            azimuth_deg_sigma,
        });
        let told = told("x", 0.0, impact, words);
        let incident = incident_of(&picture_of(std::slice::from_ref(&told), 60.0), &told);
        let terms = incident.attribution.terms.iter();
        let read = terms
            .filter(|(_, term)| term.name == slug("crater"))
            .count();
        assert_eq!(read, usize::from(crater.is_some()));
        incident.attribution.parties[&slug("north")]
    };
    let [unread, sharp, vague, south] = [
        north(None),
        north(Some((10.0, 5.0))),
        north(Some((10.0, 60.0))),
        north(Some((190.0, 5.0))),
    ];
    assert!(
        sharp > vague && vague > unread && unread > south,
        "{sharp} {vague} {unread} {south}"
    );
}

/// A drone that was followed over the line to what it struck names the side it came from; one that
/// was first seen on this side, was elsewhere, was long gone or is of neither party names nobody.
#[test]
fn a_drone_that_was_followed_over_the_line_names_a_side() {
    let impact = at(3_500.0, -1_200.0);
    let report = struck("x", 0.0, impact);
    // The other arrays are too far away to hear a charge so small.
    let sound = heard("a-2", 0.0, impact);
    let flight = |from_north_m: f64, to, lands_s: f64| {
        let step = move |step: u8| {
            let share = f64::from(step) / 20.0;
            let from = at(3_500.0, from_north_m);
            let place = from.offset(from.bearing_deg(to), share * from.distance_m(to));
            followed("t1", lands_s - 100.0 * (1.0 - share), place)
        };
        (0..=20).map(step).collect::<Vec<_>>()
    };
    let told = |flight: &[Observation]| {
        let all = [&[report.clone(), sound.clone()], flight].concat();
        let incident = incident_of(&picture_of(&all, 300.0), &report);
        let terms = incident.attribution.terms.iter();
        let flights: Vec<_> = terms
            .filter(|(_, term)| term.name == slug("flight"))
            .collect();
        let cited = flights.first().and_then(|(_, term)| term.observation);
        (incident.attribution.parties[&slug("north")], cited)
    };
    let (unseen, none) = told(&[]);
    assert_eq!(none, None);
    let over = flight(3_000.0, impact, -4.0);
    let (north, cited) = told(&over);
    assert!(north > unseen + 0.02, "{north} {unseen}");
    assert_eq!(cited, Some(over[0].id), "where it was first seen is cited");

    let mut of_the_mission = over.clone();
    for seen in &mut of_the_mission {
        if let Reading::Uav(detection) = &mut seen.reading {
            detection.operator = Some(slug("mission"));
        }
    }
    let others = [
        flight(-300.0, impact, -4.0),
        flight(3_000.0, at(14_500.0, 1_000.0), -4.0),
        flight(3_000.0, impact, -160.0),
        of_the_mission,
    ];
    for other in others {
        assert_eq!(told(&other), (unseen, None));
    }
}

/// What an area brought in the last six hours makes the next event there more probable, as far as it
/// is more than the mission expects; what was before that says nothing.
#[test]
fn a_busy_afternoon_makes_the_next_shelling_more_probable() {
    let next = ["a-1", "a-2"].map(|array| heard(array, 12_000.0, at(4_000.0, 2_500.0)));
    let after = |earlier: &[Observation]| {
        let all = [earlier, &next].concat();
        incident_of(&picture_of(&all, 50_000.0), &next[0])
    };
    let quiet = after(&[]);
    assert_eq!(with_term(&quiet, "activity").len(), 0);
    let busy = after(&afternoon(0.0));
    check_sums(&busy);
    let [activity] = with_term(&busy, "activity")[..] else {
        panic!("{:#?}", busy.explanation);
    };
    assert!(activity.log_odds > 0.3, "{activity:#?}");
    assert!(activity.text.contains("artillery"), "{activity:#?}");
    assert!(busy.probability > quiet.probability);
    assert_eq!(after(&afternoon(-40_000.0)), quiet);
    assert_eq!(after(&afternoon(13_000.0)), quiet);
}

/// A stored map of replays is a line of the explanation, and the lines still add up.
#[test]
fn a_calibration_is_a_line_of_the_explanation() {
    let report = shelled("report", 0.0, at(0.0, -2_000.0));
    let incident = |calibration| {
        let mut mission = mission();
        mission.calibration = calibration;
        let mut picture = Picture::new(&mission);
        picture.update(&report);
        picture.advance(time(60.0));
        incident_of(&picture, &report)
    };
    let stated = incident(None);
    let held = incident(Some(Calibration {
        intercept: -0.5,
        slope: 0.7,
    }));
    let odds = belief::log_odds(stated.probability);
    let expected = belief::probability(-0.5 + 0.7 * odds);
    assert!(
        (held.probability - expected).abs() < 1e-9,
        "{} {expected}",
        held.probability
    );
    for incident in [&stated, &held] {
        let sum: f64 = incident.explanation.iter().map(|term| term.log_odds).sum();
        assert!((belief::probability(sum) - incident.probability).abs() < 1e-9);
    }
    assert_eq!(
        held.explanation.last().map(|term| term.name.clone()),
        Some(slug("calibration"))
    );
}

/// Archives give only the day: fires of one day and place are one, those of the next day are not.
#[test]
fn whole_days_do_not_chain() {
    let day = |name: &str, date: &str, east_m| {
        let mut pixel = thermal(name, 0.0, at(east_m, -3_000.0));
        let start = format!("{date}T00:00:00Z").parse().unwrap();
        pixel.observed_at =
            Interval::between(start, truce_core::time::plus_seconds(start, 86_399.0));
        pixel
    };
    let pixels = [
        day("a", "2025-03-08", 0.0),
        day("b", "2025-03-08", 200.0),
        day("c", "2025-03-09", 0.0),
        day("d", "2025-03-08", 9_000.0),
    ];
    let picture = picture_of(&pixels, 0.0);
    let [a, b, c, d] = pixels
        .each_ref()
        .map(|pixel| picture.incident_of(pixel.id).unwrap());
    assert_eq!(a, b);
    assert!(a != c && a != d && c != d);
}

/// Silence is quiet only where a working sensor would have spoken, and once it has had the time.
#[test]
fn silence_is_quiet_only_where_somebody_watched() {
    let square = |east_m: f64, north_m: f64| {
        let corner = |(x, y): (f64, f64)| at(east_m + x, north_m + y);
        let ring = [(-1e3, -1e3), (1e3, -1e3), (1e3, 1e3), (-1e3, 1e3)];
        let shape = Shape::Polygons(vec![vec![ring.into_iter().map(corner).collect()]]);
        let zone = mission().zones.swap_remove(0);
        Zone { shape, ..zone }
    };
    let during = Interval::between(time(0.0), time(600.0));
    let (here, far) = (square(0.0, 0.0), square(60e3, 0.0));
    let ask = |observations: &[Observation], zone: &Zone, class, now_s| {
        let picture = picture_of(observations, now_s);
        let watched = picture.watched(zone, class, during);
        (watched.silence, watched.detection)
    };
    let artillery = EventClass::Artillery;
    let (quiet, p) = ask(&[], &here, artillery, 1_000.0);
    assert!(quiet == Silence::Quiet && p > 0.95, "{p}");
    let (fires, _) = ask(&[], &here, EventClass::FarmFire, 1_000.0);
    assert_eq!(fires, Silence::NotObservable);
    assert_eq!(ask(&[], &far, artillery, 1_000.0).0, Silence::NotObservable);
    assert_eq!(ask(&[], &here, artillery, 30.0).0, Silence::NotObservable);
    let off = ["a-1", "a-2", "a-3"].map(|array| {
        let state = SensorState {
            health: Health::Off,
            text: String::new(),
        };
        let observed_at = Interval::instant(time(-100.0));
        let name = format!("{array} off");
        observation(
            &name,
            Some(array),
            observed_at,
            None,
            Reading::SensorState(state),
        )
    });
    assert_eq!(
        ask(&off, &here, artillery, 1_000.0).0,
        Silence::NotObservable
    );
    let heard = ["a-1", "a-2", "a-3"].map(|array| heard(array, 100.0, at(0.0, -500.0)));
    assert_eq!(ask(&heard, &here, artillery, 1_000.0).0, Silence::Broken);
}

#[test]
fn what_says_no_place_is_counted() {
    let mut report = shelled("report", 0.0, at(0.0, 0.0));
    report.location = None;
    let picture = picture_of(std::slice::from_ref(&report), 60.0);
    assert_eq!(picture.omitted().unplaced, 1);
    let mut lost = shelled("lost", 0.0, at(0.0, 0.0));
    lost.location = Some(Location::fix(
        truce_core::Position {
            lat_deg: f64::NAN,
            lon_deg: 400.0,
        },
        f64::INFINITY,
    ));
    assert_eq!(picture_of(&[lost], 60.0).omitted().unplaced, 1);
}
