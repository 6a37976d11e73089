//! The kinds of clauses that count weapons: withdrawal and storage.

use truce_core::Slug;

use super::Case;
use super::factors::{place_probability, weapon_class};
use super::facts::decisive_instant;
use super::weighing::Weighing;
use crate::agreement::{Clause, Clear, Register, WeaponMatch, Withdraw};

/// What the rows of a withdrawal give together.
struct Rows<'a> {
    /// The areas that must be clear.
    areas: Vec<Slug>,
    /// The probability of being too near to a line, whoever's weapon it is.
    near: f64,
    /// The same for distances that differ by party.
    by_party: Vec<(&'a Slug, f64)>,
    /// True when the weapon may be of another class than a row's.
    open: bool,
    words: Vec<String>,
}

/// A weapon may not be in the place of any row of its class. A row whose place lies on one side
/// holds for whoever is there; a distance from a line that differs by party needs to know whose
/// weapon it is.
pub(super) fn weigh_withdrawal(
    rows: &[Withdraw],
    clause: &Clause,
    case: &Case<'_>,
    weighing: &mut Weighing,
) {
    let mut given = Rows {
        areas: Vec::new(),
        near: 0.0,
        by_party: clause.binds.iter().map(|party| (party, 0.0)).collect(),
        open: false,
        words: Vec::new(),
    };
    for row in rows {
        given.take(row, case);
    }
    let mut words = given.words;
    let mut placed = given.near;
    if !given.areas.is_empty() {
        placed = placed.max(place_probability(&given.areas, case, &mut words));
    }
    if words.is_empty() {
        words.push("No duty to withdraw names this class of weapon at that time.".to_owned());
    }
    let owner = owner(case);
    let of_owner = given
        .by_party
        .iter()
        .filter(|(party, _)| owner.as_ref().is_none_or(|owner| owner == *party));
    let (least, most) = of_owner.fold((1.0_f64, 0.0_f64), |(least, most), (_, p)| {
        (least.min(*p), most.max(*p))
    });
    let low = if given.open {
        words.push("Whether the weapon is of such a class is not known.".to_owned());
        0.0
    } else {
        placed.max(least.min(most))
    };
    weighing.factor(low, placed.max(most), words.join(" "));
}

impl Rows<'_> {
    fn take(&mut self, row: &Withdraw, case: &Case<'_>) {
        let at = decisive_instant(case.incident);
        let wanted = std::slice::from_ref(&row.weapon);
        let weapon = case.facts.weapon.as_ref();
        let class = case.agreement.weapon_match(weapon, wanted);
        if class == WeaponMatch::No || row.until.is_some_and(|until| until <= at) {
            return;
        }
        if let Some(by) = row.by.filter(|by| at < *by) {
            let words = format!("{} was to be withdrawn only by {by}.", row.weapon);
            return self.words.push(words);
        }
        self.open |= class == WeaponMatch::Unknown;
        let (line, distance_m, side) = match &row.place {
            Clear::Zone(zone) => return self.areas.push(zone.clone()),
            Clear::Line {
                line,
                distance_m,
                side,
            } => (line, *distance_m, *side),
        };
        let index = case.context.zones;
        let p = index.near_line(&case.incident.place, line, distance_m, side);
        self.words.push(format!(
            "It was within {:.1} km of {line} with probability {p:.2}, where {} may not be.",
            distance_m / 1_000.0,
            row.weapon
        ));
        match (&row.party, side) {
            (Some(party), None) => {
                let own = self
                    .by_party
                    .iter_mut()
                    .filter(|(known, _)| *known == party);
                own.for_each(|(_, most)| *most = most.max(p));
            }
            _ => self.near = self.near.max(p),
        }
    }
}

/// Whose object it is: as it shows itself, else as the incident's attribution says.
fn owner(case: &Case<'_>) -> Option<Slug> {
    let threshold = case.context.mission.attribution_threshold;
    let named = case.incident.attribution.side(threshold);
    let shown = case.facts.actor.clone();
    shown.or_else(|| named.map(|(party, _)| party.clone()))
}

/// A registered weapon outside its holding area, or missing from it.
pub(super) fn weigh_storage(
    weapons: &[Slug],
    register: &[Register],
    case: &Case<'_>,
    weighing: &mut Weighing,
) {
    let facts = &case.facts;
    if !weapons.is_empty() {
        weapon_class(weapons, case, weighing);
    }
    let of_class = |row: &&Register| {
        let wanted = std::slice::from_ref(&row.weapon);
        let class = case.agreement.weapon_match(facts.weapon.as_ref(), wanted);
        class != WeaponMatch::No
    };
    let rows: Vec<&Register> = register.iter().filter(of_class).collect();
    let listed = |serial: &str| {
        rows.iter()
            .find(|row| row.serials.iter().any(|s| s == serial))
    };
    let row = facts.serial.as_deref().and_then(listed);
    if facts.missing {
        return match (row, &facts.serial) {
            (Some(row), Some(serial)) => weighing.certain(
                1.0,
                format!("{serial} of the register is missing from {}.", row.zone),
            ),
            (None, Some(serial)) => {
                weighing.certain(0.0, format!("{serial} is not in the register."));
            }
            (_, None) => weighing.certain(1.0, "A stored weapon is missing.".to_owned()),
        };
    }
    let outside = |zones: &[Slug]| 1.0 - place_probability(zones, case, &mut Vec::new());
    if let (Some(row), Some(serial)) = (row, &facts.serial) {
        let p = outside(std::slice::from_ref(&row.zone));
        let words = format!(
            "{serial} is outside its holding area {} with probability {p:.2}.",
            row.zone
        );
        return weighing.certain(p, words);
    }
    let areas: Vec<Slug> = rows.iter().map(|row| row.zone.clone()).collect();
    if areas.is_empty() {
        let words = "The register names no weapon of this class.";
        return weighing.certain(0.0, words.to_owned());
    }
    let all_listed = rows.iter().all(|row| !row.serials.is_empty());
    if let (Some(serial), true) = (&facts.serial, all_listed) {
        return weighing.certain(0.0, format!("{serial} is not in the register."));
    }
    let p = outside(&areas);
    let words = format!("It is outside the holding areas with probability {p:.2}");
    if rows.iter().all(|row| row.serials.is_empty()) {
        weighing.certain(p, format!("{words}."));
    } else {
        let words = format!("{words}, but whether it is one of the register is not known.");
        weighing.factor(0.0, p, words);
    }
}
