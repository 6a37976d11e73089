//! Zones against exact geometry that nobody here wrote, and against slow references.

use geo::{Coord, Distance, Euclidean, Intersects, Line, LineString, Point, Polygon};
use proptest::prelude::*;
use truce_accord::agreement::Side;
use truce_accord::{Watch, ZoneIndex};
use truce_core::mission::{Shape, Zone, ZoneKind};
use truce_core::time::plus_seconds;
use truce_core::{
    Digest, Ellipse, IncidentKind, ObjectKind, ObservationId, Place, Position, Track, TrackId,
    TrackPoint,
};

use crate::fixture::{at, mission, position, read_with, rectangle, slug, zone};
use crate::postgis;

/// A polygon around a middle, as radii at equal angles, with a hole of half the radii.
#[derive(Debug, Clone)]
struct Star {
    lat: f64,
    lon: f64,
    radii_deg: Vec<f64>,
    hole: bool,
}

impl Star {
    fn ring(&self, share: f64) -> Vec<(f64, f64)> {
        let step = std::f64::consts::TAU / self.radii_deg.len() as f64;
        let corner = |(i, radius): (usize, &f64)| {
            let angle = step * i as f64;
            let away = radius * share;
            (self.lon + away * angle.cos(), self.lat + away * angle.sin())
        };
        self.radii_deg.iter().enumerate().map(corner).collect()
    }

    fn rings(&self) -> Vec<Vec<(f64, f64)>> {
        let mut rings = vec![self.ring(1.0)];
        rings.extend(self.hole.then(|| self.ring(0.5)));
        rings
    }

    fn shape(&self) -> Shape {
        let positions = |ring: Vec<(f64, f64)>| {
            ring.into_iter()
                .map(|(lon, lat)| position(lat, lon))
                .collect()
        };
        Shape::Polygons(vec![self.rings().into_iter().map(positions).collect()])
    }

    fn polygon(&self) -> Polygon<f64> {
        let line = |ring: Vec<(f64, f64)>| LineString::from(ring);
        let mut rings = self.rings().into_iter().map(line);
        let outer = rings.next().unwrap();
        Polygon::new(outer, rings.collect())
    }
}

fn star() -> impl Strategy<Value = Star> {
    let radii = prop::collection::vec(0.02..0.6_f64, 3..40);
    (47.0..49.0_f64, 35.0..39.0_f64, radii, any::<bool>()).prop_map(
        |(lat, lon, radii_deg, hole)| Star {
            lat,
            lon,
            radii_deg,
            hole,
        },
    )
}

fn places() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((34.0..40.0_f64, 46.0..50.0_f64), 1..40)
}

fn zones_of(stars: &[Star]) -> Vec<Zone> {
    let numbered = stars.iter().enumerate();
    numbered
        .map(|(i, star)| zone(&format!("z{i}"), ZoneKind::BufferZone, star.shape()))
        .collect()
}

fn agreement_text(zones: &[Zone]) -> String {
    let names: Vec<String> = zones
        .iter()
        .map(|zone| format!("\"{}\"", zone.id))
        .collect();
    format!(
        "title = \"T\"\n[thresholds]\nsilence_s = 100_000\n[[version]]\n\
         effective_from = 2025-01-01T00:00:00Z\n[[version.clause]]\nid = \"c\"\n\
         kind = \"no_presence\"\ntitle = \"C\"\ntext = \"None.\"\nobjects = [\"troops\"]\n\
         zones = [{}]\n",
        names.join(", ")
    )
}

/// (zone, seconds of the first fix, seconds of the last fix inside or after, is a passage)
type Event = (String, i64, i64, bool);

fn seen_by_watch(stars: &[Star], track: &[(f64, f64)]) -> Vec<Event> {
    let mut mission = mission();
    mission.zones = zones_of(stars);
    let agreement = read_with(&mission, &agreement_text(&mission.zones)).unwrap();
    let mut watch = Watch::new(&mission, &agreement);
    let start = at("2025-03-20T00:00:00Z");
    let point = |(i, (lon, lat)): (usize, &(f64, f64))| TrackPoint {
        observed_at: plus_seconds(start, i as f64 * 10.0),
        place: Place {
            position: position(*lat, *lon),
            uncertainty: Ellipse::circle(0.0),
        },
        height: None,
        speed_m_s: None,
        course_deg: None,
        observation: ObservationId(Digest::of(&i.to_be_bytes())),
    };
    watch.update(&Track {
        id: TrackId(Digest::of(b"track")),
        kind: ObjectKind::Troops,
        identity: None,
        name: None,
        actor: None,
        existence: 1.0,
        observation_count: 1,
        first_observed_at: start,
        points: track.iter().enumerate().map(point).collect(),
    });
    watch.advance(plus_seconds(start, 500_000.0));
    let seconds = |t: truce_core::Timestamp| t.duration_since(start).as_secs();
    let mut events: Vec<Event> = watch
        .changes()
        .iter()
        .map(|incident| {
            let zone = incident.zone.as_ref().unwrap().to_string();
            let (from, to) = (incident.occurred.start, incident.occurred.end);
            let passage = incident.kind == IncidentKind::Passage;
            (zone, seconds(from), seconds(to), passage)
        })
        .collect();
    events.sort();
    events
}

/// The same by exact geometry, zone by zone and fix by fix.
fn seen_by_geometry(stars: &[Star], track: &[(f64, f64)]) -> Vec<Event> {
    let polygons: Vec<Polygon<f64>> = stars.iter().map(Star::polygon).collect();
    events_by(
        stars.len(),
        track.len(),
        |zone, i| polygons[zone].intersects(&Point::new(track[i].0, track[i].1)),
        |zone, i| {
            let coord = |(x, y): (f64, f64)| Coord { x, y };
            let way = Line::new(coord(track[i - 1]), coord(track[i]));
            polygons[zone].intersects(&way)
        },
    )
}

/// The events that follow when someone else says where each fix is (`inside`) and whether the way
/// to it from the fix before meets a zone (`meets`).
fn events_by(
    zones: usize,
    fixes: usize,
    inside: impl Fn(usize, usize) -> bool,
    meets: impl Fn(usize, usize) -> bool,
) -> Vec<Event> {
    let seconds = |i: usize| i as i64 * 10;
    let mut events = Vec::new();
    for zone in 0..zones {
        let name = format!("z{zone}");
        let mut entered = None;
        for i in 0..fixes {
            match (entered, inside(zone, i)) {
                (None, true) => entered = Some(i),
                (Some(first), false) => {
                    events.push((name.clone(), seconds(first), seconds(i - 1), false));
                    entered = None;
                }
                (None, false) if i > 0 && !inside(zone, i - 1) && meets(zone, i) => {
                    events.push((name.clone(), seconds(i - 1), seconds(i), true));
                }
                _ => {}
            }
        }
        if let Some(first) = entered {
            events.push((name, seconds(first), seconds(fixes - 1), false));
        }
    }
    events.sort();
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn positions_are_found_as_by_exact_geometry(
        stars in prop::collection::vec(star(), 1..6),
        places in places(),
    ) {
        let zones = zones_of(&stars);
        let index = ZoneIndex::new(&zones);
        let corners = stars.iter().flat_map(Star::rings).flatten();
        for (lon, lat) in places.into_iter().chain(corners) {
            let found: Vec<String> = index
                .locate(position(lat, lon))
                .iter()
                .map(|located| located.zone.to_string())
                .collect();
            let expected: Vec<String> = zones
                .iter()
                .zip(&stars)
                .filter(|(_, star)| star.polygon().intersects(&Point::new(lon, lat)))
                .map(|(zone, _)| zone.id.to_string())
                .collect();
            prop_assert_eq!(found, expected, "{} {}", lat, lon);
        }
    }

    #[test]
    fn tracks_are_seen_as_by_exact_geometry(
        stars in prop::collection::vec(star(), 1..5),
        track in places(),
    ) {
        prop_assert_eq!(seen_by_watch(&stars, &track), seen_by_geometry(&stars, &track));
    }

    #[test]
    fn distances_to_borders_are_those_of_the_plane(star in star(), place in places()) {
        // Around one position the plane is a scaled copy of degrees.
        let index = ZoneIndex::new(&zones_of(std::slice::from_ref(&star)));
        for (lon, lat) in place {
            let frame = truce_core::Frame::at(position(lat, lon));
            let to_m = |(x, y): &(f64, f64)| frame.to_xy_m(position(*y, *x));
            let rings = star.rings();
            let nearest = rings
                .iter()
                .map(|ring| {
                    let mut ring: Vec<(f64, f64)> = ring.iter().map(to_m).collect();
                    ring.push(ring[0]);
                    Euclidean.distance(&LineString::from(ring), &Point::new(0.0, 0.0))
                })
                .fold(f64::INFINITY, f64::min);
            let found = index.distance_to_m(&slug("z0"), position(lat, lon)).unwrap();
            let inside = star.polygon().intersects(&Point::new(lon, lat));
            prop_assert!((found.abs() - nearest).abs() < 1e-3 + nearest * 1e-6);
            prop_assert_eq!(inside, found <= 0.0);
        }
    }
}

#[test]
fn membership_is_the_share_of_the_error_inside() {
    let mut coast = zone(
        "box",
        ZoneKind::BufferZone,
        rectangle(48.0, 37.0, 48.02, 37.05),
    );
    let place = |lat: f64, lon: f64, uncertainty: Ellipse| Place {
        position: position(lat, lon),
        uncertainty,
    };
    let circle = Ellipse::circle(100.0);
    // 100 m are 0.000899° north and 0.001341° east here.
    let table = [
        (place(48.01, 37.025, circle), 1.0),
        (place(48.01, 37.0, circle), 0.5),
        (place(48.0, 37.0, circle), 0.25),
        (place(48.01, 37.0 - 0.001_341, circle), 0.158_7),
        (place(48.01, 37.0 + 0.001_341, circle), 0.841_3),
        (place(48.01, 36.9, circle), 0.0),
    ];
    let index = ZoneIndex::new(std::slice::from_ref(&coast));
    for (place, expected) in table {
        let found = index.membership(&place, &coast);
        assert!((found - expected).abs() < 2e-3, "{place:?}: {found}");
    }
    // An ellipse along the border crosses it less than one across.
    let bearing = |bearing_deg| Ellipse {
        semi_major_m: 200.0,
        semi_minor_m: 20.0,
        bearing_deg,
    };
    let outside = |ellipse| index.membership(&place(48.01, 37.0 - 0.001_341, ellipse), &coast);
    assert!(outside(bearing(0.0)) < 1e-5);
    assert!((outside(bearing(90.0)) - 0.308_5).abs() < 2e-3);
    // An unsure border is as good as an unsure place.
    coast.border_m_sigma = 100.0;
    let unsure = ZoneIndex::new(std::slice::from_ref(&coast));
    let sharp = place(48.01, 37.0 + 0.001_341, Ellipse::circle(0.0));
    assert!((unsure.membership(&sharp, &coast) - 0.841_3).abs() < 2e-3);
    assert_eq!(index.membership(&sharp, &coast), 1.0);
}

#[test]
fn sides_are_seen_along_the_line() {
    let corners = [(47.0, 37.0), (48.0, 37.0), (48.0, 38.0)];
    let corners = corners.map(|(lat, lon)| position(lat, lon)).to_vec();
    let line = zone("line", ZoneKind::LineOfContact, Shape::Line(corners));
    let index = ZoneIndex::new(&[
        line,
        zone("box", ZoneKind::Port, rectangle(0.0, 0.0, 1.0, 1.0)),
    ]);
    let side = |lat: f64, lon: f64| index.side_of_line(&slug("line"), position(lat, lon));
    let table = [
        (47.5, 36.9, Some(Side::Left)),
        (47.5, 37.1, Some(Side::Right)),
        (48.1, 37.5, Some(Side::Left)),
        (47.9, 37.5, Some(Side::Right)),
        (48.1, 36.9, Some(Side::Left)),
        (47.5, 37.0, None),
    ];
    for (lat, lon, expected) in table {
        assert_eq!(side(lat, lon), expected, "{lat} {lon}");
    }
    assert_eq!(index.side_of_line(&slug("box"), position(0.5, 0.5)), None);
    assert_eq!(index.distance_to_m(&slug("none"), position(0.5, 0.5)), None);
}

#[test]
fn distances_agree_over_the_antimeridian() {
    let ring = [(0.0, 179.9), (0.0, -179.9), (0.2, -179.9), (0.2, 179.9)];
    let ring = ring.map(|(lat, lon)| position(lat, lon)).to_vec();
    let shape = Shape::Polygons(vec![vec![ring]]);
    let index = ZoneIndex::new(&[zone("dateline", ZoneKind::BufferZone, shape)]);
    let distance = |lon: f64| {
        index
            .distance_to_m(&slug("dateline"), position(0.1, lon))
            .unwrap()
    };
    let inside = |p: Position| index.locate(p).len();
    assert!((distance(179.8) - distance(-179.8)).abs() < 1e-6);
    assert!((distance(180.0) - distance(-180.0)).abs() < 1e-6);
    assert!(
        (distance(180.0) + 11_057.0).abs() < 20.0,
        "{}",
        distance(180.0)
    );
    for lon in [179.95, 180.0, -180.0, -179.95] {
        assert_eq!(inside(position(0.1, lon)), 1, "{lon}");
    }
    for lon in [179.8, -179.8, 0.0] {
        assert_eq!(inside(position(0.1, lon)), 0, "{lon}");
    }
}

/// Stars and tracks that are the same every time (SplitMix64).
fn drawn(seed: u64) -> (Vec<Star>, Vec<Vec<(f64, f64)>>) {
    let mut state = seed;
    let mut next = |low: f64, high: f64| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        low + (high - low) * ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let stars = (0..12)
        .map(|i| Star {
            lat: next(47.0, 49.0),
            lon: next(35.0, 39.0),
            radii_deg: (0..3 + 7 * i).map(|_| next(0.05, 0.6)).collect(),
            hole: i % 3 == 0,
        })
        .collect();
    let mut tracks = Vec::new();
    for _ in 0..40 {
        let (mut lon, mut lat) = (next(34.0, 40.0), next(46.0, 50.0));
        let mut track = Vec::new();
        for _ in 0..60 {
            track.push((lon, lat));
            lon += next(-0.3, 0.3);
            lat += next(-0.2, 0.2);
        }
        tracks.push(track);
    }
    (stars, tracks)
}

#[test]
#[ignore = "needs PostgreSQL with PostGIS"]
fn interop_postgis_sees_the_same_entries_exits_and_crossings() {
    let (stars, mut tracks) = drawn(7);
    // A track over corners of the zones: on a border is inside.
    let corners: Vec<(f64, f64)> = stars.iter().map(|star| star.ring(1.0)[0]).collect();
    tracks.push(corners);
    let seen = postgis::look(&stars.iter().map(Star::rings).collect::<Vec<_>>(), &tracks);
    let mut events = 0;
    for (number, track) in tracks.iter().enumerate() {
        let look = |zone: usize, fix: usize| seen[&(number, zone, fix)];
        let expected = events_by(
            stars.len(),
            track.len(),
            |zone, fix| look(zone, fix).inside,
            |zone, fix| look(zone, fix).meets,
        );
        assert_eq!(seen_by_watch(&stars, track), expected, "track {number}");
        events += expected.len();
    }
    assert!(events > 300, "only {events} events were compared");
}
