//! Reads `coalition.toml`.

use truce_core::document::{Document, Fields, Issues, Names, Node, Refusal};
use truce_core::document::{boolean, integer, one_of, slug, slugs, text, timestamp};
use truce_core::mission::grade;

use super::{Capability, Coalition, Condition, Contribution, Exclusion, Figure, NamedPlace};
use super::{Pledge, Position, Requirement};
use crate::truth::{self, Expression, TRUTHS, Truth, expression};

const CAPABILITIES: [(&str, Capability); 12] = [
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

const PLEDGES: [(&str, Pledge); 4] = [
    ("firm", Pledge::Firm),
    ("conditional", Pledge::Conditional),
    ("under_review", Pledge::UnderReview),
    ("refused", Pledge::Refused),
];

/// Largest quantity of anything.
const QUANTITY_MAX: i64 = 10_000_000;

pub(crate) fn read<'d>(
    document: &'d Document,
    names: &mut Names<'d>,
    issues: &'d Issues,
) -> Coalition {
    let fields = document.fields(issues);
    for kind in ["condition", "requirement", "contribution", "position"] {
        names.open(kind);
    }
    for kind in ["sector or place", "exclusion", "figure"] {
        names.open(kind);
    }
    let places = each(&fields, "places", names, read_place);
    let conditions = each(&fields, "conditions", names, read_condition);
    let exclusions = each(&fields, "exclusions", names, read_exclusion);
    let requirements = each(&fields, "requirements", names, read_requirement);
    let contributions = each(&fields, "contributions", names, read_contribution);
    let positions = each(&fields, "positions", names, read_position);
    let figures = each(&fields, "figures", names, read_figure);
    fields.finish();
    Coalition {
        places,
        conditions,
        exclusions,
        requirements,
        contributions,
        positions,
        figures,
    }
}

fn each<'d, T>(
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

/// A whole number of things.
fn quantity(node: &Node) -> Result<u32, Refusal> {
    let value = integer(0..=QUANTITY_MAX)(node)?;
    u32::try_from(value).map_err(|_| (format!("{value} is out of range"), String::new()))
}

/// A year, a month or a day, as a report gives it: `2025`, `2025-03` or `2025-03-20`.
fn date(node: &Node) -> Result<String, Refusal> {
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
    let from = fields.maybe("from", timestamp);
    let until = fields.maybe("until", timestamp);
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
        from,
        until,
        illustrative,
        basis: basis?,
    })
}

/// The unit is written out, so that nobody has to guess, and must be the capability's own.
fn check_unit(fields: &Fields<'_>, capability: Option<Capability>) {
    let unit = fields.need("unit", text);
    if let (Some(unit), Some(capability)) = (unit, capability)
        && unit != capability.unit()
    {
        let message = format!("{capability:?} is not counted in `{unit}`");
        fields.issue_at("unit", message, format!("count `{}`", capability.unit()));
    }
}

fn read_contribution<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Contribution> {
    let id = fields.need("id", slug);
    names.define("contribution", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let contributor = fields.need("contributor", slug);
    names.refer("actor", contributor.as_ref(), &fields, "contributor");
    let capability = fields.need("capability", one_of(&CAPABILITIES));
    let quantity = fields.maybe("quantity", quantity);
    if fields.node("quantity").is_some() {
        check_unit(&fields, capability);
    }
    let divisible = fields.maybe("divisible", boolean).unwrap_or(true);
    let impartial = fields.maybe("impartial", boolean).unwrap_or(false);
    let layers = fields.maybe("layers", slugs).unwrap_or_default();
    names.refer_all("layer", &fields, "layers");
    let places = fields.maybe("places", slugs).unwrap_or_default();
    names.refer_all("sector or place", &fields, "places");
    let denied = fields.maybe("territories_denied", slugs);
    names.refer_all("territory", &fields, "territories_denied");
    let status = fields.need("status", one_of(&PLEDGES));
    let when = fields.maybe("when", expression);
    truth::refer(&fields, "when", names);
    if status == Some(Pledge::Conditional) {
        let _ = fields.need("when", |_| Ok(()));
    }
    let ready = fields.maybe("ready", timestamp);
    let sustain_days = fields.maybe("sustain_days", self::quantity);
    let illustrative = fields.maybe("illustrative", boolean).unwrap_or(false);
    let positions = fields.maybe("positions", slugs).unwrap_or_default();
    names.refer_all("position", &fields, "positions");
    let basis = fields.need("basis", text);
    fields.finish();
    Some(Contribution {
        id: id?,
        title: title?,
        contributor: contributor?,
        capability: capability?,
        quantity,
        divisible,
        impartial,
        layers,
        places,
        territories_denied: denied.unwrap_or_default(),
        status: status?,
        when: when.unwrap_or_else(Expression::always),
        ready,
        sustain_days,
        illustrative,
        positions,
        basis: basis?,
    })
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
