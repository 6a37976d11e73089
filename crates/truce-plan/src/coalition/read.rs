//! Reads `coalition.toml`.

use truce_core::document::{Document, Fields, Issues, Names, Node, Refusal};
use truce_core::document::{boolean, integer, one_of, slug, slugs, text, timestamp};
use truce_core::mission::grade;

use super::read_pledge::read_contribution;
use super::{Capability, Coalition, Condition, Course, Exclusion, Figure, NamedPlace};
use super::{Position, Requirement, Site};
use crate::truth::{TRUTHS, Truth};
use crate::watch;

pub(crate) const CAPABILITIES: [(&str, Capability); 12] = [
    ("land", Capability::Land),
    ("air", Capability::Air),
    ("sea", Capability::Sea),
    ("surveillance", Capability::Surveillance),
    ("air_defence", Capability::AirDefence),
    ("electronic_warfare", Capability::ElectronicWarfare),
    ("naval_protection", Capability::NavalProtection),
    ("training", Capability::Training),
    ("logistics", Capability::Logistics),
    ("medical", Capability::Medical),
    ("engineering", Capability::Engineering),
    ("observers", Capability::Observers),
];

/// Largest quantity of anything.
const QUANTITY_MAX: i64 = 10_000_000;
/// Longest course, notice or turn, days: ten years.
pub(super) const DAYS_MAX: i64 = 3_653;

pub(crate) fn read<'d>(
    document: &'d Document,
    names: &mut Names<'d>,
    issues: &'d Issues,
) -> Coalition {
    let fields = document.fields(issues);
    for kind in ["condition", "requirement", "contribution", "position"] {
        names.open(kind);
    }
    for kind in ["sector or place", "exclusion", "figure", "site", "course"] {
        names.open(kind);
    }
    let places = each(&fields, "places", names, read_place);
    let sites = each(&fields, "sites", names, read_site);
    let courses = each(&fields, "courses", names, read_course);
    let conditions = each(&fields, "conditions", names, read_condition);
    let exclusions = each(&fields, "exclusions", names, read_exclusion);
    let requirements = each(&fields, "requirements", names, read_requirement);
    let contributions = each(&fields, "contributions", names, read_contribution);
    let positions = each(&fields, "positions", names, read_position);
    let figures = each(&fields, "figures", names, read_figure);
    let watch = watch::read::read(&fields, names);
    fields.finish();
    Coalition {
        places,
        sites,
        courses,
        conditions,
        exclusions,
        requirements,
        contributions,
        positions,
        figures,
        watch,
    }
}

pub(crate) fn each<'d, T>(
    fields: &Fields<'d>,
    key: &str,
    names: &mut Names<'d>,
    read: fn(Fields<'d>, &mut Names<'d>) -> Option<T>,
) -> Vec<T> {
    let tables = fields.tables(key);
    tables
        .into_iter()
        .filter_map(|table| read(table, names))
        .collect()
}

/// A number of days, at least one.
pub(super) fn days(node: &Node) -> Result<u32, Refusal> {
    let value = integer(1..=DAYS_MAX)(node)?;
    u32::try_from(value).map_err(|_| (format!("{value} is out of range"), String::new()))
}

/// A whole number of things.
pub(super) fn quantity(node: &Node) -> Result<u32, Refusal> {
    let value = integer(0..=QUANTITY_MAX)(node)?;
    u32::try_from(value).map_err(|_| (format!("{value} is out of range"), String::new()))
}

/// A year, a month or a day, as a report gives it: `2025`, `2025-03` or `2025-03-20`.
pub(crate) fn date(node: &Node) -> Result<String, Refusal> {
    let date = text(node)?;
    let parts: Vec<&str> = date.split('-').collect();
    let number = |i: usize, width: usize, most: u32| {
        parts.get(i).is_none_or(|part| {
            let digits = part.len() == width && part.bytes().all(|b| b.is_ascii_digit());
            digits && part.parse().is_ok_and(|n: u32| (1..=most).contains(&n))
        })
    };
    if parts.len() <= 3 && number(0, 4, 9999) && number(1, 2, 12) && number(2, 2, 31) {
        return Ok(date);
    }
    let hint = "write what is known: \"2025\", \"2025-03\" or \"2025-03-20\"";
    Err((format!("`{date}` is no date"), hint.to_owned()))
}

fn read_place<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<NamedPlace> {
    let id = fields.need("id", slug);
    names.define("sector or place", id.as_ref(), &fields, "id");
    let name = fields.need("name", text);
    fields.finish();
    Some(NamedPlace {
        id: id?,
        name: name?,
    })
}

fn read_site<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Site> {
    let id = fields.need("id", slug);
    names.define("site", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let place = fields.need("place", slug);
    names.refer("sector or place", place.as_ref(), &fields, "place");
    let trainees_max = fields.need("trainees_max", quantity);
    let illustrative = fields.maybe("illustrative", boolean).unwrap_or(false);
    let basis = fields.need("basis", text);
    fields.finish();
    Some(Site {
        id: id?,
        title: title?,
        place: place?,
        trainees_max: trainees_max?,
        illustrative,
        basis: basis?,
    })
}

fn read_course<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Course> {
    let id = fields.need("id", slug);
    names.define("course", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let site = fields.need("site", slug);
    names.refer("site", site.as_ref(), &fields, "site");
    let requirement = fields.need("requirement", slug);
    names.refer("requirement", requirement.as_ref(), &fields, "requirement");
    let days = fields.need("days", days);
    let trainees = fields.need("trainees", quantity);
    let parallel = fields.maybe("parallel", quantity).unwrap_or(1);
    let illustrative = fields.maybe("illustrative", boolean).unwrap_or(false);
    let basis = fields.need("basis", text);
    fields.finish();
    Some(Course {
        id: id?,
        title: title?,
        site: site?,
        requirement: requirement?,
        days: days?,
        trainees: trainees?,
        parallel,
        illustrative,
        basis: basis?,
    })
}

fn read_condition<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Condition> {
    let id = fields.need("id", slug);
    names.define("condition", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let decided_by_vote = fields.maybe("decided_by_vote", slug);
    names.refer("vote", decided_by_vote.as_ref(), &fields, "decided_by_vote");
    let state = if fields.node("decided_by_vote").is_some() {
        if fields.node("state").is_some() {
            let hint = "remove `state`; the vote's outcome is its state".to_owned();
            fields.issue_at("state", "a vote decides this condition".to_owned(), hint);
        }
        Some(Truth::Unknown)
    } else {
        fields.need("state", one_of(&TRUTHS))
    };
    let as_of = fields.need("as_of", date);
    let evidence = fields.need("evidence", text);
    let illustrative = fields.maybe("illustrative", boolean).unwrap_or(false);
    fields.finish();
    Some(Condition {
        id: id?,
        title: title?,
        state: state?,
        as_of: as_of?,
        evidence: evidence?,
        decided_by_vote,
        illustrative,
    })
}

fn read_exclusion<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Exclusion> {
    let id = fields.need("id", slug);
    names.define("exclusion", id.as_ref(), &fields, "id");
    let conditions = fields.need("conditions", slugs);
    names.refer_all("condition", &fields, "conditions");
    if conditions.as_ref().is_some_and(|list| list.len() < 2) {
        let hint = "name two or more conditions of which at most one holds".to_owned();
        fields.issue_at(
            "conditions",
            "one condition excludes nothing".to_owned(),
            hint,
        );
    }
    let text = fields.need("text", text);
    fields.finish();
    Some(Exclusion {
        id: id?,
        conditions: conditions?,
        text: text?,
    })
}

fn read_requirement<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Requirement> {
    let id = fields.need("id", slug);
    names.define("requirement", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let layer = fields.need("layer", slug);
    names.refer("layer", layer.as_ref(), &fields, "layer");
    let territory = fields.need("territory", slug);
    names.refer("territory", territory.as_ref(), &fields, "territory");
    let place = fields.need("place", slug);
    names.refer("sector or place", place.as_ref(), &fields, "place");
    let capability = fields.need("capability", one_of(&CAPABILITIES));
    let quantity = fields.need("quantity", quantity);
    check_unit(&fields, capability);
    let priority = fields.need("priority", integer(1..=9));
    let impartial_only = fields.maybe("impartial_only", boolean).unwrap_or(false);
    let tasks = fields.maybe("tasks", slugs).unwrap_or_default();
    let notice_days_max = fields.maybe("notice_days_max", self::quantity);
    let from = fields.maybe("from", timestamp);
    let until = fields.maybe("until", timestamp);
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        let hint = "`until` is the first instant at which it is no longer needed".to_owned();
        fields.issue_at("until", "it ends before it begins".to_owned(), hint);
    }
    let illustrative = fields.maybe("illustrative", boolean).unwrap_or(false);
    let basis = fields.need("basis", text);
    fields.finish();
    Some(Requirement {
        id: id?,
        title: title?,
        layer: layer?,
        territory: territory?,
        place: place?,
        capability: capability?,
        quantity: quantity?,
        priority: u8::try_from(priority?).ok()?,
        impartial_only,
        tasks,
        notice_days_max,
        from,
        until,
        illustrative,
        basis: basis?,
    })
}

/// The unit is written out, so that nobody has to guess, and must be the capability's own.
pub(super) fn check_unit(fields: &Fields<'_>, capability: Option<Capability>) {
    let unit = fields.need("unit", text);
    if let (Some(unit), Some(capability)) = (unit, capability)
        && unit != capability.unit()
    {
        let message = format!("{capability:?} is not counted in `{unit}`");
        fields.issue_at("unit", message, format!("count `{}`", capability.unit()));
    }
}

fn read_position<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Position> {
    let id = fields.need("id", slug);
    names.define("position", id.as_ref(), &fields, "id");
    let actor = fields.need("actor", slug);
    names.refer("actor", actor.as_ref(), &fields, "actor");
    let speaker = fields.maybe("speaker", text);
    let date = fields.need("date", date);
    let words = fields.need("text", text);
    let note = fields.maybe("note", text);
    let reported_by = fields.need("reported_by", text);
    let grade = fields.need("grade", grade);
    let contradicts = fields.maybe("contradicts", slugs).unwrap_or_default();
    names.refer_all("position", &fields, "contradicts");
    let layers = fields.maybe("layers", slugs).unwrap_or_default();
    names.refer_all("layer", &fields, "layers");
    fields.finish();
    Some(Position {
        id: id?,
        actor: actor?,
        speaker,
        date: date?,
        text: words?,
        note,
        reported_by: reported_by?,
        grade: grade?,
        contradicts,
        layers,
    })
}

fn read_figure<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Figure> {
    let id = fields.need("id", slug);
    names.define("figure", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let value = fields.need("value", text);
    let source = fields.need("source", text);
    fields.finish();
    Some(Figure {
        id: id?,
        title: title?,
        value: value?,
        source: source?,
    })
}
