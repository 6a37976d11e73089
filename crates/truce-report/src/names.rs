//! The names on a map: towns, and sectors where the whole mission is shown. Drawn above everything
//! else, each with a light edge.

use truce_core::Position;
use truce_core::mission::{Shape, Zone, ZoneKind};

use crate::account::Basis;
use crate::basemap::{self, Town};
use crate::html::Html;
use crate::map::{Content, Projection};
use crate::room::{Name, between, room_for_name};

/// About the width of a letter of a sector's name and of a town's, pixels.
const SECTOR_LETTER_PX: f64 = 7.0;
const TOWN_LETTER_PX: f64 = 5.2;
/// Half the height of a letter of a town's name, pixels.
const TOWN_HALF_LETTER_PX: f64 = 3.5;

/// From line to line of a sector's name, pixels.
const SECTOR_LINE_PX: f64 = 14.0;

/// From a town's dot to where its name begins: right and up, pixels.
const TOWN_NAME_PX: (f64, f64) = (4.0, 3.0);

/// A name in one line that comes nearer than this to what it must not cover is set in two, pixels.
const CLEAR_PX: f64 = 14.0;

/// Draws the names of the towns, and those of the sectors on a map of the whole mission.
pub(crate) fn draw(html: &mut Html, projection: &Projection, basis: &Basis, content: &Content) {
    let towns: Vec<&Town> = towns(projection).collect();
    for town in &towns {
        let (x, y) = projection.point(town.position);
        html.markup("<circle class=\"town\" r=\"1.8\" cx=\"")
            .number(x, 1)
            .markup("\" cy=\"")
            .number(y, 1)
            .markup("\"/>");
        let (right, up) = TOWN_NAME_PX;
        html.label("town-name", x + right, y - up, town.name);
    }
    if content.around.is_none() {
        sectors(
            html,
            projection,
            basis,
            &covers(projection, basis, content, &towns),
        );
    }
}

/// Towns as far down the ranks as the map has room for.
fn towns(projection: &Projection) -> impl Iterator<Item = &'static Town> {
    let rank = match projection.y_px_per_deg {
        scale if scale < 60.0 => 1,
        scale if scale < 160.0 => 2,
        _ => 3,
    };
    let towns = basemap::towns().iter();
    towns.filter(move |town| town.rank <= rank && projection.shows(town.position))
}

/// What the name of a sector must not cover, as points: lines of contact, corridors, incidents, and
/// towns with their names.
fn covers(
    projection: &Projection,
    basis: &Basis,
    content: &Content,
    towns: &[&Town],
) -> Vec<(f64, f64)> {
    let mut covers: Vec<_> = content
        .symbols
        .iter()
        .map(|symbol| projection.point(symbol.at))
        .collect();
    for zone in &basis.mission.zones {
        if matches!(zone.kind, ZoneKind::LineOfContact | ZoneKind::Corridor) {
            covers.extend(along(projection, zone));
        }
    }
    let (right, up) = TOWN_NAME_PX;
    for town in towns {
        let (x, y) = projection.point(town.position);
        covers.push((x, y));
        let end = x + right + town.name.chars().count() as f64 * TOWN_LETTER_PX;
        let middle = y - up - TOWN_HALF_LETTER_PX;
        covers.extend(between((x, middle), (end, middle)));
    }
    covers
}

/// Points along the lines of a zone.
fn along(projection: &Projection, zone: &Zone) -> Vec<(f64, f64)> {
    let lines: Vec<&Vec<_>> = match &zone.shape {
        Shape::Point(_) => Vec::new(),
        Shape::Line(line) => vec![line],
        Shape::Polygons(polygons) => polygons.iter().flatten().collect(),
    };
    let sides = lines.into_iter().flat_map(|line| line.windows(2));
    sides
        .flat_map(|side| between(projection.point(side[0]), projection.point(side[1])))
        .collect()
}

fn sectors(html: &mut Html, projection: &Projection, basis: &Basis, covers: &[(f64, f64)]) {
    for sector in &basis.mission.sectors {
        let Some(zone) = basis.mission.zone(&sector.zone) else {
            continue;
        };
        let Shape::Polygons(polygons) = &zone.shape else {
            continue;
        };
        let point = |corner: &Position| projection.point(*corner);
        let rings: Vec<Vec<_>> = polygons
            .iter()
            .flatten()
            .map(|ring| ring.iter().map(point).collect())
            .collect();
        let one = vec![sector.name.as_str()];
        let two = sector
            .name
            .rsplit_once(' ')
            .map(|(first, last)| vec![first, last]);
        let found = |lines: &Vec<&str>| room_for_name(&rings, &measured(lines), covers);
        let Some(mut room) = found(&one) else {
            continue;
        };
        let mut lines = one;
        if let Some(two) = two.filter(|_| room.away_px < CLEAR_PX)
            && let Some(other) = found(&two).filter(|other| other.away_px > room.away_px)
        {
            (lines, room) = (two, other);
        }
        let first_y = room.y - 0.5 * SECTOR_LINE_PX * (lines.len() as f64 - 1.0);
        for (line, below) in lines.iter().zip(0_u8..) {
            html.label(
                "sector-name",
                room.x,
                first_y + SECTOR_LINE_PX * f64::from(below),
                line,
            );
        }
    }
}

/// How much room a name takes.
fn measured(lines: &[&str]) -> Name {
    let letters = lines
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0);
    Name {
        width_px: letters as f64 * SECTOR_LETTER_PX,
        between_px: SECTOR_LINE_PX * (lines.len() as f64 - 1.0),
    }
}
