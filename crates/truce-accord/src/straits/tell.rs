//! What is told of a number that a declaration exceeds.

use std::collections::BTreeMap;

use truce_core::belief::{log_odds, probability};
use truce_core::mission::Straits;
use truce_core::notice::Bound;
use truce_core::{Attribution, Ellipse, Incident, IncidentKind, Place, Slug, Term};

use super::Excess;

/// How sure it is that a declaration is meant as it was read (an estimate of our own).
const DECLARED: f64 = 0.95;
/// How far the straits reach from the place that the mission names, one standard deviation, metres.
const PLACE_M_SIGMA: f64 = 10_000.0;

fn name(text: &'static str) -> Slug {
    Slug::new(text).expect("the names written in this file are slugs")
}

/// To one decimal, which a whole number does without.
fn amount(value: f64, unit: &str) -> String {
    format!("{} {unit}", (value * 10.0).round() / 10.0)
}

/// The incident about an excess, as its first revision.
pub(super) fn incident(straits: &Straits, excess: &Excess<'_>) -> Incident {
    let (notice, transit) = (excess.by.notice, excess.transit);
    let vessel = excess.vessel.unwrap_or_default();
    let about = format!("{} {} {vessel}", excess.article, transit.flag);
    let total = log_odds(DECLARED);
    let (declared, allowed, unit) = excess.declared;
    let bound = match transit.bound {
        Bound::In => "into the sea",
        Bound::Out => "out of it",
    };
    let tons: f64 = transit.vessels.iter().map(|ship| ship.tonnage_t).sum();
    let term = |slug: &'static str, text: String, log_odds: f64| Term {
        name: name(slug),
        text,
        log_odds,
        observation: (slug == "declared").then_some(excess.by.observation),
        sensor: None,
    };
    let mut attributes = BTreeMap::from([
        (name("article"), excess.article.to_owned()),
        (name("object"), "warship".to_owned()),
        (name("flag"), transit.flag.to_string()),
        (name("notice"), notice.id.to_string()),
        (name("declared"), amount(declared, unit)),
        (name("allowed"), amount(allowed, unit)),
    ]);
    if let Some(vessel) = excess.vessel {
        attributes.insert(name("vessel"), vessel.to_owned());
    }
    Incident {
        id: Incident::name(IncidentKind::StraitsLimit, excess.by.observation, &about),
        revision: 1,
        kind: IncidentKind::StraitsLimit,
        occurred: excess.during,
        place: Place {
            position: straits.place,
            uncertainty: Ellipse::circle(PLACE_M_SIGMA),
        },
        probability: probability(total),
        classes: BTreeMap::new(),
        attribution: Attribution::default(),
        evidence: vec![excess.by.observation],
        explanation: vec![
            term(
                "declared",
                format!(
                    "Notice {} of {} declares the passage of {} vessels of {}, {tons:.0} t, {bound}.",
                    notice.id,
                    notice.party,
                    transit.vessels.len(),
                    transit.flag
                ),
                total,
            ),
            term("limit", excess.text.clone(), 0.0),
            term(
                "source",
                format!("Art. {} of: {}", excess.article, straits.source),
                0.0,
            ),
        ],
        track: None,
        zone: None,
        attributes,
        withdrawn: None,
    }
}
