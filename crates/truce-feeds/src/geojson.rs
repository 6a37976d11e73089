//! Places of GeoJSON (RFC 7946) as far as messages use them.

use serde_json::Value;
use truce_core::Position;

use crate::fault::{Fault, RejectionClass};

/// A place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    Point(Position),
    /// An outline, not closed; of several parts the one with the most corners, holes left out.
    Area(Vec<Position>),
}

/// The place of a geometry; `None` for `null` and for lines.
pub(crate) fn shape(geometry: &Value) -> Result<Option<Shape>, Fault> {
    let fault = || {
        let shown = geometry.to_string();
        let wanted = "a geometry with longitude and latitude is expected";
        Fault::field(RejectionClass::Value, "geometry", &shown, wanted)
    };
    if geometry.is_null() {
        return Ok(None);
    }
    let coordinates = geometry.get("coordinates").ok_or_else(fault)?;
    let kind = geometry.get("type").and_then(Value::as_str);
    let shape = match kind.ok_or_else(fault)? {
        "Point" => position(coordinates).map(Shape::Point),
        "Polygon" => coordinates.get(0).and_then(ring).map(Shape::Area),
        "MultiPolygon" => {
            let parts = coordinates.as_array().ok_or_else(fault)?.iter();
            let rings: Option<Vec<_>> = parts.map(|part| ring(part.get(0)?)).collect();
            let largest = rings.and_then(|rings| rings.into_iter().max_by_key(Vec::len));
            largest.map(Shape::Area)
        }
        "LineString" | "MultiLineString" | "MultiPoint" | "GeometryCollection" => return Ok(None),
        _ => None,
    };
    shape.map(Some).ok_or_else(fault)
}

fn position(value: &Value) -> Option<Position> {
    let numbers = value.as_array()?;
    Position::new(numbers.get(1)?.as_f64()?, numbers.first()?.as_f64()?)
}

fn ring(value: &Value) -> Option<Vec<Position>> {
    let mut ring: Vec<Position> = value
        .as_array()?
        .iter()
        .map(position)
        .collect::<Option<_>>()?;
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    (ring.len() >= 3).then_some(ring)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geometries() {
        let read = |text: &str| shape(&serde_json::from_str(text).unwrap());
        let at = |lat_deg, lon_deg| Position { lat_deg, lon_deg };
        let point = r#"{"type":"Point","coordinates":[37.9,48.1,120]}"#;
        assert_eq!(read(point), Ok(Some(Shape::Point(at(48.1, 37.9)))));
        let area = Shape::Area(vec![at(48.0, 37.0), at(48.0, 38.0), at(49.0, 38.0)]);
        let ring = "[[37,48],[38,48],[38,49],[37,48]]";
        let polygon = format!(r#"{{"type":"Polygon","coordinates":[{ring},[]]}}"#);
        assert_eq!(read(&polygon), Ok(Some(area.clone())));
        let parts = format!(r#"{{"type":"MultiPolygon","coordinates":[[{ring}]]}}"#);
        assert_eq!(read(&parts), Ok(Some(area)));
        assert_eq!(read("null"), Ok(None));
        assert_eq!(read(r#"{"type":"LineString","coordinates":[]}"#), Ok(None));
        for wrong in [
            "{}",
            r#"{"type":"Point","coordinates":[48.1]}"#,
            r#"{"type":"Point","coordinates":[37.9,98]}"#,
            r#"{"type":"Polygon","coordinates":[[[37,48],[38,48]]]}"#,
            r#"{"type":"Blob","coordinates":[]}"#,
        ] {
            let class = read(wrong).unwrap_err().class;
            assert_eq!(class, RejectionClass::Value, "{wrong}");
        }
    }
}
