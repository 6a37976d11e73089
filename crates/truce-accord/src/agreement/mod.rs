//! The agreement as data: versions, clauses and their terms, as `agreement.toml` states them.
//!
//! The format is documented in `docs/agreement.md`; the examples there are parsed by a test.
//! Every length and threshold is data of the agreement; what stands here as a constant is only the
//! value used when the agreement is silent.

mod read;
mod references;
mod relevance;
mod roles;
mod rules;
mod standards;
mod terms;

use serde::{Deserialize, Serialize};
use truce_core::time::seconds_between;
use truce_core::{ClauseKind, EventClass, ObjectKind, Slug, Timestamp};

pub use relevance::{RELEVANCE, is_relevant};
pub use roles::{Permission, Role, may};
pub use standards::StandardOfProof;

/// A ceasefire agreement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Its title.
    pub title: String,
    /// Its versions, oldest first.
    pub versions: Vec<Version>,
    /// Duties that run against time once a violation is verified.
    pub clocks: Vec<ClockRule>,
    /// The classes of weapons it knows.
    pub weapons: Vec<WeaponClass>,
    /// Who may do what with findings; empty is everybody everything.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// What suffices for the steps of a finding.
    #[serde(default)]
    pub standards: Vec<StandardOfProof>,
}

/// A duty that runs against time, counted from the first verified violation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClockRule {
    /// Which duty, such as `response`.
    pub name: Slug,
    /// Its title for people.
    pub title: String,
    /// How long it runs, hours.
    pub hours: f64,
    /// How long before it lapses it warns, hours; `None` is a quarter of it.
    #[serde(default)]
    pub warn_hours: Option<f64>,
}

/// A class of weapons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeaponClass {
    /// Its name, as sightings and reports use it.
    pub id: Slug,
    /// Its title for people.
    pub title: String,
    /// Classes that are part of it.
    pub includes: Vec<Slug>,
}

/// The clauses that hold from an instant on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// From when it holds.
    pub effective_from: Timestamp,
    /// Its title, when it has one.
    pub title: Option<String>,
    /// Its clauses.
    pub clauses: Vec<Clause>,
}

/// One clause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clause {
    /// Its name.
    pub id: Slug,
    /// What it is about.
    pub kind: ClauseKind,
    /// Its title for people.
    pub title: String,
    /// Its number in the agreement, such as `3(2)`.
    pub article: Option<String>,
    /// Whom it binds: parties or other actors.
    pub binds: Vec<Slug>,
    /// What it says.
    pub terms: Terms,
    /// What it says in the text that a party signed, where that differs.
    pub text_of: Vec<PartyText>,
}

/// The text of a clause as one party signed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartyText {
    /// The party.
    pub party: Slug,
    /// What its text says.
    pub terms: Terms,
}

/// What one text of a clause says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// The article's words.
    pub text: String,
    /// Where it holds; empty is everywhere.
    pub zones: Vec<Slug>,
    /// From when it holds, when later than its version.
    pub from: Option<Timestamp>,
    /// Until when it holds; that instant is no longer part of it.
    pub until: Option<Timestamp>,
    /// When there are phases, it holds only during one of them.
    pub phases: Vec<Phase>,
    /// Who and what is exempt.
    pub exempt: Exempt,
    /// When a breach is stated, and how a presence is measured.
    pub thresholds: Thresholds,
    /// What the kind of clause adds.
    pub rule: Rule,
}

/// A part of the time in which a clause holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// Its title for people.
    pub title: String,
    /// From when.
    pub from: Timestamp,
    /// Until when; that instant is no longer part of it. `None` is without end.
    pub until: Option<Timestamp>,
    /// Where the clause holds during this phase; empty is as the clause says.
    pub zones: Vec<Slug>,
}

/// Who and what a clause does not concern. An exemption must be shown: an object that is not known
/// to be exempt is not exempt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Exempt {
    /// Actors.
    pub actors: Vec<Slug>,
    /// Single objects: `mmsi:227006760`, `icao:4b1812`, `serial:a-17`.
    pub identities: Vec<String>,
    /// Kinds of objects.
    pub objects: Vec<ObjectKind>,
    /// Weapon classes.
    pub weapons: Vec<Slug>,
}

/// When a breach is stated, and how a presence is measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// From this probability on it is a breach.
    pub breach: f64,
    /// Up to this probability it is compliant; between the two it is undetermined.
    pub compliant: f64,
    /// A stay shorter than this is no presence, seconds.
    pub dwell_s: f64,
    /// An object that was inside is outside only when it is farther out than this, metres.
    pub hysteresis_m: f64,
    /// An object not heard of for longer than this may be anywhere, seconds.
    pub silence_s: f64,
    /// A fix nearer to a border than so many standard deviations is on neither side.
    pub border_sigmas: f64,
}

impl Default for Thresholds {
    /// Used where the agreement is silent. The probabilities are the borders of "very likely" and
    /// "very unlikely" in ICD 203; one hour without a fix is ten of the longest reporting intervals
    /// of a vessel at anchor (ITU-R M.1371-5, table 1: 3 minutes), rounded up.
    fn default() -> Self {
        Self {
            breach: 0.8,
            compliant: 0.2,
            dwell_s: 0.0,
            hysteresis_m: 0.0,
            silence_s: 3_600.0,
            border_sigmas: 2.0,
        }
    }
}

/// What each kind of clause adds to the terms that all have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Rule {
    /// No use of weapons.
    NoFire {
        /// The classes of events that are meant.
        events: Vec<EventClass>,
    },
    /// Nothing of these kinds in the zones, or across the lines.
    NoPresence(Subject),
    /// Weapons withdrawn.
    Withdrawal {
        /// Each duty to withdraw.
        withdraw: Vec<Withdraw>,
    },
    /// Weapons kept in holding areas.
    Storage {
        /// The weapon classes that must be stored; empty is any.
        weapons: Vec<Slug>,
        /// What is stored where.
        register: Vec<Register>,
    },
    /// Who may fly where.
    Airspace(Subject),
    /// Freedom of a sea corridor.
    Corridor(Corridor),
    /// Objects that may not be attacked.
    ProtectedObjects {
        /// The use of weapons within this distance of an object is an attack on it, metres.
        radius_m: f64,
    },
    /// No mines, no works.
    NoMinesOrWorks,
    /// Freedom of movement and work of the monitors.
    Access {
        /// A delay up to this is none, seconds.
        delay_s_max: f64,
    },
    /// Passage of aid.
    HumanitarianPassage {
        /// True when the use of weapons in the zones hinders passage too.
        fire: bool,
    },
    /// Movements allowed when notified.
    NotifiedMovement {
        /// What must be notified.
        subject: Subject,
        /// A notice must be given at least so long before, seconds.
        notice_s: f64,
        /// Movements of fewer than this need no notice.
        count_min: u32,
    },
    /// Protection of civilians.
    CivilianProtection {
        /// True when the use of weapons in the zones is meant too.
        fire: bool,
    },
}

impl Rule {
    /// The kind of clause it belongs to.
    #[must_use]
    pub fn kind(&self) -> ClauseKind {
        match self {
            Self::NoFire { .. } => ClauseKind::NoFire,
            Self::NoPresence(_) => ClauseKind::NoPresence,
            Self::Withdrawal { .. } => ClauseKind::Withdrawal,
            Self::Storage { .. } => ClauseKind::Storage,
            Self::Airspace(_) => ClauseKind::Airspace,
            Self::Corridor(_) => ClauseKind::Corridor,
            Self::ProtectedObjects { .. } => ClauseKind::ProtectedObjects,
            Self::NoMinesOrWorks => ClauseKind::NoMinesOrWorks,
            Self::Access { .. } => ClauseKind::Access,
            Self::HumanitarianPassage { .. } => ClauseKind::HumanitarianPassage,
            Self::NotifiedMovement { .. } => ClauseKind::NotifiedMovement,
            Self::CivilianProtection { .. } => ClauseKind::CivilianProtection,
        }
    }

    /// What it forbids to be somewhere, for the kinds that speak of objects.
    #[must_use]
    pub fn subject(&self) -> Option<&Subject> {
        match self {
            Self::NoPresence(subject)
            | Self::Airspace(subject)
            | Self::NotifiedMovement { subject, .. } => Some(subject),
            _ => None,
        }
    }
}

/// The objects that a clause speaks of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// Their kinds.
    pub objects: Vec<ObjectKind>,
    /// Of weapons only these classes; empty is any.
    pub weapons: Vec<Slug>,
}

/// One duty to withdraw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Withdraw {
    /// The weapon class.
    pub weapon: Slug,
    /// Whose weapons; `None` is every party's.
    pub party: Option<Slug>,
    /// From where.
    pub place: Clear,
    /// From when on the place must be clear: the deadline of the withdrawal.
    pub by: Option<Timestamp>,
    /// Until when; that instant is no longer part of it.
    pub until: Option<Timestamp>,
}

/// The place that withdrawn weapons have left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clear {
    /// An area.
    Zone(Slug),
    /// Everything nearer to a line than a distance.
    Line {
        /// The line.
        line: Slug,
        /// The distance, metres.
        distance_m: f64,
        /// On which side, seen along the line; `None` is both.
        side: Option<Side>,
    },
}

/// A side of a line, seen along it from its first corner to its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Left of it.
    Left,
    /// Right of it.
    Right,
}

/// What is stored where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Register {
    /// The weapon class.
    pub weapon: Slug,
    /// The holding area.
    pub zone: Slug,
    /// Serial numbers; empty when single weapons are not registered.
    pub serials: Vec<String>,
}

/// What is forbidden in a corridor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hindrance {
    /// Vessels obstructed or boarded.
    Obstruction,
    /// Vessels that leave the corridor.
    Deviation,
    /// Vessels that stop without leave.
    Stop,
    /// Anyone who comes too close to a vessel.
    Bubble,
    /// Vessels that fall silent.
    Silence,
    /// Vessels that send false positions.
    FalsePosition,
    /// Satellite navigation disturbed.
    Interference,
}

/// The rules of a corridor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Corridor {
    /// What is forbidden.
    pub forbids: Vec<Hindrance>,
    /// A vessel that was inside has left when it is farther out than this, metres.
    pub deviation_m: f64,
    /// Slower than this is a stop, metres per second.
    pub stop_speed_m_s: f64,
    /// A stop shorter than this is none, seconds.
    pub stop_s: f64,
    /// Nearer than this is too close to a vessel, metres.
    pub bubble_m: f64,
    /// Where a vessel may leave the corridor and stop: ports, roads, inspection areas.
    pub ends: Vec<Slug>,
}

impl Agreement {
    /// The version in force at an instant; `None` before the first.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> Option<&Version> {
        let after = self
            .versions
            .partition_point(|version| version.effective_from <= at);
        after.checked_sub(1).map(|i| &self.versions[i])
    }

    /// When a version ends because the next one begins; `None` for the last.
    #[must_use]
    pub fn ends_at(&self, version: &Version) -> Option<Timestamp> {
        let later = |other: &&Version| other.effective_from > version.effective_from;
        self.versions
            .iter()
            .find(later)
            .map(|next| next.effective_from)
    }

    /// True when a weapon class is one of those wanted or part of one of them. An empty list wants
    /// every class.
    #[must_use]
    pub fn weapon_among(&self, weapon: &Slug, wanted: &[Slug]) -> bool {
        wanted.is_empty() || wanted.iter().any(|want| self.is_part(weapon, want, 0))
    }

    /// Whether a reported weapon is of one of the classes wanted. A report may name no class, or one
    /// that is wider than those wanted: then it may be.
    #[must_use]
    pub fn weapon_match(&self, weapon: Option<&Slug>, wanted: &[Slug]) -> WeaponMatch {
        match weapon {
            _ if wanted.is_empty() => WeaponMatch::Yes,
            None => WeaponMatch::Unknown,
            Some(weapon) if self.weapon_among(weapon, wanted) => WeaponMatch::Yes,
            Some(weapon) if wanted.iter().any(|part| self.is_part(part, weapon, 0)) => {
                WeaponMatch::Unknown
            }
            Some(_) => WeaponMatch::No,
        }
    }

    /// True when class `part` is class `whole` or included in it, over at most
    /// [`WEAPON_DEPTH_MAX`] steps.
    fn is_part(&self, part: &Slug, whole: &Slug, depth: usize) -> bool {
        part == whole
            || (depth < WEAPON_DEPTH_MAX
                && self
                    .weapons
                    .iter()
                    .find(|class| class.id == *whole)
                    .is_some_and(|class| {
                        let mut parts = class.includes.iter();
                        parts.any(|inner| self.is_part(part, inner, depth + 1))
                    }))
    }
}

/// Whether a weapon is of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WeaponMatch {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// It may be.
    Unknown,
}

/// Deepest nesting of weapon classes; an agreement's annex has two or three.
pub const WEAPON_DEPTH_MAX: usize = 8;

impl Clause {
    /// All texts of the clause: the common one first under `None`, then those of single parties.
    pub fn texts(&self) -> impl Iterator<Item = (Option<&Slug>, &Terms)> {
        let common = std::iter::once((None, &self.terms));
        let own = self
            .text_of
            .iter()
            .map(|text| (Some(&text.party), &text.terms));
        common.chain(own)
    }
}

impl Terms {
    /// The parts of time in which the terms hold, `[from, until)`, each with its zones.
    #[must_use]
    pub fn periods(&self) -> Vec<Period<'_>> {
        let whole = Period {
            from: self.from,
            until: self.until,
            zones: &self.zones,
            title: None,
        };
        if self.phases.is_empty() {
            return vec![whole];
        }
        self.phases
            .iter()
            .map(|phase| Period {
                from: later(self.from, Some(phase.from)),
                until: earlier(self.until, phase.until),
                zones: if phase.zones.is_empty() {
                    &self.zones
                } else {
                    &phase.zones
                },
                title: Some(&phase.title),
            })
            .collect()
    }

    /// Every zone that the terms name as their place, phases included.
    #[must_use]
    pub fn all_zones(&self) -> Vec<&Slug> {
        let phased = self.phases.iter().flat_map(|phase| &phase.zones);
        let mut zones: Vec<&Slug> = self.zones.iter().chain(phased).collect();
        match &self.rule {
            Rule::Withdrawal { withdraw } => {
                zones.extend(withdraw.iter().map(|row| match &row.place {
                    Clear::Zone(zone) => zone,
                    Clear::Line { line, .. } => line,
                }));
            }
            Rule::Storage { register, .. } => zones.extend(register.iter().map(|row| &row.zone)),
            _ => {}
        }
        zones.sort();
        zones.dedup();
        zones
    }
}

/// A part of time in which terms hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Period<'a> {
    /// From when; `None` is since its version.
    pub from: Option<Timestamp>,
    /// Until when, exclusive; `None` is without end.
    pub until: Option<Timestamp>,
    /// Where; empty is everywhere.
    pub zones: &'a [Slug],
    /// The phase's title.
    pub title: Option<&'a str>,
}

impl Period<'_> {
    /// True when an instant lies in it.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// The share of an interval that lies in it; for an instant 0 or 1.
    #[must_use]
    pub fn share(&self, interval: truce_core::Interval) -> f64 {
        let length_s = interval.length_s();
        if length_s <= 0.0 {
            return f64::from(u8::from(self.contains(interval.start)));
        }
        let start = later(self.from, Some(interval.start)).unwrap_or(interval.start);
        let end = earlier(self.until, Some(interval.end)).unwrap_or(interval.end);
        (seconds_between(start, end) / length_s).clamp(0.0, 1.0)
    }
}

fn later(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.max(b)
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

/// The words of `agreement.toml` for object kinds.
pub const OBJECT_WORDS: [(&str, ObjectKind); 7] = [
    ("vessel", ObjectKind::Vessel),
    ("warship", ObjectKind::Warship),
    ("aircraft", ObjectKind::Aircraft),
    ("uav", ObjectKind::Uav),
    ("vehicle", ObjectKind::Vehicle),
    ("weapon", ObjectKind::Weapon),
    ("troops", ObjectKind::Troops),
];

/// The words of `agreement.toml` for classes of events.
pub const EVENT_WORDS: [(&str, EventClass); 8] = [
    ("artillery", EventClass::Artillery),
    ("drone_strike", EventClass::DroneStrike),
    ("small_arms", EventClass::SmallArms),
    ("farm_fire", EventClass::FarmFire),
    ("industrial_heat", EventClass::IndustrialHeat),
    ("quarry_blast", EventClass::QuarryBlast),
    ("thunder", EventClass::Thunder),
    ("other", EventClass::Other),
];
