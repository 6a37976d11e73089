//! The map of the report as SVG: zones, the line of contact, and the period's incidents.
//!
//! Plate carrée with the scale of the middle latitude: true enough to find a place, and simple. No
//! territory is filled by party.

use truce_core::mission::{Shape, Zone, ZoneKind};
use truce_core::{EventClass, Position};

use crate::counts::{counted, is_violation};
use crate::html::Html;
use crate::{Daily, words};

/// Width and greatest height of the drawing, pixels.
const WIDTH_PX: f64 = 960.0;
const HEIGHT_PX_MAX: f64 = 620.0;

/// Space around what is drawn, pixels.
const MARGIN_PX: f64 = 28.0;

/// A map keeps at most this many symbols; more cannot be told apart on paper.
const SYMBOLS_MAX: usize = 5_000;

/// From geographic to drawing coordinates.
struct Projection {
    west_deg: f64,
    north_deg: f64,
    x_px_per_deg: f64,
    y_px_per_deg: f64,
    height_px: f64,
}

impl Projection {
    /// Fits all of these positions; `None` when there are none.
    fn fitting(positions: impl Iterator<Item = Position>) -> Option<Self> {
        let mut bounds: Option<[f64; 4]> = None;
        for Position { lat_deg, lon_deg } in positions {
            let [south, west, north, east] = bounds.unwrap_or([lat_deg, lon_deg, lat_deg, lon_deg]);
            bounds = Some([
                south.min(lat_deg),
                west.min(lon_deg),
                north.max(lat_deg),
                east.max(lon_deg),
            ]);
        }
        let [south, west, north, east] = bounds?;
        let shrink = ((south + north) / 2.0).to_radians().cos().max(0.05);
        // A single point still gets a map a tenth of a degree wide.
        let wide_deg = (east - west).max(0.1) * shrink;
        let high_deg = (north - south).max(0.1);
        let inner_px = WIDTH_PX - 2.0 * MARGIN_PX;
        let y_px_per_deg = (inner_px / wide_deg).min((HEIGHT_PX_MAX - 2.0 * MARGIN_PX) / high_deg);
        let x_px_per_deg = y_px_per_deg * shrink;
        let spare_deg = (inner_px / x_px_per_deg - (east - west).max(0.0)) / 2.0;
        Some(Self {
            west_deg: west - spare_deg,
            north_deg: north,
            x_px_per_deg,
            y_px_per_deg,
            height_px: high_deg * y_px_per_deg + 2.0 * MARGIN_PX,
        })
    }

    fn point(&self, at: Position) -> (f64, f64) {
        (
            MARGIN_PX + (at.lon_deg - self.west_deg) * self.x_px_per_deg,
            MARGIN_PX + (self.north_deg - at.lat_deg) * self.y_px_per_deg,
        )
    }
}

/// The style of a zone: its class in the style sheet, from the lowest to the highest drawn.
fn zone_class(kind: ZoneKind) -> Option<(u8, &'static str)> {
    match kind {
        ZoneKind::Sector => Some((0, "sector")),
        ZoneKind::Corridor => Some((1, "corridor")),
        ZoneKind::BufferZone => Some((2, "buffer")),
        ZoneKind::LineOfContact => Some((3, "line")),
        _ => None,
    }
}

/// Draws the map, with its legend and disclaimer.
pub(crate) fn draw(html: &mut Html, daily: &Daily) {
    let mut zones: Vec<(u8, &'static str, &Zone)> = daily
        .mission
        .zones
        .iter()
        .filter_map(|zone| zone_class(zone.kind).map(|(order, class)| (order, class, zone)))
        .collect();
    zones.sort_by_key(|(order, ..)| *order);
    let corners = zones.iter().flat_map(|(_, _, zone)| corners(&zone.shape));
    let incidents = counted(daily).map(|reported| reported.incident.place.position);
    let Some(projection) = Projection::fitting(corners.chain(incidents)) else {
        return;
    };
    html.markup("<figure><svg class=\"map\" role=\"img\" viewBox=\"0 0 ")
        .number(WIDTH_PX, 0)
        .markup(" ")
        .number(projection.height_px, 0)
        .markup("\" aria-label=\"Map of the zones and the incidents of the period\">");
    graticule(html, &projection);
    for (_, class, zone) in &zones {
        shape(html, &projection, class, zone);
    }
    for post in &daily.mission.network.posts {
        let (x, y) = projection.point(post.position);
        html.markup("<rect class=\"post\" width=\"5\" height=\"5\" x=\"")
            .number(x - 2.5, 1)
            .markup("\" y=\"")
            .number(y - 2.5, 1)
            .markup("\"><title>")
            .text(&post.name)
            .markup("</title></rect>");
    }
    symbols(html, &projection, daily);
    sector_names(html, &projection, daily);
    html.markup("</svg>");
    legend(html);
    html.markup("</figure>");
}

fn corners(shape: &Shape) -> Vec<Position> {
    match shape {
        Shape::Point(position) => vec![*position],
        Shape::Line(line) => line.clone(),
        Shape::Polygons(polygons) => polygons.iter().flatten().flatten().copied().collect(),
    }
}

fn graticule(html: &mut Html, projection: &Projection) {
    let (left, right) = (MARGIN_PX / 2.0, WIDTH_PX - MARGIN_PX / 2.0);
    let east_deg = projection.west_deg + (WIDTH_PX - 2.0 * MARGIN_PX) / projection.x_px_per_deg;
    let south_deg =
        projection.north_deg - (projection.height_px - 2.0 * MARGIN_PX) / projection.y_px_per_deg;
    // A tenth of the spans that a mission's map can have keeps the lines few.
    let step_deg = if east_deg - projection.west_deg > 6.0 {
        2.0
    } else {
        0.5
    };
    let mut lon_deg = (projection.west_deg / step_deg).ceil() * step_deg;
    while lon_deg <= east_deg {
        let (x, _) = projection.point(Position {
            lat_deg: 0.0,
            lon_deg,
        });
        graticule_line(
            html,
            [
                x,
                MARGIN_PX / 2.0,
                x,
                projection.height_px - MARGIN_PX / 2.0,
            ],
        );
        graticule_label(
            html,
            x + 3.0,
            projection.height_px - 4.0,
            lon_deg,
            "° E",
            "° W",
        );
        lon_deg += step_deg;
    }
    let mut lat_deg = (south_deg / step_deg).ceil() * step_deg;
    while lat_deg <= projection.north_deg {
        let (_, y) = projection.point(Position {
            lat_deg,
            lon_deg: 0.0,
        });
        graticule_line(html, [left, y, right, y]);
        graticule_label(html, 2.0, y - 3.0, lat_deg, "° N", "° S");
        lat_deg += step_deg;
    }
}

fn graticule_line(html: &mut Html, [x1, y1, x2, y2]: [f64; 4]) {
    html.markup("<path class=\"graticule\" d=\"M")
        .number(x1, 1)
        .markup(" ")
        .number(y1, 1)
        .markup("L")
        .number(x2, 1)
        .markup(" ")
        .number(y2, 1)
        .markup("\"/>");
}

fn graticule_label(
    html: &mut Html,
    x: f64,
    y: f64,
    degrees: f64,
    positive: &'static str,
    negative: &'static str,
) {
    let decimals = usize::from(degrees.fract() != 0.0);
    html.markup("<text class=\"degrees\" x=\"")
        .number(x, 1)
        .markup("\" y=\"")
        .number(y, 1)
        .markup("\">")
        .number(degrees.abs(), decimals)
        .markup(if degrees < 0.0 { negative } else { positive })
        .markup("</text>");
}

fn shape(html: &mut Html, projection: &Projection, class: &'static str, zone: &Zone) {
    html.markup("<path class=\"")
        .markup(class)
        .markup("\" d=\"");
    match &zone.shape {
        Shape::Point(_) => {}
        Shape::Line(line) => ring(html, projection, line, false),
        Shape::Polygons(polygons) => {
            for corners in polygons.iter().flatten() {
                ring(html, projection, corners, true);
            }
        }
    }
    html.markup("\"><title>")
        .text(&zone.name)
        .markup("</title></path>");
}

fn ring(html: &mut Html, projection: &Projection, corners: &[Position], closed: bool) {
    for (index, corner) in corners.iter().enumerate() {
        let (x, y) = projection.point(*corner);
        html.markup(if index == 0 { "M" } else { "L" })
            .number(x, 1)
            .markup(" ")
            .number(y, 1);
    }
    if closed {
        html.markup("Z");
    }
}

fn symbols(html: &mut Html, projection: &Projection, daily: &Daily) {
    for reported in counted(daily).take(SYMBOLS_MAX) {
        let incident = &reported.incident;
        let (x, y) = projection.point(incident.place.position);
        let armed = words::leading_class(incident).is_some_and(EventClass::uses_weapons);
        let class = match (is_violation(reported), armed) {
            (true, true) => "breach armed",
            (true, false) => "breach",
            (false, _) => "event",
        };
        html.markup("<circle class=\"")
            .markup(class)
            .markup("\" r=\"3\" cx=\"")
            .number(x, 1)
            .markup("\" cy=\"")
            .number(y, 1)
            .markup("\"><title>")
            .text(words::what(incident))
            .markup("</title></circle>");
    }
}

fn sector_names(html: &mut Html, projection: &Projection, daily: &Daily) {
    for sector in &daily.mission.sectors {
        let Some(zone) = daily.mission.zone(&sector.zone) else {
            continue;
        };
        let points: Vec<_> = corners(&zone.shape)
            .into_iter()
            .map(|corner| projection.point(corner))
            .collect();
        // The name stands in the upper left corner, where the line of contact seldom runs.
        let left = points.iter().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
        let top = points.iter().map(|(_, y)| *y).fold(f64::INFINITY, f64::min);
        if points.is_empty() {
            continue;
        }
        html.markup("<text class=\"sector-name\" x=\"")
            .number(left + 6.0, 1)
            .markup("\" y=\"")
            .number(top + 16.0, 1)
            .markup("\">")
            .text(&sector.name)
            .markup("</text>");
    }
}

fn legend(html: &mut Html) {
    html.markup(concat!(
        "<figcaption><ul class=\"legend\">",
        "<li><svg viewBox=\"0 0 24 10\"><path class=\"line\" d=\"M0 5L24 5\"/></svg>",
        "Line of contact</li>",
        "<li><svg viewBox=\"0 0 24 10\"><rect class=\"buffer\" width=\"24\" height=\"10\"/></svg>",
        "Buffer zone</li>",
        "<li><svg viewBox=\"0 0 24 10\"><rect class=\"corridor\" width=\"24\" height=\"10\"/>",
        "</svg>Sea corridor</li>",
        "<li><svg viewBox=\"0 0 24 10\"><path class=\"sector\" d=\"M0 5L24 5\"/></svg>",
        "Sector limit</li>",
        "<li><svg viewBox=\"0 0 10 10\"><rect class=\"post\" x=\"2\" y=\"2\" width=\"6\" ",
        "height=\"6\"/></svg>Post</li>",
        "<li><svg viewBox=\"0 0 10 10\"><circle class=\"breach armed\" cx=\"5\" cy=\"5\" r=\"4\"/>",
        "</svg>Violation with weapons</li>",
        "<li><svg viewBox=\"0 0 10 10\"><circle class=\"breach\" cx=\"5\" cy=\"5\" r=\"4\"/>",
        "</svg>Other violation</li>",
        "<li><svg viewBox=\"0 0 10 10\"><circle class=\"event\" cx=\"5\" cy=\"5\" r=\"4\"/>",
        "</svg>Other incident</li>",
        "</ul></figcaption>",
    ));
}
