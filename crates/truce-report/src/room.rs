//! Room for a name inside an outline of a map.

/// The step by which room is looked for, and what is left free at both sides of a name, pixels.
const NAME_STEP_PX: f64 = 6.0;
/// From the middle of a name down to its base line, pixels.
const BASELINE_PX: f64 = 4.0;

/// Where the middle of a name stands inside an outline, pixels: as far as it can from what it must not
/// cover, the highest of equals; where it fits nowhere, in the widest place.
pub(crate) fn room_for_name(
    rings: &[Vec<(f64, f64)>],
    width_px: f64,
    covers: &[(f64, f64)],
) -> Option<[f64; 2]> {
    let heights = || rings.iter().flatten().map(|(_, y)| *y);
    let (top, bottom) = (heights().reduce(f64::min)?, heights().reduce(f64::max)?);
    let (mut freest, mut widest): (Option<Room>, Option<Room>) = (None, None);
    let better = |best: &mut Option<Room>, room: Room| {
        if best.is_none_or(|(most, _)| room.0 > most) {
            *best = Some(room);
        }
    };
    let rows = (1..).map(|row| top + f64::from(row) * NAME_STEP_PX);
    for y in rows.take_while(|y| *y < bottom) {
        // Even and odd crossings of a line through the name, from left to right, bound the inside.
        let mut crossings: Vec<f64> = rings.iter().flat_map(|ring| crossings(ring, y)).collect();
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let (left, right) = (pair[0], pair[1]);
            let middle = f64::midpoint(left, right);
            better(&mut widest, (right - left, [middle, y]));
            let half_px = 0.5 * width_px + NAME_STEP_PX;
            if right - left >= 2.0 * half_px {
                for x in [middle, left + half_px, right - half_px] {
                    better(&mut freest, (away_px([x, y], width_px, covers), [x, y]));
                }
            }
        }
    }
    let (_, [x, y]) = freest.or(widest)?;
    Some([x, y + BASELINE_PX])
}

/// How good a place is, and where the middle of the name would be.
type Room = (f64, [f64; 2]);

/// How far a name is from the nearest thing that it must not cover; infinite when there is none.
fn away_px([x, y]: [f64; 2], width_px: f64, covers: &[(f64, f64)]) -> f64 {
    let away = covers.iter().map(|(at_x, at_y)| {
        let beside = ((at_x - x).abs() - 0.5 * width_px).max(0.0);
        beside.hypot(at_y - y)
    });
    away.fold(f64::INFINITY, f64::min)
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
        let at = |width_px| room_for_name(&[funnel()], width_px, &[]).expect("an outline");
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
        assert_eq!(room_for_name(&[], 10.0, &[]), None);
    }

    #[test]
    fn a_name_avoids_a_hole() {
        let outer = vec![(0.0, 0.0), (300.0, 0.0), (300.0, 60.0), (0.0, 60.0)];
        let hole = vec![(20.0, -1.0), (200.0, -1.0), (200.0, 61.0), (20.0, 61.0)];
        let [x, _] = room_for_name(&[outer, hole], 60.0, &[]).expect("an outline");
        assert!((x - 250.0).abs() < 1e-9, "{x}");
    }

    #[test]
    fn a_name_keeps_away_from_what_it_must_not_cover() {
        let square = vec![(0.0, 0.0), (200.0, 0.0), (200.0, 200.0), (0.0, 200.0)];
        let line: Vec<_> = (0..=20).map(|n| (f64::from(10 * n), 30.0)).collect();
        let [_, y] = room_for_name(std::slice::from_ref(&square), 60.0, &line).expect("room");
        assert!(y > 180.0, "{y}");
        let beside: Vec<_> = (0..=20).map(|n| (60.0, f64::from(10 * n))).collect();
        let [x, _] = room_for_name(&[square], 60.0, &beside).expect("room");
        assert!((x - 164.0).abs() < 1e-9, "{x}");
    }
}
