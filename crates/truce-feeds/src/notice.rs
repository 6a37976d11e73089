//! A party's notice of a movement as one line of `report-json`, documented in `docs/formats.md`.
//!
//! | field | meaning |
//! |---|---|
//! | type | `notice` |
//! | id, party, given_at | its name, who gives it, when; needed |
//! | starts_at, ends_at | when the movement takes place, RFC 3339; needed |
//! | zones, objects, weapons | where and what; left out: anywhere, anything |
//! | count_max | how many at most |
//! | transit | warships that pass straits: `flag`, `bound` (`in`, `out`), `vessels` (`name`, `tonnage_t`), `returns_to_base` |

use serde::{Deserialize, Serialize};
use truce_core::notice::{Transit, Warship};
use truce_core::{Interval, Notice, ObjectKind, Reading, Slug, Timestamp};

use crate::decoder::Said;
use crate::fault::{Fault, RejectionClass};
use crate::origin::Origin;
use crate::validity::check_interval;

/// Most zones, kinds of objects or weapon classes that one notice names.
const NAMES_MAX: usize = 256;

/// Most tons of a warship: five times the largest ever built.
const TONNAGE_T_MAX: f64 = 500_000.0;

/// A notice as it stands in a line. Field names and order are the format's.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoticeLine {
    #[serde(rename = "type")]
    _type: String,
    id: Slug,
    party: Slug,
    given_at: Timestamp,
    starts_at: Timestamp,
    ends_at: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    zones: Vec<Slug>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    objects: Vec<ObjectKind>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    weapons: Vec<Slug>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count_max: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transit: Option<Transit>,
}

impl NoticeLine {
    pub(crate) fn of(notice: &Notice) -> Self {
        let notice = notice.clone();
        Self {
            _type: "notice".to_owned(),
            id: notice.id,
            party: notice.party,
            given_at: notice.given_at,
            starts_at: notice.window.start,
            ends_at: notice.window.end,
            zones: notice.zones,
            objects: notice.objects,
            weapons: notice.weapons,
            count_max: notice.count_max,
            transit: notice.transit,
        }
    }

    pub(crate) fn decode(self, origin: &Origin) -> Result<Said, Fault> {
        let window = Interval {
            start: self.starts_at,
            end: self.ends_at,
        };
        check_interval(&window)?;
        let names = [self.zones.len(), self.objects.len(), self.weapons.len()];
        if let Some(many) = names.into_iter().find(|count| *count > NAMES_MAX) {
            let reason = format!("a notice names {many} things, {NAMES_MAX} fit");
            return Err(Fault::new(RejectionClass::Range, reason));
        }
        if let Some(transit) = &self.transit {
            check_transit(transit)?;
        }
        Ok(Said {
            sensor: origin.default_site().map(|site| site.id.clone()),
            observed_at: Interval::instant(self.given_at),
            location: None,
            reading: Reading::Notice(Notice {
                id: self.id,
                party: self.party,
                given_at: self.given_at,
                window,
                zones: self.zones,
                objects: self.objects,
                weapons: self.weapons,
                count_max: self.count_max,
                transit: self.transit,
            }),
            grade: None,
        })
    }
}

fn check_transit(transit: &Transit) -> Result<(), Fault> {
    let count = transit.vessels.len();
    let is_right = |ship: &Warship| {
        !ship.name.trim().is_empty() && (1.0..=TONNAGE_T_MAX).contains(&ship.tonnage_t)
    };
    if count == 0 || count > NAMES_MAX || !transit.vessels.iter().all(is_right) {
        let reason = format!(
            "a transit of {count} vessels: 1 to {NAMES_MAX} with a name and 1 to {TONNAGE_T_MAX} t are expected"
        );
        return Err(Fault::new(RejectionClass::Range, reason));
    }
    Ok(())
}
