//! What is to be expected beforehand: how often each class of event happens at a place, and how
//! often a sensor speaks of it.

use truce_core::mission::{Launch, Mission};
use truce_core::{EventClass, Position, Timestamp};

use crate::background::{Background, DAYS_PER_MONTH};
use crate::candidate::{Candidate, HEAT_WINDOW_S_MAX};
use crate::evidence::Here;
use crate::network::{CLASSES, Model};

/// Rate of a class for which the mission gives none, per day and 1,000 km².
const RATE_DEFAULT: f64 = 1e-6;
/// Time for which the heat of a class without a figure could be seen at most, seconds.
const HEAT_S_DEFAULT: f64 = 60.0;
/// How many months the mission's own figure weighs against counted months.
const FIGURE_MONTHS: f64 = 1.0;
const FARM_FIRE: usize = EventClass::FarmFire as usize;
const INDUSTRIAL_HEAT: usize = EventClass::IndustrialHeat as usize;

/// The mission's figures per class, in the order of [`EventClass::ALL`].
#[derive(Debug, Clone)]
pub(crate) struct Priors {
    /// Per second and square metre.
    rates: [f64; CLASSES],
    line_decay_m: [Option<f64>; CLASSES],
    line_decay_power: [f64; CLASSES],
    /// Share of a class's events that strike the other side's ground.
    pub(crate) strikes_across: [Option<f64>; CLASSES],
    /// The sound of artillery that fires.
    pub(crate) launch: Option<Launch>,
    heat_s: [f64; CLASSES],
    /// How long before a fire is seen its event may have been, seconds.
    pub(crate) heat_window_s: f64,
    /// From this probability on a lone direction is told.
    pub(crate) direction_threshold: Option<f64>,
}

impl Priors {
    pub(crate) fn new(mission: &Mission) -> Self {
        let mut priors = Self {
            rates: [RATE_DEFAULT / 86_400.0 / 1e9; CLASSES],
            line_decay_m: [None; CLASSES],
            line_decay_power: [1.0; CLASSES],
            strikes_across: [None; CLASSES],
            launch: None,
            heat_s: [HEAT_S_DEFAULT; CLASSES],
            heat_window_s: 3_600.0,
            direction_threshold: mission.direction_threshold,
        };
        for (index, class) in EventClass::ALL.into_iter().enumerate() {
            let Some(prior) = mission
                .event_classes
                .iter()
                .find(|prior| prior.class == class)
            else {
                continue;
            };
            let rate = prior.rate_per_day_per_1000_km2.max(RATE_DEFAULT);
            priors.rates[index] = rate / 86_400.0 / 1e9;
            priors.line_decay_m[index] = prior.line_decay_m.filter(|decay| *decay > 0.0);
            priors.line_decay_power[index] = prior.line_decay_power.unwrap_or(1.0);
            priors.strikes_across[index] = prior.strikes_across;
            if class == EventClass::Artillery {
                priors.launch.clone_from(&prior.launch);
            }
            let heat_s = prior.heat_s.unwrap_or(HEAT_S_DEFAULT).max(HEAT_S_DEFAULT);
            priors.heat_s[index] = heat_s;
            if class != EventClass::IndustrialHeat {
                let window_s = (2.0 * heat_s).min(HEAT_WINDOW_S_MAX);
                priors.heat_window_s = priors.heat_window_s.max(window_s);
            }
        }
        priors
    }

    /// Mean time for which the heat of a class can be seen, seconds.
    pub(crate) fn heat_s(&self, class: usize) -> f64 {
        self.heat_s[class]
    }

    /// Events per second and square metre at a distance from the line of contact.
    pub(crate) fn rate(&self, class: usize, line_m: Option<f64>) -> f64 {
        let decay = match (self.line_decay_m[class], line_m) {
            (Some(decay_m), Some(line_m)) => {
                let decays = line_m / decay_m;
                let power = self.line_decay_power[class];
                libm::exp(-if power == 1.0 {
                    decays
                } else {
                    libm::pow(decays, power)
                })
            }
            _ => 1.0,
        };
        self.rates[class] * decay
    }

    /// How many readings of a sensor per square metre a class gives at a place: per second for
    /// what is heard or seen as it happens or lasts until it is looked at, per look for heat.
    pub(crate) fn readings(&self, asked: &Asked<'_>, class: usize) -> f64 {
        let detection = asked.model.detection(class, None);
        let rate = self.rate(class, asked.line_m);
        if !asked.heat {
            return rate * detection;
        }
        let looks = asked.model.looks_per_day();
        let heat_s = self.heat_s[class];
        // A whole day counts every fire that any of its looks can see.
        let seen_s = if asked.whole_day {
            (heat_s * looks).min(86_400.0).max(heat_s)
        } else {
            heat_s
        };
        let figure = rate * seen_s * detection;
        match class {
            FARM_FIRE => asked.counted(figure, false),
            INDUSTRIAL_HEAT => asked.counted(figure, true),
            _ => figure,
        }
    }
}

/// A place, a time and a sensor about which is asked.
pub(crate) struct Asked<'a> {
    pub(crate) model: &'a Model,
    pub(crate) background: &'a Background,
    pub(crate) position: Position,
    pub(crate) at: Timestamp,
    /// Distance from the line of contact, metres.
    pub(crate) line_m: Option<f64>,
    /// Heat is seen at looks, not as it happens.
    pub(crate) heat: bool,
    /// The reading speaks of a whole day.
    pub(crate) whole_day: bool,
}

impl<'a> Asked<'a> {
    pub(crate) fn of(
        candidate: &Candidate,
        model: &'a Model,
        background: &'a Background,
        here: Here,
    ) -> Self {
        let heat = candidate.said.thermal;
        Self {
            model,
            background,
            position: here.position,
            at: candidate.observed_at.middle(),
            line_m: here.line_m,
            heat,
            whole_day: heat && candidate.observed_at.length_s() > 43_200.0,
        }
    }

    /// Corrects a figure per look (or day) and square metre by what was counted in other years.
    fn counted(&self, figure: f64, lasting: bool) -> f64 {
        let Some(usual) = self.background.usual(self.position, self.at) else {
            return figure;
        };
        let per_day = if self.whole_day {
            1.0
        } else {
            self.model.looks_per_day()
        };
        let per_month = usual.area_m2 * per_day * DAYS_PER_MONTH;
        let lasting_count = usual.lasting_per_month * usual.years;
        let count = if lasting {
            lasting_count
        } else {
            (usual.count - lasting_count).max(0.0)
        };
        let months = (count + FIGURE_MONTHS * figure * per_month) / (usual.years + FIGURE_MONTHS);
        months / per_month
    }
}
