//! Reading what each kind of clause adds to its terms.

use truce_core::document::{
    Fields, Node, Refusal, boolean, in_range, integer, list, one_of, text, timestamp,
};
use truce_core::{ClauseKind, EventClass, Slug};

use super::references::Named;
use super::terms::{DISTANCE_M_MAX, Reading};
use super::{
    Clear, Corridor, EVENT_WORDS, Hindrance, OBJECT_WORDS, Register, Rule, Side, Subject, Withdraw,
};

const HINDRANCE_WORDS: [(&str, Hindrance); 7] = [
    ("obstruction", Hindrance::Obstruction),
    ("deviation", Hindrance::Deviation),
    ("stop", Hindrance::Stop),
    ("bubble", Hindrance::Bubble),
    ("silence", Hindrance::Silence),
    ("false_position", Hindrance::FalsePosition),
    ("interference", Hindrance::Interference),
];

const SIDE_WORDS: [(&str, Side); 2] = [("left", Side::Left), ("right", Side::Right)];

/// Longest notice and delay, seconds: one year.
const SECONDS_MAX: f64 = 366.0 * 86_400.0;

/// Reads the rule of a clause's kind.
pub(super) fn read_rule(fields: &Fields<'_>, reading: &Reading<'_>) -> Option<Rule> {
    let base = reading.base.map(|terms| &terms.rule);
    match reading.kind {
        ClauseKind::NoFire => Some(read_no_fire(fields, reading, base)),
        ClauseKind::NoPresence => read_subject(fields, reading, base).map(Rule::NoPresence),
        ClauseKind::Airspace => read_subject(fields, reading, base).map(Rule::Airspace),
        ClauseKind::Withdrawal => read_withdrawal(fields, reading, base),
        ClauseKind::Storage => read_storage(fields, reading, base),
        ClauseKind::Corridor => read_corridor(fields, reading, base).map(Rule::Corridor),
        ClauseKind::NoMinesOrWorks => Some(Rule::NoMinesOrWorks),
        ClauseKind::NotifiedMovement => read_notified(fields, reading, base),
        ClauseKind::ProtectedObjects => {
            let inherited = match base {
                Some(Rule::ProtectedObjects { radius_m }) => Some(radius_m),
                _ => None,
            };
            let read = in_range(0.0..=DISTANCE_M_MAX);
            let radius_m = reading.need(fields, "radius_m", inherited, read)?;
            Some(Rule::ProtectedObjects { radius_m })
        }
        ClauseKind::Access => {
            let inherited = match base {
                Some(Rule::Access { delay_s_max }) => Some(delay_s_max),
                _ => None,
            };
            let read = in_range(0.0..=SECONDS_MAX);
            let delay_s_max = reading.or(fields, "delay_s_max", inherited, 0.0, read);
            Some(Rule::Access { delay_s_max })
        }
        ClauseKind::HumanitarianPassage => Some(Rule::HumanitarianPassage {
            fire: read_fire(fields, reading, base),
        }),
        ClauseKind::CivilianProtection => Some(Rule::CivilianProtection {
            fire: read_fire(fields, reading, base),
        }),
    }
}

fn read_no_fire(fields: &Fields<'_>, reading: &Reading<'_>, base: Option<&Rule>) -> Rule {
    let inherited = match base {
        Some(Rule::NoFire { events }) => Some(events),
        _ => None,
    };
    let weapons = EventClass::ALL.into_iter().filter(|c| c.uses_weapons());
    let read = list(one_of(&EVENT_WORDS));
    let events = reading.or(fields, "events", inherited, weapons.collect(), read);
    Rule::NoFire { events }
}

fn read_fire(fields: &Fields<'_>, reading: &Reading<'_>, base: Option<&Rule>) -> bool {
    let inherited = match base {
        Some(Rule::HumanitarianPassage { fire } | Rule::CivilianProtection { fire }) => Some(fire),
        _ => None,
    };
    reading.or(fields, "fire", inherited, false, boolean)
}

/// A list that is not empty.
fn some<T>(
    read: impl Fn(&Node) -> Result<Vec<T>, Refusal>,
) -> impl Fn(&Node) -> Result<Vec<T>, Refusal> {
    move |node| {
        let items = read(node)?;
        if items.is_empty() {
            let hint = "name at least one".to_owned();
            return Err(("the list is empty".to_owned(), hint));
        }
        Ok(items)
    }
}

fn read_subject(
    fields: &Fields<'_>,
    reading: &Reading<'_>,
    base: Option<&Rule>,
) -> Option<Subject> {
    let base = base.and_then(Rule::subject);
    let read = some(list(one_of(&OBJECT_WORDS)));
    let objects = reading.need(fields, "objects", base.map(|b| &b.objects), read);
    let weapons = read_weapons(fields, reading, base.map(|b| &b.weapons));
    Some(Subject {
        objects: objects?,
        weapons,
    })
}

fn read_weapons(fields: &Fields<'_>, reading: &Reading<'_>, base: Option<&Vec<Slug>>) -> Vec<Slug> {
    let given = reading.references.names(fields, "weapons", Named::Weapon);
    given.or_else(|| base.cloned()).unwrap_or_default()
}

fn read_notified(fields: &Fields<'_>, reading: &Reading<'_>, base: Option<&Rule>) -> Option<Rule> {
    let (notice, count) = match base {
        Some(Rule::NotifiedMovement {
            notice_s,
            count_min,
            ..
        }) => (Some(notice_s), Some(count_min)),
        _ => (None, None),
    };
    let count_min = |node: &Node| {
        let number = integer(1..=i64::from(u32::MAX))(node)?;
        u32::try_from(number).map_err(|_| ("it is too large".to_owned(), String::new()))
    };
    let subject = read_subject(fields, reading, base);
    let notice_s = reading.need(fields, "notice_s", notice, in_range(0.0..=SECONDS_MAX));
    let count_min = reading.or(fields, "count_min", count, 1, count_min);
    Some(Rule::NotifiedMovement {
        subject: subject?,
        notice_s: notice_s?,
        count_min,
    })
}

fn read_withdrawal(
    fields: &Fields<'_>,
    reading: &Reading<'_>,
    base: Option<&Rule>,
) -> Option<Rule> {
    if let (None, Some(base)) = (fields.node("withdraw"), base) {
        return Some(base.clone());
    }
    fields.need("withdraw", |_| Ok(()))?;
    let rows: Vec<_> = fields
        .tables("withdraw")
        .into_iter()
        .map(|row| read_withdraw(row, reading))
        .collect();
    let withdraw = rows.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Rule::Withdrawal { withdraw })
}

fn read_withdraw(row: Fields<'_>, reading: &Reading<'_>) -> Option<Withdraw> {
    let references = reading.references;
    row.need("weapon", |_| Ok(()));
    let weapon = references.name(&row, "weapon", Named::Weapon);
    let party = references.name(&row, "party", Named::Party);
    let by = row.maybe("by", timestamp);
    let until = row.maybe("until", timestamp);
    let place = match (row.node("zone").is_some(), row.node("line").is_some()) {
        (true, false) => references.name(&row, "zone", Named::Area).map(Clear::Zone),
        (false, true) => {
            let line = references.name(&row, "line", Named::Line);
            let distance_m = row.need("distance_m", in_range(0.0..=DISTANCE_M_MAX));
            let side = row.maybe("side", one_of(&SIDE_WORDS));
            line.zip(distance_m).map(|(line, distance_m)| Clear::Line {
                line,
                distance_m,
                side,
            })
        }
        (both, _) => {
            let message = if both {
                "it has both `zone` and `line`"
            } else {
                "it has neither `zone` nor `line`"
            };
            let hint = "give either `zone`, or `line` with `distance_m`".to_owned();
            row.issue_at("line", message.to_owned(), hint);
            None
        }
    };
    row.finish();
    Some(Withdraw {
        weapon: weapon?,
        party,
        place: place?,
        by,
        until,
    })
}

fn read_storage(fields: &Fields<'_>, reading: &Reading<'_>, base: Option<&Rule>) -> Option<Rule> {
    let (base_weapons, base_register) = match base {
        Some(Rule::Storage { weapons, register }) => (Some(weapons), Some(register)),
        _ => (None, None),
    };
    let weapons = read_weapons(fields, reading, base_weapons);
    if let (None, Some(register)) = (fields.node("register"), base_register) {
        let register = register.clone();
        return Some(Rule::Storage { weapons, register });
    }
    fields.need("register", |_| Ok(()))?;
    let references = reading.references;
    let read = |row: Fields<'_>| {
        row.need("weapon", |_| Ok(()));
        row.need("zone", |_| Ok(()));
        let weapon = references.name(&row, "weapon", Named::Weapon);
        let zone = references.name(&row, "zone", Named::Area);
        let serials = row.maybe("serials", list(text)).unwrap_or_default();
        row.finish();
        Some(Register {
            weapon: weapon?,
            zone: zone?,
            serials,
        })
    };
    let rows: Vec<_> = fields.tables("register").into_iter().map(read).collect();
    let register = rows.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Rule::Storage { weapons, register })
}

fn read_corridor(
    fields: &Fields<'_>,
    reading: &Reading<'_>,
    base: Option<&Rule>,
) -> Option<Corridor> {
    let base = match base {
        Some(Rule::Corridor(corridor)) => Some(corridor),
        _ => None,
    };
    let words = some(list(one_of(&HINDRANCE_WORDS)));
    let forbids = reading.need(fields, "forbids", base.map(|b| &b.forbids), words)?;
    // A figure is needed only where something that uses it is forbidden.
    let figure = |key: &str, what: Hindrance, max: f64, inherited: Option<f64>| {
        let read = in_range(0.0..=max);
        if forbids.contains(&what) {
            reading.need(fields, key, inherited.as_ref(), read)
        } else {
            Some(fields.maybe(key, read).or(inherited).unwrap_or(0.0))
        }
    };
    let speed = base.map(|b| b.stop_speed_m_s);
    let deviation_m = figure(
        "deviation_m",
        Hindrance::Deviation,
        DISTANCE_M_MAX,
        base.map(|b| b.deviation_m),
    );
    let stop_speed_m_s = figure("stop_speed_m_s", Hindrance::Stop, 1_000.0, speed);
    let stop_s = figure(
        "stop_s",
        Hindrance::Stop,
        SECONDS_MAX,
        base.map(|b| b.stop_s),
    );
    let bubble_m = figure(
        "bubble_m",
        Hindrance::Bubble,
        DISTANCE_M_MAX,
        base.map(|b| b.bubble_m),
    );
    let ends = reading.references.names(fields, "ends", Named::Area);
    let ends = ends.or_else(|| base.map(|b| b.ends.clone()));
    Some(Corridor {
        deviation_m: deviation_m?,
        stop_speed_m_s: stop_speed_m_s?,
        stop_s: stop_s?,
        bubble_m: bubble_m?,
        ends: ends.unwrap_or_default(),
        forbids,
    })
}
