//! Association and location on simulated arrivals with known truth.

#![allow(clippy::unwrap_used)] // The cases are built here.

use proptest::prelude::{Just, Strategy, prop, proptest};

use super::*;

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, least: f64, greatest: f64) -> f64 {
        least + (greatest - least) * self.next()
    }

    /// Box and Muller (1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.next())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.next())
    }
}

/// What happens in an hour.
#[derive(Debug, Clone, Copy)]
struct Hour {
    events: usize,
    /// False arrivals of each wave by station.
    noise: usize,
    seed: u64,
}

#[derive(Debug, Clone, Copy)]
struct Truth {
    at_s: f64,
    x_m: f64,
    y_m: f64,
}

fn wave(speed_m_s: f64, pick_s_sigma: f64, half_m: [f64; 2], softness_m: f64) -> WaveModel {
    WaveModel {
        speed_m_s,
        speed_m_s_sigma: 0.0,
        wind_m_s_sigma: 0.0,
        pick_s_sigma,
        reach: Reach {
            half_m_weakest: half_m[0],
            half_m_strongest: half_m[1],
            softness_m,
            seen_share_max: 0.99,
        },
    }
}

fn model(waves: impl IntoIterator<Item = (Wave, WaveModel)>, side_m: f64) -> Model {
    Model {
        area: Some(Area {
            x_m_min: 0.0,
            x_m_max: side_m,
            y_m_min: 0.0,
            y_m_max: side_m,
        }),
        events_per_s: None,
        false_per_s: None,
        waves: waves.into_iter().collect(),
    }
}

/// P and S in an upper crust, and sound, as of blasts over a hundred kilometres.
fn seismic() -> Model {
    let mut sound = wave(340.0, 1.0, [8e3, 20e3], 5e3);
    sound.speed_m_s_sigma = 4.0;
    let p = wave(6_000.0, 0.15, [25e3, 75e3], 8e3);
    let s = wave(3_464.0, 0.3, [21e3, 64e3], 8e3);
    model([(Wave::P, p), (Wave::S, s), (Wave::Sound, sound)], 1e5)
}

/// Sound alone over twenty kilometres, with wind.
fn acoustic() -> Model {
    let mut sound = wave(340.0, 0.05, [5e3, 10e3], 1e3);
    sound.speed_m_s_sigma = 3.0;
    sound.wind_m_s_sigma = 5.0;
    model([(Wave::Sound, sound)], 2e4)
}

/// A jittered square of stations.
fn stations(model: &Model, a_side: usize, numbers: &mut Numbers) -> Vec<Station> {
    let pitch_m = model.area.unwrap().x_m_max / a_side as f64;
    (0..a_side * a_side)
        .map(|i| Station {
            x_m: ((i % a_side) as f64 + numbers.between(0.2, 0.8)) * pitch_m,
            y_m: ((i / a_side) as f64 + numbers.between(0.2, 0.8)) * pitch_m,
        })
        .collect()
}

fn simulate(model: &Model, a_side: usize, hour: Hour) -> (Vec<Station>, Vec<Arrival>, Vec<Truth>) {
    let mut numbers = Numbers(hour.seed);
    let stations = stations(model, a_side, &mut numbers);
    let (mut arrivals, mut truths) = (Vec::new(), Vec::new());
    let area = model.area.unwrap();
    for _ in 0..hour.events {
        let truth = Truth {
            at_s: numbers.between(60.0, 3_540.0),
            x_m: numbers.between(area.x_m_min, area.x_m_max),
            y_m: numbers.between(area.y_m_min, area.y_m_max),
        };
        truths.push(truth);
        let strength = numbers.next();
        for (&kind, wave) in &model.waves {
            let speed_m_s = wave.speed_m_s + wave.speed_m_s_sigma * numbers.normal();
            let [east, north] = [0; 2].map(|_| wave.wind_m_s_sigma * numbers.normal());
            for (station, at) in stations.iter().enumerate() {
                let (dx, dy) = (at.x_m - truth.x_m, at.y_m - truth.y_m);
                let distance_m = libm::hypot(dx, dy);
                let along_m_s = (east * dx + north * dy) / distance_m;
                let travel_s = distance_m / (speed_m_s + along_m_s);
                if numbers.next() < wave.reach.seen(distance_m, strength) {
                    arrivals.push(Arrival {
                        station,
                        wave: Some(kind),
                        at_s: truth.at_s + travel_s + wave.pick_s_sigma * numbers.normal(),
                        sigma_s: None,
                    });
                }
            }
        }
    }
    for &kind in model.waves.keys() {
        for number in 0..hour.noise * stations.len() {
            arrivals.push(Arrival {
                station: number % stations.len(),
                wave: Some(kind),
                at_s: numbers.between(0.0, 3_600.0),
                sigma_s: None,
            });
        }
    }
    (stations, arrivals, truths)
}

/// Right ones among the found; each truth counts once.
fn matched(located: &[Located], truths: &[Truth], within_m: f64) -> Vec<(Located, Truth)> {
    let mut left: Vec<Truth> = truths.to_vec();
    let mut pairs = Vec::new();
    for event in located {
        let off_m = |t: &Truth| libm::hypot(event.x_m - t.x_m, event.y_m - t.y_m);
        let near = |t: &&Truth| (event.at_s - t.at_s).abs() < 5.0 && off_m(t) < within_m;
        let best = left
            .iter()
            .filter(near)
            .min_by(|a, b| off_m(a).total_cmp(&off_m(b)));
        if let Some(best) = best.copied() {
            left.retain(|t| t.at_s.total_cmp(&best.at_s).is_ne());
            pairs.push((event.clone(), best));
        }
    }
    pairs
}

/// Squared Mahalanobis distance of the place.
fn mahalanobis2((event, truth): &(Located, Truth)) -> f64 {
    let (dx, dy) = (event.x_m - truth.x_m, event.y_m - truth.y_m);
    let [[xx, xy, _], [_, yy, _], _] = event.covariance;
    (yy * dx * dx - 2.0 * xy * dx * dy + xx * dy * dy) / (xx * yy - xy * xy)
}

/// Simulates hours, and checks F1 and the share of truths in their 90 % ellipse (χ² with two degrees
/// of freedom: 4.605).
fn check(model: &Model, hours: &[Hour], f1_min: f64, within_m: f64) {
    let (mut found, mut all, mut right, mut covered) = (0, 0, 0, 0);
    for &hour in hours {
        let (stations, arrivals, truths) = simulate(model, 5, hour);
        let located = associate(&arrivals, &stations, model).unwrap();
        let pairs = matched(&located, &truths, within_m);
        found += located.len();
        all += truths.len();
        right += pairs.len();
        covered += pairs
            .iter()
            .filter(|pair| mahalanobis2(pair) < 4.605)
            .count();
    }
    let f1 = 2.0 * right as f64 / (found + all) as f64;
    let share = covered as f64 / right as f64;
    assert!(f1 >= f1_min, "{hours:?}: F1 {f1}");
    assert!(
        (0.87..=0.93).contains(&share),
        "{hours:?}: {share} of {right} covered"
    );
}

fn hours<const N: usize>(first_seed: u64, events: usize, noise: usize) -> [Hour; N] {
    std::array::from_fn(|i| Hour {
        events,
        noise,
        seed: first_seed + i as u64,
    })
}

#[test]
fn events_are_found_and_lie_in_their_ellipses() {
    check(&seismic(), &hours::<2>(1, 200, 40), 0.97, 15e3);
}

#[test]
fn events_that_overlap_are_told_apart() {
    check(&seismic(), &hours::<1>(11, 500, 100), 0.95, 15e3);
}

#[test]
fn sound_alone_with_wind_is_enough() {
    check(&acoustic(), &hours::<3>(21, 100, 40), 0.90, 3e3);
}

#[test]
fn exact_arrivals_give_the_exact_place() {
    // Travel times along 3-4-5 triangles: 5, 10 and 13 km at 5 km/s are 1, 2 and 2.6 s.
    let p = wave(5_000.0, 0.1, [3e4, 6e4], 5e3);
    let model = Model {
        area: None,
        events_per_s: Some(1e-3),
        false_per_s: Some(1e-3),
        ..model([(Wave::P, p)], 1.0)
    };
    let places = [
        (3e3, 4e3),
        (-6e3, 8e3),
        (-5e3, -12e3),
        (4e3, -3e3),
        (12e3, 5e3),
        (-8e3, -6e3),
    ];
    let travels_s = [1.0, 2.0, 2.6, 1.0, 2.6, 2.0];
    let stations = places.map(|(x_m, y_m)| Station { x_m, y_m });
    let arrival = |(station, travel_s)| Arrival {
        station,
        wave: None,
        at_s: 1e6 + travel_s,
        sigma_s: Some(0.05),
    };
    let arrivals: Vec<_> = travels_s.into_iter().enumerate().map(arrival).collect();
    let located = associate(&arrivals, &stations, &model).unwrap();
    let [event] = &located[..] else {
        panic!("one event: {located:?}");
    };
    assert!(libm::hypot(event.x_m, event.y_m) < 1.0, "{event:?}");
    assert!((event.at_s - 1e6).abs() < 1e-3, "{event:?}");
    assert_eq!(event.members.len(), 6);
}

#[test]
fn noise_makes_no_events() {
    let [hour] = hours(31, 0, 200);
    let (stations, arrivals, _) = simulate(&seismic(), 5, hour);
    assert_eq!(associate(&arrivals, &stations, &seismic()).unwrap(), []);
    assert_eq!(associate(&[], &stations, &seismic()).unwrap(), []);
}

#[test]
fn no_arrival_belongs_to_two_events() {
    let [hour] = hours(41, 600, 50);
    let (stations, arrivals, _) = simulate(&seismic(), 5, hour);
    let located = associate(&arrivals, &stations, &seismic()).unwrap();
    let members = located.iter().flat_map(|event| &event.members);
    let mut numbers: Vec<_> = members.map(|member| member.arrival).collect();
    let all = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert!(all > 10_000, "{all}");
    assert_eq!(numbers.len(), all);
}

#[test]
fn stations_that_cannot_tell_the_wave_help_too() {
    let [hour] = hours(51, 60, 10);
    let (stations, mut arrivals, truths) = simulate(&seismic(), 5, hour);
    for arrival in arrivals
        .iter_mut()
        .filter(|arrival| arrival.station % 2 == 0)
    {
        arrival.wave = None;
    }
    let located = associate(&arrivals, &stations, &seismic()).unwrap();
    let right = matched(&located, &truths, 5e3).len();
    assert!(
        right >= 57 && located.len() <= 61,
        "{right} of {}",
        located.len()
    );
}

#[test]
fn a_stream_settles_what_the_whole_list_gives() {
    let [hour] = hours(61, 100, 40);
    let (stations, mut arrivals, truths) = simulate(&seismic(), 5, hour);
    arrivals.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    let mut stream = Stream::new(Associator::new(&stations, &seismic()).unwrap(), 5.0);
    let (mut settled, mut next_s) = (Vec::new(), 0.0);
    for arrival in &arrivals {
        while arrival.at_s >= next_s {
            settled.extend(stream.settle(next_s));
            next_s += 450.0;
        }
        stream.push(*arrival).unwrap();
    }
    assert!(!stream.provisional().is_empty());
    settled.extend(stream.settle(1e4));
    assert_eq!(stream.provisional(), []);
    let right = matched(&settled, &truths, 15e3).len();
    assert!(
        right >= 96 && settled.len() <= right + 2,
        "{right} of {}",
        settled.len()
    );
    for (event, member) in settled
        .iter()
        .flat_map(|e| e.members.iter().map(move |m| (e, m)))
    {
        let late_s = arrivals[member.arrival].at_s - event.at_s;
        assert!(
            (-2.0..200.0).contains(&late_s),
            "members keep their numbers: {late_s}"
        );
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let (stations, arrivals, _) = simulate(&seismic(), 2, hours::<1>(71, 1, 0)[0]);
    let with = |change: &dyn Fn(&mut Model)| {
        let mut model = seismic();
        change(&mut model);
        associate(&arrivals, &stations, &model).unwrap_err()
    };
    let sound = |model: &mut Model| {
        *model.waves.get_mut(&Wave::Sound).unwrap() = acoustic().waves[&Wave::Sound]
    };
    let no_speed = |model: &mut Model| model.waves.get_mut(&Wave::P).unwrap().speed_m_s = f64::NAN;
    assert!(matches!(
        with(&no_speed),
        Error::NotPositive {
            name: "speed_m_s",
            ..
        }
    ));
    assert_eq!(with(&|model| model.waves.clear()), Error::NoWave);
    let windy = |model: &mut Model| {
        sound(model);
        model.waves.get_mut(&Wave::P).unwrap().wind_m_s_sigma = 1.0;
    };
    assert_eq!(with(&windy), Error::TwoWinds);
    assert_eq!(
        associate(&[], &[], &seismic()).unwrap_err(),
        Error::Stations
    );
    let first = arrivals[0];
    for wrong in [
        Arrival {
            station: 4,
            ..first
        },
        Arrival {
            at_s: f64::NAN,
            ..first
        },
        Arrival {
            sigma_s: Some(0.0),
            ..first
        },
    ] {
        let error = associate(&[first, wrong], &stations, &seismic()).unwrap_err();
        assert_eq!(error, Error::Arrival { index: 1 });
    }
}

fn shuffled() -> impl Strategy<Value = (Hour, Vec<usize>)> {
    (0..1_000u64, 1..12usize, 0..8usize).prop_flat_map(|(seed, events, noise)| {
        let hour = Hour {
            events,
            noise,
            seed,
        };
        let count = simulate(&seismic(), 4, hour).1.len();
        (
            Just(hour),
            Just((0..count).collect::<Vec<_>>()).prop_shuffle(),
        )
    })
}

proptest! {
    #![proptest_config(prop::test_runner::Config::with_cases(6))]

    #[test]
    fn the_order_of_the_arrivals_does_not_matter((hour, order) in shuffled()) {
        let (stations, arrivals, _) = simulate(&seismic(), 4, hour);
        let mixed: Vec<_> = order.iter().map(|&index| arrivals[index]).collect();
        let straight = associate(&arrivals, &stations, &seismic()).unwrap();
        let mut other = associate(&mixed, &stations, &seismic()).unwrap();
        for member in other.iter_mut().flat_map(|event| &mut event.members) {
            member.arrival = order[member.arrival];
        }
        assert_eq!(straight, other);
    }
}
