//! Reads the table `[straits]` of mission.toml: what a convention allows warships that pass some straits
//! and stay in the sea behind them.
//!
//! All numbers are the mission's data, with their source. Tons are those of the convention: of standard
//! displacement, 1,016 kg (Montreux Convention 1936, Annex II, A).

use serde::{Deserialize, Serialize};

use super::settings::{seconds, share};
use crate::document::{Fields, in_range, integer, position, slug, slugs, text, timestamp};
use crate::identity::Slug;
use crate::place::Position;
use crate::time::Timestamp;

/// The regime of some straits. Powers are named by their flags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Straits {
    /// Its name for people.
    pub name: String,
    /// Where the straits are.
    pub place: Position,
    /// The power whose straits they are: its own warships are not foreign there.
    pub power: Slug,
    /// The powers on the sea behind them.
    pub riparian: Vec<Slug>,
    /// Notice of a passage must be given so long before, seconds (Art. 13: eight days; fifteen are
    /// desirable for others than riparian powers).
    pub notice_s_min: f64,
    /// Most tons of all foreign naval forces in transit (Art. 14: 15,000).
    pub transit_t_max: f64,
    /// Most vessels in transit (Art. 14: nine).
    pub transit_vessels_max: u32,
    /// Most tons that others than riparian powers may have in the sea (Art. 18, 1 a: 30,000).
    pub sea_t_base: f64,
    /// The most that this may grow to with the strongest fleet there (Art. 18, 1 b: 45,000).
    pub sea_t_most: f64,
    /// By how much the strongest fleet in the sea exceeds the strongest at signature, tons.
    pub fleet_growth_t: f64,
    /// Growth below this changes nothing, tons (Art. 18, 1 b: 10,000).
    pub fleet_growth_t_min: f64,
    /// The share of that which one power may have (Art. 18, 1 c: two thirds).
    pub power_share_max: f64,
    /// Longest stay of others than riparian powers, seconds (Art. 18, 2: twenty-one days).
    pub stay_s_max: f64,
    /// The war in which belligerents' warships may not pass, but to return to their bases (Art. 19).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub war: Option<War>,
    /// Where the rules stand.
    pub source: String,
}

/// A war in which the power of the straits takes no part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct War {
    /// From when on.
    pub since: Timestamp,
    /// Until when; `None` while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Who wages it.
    pub belligerents: Vec<Slug>,
}

impl Straits {
    /// Most tons that others than riparian powers may have in the sea now (Art. 18, 1 a and b).
    #[must_use]
    pub fn sea_t_max(&self) -> f64 {
        if self.fleet_growth_t < self.fleet_growth_t_min {
            return self.sea_t_base;
        }
        (self.sea_t_base + self.fleet_growth_t).min(self.sea_t_most)
    }

    /// True for a power on the sea behind the straits.
    #[must_use]
    pub fn is_riparian(&self, flag: &Slug) -> bool {
        self.riparian.contains(flag)
    }
}

/// Reads the table.
pub(super) fn read(fields: Fields<'_>) -> Option<Straits> {
    let tons = || in_range(0.0..=10_000_000.0);
    let days = 400.0 * 86_400.0;
    let war = fields.table("war").and_then(read_war);
    let name = fields.need("name", text);
    let place = fields.need("place", position);
    let power = fields.need("power", slug);
    let riparian = fields.need("riparian", slugs);
    let notice_s_min = fields.need("notice_s_min", seconds(0.0, days));
    let transit_t_max = fields.need("transit_t_max", tons());
    let transit_vessels_max = fields.need("transit_vessels_max", integer(1..=1_000));
    let sea_t_base = fields.need("sea_t_base", tons());
    let sea_t_most = fields.need("sea_t_most", tons());
    let fleet_growth_t_min = fields.need("fleet_growth_t_min", tons());
    let power_share_max = fields.need("power_share_max", share);
    let stay_s_max = fields.need("stay_s_max", seconds(3_600.0, days));
    let source = fields.need("source", text);
    let fleet_growth_t = fields.maybe("fleet_growth_t", tons());
    fields.finish();
    Some(Straits {
        name: name?,
        place: place?,
        power: power?,
        riparian: riparian?,
        notice_s_min: notice_s_min?,
        transit_t_max: transit_t_max?,
        transit_vessels_max: u32::try_from(transit_vessels_max?).ok()?,
        sea_t_base: sea_t_base?,
        sea_t_most: sea_t_most?,
        fleet_growth_t: fleet_growth_t.unwrap_or(0.0),
        fleet_growth_t_min: fleet_growth_t_min?,
        power_share_max: power_share_max?,
        stay_s_max: stay_s_max?,
        war,
        source: source?,
    })
}

fn read_war(fields: Fields<'_>) -> Option<War> {
    let since = fields.need("since", timestamp);
    let until = fields.maybe("until", timestamp);
    let belligerents = fields.need("belligerents", slugs);
    fields.finish();
    Some(War {
        since: since?,
        until,
        belligerents: belligerents?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{self, Issues};

    const TEXT: &str = "name = \"Straits\"\nplace = { lat_deg = 41.1, lon_deg = 29.05 }\npower = \"tur\"\n\
        riparian = [\"tur\", \"ukr\"]\nnotice_s_min = 691200\ntransit_t_max = 15000\n\
        transit_vessels_max = 9\nsea_t_base = 30000\nsea_t_most = 45000\nfleet_growth_t = 12000\n\
        fleet_growth_t_min = 10000\npower_share_max = 0.667\nstay_s_max = 1814400\nsource = \"M\"\n";

    fn check(text: &str) -> (Option<Straits>, usize) {
        let issues = Issues::default();
        let document = document::toml("mission.toml", text, &issues).unwrap();
        let straits = read(document.fields(&issues));
        (straits, issues.into_sorted().len())
    }

    #[test]
    fn the_tonnage_grows_with_the_strongest_fleet_to_its_bound() {
        for (growth, expected) in [
            ("0", 30_000.0),
            ("9999", 30_000.0),
            ("12000", 42_000.0),
            ("90000", 45_000.0),
        ] {
            let text = TEXT.replace("growth_t = 12000", &format!("growth_t = {growth}"));
            let (straits, mistakes) = check(&text);
            assert_eq!(mistakes, 0);
            assert_eq!(straits.unwrap().sea_t_max(), expected, "{growth}");
        }
    }

    #[test]
    fn what_is_missing_or_unknown_is_a_mistake() {
        assert_eq!(check(&TEXT.replace("stay_s_max", "stay_days")).1, 2);
        assert_eq!(check(&TEXT.replace("0.667", "67")).1, 1);
        assert_eq!(check(&format!("{TEXT}more = 1\n")).1, 1);
        assert_eq!(
            check(&format!("{TEXT}[war]\nsince = 2022-02-24T00:00:00Z\n")).1,
            1
        );
    }
}
