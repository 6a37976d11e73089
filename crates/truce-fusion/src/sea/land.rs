//! A coarse map of the world: open sea, coastal water or land, and land well behind the coast.
//!
//! The map is `land.bin`, made by `fixtures/land.py` from Natural Earth 1:10 million (public domain)
//! as the npm package world-atlas 2.0.2 holds it: squares of 0.1° from 72° north to 60° south, row by
//! row from the north-west, as runs. A run is an unsigned LEB128 number, three times its length plus
//! its kind. Outside those latitudes everything is coastal: nothing is concluded there.

use truce_core::Position;

use super::plane::index;

/// What a square is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Water {
    /// At least 20 nautical miles from any land (Global Fishing Watch asks that of loitering).
    Open,
    /// Nearer to land, or land near water.
    Coastal,
    /// Land everywhere, and everywhere more than 1 km behind the coast. Canals, rivers and lakes
    /// count as land.
    Inland,
}

const RUNS: &[u8] = include_bytes!("land.bin");
const SIDE_DEG: f64 = 0.1;
const COLUMNS: usize = 3_600;
const ROWS: usize = 1_320;
const NORTH_DEG: f64 = 72.0;

/// The map: for each row its runs, each with the column behind its end.
#[derive(Debug, Clone)]
pub(super) struct Land {
    rows: Vec<Vec<(usize, Water)>>,
}

impl Land {
    pub(super) fn new() -> Self {
        let mut rows = Vec::with_capacity(ROWS);
        let mut bytes = RUNS.iter();
        for _ in 0..ROWS {
            let (mut row, mut column) = (Vec::new(), 0);
            while column < COLUMNS {
                let run = number(&mut bytes).expect("the map has all its rows");
                let kind = [Water::Open, Water::Coastal, Water::Inland][run % 3];
                column += run / 3;
                row.push((column, kind));
            }
            rows.push(row);
        }
        Self { rows }
    }

    /// What is at a position.
    pub(super) fn at(&self, position: Position) -> Water {
        let row = ((NORTH_DEG - position.lat_deg) / SIDE_DEG).floor();
        if !(0.0..ROWS as f64).contains(&row) {
            return Water::Coastal;
        }
        let column = index((position.lon_deg + 180.0) / SIDE_DEG).min(COLUMNS - 1);
        let runs = &self.rows[index(row)];
        let run = runs.partition_point(|(end, _)| *end <= column);
        runs.get(run).map_or(Water::Coastal, |(_, kind)| *kind)
    }
}

fn number(bytes: &mut std::slice::Iter<'_, u8>) -> Option<usize> {
    let mut value = 0;
    for shift in [0, 7, 14] {
        let byte = *bytes.next()?;
        value |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_places() {
        let land = Land::new();
        for (lat_deg, lon_deg, expected) in [
            (43.3, 32.0, Water::Open),      // the middle of the Black Sea
            (46.2, 31.2, Water::Coastal),   // off Odesa
            (50.76, -1.10, Water::Coastal), // the Solent
            (50.4, 30.5, Water::Inland),    // Kyiv
            (30.5, 32.35, Water::Inland),   // the Suez Canal at Ismailia
            (40.0, -30.0, Water::Open),
            (-35.0, 140.0, Water::Inland), // South Australia
            (80.0, 0.0, Water::Coastal),   // beyond the map
        ] {
            let position = Position { lat_deg, lon_deg };
            assert_eq!(land.at(position), expected, "{position:?}");
        }
    }

    #[test]
    fn the_map_is_read_to_its_last_byte() {
        let runs: usize = Land::new().rows.iter().map(Vec::len).sum();
        let ends = RUNS.iter().filter(|byte| **byte < 0x80).count();
        assert_eq!(runs, ends);
    }
}
