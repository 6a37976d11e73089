//! What a vessel says of itself, held against what is possible and what others say.
//!
//! A statement counts when it was heard twice: one alone may be a garbled message.

use std::collections::BTreeMap;

use truce_core::{IncidentKind, ObservationId};

use super::pending::Particulars;
use super::vessel::Vessel;
use crate::tell::{Draft, Told};

/// The longest vessel ever built was 458.5 m long (Seawise Giant, 1979).
const LENGTH_M_MAX: f64 = 460.0;
/// The broadest vessel is 124 m wide (Pioneering Spirit, 2014).
const BEAM_M_MAX: f64 = 125.0;
/// The deepest laden vessels drew 29 m (Batillus class, 1976); AIS states at most 25.5 m.
const DRAUGHT_M_MAX: f64 = 30.0;
/// No vessel of some size is broader than so much of its length, catamarans and platforms included.
const BEAM_SHARE_MAX: f64 = 0.8;
/// Shorter vessels are of any shape, metres.
const LENGTH_M_SMALL: f64 = 30.0;
/// Two identities that claim one IMO number within this time, seconds.
const CLAIM_S: f64 = 86_400.0;
/// IMO numbers remembered.
const NUMBERS_MAX: usize = 200_000;

/// Statements of one vessel that were heard once and wait to be heard again.
#[derive(Debug, Clone)]
struct Doubt {
    times: u32,
    first_s: f64,
    evidence: Vec<ObservationId>,
}

/// What is remembered of statements.
#[derive(Debug, Clone, Default)]
pub(super) struct Statements {
    doubts: BTreeMap<(u32, &'static str), Doubt>,
    /// Who claimed an IMO number last: identity, when, by which observation.
    claims: BTreeMap<u32, (u32, f64, ObservationId)>,
}

impl Statements {
    /// Takes what a vessel says; tells what contradicts itself or another.
    pub(super) fn take(&mut self, vessel: &Vessel, said: &Particulars, told: &mut Told) {
        for (behaviour, weight, text) in impossible(said) {
            self.doubt(vessel, said, (behaviour, weight, text), None, told);
        }
        let valid = said.imo_number.filter(|number| is_imo(*number));
        let Some(number) = valid else {
            return;
        };
        if self.claims.len() >= NUMBERS_MAX {
            self.claims.retain(|_, claim| said.at_s - claim.1 < CLAIM_S);
        }
        let claim = (said.mmsi, said.at_s, said.observation);
        let before = self.claims.insert(number, claim);
        if let Some((other, at_s, observation)) = before
            && other != said.mmsi
            && said.at_s - at_s < CLAIM_S
        {
            let text = format!("{number:07} is claimed by {other:09} and {:09}", said.mmsi);
            let line = ("shared_number", 2.0, text);
            self.doubt(vessel, said, line, Some(observation), told);
        }
    }

    fn doubt(
        &mut self,
        vessel: &Vessel,
        said: &Particulars,
        (behaviour, weight, text): (&'static str, f64, String),
        other: Option<ObservationId>,
        told: &mut Told,
    ) {
        if self.doubts.len() >= NUMBERS_MAX {
            self.doubts.retain(|_, doubt| doubt.times > 1);
        }
        let doubt = self.doubts.entry((said.mmsi, behaviour)).or_insert(Doubt {
            times: 0,
            first_s: said.at_s,
            evidence: Vec::new(),
        });
        doubt.times += 1;
        if doubt.times > 2 {
            return;
        }
        doubt.evidence.push(said.observation);
        doubt.evidence.extend(other);
        if doubt.times == 2 {
            told.tell(Draft {
                kind: IncidentKind::IdentityConflict,
                behaviour,
                during_s: (doubt.first_s, said.at_s),
                position: vessel.last.position,
                sigma_m: vessel.last.sigma_m,
                track: Some(vessel.track),
                zone: None,
                evidence: doubt.evidence.clone(),
                lines: vec![
                    ("contradiction", weight, text),
                    ("repeated", 1.0, "it was heard more than once".to_owned()),
                ],
                attributes: vec![vessel.identity()],
                ended: false,
            });
        }
    }
}

/// What cannot be so, whoever says it.
fn impossible(said: &Particulars) -> Vec<(&'static str, f64, String)> {
    let mut all = Vec::new();
    if let Some(number) = said.imo_number
        && number > 0
        && !is_imo(number)
    {
        // Crews also enter other registers' numbers; a wrong check digit is more often a slip.
        let text = format!("{number} is no IMO number: its check digit is wrong");
        all.push(("number", 0.5, text));
    }
    let (length_m, beam_m) = (said.length_m.unwrap_or(0.0), said.beam_m.unwrap_or(0.0));
    let too_broad = length_m > LENGTH_M_SMALL && beam_m > BEAM_SHARE_MAX * length_m;
    if length_m > LENGTH_M_MAX || beam_m > BEAM_M_MAX || too_broad {
        let text = format!("no vessel is {length_m:.0} m long and {beam_m:.0} m broad");
        all.push(("dimensions", 1.5, text));
    }
    if let Some(draught_m) = said.draught_m
        && (draught_m > DRAUGHT_M_MAX || (length_m > 0.0 && draught_m > length_m))
    {
        let text = format!("no vessel of {length_m:.0} m draws {draught_m:.1} m");
        all.push(("draught", 1.5, text));
    }
    all
}

/// True for a number of seven digits whose last is the check digit: the sum of the others, times 7
/// down to 2, modulo 10 (IMO Resolution A.1117(30), annex).
fn is_imo(number: u32) -> bool {
    if !(1_000_000..=9_999_999).contains(&number) {
        return false;
    }
    let digit = |place: u32| number / 10_u32.pow(place) % 10;
    let sum: u32 = (1..=6).map(|place| digit(place) * (place + 1)).sum();
    sum % 10 == digit(0)
}

#[cfg(test)]
mod tests {
    use truce_core::Digest;

    use super::*;

    #[test]
    fn imo_numbers_have_a_check_digit() {
        // 9811000 is Ever Given, 9074729 the example of the resolution's scheme.
        for (number, valid) in [
            (9_811_000, true),
            (9_074_729, true),
            (9_811_001, false),
            (0, false),
            (123, false),
        ] {
            assert_eq!(is_imo(number), valid, "{number}");
        }
    }

    /// The behaviours of what is impossible in dimensions and number.
    fn check(length_m: f64, beam_m: f64, draught_m: f64, imo: u32, expected: &[&str]) {
        let said = Particulars {
            at_s: 0.0,
            mmsi: 1,
            observation: ObservationId(Digest::of(b"said")),
            name: None,
            imo_number: Some(imo),
            ship_type: None,
            length_m: Some(length_m),
            beam_m: Some(beam_m),
            draught_m: Some(draught_m),
        };
        let found: Vec<&str> = impossible(&said).iter().map(|(name, ..)| *name).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn no_vessel_is_of_any_size() {
        check(400.0, 59.0, 15.7, 9_811_000, &[]);
        check(382.0, 124.0, 25.0, 0, &[]);
        check(12.0, 11.0, 1.0, 0, &[]);
        check(511.0, 60.0, 12.0, 0, &["dimensions"]);
        check(100.0, 90.0, 8.0, 0, &["dimensions"]);
        check(20.0, 6.0, 25.5, 1_234_567, &["draught"]);
        check(200.0, 30.0, 10.0, 1_234_568, &["number"]);
    }
}
