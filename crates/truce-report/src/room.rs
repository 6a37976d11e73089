//! Room for a name inside an outline of a map.

/// The step by which room is looked for, and what is left free at both sides of a name, pixels.
const NAME_STEP_PX: f64 = 6.0;

/// Where the middle of a name stands inside an outline, pixels: as high as it fits, since the line of
/// contact seldom runs there; where it fits nowhere, in the widest place.
pub(crate) fn room_for_name(rings: &[Vec<(f64, f64)>], width_px: f64) -> Option<[f64; 2]> {
    let heights = || rings.iter().flatten().map(|(_, y)| *y);
    let (top, bottom) = (heights().reduce(f64::min)?, heights().reduce(f64::max)?);
    let mut widest: Option<(f64, [f64; 2])> = None;
    let rows = (1..).map(|row| top + f64::from(row) * NAME_STEP_PX);
    for y in rows.take_while(|y| *y < bottom) {
        // Even and odd crossings of a line through the name, from left to right, bound the inside.
        let mut crossings: Vec<f64> = rings.iter().flat_map(|ring| crossings(ring, y)).collect();
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let (room, at) = (
                pair[1] - pair[0],
                [f64::midpoint(pair[0], pair[1]), y + 4.0],
            );
            if room >= width_px + 2.0 * NAME_STEP_PX {
                return Some(at);
            }
            if widest.is_none_or(|(most, _)| room > most) {
                widest = Some((room, at));
            }
        }
    }
    widest.map(|(_, at)| at)
}

/// Where the edges of a ring cross a horizontal line.
fn crossings(ring: &[(f64, f64)], y: f64) -> impl Iterator<Item = f64> {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    edges
        .filter(move |((_, y0), (_, y1))| (*y0 < y) != (*y1 < y))
        .map(move |((x0, y0), (x1, y1))| x0 + (y - y0) / (y1 - y0) * (x1 - x0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A funnel: 20 px wide at the top, 200 px from y = 100 on down to 200.
    fn funnel() -> Vec<(f64, f64)> {
        vec![
            (90.0, 0.0),
            (110.0, 0.0),
            (200.0, 100.0),
            (200.0, 200.0),
            (0.0, 200.0),
            (0.0, 100.0),
        ]
    }

    #[test]
    fn a_name_stands_inside_as_high_as_it_fits() {
        let at = |width_px| room_for_name(&[funnel()], width_px).expect("an outline");
        // 20 + 1.8 y is the width at y; 12 px are left beside the name; text hangs 4 px below.
        for (width_px, y) in [
            (20.0, 12.0),
            (80.0, 42.0),
            (140.0, 78.0),
            (400.0, 106.0 - 4.0),
        ] {
            let [x, below] = at(width_px);
            assert!((x - 100.0).abs() < 1e-9, "{width_px}: {x}");
            assert!((below - 4.0 - y).abs() < 1e-9, "{width_px}: {below}");
        }
        assert_eq!(room_for_name(&[], 10.0), None);
    }

    #[test]
    fn a_name_avoids_a_hole() {
        let outer = vec![(0.0, 0.0), (300.0, 0.0), (300.0, 60.0), (0.0, 60.0)];
        let hole = vec![(20.0, -1.0), (200.0, -1.0), (200.0, 61.0), (20.0, 61.0)];
        let [x, _] = room_for_name(&[outer, hole], 60.0).expect("an outline");
        assert!((x - 250.0).abs() < 1e-9, "{x}");
    }
}
