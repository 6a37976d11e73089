//! Reads the contributions of `coalition.toml`.

use truce_core::document::{Fields, Names};
use truce_core::document::{boolean, in_range, one_of, slug, slugs, text, timestamp};

use super::read::{CAPABILITIES, check_unit, days, quantity};
use super::{Contribution, Pledge, Readiness, Role, Rotation};
use crate::truth::{self, Expression, expression};

const PLEDGES: [(&str, Pledge); 4] = [
    ("firm", Pledge::Firm),
    ("conditional", Pledge::Conditional),
    ("under_review", Pledge::UnderReview),
    ("refused", Pledge::Refused),
];

const READINESS: [(&str, Readiness); 4] = [
    ("verified", Readiness::Verified),
    ("declared", Readiness::Declared),
    ("partial", Readiness::Partial),
    ("planned", Readiness::Planned),
];

/// Largest cost, million euro a year.
const COST_MAX: f64 = 1e6;

pub(super) fn read_contribution<'d>(
    fields: Fields<'d>,
    names: &mut Names<'d>,
) -> Option<Contribution> {
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
    let mut list = |key: &str, kind: Option<&'static str>| {
        if let Some(kind) = kind {
            names.refer_all(kind, &fields, key);
        }
        fields.maybe(key, slugs).unwrap_or_default()
    };
    let (layer, place) = (Some("layer"), Some("sector or place"));
    let (layers, layers_denied) = (list("layers", layer), list("layers_denied", layer));
    let (places, places_denied) = (list("places", place), list("places_denied", place));
    let (tasks, tasks_denied) = (list("tasks", None), list("tasks_denied", None));
    let territories_denied = list("territories_denied", Some("territory"));
    let positions = list("positions", Some("position"));
    let roles = fields.tables("roles").into_iter().filter_map(read_role);
    let roles = roles.collect();
    let status = fields.need("status", one_of(&PLEDGES));
    let when = fields.maybe("when", expression);
    truth::refer(&fields, "when", names);
    if status == Some(Pledge::Conditional) {
        let _ = fields.need("when", |_| Ok(()));
    }
    let (time, basis) = (read_time(&fields), fields.need("basis", text));
    let cost = fields.maybe("cost_million_eur_per_year", in_range(0.0..=COST_MAX));
    let illustrative = fields.maybe("illustrative", boolean).unwrap_or(false);
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
        tasks,
        layers_denied,
        places_denied,
        tasks_denied,
        territories_denied,
        roles,
        status: status?,
        when: when.unwrap_or_else(Expression::always),
        ready: time.ready,
        sustain_days: time.sustain_days,
        rotation: time.rotation,
        readiness: time.readiness,
        notice_days: time.notice_days,
        cost_million_eur_per_year: cost,
        illustrative,
        positions,
        basis: basis?,
    })
}

/// When a contribution is there.
struct Time {
    ready: Option<truce_core::Timestamp>,
    sustain_days: Option<u32>,
    rotation: Option<Rotation>,
    readiness: Option<Readiness>,
    notice_days: Option<u32>,
}

fn read_time(fields: &Fields<'_>) -> Time {
    Time {
        ready: fields.maybe("ready", timestamp),
        sustain_days: fields.maybe("sustain_days", quantity),
        rotation: fields.table("rotation").and_then(read_rotation),
        readiness: fields.maybe("readiness", one_of(&READINESS)),
        notice_days: fields.maybe("notice_days", quantity),
    }
}

fn read_rotation(fields: Fields<'_>) -> Option<Rotation> {
    let (on_days, off_days) = (fields.need("on_days", days), fields.need("off_days", days));
    fields.finish();
    Some(Rotation {
        on_days: on_days?,
        off_days: off_days?,
    })
}

fn read_role(fields: Fields<'_>) -> Option<Role> {
    let capability = fields.need("capability", one_of(&CAPABILITIES));
    let quantity = fields.need("quantity", quantity);
    check_unit(&fields, capability);
    fields.finish();
    Some(Role {
        capability: capability?,
        quantity: quantity?,
    })
}
