//! Reading `agreement.toml`: every mistake is reported at once, with its place and a hint.

use truce_core::document::{Document, Fields, Issues, in_range, one_of, slug, text, timestamp};
use truce_core::mission::Mission;
use truce_core::{ClauseKind, Slug};

use super::references::{Named, References};
use super::roles::read_roles;
use super::standards::read_standards;
use super::terms::{Reading, read_terms, read_thresholds};
use super::{Agreement, Clause, ClockRule, PartyText, Thresholds, Version, WeaponClass};

/// Longest clock, hours: one year.
const CLOCK_HOURS_MAX: f64 = 366.0 * 24.0;

/// The words of `agreement.toml` for the kinds of clauses.
pub(crate) const KIND_WORDS: [(&str, ClauseKind); 12] = [
    ("no_fire", ClauseKind::NoFire),
    ("no_presence", ClauseKind::NoPresence),
    ("withdrawal", ClauseKind::Withdrawal),
    ("storage", ClauseKind::Storage),
    ("airspace", ClauseKind::Airspace),
    ("corridor", ClauseKind::Corridor),
    ("protected_objects", ClauseKind::ProtectedObjects),
    ("no_mines_or_works", ClauseKind::NoMinesOrWorks),
    ("access", ClauseKind::Access),
    ("humanitarian_passage", ClauseKind::HumanitarianPassage),
    ("notified_movement", ClauseKind::NotifiedMovement),
    ("civilian_protection", ClauseKind::CivilianProtection),
];

impl Agreement {
    /// Reads the agreement of a mission. `None` when anything was wrong; what it was is in
    /// `issues`: unknown keys, and unknown zones, actors and weapon classes, are mistakes.
    #[must_use]
    pub fn read(document: &Document, mission: &Mission, issues: &Issues) -> Option<Self> {
        let before = issues.len();
        let fields = document.fields(issues);
        let references = References::new(mission);
        let title = fields.need("title", text);
        let weapons = read_weapons(&fields);
        references.add_weapons(&weapons);
        check_includes(&fields, &references);
        let clocks = read_clocks(&fields);
        let roles = read_roles(&fields);
        let standards = read_standards(&fields);
        let thresholds = match fields.table("thresholds") {
            Some(table) => read_thresholds(table, Thresholds::default()),
            None => Thresholds::default(),
        };
        fields.need("version", |_| Ok(()));
        let versions = read_versions(&fields, &references, thresholds);
        fields.finish();
        if issues.len() > before {
            return None;
        }
        Some(Self {
            title: title?,
            versions,
            clocks,
            weapons,
            roles,
            standards,
        })
    }
}

/// Reports a name that stands twice in a list of tables.
fn refuse_twice(fields: &Fields<'_>, key: &str, id: &Slug, seen: &mut Vec<Slug>) {
    if seen.contains(id) {
        let message = format!("`{id}` stands here twice");
        fields.issue_at(key, message, "give each its own name".to_owned());
    }
    seen.push(id.clone());
}

fn read_weapons(fields: &Fields<'_>) -> Vec<WeaponClass> {
    let mut weapons: Vec<WeaponClass> = Vec::new();
    let mut seen = Vec::new();
    for table in fields.tables("weapon") {
        let id = table.need("id", slug);
        let title = table.need("title", text);
        let includes = table.maybe("includes", truce_core::document::slugs);
        if let Some(id) = &id {
            refuse_twice(&table, "id", id, &mut seen);
        }
        table.finish();
        if let (Some(id), Some(title)) = (id, title) {
            weapons.push(WeaponClass {
                id,
                title,
                includes: includes.unwrap_or_default(),
            });
        }
    }
    weapons
}

/// Reports classes that are included but not declared. They may be declared further down, so this
/// comes after all are read.
fn check_includes(fields: &Fields<'_>, references: &References<'_>) {
    for table in fields.tables("weapon") {
        let _ = references.names(&table, "includes", Named::Weapon);
    }
}

fn read_clocks(fields: &Fields<'_>) -> Vec<ClockRule> {
    let mut seen = Vec::new();
    let mut clocks = Vec::new();
    for table in fields.tables("clock") {
        let name = table.need("name", slug);
        let title = table.need("title", text);
        let hours = table.need("hours", in_range(0.0..=CLOCK_HOURS_MAX));
        let warn_hours = table.maybe("warn_hours", in_range(0.0..=CLOCK_HOURS_MAX));
        if let Some(name) = &name {
            refuse_twice(&table, "name", name, &mut seen);
        }
        table.finish();
        if let (Some(name), Some(title), Some(hours)) = (name, title, hours) {
            clocks.push(ClockRule {
                name,
                title,
                hours,
                warn_hours,
            });
        }
    }
    clocks
}

fn read_versions(
    fields: &Fields<'_>,
    references: &References<'_>,
    thresholds: Thresholds,
) -> Vec<Version> {
    let mut versions: Vec<Version> = Vec::new();
    for table in fields.tables("version") {
        let effective_from = table.need("effective_from", timestamp);
        let title = table.maybe("title", text);
        table.need("clause", |_| Ok(()));
        let mut seen = Vec::new();
        let clauses: Vec<Clause> = table
            .tables("clause")
            .into_iter()
            .filter_map(|clause| read_clause(clause, references, thresholds, &mut seen))
            .collect();
        if let (Some(from), Some(last)) = (effective_from, versions.last())
            && from <= last.effective_from
        {
            let message = "the version is not later than the one above it".to_owned();
            let hint = "put the versions in order, oldest first".to_owned();
            table.issue_at("effective_from", message, hint);
        }
        table.finish();
        if let Some(effective_from) = effective_from {
            versions.push(Version {
                effective_from,
                title,
                clauses,
            });
        }
    }
    versions
}

fn read_clause(
    fields: Fields<'_>,
    references: &References<'_>,
    thresholds: Thresholds,
    seen: &mut Vec<Slug>,
) -> Option<Clause> {
    let id = fields.need("id", slug);
    if let Some(id) = &id {
        refuse_twice(&fields, "id", id, seen);
    }
    let title = fields.need("title", text);
    let article = fields.maybe("article", text);
    let binds = references.names(&fields, "binds", Named::Actor);
    // Without its kind nobody knows which keys a clause may have: reading it ends here.
    let kind = fields.need("kind", one_of(&KIND_WORDS))?;
    let terms = read_terms(
        &fields,
        &Reading {
            references,
            thresholds,
            kind,
            base: None,
        },
    );
    let own = fields.tables("text_of");
    let mut text_of: Vec<PartyText> = Vec::new();
    for table in own {
        table.need("party", |_| Ok(()));
        let party = references.name(&table, "party", Named::Party);
        let reading = Reading {
            references,
            thresholds,
            kind,
            base: terms.as_ref(),
        };
        // Over broken common terms every inherited field would be reported a second time.
        let own_terms = terms.as_ref().and_then(|_| read_terms(&table, &reading));
        if let Some(party) = &party
            && text_of.iter().any(|text| text.party == *party)
        {
            let message = format!("`{party}` has two texts of its own");
            table.issue_at("party", message, "join them into one".to_owned());
        }
        if terms.is_some() {
            table.finish();
        }
        if let (Some(party), Some(terms)) = (party, own_terms) {
            text_of.push(PartyText { party, terms });
        }
    }
    fields.finish();
    let binds = binds.unwrap_or_else(|| references.parties());
    Some(Clause {
        id: id?,
        kind,
        title: title?,
        article,
        binds,
        terms: terms?,
        text_of,
    })
}
