//! Which sector of the mission a position lies in, as a function inside the queries.
//!
//! The sectors come from the mission folder; nothing of them is written into the file.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use truce_core::mission::{Mission, Shape};
use truce_core::{Position, Slug};

use crate::error::Result;

/// The mission's sectors with their polygons.
#[derive(Debug, Clone, Default)]
pub struct SectorMap {
    sectors: Vec<(Slug, Vec<Vec<Vec<Position>>>)>,
}

impl SectorMap {
    /// The sectors of a mission. A sector whose zone is no area holds no position.
    #[must_use]
    pub fn of(mission: &Mission) -> Self {
        let polygons = |zone| match mission.zone(zone).map(|zone| &zone.shape) {
            Some(Shape::Polygons(polygons)) => polygons.clone(),
            _ => Vec::new(),
        };
        let sectors = mission.sectors.iter();
        Self {
            sectors: sectors
                .map(|sector| (sector.id.clone(), polygons(&sector.zone)))
                .collect(),
        }
    }

    /// The first sector that holds a position.
    #[must_use]
    pub fn sector_of(&self, position: Position) -> Option<&Slug> {
        self.sectors
            .iter()
            .find(|(_, polygons)| polygons.iter().any(|rings| inside(rings, position)))
            .map(|(id, _)| id)
    }
}

/// Even-odd rule over all rings of a polygon, so that holes are outside.
fn inside(rings: &[Vec<Position>], at: Position) -> bool {
    let mut odd = false;
    for ring in rings {
        let mut previous = ring.len().wrapping_sub(1);
        for (index, corner) in ring.iter().enumerate() {
            let before = ring[previous];
            previous = index;
            if (corner.lat_deg > at.lat_deg) == (before.lat_deg > at.lat_deg) {
                continue;
            }
            let share = (at.lat_deg - corner.lat_deg) / (before.lat_deg - corner.lat_deg);
            if at.lon_deg < corner.lon_deg + share * (before.lon_deg - corner.lon_deg) {
                odd = !odd;
            }
        }
    }
    odd
}

/// Makes `sector_of(lat_deg, lon_deg)` known to a connection.
pub(crate) fn register(connection: &Connection, sectors: SectorMap) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("sector_of", 2, flags, move |context| {
        let position = Position::new(context.get(0)?, context.get(1)?);
        let sector = position.and_then(|position| sectors.sector_of(position));
        Ok(sector.map(|id| id.as_str().to_owned()))
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_and_outsides_belong_to_no_sector() {
        let square = |low: f64, high: f64| {
            [(low, low), (low, high), (high, high), (high, low)]
                .map(|(lat, lon)| Position::new(lat, lon).unwrap())
                .to_vec()
        };
        let id = Slug::new("north").unwrap();
        let map = SectorMap {
            sectors: vec![(id.clone(), vec![vec![square(0.0, 10.0), square(4.0, 6.0)]])],
        };
        for (lat, lon, expected) in [
            (1.0, 1.0, Some(&id)),
            (5.0, 5.0, None),
            (5.0, 9.0, Some(&id)),
            (11.0, 1.0, None),
            (-1.0, 5.0, None),
        ] {
            let position = Position::new(lat, lon).unwrap();
            assert_eq!(map.sector_of(position), expected, "{lat} {lon}");
        }
    }
}
