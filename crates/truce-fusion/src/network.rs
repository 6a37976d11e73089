//! The mission's sensors as fusion needs them: what each detects, where, and how often it is wrong.
//! Sources that the mission does not describe as a sensor get a model by what they read.

use std::collections::BTreeMap;

use truce_core::belief::Reliability;
use truce_core::mission::{Detection, Mission, Sensor, SensorKind, Shape, ZoneKind};
use truce_core::observation::{Reading, Speaker};
use truce_core::{EventClass, Frame, Observation, Position, Slug};

/// Number of classes of physical event.
pub(crate) const CLASSES: usize = EventClass::ALL.len();
/// Sizes that the events of a class may have, as slices of even probability.
pub(crate) const SIZES: usize = 5;
/// No class is ever held to be quite undetectable: a sensor's own table may be wrong.
const DETECTION_MIN: f64 = 1e-4;
/// No sensor is ever held to be quite free of false alarms, per day.
const FALSE_PER_DAY_MIN: f64 = 0.01;
/// Farther than this no sensor on the ground detects an event, metres.
const RANGE_M_MAX: f64 = 300_000.0;
/// Area over which sensors without a range are taken to look when the mission bounds none, square
/// metres: about the land within 50 km of a line of 1,000 km.
const AREA_M2_DEFAULT: f64 = 1e11;
/// Looks per day of a thermal imager whose times are not configured: VIIRS on two satellites, two
/// passes each.
const THERMAL_LOOKS_PER_DAY: f64 = 4.0;

/// One sensor.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    /// Its configured name; `None` for models by reading.
    pub(crate) name: Option<Slug>,
    pub(crate) kind: SensorKind,
    pub(crate) position: Option<Position>,
    /// What it detects, in the order of [`EventClass::ALL`].
    detects: [Option<Detection>; CLASSES],
    /// Area in which it detects, as if it saw everything inside and nothing outside, m².
    pub(crate) area_m2: [f64; CLASSES],
    pub(crate) false_per_s: f64,
    pub(crate) latency_s_max: f64,
    pub(crate) looks_at_s: Vec<f64>,
    /// Beyond this it detects next to nothing, metres; infinite without a range.
    pub(crate) range_m_max: f64,
    pub(crate) time_s_sigma: f64,
    /// Mean by which its stated times are late, seconds.
    pub(crate) time_s_delay: f64,
    pub(crate) bearing_deg_sigma: f64,
    /// An error that all bearings of a day share, degrees.
    pub(crate) bearing_deg_bias_sigma: f64,
    /// Share by which the speed of its wave varies; `None` for the usual one.
    pub(crate) speed_share_sigma: Option<f64>,
    /// How often the class it names is the right one.
    pub(crate) class_right: f64,
    /// How often the side it names is the right one; `None` when nobody measured it.
    pub(crate) side_right: Option<f64>,
    curves: [Option<Curve>; CLASSES],
    /// Share of its detection area in which a moving sensor is at any time, per class.
    present: [f64; CLASSES],
}

impl Model {
    /// Detection probability of a class at a distance, metres; close by when it is not known.
    pub(crate) fn detection(&self, class: usize, distance_m: Option<f64>) -> f64 {
        let detection = self.detects[class].as_ref();
        let p = detection.map_or(0.0, |d| d.probability_at(distance_m.unwrap_or(0.0)));
        p.clamp(DETECTION_MIN, 0.999)
    }

    /// Detection probability of each class and size at a distance, metres; `None` for a sensor that
    /// moves about, of which nobody says where it is.
    pub(crate) fn chances(&self, distance_m: Option<f64>) -> [[f64; SIZES]; CLASSES] {
        let mut chances = [[DETECTION_MIN; SIZES]; CLASSES];
        for (class, row) in chances.iter_mut().enumerate() {
            let Some(curve) = &self.curves[class] else {
                continue;
            };
            let Some(distance_m) = distance_m else {
                *row = [(curve.probability * self.present[class]).max(DETECTION_MIN); SIZES];
                continue;
            };
            let fall = libm::exp((distance_m - curve.half_m) / curve.width_m);
            for (chance, size) in row.iter_mut().zip(curve.sizes) {
                *chance = (curve.scale / (1.0 + fall * size)).clamp(DETECTION_MIN, 0.999);
            }
        }
        chances
    }

    /// How many readings of one event it can give: a seismometer sees both waves.
    pub(crate) fn channels(&self) -> usize {
        if self.kind == SensorKind::SeismicStation {
            2
        } else {
            1
        }
    }

    /// True for sensors that watch without a break; satellites pass.
    pub(crate) fn always_watches(&self) -> bool {
        self.looks_at_s.is_empty()
    }

    /// How often a false detection is called a class; any class alike when nobody says.
    pub(crate) fn false_says(&self, said: Option<EventClass>) -> f64 {
        let Some(said) = said else {
            return 1.0;
        };
        let stated = self.detects[said as usize]
            .as_ref()
            .and_then(|d| d.false_share);
        stated.unwrap_or(1.0 / CLASSES as f64).max(1e-6)
    }

    /// True when clouds hide a class from it.
    pub(crate) fn needs_clear_sky(&self, class: usize) -> bool {
        self.detects[class]
            .as_ref()
            .is_some_and(|detection| detection.needs_clear_sky)
    }

    /// The largest area in which it detects anything, m².
    pub(crate) fn widest_m2(&self) -> f64 {
        self.area_m2.iter().copied().fold(1.0, f64::max)
    }

    /// How often it looks in a day, when it looks at set times.
    pub(crate) fn looks_per_day(&self) -> f64 {
        match self.looks_at_s.len() {
            0 => THERMAL_LOOKS_PER_DAY,
            count => count as f64,
        }
    }

    /// How sure it can be that it names a class when it is another: a factor on the likelihood.
    pub(crate) fn says(&self, class: usize, said: Option<EventClass>) -> f64 {
        match said {
            None => 1.0,
            Some(said) if said == EventClass::ALL[class] => self.class_right,
            Some(_) => (1.0 - self.class_right) / (CLASSES - 1) as f64,
        }
    }
}

/// [`Detection::probability_at`], prepared for all sizes of an event at once.
#[derive(Debug, Clone, Copy)]
struct Curve {
    probability: f64,
    /// Half range and width of an event of middling size, metres; both without bounds for sensors
    /// without a range.
    half_m: f64,
    width_m: f64,
    /// The probability close by over the logistic curve's value there.
    scale: f64,
    /// exp(−shift / width) for the shift of the half range of each size.
    sizes: [f64; SIZES],
}

impl Curve {
    fn of(detection: &Detection) -> Self {
        let probability = detection.probability;
        let (Some(half_m), Some(width_m)) = (detection.range_m_half, detection.range_m_width)
        else {
            // The curve never falls.
            return Self {
                probability,
                half_m: 1e12,
                width_m: 1e9,
                scale: probability,
                sizes: [1.0; SIZES],
            };
        };
        let spread_m = detection.range_m_spread.unwrap_or(0.0);
        let size = |index: usize| {
            let slice = (index as f64 + 0.5) / SIZES as f64 * 2.0 - 1.0;
            libm::exp(-slice * spread_m / width_m)
        };
        Self {
            probability,
            half_m,
            width_m,
            scale: probability * (1.0 + libm::exp(-half_m / width_m)),
            sizes: std::array::from_fn(size),
        }
    }
}

/// All sensors.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub(crate) models: Vec<Model>,
    by_name: BTreeMap<Slug, usize>,
    /// For each feed the sensor its messages come from.
    by_feed: BTreeMap<Slug, usize>,
    by_reading: BTreeMap<(SensorKind, Option<Reliability>), usize>,
    /// How many of the models are configured sensors; they come first.
    pub(crate) configured: usize,
    /// The mission's area of operation, m².
    pub(crate) area_m2: f64,
}

impl Network {
    pub(crate) fn new(mission: &Mission) -> Self {
        let area_m2 = area_of_operation_m2(mission);
        let mut network = Self {
            models: Vec::new(),
            by_name: BTreeMap::new(),
            by_feed: BTreeMap::new(),
            by_reading: BTreeMap::new(),
            configured: mission.network.sensors.len(),
            area_m2,
        };
        for sensor in &mission.network.sensors {
            network
                .by_name
                .insert(sensor.id.clone(), network.models.len());
            network.models.push(configured(sensor, area_m2));
        }
        for feed in &mission.network.feeds {
            let sensor = feed
                .sensor
                .as_ref()
                .and_then(|name| network.by_name.get(name));
            if let Some(sensor) = sensor.copied() {
                network.by_feed.insert(feed.id.clone(), sensor);
            }
        }
        use Reliability::{A, B, C, D, E, F};
        for reliability in [A, B, C, D, E, F] {
            let key = (SensorKind::Context, Some(reliability));
            network.by_reading.insert(key, network.models.len());
            network.models.push(reporter(reliability, area_m2));
        }
        for kind in UNCONFIGURED {
            network
                .by_reading
                .insert((kind, None), network.models.len());
            network.models.push(unconfigured(kind, area_m2));
        }
        network
    }

    /// The longest delay among the sensors that stand somewhere and always watch, seconds.
    pub(crate) fn latency_s_max(&self) -> f64 {
        let models = self.models.iter().take(self.configured);
        let watching = models.filter(|model| model.position.is_some() && model.always_watches());
        watching
            .map(|model| model.latency_s_max)
            .fold(0.0, f64::max)
    }

    /// The configured sensor of an observation.
    pub(crate) fn sensor_of(&self, observation: &Observation) -> Option<usize> {
        let named = observation
            .sensor
            .as_ref()
            .and_then(|name| self.by_name.get(name));
        named
            .or_else(|| self.by_feed.get(&observation.source))
            .copied()
    }

    /// The model of whoever made an observation.
    pub(crate) fn model_of(&self, observation: &Observation) -> usize {
        let reporter = (SensorKind::Context, Some(observation.grade.reliability));
        let spoken_by_others = matches!(
            &observation.reading,
            Reading::Claim(claim) if claim.speaker != Speaker::Patrol
        );
        if spoken_by_others {
            return self.by_reading[&reporter];
        }
        // A sensor for which the mission states no detection model is taken as a usual one.
        let stated = |sensor: &usize| self.models[*sensor].detects.iter().any(Option::is_some);
        if let Some(sensor) = self.sensor_of(observation).filter(stated) {
            return sensor;
        }
        let kind = match &observation.reading {
            Reading::ThermalAnomaly(_) => SensorKind::ThermalImager,
            Reading::AreaChange(_) => SensorKind::ImagingRadar,
            Reading::Acoustic(_) => SensorKind::AcousticArray,
            Reading::Seismic(_) => SensorKind::SeismicStation,
            Reading::Claim(_) => SensorKind::Patrol,
            _ => SensorKind::UavPayload,
        };
        self.by_reading[&(kind, None)]
    }
}

/// The kinds that get a model when the mission describes no sensor.
const UNCONFIGURED: [SensorKind; 6] = [
    SensorKind::ThermalImager,
    SensorKind::ImagingRadar,
    SensorKind::AcousticArray,
    SensorKind::SeismicStation,
    SensorKind::UavPayload,
    SensorKind::Patrol,
];

/// Detection probabilities close by, range of one half (km), false alarms per day: own estimates
/// of a usual instrument. In the order of [`EventClass::ALL`]: artillery, drone strike, small arms,
/// farm fire, industrial heat, quarry blast, thunder, other.
fn usual(kind: SensorKind) -> ([f64; CLASSES], Option<f64>, f64) {
    match kind {
        SensorKind::ThermalImager => ([0.25, 0.5, 0.0, 0.85, 0.9, 0.02, 0.0, 0.2], None, 2.0),
        SensorKind::ImagingRadar => ([0.3, 0.3, 0.0, 0.2, 0.05, 0.3, 0.0, 0.1], None, 20.0),
        SensorKind::AcousticArray => ([0.95, 0.8, 0.6, 0.0, 0.0, 0.95, 0.9, 0.1], Some(10.0), 30.0),
        SensorKind::SeismicStation => ([0.9, 0.5, 0.0, 0.0, 0.0, 0.95, 0.0, 0.1], Some(30.0), 40.0),
        SensorKind::UavPayload => ([0.7, 0.7, 0.6, 0.7, 0.5, 0.7, 0.3, 0.2], Some(6.0), 2.0),
        _ => ([0.6, 0.6, 0.6, 0.6, 0.3, 0.6, 0.6, 0.2], Some(5.0), 1.0),
    }
}

/// Errors and habits of a kind of sensor: time (s), bearing (°), how often a named class is right.
/// Own estimates; the mission's own error model comes before the first two.
fn habits(kind: SensorKind) -> (f64, f64, f64) {
    match kind {
        SensorKind::SeismicStation => (0.3, 5.0, 0.7),
        SensorKind::AcousticArray => (1.0, 2.5, 0.7),
        SensorKind::Patrol => (180.0, 10.0, 0.8),
        SensorKind::Context => (600.0, 10.0, 0.7),
        SensorKind::UavPayload | SensorKind::Camera => (20.0, 1.0, 0.9),
        _ => (5.0, 3.0, 0.8),
    }
}

fn configured(sensor: &Sensor, area_m2: f64) -> Model {
    let mut detects: [Option<Detection>; CLASSES] = Default::default();
    for (class, slot) in EventClass::ALL.into_iter().zip(&mut detects) {
        *slot = sensor
            .detects
            .iter()
            .find(|detection| detection.class == class)
            .cloned();
    }
    let mut model = model(sensor.kind, detects, sensor.false_per_day, area_m2);
    model.name = Some(sensor.id.clone());
    model.position = sensor.position;
    model.latency_s_max = sensor.latency_s_max;
    model.looks_at_s.clone_from(&sensor.looks_at_s);
    model.time_s_sigma = sensor.errors.time_s_sigma.unwrap_or(model.time_s_sigma);
    model.bearing_deg_sigma = sensor
        .errors
        .bearing_deg_sigma
        .unwrap_or(model.bearing_deg_sigma);
    model.bearing_deg_bias_sigma = sensor.errors.bearing_deg_bias_sigma.unwrap_or(0.0);
    model.time_s_delay = sensor.errors.time_s_delay.unwrap_or(0.0);
    model.speed_share_sigma = sensor.errors.speed_share_sigma;
    model.class_right = sensor.errors.class_right.unwrap_or(model.class_right);
    model.side_right = sensor.errors.side_right;
    model
}

fn unconfigured(kind: SensorKind, area_m2: f64) -> Model {
    let (probabilities, half_km, false_per_day) = usual(kind);
    let mut detects: [Option<Detection>; CLASSES] = Default::default();
    let rows = EventClass::ALL
        .into_iter()
        .zip(probabilities)
        .zip(&mut detects);
    for ((class, probability), slot) in rows.filter(|((_, p), _)| *p > 0.0) {
        *slot = Some(Detection {
            class,
            probability,
            range_m_half: half_km.map(|km| km * 1e3),
            range_m_width: half_km.map(|km| km * 150.0),
            range_m_spread: None,
            false_share: None,
            needs_clear_sky: kind == SensorKind::ThermalImager,
        });
    }
    model(kind, detects, false_per_day, area_m2)
}

/// Someone who reports without being a sensor of the mission: half of all events are told, and
/// untrue stories per day by reliability (own scale: no study gives counts; Samet 1975 finds the
/// grades' order, not their distances, to be shared by those who use them).
fn reporter(reliability: Reliability, area_m2: f64) -> Model {
    let untrue_per_day = match reliability {
        Reliability::A => 0.05,
        Reliability::B => 0.2,
        Reliability::C => 1.0,
        Reliability::D => 4.0,
        Reliability::E => 20.0,
        Reliability::F => 2.0,
    };
    let detects = EventClass::ALL.map(|class| {
        Some(Detection {
            class,
            probability: 0.5,
            range_m_half: None,
            range_m_width: None,
            range_m_spread: None,
            false_share: None,
            needs_clear_sky: false,
        })
    });
    model(SensorKind::Context, detects, untrue_per_day, area_m2)
}

fn model(
    kind: SensorKind,
    detects: [Option<Detection>; CLASSES],
    false_per_day: f64,
    area_m2: f64,
) -> Model {
    let (time_s_sigma, bearing_deg_sigma, class_right) = habits(kind);
    let mut areas_m2 = [1.0; CLASSES];
    let mut range_m_max: f64 = 0.0;
    for (slot, detection) in areas_m2.iter_mut().zip(&detects) {
        let Some(detection) = detection else {
            continue;
        };
        let (area, reach) = extent(detection, area_m2);
        *slot = area;
        range_m_max = range_m_max.max(reach);
    }
    Model {
        name: None,
        kind,
        position: None,
        curves: detects
            .each_ref()
            .map(|detects| detects.as_ref().map(Curve::of)),
        detects,
        area_m2: areas_m2,
        false_per_s: false_per_day.max(FALSE_PER_DAY_MIN) / 86_400.0,
        latency_s_max: 3_600.0,
        looks_at_s: Vec::new(),
        range_m_max: if range_m_max > 0.0 {
            range_m_max
        } else {
            20_000.0
        },
        time_s_sigma,
        time_s_delay: 0.0,
        bearing_deg_sigma,
        bearing_deg_bias_sigma: 0.0,
        speed_share_sigma: None,
        class_right,
        side_right: None,
        present: areas_m2.map(|own_m2| (own_m2 / area_m2).min(1.0)),
    }
}

/// The area of a detection model, ∫ P(d)/P(0) 2πd dd, and the distance at which it ends.
fn extent(detection: &Detection, area_m2: f64) -> (f64, f64) {
    let (Some(half), Some(width)) = (detection.range_m_half, detection.range_m_width) else {
        return (area_m2, f64::INFINITY);
    };
    // Four widths beyond one half, 2 % of the probability is left.
    let spread = detection.range_m_spread.unwrap_or(0.0);
    let reach_m = (half + spread + 4.0 * width).clamp(1.0, RANGE_M_MAX);
    let steps = 64;
    let step_m = reach_m / f64::from(steps);
    let ring = |index: i32| {
        let d = (f64::from(index) + 0.5) * step_m;
        let share = detection.probability_at(d) / detection.probability.max(1e-9);
        share * std::f64::consts::TAU * d * step_m
    };
    ((0..steps).map(ring).sum::<f64>().max(1.0), reach_m)
}

/// The mission's area of operation, m².
fn area_of_operation_m2(mission: &Mission) -> f64 {
    let zones = mission
        .zones
        .iter()
        .filter(|zone| zone.kind == ZoneKind::AreaOfOperation);
    let area: f64 = zones.map(|zone| shape_area_m2(&zone.shape)).sum();
    if area > 1e6 { area } else { AREA_M2_DEFAULT }
}

fn shape_area_m2(shape: &Shape) -> f64 {
    let Shape::Polygons(polygons) = shape else {
        return 0.0;
    };
    polygons
        .iter()
        .filter_map(|rings| rings.first())
        .map(|ring| ring_area_m2(ring))
        .sum()
}

/// The shoelace formula in the plane at the ring's mean latitude.
fn ring_area_m2(ring: &[Position]) -> f64 {
    let Some(first) = ring.first() else {
        return 0.0;
    };
    let mean = ring.iter().map(|corner| corner.lat_deg).sum::<f64>() / ring.len() as f64;
    let origin = Position {
        lat_deg: mean,
        lon_deg: first.lon_deg,
    };
    let frame = Frame::at(origin);
    let points: Vec<_> = ring.iter().map(|corner| frame.to_xy_m(*corner)).collect();
    let pairs = points.iter().zip(points.iter().cycle().skip(1));
    let twice: f64 = pairs.map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
    twice.abs() / 2.0
}
