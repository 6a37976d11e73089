//! What time alone brings: silences, tracks of radars whose turn has come, and what changes slowly.

use super::roads::Roads;
use super::{SWEEP_S, Sea, coverage, gap, plane, rest};

/// A vessel not heard of for so long is forgotten, seconds.
const FORGOTTEN_S: f64 = 10.0 * 86_400.0;
/// A stop or meeting that goes on is told again so often, seconds.
const TOLD_AGAIN_S: f64 = 6.0 * 3_600.0;

impl Sea {
    pub(super) fn look_later(&mut self, mmsi: u32, at_s: f64) {
        // Whole seconds order the vessels well enough.
        self.deadlines.insert((plane::whole(at_s), mmsi));
    }

    /// Looks at vessels that may have been silent for long.
    pub(super) fn look_at_silent(&mut self) {
        while let Some((due, mmsi)) = self.deadlines.first().copied() {
            if due as f64 > self.now_s {
                break;
            }
            self.deadlines.pop_first();
            let Some(silent) = self.vessels.get(&mmsi) else {
                continue;
            };
            let silent_s = self.now_s - silent.last.at_s;
            if silent_s > FORGOTTEN_S {
                self.vessels.remove(&mmsi);
                continue;
            }
            let is_judged = (self.settings.gap_s..=gap::JUDGED_S_MAX).contains(&silent_s);
            let company = if is_judged && silent.silence.is_none() {
                let all = self.vessels.values();
                gap::Company::of(silent, all, self.now_s, &self.settings)
            } else {
                gap::Company::default()
            };
            let Some(vessel) = self.vessels.get_mut(&mmsi) else {
                continue;
            };
            let next_s = if silent_s < self.settings.gap_s {
                vessel.last.at_s + self.settings.gap_s
            } else if silent_s > gap::JUDGED_S_MAX || vessel.silence.is_some() {
                self.now_s + 6.0 * 3_600.0
            } else {
                let verdict = gap::judge(
                    vessel,
                    company,
                    self.now_s,
                    &self.coverage,
                    &self.ground,
                    &self.settings,
                    &mut self.told,
                );
                let under_way = vessel.speed_m_s >= self.settings.slow_m_s;
                if under_way && !vessel.is_lost {
                    vessel.is_lost = true;
                    self.coverage.lose(vessel.last.position);
                }
                match verdict {
                    gap::Verdict::LookAgain => self.now_s + coverage::SPAN_S,
                    gap::Verdict::Leave | gap::Verdict::Told => self.now_s + self.settings.gap_s,
                }
            };
            self.look_later(mmsi, next_s.max(self.now_s + 1.0));
        }
    }

    /// Holds what radar sees against the vessels that were heard.
    pub(super) fn look_at_radar(&mut self, settled: bool) {
        let around = (&self.coverage, &self.ground, &self.settings);
        for point in self.radar.due(self.now_s, settled) {
            self.radar.judge(point, around, &mut self.told);
        }
    }

    /// Looks at what changes slowly.
    pub(super) fn sweep(&mut self) {
        self.swept_s = self.now_s;
        self.roads.sweep(self.now_s);
        self.interference.sweep(self.now_s);
        let around = (&self.coverage, &self.ground, &self.settings);
        self.radar.sweep(self.now_s, around, &mut self.told);
        self.closures.sweep(
            (&self.lanes, &self.coverage),
            &self.roads,
            &self.ground,
            self.now_s,
            &self.settings,
            &mut self.told,
        );
        self.tell_stops_again();
    }

    /// Stops that go on are told again now and then, and waits that go on are kept.
    fn tell_stops_again(&mut self) {
        for vessel in self.vessels.values() {
            let Some(rest) = &vessel.rest else {
                continue;
            };
            let (at_s, is_heard) = (
                vessel.last.at_s,
                self.now_s - vessel.last.at_s < SWEEP_S * 2.0,
            );
            if rest.is_wait && is_heard {
                let place = Roads::place(rest.at, &self.ground, self.settings.roads_m);
                self.roads.still_waits(place, vessel.mmsi, at_s);
            }
            let lasted_s = at_s - rest.since_s;
            let is_due = lasted_s % TOLD_AGAIN_S < SWEEP_S;
            if rest.told.is_some() && is_heard && (is_due || lasted_s < TOLD_AGAIN_S / 2.0) {
                rest::tell_on(vessel, rest, at_s, false, &mut self.told);
            }
        }
    }
}
