//! Warships through straits: tonnage in transit and in the sea behind them, and how long they stay, from
//! what notices declare (Convention regarding the Regime of the Straits, Montreux, 20 July 1936, 173 LNTS
//! 213). The numbers are the mission's data ([`Straits`]).
//!
//! Only what was declared is counted, and to the declarer's advantage: a vessel is in the sea from the
//! end of its passage in to the beginning of its passage out. Not counted: auxiliary vessels that carry
//! fuel (Art. 9), visits by invitation (Art. 17), humanitarian forces (Art. 18, 1 d), and what Türkiye may
//! decide when it is at war or threatened (Art. 20, 21). This room calls nothing a breach: it says which
//! article's number a declaration exceeds.

mod tell;

use std::collections::BTreeMap;

use serde::Serialize;
use truce_core::mission::Straits;
use truce_core::notice::{Bound, Transit, Warship};
use truce_core::time::{DAY_S, plus_seconds, seconds_between};
use truce_core::{Incident, Interval, Notice, ObservationId, Slug, Timestamp};

/// A declared transit, and the observation that it came by.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'a> {
    /// The notice; without a transit it counts for nothing.
    pub notice: &'a Notice,
    /// What it was read from.
    pub observation: ObservationId,
}

/// What is in transit and in the sea.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Counters {
    /// When.
    pub at: Timestamp,
    /// Tons of foreign naval forces in transit, and the most that may be.
    pub transit_t: f64,
    /// See `transit_t`.
    pub transit_t_max: f64,
    /// Tons of others than riparian powers in the sea, and the most that may be.
    pub sea_t: f64,
    /// See `sea_t`.
    pub sea_t_max: f64,
    /// The most that one of them may have.
    pub power_t_max: f64,
    /// Tons of each of them.
    pub powers_t: BTreeMap<Slug, f64>,
    /// Their vessels in the sea.
    pub vessels: Vec<Stay>,
}

/// A vessel of another than a riparian power in the sea.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stay {
    /// Its name.
    pub vessel: String,
    /// Its flag.
    pub flag: Slug,
    /// Its tonnage.
    pub tonnage_t: f64,
    /// The end of its passage in.
    pub entered_at: Timestamp,
    /// The beginning of its passage out, as far as one was declared.
    pub leaves_at: Option<Timestamp>,
    /// When it must have left.
    pub leave_by: Timestamp,
    /// The declaration of the passage in, by its place.
    #[serde(skip)]
    by: usize,
}

/// A number that a declaration exceeds.
struct Excess<'a> {
    article: &'static str,
    by: Declared<'a>,
    transit: &'a Transit,
    vessel: Option<&'a str>,
    during: Interval,
    /// What is declared and what is allowed, with their unit.
    declared: (f64, f64, &'static str),
    text: String,
}

/// The counters at an instant.
#[must_use]
pub fn count(straits: &Straits, declared: &[Declared<'_>], at: Timestamp) -> Counters {
    let passages = passages(declared);
    let stays: Vec<Stay> = stays(straits, &passages)
        .into_iter()
        .filter(|stay| stay.is_at(at))
        .collect();
    let mut powers_t: BTreeMap<Slug, f64> = BTreeMap::new();
    for stay in &stays {
        *powers_t.entry(stay.flag.clone()).or_default() += stay.tonnage_t;
    }
    Counters {
        at,
        transit_t: in_transit(straits, &passages, at).0,
        transit_t_max: straits.transit_t_max,
        // Not a sum, which of nothing is -0.
        sea_t: stays.iter().fold(0.0, |tons, stay| tons + stay.tonnage_t),
        sea_t_max: straits.sea_t_max(),
        power_t_max: straits.power_share_max * straits.sea_t_max(),
        powers_t,
        vessels: stays,
    }
}

/// An incident for each number that a declaration exceeds, or that a stay exceeds by now; each as its
/// first revision, in order of the declarations.
#[must_use]
pub fn excesses(straits: &Straits, declared: &[Declared<'_>], now: Timestamp) -> Vec<Incident> {
    let passages = passages(declared);
    let stays = stays(straits, &passages);
    let mut found = Vec::new();
    for (number, (by, transit)) in passages.iter().enumerate() {
        let about = About {
            straits,
            by: *by,
            transit,
        };
        found.extend(about.notice());
        found.extend(about.war());
        found.extend(about.transit(&passages));
        found.extend(about.sea(&stays, number));
        let own = stays.iter().filter(|stay| stay.by == number);
        found.extend(own.filter_map(|stay| about.stay(stay, now)));
    }
    found
        .iter()
        .map(|excess| tell::incident(straits, excess))
        .collect()
}

type Passage<'a> = (Declared<'a>, &'a Transit);

/// Declared passages in order of time, then of when and under which name they were declared.
fn passages<'a>(declared: &[Declared<'a>]) -> Vec<Passage<'a>> {
    let of = |one: &Declared<'a>| Some((*one, one.notice.transit.as_ref()?));
    let mut all: Vec<Passage<'a>> = declared.iter().filter_map(of).collect();
    all.sort_by(|(a, _), (b, _)| {
        let order = |n: &'a Notice| (n.window.start, n.given_at, &n.party, &n.id);
        order(a.notice).cmp(&order(b.notice))
    });
    all
}

/// The stays of others than riparian powers that follow from passages in and out.
fn stays(straits: &Straits, passages: &[Passage<'_>]) -> Vec<Stay> {
    let mut stays = Vec::new();
    let inward = passages.iter().enumerate();
    for (by, (declared, transit)) in inward.filter(|(_, (_, t))| t.bound == Bound::In) {
        if straits.is_riparian(&transit.flag) {
            continue;
        }
        let entered_at = declared.notice.window.end;
        for ship in &transit.vessels {
            let leaves = |(out, other): &&Passage<'_>| {
                let is_same = other.vessels.iter().any(|one| one.name == ship.name);
                other.bound == Bound::Out
                    && other.flag == transit.flag
                    && is_same
                    && out.notice.window.start >= entered_at
            };
            let leaves_at = passages.iter().find(leaves);
            stays.push(Stay {
                vessel: ship.name.clone(),
                flag: transit.flag.clone(),
                tonnage_t: ship.tonnage_t,
                entered_at,
                leaves_at: leaves_at.map(|(out, _)| out.notice.window.start),
                leave_by: plus_seconds(entered_at, straits.stay_s_max),
                by,
            });
        }
    }
    stays
}

impl Stay {
    fn is_at(&self, at: Timestamp) -> bool {
        self.entered_at <= at && self.leaves_at.is_none_or(|leaves| at < leaves)
    }
}

/// Tons and vessels of foreign naval forces in transit at an instant. A riparian power's ship above the
/// limit passes by itself (Art. 11) and does not count.
fn in_transit(straits: &Straits, passages: &[Passage<'_>], at: Timestamp) -> (f64, usize) {
    let now = passages.iter().filter(|(declared, transit)| {
        let Interval { start, end } = declared.notice.window;
        transit.flag != straits.power && (start..=end).contains(&at)
    });
    let counted = now.flat_map(|(_, transit)| {
        let single = straits.is_riparian(&transit.flag);
        let counts = move |ship: &&Warship| !(single && ship.tonnage_t > straits.transit_t_max);
        transit.vessels.iter().filter(counts)
    });
    counted.fold((0.0, 0), |(tons, count), ship| {
        (tons + ship.tonnage_t, count + 1)
    })
}

/// A passage that is held against the rules.
struct About<'a> {
    straits: &'a Straits,
    by: Declared<'a>,
    transit: &'a Transit,
}

impl<'a> About<'a> {
    fn excess(
        &self,
        article: &'static str,
        declared: (f64, f64, &'static str),
        text: String,
    ) -> Excess<'a> {
        Excess {
            article,
            by: self.by,
            transit: self.transit,
            vessel: None,
            during: self.by.notice.window,
            declared,
            text,
        }
    }

    /// Art. 13: how long before.
    fn notice(&self) -> Option<Excess<'a>> {
        let notice = self.by.notice;
        let before_s = seconds_between(notice.given_at, notice.window.start);
        let least_s = self.straits.notice_s_min;
        (before_s < least_s && self.transit.flag != self.straits.power).then(|| {
            let text = format!(
                "The passage was declared {:.1} days before it begins, at least {:.0} are asked for.",
                before_s / DAY_S,
                least_s / DAY_S
            );
            self.excess("13", (before_s / DAY_S, least_s / DAY_S, "d"), text)
        })
    }

    /// Art. 19: passage of belligerents' warships.
    fn war(&self) -> Option<Excess<'a>> {
        let war = self.straits.war.as_ref()?;
        let at = self.by.notice.window.start;
        let goes_on = war.since <= at && war.until.is_none_or(|until| at < until);
        let is_closed = goes_on
            && war.belligerents.contains(&self.transit.flag)
            && !self.transit.returns_to_base;
        is_closed.then(|| {
            let count = self.transit.vessels.len() as f64;
            let text =
                "The flag is a belligerent's, and the vessels are not declared to return to \
                        their bases."
                    .to_owned();
            self.excess("19", (count, 0.0, "vessels"), text)
        })
    }

    /// Art. 14: tons and vessels in transit when it begins.
    fn transit(&self, passages: &[Passage<'_>]) -> Option<Excess<'a>> {
        if self.transit.flag == self.straits.power {
            return None;
        }
        let at = self.by.notice.window.start;
        let (tons, count) = in_transit(self.straits, passages, at);
        let (tons_max, count_max) = (self.straits.transit_t_max, self.straits.transit_vessels_max);
        if tons > tons_max {
            let text = format!(
                "{tons:.0} t of foreign naval forces are in transit when it begins, {tons_max:.0} t may be."
            );
            return Some(self.excess("14", (tons, tons_max, "t"), text));
        }
        let (count, count_max) = (count as f64, f64::from(count_max));
        (count > count_max).then(|| {
            let text = format!(
                "{count:.0} foreign warships are in transit when it begins, {count_max:.0} may be."
            );
            self.excess("14", (count, count_max, "vessels"), text)
        })
    }

    /// Art. 18, 1: tons in the sea when it has entered, of all and of its power.
    fn sea(&self, stays: &[Stay], number: usize) -> Vec<Excess<'a>> {
        let Some(own) = stays.iter().find(|stay| stay.by == number) else {
            return Vec::new();
        };
        let there = || stays.iter().filter(|stay| stay.is_at(own.entered_at));
        let tons: f64 = there().map(|stay| stay.tonnage_t).sum();
        let power = there().filter(|stay| stay.flag == own.flag);
        let of_power: f64 = power.map(|stay| stay.tonnage_t).sum();
        let most = self.straits.sea_t_max();
        let power_max = most * self.straits.power_share_max;
        let mut found = Vec::new();
        if tons > most {
            let text = format!(
                "With it {tons:.0} t of powers not on the sea are there, {most:.0} t may be."
            );
            found.push(self.excess("18-1-a", (tons, most, "t"), text));
        }
        if of_power > power_max {
            let text = format!(
                "With it {of_power:.0} t of {} are in the sea, {power_max:.0} t may be.",
                own.flag
            );
            found.push(self.excess("18-1-c", (of_power, power_max, "t"), text));
        }
        found
    }

    /// Art. 18, 2: how long it stays, as declared or by now.
    fn stay(&self, stay: &Stay, now: Timestamp) -> Option<Excess<'a>> {
        let stays_s = match stay.leaves_at {
            Some(leaves) => seconds_between(stay.entered_at, leaves),
            None => seconds_between(stay.entered_at, now),
        };
        let most_s = self.straits.stay_s_max;
        if stays_s <= most_s {
            return None;
        }
        let days = most_s / DAY_S;
        let text = match stay.leaves_at {
            Some(_) => format!(
                "{} stays for {:.1} days as declared, {days:.0} are allowed.",
                stay.vessel,
                stays_s / DAY_S
            ),
            None => format!(
                "{} has not been declared to leave within the {days:.0} days that are allowed.",
                stay.vessel
            ),
        };
        // While it stays on the time by which it exceeds grows with every look: it is not told.
        let told_s = stay.leaves_at.map_or(most_s, |_| stays_s);
        let vessel = self.transit.vessels.iter();
        let vessel = vessel
            .map(|ship| ship.name.as_str())
            .find(|name| *name == stay.vessel);
        Some(Excess {
            vessel,
            during: Interval::between(stay.leave_by, stay.leaves_at.unwrap_or(stay.leave_by)),
            ..self.excess("18-2", (told_s / DAY_S, most_s / DAY_S, "d"), text)
        })
    }
}
