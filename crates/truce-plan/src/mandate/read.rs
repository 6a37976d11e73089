//! Reads `mandate.toml`.

use std::collections::BTreeMap;

use truce_core::Slug;
use truce_core::document::{Document, Fields, Issues, Names, boolean, integer, one_of};
use truce_core::document::{list, slug, slugs, text, timestamp};

use super::{BasisKind, Council, Layer, LegalBasis, Mandate, Permit, Territory, Vote};
use crate::coalition::read::{CAPABILITIES, date};
use crate::council::{Ballot, Matter, Member};
use crate::truth::{self, Expression, expression};

const BALLOTS: [(&str, Ballot); 3] = [
    ("yes", Ballot::Yes),
    ("no", Ballot::No),
    ("abstain", Ballot::Abstain),
];

const MATTERS: [(&str, Matter); 3] = [
    ("procedural", Matter::Procedural),
    ("pacific_settlement", Matter::PacificSettlement),
    ("other", Matter::Other),
];

const BASIS_KINDS: [(&str, BasisKind); 8] = [
    ("chapter_vi", BasisKind::ChapterVi),
    ("chapter_vii", BasisKind::ChapterVii),
    ("uniting_for_peace", BasisKind::UnitingForPeace),
    ("chapter_viii", BasisKind::ChapterViii),
    ("invitation", BasisKind::Invitation),
    ("self_defence", BasisKind::SelfDefence),
    ("agreement", BasisKind::Agreement),
    ("general_law", BasisKind::GeneralLaw),
];

/// Permanent and elected members (Charter, Article 23).
const PERMANENT: usize = 5;
const ELECTED: usize = 10;

pub(crate) fn read<'d>(
    document: &'d Document,
    names: &mut Names<'d>,
    issues: &'d Issues,
) -> Option<Mandate> {
    let fields = document.fields(issues);
    for kind in ["layer", "territory", "member", "vote", "legal basis"] {
        names.open(kind);
    }
    let councils = read_councils(&fields, names);
    let each = |key: &str| fields.tables(key);
    let (layers, territories, votes, bases) = (
        each("layers"),
        each("territories"),
        each("votes"),
        each("bases"),
    );
    let layers = layers
        .into_iter()
        .filter_map(|table| read_layer(table, names))
        .collect();
    let territories = territories
        .into_iter()
        .filter_map(|table| read_territory(table, names))
        .collect();
    let votes = votes
        .into_iter()
        .filter_map(|table| read_vote(table, &councils, names))
        .collect();
    let bases = bases
        .into_iter()
        .filter_map(|table| read_basis(table, names))
        .collect();
    fields.finish();
    Some(Mandate {
        layers,
        territories,
        councils,
        votes,
        bases,
    })
}

fn read_councils<'d>(fields: &Fields<'d>, names: &mut Names<'d>) -> Vec<Council> {
    let _ = fields.need("councils", |_| Ok(()));
    let tables = fields.tables("councils").into_iter();
    let mut councils: Vec<Council> = Vec::new();
    for table in tables {
        let span = table.span();
        let (source, issues) = table.context();
        let Some(council) = read_council(table, names) else {
            continue;
        };
        if councils.iter().any(|other| other.year == council.year) {
            let message = format!("the Council of {} is described twice", council.year);
            let hint = "its members change on 1 January; one table a year".to_owned();
            issues.push(source.issue(&span, message, hint));
        }
        councils.push(council);
    }
    councils
}

/// Years of the Charter.
const YEARS: std::ops::RangeInclusive<i64> = 1946..=9999;

fn read_council<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Council> {
    let year = fields.need("year", integer(YEARS));
    let mut members: Vec<Member> = Vec::new();
    for table in fields.tables("members") {
        let id = table.need("id", slug);
        let twice = id
            .as_ref()
            .is_some_and(|id| members.iter().any(|m| m.id == *id));
        if twice {
            let hint = "each member has one seat".to_owned();
            table.issue_at("id", "the member is named twice".to_owned(), hint);
        }
        let name = table.need("name", text);
        let permanent = table.maybe("permanent", boolean).unwrap_or(false);
        table.finish();
        if let (Some(id), Some(name)) = (id, name) {
            names.know("member", &id);
            members.push(Member {
                id,
                name,
                permanent,
            });
        }
    }
    let permanent = members.iter().filter(|member| member.permanent).count();
    let elected = members.len() - permanent;
    if (permanent, elected) != (PERMANENT, ELECTED) {
        let message = format!("{permanent} permanent and {elected} elected members are named");
        let hint = "the Council has five permanent and ten elected members (Article 23)";
        fields.issue_at("members", message, hint.to_owned());
    }
    fields.finish();
    let year = u16::try_from(year?).ok()?;
    Some(Council { year, members })
}

fn read_layer<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Layer> {
    let id = fields.need("id", slug);
    names.define("layer", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let territories = fields.need("territories", slugs);
    names.refer_all("territory", &fields, "territories");
    fields.finish();
    Some(Layer {
        id: id?,
        title: title?,
        territories: territories?,
    })
}

fn read_territory<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Territory> {
    let id = fields.need("id", slug);
    names.define("territory", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let held_by = fields.maybe("held_by", slug);
    names.refer("actor", held_by.as_ref(), &fields, "held_by");
    let consents = fields.maybe("consents", slugs).unwrap_or_default();
    names.refer_all("condition", &fields, "consents");
    fields.finish();
    Some(Territory {
        id: id?,
        title: title?,
        held_by,
        consents,
    })
}

fn read_vote<'d>(fields: Fields<'d>, councils: &[Council], names: &mut Names<'d>) -> Option<Vote> {
    let id = fields.need("id", slug);
    names.define("vote", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let year = fields.need("year", integer(YEARS));
    let date = fields.maybe("date", date);
    let matter = fields.need("matter", one_of(&MATTERS));
    let parties = fields.maybe("parties_to_dispute", slugs);
    names.refer_all("member", &fields, "parties_to_dispute");
    let held = fields.need("held", boolean);
    let mut ballots: BTreeMap<Slug, Ballot> = BTreeMap::new();
    if let Some(table) = fields.table("ballots") {
        for (word, ballot) in BALLOTS {
            names.refer_all("member", &table, word);
            for member in table.maybe(word, slugs).unwrap_or_default() {
                if ballots.insert(member.clone(), ballot).is_some() {
                    let message = format!("`{member}` votes twice");
                    table.issue_at(word, message, "each member has one ballot".to_owned());
                }
            }
        }
        table.finish();
    }
    let year = year.and_then(|year| u16::try_from(year).ok());
    check_seats(&fields, year, ballots.keys(), councils);
    let illustrative = fields.maybe("illustrative", boolean).unwrap_or(false);
    let source = fields.need("source", text);
    fields.finish();
    Some(Vote {
        year: year?,
        date,
        id: id?,
        title: title?,
        matter: matter?,
        parties_to_dispute: parties.unwrap_or_default(),
        held: held?,
        ballots,
        illustrative,
        source: source?,
    })
}

/// Who votes must sit in the Council of the year.
fn check_seats<'a>(
    fields: &Fields<'_>,
    year: Option<u16>,
    voters: impl Iterator<Item = &'a Slug>,
    councils: &[Council],
) {
    let Some(year) = year else { return };
    let Some(council) = councils.iter().find(|council| council.year == year) else {
        let known: Vec<String> = councils.iter().map(|c| c.year.to_string()).collect();
        let message = format!("the Council of {year} is not described");
        let hint = format!("described are {}", known.join(", "));
        return fields.issue_at("year", message, hint);
    };
    let somewhere = |id: &Slug| {
        councils
            .iter()
            .any(|c| c.members.iter().any(|m| m.id == *id))
    };
    for id in voters {
        let seated = council.members.iter().any(|member| member.id == *id);
        if !seated && somewhere(id) {
            let message = format!("`{id}` has no seat in the Council of {year}");
            fields.issue_at("ballots", message, "remove its ballot".to_owned());
        }
    }
}

fn read_basis<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<LegalBasis> {
    let id = fields.need("id", slug);
    names.define("legal basis", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let kind = fields.need("kind", one_of(&BASIS_KINDS));
    let vote = fields.maybe("vote", slug);
    names.refer("vote", vote.as_ref(), &fields, "vote");
    let given_by = fields.maybe("given_by", slug);
    names.refer("actor", given_by.as_ref(), &fields, "given_by");
    let needs = fields.maybe("needs", expression);
    truth::refer(&fields, "needs", names);
    let expires = fields.maybe("expires", timestamp);
    let permits = fields.tables("permits");
    let permits = permits
        .into_iter()
        .filter_map(|table| read_permit(table, names))
        .collect();
    let illustrative = fields.maybe("illustrative", boolean).unwrap_or(false);
    let source = fields.need("source", text);
    if kind.is_some_and(BasisKind::rests_on_a_vote) {
        let _ = fields.need("vote", |_| Ok(()));
    }
    if kind.is_some_and(BasisKind::ends_at_the_line) {
        let _ = fields.need("given_by", |_| Ok(()));
    }
    fields.finish();
    Some(LegalBasis {
        id: id?,
        title: title?,
        kind: kind?,
        vote,
        given_by,
        needs: needs.unwrap_or_else(Expression::always),
        expires,
        permits,
        illustrative,
        source: source?,
    })
}

fn read_permit<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Permit> {
    let layers = fields.need("layers", slugs);
    names.refer_all("layer", &fields, "layers");
    let territories = fields.need("territories", slugs);
    names.refer_all("territory", &fields, "territories");
    let capabilities = fields.maybe("capabilities", list(one_of(&CAPABILITIES)));
    fields.finish();
    Some(Permit {
        layers: layers?,
        territories: territories?,
        capabilities: capabilities.unwrap_or_default(),
    })
}
