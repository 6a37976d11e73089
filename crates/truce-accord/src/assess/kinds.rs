//! What each kind of clause needs for a breach.

use truce_core::time::plus_seconds;
use truce_core::{IncidentKind, Notice};

use super::Case;
use super::concern::hindrance;
use super::factors::{
    any_weapons_used, height, meant, place_probability, real, stayed, weapons_used, when_and,
    when_and_where,
};
use super::weapons::{weigh_storage, weigh_withdrawal};
use super::weighing::Weighing;
use crate::agreement::{Clause, Corridor, Hindrance, Rule, Subject, Terms};

/// Weighs one text of a clause.
pub(super) fn weigh(terms: &Terms, clause: &Clause, case: &Case<'_>, weighing: &mut Weighing) {
    match &terms.rule {
        Rule::NoFire { events } => {
            weapons_used(events, case, weighing);
            when_and_where(terms, case, weighing);
        }
        Rule::NoPresence(subject) | Rule::Airspace(subject) => {
            real(case, weighing);
            when_and_where(terms, case, weighing);
            meant(Some(subject), terms, clause, case, weighing);
            height(&terms.all_zones(), case, weighing);
            stayed(terms.thresholds.dwell_s, case, weighing);
        }
        Rule::Withdrawal { withdraw } => {
            real(case, weighing);
            when_and_where(terms, case, weighing);
            meant(None, terms, clause, case, weighing);
            stayed(terms.thresholds.dwell_s, case, weighing);
            weigh_withdrawal(withdraw, clause, case, weighing);
        }
        Rule::Storage { weapons, register } => {
            real(case, weighing);
            when_and_where(terms, case, weighing);
            meant(None, terms, clause, case, weighing);
            weigh_storage(weapons, register, case, weighing);
        }
        Rule::Corridor(corridor) => weigh_corridor(corridor, terms, clause, case, weighing),
        Rule::ProtectedObjects { radius_m } => {
            weigh_protected(*radius_m, terms, case, weighing);
        }
        Rule::NoMinesOrWorks => {
            real(case, weighing);
            when_and_where(terms, case, weighing);
            meant(None, terms, clause, case, weighing);
        }
        Rule::Access { delay_s_max } => {
            real(case, weighing);
            when_and_where(terms, case, weighing);
            weigh_access(*delay_s_max, case, weighing);
        }
        Rule::HumanitarianPassage { .. } | Rule::CivilianProtection { .. } => {
            if case.incident.kind == IncidentKind::PhysicalEvent {
                any_weapons_used(case, weighing);
            } else {
                real(case, weighing);
            }
            when_and_where(terms, case, weighing);
        }
        Rule::NotifiedMovement {
            subject,
            notice_s,
            count_min,
        } => {
            real(case, weighing);
            when_and_where(terms, case, weighing);
            meant(Some(subject), terms, clause, case, weighing);
            weigh_count(*count_min, case, weighing);
            weigh_notices(*notice_s, subject, case, weighing);
        }
    }
}

fn weigh_corridor(
    corridor: &Corridor,
    terms: &Terms,
    clause: &Clause,
    case: &Case<'_>,
    weighing: &mut Weighing,
) {
    real(case, weighing);
    let what = hindrance(case);
    let forbidden = what.is_some_and(|what| corridor.forbids.contains(&what));
    if !forbidden {
        return weighing.certain(0.0, "This text does not forbid it.".to_owned());
    }
    if what == Some(Hindrance::Deviation) {
        // A vessel that left the corridor is outside it; only the time is asked for.
        when_and(terms, weighing, case, |_, words| {
            words.push("The vessel left the corridor.".to_owned());
            1.0
        });
    } else {
        when_and_where(terms, case, weighing);
    }
    meant(None, terms, clause, case, weighing);
    match what {
        Some(Hindrance::Deviation) => outside_ends(corridor, case, weighing),
        Some(Hindrance::Stop) => {
            outside_ends(corridor, case, weighing);
            stayed(corridor.stop_s, case, weighing);
        }
        Some(Hindrance::Bubble) => weigh_bubble(corridor.bubble_m, case, weighing),
        Some(Hindrance::Silence) => {
            weighing.unknown("A vessel's silence alone shows neither cause nor intent.");
        }
        _ => {}
    }
}

fn outside_ends(corridor: &Corridor, case: &Case<'_>, weighing: &mut Weighing) {
    if corridor.ends.is_empty() {
        return;
    }
    let index = case.context.zones;
    let inside = index.membership_any(&case.incident.place, &corridor.ends);
    let p = 1.0 - inside;
    weighing.certain(
        p,
        format!("It was outside the corridor's end areas with probability {p:.2}."),
    );
}

fn weigh_bubble(bubble_m: f64, case: &Case<'_>, weighing: &mut Weighing) {
    let Some(separation_m) = case.facts.separation_m else {
        return;
    };
    let sigma_m = case.incident.place.uncertainty.semi_major_m.max(1e-3);
    let p = 1.0 - crate::zones::upper_tail((bubble_m - separation_m) / sigma_m);
    weighing.certain(
        p,
        format!(
            "The closest approach was {separation_m:.0} m; nearer than {bubble_m:.0} m with \
             probability {p:.2}."
        ),
    );
}

fn weigh_protected(radius_m: f64, terms: &Terms, case: &Case<'_>, weighing: &mut Weighing) {
    let incident = case.incident;
    if incident.kind == IncidentKind::PhysicalEvent {
        any_weapons_used(case, weighing);
    } else {
        real(case, weighing);
        if case.facts.weapon.is_some() {
            weighing.certain(1.0, "The damage is put down to a weapon.".to_owned());
        } else if incident.classes.is_empty() {
            weighing.unknown("What caused the damage is not known.");
        } else {
            let used = incident
                .classes
                .iter()
                .filter(|(class, _)| class.uses_weapons());
            let p: f64 = used.map(|(_, p)| p).sum();
            let words = format!("Weapons caused the damage with probability {p:.2}.");
            weighing.certain(p, words);
        }
    }
    when_and(terms, weighing, case, |zones, words| {
        if let Some(zone) = incident.zone.as_ref().filter(|zone| zones.contains(zone)) {
            words.push(format!("It is about {zone}, which is protected."));
            return 1.0;
        }
        let index = case.context.zones;
        let near = zones
            .iter()
            .map(|zone| (zone, index.within(&incident.place, zone, radius_m)));
        let nearest = near.max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((zone, p)) = nearest else { return 0.0 };
        words.push(format!(
            "It was within {radius_m:.0} m of {zone} with probability {p:.2}."
        ));
        p
    });
}

fn weigh_access(delay_s_max: f64, case: &Case<'_>, weighing: &mut Weighing) {
    if case.facts.against_monitors {
        let words = "It was about the monitors' own equipment.";
        return weighing.certain(1.0, words.to_owned());
    }
    if case.incident.kind == IncidentKind::GnssInterference {
        return weighing.unknown("Whether the monitors' equipment was disturbed is not known.");
    }
    match case.facts.delay_s {
        Some(delay_s) => weighing.fact(
            delay_s > delay_s_max,
            format!("The monitors were delayed by {delay_s:.0} s; {delay_s_max:.0} s are allowed."),
        ),
        None => weighing.certain(1.0, "The monitors were denied access.".to_owned()),
    }
}

fn weigh_count(count_min: u32, case: &Case<'_>, weighing: &mut Weighing) {
    match case.facts.count {
        Some(count) => weighing.fact(
            count >= count_min,
            format!("{count} moved; a notice is needed from {count_min} on."),
        ),
        None if count_min <= 1 => {}
        None => weighing.unknown(&format!(
            "How many moved is not known; a notice is needed from {count_min} on."
        )),
    }
}

/// That no notice covers the movement.
fn weigh_notices(notice_s: f64, subject: &Subject, case: &Case<'_>, weighing: &mut Weighing) {
    let mut best: Option<(&Notice, f64)> = None;
    let mut late = None;
    let movements = case.context.notices.iter();
    for notice in movements.filter(|notice| notice.transit.is_none()) {
        let p = covered(notice, subject, case);
        if p <= 0.0 {
            continue;
        }
        if plus_seconds(notice.given_at, notice_s) > notice.window.start {
            late = Some(notice);
        } else if best.is_none_or(|(_, most)| p > most) {
            best = Some((notice, p));
        }
    }
    match (best, late) {
        (Some((notice, p)), _) => weighing.certain(
            1.0 - p,
            format!("Notice {} covers it with probability {p:.2}.", notice.id),
        ),
        (None, Some(notice)) => weighing.certain(
            1.0,
            format!(
                "Notice {} was given at {}, less than {:.0} h before the movement.",
                notice.id,
                notice.given_at,
                notice_s / 3_600.0
            ),
        ),
        (None, None) => weighing.certain(1.0, "No notice covers it.".to_owned()),
    }
}

/// The probability that a notice is about this movement, from its place; 0 when anything else does
/// not fit.
fn covered(notice: &Notice, subject: &Subject, case: &Case<'_>) -> f64 {
    let (facts, occurred) = (&case.facts, case.incident.occurred);
    let in_time = notice.window.start <= occurred.start && occurred.end <= notice.window.end;
    let known = notice.given_at <= case.context.now;
    let own = facts
        .actor
        .as_ref()
        .is_none_or(|actor| *actor == notice.party);
    let kind = notice.objects.is_empty()
        || facts
            .object
            .is_none_or(|kind| notice.objects.contains(&kind));
    let class = facts.weapon.as_ref().is_none_or(|weapon| {
        case.agreement.weapon_among(weapon, &notice.weapons)
            && case.agreement.weapon_among(weapon, &subject.weapons)
    });
    let few = match (facts.count, notice.count_max) {
        (Some(count), Some(most)) => count <= most,
        _ => true,
    };
    if in_time && known && own && kind && class && few {
        place_probability(&notice.zones, case, &mut Vec::new())
    } else {
        0.0
    }
}
