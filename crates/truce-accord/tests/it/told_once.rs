//! One event is told once, as the graver: a stop that an obstruction forced is part of it.

use truce_core::incident::Withdrawal;
use truce_core::{
    Digest, Incident, IncidentKind, Interval, ObjectKind, ObservationId, TrackId, TrackPoint,
};

use crate::fixture::{agreement, documented, incident, position, slug};
use crate::watch::{after, lines, track, vessel, watch_of};

/// The obstruction of the vessel that all these tests follow, from one second to another.
fn obstruction(from_s: f64, to_s: f64) -> Incident {
    Incident {
        occurred: Interval::between(after(from_s), after(to_s)),
        track: Some(TrackId(Digest::of(b"track"))),
        zone: Some(slug("corridor-west")),
        ..incident(IncidentKind::Obstruction, position(45.0, 30.11), 10.0)
    }
}

/// A vessel that sails, lies still for forty minutes and sails on.
fn stopped() -> Vec<TrackPoint> {
    let mut points = vec![vessel(0.0, 45.0, 30.1, 6.0)];
    points.extend((1..=8).map(|i| vessel(f64::from(i) * 300.0, 45.0, 30.11, 0.1)));
    points.push(vessel(2_700.0, 45.0, 30.12, 5.0));
    points
}

#[test]
fn a_stop_that_was_forced_is_told_as_the_obstruction_alone() {
    // Known before the stop has lasted long enough: it is never told.
    let mut watch = watch_of(&agreement(&documented()));
    for point in stopped() {
        watch.update(&track(ObjectKind::Vessel, vec![point]));
        watch.take_graver(&obstruction(300.0, 900.0));
        assert_eq!(lines(&watch.changes()), [""; 0]);
    }
    // Known afterwards: what was told becomes part of it, and stands again when it does not stand.
    let mut watch = watch_of(&agreement(&documented()));
    for point in stopped() {
        watch.update(&track(ObjectKind::Vessel, vec![point]));
        watch.changes();
    }
    let graver = obstruction(300.0, 2_400.0);
    watch.take_graver(&graver);
    let told = watch.changes();
    assert_eq!(
        lines(&told),
        ["UnauthorisedStop corridor-west r3 300..2400 left withdrawn"]
    );
    assert_eq!(told[0].withdrawn, Some(Withdrawal::PartOf(graver.id)));
    watch.take_graver(&graver);
    assert_eq!(watch.changes(), [], "the same again says nothing new");
    watch.take_graver(&Incident {
        withdrawn: Some(Withdrawal::Unsupported),
        ..graver
    });
    assert_eq!(
        lines(&watch.changes()),
        ["UnauthorisedStop corridor-west r4 300..2400 left"]
    );
}

#[test]
fn other_stops_and_other_incidents_stand_by_themselves() {
    let founder = ObservationId(Digest::of(b"other"));
    let apart = [
        // Another time, another vessel, and a kind that says nothing of a stop.
        obstruction(7_200.0, 9_000.0),
        Incident {
            track: Some(TrackId(Digest::of(b"another"))),
            ..obstruction(300.0, 900.0)
        },
        Incident {
            id: Incident::name(IncidentKind::SignalGap, founder, ""),
            kind: IncidentKind::SignalGap,
            ..obstruction(300.0, 900.0)
        },
    ];
    let mut watch = watch_of(&agreement(&documented()));
    let mut told = Vec::new();
    for point in stopped() {
        watch.update(&track(ObjectKind::Vessel, vec![point]));
        apart.iter().for_each(|other| watch.take_graver(other));
        told.extend(watch.changes());
    }
    assert_eq!(
        lines(&told),
        [
            "UnauthorisedStop corridor-west r1 300..2100 ",
            "UnauthorisedStop corridor-west r2 300..2400 left"
        ]
    );
}
