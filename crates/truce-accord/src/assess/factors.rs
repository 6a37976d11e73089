//! The factors that several kinds of clauses share: that it happened, that weapons were used, when
//! and where, and who is exempt.

use truce_core::{Incident, IncidentKind, ObjectKind, Slug};

use super::Case;
use super::facts::{lasts, object_word};
use super::weighing::Weighing;
use crate::agreement::{Clause, Period, Subject, Terms, WeaponMatch};
use crate::zones::{InBand, in_band};

/// Above this a factor is worth no more sampling, below its complement neither.
const SURE: f64 = 0.99;

/// That the incident is real.
pub(super) fn real(case: &Case<'_>, weighing: &mut Weighing) {
    let p = case.incident.probability;
    weighing.certain(p, format!("The incident is real with probability {p:.2}."));
}

/// That weapons of some classes were used.
pub(super) fn weapons_used(
    events: &[truce_core::EventClass],
    case: &Case<'_>,
    weighing: &mut Weighing,
) {
    let Incident {
        probability,
        classes,
        ..
    } = case.incident;
    let share = |wanted: &dyn Fn(truce_core::EventClass) -> bool| -> f64 {
        let chosen = classes.iter().filter(|(class, _)| wanted(**class));
        chosen.map(|(_, p)| p).sum()
    };
    let every_weapon = truce_core::EventClass::ALL
        .iter()
        .all(|class| class.uses_weapons() == events.contains(class));
    let (all, meant) = (
        share(&|class| class.uses_weapons()),
        share(&|class| events.contains(&class)),
    );
    if every_weapon {
        let words = format!("Weapons were used with probability {probability:.2}.");
        weighing.certain(*probability, words);
    } else if classes.is_empty() {
        let words = format!(
            "Weapons were used with probability {probability:.2}; of which class is not known."
        );
        weighing.factor(0.0, *probability, words);
    } else if all > 0.0 && events.iter().all(|class| class.uses_weapons()) {
        // The incident's own probability is calibrated, the classes only share it out.
        let p = probability * meant / all;
        let words = format!("Weapons of the classes meant were used with probability {p:.2}.");
        weighing.certain(p, words);
    } else {
        let words = format!("An event of the classes meant has probability {meant:.2}.");
        weighing.certain(meant, words);
    }
}

/// That weapons were used, whatever their class.
pub(super) fn any_weapons_used(case: &Case<'_>, weighing: &mut Weighing) {
    let all = truce_core::EventClass::ALL;
    let weapons: Vec<_> = all
        .into_iter()
        .filter(|class| class.uses_weapons())
        .collect();
    weapons_used(&weapons, case, weighing);
}

/// How much of the incident lies in a period: of something that lasted any part is enough.
fn share(period: &Period<'_>, case: &Case<'_>) -> f64 {
    let occurred = case.incident.occurred;
    // Before its first version there was no agreement.
    let first = case.agreement.versions.first();
    let begun = first.map(|version| version.effective_from);
    let period = Period {
        from: period.from.max(begun),
        ..*period
    };
    if lasts(case.incident.kind) {
        let begins_before_end = period.until.is_none_or(|until| occurred.start < until);
        let ends_after_start = period.from.is_none_or(|from| from <= occurred.end);
        return f64::from(u8::from(begins_before_end && ends_after_start));
    }
    period.share(occurred)
}

/// That it happened while the clause held and in its zones.
pub(super) fn when_and_where(terms: &Terms, case: &Case<'_>, weighing: &mut Weighing) {
    when_and(terms, weighing, case, |zones, weighing_words| {
        place_probability(zones, case, weighing_words)
    });
}

/// That it happened while the clause held; `place` gives the probability of the place for a period's
/// zones and adds its words.
pub(super) fn when_and(
    terms: &Terms,
    weighing: &mut Weighing,
    case: &Case<'_>,
    place: impl Fn(&[Slug], &mut Vec<String>) -> f64,
) {
    let mut total = 0.0_f64;
    let mut words = Vec::new();
    let mut held = 0.0_f64;
    for period in terms.periods() {
        let share = share(&period, case);
        if share <= 0.0 {
            continue;
        }
        held += share;
        if let Some(title) = period.title {
            words.push(format!("It falls in the phase \"{title}\"."));
        }
        let p = share * place(period.zones, &mut words);
        total = if lasts(case.incident.kind) {
            total.max(p)
        } else {
            total + p
        };
    }
    if held <= 0.0 {
        let words = "The clause did not hold at the time of the incident.";
        weighing.certain(0.0, words.to_owned());
        return;
    }
    if held < SURE {
        words.push(format!(
            "It happened while the clause held with probability {held:.2}."
        ));
    }
    if words.is_empty() {
        words.push("The clause held at that time, everywhere.".to_owned());
    }
    weighing.certain(total, words.join(" "));
}

/// The probability that the incident lies in any of some zones; empty is everywhere.
pub(super) fn place_probability(zones: &[Slug], case: &Case<'_>, words: &mut Vec<String>) -> f64 {
    let incident = case.incident;
    let index = case.context.zones;
    if zones.is_empty() {
        return 1.0;
    }
    if let Some(zone) = incident.zone.as_ref().filter(|_| incident.track.is_some())
        && zones.contains(zone)
    {
        words.push(format!(
            "The track's place with regard to {zone} is part of the incident's own probability."
        ));
        return 1.0;
    }
    let mut best: Option<(&Slug, f64)> = None;
    let mut open = 0;
    for zone in zones {
        let p = index
            .zone(zone)
            .map_or(0.0, |zone| index.membership(&incident.place, zone));
        open += usize::from(p > 1.0 - SURE && p < SURE);
        if best.is_none_or(|(_, most)| p > most) {
            best = Some((zone, p));
        }
    }
    let Some((zone, p)) = best else { return 1.0 };
    if open < 2 {
        words.push(format!("It lies inside {zone} with probability {p:.2}."));
        return p;
    }
    let p = index.membership_any(&incident.place, zones).max(p);
    let names: Vec<&str> = zones.iter().map(Slug::as_str).collect();
    words.push(format!(
        "It lies inside one of {} with probability {p:.2}.",
        names.join(", ")
    ));
    p
}

/// That the object, its class and its actor are meant by the clause, and not exempt.
pub(super) fn meant(
    subject: Option<&Subject>,
    terms: &Terms,
    clause: &Clause,
    case: &Case<'_>,
    weighing: &mut Weighing,
) {
    let facts = &case.facts;
    if let Some(subject) = subject {
        match facts.object {
            Some(kind) => weighing.fact(
                subject.objects.contains(&kind),
                format!("The object is of the kind {}.", object_word(kind)),
            ),
            None => weighing.unknown("What kind of object it was is not known."),
        }
        if facts.object == Some(ObjectKind::Weapon) && !subject.weapons.is_empty() {
            weapon_class(&subject.weapons, case, weighing);
        }
    }
    exempt(terms, case, weighing);
    if let Some(actor) = &facts.actor
        && !clause.binds.contains(actor)
    {
        let words =
            format!("The object is shown to be one of {actor}, whom this clause does not bind.");
        weighing.certain(0.0, words);
    }
}

/// That a weapon is of one of some classes.
pub(super) fn weapon_class(wanted: &[Slug], case: &Case<'_>, weighing: &mut Weighing) {
    let weapon = case.facts.weapon.as_ref();
    let named = weapon.map_or_else(|| "not known".to_owned(), ToString::to_string);
    match case.agreement.weapon_match(weapon, wanted) {
        WeaponMatch::Yes => {
            weighing.certain(
                1.0,
                format!("The weapon class {named} is one of those meant."),
            );
        }
        WeaponMatch::No => {
            weighing.certain(
                0.0,
                format!("The weapon class {named} is not one of those meant."),
            );
        }
        WeaponMatch::Unknown => weighing.unknown(&format!(
            "The weapon's class is {named}; whether it is one of those meant is not known."
        )),
    }
}

/// That nothing shows an exemption.
fn exempt(terms: &Terms, case: &Case<'_>, weighing: &mut Weighing) {
    let (exempt, facts) = (&terms.exempt, &case.facts);
    let shown = [
        facts
            .actor
            .as_ref()
            .filter(|actor| exempt.actors.contains(actor))
            .map(|actor| format!("objects of {actor}")),
        facts
            .identity
            .as_ref()
            .filter(|identity| exempt.identities.contains(identity))
            .cloned(),
        facts
            .object
            .filter(|kind| exempt.objects.contains(kind))
            .map(|kind| format!("the kind {}", object_word(kind))),
        facts
            .weapon
            .as_ref()
            .filter(|_| !exempt.weapons.is_empty())
            .filter(|weapon| case.agreement.weapon_among(weapon, &exempt.weapons))
            .map(|weapon| format!("the weapon class {weapon}")),
    ];
    if let Some(what) = shown.into_iter().flatten().next() {
        weighing.certain(0.0, format!("The clause exempts {what}."));
    }
}

/// That a stay was long enough to count.
pub(super) fn stayed(needed_s: f64, case: &Case<'_>, weighing: &mut Weighing) {
    let lasting = matches!(
        case.incident.kind,
        IncidentKind::Presence | IncidentKind::UnauthorisedStop
    );
    if needed_s <= 0.0 || !lasting {
        return;
    }
    let lasted_s = case.facts.duration_s;
    let words = format!("It lasted {lasted_s:.0} s; {needed_s:.0} s are needed.");
    if lasted_s >= needed_s {
        weighing.certain(1.0, words);
    } else if case.facts.ended {
        weighing.certain(0.0, words);
    } else {
        weighing.unknown(&format!("{words} It is not known to be over."));
    }
}

/// That the object was in the height band of the zones. An incident that the watch raised about a
/// zone was in its band, or says that this is not known.
pub(super) fn height(zones: &[&Slug], case: &Case<'_>, weighing: &mut Weighing) {
    let (incident, facts) = (case.incident, &case.facts);
    if incident.zone.is_some() && incident.track.is_some() {
        let height = incident.attributes.get("height").map(String::as_str);
        if height == Some("unknown") {
            weighing.unknown("Whether it was within the zone's heights is not known.");
        }
        return;
    }
    let index = case.context.zones;
    let bands: Vec<InBand> = zones
        .iter()
        .filter_map(|zone| index.zone(zone))
        .map(|zone| in_band(zone, facts.object, facts.height))
        .collect();
    if bands.is_empty() || bands.iter().all(|band| *band == InBand::Yes) {
        return;
    }
    if bands.iter().all(|band| *band == InBand::No) {
        weighing.certain(0.0, "It was outside the zones' heights.".to_owned());
    } else {
        weighing.unknown("Whether it was within the zones' heights is not known.");
    }
}
