//! The ground of the maps: coast, borders and towns, embedded. Land has no colour, whosever it is;
//! borders follow United Nations practice (see `basemap/README.md`).

use std::sync::OnceLock;

use truce_core::Position;

/// A line of the base map.
pub(crate) struct Line {
    /// True for a border, false for the coast.
    pub(crate) is_border: bool,
    /// Its corners.
    pub(crate) corners: Vec<Position>,
}

/// A town.
pub(crate) struct Town {
    /// Its name.
    pub(crate) name: &'static str,
    /// Where it is, to about a kilometre.
    pub(crate) position: Position,
    /// 1 is shown on every map, 3 only on maps of a small area.
    pub(crate) rank: u8,
}

/// All lines.
pub(crate) fn lines() -> &'static [Line] {
    static LINES: OnceLock<Vec<Line>> = OnceLock::new();
    LINES.get_or_init(|| {
        let text = include_str!("../basemap/lines.txt");
        text.lines().filter_map(line).collect()
    })
}

/// `c` or `b`, then hundredths of a degree, each pair as the difference to the one before.
fn line(text: &str) -> Option<Line> {
    let (kind, numbers) = text.split_once(' ')?;
    let mut numbers = numbers.split(' ').filter_map(|n| n.parse::<i32>().ok());
    let (mut lon, mut lat) = (0, 0);
    let mut corners = Vec::new();
    while let (Some(east), Some(north)) = (numbers.next(), numbers.next()) {
        lon += east;
        lat += north;
        corners.push(Position {
            lat_deg: f64::from(lat) / 100.0,
            lon_deg: f64::from(lon) / 100.0,
        });
    }
    Some(Line {
        is_border: kind == "b",
        corners,
    })
}

/// All towns.
pub(crate) fn towns() -> &'static [Town] {
    static TOWNS: OnceLock<Vec<Town>> = OnceLock::new();
    TOWNS.get_or_init(|| {
        let text = include_str!("../basemap/towns.csv");
        text.lines().skip(1).filter_map(town).collect()
    })
}

fn town(text: &'static str) -> Option<Town> {
    let mut values = text.split(',');
    let name = values.next()?;
    let mut number = || values.next()?.parse::<f64>().ok();
    let position = Position::new(number()?, number()?)?;
    let rank = values.next()?.parse().ok()?;
    Some(Town {
        name,
        position,
        rank,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often the way between two towns crosses a border.
    fn borders_between(from: &str, to: &str) -> usize {
        let at = |name: &str| {
            let found = towns().iter().find(|town| town.name == name);
            found.unwrap().position
        };
        let (a, b) = (at(from), at(to));
        let side = |p: Position, q: Position, r: Position| {
            (q.lon_deg - p.lon_deg) * (r.lat_deg - p.lat_deg)
                - (q.lat_deg - p.lat_deg) * (r.lon_deg - p.lon_deg)
        };
        let crosses = |pair: &&[Position]| {
            let (c, d) = (pair[0], pair[1]);
            side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
        };
        let borders = lines().iter().filter(|line| line.is_border);
        borders
            .flat_map(|line| line.corners.windows(2))
            .filter(crosses)
            .count()
    }

    #[test]
    fn borders_follow_the_united_nations() {
        let inside = [
            ("Simferopol", "Kherson"),
            ("Sevastopol", "Simferopol"),
            ("Donetsk", "Dnipro"),
            ("Luhansk", "Kharkiv"),
        ];
        for (from, to) in inside {
            assert_eq!(borders_between(from, to), 0, "{from} – {to}");
        }
        for (from, to) in [("Kharkiv", "Belgorod"), ("Lviv", "Rzeszów")] {
            assert_eq!(borders_between(from, to), 1, "{from} – {to}");
        }
    }

    #[test]
    fn every_line_and_town_is_read() {
        let text = include_str!("../basemap/lines.txt");
        assert_eq!(lines().len(), text.lines().count());
        assert!(lines().iter().all(|line| line.corners.len() > 1));
        let text = include_str!("../basemap/towns.csv");
        assert_eq!(towns().len(), text.lines().count() - 1);
        assert!(towns().iter().all(|town| (1..=3).contains(&town.rank)));
    }
}
