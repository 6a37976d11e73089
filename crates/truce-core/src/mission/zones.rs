//! Reads zones.geojson: a feature collection of lines, areas and points in WGS 84 (RFC 7946).
//!
//! Every feature's properties are the fields of [`Zone`]. Positions are longitude first (RFC 7946,
//! 3.1.1), rings are closed in the file (3.1.6) and kept open in memory.

use super::rings::{crossing, repeated};
use super::{Shape, Zone, ZoneKind};
use crate::document::{Document, Fields, Issues, Names, Node, Refusal, Value};
use crate::document::{in_range, list, number, one_of, slug, text};
use crate::place::Position;

/// The words of a zone kind.
pub(super) const ZONE_KINDS: [(&str, ZoneKind); 11] = [
    ("line_of_contact", ZoneKind::LineOfContact),
    ("buffer_zone", ZoneKind::BufferZone),
    ("withdrawal_line", ZoneKind::WithdrawalLine),
    ("withdrawal_zone", ZoneKind::WithdrawalZone),
    ("corridor", ZoneKind::Corridor),
    ("holding_area", ZoneKind::HoldingArea),
    ("protected_object", ZoneKind::ProtectedObject),
    ("airspace", ZoneKind::Airspace),
    ("sector", ZoneKind::Sector),
    ("port", ZoneKind::Port),
    ("area_of_operation", ZoneKind::AreaOfOperation),
];

/// Heights of zones, metres above mean sea level: from below any shore to above any aircraft.
const HEIGHT_M: std::ops::RangeInclusive<f64> = -500.0..=100_000.0;

#[derive(Clone, Copy, PartialEq)]
enum Geometry {
    Point,
    LineString,
    Polygon,
    MultiPolygon,
}

const GEOMETRIES: [(&str, Geometry); 4] = [
    ("Point", Geometry::Point),
    ("LineString", Geometry::LineString),
    ("Polygon", Geometry::Polygon),
    ("MultiPolygon", Geometry::MultiPolygon),
];

/// Reads all zones.
pub(super) fn read<'d>(
    document: &'d Document,
    names: &mut Names<'d>,
    issues: &'d Issues,
) -> Vec<Zone> {
    let fields = document.fields(issues);
    names.open("zone");
    let _ = fields.need("type", one_of(&[("FeatureCollection", ())]));
    let _ = fields.maybe("name", text);
    if fields.node("crs").is_some() {
        let hint = "RFC 7946 is always WGS 84, longitude first: remove `crs`".to_owned();
        fields.issue_at("crs", "a coordinate system is named".to_owned(), hint);
    }
    let _ = fields.need("features", |_| Ok(()));
    let mut zones = Vec::new();
    let mut spans = Vec::new();
    for feature in fields.tables("features") {
        let span = feature.span();
        if let Some(zone) = read_feature(feature, names) {
            zones.push(zone);
            spans.push(span);
        }
    }
    report_exchanged(&fields, &zones, &spans);
    fields.finish();
    zones
}

/// West, south, east and north of a zone, degrees.
fn bounds(zone: &Zone) -> [f64; 4] {
    let corners: Vec<Position> = match &zone.shape {
        Shape::Point(position) => vec![*position],
        Shape::Line(corners) => corners.clone(),
        Shape::Polygons(polygons) => polygons.iter().flatten().flatten().copied().collect(),
    };
    let empty = [
        f64::INFINITY,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NEG_INFINITY,
    ];
    corners.iter().fold(empty, |[west, south, east, north], p| {
        [
            west.min(p.lon_deg),
            south.min(p.lat_deg),
            east.max(p.lon_deg),
            north.max(p.lat_deg),
        ]
    })
}

/// A zone that lies nowhere near the area of operation, but would if longitude and latitude were
/// exchanged, was written the wrong way round.
fn report_exchanged(fields: &Fields<'_>, zones: &[Zone], spans: &[std::ops::Range<usize>]) {
    let area = zones.iter().find(|z| z.kind == ZoneKind::AreaOfOperation);
    let Some([west, south, east, north]) = area.map(bounds) else {
        return;
    };
    let near = |[w, s, e, n]: [f64; 4]| w <= east && e >= west && s <= north && n >= south;
    for (zone, span) in zones.iter().zip(spans) {
        let [w, s, e, n] = bounds(zone);
        if !near([w, s, e, n]) && near([s, w, n, e]) {
            let message = format!("the zone `{}` lies far from the area of operation", zone.id);
            let hint = "its longitudes and latitudes seem to be exchanged; longitude comes first";
            fields.refuse(span, message, hint.to_owned());
        }
    }
}

fn read_feature<'d>(feature: Fields<'d>, names: &mut Names<'d>) -> Option<Zone> {
    let _ = feature.need("type", one_of(&[("Feature", ())]));
    let _ = feature.node("id");
    let _ = feature.node("bbox");
    let properties = feature.need_table("properties");
    let geometry = feature.need_table("geometry");
    feature.finish();
    let kind = properties
        .as_ref()
        .and_then(|p| p.need("kind", one_of(&ZONE_KINDS)));
    let shape = geometry.and_then(|geometry| read_geometry(geometry, kind));
    read_properties(properties?, kind, shape, names)
}

fn read_properties<'d>(
    fields: Fields<'d>,
    kind: Option<ZoneKind>,
    shape: Option<Shape>,
    names: &mut Names<'d>,
) -> Option<Zone> {
    let id = fields.need("id", slug);
    names.define("zone", id.as_ref(), &fields, "id");
    let name = fields.need("name", text);
    let party = fields.maybe("party", slug);
    names.refer("actor", party.as_ref(), &fields, "party");
    let weapon = fields.maybe("weapon", slug);
    let floor_m = fields.maybe("floor_m", in_range(HEIGHT_M));
    let ceiling_m = fields.maybe("ceiling_m", in_range(HEIGHT_M));
    let border_m_sigma = fields.need("border_m_sigma", in_range(0.0..=100_000.0));
    let basis = fields.need("basis", text);
    if let (Some(floor), Some(ceiling)) = (floor_m, ceiling_m)
        && floor >= ceiling
    {
        let message = format!("the ceiling at {ceiling} m is not above the floor at {floor} m");
        fields.issue_at("ceiling_m", message, "exchange them".to_owned());
    }
    let withdrawn = matches!(
        kind,
        Some(ZoneKind::WithdrawalLine | ZoneKind::WithdrawalZone)
    );
    if withdrawn {
        let _ = fields.need("party", |_| Ok(()));
        let _ = fields.need("weapon", |_| Ok(()));
    }
    fields.finish();
    Some(Zone {
        id: id?,
        name: name?,
        kind: kind?,
        party,
        weapon,
        floor_m,
        ceiling_m,
        border_m_sigma: border_m_sigma?,
        basis: basis?,
        shape: shape?,
    })
}

/// The geometries that a kind of zone may have.
fn allowed(kind: ZoneKind) -> &'static [Geometry] {
    match kind {
        ZoneKind::LineOfContact | ZoneKind::WithdrawalLine => &[Geometry::LineString],
        ZoneKind::ProtectedObject | ZoneKind::Port | ZoneKind::HoldingArea => {
            &[Geometry::Point, Geometry::Polygon, Geometry::MultiPolygon]
        }
        _ => &[Geometry::Polygon, Geometry::MultiPolygon],
    }
}

fn read_geometry(fields: Fields<'_>, kind: Option<ZoneKind>) -> Option<Shape> {
    let geometry = fields.need("type", one_of(&GEOMETRIES));
    let coordinates = fields.need("coordinates", |node| Ok(node.clone()));
    let _ = fields.node("bbox");
    let shape = match (geometry, coordinates) {
        (Some(geometry), Some(_)) if kind.is_some_and(|k| !allowed(k).contains(&geometry)) => {
            let words: Vec<&str> = GEOMETRIES
                .iter()
                .filter(|(_, g)| kind.is_some_and(|k| allowed(k).contains(g)))
                .map(|(word, _)| *word)
                .collect();
            let message = "this kind of zone has another geometry".to_owned();
            fields.issue_at("type", message, format!("it may be {}", words.join(" or ")));
            None
        }
        (Some(geometry), Some(node)) => read_coordinates(&fields, geometry, &node),
        _ => None,
    };
    fields.finish();
    shape
}

fn read_coordinates(fields: &Fields<'_>, geometry: Geometry, node: &Node) -> Option<Shape> {
    let note = |refusal: (std::ops::Range<usize>, Refusal)| {
        let (span, (message, hint)) = refusal;
        fields.refuse(&span, message, hint);
    };
    let items = |node: &Node| -> Option<Vec<Node>> {
        match &node.value {
            Value::List(items) => Some(items.clone()),
            other => {
                let message = format!("coordinates should be a list, not {}", other.what());
                fields.refuse(&node.span, message, String::new());
                None
            }
        }
    };
    match geometry {
        Geometry::Point => position(node).map(Shape::Point).map_err(note).ok(),
        Geometry::LineString => line(node).map(Shape::Line).map_err(note).ok(),
        Geometry::Polygon => {
            let rings = polygon(&items(node)?, &node.span, &note)?;
            Some(Shape::Polygons(vec![rings]))
        }
        Geometry::MultiPolygon => {
            let mut polygons = Vec::new();
            for member in items(node)? {
                polygons.push(polygon(&items(&member)?, &member.span, &note));
            }
            polygons
                .into_iter()
                .collect::<Option<Vec<_>>>()
                .map(Shape::Polygons)
        }
    }
}

type Located<T> = Result<T, (std::ops::Range<usize>, Refusal)>;

fn refuse<T>(node: &Node, message: &str, hint: &str) -> Located<T> {
    Err((node.span.clone(), (message.to_owned(), hint.to_owned())))
}

/// A position, longitude first (RFC 7946, 3.1.1).
fn position(node: &Node) -> Located<Position> {
    let numbers = list(number)(node).map_err(|refusal| (node.span.clone(), refusal))?;
    let [lon, lat] = numbers[..] else {
        let hint = "write [longitude, latitude]; heights are `floor_m` and `ceiling_m`";
        return refuse(node, "a position has exactly two numbers", hint);
    };
    let swapped = Position::new(lon, lat).is_some();
    Position::new(lat, lon).map_or_else(
        || {
            let hint = if swapped {
                "longitude comes first (RFC 7946, 3.1.1); these two are the other way round"
            } else {
                "longitude lies between -180 and 180, latitude between -90 and 90"
            };
            refuse(node, "the position is not on the globe", hint)
        },
        Ok,
    )
}

fn positions(node: &Node) -> Located<Vec<Position>> {
    match &node.value {
        Value::List(items) => items.iter().map(position).collect(),
        other => {
            let message = format!("a list of positions is expected, not {}", other.what());
            refuse(node, &message, "")
        }
    }
}

fn line(node: &Node) -> Located<Vec<Position>> {
    let corners = positions(node)?;
    if corners.len() < 2 {
        return refuse(node, "a line has at least two positions", "add the others");
    }
    if let Some(i) = repeated(&corners, false) {
        return refuse(
            item(node, i),
            "this position is the same as the one before",
            "remove it",
        );
    }
    if let Some((i, j)) = crossing(&corners, false) {
        return refuse(item(node, j), &crossed("line", i, j), "untangle it");
    }
    Ok(corners)
}

/// One ring without its closing position.
fn ring(node: &Node, outer: bool) -> Located<Vec<Position>> {
    let mut corners = positions(node)?;
    if corners.len() < 4 || corners.first() != corners.last() {
        let (message, hint) = if corners.first() == corners.last() || corners.len() < 3 {
            (
                "a ring has at least three corners",
                "add the missing corners",
            )
        } else {
            (
                "the ring is not closed",
                "repeat its first position at its end (RFC 7946, 3.1.6)",
            )
        };
        return refuse(node, message, hint);
    }
    corners.pop();
    if let Some(i) = repeated(&corners, true) {
        return refuse(
            item(node, i),
            "this corner is the same as the one before",
            "remove it",
        );
    }
    if let Some((i, j)) = crossing(&corners, true).filter(|_| outer) {
        return refuse(
            item(node, j),
            &crossed("ring", i, j),
            "untangle it or split it",
        );
    }
    Ok(corners)
}

fn crossed(what: &str, i: usize, j: usize) -> String {
    let (i, j) = (i + 1, j + 1);
    format!("the {what} crosses itself: side {i} meets side {j}")
}

fn item(node: &Node, i: usize) -> &Node {
    match &node.value {
        Value::List(items) => items.get(i).unwrap_or(node),
        _ => node,
    }
}

/// The rings of one polygon; every bad ring is noted.
fn polygon(
    items: &[Node],
    span: &std::ops::Range<usize>,
    note: &dyn Fn((std::ops::Range<usize>, Refusal)),
) -> Option<Vec<Vec<Position>>> {
    if items.is_empty() {
        let hint = "an outer ring comes first, then its holes".to_owned();
        note((span.clone(), ("the polygon has no ring".to_owned(), hint)));
        return None;
    }
    let mut rings = Vec::new();
    for (i, node) in items.iter().enumerate() {
        rings.push(ring(node, i == 0).map_err(note).ok());
    }
    rings.into_iter().collect()
}
