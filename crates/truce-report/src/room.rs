//! Room for a name inside an outline of a map.

/// The step by which room is looked for, pixels.
const NAME_STEP_PX: f64 = 6.0;
/// From the middle of a name down to its base line, pixels.
const BASELINE_PX: f64 = 4.0;
/// Half the height of a letter, pixels.
const HALF_LETTER_PX: f64 = 4.5;

/// What no name may cover is held clear at points this far apart, pixels.
const COVER_STEP_PX: f64 = 8.0;

/// How much room a name takes, pixels: its longest line, and from its first line down to its last.
#[derive(Clone, Copy)]
pub(crate) struct Name {
    pub(crate) width_px: f64,
    pub(crate) between_px: f64,
}

/// Where a name stands: its middle and its base line (of several the mean one), and how far it is from
/// the nearest thing that it must not cover; zero where it does not fit. Pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Room {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) away_px: f64,
}

/// Where a name stands inside an outline: as far as it can from the outline and from what it must not
/// cover, the highest of equals; where it fits nowhere, in the widest place.
pub(crate) fn room_for_name(
    rings: &[Vec<(f64, f64)>],
    name: &Name,
    covers: &[(f64, f64)],
) -> Option<Room> {
    let heights = || rings.iter().flatten().map(|(_, y)| *y);
    let (top, bottom) = (heights().reduce(f64::min)?, heights().reduce(f64::max)?);
    let (mut freest, mut widest): (Option<Room>, Option<(f64, Room)>) = (None, None);
    let half_px = 0.5 * name.width_px;
    let outline = rings.iter().flat_map(|ring| sides(ring));
    let outline = outline.flat_map(|(from, to)| between(from, to));
    let covers: Vec<_> = covers.iter().copied().chain(outline).collect();
    let rows = (1..).map(|row| top + f64::from(row) * NAME_STEP_PX);
    for y in rows.take_while(|y| *y < bottom) {
        let ends = [y - 0.5 * name.between_px, y + 0.5 * name.between_px];
        for (left, right) in common(&inside(rings, ends[0]), &inside(rings, ends[1])) {
            let middle = f64::midpoint(left, right);
            if widest.is_none_or(|(most, _)| right - left > most) {
                widest = Some((
                    right - left,
                    Room {
                        x: middle,
                        y,
                        away_px: 0.0,
                    },
                ));
            }
            if right - left < 2.0 * half_px {
                continue;
            }
            let places = (0..).map(|step| left + half_px + f64::from(step) * NAME_STEP_PX);
            for x in places.take_while(|x| x + half_px <= right) {
                let away_px = away_px([x, y], name, &covers);
                if freest.is_none_or(|best| away_px > best.away_px) {
                    freest = Some(Room { x, y, away_px });
                }
            }
        }
    }
    let room = freest.or(widest.map(|(_, room)| room))?;
    Some(Room {
        y: room.y + BASELINE_PX,
        ..room
    })
}

/// Points from one to another, both included.
pub(crate) fn between(
    (x0, y0): (f64, f64),
    (x1, y1): (f64, f64),
) -> impl Iterator<Item = (f64, f64)> {
    let steps = ((x1 - x0).hypot(y1 - y0) / COVER_STEP_PX).ceil().max(1.0);
    let shares = (0..).map(f64::from).take_while(move |step| *step <= steps);
    shares.map(move |step| (x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps))
}

/// How far a name is from the nearest thing that it must not cover; infinite when there is none.
fn away_px([x, y]: [f64; 2], name: &Name, covers: &[(f64, f64)]) -> f64 {
    let away = covers.iter().map(|(at_x, at_y)| {
        let beside = ((at_x - x).abs() - 0.5 * name.width_px).max(0.0);
        let above = ((at_y - y).abs() - 0.5 * name.between_px - HALF_LETTER_PX).max(0.0);
        beside.hypot(above)
    });
    away.fold(f64::INFINITY, f64::min)
}

/// The parts of a horizontal line that lie inside, from left to right: between its even and its odd
/// crossings.
fn inside(rings: &[Vec<(f64, f64)>], y: f64) -> Vec<(f64, f64)> {
    let mut crossings: Vec<f64> = rings.iter().flat_map(|ring| crossings(ring, y)).collect();
    crossings.sort_by(f64::total_cmp);
    let (pairs, _) = crossings.as_chunks::<2>();
    pairs.iter().map(|[left, right]| (*left, *right)).collect()
}

/// What two rows of parts have in common.
fn common(one: &[(f64, f64)], other: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let pairs = one
        .iter()
        .flat_map(|a| other.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))));
    pairs.filter(|(left, right)| left < right).collect()
}

/// Where the sides of a ring cross a horizontal line.
fn crossings(ring: &[(f64, f64)], y: f64) -> impl Iterator<Item = f64> {
    sides(ring)
        .filter(move |((_, y0), (_, y1))| (*y0 < y) != (*y1 < y))
        .map(move |((x0, y0), (x1, y1))| x0 + (y - y0) / (y1 - y0) * (x1 - x0))
}

/// The sides of a ring, the one from its last corner to its first included.
fn sides(ring: &[(f64, f64)]) -> impl Iterator<Item = ((f64, f64), (f64, f64))> {
    let next = ring.iter().cycle().skip(1);
    ring.iter().copied().zip(next.copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of(width_px: f64) -> Name {
        Name {
            width_px,
            between_px: 0.0,
        }
    }

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

    fn at(rings: &[Vec<(f64, f64)>], width_px: f64, covers: &[(f64, f64)]) -> Room {
        room_for_name(rings, &line_of(width_px), covers).expect("an outline")
    }

    #[test]
    fn a_name_stands_amid_the_widest_place_that_it_fits() {
        // The funnel is 20 + 1.8 y wide above y = 100, and 200 px from there down to 200.
        for width_px in [20.0, 80.0, 140.0] {
            let room = at(&[funnel()], width_px, &[]);
            assert!(
                (room.x - 100.0).abs() <= NAME_STEP_PX,
                "{width_px}: {room:?}"
            );
            assert!((100.0..170.0).contains(&room.y), "{width_px}: {room:?}");
            let beside = 0.5 * (200.0 - width_px);
            assert!(
                (0.7 * beside..=beside).contains(&room.away_px),
                "{width_px}: {room:?}"
            );
        }
        let too_long = at(&[funnel()], 400.0, &[]);
        assert_eq!(
            (too_long.x, too_long.y, too_long.away_px),
            (100.0, 106.0, 0.0)
        );
        assert_eq!(room_for_name(&[], &line_of(10.0), &[]), None);
    }

    #[test]
    fn a_name_avoids_a_hole() {
        let outer = vec![(0.0, 0.0), (300.0, 0.0), (300.0, 60.0), (0.0, 60.0)];
        let hole = vec![(20.0, -1.0), (200.0, -1.0), (200.0, 61.0), (20.0, 61.0)];
        let Room { x, .. } = at(&[outer, hole], 60.0, &[]);
        assert!((x - 250.0).abs() <= NAME_STEP_PX, "{x}");
    }

    #[test]
    fn a_name_keeps_away_from_what_it_must_not_cover() {
        let square = [vec![(0.0, 0.0), (200.0, 0.0), (200.0, 200.0), (0.0, 200.0)]];
        let across: Vec<_> = between((0.0, 40.0), (200.0, 40.0)).collect();
        let Room { y, .. } = at(&square, 60.0, &across);
        assert!((y - 120.0).abs() <= 2.0 * NAME_STEP_PX, "{y}");
        let down: Vec<_> = between((60.0, 0.0), (60.0, 200.0)).collect();
        let Room { x, away_px, .. } = at(&square, 60.0, &down);
        assert!((x - 130.0).abs() <= NAME_STEP_PX, "{x}");
        assert!((35.0..=40.5).contains(&away_px), "{away_px}");
    }

    #[test]
    fn two_lines_fit_where_one_does_not() {
        let column = [vec![(0.0, 0.0), (60.0, 0.0), (60.0, 100.0), (0.0, 100.0)]];
        let cover = [(30.0, 10.0)];
        assert_eq!(at(&column, 80.0, &cover).away_px, 0.0);
        let two = Name {
            width_px: 40.0,
            between_px: 14.0,
        };
        let room = room_for_name(&column, &two, &cover).expect("room");
        assert!((room.x - 30.0).abs() <= NAME_STEP_PX, "{room:?}");
        assert!(
            room.y > 30.0 && (8.0..=10.0).contains(&room.away_px),
            "{room:?}"
        );
    }
}
