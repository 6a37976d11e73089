//! Reads the table `[sea]` of mission.toml: the thresholds of the watch over shipping.
//!
//! Every key may be left out; then the documented default holds. What a clause asks for (how far a
//! vessel may leave a corridor, how long it may stop) belongs to the agreement: the thresholds here
//! say from when on something is worth being told at all.

use serde::{Deserialize, Serialize};

use super::settings::{metres, seconds, share};
use crate::document::{Fields, in_range, integer};

/// One knot, metres per second (BIPM SI brochure, table 8: 1,852 m in an hour).
pub const KNOT_M_S: f64 = 1_852.0 / 3_600.0;

/// Thresholds of the watch over shipping. GFW is Global Fishing Watch, whose definitions are public.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeaSettings {
    /// Readings are put in order of time for so long before they are judged, seconds; what comes
    /// later is counted and left out. Default 900: AIS by satellite is some minutes old.
    pub settle_s: f64,
    /// Below this speed a vessel counts as stopped, metres per second. Default 0.5: a vessel at
    /// anchor swings more slowly.
    pub stop_m_s: f64,
    /// A stop shorter than this is none, seconds. Default 1,800.
    pub stop_s: f64,
    /// Below this speed a vessel counts as slow, metres per second. Default 2 knots (GFW).
    pub slow_m_s: f64,
    /// Vessels nearer than this to each other meet, metres. Default 500 (GFW).
    pub encounter_m: f64,
    /// A shorter meeting is none, seconds. Default 7,200 (GFW).
    pub encounter_s: f64,
    /// Nearer than this to a port or a usual anchorage a meeting is ordinary, metres. Default
    /// 10,000 (GFW).
    pub encounter_port_m: f64,
    /// Slow for shorter than this is no loitering, seconds. Default 28,800 (Miller et al. 2018,
    /// Frontiers in Marine Science 5:240: eight hours).
    pub loiter_s: f64,
    /// A vessel that seems to move faster has jumped, metres per second. Default 50 knots (GFW).
    pub jump_m_s: f64,
    /// A shorter step is taken for an error of position or clock, metres. Default 1,000.
    pub jump_m: f64,
    /// Fixes that make a circle. Default 20 (GFW).
    pub circle_fixes: u32,
    /// The most that they may lie off it, as a share of its radius. Default 0.1 (GFW).
    pub circle_residual: f64,
    /// Vessels with false positions that make an area of disturbed navigation. Default 3 (GFW).
    pub interference_vessels: u32,
    /// Within this time, seconds. Default 1,800 (GFW).
    pub interference_s: f64,
    /// Each within this distance of another, metres. Default 50,000: a jammer's horizon.
    pub interference_m: f64,
    /// A shorter silence is none, seconds. Default 3,600.
    pub gap_s: f64,
    /// Silence is told when a vessel that goes on sending would be silent so long with at most this
    /// probability. Default 0.01.
    pub gap_probability: f64,
    /// Farther than this beside its corridor a vessel has left it, metres. Default 1,852.
    pub deviation_m: f64,
    /// For at least this long, seconds. Default 600.
    pub deviation_s: f64,
    /// Passages that make a stretch of water a lane. Default 20.
    pub lane_passages: u32,
    /// Nearer than this to a vessel another may force it to stop or turn, metres. Default 1,852.
    pub obstruction_m: f64,
    /// A stop longer than this is a wait in a queue, seconds. Default 3,600.
    pub wait_s: f64,
    /// Waiting nearer than this to a port belongs to its queue, metres. Default 15,000.
    pub roads_m: f64,
    /// A vessel that radar follows for shorter is not held against AIS, seconds. Default 1,800.
    pub radar_s: f64,
    /// Instants, a minute apart, over which a radar track and a vessel are compared. Default 10.
    pub radar_instants: u32,
    /// One object at two places, as far apart as two of its sensors say with this probability or
    /// less, is none. Default 0.001.
    pub radar_probability: f64,
    /// What a radar's place differs by from the antenna that AIS speaks of, one standard deviation
    /// per axis, metres: the ship's own length and the radar's registration. Default 75.
    pub radar_m_sigma: f64,
}

impl Default for SeaSettings {
    fn default() -> Self {
        Self {
            settle_s: 900.0,
            stop_m_s: 0.5,
            stop_s: 1_800.0,
            slow_m_s: 2.0 * KNOT_M_S,
            encounter_m: 500.0,
            encounter_s: 7_200.0,
            encounter_port_m: 10_000.0,
            loiter_s: 28_800.0,
            jump_m_s: 50.0 * KNOT_M_S,
            jump_m: 1_000.0,
            circle_fixes: 20,
            circle_residual: 0.1,
            interference_vessels: 3,
            interference_s: 1_800.0,
            interference_m: 50_000.0,
            gap_s: 3_600.0,
            gap_probability: 0.01,
            deviation_m: 1_852.0,
            deviation_s: 600.0,
            lane_passages: 20,
            obstruction_m: 1_852.0,
            wait_s: 3_600.0,
            roads_m: 15_000.0,
            radar_s: 1_800.0,
            radar_instants: 10,
            radar_probability: 0.001,
            radar_m_sigma: 75.0,
        }
    }
}

/// Reads the table; what it leaves out has its default.
pub(super) fn read(fields: Fields<'_>) -> SeaSettings {
    let mut sea = SeaSettings::default();
    let day_s = 86_400.0;
    let durations: [(&str, &mut f64, f64); 9] = [
        ("settle_s", &mut sea.settle_s, 0.0),
        ("stop_s", &mut sea.stop_s, 60.0),
        ("encounter_s", &mut sea.encounter_s, 600.0),
        ("loiter_s", &mut sea.loiter_s, 600.0),
        ("interference_s", &mut sea.interference_s, 60.0),
        ("gap_s", &mut sea.gap_s, 600.0),
        ("deviation_s", &mut sea.deviation_s, 60.0),
        ("wait_s", &mut sea.wait_s, 600.0),
        ("radar_s", &mut sea.radar_s, 600.0),
    ];
    for (key, value, least_s) in durations {
        *value = fields.maybe(key, seconds(least_s, day_s)).unwrap_or(*value);
    }
    let lengths: [(&str, &mut f64); 7] = [
        ("encounter_m", &mut sea.encounter_m),
        ("encounter_port_m", &mut sea.encounter_port_m),
        ("jump_m", &mut sea.jump_m),
        ("interference_m", &mut sea.interference_m),
        ("deviation_m", &mut sea.deviation_m),
        ("obstruction_m", &mut sea.obstruction_m),
        ("roads_m", &mut sea.roads_m),
    ];
    for (key, value) in lengths {
        *value = fields.maybe(key, metres(50.0, 200_000.0)).unwrap_or(*value);
    }
    sea.radar_m_sigma = fields
        .maybe("radar_m_sigma", metres(1.0, 2_000.0))
        .unwrap_or(sea.radar_m_sigma);
    let speeds: [(&str, &mut f64); 3] = [
        ("stop_m_s", &mut sea.stop_m_s),
        ("slow_m_s", &mut sea.slow_m_s),
        ("jump_m_s", &mut sea.jump_m_s),
    ];
    for (key, value) in speeds {
        *value = fields.maybe(key, in_range(0.05..=100.0)).unwrap_or(*value);
    }
    let shares: [(&str, &mut f64); 3] = [
        ("circle_residual", &mut sea.circle_residual),
        ("gap_probability", &mut sea.gap_probability),
        ("radar_probability", &mut sea.radar_probability),
    ];
    for (key, value) in shares {
        *value = fields.maybe(key, share).unwrap_or(*value);
    }
    let counts: [(&str, &mut u32, i64); 4] = [
        ("circle_fixes", &mut sea.circle_fixes, 8),
        ("interference_vessels", &mut sea.interference_vessels, 2),
        ("lane_passages", &mut sea.lane_passages, 5),
        ("radar_instants", &mut sea.radar_instants, 3),
    ];
    for (key, value, least) in counts {
        let given = fields.maybe(key, integer(least..=1_000));
        *value = given.and_then(|n| u32::try_from(n).ok()).unwrap_or(*value);
    }
    fields.finish();
    sea
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{self, Issues};

    /// The settings of a text, and how many mistakes it has.
    fn check(text: &str, change: fn(&mut SeaSettings), mistakes: usize) {
        let issues = Issues::default();
        let document = document::toml("mission.toml", text, &issues).unwrap();
        let mut expected = SeaSettings::default();
        change(&mut expected);
        assert_eq!(read(document.fields(&issues)), expected, "{text}");
        assert_eq!(issues.into_sorted().len(), mistakes, "{text}");
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        check("", |_| (), 0);
        check(
            "gap_s = 7200\ncircle_fixes = 30",
            |sea| (sea.gap_s, sea.circle_fixes) = (7_200.0, 30),
            0,
        );
    }

    #[test]
    fn unknown_keys_and_other_units_are_mistakes() {
        check("gap_h = 2", |_| (), 1);
        check("gap_s = 2", |_| (), 1);
        check("gap_probability = 5", |_| (), 1);
        check("encounter_m = 0.5", |_| (), 1);
    }
}
