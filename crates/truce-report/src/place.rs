//! Places as missions write them: distance and direction from the nearest named place.

use truce_core::mission::{Mission, Shape, Zone, ZoneKind};
use truce_core::{Place, Position};

use crate::account::Basis;
use crate::basemap;
use crate::words::NINETY_PERCENT;

/// Directions of the compass, clockwise from north.
const DIRECTIONS: [&str; 8] = [
    "north",
    "north-east",
    "east",
    "south-east",
    "south",
    "south-west",
    "west",
    "north-west",
];

/// From this many times its own error on a direction is given at all.
const DIRECTION_MIN_SIGMAS: f64 = 1.0;

/// What lies within this distance with 90 % probability is near, metres (our choice).
const NEAR_M_MAX: f64 = 5_000.0;

/// A degree of latitude is at least so long (WGS 84, at the equator), metres.
const DEGREE_M_MIN: f64 = 110_570.0;

/// A place by distance and direction from the nearest town, post, port or protected object, such as
/// `4.2 km north-east (47°) of Post 17`; by distance alone when its error leaves no direction. In
/// coordinates when nothing is named.
#[must_use]
pub fn relative_place(basis: &Basis, place: &Place) -> String {
    let l = basis.language;
    let at = place.position;
    let mut nearest: Option<(&str, Position, f64)> = None;
    for (name, position) in named_places(&basis.mission) {
        let distance_m = at.distance_m(position);
        if nearest.is_none_or(|(_, _, least_m)| distance_m < least_m) {
            nearest = Some((name, position, distance_m));
        }
    }
    for town in basemap::towns() {
        let least_m = nearest.map_or(f64::INFINITY, |(_, _, least_m)| least_m);
        // Most towns lie too far north or south to be asked for their distance.
        if (town.position.lat_deg - at.lat_deg).abs() * DEGREE_M_MIN > least_m {
            continue;
        }
        let distance_m = at.distance_m(town.position);
        if distance_m < least_m {
            nearest = Some((town.name, town.position, distance_m));
        }
    }
    let Some((name, position, distance_m)) = nearest else {
        return coordinates(at);
    };
    if distance_m < DIRECTION_MIN_SIGMAS * place.uncertainty.semi_major_m.max(100.0) {
        let reach_m = distance_m + NINETY_PERCENT * place.uncertainty.semi_major_m;
        if reach_m <= NEAR_M_MAX {
            return l.fill("at or near {}", &[&name]);
        }
        return l.fill(
            "within {} km of {}",
            &[&format!("{:.0}", reach_m / 1_000.0), &name],
        );
    }
    let bearing_deg = position.bearing_deg(at);
    let distance = if distance_m < 10_000.0 {
        format!("{:.1}", distance_m / 1_000.0)
    } else {
        format!("{:.0}", distance_m / 1_000.0)
    };
    // The bearing is in [0, 360), so the rounded eighth is 0 to 8; the eighth is north again.
    let eighth = (bearing_deg / 45.0).round();
    let direction = (0..).zip(DIRECTIONS).find(|(n, _)| f64::from(*n) == eighth);
    let direction = direction.map_or(DIRECTIONS[0], |(_, word)| word);
    let bearing = format!("{bearing_deg:.0}");
    l.fill(
        "{} km {} ({}°) of {}",
        &[&distance, &l.t(direction), &bearing, &name],
    )
}

fn named_places(mission: &Mission) -> impl Iterator<Item = (&str, Position)> {
    let posts = mission.network.posts.iter();
    let zones = mission
        .zones
        .iter()
        .filter(|zone| matches!(zone.kind, ZoneKind::Port | ZoneKind::ProtectedObject));
    posts
        .map(|post| (post.name.as_str(), post.position))
        .chain(zones.filter_map(|zone| Some((zone.name.as_str(), centre(zone)?))))
}

/// The mean of a zone's corners: near enough for a direction.
pub(crate) fn centre(zone: &Zone) -> Option<Position> {
    let corners: Vec<Position> = match &zone.shape {
        Shape::Point(position) => vec![*position],
        Shape::Line(line) => line.clone(),
        Shape::Polygons(polygons) => polygons.first()?.first()?.clone(),
    };
    let count = corners.len() as f64;
    let sum = corners.iter().fold((0.0, 0.0), |(lat, lon), corner| {
        (lat + corner.lat_deg, lon + corner.lon_deg)
    });
    Position::new(sum.0 / count, sum.1 / count)
}

pub(crate) fn coordinates(at: Position) -> String {
    let side = |value: f64, positive, negative| if value < 0.0 { negative } else { positive };
    format!(
        "{:.4}° {} {:.4}° {}",
        at.lat_deg.abs(),
        side(at.lat_deg, 'N', 'S'),
        at.lon_deg.abs(),
        side(at.lon_deg, 'E', 'W')
    )
}
