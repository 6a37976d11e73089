//! What was known before a day, and what a cluster of the day's anomalies measures against it.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::Position;

use super::clusters::clusters;
use super::control::{Control, Land};
use super::plane::{Plane, Point, Points, Polygon};
use super::terms::{Features, TERMS, TermName};
use super::{Day, Error, YEAR_DAYS};

/// Youngest confirmed event that counts, days: so long it takes sources to publish and place one.
pub const EVENT_AGE_DAYS_MIN: i32 = 4;
/// Oldest confirmed event that counts, days; its weight is below two percent by then.
const EVENT_AGE_DAYS_MAX: i32 = 240;
/// The terms of events: the reach of each in metres, and the time in days in which an event's
/// weight falls to 1/e.
const EVENT_TERMS: [(f64, f64); 4] = [
    (2_000.0, 10.0),
    (5_000.0, 10.0),
    (10_000.0, 60.0),
    (40_000.0, 3.0),
];
/// How softly a reach ends, as a part of it.
const EVENT_EDGE: f64 = 0.2;
/// Beyond this many reaches an event's weight is below one percent.
const EVENT_REACHES_MAX: f64 = 2.0;
/// What stands in for no event at all inside the logarithm.
const EVENT_FLOOR: f64 = 0.02;
/// How long before the line of control is compared, days.
const LINE_BEFORE_DAYS: i32 = 21;
/// How far clusters of a day and fires of a season are counted, metres.
const AROUND_M: f64 = 10_000.0;
/// How far from a place the same source of lasting heat is seen, metres: two pixels at the swath's
/// edge.
const LASTING_M: f64 = 1_500.0;
/// Half the length of a season, days.
const SEASON_DAYS: f64 = 20.0;
/// A place is quiet without a confirmed event within this reach, metres ...
const QUIET_M: f64 = 30_000.0;
/// ... and not older than this, days.
const QUIET_DAYS: i32 = 60;
/// How far the fires of quiet places are counted, metres: the weather that lets fields burn.
const QUIET_AROUND_M: f64 = 400_000.0;

/// Confirmed events held: thirty years as dense as 2022 in Ukraine.
const EVENTS_MAX: usize = 200_000;
/// Anomalies of peaceful years held: thirty years of a country.
const BACKGROUND_MAX: usize = 5_000_000;
/// Maps of control held: a year of daily or eight years of weekly ones, at about 1.5 MB each for a
/// country like Ukraine.
const CONTROLS_MAX: usize = 420;

/// Confirmed events, maps of control and peaceful years.
#[derive(Debug, Clone)]
pub struct Knowledge {
    plane: Plane,
    land: Option<Land>,
    events: Points<Day>,
    events_known: BTreeSet<(Day, u64, u64)>,
    background: Points<Day>,
    background_days: BTreeSet<Day>,
    /// `None` marks a map on which nobody holds a line.
    controls: BTreeMap<Day, Option<Control>>,
}

/// What else burns on the day of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SameDay {
    /// Clusters within 10 km, itself counted.
    pub near: usize,
    /// Clusters within 400 km that have no confirmed event of two months within 30 km.
    pub quiet: usize,
}

/// Anomalies of a day that belong together, and what they measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// The numbers of the anomalies in the list that was asked about.
    pub members: Vec<usize>,
    /// The mean of their positions.
    pub centre: Position,
    /// What was measured at the centre.
    pub features: Features,
}

impl Knowledge {
    /// Nothing known yet, over a land whose polygons tell the border from the line of control.
    /// Distances are true at the reference latitude.
    #[must_use]
    pub fn new(reference_lat_deg: f64, land: &[Polygon]) -> Self {
        let plane = Plane::new(reference_lat_deg);
        Self {
            plane,
            land: Land::new(plane, land),
            events: Points::new(AROUND_M),
            events_known: BTreeSet::new(),
            background: Points::new(AROUND_M / 4.0),
            background_days: BTreeSet::new(),
            controls: BTreeMap::new(),
        }
    }

    /// Takes a confirmed violent event in; the same place and day again change nothing.
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond the number of events that is held.
    pub fn learn_event(&mut self, position: Position, day: Day) -> Result<(), Error> {
        let key = (day, position.lat_deg.to_bits(), position.lon_deg.to_bits());
        if !self.events_known.insert(key) {
            return Ok(());
        }
        room(self.events.len(), EVENTS_MAX, "confirmed events")?;
        self.events.insert(self.plane.point(position), day);
        Ok(())
    }

    /// Takes a thermal anomaly of a peaceful year in.
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond the number of anomalies that is held.
    pub fn learn_background(&mut self, position: Position, day: Day) -> Result<(), Error> {
        let held = self.background.len();
        room(held, BACKGROUND_MAX, "thermal anomalies of peaceful years")?;
        self.background.insert(self.plane.point(position), day);
        self.background_days.insert(day);
        Ok(())
    }

    /// Takes the map of control of a day in: the polygons that one side holds.
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond the number of maps that is held.
    pub fn learn_control(&mut self, day: Day, held: &[Polygon]) -> Result<(), Error> {
        room(self.controls.len(), CONTROLS_MAX, "maps of control")?;
        let control = self.land.as_ref().and_then(|land| land.control(held));
        self.controls.insert(day, control);
        Ok(())
    }

    /// Groups a day's anomalies into clusters and measures each.
    #[must_use]
    pub fn look(&self, day: Day, anomalies: &[Position]) -> Vec<Cluster> {
        let points: Vec<Point> = anomalies
            .iter()
            .map(|place| self.plane.point(*place))
            .collect();
        let groups = clusters(&points);
        let mut all = Points::new(AROUND_M);
        let mut quiet = Points::new(QUIET_AROUND_M / 4.0);
        for members in &groups {
            let point = self.plane.point(mean(anomalies, members));
            all.insert(point, ());
            if self.is_quiet(day, point) {
                quiet.insert(point, ());
            }
        }
        let count = |centres: &Points<()>, centre, reach_m| {
            let mut count = 0;
            centres.near(self.plane.point(centre), reach_m, |_, ()| count += 1);
            count
        };
        let measured = groups.into_iter().map(|members| {
            let centre = mean(anomalies, &members);
            let same_day = SameDay {
                near: count(&all, centre, AROUND_M),
                quiet: count(&quiet, centre, QUIET_AROUND_M),
            };
            Cluster {
                features: self.measure(day, centre, same_day),
                members,
                centre,
            }
        });
        measured.collect()
    }

    /// What a place measures on a day on which so much else burns.
    #[must_use]
    pub fn measure(&self, day: Day, place: Position, same_day: SameDay) -> Features {
        let point = self.plane.point(place);
        let events = self.events_near(day, point).map(Some);
        let control = self.control_at(day);
        let line_km = control.map(|control| control.line_m(point) / 1_000.0);
        let before = self.control_at(day.plus(-LINE_BEFORE_DAYS));
        let before_km = before.map(|control| control.line_m(point) / 1_000.0);
        let background = self.background_near(day, point);
        TERMS.map(|term| match term {
            TermName::Events2Km => events[0],
            TermName::Events5Km => events[1],
            TermName::Events10Km => events[2],
            TermName::Events40Km => events[3],
            TermName::Held => control.map(|control| f64::from(u8::from(control.is_held(point)))),
            TermName::LineNearer => {
                let both = before_km.zip(line_km);
                both.map(|(before_km, line_km)| libm::log1p(before_km) - libm::log1p(line_km))
            }
            TermName::SameDay => Some(libm::log(same_day.near.max(1) as f64)),
            TermName::QuietDay => Some(libm::log1p(same_day.quiet as f64)),
            TermName::Season => background.map(|a_year| libm::log1p(a_year.season)),
            TermName::Year => background.map(|a_year| libm::log1p(a_year.any_season)),
            TermName::Lasting => background.map(|a_year| libm::log1p(a_year.burning_days)),
        })
    }

    /// A confirmed event lies within the reach and one day: what a weight is fitted to. Looks into
    /// the future and so is never a measure.
    #[must_use]
    pub fn is_confirmed(&self, day: Day, place: Position, reach_m: f64) -> bool {
        let mut confirmed = false;
        self.events
            .near(self.plane.point(place), reach_m, |_, event_day| {
                confirmed |= day.since(event_day).abs() <= 1;
            });
        confirmed
    }

    /// The newest map of control that is not later than the day.
    fn control_at(&self, day: Day) -> Option<&Control> {
        self.controls.range(..=day).next_back()?.1.as_ref()
    }

    /// No confirmed event of two months lies around.
    fn is_quiet(&self, day: Day, point: Point) -> bool {
        let mut quiet = true;
        self.events.near(point, QUIET_M, |_, event_day| {
            quiet &= !(EVENT_AGE_DAYS_MIN..=QUIET_DAYS).contains(&day.since(event_day));
        });
        quiet
    }

    fn events_near(&self, day: Day, point: Point) -> [f64; EVENT_TERMS.len()] {
        let mut sums = [EVENT_FLOOR; EVENT_TERMS.len()];
        let widest_m = EVENT_TERMS[EVENT_TERMS.len() - 1].0 * EVENT_REACHES_MAX;
        self.events.near(point, widest_m, |apart_m, event_day| {
            let age = day.since(event_day);
            if !(EVENT_AGE_DAYS_MIN..=EVENT_AGE_DAYS_MAX).contains(&age) {
                return;
            }
            let known_days = f64::from(age - EVENT_AGE_DAYS_MIN);
            for (sum, (reach_m, decay_days)) in sums.iter_mut().zip(EVENT_TERMS) {
                if apart_m <= reach_m * EVENT_REACHES_MAX {
                    let edge = libm::exp((apart_m - reach_m) / (reach_m * EVENT_EDGE));
                    *sum += libm::exp(-known_days / decay_days) / (1.0 + edge);
                }
            }
        });
        sums.map(libm::log)
    }

    /// What burnt around in peaceful years; `None` when none is known.
    fn background_near(&self, day: Day, point: Point) -> Option<AYear> {
        let mut earlier = self.background_days.range(..day);
        let first = earlier.next()?;
        let last = earlier.next_back().unwrap_or(first);
        let years = (f64::from(last.since(*first) + 1) / YEAR_DAYS).max(1.0);
        let (mut season, mut any_season) = (0.0, 0.0);
        let mut burning = BTreeSet::new();
        self.background.near(point, AROUND_M, |apart_m, other| {
            if other >= day {
                return;
            }
            any_season += 1.0;
            if day.season_apart(other) <= SEASON_DAYS {
                season += 1.0;
            }
            if apart_m <= LASTING_M {
                burning.insert(other);
            }
        });
        Some(AYear {
            season: season / years,
            any_season: any_season / years * (2.0 * SEASON_DAYS / YEAR_DAYS),
            burning_days: burning.len() as f64 / years,
        })
    }
}

/// What burnt around a place, a year of peace.
#[derive(Clone, Copy)]
struct AYear {
    /// Anomalies of the season within 10 km.
    season: f64,
    /// The same in the mean of all seasons.
    any_season: f64,
    /// Days of heat at the very place.
    burning_days: f64,
}

fn room(held: usize, max: usize, what: &'static str) -> Result<(), Error> {
    if held < max {
        Ok(())
    } else {
        Err(Error::TooMany { what, max })
    }
}

/// The mean of some positions; a cluster is too small for the antimeridian to matter.
fn mean(positions: &[Position], members: &[usize]) -> Position {
    let count = members.len() as f64;
    let sum = |axis: fn(&Position) -> f64| -> f64 {
        members.iter().map(|member| axis(&positions[*member])).sum()
    };
    Position {
        lat_deg: sum(|position| position.lat_deg) / count,
        lon_deg: sum(|position| position.lon_deg) / count,
    }
}
