//! The mission's ground as the scenarios see it: the line of contact, the sides, corridors and the
//! sensors by kind.

use truce_core::mission::{Mission, Sensor, SensorKind, Shape, Zone, ZoneKind};
use truce_core::{Frame, Position, Slug};

/// A place on the line of contact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnLine {
    /// Where.
    pub(crate) position: Position,
    /// Bearing of the line there, degrees true.
    pub(crate) bearing_deg: f64,
}

/// The mission's ground.
pub(crate) struct Ground<'m> {
    pub(crate) mission: &'m Mission,
    /// Legs of all lines of contact: start, end, length in metres.
    legs: Vec<(Position, Position, f64)>,
    line_m: f64,
}

impl<'m> Ground<'m> {
    pub(crate) fn new(mission: &'m Mission) -> Self {
        let lines = mission
            .zones
            .iter()
            .filter(|zone| zone.kind == ZoneKind::LineOfContact);
        let corners = lines.filter_map(|zone| match &zone.shape {
            Shape::Line(corners) => Some(corners),
            _ => None,
        });
        let leg = |pair: &[Position]| (pair[0], pair[1], pair[0].distance_m(pair[1]));
        let legs: Vec<_> = corners
            .flat_map(|corners| corners.windows(2).map(leg))
            .collect();
        let line_m = legs.iter().map(|(_, _, length_m)| length_m).sum();
        Self {
            mission,
            legs,
            line_m,
        }
    }

    /// Length of the line of contact, metres; zero when the mission has none.
    pub(crate) fn line_m(&self) -> f64 {
        self.line_m
    }

    /// The place at a share of the line's length.
    pub(crate) fn on_line(&self, share: f64) -> Option<OnLine> {
        let mut rest_m = share.clamp(0.0, 1.0) * self.line_m;
        for (start, end, length_m) in &self.legs {
            if rest_m <= *length_m && *length_m > 0.0 {
                let bearing_deg = start.bearing_deg(*end);
                return Some(OnLine {
                    position: start.offset(bearing_deg, rest_m),
                    bearing_deg,
                });
            }
            rest_m -= length_m;
        }
        let (start, end, _) = self.legs.last()?;
        Some(OnLine {
            position: *end,
            bearing_deg: start.bearing_deg(*end),
        })
    }

    /// The party on the left (−1) or right (+1) of the line, by the zones that lie there.
    pub(crate) fn party_at(&self, position: Position) -> Option<Slug> {
        let holds = |zone: &&Zone| zone.party.is_some() && contains(&zone.shape, position);
        let zone = self.mission.zones.iter().find(holds)?;
        zone.party.clone()
    }

    /// Zones of a kind.
    pub(crate) fn zones(&self, kind: ZoneKind) -> Vec<&'m Zone> {
        self.mission
            .zones
            .iter()
            .filter(|zone| zone.kind == kind)
            .collect()
    }

    /// Sensors of a kind.
    pub(crate) fn sensors(&self, kind: SensorKind) -> Vec<&'m Sensor> {
        self.mission
            .network
            .sensors
            .iter()
            .filter(|sensor| sensor.kind == kind)
            .collect()
    }
}

/// True when a position lies inside an area (even-odd rule over all rings).
pub(crate) fn contains(shape: &Shape, position: Position) -> bool {
    let Shape::Polygons(polygons) = shape else {
        return false;
    };
    let inside_ring = |ring: &Vec<Position>| {
        let mut inside = false;
        let mut previous = match ring.last() {
            Some(corner) => *corner,
            None => return false,
        };
        for &corner in ring {
            let crosses =
                (corner.lat_deg > position.lat_deg) != (previous.lat_deg > position.lat_deg);
            if crosses {
                let share =
                    (position.lat_deg - previous.lat_deg) / (corner.lat_deg - previous.lat_deg);
                let lon_deg = previous.lon_deg + share * (corner.lon_deg - previous.lon_deg);
                inside ^= position.lon_deg < lon_deg;
            }
            previous = corner;
        }
        inside
    };
    polygons
        .iter()
        .any(|rings| rings.iter().filter(|ring| inside_ring(ring)).count() % 2 == 1)
}

/// The middle of an area's first ring, a line's middle corner, or the point itself.
pub(crate) fn middle(shape: &Shape) -> Option<Position> {
    match shape {
        Shape::Point(position) => Some(*position),
        Shape::Line(corners) => corners.get(corners.len() / 2).copied(),
        Shape::Polygons(polygons) => {
            let ring = polygons.first()?.first()?;
            let frame = Frame::at(*ring.first()?);
            let n = ring.len() as f64;
            let (x, y) = ring
                .iter()
                .map(|corner| frame.to_xy_m(*corner))
                .fold((0.0, 0.0), |(sx, sy), (x, y)| (sx + x / n, sy + y / n));
            Some(frame.to_position(x, y))
        }
    }
}

impl Ground<'_> {
    /// True at sea, as far as the mission's sectors say: inside a sector that holds a corridor or a
    /// port.
    pub(crate) fn is_sea(&self, position: Position) -> bool {
        let wet = |zone: &&Zone| {
            zone.kind == ZoneKind::Sector
                && self.mission.zones.iter().any(|other| {
                    matches!(other.kind, ZoneKind::Corridor | ZoneKind::Port)
                        && middle(&other.shape).is_some_and(|place| contains(&zone.shape, place))
                })
        };
        self.mission
            .zones
            .iter()
            .filter(wet)
            .any(|zone| contains(&zone.shape, position))
    }
}
