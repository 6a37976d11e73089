//! Writes zones as GeoJSON (RFC 7946), one feature a line, so that changes can be read in a diff.

use serde_json::{Map, Value, json};

use super::zones::ZONE_KINDS;
use super::{Shape, Zone};
use crate::place::Position;

/// Coordinates are written with this many decimals: 1e-4 degrees are at most 11 m.
const DECIMALS: f64 = 1e4;

/// A feature collection of zones. Reading it gives the zones with positions rounded to 1e-4
/// degrees; corners that fall together are written once.
#[must_use]
pub fn to_geojson(name: &str, zones: &[Zone]) -> String {
    let features: Vec<String> = zones.iter().map(|zone| feature(zone).to_string()).collect();
    format!(
        "{{\n\"type\": \"FeatureCollection\",\n\"name\": {},\n\"features\": [\n{}\n]\n}}\n",
        json!(name),
        features.join(",\n")
    )
}

fn feature(zone: &Zone) -> Value {
    let kind = ZONE_KINDS.iter().find(|(_, kind)| *kind == zone.kind);
    let mut properties = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            properties.insert(key.to_owned(), value);
        }
    };
    put("id", Some(json!(zone.id)));
    put("name", Some(json!(zone.name)));
    put("kind", kind.map(|(word, _)| json!(word)));
    put("party", zone.party.as_ref().map(|party| json!(party)));
    put("weapon", zone.weapon.as_ref().map(|weapon| json!(weapon)));
    put("floor_m", zone.floor_m.map(|height| json!(height)));
    put("ceiling_m", zone.ceiling_m.map(|height| json!(height)));
    put("border_m_sigma", Some(json!(zone.border_m_sigma)));
    put("basis", Some(json!(zone.basis)));
    json!({ "type": "Feature", "properties": properties, "geometry": geometry(&zone.shape) })
}

fn geometry(shape: &Shape) -> Value {
    let polygon = |rings: &Vec<Vec<Position>>| -> Vec<Vec<[f64; 2]>> {
        rings.iter().map(|ring| closed(ring)).collect()
    };
    match shape {
        Shape::Point(position) => {
            json!({ "type": "Point", "coordinates": rounded(*position) })
        }
        Shape::Line(corners) => {
            json!({ "type": "LineString", "coordinates": distinct(corners) })
        }
        Shape::Polygons(polygons) if polygons.len() == 1 => {
            json!({ "type": "Polygon", "coordinates": polygon(&polygons[0]) })
        }
        Shape::Polygons(polygons) => {
            let polygons: Vec<_> = polygons.iter().map(polygon).collect();
            json!({ "type": "MultiPolygon", "coordinates": polygons })
        }
    }
}

fn rounded(position: Position) -> [f64; 2] {
    position.to_xy().map(|x| (x * DECIMALS).round() / DECIMALS)
}

fn distinct(corners: &[Position]) -> Vec<[f64; 2]> {
    let mut corners: Vec<_> = corners.iter().map(|corner| rounded(*corner)).collect();
    corners.dedup();
    corners
}

/// A ring whose last position repeats its first (RFC 7946, 3.1.6).
fn closed(ring: &[Position]) -> Vec<[f64; 2]> {
    let mut corners = distinct(ring);
    if let Some(first) = corners.first().copied()
        && corners.last() != Some(&first)
    {
        corners.push(first);
    }
    corners
}
