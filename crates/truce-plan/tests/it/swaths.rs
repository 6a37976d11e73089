//! Swaths on the map against the looks at cells, which are solved in another way.

use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Position, Slug};
use truce_plan::coverage::{Swath, swaths};

use crate::example::{EXAMPLE, PREPARED};

/// Looked at: a day.
const WINDOW_S: f64 = 86_400.0;
/// Cells so near to the edge of a swath may fall on either side: its edge is drawn in straight lines
/// of 75 km, which lie up to 0.2 km beside it, and instruments at the rim see shallowly.
const EDGE_M: f64 = 5_000.0;

fn all() -> Vec<Swath> {
    let from = PREPARED.frame.from;
    let place = Position {
        lat_deg: 48.0,
        lon_deg: 35.0,
    };
    swaths(
        &EXAMPLE.0.watch,
        &[],
        from,
        (from, WINDOW_S),
        (place, 3_000_000.0),
    )
}

/// Whether a ring holds a place (even-odd rule, straight in longitude and latitude), and how far the
/// nearest edge is, metres, on a plane at the place.
fn inside(ring: &[Position], at: Position) -> (bool, f64) {
    let scale = [111_195.0 * at.lat_deg.to_radians().cos(), 111_195.0];
    let plane: Vec<[f64; 2]> = ring
        .iter()
        .map(|p| {
            [
                (p.lon_deg - at.lon_deg) * scale[0],
                (p.lat_deg - at.lat_deg) * scale[1],
            ]
        })
        .collect();
    let (mut holds, mut nearest) = (false, f64::MAX);
    for edge in plane.windows(2) {
        let ([ax, ay], [bx, by]) = (edge[0], edge[1]);
        if (ay > 0.0) != (by > 0.0) && ax + (bx - ax) * ay / (ay - by) > 0.0 {
            holds = !holds;
        }
        let (dx, dy) = (bx - ax, by - ay);
        let along = (-(ax * dx + ay * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
        nearest = nearest.min((ax + along * dx).hypot(ay + along * dy));
    }
    (holds, nearest)
}

#[test]
fn what_is_drawn_as_swept_is_what_is_looked_at() {
    let drawn = all();
    assert!(drawn.len() > 20, "{} sweeps", drawn.len());
    let from = PREPARED.frame.from;
    let means = |observer: u16| -> &Slug {
        &EXAMPLE.0.watch.means[PREPARED.observers[usize::from(observer)]].id
    };
    let (mut looks, mut missing, mut swept, mut unseen) = (0, Vec::new(), 0, Vec::new());
    for view in &PREPARED.areas {
        for (centre, accesses) in view.cells.centres.iter().zip(&view.accesses) {
            for access in accesses
                .iter()
                .filter(|access| access.at_s < WINDOW_S - 900.0)
            {
                let at = plus_seconds(from, access.at_s);
                let own = |swath: &&Swath| {
                    swath.means == *means(access.observer) && swath.from <= at && at <= swath.until
                };
                let over = drawn.iter().find(own);
                looks += 1;
                let held = over.map(|swath| inside(&swath.ring, *centre));
                if !held.is_some_and(|(holds, edge_m)| holds || edge_m < EDGE_M) {
                    missing.push((means(access.observer), access.at_s, *centre, held));
                }
            }
            for swath in &drawn {
                let (holds, edge_m) = inside(&swath.ring, *centre);
                let begins_s = seconds_between(from, swath.from);
                let ends_s = seconds_between(from, swath.until);
                if !holds || edge_m < EDGE_M || begins_s < 900.0 || ends_s > WINDOW_S - 900.0 {
                    continue;
                }
                swept += 1;
                let is_look = |access: &&truce_plan::coverage::access::Access| {
                    *means(access.observer) == swath.means
                        && (begins_s..=ends_s).contains(&access.at_s)
                };
                if !accesses.iter().any(|access| is_look(&access)) {
                    unseen.push((&swath.means, begins_s, *centre));
                }
            }
        }
    }
    assert!(looks > 500 && swept > 500, "{looks} looks, {swept} swept");
    // Where the sun just reaches the least height, one edge of a swath may be lit and the other not.
    let few = |n: usize, of: usize| n * 100 <= of;
    assert!(
        few(missing.len(), looks),
        "{} of {looks}: {:?}",
        missing.len(),
        missing.first()
    );
    assert!(
        few(unseen.len(), swept),
        "{} of {swept}: {:?}",
        unseen.len(),
        unseen.first()
    );
}

#[test]
fn nobody_sees_where_the_instrument_needs_a_sun() {
    let watch = &EXAMPLE.0.watch;
    let of = |swath: &Swath| watch.means.iter().find(|means| means.id == swath.means);
    let needs_sun = |swath: &Swath| match of(swath).map(|means| &means.kind) {
        Some(truce_plan::watch::MeansKind::Satellite(satellite)) => {
            satellite.sun_elevation_deg_min.is_some()
        }
        _ => panic!("{swath:?}"),
    };
    let (lit, dark): (Vec<Swath>, Vec<Swath>) = all()
        .into_iter()
        .filter(needs_sun)
        .partition(|swath| !swath.ring.is_empty());
    // Over a day they pass by night as often as by day.
    assert!(
        !lit.is_empty() && !dark.is_empty(),
        "{} and {}",
        lit.len(),
        dark.len()
    );
    for swath in lit {
        // In October the sun stands over Europe between 4 and 16 o'clock UTC.
        let hour = (seconds_between(PREPARED.frame.from, swath.from) / 3_600.0).rem_euclid(24.0);
        assert!((3.0..17.0).contains(&hour), "{} at {hour}", swath.means);
    }
}
