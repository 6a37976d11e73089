//! Between two fixes: the areas that the straight way goes through, and the lines it crosses.

use std::collections::VecDeque;

use truce_core::time::seconds_between;
use truce_core::{Place, Position};

use super::fence::{Effect, Guard, Who};
use super::stay::{Closed, Fix, Happening, Passage};
use super::step::{Ground, Run, Scratch, State};
use crate::zones::{Edge, OnWay, Point, Scale, orientation, upper_tail};

impl State {
    /// Areas that the way from one fix to the next went through, with both fixes outside.
    pub(super) fn cross_areas(
        &self,
        previous: &Fix,
        fix: &Fix,
        who: &Who,
        ground: &Ground,
        scratch: &mut Scratch,
        closed: &mut VecDeque<Closed>,
    ) {
        for parts in scratch.along.chunk_by(|a, b| a.zone == b.zone) {
            let zone = parts[0].zone;
            for number in &ground.on_zone[zone] {
                let fence = &ground.fences[*number];
                let is_inside = self.runs.iter().any(|(of, _)| of == number);
                if fence.effect != Effect::Presence
                    || ground.is_line(*number)
                    || is_inside
                    || scratch.was_inside.contains(number)
                {
                    continue;
                }
                let Some(guard) = fence.guard(who, fix.at) else {
                    continue;
                };
                if seconds_between(previous.at, fix.at) > guard.thresholds.silence_s
                    || !ground.may_be_in_band(*number, who, &[previous, fix])
                {
                    continue;
                }
                let mut nearby = scratch.nearby.iter();
                let way = Way {
                    from: *previous,
                    to: *fix,
                    ends_inside: nearby.any(|near| near.zone == zone && near.inside),
                };
                let passage = ground.through(parts, guard, &way, &mut scratch.shares);
                closed.extend(passage.map(|passage| passed(*number, passage)));
            }
        }
    }

    /// Lines that were crossed: an odd number of times between two fixes on clear sides.
    pub(super) fn cross_lines(
        &mut self,
        previous: Option<&Fix>,
        fix: &Fix,
        who: &Who,
        ground: &Ground,
        scratch: &mut Scratch,
        closed: &mut VecDeque<Closed>,
    ) {
        let lines = &mut scratch.lines;
        lines.clear();
        lines.extend(scratch.nearby.iter().map(|near| near.zone));
        lines.extend(scratch.along.iter().map(|part| part.zone));
        lines.extend(self.runs.iter().map(|(fence, _)| ground.zone_of[*fence]));
        lines.sort_unstable();
        lines.dedup();
        for zone in lines {
            for number in &ground.on_zone[*zone] {
                if ground.is_line(*number) {
                    self.cross_line(*number, previous, fix, who, ground, closed);
                }
            }
        }
    }

    fn cross_line(
        &mut self,
        number: usize,
        previous: Option<&Fix>,
        fix: &Fix,
        who: &Who,
        ground: &Ground,
        closed: &mut VecDeque<Closed>,
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
            _ => (previous.copied().map(Box::new), false),
        };
        if let Some(previous) = previous {
            odd ^= ground.crossings(zone, previous, fix) % 2 == 1;
        }
        if ground.clearance_sigmas(zone, fix) <= guard.thresholds.border_sigmas {
            return self.put(number, Run::OnLine { from, odd });
        }
        if let (Some(from), true) = (from, odd) {
            let sure = |fix: &Fix| 1.0 - upper_tail(ground.clearance_sigmas(zone, fix));
            let passage = Passage {
                from: *from,
                to: *fix,
                place: half_way(&from, fix),
                probability: sure(&from) * sure(fix),
            };
            closed.push_back(passed(number, passage));
        }
    }
}

/// The way between two fixes of which neither is known to be inside an area.
struct Way {
    from: Fix,
    to: Fix,
    /// True when the second lies inside or on the border, though not beyond doubt.
    ends_inside: bool,
}

fn passed(fence: usize, passage: Passage) -> Closed {
    Closed {
        fence,
        by: passage.to.key(),
        happening: Happening::Passage(Box::new(passage)),
        told: None,
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

impl Ground {
    /// The passage through an area between two fixes outside it: its deepest part must be deeper
    /// than the fixes' uncertainty.
    fn through(
        &self,
        parts: &[OnWay],
        guard: &Guard,
        way: &Way,
        shares: &mut Vec<f64>,
    ) -> Option<Passage> {
        let zone = parts[0].zone;
        let sigma_m = self
            .sigma_m(zone, &way.from)
            .max(self.sigma_m(zone, &way.to));
        let band_m = guard.thresholds.border_sigmas * sigma_m;
        let mut deepest = Depth {
            depth_m: band_m,
            position: None,
        };
        let (from, to) = (way.from.place.position, way.to.place.position);
        for (turn, line) in self.zones.ways(from, to).enumerate() {
            shares.clear();
            let here = parts.iter().filter(|part| part.turn == turn);
            let edges = here.flat_map(|part| self.zones.edges_of(*part));
            let near = edges.filter(|edge| may_meet(line, **edge));
            shares.extend(near.filter_map(|[p, q]| share_at(line[0], line[1], *p, *q)));
            // A way that meets no border is where its end is.
            if shares.is_empty() && !way.ends_inside {
                continue;
            }
            shares.extend([0.0, 1.0]);
            shares.sort_unstable_by(f64::total_cmp);
            for part in shares.windows(2) {
                self.deepen(zone, line, [part[0], part[1]], &mut deepest);
            }
        }
        let position = deepest.position?;
        Some(Passage {
            from: way.from,
            to: way.to,
            place: Place {
                position,
                ..half_way(&way.from, &way.to)
            },
            probability: 1.0 - upper_tail(deepest.depth_m / sigma_m.max(1e-9)),
        })
    }

    /// Looks whether the middle of a part of a way lies deeper in an area than anything before. A
    /// part that ends on the border is nowhere deeper than half its length, which spares most looks.
    fn deepen(&self, zone: usize, [a, b]: Edge, part: [f64; 2], deepest: &mut Depth) {
        let on = |share: f64| [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
        let point = on((part[0] + part[1]) / 2.0);
        let position = Position {
            lat_deg: point[1],
            lon_deg: truce_core::place::normalize_lon_deg(point[0]),
        };
        let scale = Scale::at(position);
        let [x_m, y_m] = scale.to_m(on(part[0]), on(part[1]));
        let half_m = (x_m * x_m + y_m * y_m).sqrt() / 2.0;
        let ends_on_border = part[0] > 0.0 || part[1] < 1.0;
        if part[0] == part[1] || (ends_on_border && half_m <= deepest.depth_m) {
            return;
        }
        if self.zones.shape(zone).contains(point) {
            let depth_m = self.zones.border_m(zone, point, scale);
            if depth_m > deepest.depth_m {
                *deepest = Depth {
                    depth_m,
                    position: Some(position),
                };
            }
        }
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

/// How deep inside an area a way has come so far, metres, and where; nowhere before it is deeper
/// than what is asked for.
struct Depth {
    depth_m: f64,
    position: Option<Position>,
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
