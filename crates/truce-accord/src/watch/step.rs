//! From one fix to the next: what an object enters, leaves and crosses.

use truce_core::time::seconds_between;
use truce_core::{Place, Position, Timestamp};

use super::fence::{Effect, Fence, Guard, Who};
use super::stay::{Closed, End, Fix, Happening, Passage, Stay};
use crate::zones::{
    Edge, InBand, Nearby, Point, Scale, ZoneIndex, in_band, nearest_m, orientation, upper_tail,
};

/// A vessel that left the corridor this long ago is no longer on passage through it, seconds.
const DEVIATION_S_MAX: f64 = 6.0 * 3_600.0;

/// What all objects share.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) zones: ZoneIndex,
    pub(super) fences: Vec<Fence>,
    /// For each zone of the index the fences on it.
    pub(super) on_zone: Vec<Vec<usize>>,
    /// For each fence its zone in the index.
    pub(super) zone_of: Vec<usize>,
    /// How far beyond a fix's own error a border matters, metres.
    pub(super) reach_m: f64,
    /// The most standard deviations that any clause asks for.
    pub(super) sigmas: f64,
}

/// Buffers that are used again and again.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch {
    nearby: Vec<Nearby>,
    along: Vec<usize>,
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
        from: Option<Fix>,
        /// True when it has crossed an odd number of times since.
        odd: bool,
    },
}

/// An object's state after a fix. A fence of which nothing is said has the object outside.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct State {
    pub(super) last: Option<Fix>,
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
    fn take(&mut self, fence: usize) -> Option<Run> {
        let place = self.runs.iter().position(|(of, _)| *of == fence)?;
        Some(self.runs.remove(place).1)
    }

    fn put(&mut self, fence: usize, run: Run) {
        let place = self.runs.partition_point(|(of, _)| *of < fence);
        self.runs.insert(place, (fence, run));
    }

    /// Takes the next fix in time.
    pub(super) fn step(
        &mut self,
        fix: Fix,
        who: &Who,
        ground: &Ground,
        scratch: &mut Scratch,
        closed: &mut impl Extend<Closed>,
    ) {
        let previous = self.last;
        if let Some(previous) = previous.filter(|_| !self.runs.is_empty()) {
            self.fall_silent(&previous, &fix, ground, closed);
        }
        let own_m = fix.place.uncertainty.semi_major_m * ground.sigmas;
        ground.zones.survey(
            fix.place.position,
            own_m + ground.reach_m,
            &mut scratch.nearby,
        );
        if scratch.nearby.is_empty() && self.runs.is_empty() && ground.fences.is_empty() {
            self.last = Some(fix);
            return;
        }
        let was_inside: Vec<usize> = self.runs.iter().map(|(fence, _)| *fence).collect();
        let mut seen: Vec<usize> = was_inside.clone();
        let near_fences = scratch
            .nearby
            .iter()
            .flat_map(|near| &ground.on_zone[near.zone]);
        seen.extend(near_fences);
        seen.sort_unstable();
        seen.dedup();
        for fence in seen {
            if !ground.is_line(fence) {
                self.stand(fence, fix, who, ground, scratch, closed);
            }
        }
        if let Some(previous) = previous {
            self.cross_areas(&previous, fix, &was_inside, who, ground, scratch, closed);
        }
        self.cross_lines(previous, fix, who, ground, scratch, closed);
        self.last = Some(fix);
    }

    /// Ends everything that a long silence makes unknown.
    fn fall_silent(
        &mut self,
        previous: &Fix,
        fix: &Fix,
        ground: &Ground,
        closed: &mut impl Extend<Closed>,
    ) {
        let gap_s = seconds_between(previous.at, fix.at);
        for (fence, run) in std::mem::take(&mut self.runs) {
            if gap_s <= ground.silence_s(fence, &run) {
                self.runs.push((fence, run));
                continue;
            }
            if let Run::Stay(mut stay) = run {
                stay.close(End::Silent, None);
                closed.extend([over(fence, stay, fix)]);
            }
        }
    }

    /// Moves one fence on an area.
    fn stand(
        &mut self,
        number: usize,
        fix: Fix,
        who: &Who,
        ground: &Ground,
        scratch: &Scratch,
        closed: &mut impl Extend<Closed>,
    ) {
        let fence = &ground.fences[number];
        let run = self.take(number);
        let Some(guard) = fence.guard(who, fix.at) else {
            if let Some(Run::Stay(mut stay)) = run {
                stay.close(End::Lapsed, None);
                closed.extend([over(number, stay, &fix)]);
            }
            return;
        };
        let standing = ground.standing(number, guard, &fix, who, scratch);
        let (inside, over_deep) = match fence.effect {
            Effect::Presence => (standing, None),
            Effect::Stop => (at_rest(self.last, &fix, guard, standing, ground), None),
            Effect::Deviation => {
                let deviation = ground.deviation(number, guard, &fix, run.as_ref(), standing);
                (deviation.0, deviation.1)
            }
        };
        match (run, inside) {
            (Some(Run::Stay(mut stay)), Standing::In(depth_m)) => {
                stay.go_on(fix, depth_m);
                self.put(number, Run::Stay(stay));
            }
            (Some(Run::Stay(stay)), Standing::Unclear) => {
                let mut stay = stay;
                stay.go_on(fix, f64::NEG_INFINITY);
                self.put(number, Run::Stay(stay));
            }
            (Some(Run::Stay(mut stay)), Standing::Out) => {
                stay.close(End::Left, Some(fix));
                closed.extend([over(number, stay, &fix)]);
                self.runs_extend(number, over_deep);
            }
            (_, Standing::In(depth_m)) => {
                let limits = guard.thresholds;
                let stay = Stay::begin(
                    fix,
                    depth_m,
                    limits.dwell_s,
                    guard.confirm_s,
                    limits.silence_s,
                );
                self.put(number, Run::Stay(Box::new(stay)));
            }
            (_, Standing::Unclear | Standing::Out) => self.runs_extend(number, over_deep),
        }
    }

    fn runs_extend(&mut self, fence: usize, run: Option<Run>) {
        if let Some(run) = run {
            self.put(fence, run);
        }
    }

    /// Areas that the way from one fix to the next went through, with both fixes outside.
    #[expect(
        clippy::too_many_arguments,
        reason = "one step of one object, with all it may touch"
    )]
    fn cross_areas(
        &self,
        previous: &Fix,
        fix: Fix,
        was_inside: &[usize],
        who: &Who,
        ground: &Ground,
        scratch: &mut Scratch,
        closed: &mut impl Extend<Closed>,
    ) {
        let (from, to) = (previous.place.position, fix.place.position);
        ground.zones.along(from, to, &mut scratch.along);
        for zone in &scratch.along {
            for number in &ground.on_zone[*zone] {
                let fence = &ground.fences[*number];
                let is_inside = self.runs.iter().any(|(of, _)| of == number);
                if fence.effect != Effect::Presence
                    || ground.is_line(*number)
                    || is_inside
                    || was_inside.contains(number)
                {
                    continue;
                }
                let Some(guard) = fence.guard(who, fix.at) else {
                    continue;
                };
                if seconds_between(previous.at, fix.at) > guard.thresholds.silence_s
                    || !ground.may_be_in_band(*number, who, &[*previous, fix])
                {
                    continue;
                }
                if let Some(passage) = ground.through(*zone, guard, *previous, fix) {
                    closed.extend([Closed {
                        fence: *number,
                        happening: Happening::Passage(Box::new(passage)),
                        by: fix.key(),
                    }]);
                }
            }
        }
    }

    /// Lines that were crossed: an odd number of times between two fixes on clear sides.
    fn cross_lines(
        &mut self,
        previous: Option<Fix>,
        fix: Fix,
        who: &Who,
        ground: &Ground,
        scratch: &mut Scratch,
        closed: &mut impl Extend<Closed>,
    ) {
        let mut lines: Vec<usize> = scratch.nearby.iter().map(|near| near.zone).collect();
        if previous.is_some() {
            lines.extend(&scratch.along);
        }
        let running = self.runs.iter().map(|(fence, _)| ground.zone_of[*fence]);
        lines.extend(running);
        lines.sort_unstable();
        lines.dedup();
        for zone in lines {
            for number in &ground.on_zone[zone] {
                if ground.is_line(*number) {
                    self.cross_line(*number, previous, fix, who, ground, closed);
                }
            }
        }
    }

    fn cross_line(
        &mut self,
        number: usize,
        previous: Option<Fix>,
        fix: Fix,
        who: &Who,
        ground: &Ground,
        closed: &mut impl Extend<Closed>,
    ) {
        let run = self.take(number);
        let Some(guard) = ground.fences[number].guard(who, fix.at) else {
            return;
        };
        let silence_s = guard.thresholds.silence_s;
        let previous = previous.filter(|p| seconds_between(p.at, fix.at) <= silence_s);
        let zone = ground.zone_of[number];
        let (from, mut odd) = match run {
            Some(Run::OnLine { from, odd }) => (from, odd),
            _ => (previous, false),
        };
        if let Some(previous) = previous {
            odd ^= ground.crossings(zone, &previous, &fix) % 2 == 1;
        }
        if ground.clearance_sigmas(zone, &fix) <= guard.thresholds.border_sigmas {
            return self.put(number, Run::OnLine { from, odd });
        }
        if let (Some(from), true) = (from, odd) {
            let sure = |fix: &Fix| 1.0 - upper_tail(ground.clearance_sigmas(zone, fix));
            let passage = Passage {
                from,
                to: fix,
                place: half_way(&from, &fix),
                probability: sure(&from) * sure(&fix),
            };
            closed.extend([Closed {
                fence: number,
                happening: Happening::Passage(Box::new(passage)),
                by: fix.key(),
            }]);
        }
    }

    /// When the first of the open stays falls silent.
    pub(super) fn silent_from(&self) -> Option<Timestamp> {
        let stays = self.runs.iter().filter_map(|(_, run)| match run {
            Run::Stay(stay) => Some(stay),
            _ => None,
        });
        stays
            .map(|stay| truce_core::time::plus_seconds(stay.last.at, stay.silence_s))
            .min()
    }
}

fn over(fence: usize, stay: Box<Stay>, by: &Fix) -> Closed {
    Closed {
        fence,
        happening: Happening::Stay(stay),
        by: by.key(),
    }
}

/// The middle between two fixes, with the larger of their errors.
fn half_way(from: &Fix, to: &Fix) -> Place {
    let (a, b) = (from.place.position, to.place.position);
    let frame = truce_core::Frame::at(a);
    let (x_m, y_m) = frame.to_xy_m(b);
    let wider = if from.place.uncertainty.semi_major_m > to.place.uncertainty.semi_major_m {
        from.place.uncertainty
    } else {
        to.place.uncertainty
    };
    Place {
        position: frame.to_position(x_m / 2.0, y_m / 2.0),
        uncertainty: wider,
    }
}

/// Whether a vessel in a corridor is at rest: by its own speed, else by the way it made beyond the
/// error of its fixes.
fn at_rest(
    last: Option<Fix>,
    fix: &Fix,
    guard: &Guard,
    in_corridor: Standing,
    ground: &Ground,
) -> Standing {
    let free = guard
        .free
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

    /// One standard deviation of a fix against a zone's border, metres: the ellipse's longest axis
    /// and the border's own error.
    fn sigma_m(&self, zone: usize, fix: &Fix) -> f64 {
        let border_m = self.zones.zones()[zone].border_m_sigma;
        let own_m = fix.place.uncertainty.semi_major_m;
        (own_m * own_m + border_m * border_m).sqrt()
    }

    /// Distance to a zone's border in standard deviations.
    fn clearance_sigmas(&self, zone: usize, fix: &Fix) -> f64 {
        let distance_m = self.zones.distance_at(zone, fix.place.position).abs();
        distance_m / self.sigma_m(zone, fix).max(1e-9)
    }

    fn standing(
        &self,
        fence: usize,
        guard: &Guard,
        fix: &Fix,
        who: &Who,
        scratch: &Scratch,
    ) -> Standing {
        let zone = self.zone_of[fence];
        let Some(near) = scratch.nearby.iter().find(|near| near.zone == zone) else {
            return Standing::Out;
        };
        let border_m = near.border_m.unwrap_or(f64::INFINITY);
        let band_m = guard.thresholds.border_sigmas * self.sigma_m(zone, fix);
        match in_band(&self.zones.zones()[zone], Some(who.kind), fix.height) {
            InBand::No => return Standing::Out,
            // What may be above a zone that begins at the ground is watched as inside, and told
            // with its height unknown; what may be below one that does not is left alone.
            InBand::Unknown if near.inside && self.zones.zones()[zone].floor_m.is_some() => {
                return Standing::Unclear;
            }
            _ => {}
        }
        if near.inside && border_m >= band_m {
            Standing::In(border_m)
        } else if !near.inside && border_m > band_m.max(guard.thresholds.hysteresis_m) {
            Standing::Out
        } else {
            Standing::Unclear
        }
    }

    fn may_be_in_band(&self, fence: usize, who: &Who, fixes: &[Fix]) -> bool {
        let zone = &self.zones.zones()[self.zone_of[fence]];
        fixes
            .iter()
            .all(|fix| in_band(zone, Some(who.kind), fix.height) == InBand::Yes)
    }

    /// Whether a vessel that was in a corridor has left it. The second value is what to remember
    /// when it has not: that it is inside.
    fn deviation(
        &self,
        fence: usize,
        guard: &Guard,
        fix: &Fix,
        run: Option<&Run>,
        in_corridor: Standing,
    ) -> (Standing, Option<Run>) {
        let stays = |run: Option<&Run>| run.map(|_| Run::Inside);
        match (in_corridor, run) {
            (Standing::In(_), _) => (Standing::Out, Some(Run::Inside)),
            (_, None) => (Standing::Out, None),
            (Standing::Unclear, Some(Run::Stay(_))) => (Standing::Unclear, None),
            (Standing::Unclear, _) => (Standing::Out, stays(run)),
            (Standing::Out, Some(known)) => {
                let position = fix.place.position;
                if guard
                    .free
                    .iter()
                    .any(|zone| self.zones.contains(zone, position))
                {
                    return (Standing::Out, None);
                }
                if let Run::Stay(stay) = known {
                    let away_s = seconds_between(stay.first.at, fix.at);
                    if away_s > DEVIATION_S_MAX {
                        return (Standing::Out, None);
                    }
                }
                let zone = self.zone_of[fence];
                let out_m = self.zones.distance_at(zone, position);
                let band_m = guard.thresholds.border_sigmas * self.sigma_m(zone, fix);
                if out_m > guard.limit.max(band_m) {
                    (Standing::In(out_m), None)
                } else if matches!(known, Run::Stay(_)) {
                    (Standing::Unclear, None)
                } else {
                    (Standing::Out, stays(run))
                }
            }
        }
    }

    /// The passage through an area between two fixes outside it: its deepest part must be deeper
    /// than the fixes' uncertainty.
    fn through(&self, zone: usize, guard: &Guard, from: Fix, to: Fix) -> Option<Passage> {
        let sigma_m = self.sigma_m(zone, &from).max(self.sigma_m(zone, &to));
        let band_m = guard.thresholds.border_sigmas * sigma_m;
        let shape = self.zones.shape(zone);
        let mut deepest: Option<(f64, Position)> = None;
        for [a, b] in self.zones.ways(from.place.position, to.place.position) {
            let mut shares: Vec<f64> = vec![0.0, 1.0];
            let edges = shape.edges.iter().filter(|edge| may_meet([a, b], **edge));
            shares.extend(edges.filter_map(|[p, q]| share_at(a, b, *p, *q)));
            shares.sort_by(f64::total_cmp);
            for pair in shares.windows(2) {
                let middle = (pair[0] + pair[1]) / 2.0;
                let point = [a[0] + (b[0] - a[0]) * middle, a[1] + (b[1] - a[1]) * middle];
                if pair[0] == pair[1] || !shape.contains(point) {
                    continue;
                }
                let position = Position {
                    lat_deg: point[1],
                    lon_deg: truce_core::place::normalize_lon_deg(point[0]),
                };
                let depth_m = nearest_m(point, &shape.edges, Scale::at(position));
                if deepest.is_none_or(|(most_m, _)| depth_m > most_m) {
                    deepest = Some((depth_m, position));
                }
            }
        }
        let (depth_m, position) = deepest.filter(|(depth_m, _)| *depth_m > band_m)?;
        Some(Passage {
            from,
            to,
            place: Place {
                position,
                ..half_way(&from, &to)
            },
            probability: 1.0 - upper_tail(depth_m / sigma_m.max(1e-9)),
        })
    }

    /// How often the way between two fixes crosses a line. A way that only touches a corner counts as
    /// often as a way beside it would: corners on the way are taken to lie on its right.
    fn crossings(&self, zone: usize, from: &Fix, to: &Fix) -> usize {
        let edges = &self.zones.shape(zone).edges;
        self.zones
            .ways(from.place.position, to.place.position)
            .map(|[a, b]| {
                let left = |p: Point, q: Point, x: Point| orientation(p, q, x) > 0.0;
                let near = edges.iter().filter(|edge| may_meet([a, b], **edge));
                let crossed = near.filter(|[p, q]| {
                    left(a, b, *p) != left(a, b, *q) && left(*p, *q, a) != left(*p, *q, b)
                });
                crossed.count()
            })
            .sum()
    }
}

/// False when the boxes around a way and an edge are apart: then they do not meet.
fn may_meet([a, b]: Edge, [p, q]: Edge) -> bool {
    let overlap = |axis: usize| {
        let way = (a[axis].min(b[axis]), a[axis].max(b[axis]));
        p[axis].min(q[axis]) <= way.1 && way.0 <= p[axis].max(q[axis])
    };
    overlap(0) && overlap(1)
}

/// Where on the way from `a` to `b` an edge is met, as a share of the way.
fn share_at(a: Point, b: Point, p: Point, q: Point) -> Option<f64> {
    let (sa, sb) = (orientation(p, q, a), orientation(p, q, b));
    let (sp, sq) = (orientation(a, b, p), orientation(a, b, q));
    let apart = |x: f64, y: f64| (x > 0.0 && y > 0.0) || (x < 0.0 && y < 0.0);
    (!apart(sa, sb) && !apart(sp, sq) && sa != sb).then(|| (sa / (sa - sb)).clamp(0.0, 1.0))
}
