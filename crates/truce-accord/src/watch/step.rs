//! From one fix to the next: what an object enters and leaves.

use std::collections::VecDeque;

use truce_core::time::seconds_between;
use truce_core::way::Ends;
use truce_core::{Slug, Timestamp};

use super::fence::{Effect, Fence, Guard, Who};
use super::stay::{Closed, End, Fix, Happening, Stay};
use crate::zones::{Calm, InBand, Nearby, OnWay, ZoneIndex, in_band};

/// A vessel that left the corridor this long ago is no longer on passage through it, seconds.
const DEVIATION_S_MAX: f64 = 6.0 * 3_600.0;

/// A vessel that drifts swings about the speed below which it counts as stopped; it moves on when it
/// is so many times as fast (own choice, as in the watch over shipping).
const MOVES_ON: f64 = 2.0;

/// A step counts beyond so many standard deviations of both of its ends (own choice).
const JUMP_SIGMAS: f64 = 4.0;

/// What all objects share.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) zones: ZoneIndex,
    pub(super) fences: Vec<Fence>,
    /// Corridors whose vessels have bubbles; these are fences around vessels, not around zones.
    pub(super) bubbles: Vec<Fence>,
    /// For each zone of the index the fences on it.
    pub(super) on_zone: Vec<Vec<usize>>,
    /// For each fence its zone in the index.
    pub(super) zone_of: Vec<usize>,
    /// For each fence the ends by which a vessel may leave it; `None` where it matters not.
    pub(super) ends: Vec<Option<Ends>>,
    /// True when some fence is on a line.
    pub(super) has_lines: bool,
    /// A longer step, metres, at a higher speed, metres per second, is no vessel's.
    pub(super) jump_m: f64,
    pub(super) jump_m_s: f64,
    /// How far beyond a fix's own error a border matters, metres.
    pub(super) reach_m: f64,
    /// The most standard deviations that any clause asks for.
    pub(super) sigmas: f64,
}

/// Buffers that are used again and again, so that a step allocates nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch {
    pub(super) nearby: Vec<Nearby>,
    pub(super) along: Vec<OnWay>,
    pub(super) was_inside: Vec<usize>,
    pub(super) lines: Vec<usize>,
    pub(super) shares: Vec<f64>,
    seen: Vec<usize>,
}

/// What a fence knows of an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Run {
    /// Staying: in the area, outside the corridor or at rest in it.
    Stay(Box<Stay>),
    /// Inside the corridor, from which it may deviate.
    Inside,
    /// Too near to a line to be on either side.
    OnLine {
        /// The last fix on a clear side; `None` when there was none.
        from: Option<Box<Fix>>,
        /// True when it has crossed an odd number of times since.
        odd: bool,
    },
}

/// An object's state after a fix. A fence of which nothing is said has the object outside.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct State {
    /// The calm part of the plane around the last fix that was not in the one before.
    calm: Option<Calm>,
    /// By fence.
    pub(super) runs: Vec<(usize, Run)>,
}

/// Where a fix is with regard to an area.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Standing {
    /// Inside by so many metres, beyond doubt.
    In(f64),
    /// Outside beyond doubt.
    Out,
    /// Too near to the border, or the height is not known.
    Unclear,
}

impl State {
    fn place_of(&self, fence: usize) -> Result<usize, usize> {
        self.runs.binary_search_by_key(&fence, |(of, _)| *of)
    }

    pub(super) fn take(&mut self, fence: usize) -> Option<Run> {
        let place = self.place_of(fence).ok()?;
        Some(self.runs.remove(place).1)
    }

    pub(super) fn put(&mut self, fence: usize, run: Run) {
        match self.place_of(fence) {
            Ok(place) => self.runs[place].1 = run,
            Err(place) => self.runs.insert(place, (fence, run)),
        }
    }

    /// Takes the next fix in time, after the previous one. True when there is something to tell: a
    /// stay that began, ended or reached a milestone, or a passage.
    pub(super) fn step(
        &mut self,
        previous: Option<&Fix>,
        fix: &Fix,
        who: &Who,
        ground: &Ground,
        scratch: &mut Scratch,
        closed: &mut VecDeque<Closed>,
    ) -> bool {
        self.look_around(previous, fix, ground, scratch);
        if scratch.nearby.is_empty() && scratch.along.is_empty() && self.runs.is_empty() {
            return false;
        }
        let before = closed.len();
        if let Some(previous) = previous {
            self.fall_silent(previous, fix, ground, closed);
        }
        scratch.was_inside.clear();
        scratch
            .was_inside
            .extend(self.runs.iter().map(|(fence, _)| *fence));
        let mut news = self.stand_all(previous, fix, who, ground, scratch, closed);
        if let Some(previous) = previous {
            self.cross_areas(previous, fix, who, ground, scratch, closed);
        }
        if ground.has_lines {
            self.cross_lines(previous, fix, who, ground, scratch, closed);
        }
        news |= closed.len() > before;
        news
    }

    /// Finds what is near a fix and on the way to it: for most fixes what was around the last one.
    fn look_around(
        &mut self,
        previous: Option<&Fix>,
        fix: &Fix,
        ground: &Ground,
        scratch: &mut Scratch,
    ) {
        let Scratch { nearby, along, .. } = scratch;
        let (zones, position) = (&ground.zones, fix.place.position);
        let reach_m = fix.place.uncertainty.semi_major_m * ground.sigmas + ground.reach_m;
        along.clear();
        let calm = self.calm.as_ref();
        if let Some(calm) = calm.filter(|calm| calm.holds(position, reach_m)) {
            nearby.clear();
            nearby.extend(calm.covers());
            return;
        }
        zones.survey(position, reach_m, nearby);
        self.calm = zones.calm_around(position, nearby);
        let calm = self.calm.as_ref();
        let from = previous.map(|previous| previous.place.position);
        // No border runs between two places of one calm part.
        let way_from = from.filter(|from| !calm.is_some_and(|calm| calm.holds(*from, 0.0)));
        if let Some(from) = way_from {
            zones.along(from, position, along);
        }
    }

    /// Ends everything that a long silence makes unknown, and for vessels in corridors a jump: one
    /// whose stated place jumped away did not leave the corridor by that.
    fn fall_silent(
        &mut self,
        previous: &Fix,
        fix: &Fix,
        ground: &Ground,
        closed: &mut VecDeque<Closed>,
    ) {
        if self.runs.is_empty() {
            return;
        }
        let gap_s = seconds_between(previous.at, fix.at);
        let is_over = |(fence, run): &(usize, Run)| {
            let sails = ground.fences[*fence].effect == Effect::Deviation;
            gap_s > ground.silence_s(*fence, run) || sails && ground.has_jumped(previous, fix)
        };
        if !self.runs.iter().any(&is_over) {
            return;
        }
        let is_over = |run: &mut (usize, Run)| is_over(run);
        for (fence, run) in self.runs.extract_if(.., is_over) {
            if let Run::Stay(mut stay) = run {
                stay.close(End::Silent, None);
                closed.push_back(over(fence, stay, fix));
            }
        }
    }

    /// Moves every fence on an area that the fix concerns.
    fn stand_all(
        &mut self,
        previous: Option<&Fix>,
        fix: &Fix,
        who: &Who,
        ground: &Ground,
        scratch: &mut Scratch,
        closed: &mut VecDeque<Closed>,
    ) -> bool {
        let mut seen = std::mem::take(&mut scratch.seen);
        seen.clear();
        seen.extend(&scratch.was_inside);
        for near in &scratch.nearby {
            let fences = ground.on_zone[near.zone].iter();
            seen.extend(fences.filter(|fence| !scratch.was_inside.contains(fence)));
        }
        seen.sort_unstable();
        let mut news = false;
        for fence in &seen {
            if !ground.is_line(*fence) {
                let sight = ground.sight(*fence, fix, who, &scratch.nearby);
                news |= self.stand(&sight, previous, fix, closed);
            }
        }
        scratch.seen = seen;
        news
    }

    /// Moves one fence on an area. True when its stay has something to tell.
    fn stand(
        &mut self,
        sight: &Sight<'_>,
        previous: Option<&Fix>,
        fix: &Fix,
        closed: &mut VecDeque<Closed>,
    ) -> bool {
        let Sight { number, ground, .. } = *sight;
        let known = self.place_of(number);
        let run = known.ok().map(|place| &mut self.runs[place].1);
        let Some((guard, standing)) = sight.guard else {
            if let Some(Run::Stay(mut stay)) = self.take(number) {
                stay.close(End::Lapsed, None);
                closed.push_back(over(number, stay, fix));
            }
            return false;
        };
        let (inside, remembered) = match ground.fences[number].effect {
            Effect::Presence | Effect::Bubble => (standing, None),
            Effect::Stop => {
                let rests = run.is_some();
                (at_rest(previous, fix, guard, standing, rests, ground), None)
            }
            Effect::Deviation => ground.deviation(number, guard, fix, run.as_deref(), standing),
        };
        match (run, inside) {
            (Some(Run::Stay(stay)), Standing::In(depth_m)) => stay.go_on(fix, depth_m),
            (Some(Run::Stay(stay)), Standing::Unclear) => stay.go_on(fix, f64::NEG_INFINITY),
            (_, Standing::In(depth_m)) => {
                let stay = Stay::begin(*fix, depth_m, &guard.thresholds, guard.confirm_s);
                self.put(number, Run::Stay(Box::new(stay)));
                true
            }
            (run, Standing::Unclear | Standing::Out) => {
                if run.is_none() && remembered.is_none() {
                    return false;
                }
                if let Some(Run::Stay(mut stay)) = self.take(number) {
                    stay.close(End::Left, Some(*fix));
                    closed.push_back(over(number, stay, fix));
                }
                if let Some(run) = remembered {
                    self.put(number, run);
                }
                false
            }
        }
    }

    /// When the first of the open stays falls silent that has not fallen silent at an instant.
    pub(super) fn silent_from(&self, after: Option<Timestamp>) -> Option<Timestamp> {
        let stays = self.runs.iter().filter_map(|(_, run)| match run {
            Run::Stay(stay) => Some(stay.silent_from()),
            _ => None,
        });
        stays
            .filter(|at| after.is_none_or(|after| *at >= after))
            .min()
    }

    /// Gives fences other numbers; what has none is forgotten.
    pub(super) fn renumber(&mut self, number_of: impl Fn(usize) -> Option<usize>) {
        let runs = std::mem::take(&mut self.runs).into_iter();
        let renumbered = runs.filter_map(|(fence, run)| Some((number_of(fence)?, run)));
        self.runs = renumbered.collect();
        // The zones may be others.
        self.calm = None;
        self.runs.sort_unstable_by_key(|(fence, _)| *fence);
    }
}

/// What one fence sees of a fix.
struct Sight<'a> {
    number: usize,
    ground: &'a Ground,
    /// The guard that watches the object, and where the object stands; `None` when nobody asks.
    guard: Option<(&'a Guard, Standing)>,
}

fn over(fence: usize, stay: Box<Stay>, by: &Fix) -> Closed {
    Closed {
        fence,
        happening: Happening::Stay(stay),
        by: by.key(),
        told: None,
    }
}

/// Whether a vessel in a corridor is at rest: by its own speed, else by the way it made beyond the
/// error of its fixes. A rest goes on until the vessel is faster than [`MOVES_ON`] times the limit.
fn at_rest(
    last: Option<&Fix>,
    fix: &Fix,
    guard: &Guard,
    in_corridor: Standing,
    rests: bool,
    ground: &Ground,
) -> Standing {
    let free = guard
        .ends
        .iter()
        .any(|zone| ground.zones.contains(zone, fix.place.position));
    let Standing::In(depth_m) = in_corridor else {
        return in_corridor;
    };
    if free {
        return Standing::Out;
    }
    let made_good = || {
        let last = last?;
        let seconds = seconds_between(last.at, fix.at);
        let error_m = guard.thresholds.border_sigmas * fix.place.uncertainty.semi_major_m;
        let way_m = last.place.position.distance_m(fix.place.position) - error_m;
        let fits = seconds > 0.0 && seconds <= guard.thresholds.silence_s;
        fits.then(|| way_m.max(0.0) / seconds)
    };
    match fix.speed_m_s.or_else(made_good) {
        Some(speed) if speed <= guard.limit => Standing::In(depth_m),
        Some(speed) if rests && speed <= MOVES_ON * guard.limit => Standing::Unclear,
        Some(_) => Standing::Out,
        None => Standing::Unclear,
    }
}

impl Ground {
    pub(super) fn is_line(&self, fence: usize) -> bool {
        !self.zones.shape(self.zone_of[fence]).is_area()
    }

    fn silence_s(&self, fence: usize, run: &Run) -> f64 {
        match run {
            Run::Stay(stay) => stay.silence_s,
            _ => {
                let guards = self.fences[fence].guards.iter();
                guards
                    .map(|guard| guard.thresholds.silence_s)
                    .fold(0.0, f64::max)
            }
        }
    }

    /// True when no vessel can have sailed from one fix to the next.
    fn has_jumped(&self, from: &Fix, to: &Fix) -> bool {
        let error_m = from.place.uncertainty.semi_major_m + to.place.uncertainty.semi_major_m;
        let way_m = from.place.position.distance_m(to.place.position) - JUMP_SIGMAS * error_m;
        way_m > self.jump_m && way_m > self.jump_m_s * seconds_between(from.at, to.at)
    }

    /// One standard deviation of a fix against a zone's border, metres: the ellipse's longest axis
    /// and the border's own error.
    pub(super) fn sigma_m(&self, zone: usize, fix: &Fix) -> f64 {
        let border_m = self.zones.zones()[zone].border_m_sigma;
        let own_m = fix.place.uncertainty.semi_major_m;
        (own_m * own_m + border_m * border_m).sqrt()
    }

    /// Distance to a zone's border in standard deviations.
    pub(super) fn clearance_sigmas(&self, zone: usize, fix: &Fix) -> f64 {
        let distance_m = self.zones.distance_at(zone, fix.place.position).abs();
        distance_m / self.sigma_m(zone, fix).max(1e-9)
    }

    fn sight(&self, number: usize, fix: &Fix, who: &Who, nearby: &[Nearby]) -> Sight<'_> {
        let guard = self.fences[number].guard(who, fix.at);
        Sight {
            number,
            ground: self,
            guard: guard.map(|guard| (guard, self.standing(number, guard, fix, who, nearby))),
        }
    }

    fn standing(
        &self,
        fence: usize,
        guard: &Guard,
        fix: &Fix,
        who: &Who,
        nearby: &[Nearby],
    ) -> Standing {
        let zone = self.zone_of[fence];
        let Some(near) = nearby.iter().find(|near| near.zone == zone) else {
            return Standing::Out;
        };
        match in_band(&self.zones.zones()[zone], Some(who.kind), fix.height) {
            InBand::No => return Standing::Out,
            // What may be above a zone that begins at the ground is watched as inside, and told
            // with its height unknown; what may be below one that does not is left alone.
            InBand::Unknown if near.inside && self.zones.zones()[zone].floor_m.is_some() => {
                return Standing::Unclear;
            }
            _ => {}
        }
        let Some(border_m) = near.border_m else {
            return Standing::In(f64::INFINITY);
        };
        let band_m = guard.thresholds.border_sigmas * self.sigma_m(zone, fix);
        if near.inside && border_m >= band_m {
            Standing::In(border_m)
        } else if !near.inside && border_m > band_m.max(guard.thresholds.hysteresis_m) {
            Standing::Out
        } else {
            Standing::Unclear
        }
    }

    pub(super) fn may_be_in_band(&self, fence: usize, who: &Who, fixes: &[&Fix]) -> bool {
        let zone = &self.zones.zones()[self.zone_of[fence]];
        fixes
            .iter()
            .all(|fix| in_band(zone, Some(who.kind), fix.height) == InBand::Yes)
    }

    /// Whether a vessel that was in a corridor has left it by its side. The second value is what to
    /// remember when it has not: that it is inside. One that left by an end is no longer asked.
    fn deviation(
        &self,
        fence: usize,
        guard: &Guard,
        fix: &Fix,
        run: Option<&Run>,
        in_corridor: Standing,
    ) -> (Standing, Option<Run>) {
        let Some(known) = run else {
            let inside = matches!(in_corridor, Standing::In(_));
            return (Standing::Out, inside.then_some(Run::Inside));
        };
        if let Standing::In(_) = in_corridor {
            return (Standing::Out, Some(Run::Inside));
        }
        if self.has_left(fence, guard, fix, known) {
            return (Standing::Out, None);
        }
        let out_m = self
            .zones
            .distance_at(self.zone_of[fence], fix.place.position);
        let band_m = guard.thresholds.border_sigmas * self.sigma_m(self.zone_of[fence], fix);
        match (known, in_corridor) {
            (_, Standing::Out) if out_m > guard.limit.max(band_m) => (Standing::In(out_m), None),
            (Run::Stay(_), _) => (Standing::Unclear, None),
            _ => (Standing::Out, Some(Run::Inside)),
        }
    }

    /// True for a vessel outside a corridor that has left it as it may: beyond an end, on the
    /// approach from an end to an area where it may go, in such an area, or in another corridor;
    /// and for one that has been away for too long to be on passage through it.
    fn has_left(&self, fence: usize, guard: &Guard, fix: &Fix, known: &Run) -> bool {
        let position = fix.place.position;
        let is_long_away = match known {
            Run::Stay(stay) => seconds_between(stay.first.at, fix.at) > DEVIATION_S_MAX,
            _ => false,
        };
        let is_in = |zone: &Slug| self.zones.contains(zone, position);
        is_long_away
            || guard.allowed().any(is_in)
            || self.ends[fence].as_ref().is_some_and(|ends| {
                let out_m = self.zones.distance_at(self.zone_of[fence], position);
                out_m > 0.0 && ends.is_beyond(position, out_m)
                    || ends.is_approach(position, guard.limit, |area| guard.ends.contains(area))
            })
    }
}
