//! What burns in ordinary years: thermal anomalies of earlier times, counted in cells of 0.1° and
//! calendar months. A cell that burns every August says so.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::{Observation, Position, Reading, Timestamp};

/// Cells per degree.
const CELLS_PER_DEG: f64 = 10.0;
/// Cells kept: all land of a country of a million square kilometres, twentyfold.
const CELLS_MAX: usize = 200_000;
/// Mean length of a month, days.
pub(crate) const DAYS_PER_MONTH: f64 = 30.44;

/// A cell by the whole tenths of a degree of its south-west corner.
pub(crate) type Cell = (i16, i16);

/// Counts of thermal anomalies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Background {
    counts: BTreeMap<Cell, [u32; 12]>,
    /// The years that gave anything, per calendar month.
    years: [BTreeSet<i16>; 12],
}

/// What ordinary years say about a cell and a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Usual {
    /// Detections counted in this calendar month.
    pub(crate) count: f64,
    /// Years over which they were counted.
    pub(crate) years: f64,
    /// Detections per month in the calmest calendar month: what burns all year round.
    pub(crate) lasting_per_month: f64,
    /// The cell's area, square metres.
    pub(crate) area_m2: f64,
}

/// What changed by one row.
pub(crate) enum Learnt {
    /// Nothing.
    Nothing,
    /// The counts of one cell.
    Cell(Cell),
    /// The time over which is counted, and so every rate.
    Everything,
}

/// The cell of a position.
pub(crate) fn cell_of(position: Position) -> Cell {
    let tenth = |degrees: f64| whole(libm::floor(degrees * CELLS_PER_DEG));
    (tenth(position.lat_deg), tenth(position.lon_deg))
}

#[allow(clippy::cast_possible_truncation)] // At most 1,800 for a position on Earth.
fn whole(number: f64) -> i16 {
    number as i16
}

/// The calendar month of an instant, 0 to 11, and its year.
pub(crate) fn month_of(at: Timestamp) -> (usize, i16) {
    // The proleptic Gregorian calendar from days since 1970-01-01 (Hinnant, days_from_civil).
    let days = at.as_second().div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let month0 = (month + 2) % 12;
    let year = year + era * 400 + i64::from(month0 < 2);
    (
        usize::try_from(month0).unwrap_or(0),
        i16::try_from(year).unwrap_or(i16::MAX),
    )
}

impl Background {
    /// Counts a thermal anomaly; anything else changes nothing.
    pub(crate) fn learn(&mut self, observation: &Observation) -> Learnt {
        let Reading::ThermalAnomaly(_) = &observation.reading else {
            return Learnt::Nothing;
        };
        let place = observation
            .location
            .as_ref()
            .and_then(|location| location.place());
        let Some(place) = place else {
            return Learnt::Nothing;
        };
        let cell = cell_of(place.position);
        if self.counts.len() >= CELLS_MAX && !self.counts.contains_key(&cell) {
            return Learnt::Nothing;
        }
        let (month, year) = month_of(observation.observed_at.middle());
        self.counts.entry(cell).or_default()[month] += 1;
        if self.years[month].insert(year) {
            Learnt::Everything
        } else {
            Learnt::Cell(cell)
        }
    }

    /// What ordinary years say about a place in the month of an instant; `None` when nothing was
    /// learnt about that month.
    pub(crate) fn usual(&self, position: Position, at: Timestamp) -> Option<Usual> {
        let (month, _) = month_of(at);
        let years = self.years[month].len() as f64;
        if years == 0.0 {
            return None;
        }
        let cell = cell_of(position);
        let counts = self.counts.get(&cell).copied().unwrap_or_default();
        let all_year = self.years.iter().all(|years| !years.is_empty());
        let rates = counts.iter().zip(&self.years);
        let calmest = rates
            .map(|(count, years)| f64::from(*count) / (years.len().max(1) as f64))
            .fold(f64::INFINITY, f64::min);
        let middle_deg = (f64::from(cell.0) + 0.5) / CELLS_PER_DEG;
        // A degree of latitude is 111.2 km in the mean (WGS 84).
        let side_m = 111_200.0 / CELLS_PER_DEG;
        Some(Usual {
            count: f64::from(counts[month]),
            years,
            lasting_per_month: if all_year { calmest } else { 0.0 },
            area_m2: side_m * side_m * libm::cos(middle_deg.to_radians()).max(0.01),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_of_the_calendar() {
        let cases = [
            ("1970-01-01T00:00:00Z", (0, 1970)),
            ("2000-02-29T12:00:00Z", (1, 2000)),
            ("2022-07-31T23:59:59Z", (6, 2022)),
            ("2024-12-31T23:59:59Z", (11, 2024)),
            ("1969-12-31T23:59:59Z", (11, 1969)),
        ];
        for (text, expected) in cases {
            assert_eq!(month_of(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn cells_hold_their_south_west_corner() {
        for (lat, lon, cell) in [(48.05, 37.99, (480, 379)), (-0.05, -0.05, (-1, -1))] {
            assert_eq!(cell_of(Position::new(lat, lon).unwrap()), cell);
        }
    }
}
