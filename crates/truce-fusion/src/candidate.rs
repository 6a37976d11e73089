//! One observation as fusion sees it: a footprint in space and time, who says so, and of what kind
//! of incident it may be a part.

use truce_core::mission::SensorKind;
use truce_core::observation::{Claim, CraterAzimuth, Reading, SeismicPhase, Sighting, Speaker};
use truce_core::place::Range;
use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{
    Ellipse, EventClass, Grade, IncidentKind, Interval, Location, ObjectKind, Observation,
    ObservationId, Place, Position, Slug, Timestamp,
};

use crate::belief::truth;
use crate::event::estimate::SOUND_SHARE_SIGMA;
use crate::evidence::LAUNCH_S_MAX;
use crate::fit;
use crate::founders::Item;
use crate::grid::Bounds;
use crate::network::{Model, Network};
use crate::retraction::TakenBack;

/// Speed of sound at 15 °C (ISO 9613-1), metres per second.
const SOUND_M_S: f64 = 340.3;
/// Speeds of seismic waves in the upper crust, metres per second: 6.0 km/s and that divided by √3
/// (a Poisson solid); IASP91 has 5.8 and 3.36 (Kennett and Engdahl 1991).
const P_WAVE_M_S: f64 = 6_000.0;
const S_WAVE_M_S: f64 = 3_464.0;
/// Share by which the crust differs from that (own estimate).
const CRUST_SHARE_SIGMA: f64 = 0.03;
/// Longest time for which a fire is taken to belong to the event that lit it, seconds.
pub(crate) const HEAT_WINDOW_S_MAX: f64 = 6.0 * 3_600.0;
/// An observation known no better than this in time is loose, seconds.
const LOOSE_S: f64 = 1_800.0;
/// An observation known better than this in time is prompt, seconds.
const PROMPT_S: f64 = 60.0;
/// No footprint is smaller than this, metres: events themselves have an extent.
const EXTENT_M: f64 = 15.0;

/// What is known of the place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Measure {
    /// A place.
    Place(Place),
    /// A direction from an observer.
    Bearing {
        observer: Position,
        bearing_deg: f64,
        sigma_deg: f64,
    },
    /// Nothing but that a station heard it.
    Arrival { station: Position },
}

/// The wave by which an event was noticed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wave {
    pub(crate) speed_m_s: f64,
    /// Share by which the speed varies.
    pub(crate) share_sigma: f64,
    /// Through the air: all sounds of one event share the wind.
    pub(crate) is_sound: bool,
}

/// What is known of the time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Timing {
    /// An instant with its standard deviation, seconds; with a wave when it is an arrival.
    Sharp {
        at: Timestamp,
        sigma_s: f64,
        wave: Option<Wave>,
    },
    /// Somewhere in an interval.
    Loose(Interval),
}

/// Who says so: several observations of one group are one voice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Voice {
    /// The feed; of what was published what it goes back to.
    source: Slug,
    sensor: Option<Slug>,
    /// The satellite, the phase of the wave, the speaker.
    part: String,
    /// For what looks at set times: which look, in ten minutes since 1970.
    look: i64,
}

/// An observation that may be part of an incident.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) id: ObservationId,
    pub(crate) kind: IncidentKind,
    pub(crate) observed_at: Interval,
    pub(crate) received_at: Timestamp,
    pub(crate) measure: Measure,
    pub(crate) timing: Timing,
    /// Index of the model of who made it.
    pub(crate) model: usize,
    /// Beyond this distance from the observer it cannot have been, metres.
    pub(crate) reach_m: f64,
    pub(crate) voice: Voice,
    /// The feed it came by.
    pub(crate) feed: Slug,
    pub(crate) said: Said,
    pub(crate) grade: Grade,
    /// Its sender took it back: it counts no more.
    pub(crate) taken_back: Option<TakenBack>,
    rank: u8,
    bounds: Bounds,
}

/// What else an observation says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) class: Option<EventClass>,
    pub(crate) side: Option<Slug>,
    pub(crate) speaker: Option<Speaker>,
    /// A launch was heard, not an impact.
    pub(crate) launch: bool,
    pub(crate) thermal: bool,
    pub(crate) weapon: Option<Slug>,
    pub(crate) count: Option<u32>,
    pub(crate) object: Option<ObjectKind>,
    /// Where a crater says that the projectile came from.
    pub(crate) crater: Option<CraterAzimuth>,
}

/// The order of founding: what has a sharp place and time first, then places with a loose time,
/// then directions, then arrivals; within each by time and name.
pub(crate) type CandidateKey = (u8, Timestamp, ObservationId);

impl Candidate {
    /// The candidate an observation is; `None` when it is about no incident, or says no place.
    pub(crate) fn new(
        observation: &Observation,
        network: &Network,
        heat_window_s: f64,
    ) -> Option<Self> {
        let (kind, said) = said(&observation.reading)?;
        let model_index = network.model_of(observation);
        let model = &network.models[model_index];
        let reach_m = if model.range_m_max.is_finite() {
            model.range_m_max
        } else {
            50_000.0
        };
        let physical = kind == IncidentKind::PhysicalEvent;
        let mut measure = measure(observation.location.as_ref()?, model)?;
        let timing = if physical {
            timing(observation, model, &said, heat_window_s)
        } else {
            measure = placed(measure, reach_m);
            Timing::Loose(widened(observation.observed_at, window_s(kind)))
        };
        let rank = match (&measure, &timing) {
            _ if said.launch => 4,
            (Measure::Place(_), Timing::Sharp { .. }) => 0,
            (Measure::Place(_), Timing::Loose(_)) => 1,
            (Measure::Bearing { .. }, _) => 2,
            (Measure::Arrival { .. }, _) => 3,
        };
        let bounds = bounds(&measure, &timing, reach_m);
        Some(Self {
            id: observation.id,
            kind,
            observed_at: observation.observed_at,
            received_at: observation.received_at,
            measure,
            timing,
            model: model_index,
            reach_m,
            voice: voice(observation),
            feed: observation.source.clone(),
            said,
            grade: observation.grade,
            taken_back: None,
            rank,
            bounds,
        })
    }

    /// True when it takes part in the contest for physical events: a sharp time and anything of a
    /// place.
    pub(crate) fn is_sharp_event(&self) -> bool {
        self.kind == IncidentKind::PhysicalEvent && matches!(self.timing, Timing::Sharp { .. })
    }

    /// True when its time is known to less than a minute.
    pub(crate) fn is_prompt(&self) -> bool {
        matches!(self.timing, Timing::Sharp { sigma_s, .. } if sigma_s < PROMPT_S)
    }

    /// The order in which observations came to be known; the first founds the incident.
    pub(crate) fn came(&self) -> (Timestamp, ObservationId) {
        (self.received_at, self.id)
    }

    /// How often a report is true; a party that speaks of another is not taken at its word.
    pub(crate) fn truth(&self) -> f64 {
        let truth = truth(self.grade);
        match &self.said.speaker {
            Some(Speaker::Party(party)) if self.said.side.as_ref() != Some(party) => truth.min(0.5),
            _ => truth,
        }
    }

    /// The order in which an incident tells its evidence.
    pub(crate) fn told(&self) -> (Timestamp, ObservationId) {
        (self.observed_at.start, self.id)
    }

    /// True when it says a place by itself.
    pub(crate) fn is_placed(&self) -> bool {
        matches!(self.measure, Measure::Place(_))
    }

    /// Where it is, as a first guess: the place, else the observer.
    pub(crate) fn anchor(&self) -> Position {
        match self.measure {
            Measure::Place(place) => place.position,
            Measure::Bearing { observer, .. } => observer,
            Measure::Arrival { station } => station,
        }
    }

    /// The interval in which the event may have been.
    pub(crate) fn window(&self) -> Interval {
        Interval {
            start: self.bounds.start,
            end: self.bounds.end,
        }
    }

    /// The middle of what is known of the time.
    pub(crate) fn middle(&self) -> Timestamp {
        match self.timing {
            Timing::Sharp { at, .. } => at,
            Timing::Loose(window) => window.middle(),
        }
    }

    /// The distance of an event from the observer, metres, when the observer's place is known.
    pub(crate) fn distance_m(&self, model: &Model, event: Position) -> Option<f64> {
        let observer = match self.measure {
            Measure::Place(_) => model.position?,
            Measure::Bearing { observer, .. } => observer,
            Measure::Arrival { station } => station,
        };
        Some(observer.distance_m(event))
    }
}

impl Item for Candidate {
    type Key = CandidateKey;

    fn key(&self) -> CandidateKey {
        (self.rank, self.observed_at.start, self.id)
    }

    fn bounds(&self) -> Bounds {
        self.bounds
    }

    fn may_found(&self) -> bool {
        !self.said.launch
    }

    fn claim(&self, later: &Self) -> Option<f64> {
        if self.kind != later.kind || !times_meet(self, later) {
            return None;
        }
        if later.said.launch {
            // The sound of a launch tells nothing of the place of the impact.
            let apart_s = seconds_between(self.middle(), later.middle()).abs();
            return (apart_s <= LAUNCH_S_MAX).then_some(apart_s);
        }
        fit::pair_cost(self, later)
    }
}

/// Whether two candidates can be one event in time, before any distance is known.
fn times_meet(a: &Candidate, b: &Candidate) -> bool {
    match (&a.timing, &b.timing) {
        (Timing::Sharp { .. }, Timing::Sharp { .. }) => true,
        (Timing::Loose(x), Timing::Loose(y)) => {
            // Two whole days that only touch, or two passes far apart, are two events.
            let shorter = x.length_s().min(y.length_s());
            let shared = seconds_between(x.start.max(y.start), x.end.min(y.end));
            shared >= shorter / 2.0
        }
        (Timing::Loose(window), Timing::Sharp { .. }) => {
            // What has no place of its own would cling to any fire of the last hours.
            b.is_placed() && window.overlaps(&b.window())
        }
        (Timing::Sharp { .. }, Timing::Loose(window)) => window.overlaps(&a.window()),
    }
}

fn said(reading: &Reading) -> Option<(IncidentKind, Said)> {
    let physical = IncidentKind::PhysicalEvent;
    match reading {
        Reading::ThermalAnomaly(_) => Some((
            physical,
            Said {
                thermal: true,
                ..Said::default()
            },
        )),
        Reading::AreaChange(_) | Reading::Seismic(_) => Some((physical, Said::default())),
        Reading::Acoustic(sound) => {
            let launch = sound.launch == Some(true);
            Some((
                physical,
                Said {
                    class: sound.class,
                    launch,
                    ..Said::default()
                },
            ))
        }
        Reading::Sighting(Sighting {
            about,
            class,
            object,
            weapon,
            count,
        }) => {
            let said = Said {
                class: *class,
                weapon: weapon.clone(),
                count: *count,
                object: *object,
                ..Said::default()
            };
            Some((*about, said))
        }
        Reading::Claim(Claim {
            speaker,
            about,
            class,
            side,
            weapon,
            count,
            object_kind,
            crater,
            ..
        }) => {
            let said = Said {
                class: *class,
                side: side.clone(),
                speaker: Some(speaker.clone()),
                weapon: weapon.clone(),
                count: *count,
                object: *object_kind,
                crater: *crater,
                ..Said::default()
            };
            Some((*about, said))
        }
        _ => None,
    }
}

fn measure(location: &Location, model: &Model) -> Option<Measure> {
    let on_earth = |p: &Position| Position::new(p.lat_deg, p.lon_deg).is_some();
    let placed = |location: &Location| {
        let mut place = location.place().filter(|place| on_earth(&place.position))?;
        let Ellipse {
            semi_major_m,
            semi_minor_m,
            bearing_deg,
        } = &mut place.uncertainty;
        let finite = semi_major_m.is_finite() && semi_minor_m.is_finite();
        *semi_major_m = libm::hypot(*semi_major_m, EXTENT_M);
        *semi_minor_m = libm::hypot(*semi_minor_m, EXTENT_M);
        (finite && bearing_deg.is_finite()).then_some(Measure::Place(place))
    };
    match location {
        Location::Bearing {
            range: Some(Range { .. }),
            ..
        } => placed(location),
        Location::Bearing {
            observer,
            bearing_deg,
            bearing_deg_sigma,
            range: None,
        } => {
            let known = on_earth(observer) && bearing_deg.is_finite();
            let sigma_deg = match bearing_deg_sigma.abs() {
                stated if stated > 0.0 && stated.is_finite() => stated.min(60.0),
                _ => model.bearing_deg_sigma,
            };
            let (observer, bearing_deg) = (*observer, *bearing_deg);
            known.then_some(Measure::Bearing {
                observer,
                bearing_deg,
                sigma_deg,
            })
        }
        Location::Arrival { station, .. } => {
            on_earth(station).then_some(Measure::Arrival { station: *station })
        }
        Location::Fix { .. } | Location::Area { .. } | Location::Relative { .. } => {
            placed(location)
        }
    }
}

/// A direction or a station as a wide place.
fn placed(measure: Measure, reach_m: f64) -> Measure {
    let place = match measure {
        Measure::Place(place) => place,
        Measure::Bearing {
            observer,
            bearing_deg,
            sigma_deg,
        } => Place {
            position: observer.offset(bearing_deg, reach_m / 2.0),
            uncertainty: Ellipse {
                semi_major_m: reach_m / 4.0,
                semi_minor_m: reach_m / 2.0 * libm::tan(sigma_deg.to_radians()),
                bearing_deg: truce_core::place::normalize_bearing_deg(bearing_deg) % 180.0,
            },
        },
        Measure::Arrival { station } => Place {
            position: station,
            uncertainty: Ellipse::circle(reach_m / 2.0),
        },
    };
    Measure::Place(place)
}

fn timing(observation: &Observation, model: &Model, said: &Said, heat_window_s: f64) -> Timing {
    let observed_at = observation.observed_at;
    if said.thermal {
        let start = plus_seconds(observed_at.start, -heat_window_s);
        return Timing::Loose(Interval {
            start,
            end: observed_at.end,
        });
    }
    if observed_at.length_s() > LOOSE_S {
        return Timing::Loose(observed_at);
    }
    let stated_s = match &observation.location {
        Some(Location::Arrival {
            arrival_s_sigma, ..
        }) if arrival_s_sigma.is_finite() => arrival_s_sigma.abs(),
        _ => 0.0,
    };
    let wave = match &observation.reading {
        Reading::Acoustic(_) => Some(Wave {
            speed_m_s: SOUND_M_S,
            share_sigma: SOUND_SHARE_SIGMA,
            is_sound: true,
        }),
        Reading::Seismic(pick) => Some(Wave {
            speed_m_s: match pick.phase {
                SeismicPhase::P => P_WAVE_M_S,
                SeismicPhase::S => S_WAVE_M_S,
            },
            share_sigma: model.speed_share_sigma.unwrap_or(CRUST_SHARE_SIGMA),
            is_sound: false,
        }),
        _ => None,
    };
    let own_s = if stated_s > 0.0 {
        stated_s
    } else {
        model.time_s_sigma
    };
    // A launch is heard up to a flight time before or after its impact.
    let own_s = if said.launch {
        LAUNCH_S_MAX / 3.0
    } else {
        own_s
    };
    Timing::Sharp {
        at: observed_at.middle(),
        sigma_s: libm::hypot(own_s, observed_at.length_s() / 12.0_f64.sqrt()).max(0.1),
        wave,
    }
}

/// How far apart in time two statements may be and still be about one thing, seconds (own
/// estimates: a refusal at a checkpoint lasts an hour or two, a weapon stands for half a day).
fn window_s(kind: IncidentKind) -> f64 {
    match kind {
        IncidentKind::WeaponSighting | IncidentKind::MinesOrWorks => 12.0 * 3_600.0,
        IncidentKind::Presence | IncidentKind::Movement => 3.0 * 3_600.0,
        _ => 2.0 * 3_600.0,
    }
}

fn widened(interval: Interval, by_s: f64) -> Interval {
    Interval {
        start: plus_seconds(interval.start, -by_s / 2.0),
        end: plus_seconds(interval.end, by_s / 2.0),
    }
}

fn bounds(measure: &Measure, timing: &Timing, reach_m: f64) -> Bounds {
    let (centre, reach_m) = match measure {
        Measure::Place(place) => (place.position, 3.5 * place.uncertainty.semi_major_m),
        Measure::Bearing { observer, .. } => (*observer, reach_m),
        Measure::Arrival { station } => (*station, reach_m),
    };
    let (start, end) = match timing {
        Timing::Loose(window) => (window.start, window.end),
        Timing::Sharp { at, sigma_s, wave } => {
            let travel_s = wave.map_or(0.0, |wave| {
                reach_m / wave.speed_m_s * (1.0 + 4.0 * wave.share_sigma)
            });
            (
                plus_seconds(*at, -travel_s - 4.0 * sigma_s),
                plus_seconds(*at, 4.0 * sigma_s),
            )
        }
    };
    Bounds {
        centre,
        reach_m,
        start,
        end,
    }
}

fn voice(observation: &Observation) -> Voice {
    // Whoever repeats a published report adds nothing to it.
    if let Reading::Claim(claim) = &observation.reading
        && let Some(published) = &claim.published
    {
        return Voice {
            source: published.origin.clone(),
            sensor: None,
            part: String::new(),
            look: 0,
        };
    }
    let mut look = 0;
    let part = match &observation.reading {
        Reading::ThermalAnomaly(pixel) => {
            look = observation.observed_at.middle().as_second().div_euclid(600);
            pixel.satellite.clone().unwrap_or_default()
        }
        Reading::AreaChange(change) => change.scenes.clone(),
        Reading::Seismic(pick) => format!("{:?}", pick.phase),
        Reading::Claim(claim) => match &claim.speaker {
            Speaker::Party(party) => format!("party {party}"),
            speaker => format!("{speaker:?}"),
        },
        Reading::Acoustic(sound) if sound.launch == Some(true) => "launch".to_owned(),
        _ => String::new(),
    };
    Voice {
        source: observation.source.clone(),
        sensor: observation.sensor.clone(),
        part,
        look,
    }
}

/// What a kind of sensor does, in words.
pub(crate) fn verb(kind: SensorKind) -> &'static str {
    match kind {
        SensorKind::AcousticArray => "heard",
        SensorKind::SeismicStation => "felt",
        SensorKind::Patrol | SensorKind::Context => "reported",
        _ => "seen",
    }
}

impl Voice {
    /// The voice's name for people.
    pub(crate) fn name(&self) -> String {
        let name = self.sensor.as_ref().unwrap_or(&self.source);
        if self.part.is_empty() {
            name.to_string()
        } else {
            format!("{name} ({})", self.part)
        }
    }
}
