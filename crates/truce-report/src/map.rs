//! The maps of the reports as SVG: coast and borders, towns, zones, the line of contact, incidents.
//!
//! Plate carrée with the scale of the middle latitude: true enough to find a place, and simple. No
//! territory is filled by party.

use truce_core::mission::{Shape, Zone, ZoneKind};
use truce_core::{Ellipse, Position};

use crate::account::Basis;
use crate::basemap;
use crate::html::Html;
use crate::names;
use crate::symbols::{CLASSES, Symbol};
use crate::words::NINETY_PERCENT;

/// Width and greatest height of the drawing, pixels.
const WIDTH_PX: f64 = 960.0;
const HEIGHT_PX_MAX: f64 = 620.0;

/// Space around what is drawn, pixels.
const MARGIN_PX: f64 = 28.0;

/// A map keeps at most this many symbols; more cannot be told apart on paper.
const SYMBOLS_MAX: usize = 5_000;

/// One degree of a great circle, metres.
const DEGREE_M: f64 = 111_195.0;

/// What is drawn, beside the ground and the zones.
#[derive(Default)]
pub(crate) struct Content {
    /// Incidents.
    pub(crate) symbols: Vec<Symbol>,
    /// Routes with their stops.
    pub(crate) routes: Vec<Vec<Position>>,
    /// What the map is of; `None` is the whole mission.
    pub(crate) around: Option<(Position, f64)>,
}

/// From geographic to drawing coordinates.
pub(crate) struct Projection {
    west_deg: f64,
    north_deg: f64,
    x_px_per_deg: f64,
    /// Pixels of a degree of latitude.
    pub(crate) y_px_per_deg: f64,
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

    /// Where a place is drawn, pixels from the upper left corner.
    pub(crate) fn point(&self, at: Position) -> (f64, f64) {
        (
            MARGIN_PX + (at.lon_deg - self.west_deg) * self.x_px_per_deg,
            MARGIN_PX + (self.north_deg - at.lat_deg) * self.y_px_per_deg,
        )
    }

    /// True when a place falls on the drawing.
    pub(crate) fn shows(&self, at: Position) -> bool {
        let (x, y) = self.point(at);
        (0.0..=WIDTH_PX).contains(&x) && (0.0..=self.height_px).contains(&y)
    }

    fn px_per_m(&self) -> f64 {
        self.y_px_per_deg / DEGREE_M
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

/// Draws the map with its legend; `None` when there is nothing to draw.
pub(crate) fn draw(basis: &Basis, label: &str, content: &Content) -> Option<String> {
    let mut zones: Vec<(u8, &'static str, &Zone)> = basis
        .mission
        .zones
        .iter()
        .filter_map(|zone| zone_class(zone.kind).map(|(order, class)| (order, class, zone)))
        .collect();
    zones.sort_by_key(|(order, ..)| *order);
    let projection = match content.around {
        Some((at, radius_m)) => Projection::fitting(square(at, radius_m).into_iter()),
        None => {
            let corners = zones.iter().flat_map(|(_, _, zone)| corners(&zone.shape));
            let symbols = content.symbols.iter().map(|symbol| symbol.at);
            Projection::fitting(corners.chain(symbols))
        }
    }?;
    let legend = legend(basis, content);
    let legend_px = 20.0 * legend.last().map_or(0.0, |item| f64::from(item.row) + 1.0);
    let mut html = Html::default();
    html.svg(WIDTH_PX, projection.height_px + legend_px, label);
    html.markup("<rect class=\"water\" width=\"960\" height=\"")
        .number(projection.height_px, 0)
        .markup("\"/>");
    ground(&mut html, &projection);
    graticule(&mut html, &projection);
    for (_, class, zone) in &zones {
        shape(&mut html, &projection, class, zone);
    }
    posts(&mut html, &projection, basis, content.around.is_some());
    symbols(&mut html, &projection, content);
    routes(&mut html, &projection, content);
    names::draw(&mut html, &projection, basis, content);
    for item in &legend {
        item.draw(&mut html, projection.height_px + 14.0);
    }
    html.markup("</svg>");
    Some(html.finish())
}

/// The corners of a square around a place.
fn square(at: Position, radius_m: f64) -> [Position; 2] {
    let lat = radius_m / DEGREE_M;
    let lon = lat / at.lat_deg.to_radians().cos().max(0.05);
    [-1.0, 1.0].map(|side| Position {
        lat_deg: at.lat_deg + side * lat,
        lon_deg: at.lon_deg + side * lon,
    })
}

/// The corners of a shape, all of its rings together.
pub(crate) fn corners(shape: &Shape) -> Vec<Position> {
    match shape {
        Shape::Point(position) => vec![*position],
        Shape::Line(line) => line.clone(),
        Shape::Polygons(polygons) => polygons.iter().flatten().flatten().copied().collect(),
    }
}

/// Coast and borders, cut off a corner outside the drawing.
fn ground(html: &mut Html, projection: &Projection) {
    for line in basemap::lines() {
        let class = if line.is_border { "border" } else { "coast" };
        let near = |i: usize| line.corners.get(i).is_some_and(|at| projection.shows(*at));
        let wanted = |i: usize| near(i) || near(i + 1) || i.checked_sub(1).is_some_and(near);
        let mut is_open = false;
        for (i, corner) in line.corners.iter().enumerate() {
            if !wanted(i) {
                if is_open {
                    html.markup("\"/>");
                }
                is_open = false;
                continue;
            }
            if !is_open {
                html.markup("<path class=\"")
                    .markup(class)
                    .markup("\" d=\"");
            }
            html.markup(if is_open { "L" } else { "M" });
            let (x, y) = projection.point(*corner);
            html.pair(x, y);
            is_open = true;
        }
        if is_open {
            html.markup("\"/>");
        }
    }
}

/// Steps of the graticule, degrees; the first that gives at most eight lines is taken.
const STEPS_DEG: [f64; 6] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.0];

fn graticule(html: &mut Html, projection: &Projection) {
    let (left, right) = (MARGIN_PX / 2.0, WIDTH_PX - MARGIN_PX / 2.0);
    let (top, bottom) = (MARGIN_PX / 2.0, projection.height_px - MARGIN_PX / 2.0);
    let east_deg = projection.west_deg + (WIDTH_PX - 2.0 * MARGIN_PX) / projection.x_px_per_deg;
    let south_deg =
        projection.north_deg - (projection.height_px - 2.0 * MARGIN_PX) / projection.y_px_per_deg;
    let span_deg = east_deg - projection.west_deg;
    let fits = |step: &f64| span_deg / step <= 8.0;
    let step_deg = STEPS_DEG.into_iter().find(fits).unwrap_or(5.0);
    let mut lon_deg = (projection.west_deg / step_deg).ceil() * step_deg;
    while lon_deg <= east_deg {
        let at = Position {
            lat_deg: 0.0,
            lon_deg,
        };
        let (x, _) = projection.point(at);
        graticule_line(html, [x, top, x, bottom]);
        let label_y = projection.height_px - 4.0;
        graticule_label(html, [x + 3.0, label_y], lon_deg, ["° E", "° W"]);
        lon_deg += step_deg;
    }
    let mut lat_deg = (south_deg / step_deg).ceil() * step_deg;
    while lat_deg <= projection.north_deg {
        let at = Position {
            lat_deg,
            lon_deg: 0.0,
        };
        let (_, y) = projection.point(at);
        graticule_line(html, [left, y, right, y]);
        graticule_label(html, [2.0, y - 3.0], lat_deg, ["° N", "° S"]);
        lat_deg += step_deg;
    }
}

fn graticule_line(html: &mut Html, [x1, y1, x2, y2]: [f64; 4]) {
    html.markup("<path class=\"graticule\" d=\"M");
    html.pair(x1, y1).markup("L");
    html.pair(x2, y2).markup("\"/>");
}

fn graticule_label(html: &mut Html, [x, y]: [f64; 2], degrees: f64, sides: [&'static str; 2]) {
    let decimals = match degrees.fract() {
        0.0 => 0,
        _ => 2,
    };
    html.markup("<text class=\"degrees\" x=\"")
        .number(x, 1)
        .markup("\" y=\"")
        .number(y, 1)
        .markup("\">")
        .number(degrees.abs(), decimals)
        .markup(if degrees < 0.0 { sides[1] } else { sides[0] })
        .markup("</text>");
}

fn shape(html: &mut Html, projection: &Projection, class: &'static str, zone: &Zone) {
    html.markup("<path class=\"")
        .markup(class)
        .markup("\" d=\"");
    match &zone.shape {
        Shape::Point(_) => {}
        Shape::Line(line) => path(html, projection, line, false),
        Shape::Polygons(polygons) => {
            for corners in polygons.iter().flatten() {
                path(html, projection, corners, true);
            }
        }
    }
    html.markup("\"><title>")
        .text(&zone.name)
        .markup("</title></path>");
}

fn path(html: &mut Html, projection: &Projection, corners: &[Position], closed: bool) {
    for (index, corner) in corners.iter().enumerate() {
        let (x, y) = projection.point(*corner);
        html.markup(if index == 0 { "M" } else { "L" }).pair(x, y);
    }
    if closed {
        html.markup("Z");
    }
}

fn posts(html: &mut Html, projection: &Projection, basis: &Basis, named: bool) {
    for post in &basis.mission.network.posts {
        if !projection.shows(post.position) {
            continue;
        }
        let (x, y) = projection.point(post.position);
        html.markup("<rect class=\"post\" width=\"5\" height=\"5\" x=\"")
            .number(x - 2.5, 1)
            .markup("\" y=\"")
            .number(y - 2.5, 1)
            .markup("\"><title>")
            .text(&post.name)
            .markup("</title></rect>");
        if named {
            html.label("town-name", x + 5.0, y - 3.0, &post.name);
        }
    }
}

fn symbols(html: &mut Html, projection: &Projection, content: &Content) {
    let skipped = content.symbols.len().saturating_sub(SYMBOLS_MAX);
    for symbol in content.symbols.iter().skip(skipped) {
        if !projection.shows(symbol.at) {
            continue;
        }
        if let Some(ellipse) = &symbol.ellipse {
            draw_ellipse(html, projection, symbol.at, ellipse);
        }
        let (x, y) = projection.point(symbol.at);
        html.markup("<circle class=\"")
            .markup(symbol.class)
            .markup("\" r=\"3\" cx=\"")
            .number(x, 1)
            .markup("\" cy=\"")
            .number(y, 1)
            .markup("\"><title>")
            .text(&symbol.title)
            .markup("</title></circle>");
    }
}

/// The contour that holds 90 %.
fn draw_ellipse(html: &mut Html, projection: &Projection, at: Position, ellipse: &Ellipse) {
    let (x, y) = projection.point(at);
    let scale = NINETY_PERCENT * projection.px_per_m();
    html.markup("<ellipse class=\"ellipse\" rx=\"")
        .number(ellipse.semi_minor_m * scale, 1)
        .markup("\" ry=\"")
        .number(ellipse.semi_major_m * scale, 1)
        .markup("\" transform=\"translate(");
    // The major axis points north before it is turned clockwise by its bearing.
    html.pair(x, y)
        .markup(") rotate(")
        .number(ellipse.bearing_deg, 1)
        .markup(")\"/>");
}

fn routes(html: &mut Html, projection: &Projection, content: &Content) {
    for route in &content.routes {
        html.markup("<path class=\"route\" d=\"");
        path(html, projection, route, false);
        html.markup("\"/>");
        for stop in route.iter().skip(1).take(route.len().saturating_sub(2)) {
            let (x, y) = projection.point(*stop);
            html.markup("<circle class=\"stop\" r=\"2.5\" cx=\"")
                .number(x, 1)
                .markup("\" cy=\"")
                .number(y, 1)
                .markup("\"/>");
        }
    }
}

/// An item of the legend, placed.
struct LegendItem {
    class: &'static str,
    form: Form,
    name: &'static str,
    x_px: f64,
    row: u8,
}

/// How a thing looks in the legend.
#[derive(Clone, Copy)]
enum Form {
    Line,
    Area,
    Square,
    Dot,
}

/// Mean width of a letter of the legend, pixels: enough for words in Cyrillic too.
const LETTER_PX: f64 = 6.4;

fn legend(basis: &Basis, content: &Content) -> Vec<LegendItem> {
    let l = basis.language;
    let has = |kind| basis.mission.zones.iter().any(|zone| zone.kind == kind);
    let mut items = vec![
        (
            "line",
            Form::Line,
            "Line of contact",
            has(ZoneKind::LineOfContact),
        ),
        (
            "buffer",
            Form::Area,
            "Buffer zone",
            has(ZoneKind::BufferZone),
        ),
        (
            "corridor",
            Form::Area,
            "Sea corridor",
            has(ZoneKind::Corridor),
        ),
        ("sector", Form::Line, "Sector limit", has(ZoneKind::Sector)),
        ("border", Form::Line, "Border", true),
        (
            "post",
            Form::Square,
            "Post",
            !basis.mission.network.posts.is_empty(),
        ),
        ("route", Form::Line, "Route", !content.routes.is_empty()),
    ];
    items.extend(CLASSES.map(|(class, name)| {
        let is_drawn = content.symbols.iter().any(|symbol| symbol.class == class);
        (class, Form::Dot, name, is_drawn)
    }));
    let (mut x_px, mut row) = (4.0, 0);
    let mut placed = Vec::new();
    for (class, form, name, _) in items.into_iter().filter(|(.., is_drawn)| *is_drawn) {
        let name = l.t(name);
        let width_px = 44.0 + LETTER_PX * name.chars().count() as f64;
        if x_px + width_px > WIDTH_PX {
            (x_px, row) = (4.0, row + 1);
        }
        placed.push(LegendItem {
            class,
            form,
            name,
            x_px,
            row,
        });
        x_px += width_px;
    }
    placed
}

impl LegendItem {
    fn draw(&self, html: &mut Html, top_px: f64) {
        let y = top_px + 20.0 * f64::from(self.row) - 4.0;
        let x = self.x_px;
        match self.form {
            Form::Line => {
                html.markup("<path class=\"").markup(self.class);
                html.markup("\" d=\"M").pair(x, y).markup("L");
                html.pair(x + 24.0, y).markup("\"/>");
            }
            Form::Area | Form::Square => {
                let (width, height) = match self.form {
                    Form::Area => (24.0, 9.0),
                    _ => (6.0, 6.0),
                };
                html.markup("<rect class=\"").markup(self.class);
                html.rect([x + 24.0 - width, y - height / 2.0, width, height]);
            }
            Form::Dot => {
                html.markup("<circle class=\"").markup(self.class);
                html.markup("\" r=\"4\" cx=\"").number(x + 19.0, 1);
                html.markup("\" cy=\"").number(y, 1).markup("\"/>");
            }
        }
        html.label("", x + 29.0, y + 4.0, self.name);
    }
}
