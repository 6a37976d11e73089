//! Tables as GeoJSON (RFC 7946): a feature for each row, with the cells as properties.

use serde_json::{Map, Value, json};

use crate::BOUNDARIES_DISCLAIMER;
use crate::document::Document;
use crate::table::{Cell, Row, Table};

/// A FeatureCollection of the rows of these tables. A row without a place has no geometry.
#[must_use]
pub fn to_geojson<'a>(document: &Document, tables: impl Iterator<Item = &'a Table>) -> String {
    let features: Vec<Value> = tables
        .flat_map(|table| table.rows.iter().map(|row| feature(table, row)))
        .collect();
    let collection = json!({
        "type": "FeatureCollection",
        "features": features,
        "title": document.title,
        "mission": document.mission,
        "period": document.period.map(|p| json!({ "start": p.start, "end": p.end })),
        "log_root": document.root,
        "disclaimer": document.language.t(BOUNDARIES_DISCLAIMER),
    });
    collection.to_string()
}

fn feature(table: &Table, row: &Row) -> Value {
    let mut properties = Map::new();
    properties.insert("table".to_owned(), json!(table.id));
    for (column, cell) in table.columns.iter().zip(&row.cells) {
        let value = match cell {
            Cell::Text(text) => json!(text),
            Cell::Count(count) => json!(count),
            Cell::Change(change) => json!(change),
            // The number as it is written, so that all forms say the same.
            Cell::Number(..) => cell
                .written()
                .parse::<f64>()
                .map_or(Value::Null, |n| json!(n)),
            Cell::None => Value::Null,
        };
        properties.insert(column.key.clone(), value);
    }
    let geometry = row
        .place
        .map(|place| json!({ "type": "Point", "coordinates": place.to_xy() }));
    json!({ "type": "Feature", "geometry": geometry, "properties": properties })
}
