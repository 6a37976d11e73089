//! What follows from being slow: stops, waits, meetings, loitering.

use super::land::Water;
use super::pending::Fix;
use super::roads::Roads;
use super::{Sea, corridor_of, lanes, meeting, plane, rest, vessel};

impl Sea {
    /// What follows from being slow: stops, waits, meetings, loitering.
    pub(super) fn slow(&mut self, mmsi: u32) {
        let Some(vessel) = self.vessels.get(&mmsi) else {
            return;
        };
        let at_s = vessel.last.at_s;
        let rested_s = vessel.rest.as_ref().map_or(0.0, |rest| at_s - rest.since_s);
        let rest = vessel.rest.as_ref();
        let becomes_stop = rest.is_some_and(|r| !r.is_stop) && rested_s >= self.settings.stop_s;
        let becomes_wait = rest.is_some_and(|r| !r.is_wait) && rested_s >= self.settings.wait_s;
        let slow_s = vessel.slow.as_ref().map_or(0.0, |slow| at_s - slow.since_s);
        let unchecked = vessel.slow.as_ref().is_some_and(|slow| !slow.checked);
        let loiters = slow_s >= self.settings.loiter_s;
        let meets = vessel.meetings > 0;
        if becomes_stop {
            self.stopped(mmsi);
        }
        if becomes_wait {
            self.waits(mmsi);
        }
        if unchecked && slow_s >= self.settings.stop_s {
            self.look_around(mmsi);
        }
        if meets {
            self.follow_meetings(mmsi);
        }
        if loiters {
            self.loiters(mmsi);
        }
    }

    /// A rest has lasted long enough to be a stop.
    fn stopped(&mut self, mmsi: u32) {
        let Some(vessel) = self.vessels.get_mut(&mmsi) else {
            return;
        };
        let at_s = vessel.last.at_s;
        let Some(rest) = vessel.rest.as_mut() else {
            return;
        };
        rest.is_stop = true;
        let at = rest.at;
        let usual = self.roads.is_usual(at, &[mmsi]);
        let closed = self.closures.stop(
            vessel,
            (&self.lanes, &self.coverage),
            at_s,
            &self.settings,
            &mut self.told,
        );
        self.lanes.stop(plane::square(at, lanes::SIDE_DEG));
        self.roads.stop(mmsi, at);
        let standing = vessel.standing;
        let ordinary = usual || closed || self.closures.is_closed_near(at);
        if standing.corridor.is_none() || standing.port.is_some() || ordinary {
            return;
        }
        let vessels = self.vessels.values();
        let Some(vessel) = self.vessels.get(&mmsi) else {
            return;
        };
        let near = rest::neighbour(vessels, vessel, at, at_s, &self.settings);
        if let Some(vessel) = self.vessels.get_mut(&mmsi) {
            rest::tell_stop(vessel, &self.ground, near.as_ref(), at_s, &mut self.told);
        }
    }

    fn waits(&mut self, mmsi: u32) {
        let Some(vessel) = self.vessels.get_mut(&mmsi) else {
            return;
        };
        let at_s = vessel.last.at_s;
        let Some(rest) = vessel.rest.as_mut() else {
            return;
        };
        rest.is_wait = true;
        let place = Roads::place(rest.at, &self.ground, self.settings.roads_m);
        // 5 is moored, 1 at anchor (ITU-R M.1371-5, table 45). Without a status, who lies inside a
        // port's outline is taken to lie at a berth.
        let in_port = vessel.standing.port.is_some() && vessel.last.status != 1;
        if vessel.last.status == 5 || in_port {
            self.roads.moor(place, mmsi, at_s);
        } else {
            self.roads.wait(place, mmsi, rest.since_s, at_s);
        }
    }

    /// A rest has ended.
    pub(super) fn moves_on(&mut self, fix: &Fix, rest: &vessel::Rest) {
        if rest.is_wait {
            let place = Roads::place(rest.at, &self.ground, self.settings.roads_m);
            self.roads.go_on(place, fix.mmsi, fix.at_s);
        }
        if let Some(vessel) = self.vessels.get(&fix.mmsi) {
            rest::tell_on(vessel, rest, fix.at_s, true, &mut self.told);
        }
    }

    /// A slow vessel looks around for others.
    fn look_around(&mut self, mmsi: u32) {
        if let Some(slow) = self.vessels.get_mut(&mmsi).and_then(|v| v.slow.as_mut()) {
            slow.checked = true;
        }
        let Some(vessel) = self.vessels.get(&mmsi) else {
            return;
        };
        let at = vessel.last.position;
        let far_m = self.settings.encounter_port_m;
        if self.ground.port_near(at, far_m).is_some() {
            return;
        }
        let met = self
            .meetings
            .begin(vessel, self.vessels.values(), &self.settings);
        for other in met {
            for mmsi in [mmsi, other] {
                if let Some(vessel) = self.vessels.get_mut(&mmsi) {
                    vessel.meetings += 1;
                }
            }
        }
    }

    fn follow_meetings(&mut self, mmsi: u32) {
        let Some(vessel) = self.vessels.get(&mmsi) else {
            return;
        };
        let parted = self.meetings.follow(
            vessel,
            |other| self.vessels.get(&other),
            |at, a, b| {
                let far_m = self.settings.encounter_port_m;
                self.closures.is_closed_near(at) || self.roads.is_usual_within(at, far_m, &[a, b])
            },
            &self.ground,
            &self.settings,
            &mut self.told,
        );
        for other in parted {
            for mmsi in [mmsi, other] {
                if let Some(vessel) = self.vessels.get_mut(&mmsi) {
                    vessel.meetings = vessel.meetings.saturating_sub(1);
                }
            }
        }
    }

    fn loiters(&mut self, mmsi: u32) {
        let Some(vessel) = self.vessels.get_mut(&mmsi) else {
            return;
        };
        let Some(slow) = vessel.slow.as_mut() else {
            return;
        };
        let at = vessel.last.position;
        slow.offshore &= self.land.at(at) == Water::Open;
        let told_lately = vessel.last.at_s - slow.since_s < self.settings.loiter_s;
        if !slow.offshore || told_lately || self.roads.is_usual(at, &[mmsi]) {
            return;
        }
        // A meeting or a stop in a corridor says more of the same.
        let told_otherwise = vessel.rest.as_ref().is_some_and(|rest| rest.told.is_some());
        if !told_otherwise && vessel.meetings == 0 {
            let zone = corridor_of(&self.ground, vessel);
            meeting::tell_loitering(vessel, zone, &mut self.told);
        }
    }
}
