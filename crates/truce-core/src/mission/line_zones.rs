//! The zones that follow from a line of contact: the buffer zone around it, the airspace over it,
//! and for each party and weapon class the area to be left and the line that bounds it.

use super::offset::{outline, sides};
use super::{Shape, Zone, ZoneKind};
use crate::identity::Slug;
use crate::place::Position;

/// How far the zones reach.
#[derive(Debug, Clone, PartialEq)]
pub struct LinePlan {
    /// The party on the left of the line, seen from its first corner.
    pub left: Slug,
    /// The party on its right.
    pub right: Slug,
    /// Reach of the buffer zone on each side, metres.
    pub buffer_m: f64,
    /// Reach of the airspace over the line on each side, metres, and its ceiling, metres above
    /// mean sea level.
    pub airspace: Option<(f64, f64)>,
    /// Weapon classes with the distance they are withdrawn by, metres.
    pub withdrawals: Vec<(Slug, f64)>,
}

/// Why no zones can be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LineZonesError {
    /// There is not exactly one line of contact.
    #[error("{count} lines of contact are given; exactly one is needed")]
    Lines {
        /// How many there are.
        count: usize,
    },
    /// The line has no outline, or no two sides, at a distance.
    #[error("the line of contact has no two sides at {distance_m} m; look at its ends")]
    Shape {
        /// The distance, metres.
        distance_m: f64,
    },
}

/// Names of the zones that are made here begin with one of these.
const MADE: [&str; 3] = ["buffer-zone", "airspace-line", "withdrawal-"];

/// Takes out the zones that follow from the line of contact and puts in what a plan makes of it.
/// All other zones stay as they are; made zones follow the line.
///
/// # Errors
/// [`LineZonesError`] when there is not one line, or it has no two sides.
pub fn replace_line_zones(zones: &[Zone], plan: &LinePlan) -> Result<Vec<Zone>, LineZonesError> {
    let lines: Vec<&[Position]> = zones
        .iter()
        .filter(|zone| zone.kind == ZoneKind::LineOfContact)
        .filter_map(|zone| match &zone.shape {
            Shape::Line(corners) => Some(corners.as_slice()),
            _ => None,
        })
        .collect();
    let [line] = lines[..] else {
        let count = lines.len();
        return Err(LineZonesError::Lines { count });
    };
    let made = |zone: &Zone| MADE.iter().any(|name| zone.id.as_str().starts_with(name));
    let mut all: Vec<Zone> = Vec::new();
    for zone in zones.iter().filter(|zone| !made(zone)) {
        all.push(zone.clone());
        if zone.kind == ZoneKind::LineOfContact {
            all.extend(line_zones(line, plan)?);
        }
    }
    Ok(all)
}

fn line_zones(line: &[Position], plan: &LinePlan) -> Result<Vec<Zone>, LineZonesError> {
    let around = |distance_m: f64| {
        let ring = outline(line, distance_m).ok_or(LineZonesError::Shape { distance_m })?;
        Ok(Shape::Polygons(vec![vec![ring]]))
    };
    let mut zones = Vec::new();
    let shape = around(plan.buffer_m)?;
    let name = "Buffer zone".to_owned();
    zones.push(made_zone(
        "buffer-zone",
        name,
        ZoneKind::BufferZone,
        plan.buffer_m,
        shape,
    ));
    if let Some((reach_m, ceiling_m)) = plan.airspace {
        let name = "Airspace over the line of contact".to_owned();
        let shape = around(reach_m)?;
        zones.push(Zone {
            ceiling_m: Some(ceiling_m),
            ..made_zone("airspace-line", name, ZoneKind::Airspace, reach_m, shape)
        });
    }
    for (weapon, distance_m) in &plan.withdrawals {
        zones.extend(withdrawals(line, plan, weapon, *distance_m)?);
    }
    Ok(zones)
}

fn withdrawals(
    line: &[Position],
    plan: &LinePlan,
    weapon: &Slug,
    distance_m: f64,
) -> Result<Vec<Zone>, LineZonesError> {
    let both = sides(line, distance_m).ok_or(LineZonesError::Shape { distance_m })?;
    let mut zones = Vec::new();
    for (party, area, edge) in [
        (&plan.left, both.left, both.left_edge),
        (&plan.right, both.right, both.right_edge),
    ] {
        let area = Shape::Polygons(vec![vec![area]]);
        for (word, kind, shape) in [
            ("zone", ZoneKind::WithdrawalZone, area),
            ("line", ZoneKind::WithdrawalLine, Shape::Line(edge)),
        ] {
            let id = format!("withdrawal-{word}-{weapon}-{party}");
            let name = format!("Withdrawal {word}, {weapon}, {party}");
            zones.push(Zone {
                party: Some(party.clone()),
                weapon: Some(weapon.clone()),
                ..made_zone(&id, name, kind, distance_m, shape)
            });
        }
    }
    Ok(zones)
}

fn made_zone(id: &str, name: String, kind: ZoneKind, reach_m: f64, shape: Shape) -> Zone {
    Zone {
        id: Slug::new(id).expect("made names use the letters of a name and stay short"),
        name,
        kind,
        party: None,
        weapon: None,
        floor_m: None,
        ceiling_m: None,
        border_m_sigma: 0.0,
        basis: format!("made from the line of contact: {reach_m} m from it"),
        shape,
    }
}
