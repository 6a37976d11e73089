//! Incidents held against clauses: (incident, context) → verdict.

use truce_accord::{Agreement, Context, ZoneIndex, assess};
use truce_core::incident::Withdrawal;
use truce_core::{
    Assessment, Digest, EventClass, Incident, IncidentKind, Interval, Notice, Slug, TrackId,
    Verdict,
};

use crate::fixture::{agreement, at, documented, incident, mission, position, slug};
use Expected::{Breach, Compliant, NotConcerned, Undetermined};
use IncidentKind as K;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Breach,
    Compliant,
    Undetermined,
    NotConcerned,
}

/// An incident in the making.
#[derive(Clone)]
struct Make(Incident);

fn make(kind: IncidentKind, lat: f64, lon: f64, sigma_m: f64) -> Make {
    Make(incident(kind, position(lat, lon), sigma_m))
}

impl Make {
    fn p(mut self, probability: f64) -> Self {
        self.0.probability = probability;
        self
    }

    fn with(mut self, key: &str, value: &str) -> Self {
        self.0.attributes.insert(slug(key), value.to_owned());
        self
    }

    fn on(mut self, when: &str) -> Self {
        self.0.occurred = Interval::instant(at(when));
        self
    }

    fn between(mut self, from: &str, to: &str) -> Self {
        self.0.occurred = Interval::between(at(from), at(to));
        self
    }

    fn side(mut self, party: &str, p: f64) -> Self {
        self.0.attribution.parties.insert(slug(party), p);
        self
    }

    fn class(mut self, class: EventClass, p: f64) -> Self {
        self.0.classes.insert(class, p);
        self
    }

    /// As the watch raises it: about a track and a zone.
    fn watched(mut self, zone: &str) -> Self {
        self.0.track = Some(TrackId(Digest::of(b"track")));
        self.0.zone = Some(slug(zone));
        self
    }

    fn zone(mut self, zone: &str) -> Self {
        self.0.zone = Some(slug(zone));
        self
    }

    fn withdrawn(mut self) -> Self {
        self.0.withdrawn = Some(Withdrawal::Unsupported);
        self
    }
}

fn all(agreement: &Agreement, incident: &Incident, notices: &[Notice]) -> Vec<Assessment> {
    let mission = mission();
    let zones = ZoneIndex::new(&mission.zones);
    let context = Context {
        mission: &mission,
        zones: &zones,
        track: None,
        now: at("2025-03-21T00:00:00Z"),
        notices,
    };
    assess(agreement, incident, &context)
}

fn check_noticed(clause: &str, notices: &[Notice], cases: Vec<(&str, Make, Expected)>) {
    let agreement = agreement(&documented());
    for (why, Make(incident), expected) in cases {
        let assessments = all(&agreement, &incident, notices);
        let found = assessments.iter().find(|a| a.clause.as_str() == clause);
        let verdict = found.map_or(NotConcerned, |a| match a.verdict {
            Verdict::Breach => Breach,
            Verdict::Compliant => Compliant,
            Verdict::Undetermined => Undetermined,
        });
        let reasons = found.map(|a| a.reasons.clone());
        assert_eq!(verdict, expected, "{clause}, {why}: {reasons:#?}");
        if let Some(assessment) = found {
            assert_eq!(assessment.incident, incident.id);
            assert_eq!(
                assessment.agreement_effective_from,
                at("2025-03-01T00:00:00Z")
            );
            let sentences = assessment.reasons.iter();
            assert!(sentences.clone().all(|s| s.ends_with('.')), "{reasons:#?}");
        }
    }
}

fn check(clause: &str, cases: Vec<(&str, Make, Expected)>) {
    check_noticed(clause, &[], cases);
}

#[test]
fn no_fire() {
    let fire = || make(K::PhysicalEvent, 48.0, 37.0, 300.0);
    let cases = vec![
        ("sure", fire().p(0.95), Breach),
        ("at the threshold", fire().p(0.8), Breach),
        ("below the threshold", fire().p(0.79), Undetermined),
        ("above compliance", fire().p(0.21), Undetermined),
        ("at compliance", fire().p(0.2), Compliant),
        ("withdrawn", fire().p(0.95).withdrawn(), Compliant),
        (
            "before the agreement",
            fire().p(0.95).on("2025-02-28T23:59:59Z"),
            NotConcerned,
        ),
        (
            "perhaps before the agreement",
            fire()
                .p(0.95)
                .between("2025-02-28T23:00:00Z", "2025-03-01T01:00:00Z"),
            Undetermined,
        ),
        (
            "classes only share it out",
            fire()
                .p(0.9)
                .class(EventClass::Artillery, 0.3)
                .class(EventClass::FarmFire, 0.7),
            Breach,
        ),
        (
            "another kind",
            make(K::MinesOrWorks, 48.0, 37.0, 10.0),
            NotConcerned,
        ),
    ];
    check("cessation-of-fire", cases);
}

#[test]
fn no_fire_of_some_classes() {
    let text = documented().replace(
        "kind = \"no_fire\"",
        "kind = \"no_fire\"\nevents = [\"artillery\"]",
    );
    let agreement = agreement(&text);
    let fire = |artillery: f64, arms: f64| {
        let fire = make(K::PhysicalEvent, 48.0, 37.0, 300.0).p(0.9);
        let fire = fire.class(EventClass::Artillery, artillery);
        fire.class(EventClass::SmallArms, arms)
    };
    let unknown = make(K::PhysicalEvent, 48.0, 37.0, 300.0).p(0.9);
    let table = [
        (fire(0.89, 0.01), Verdict::Breach),
        (fire(0.45, 0.45), Verdict::Undetermined),
        (fire(0.05, 0.85), Verdict::Compliant),
        (unknown, Verdict::Undetermined),
    ];
    for (Make(incident), expected) in table {
        let found = all(&agreement, &incident, &[]);
        assert_eq!(found[0].verdict, expected, "{:#?}", found[0].reasons);
    }
}

#[test]
fn no_presence() {
    let stay = |seconds: &str| {
        let stay = make(K::Presence, 48.0, 36.95, 20.0)
            .p(0.95)
            .watched("buffer-zone");
        stay.with("object", "troops").with("duration_s", seconds)
    };
    let sighting = |lon: f64, sigma_m: f64| {
        let sighting = make(K::WeaponSighting, 48.0, lon, sigma_m).p(0.95);
        sighting.with("weapon", "artillery")
    };
    let passage = |p: f64| {
        let passage = make(K::Passage, 48.0, 37.0, 20.0).p(p);
        passage.watched("line-of-contact").with("object", "vehicle")
    };
    let movement = make(K::Movement, 48.0, 37.0, 100.0).p(0.9);
    let cases = vec![
        ("long enough", stay("600"), Breach),
        (
            "over too soon",
            stay("100").with("ended", "left"),
            Compliant,
        ),
        ("may go on", stay("100"), Undetermined),
        (
            "not meant",
            stay("600").with("object", "vessel"),
            NotConcerned,
        ),
        ("exempt", stay("600").with("actor", "mission"), Compliant),
        ("not exempt", stay("600").with("actor", "party-a"), Breach),
        ("another zone", stay("600").zone("aid-route"), NotConcerned),
        ("doubtful", stay("600").p(0.6), Undetermined),
        ("seen inside", sighting(37.0, 200.0), Breach),
        ("seen at the border", sighting(36.9, 500.0), Undetermined),
        ("seen outside", sighting(36.5, 500.0), Compliant),
        (
            "seen somewhere there",
            sighting(37.0, 10_000.0),
            Undetermined,
        ),
        ("who knows what moved", movement.clone(), Undetermined),
        ("troops moved", movement.with("object", "troops"), Breach),
        ("over the line", passage(0.9), Breach),
        ("perhaps over the line", passage(0.5), Undetermined),
    ];
    check("buffer-zone", cases);
}

#[test]
fn withdrawal() {
    let gun = |weapon: &str, lon: f64, sigma_m: f64| {
        make(K::WeaponSighting, 48.0, lon, sigma_m)
            .p(0.95)
            .with("weapon", weapon)
    };
    let cases = vec![
        ("inside", gun("artillery", 36.5, 100.0), Breach),
        (
            "before the deadline",
            gun("artillery", 36.5, 100.0).on("2025-03-05T00:00:00Z"),
            Compliant,
        ),
        (
            "at the deadline",
            gun("artillery", 36.5, 100.0).on("2025-03-08T00:00:00Z"),
            Breach,
        ),
        ("behind", gun("artillery", 35.9, 100.0), Compliant),
        (
            "at the far border",
            gun("artillery", 36.0, 2_000.0),
            Undetermined,
        ),
        (
            "in one zone or the other",
            gun("artillery", 37.0, 2_000.0),
            Breach,
        ),
        (
            "rockets at 37 km",
            gun("rocket_artillery", 36.5, 100.0),
            Breach,
        ),
        (
            "rockets at 76 km",
            gun("rocket_artillery", 35.98, 100.0),
            Compliant,
        ),
        (
            "rockets at 75 km",
            gun("rocket_artillery", 35.995, 2_000.0),
            Undetermined,
        ),
        (
            "rockets before",
            gun("rocket_artillery", 36.5, 9.0).on("2025-03-10T00:00:00Z"),
            Compliant,
        ),
    ];
    check("heavy-weapons", cases);
}

#[test]
fn withdrawal_of_weapons_of_an_unclear_class() {
    let gun = |weapon: &str| {
        make(K::WeaponSighting, 48.0, 36.5, 100.0)
            .p(0.95)
            .with("weapon", weapon)
    };
    let nameless = make(K::WeaponSighting, 48.0, 36.5, 100.0).p(0.95);
    let watched = make(K::Presence, 48.0, 36.5, 20.0)
        .p(0.95)
        .watched("withdrawal-a")
        .with("object", "weapon");
    let troops = make(K::Presence, 48.0, 36.5, 9.0).with("object", "troops");
    let cases = vec![
        ("not known", nameless, Undetermined),
        ("too wide", gun("heavy_weapons"), Undetermined),
        ("not named", gun("tank"), Compliant),
        ("doubtful", gun("artillery").p(0.5), Undetermined),
        ("watched, class not known", watched.clone(), Undetermined),
        ("watched", watched.with("weapon", "artillery"), Breach),
        ("troops", troops, NotConcerned),
    ];
    check("heavy-weapons", cases);
}

#[test]
fn distances_that_differ_by_party() {
    let rows = "withdraw = [\n\
        { weapon = \"artillery\", line = \"line-of-contact\", distance_m = 50_000, party = \"party-a\" },\n\
        { weapon = \"artillery\", line = \"line-of-contact\", distance_m = 20_000, party = \"party-b\" },\n\
        { weapon = \"rocket_artillery\", line = \"line-of-contact\", distance_m = 75_000, side = \"left\" },\n]\n";
    let text = format!(
        "title = \"T\"\n[[weapon]]\nid = \"artillery\"\ntitle = \"A\"\n[[weapon]]\n\
         id = \"rocket_artillery\"\ntitle = \"R\"\n[[version]]\neffective_from = \
         2025-03-01T00:00:00Z\n[[version.clause]]\nid = \"w\"\nkind = \"withdrawal\"\n\
         title = \"W\"\ntext = \"Withdraw.\"\n{rows}"
    );
    let agreement = agreement(&text);
    let gun = |weapon: &str, km: f64| {
        let gun = make(K::WeaponSighting, 48.0, 37.0 + km / 74.6, 100.0).p(0.95);
        gun.with("weapon", weapon)
    };
    let table = [
        (gun("artillery", 10.0), Verdict::Breach),
        (gun("artillery", 30.0), Verdict::Undetermined),
        (gun("artillery", 60.0), Verdict::Compliant),
        (gun("artillery", 30.0).side("party-a", 0.9), Verdict::Breach),
        (
            gun("artillery", 30.0).side("party-b", 0.9),
            Verdict::Compliant,
        ),
        (
            gun("artillery", 30.0).side("party-b", 0.7),
            Verdict::Undetermined,
        ),
        (
            gun("artillery", 30.0).with("actor", "party-a"),
            Verdict::Breach,
        ),
        // The line runs north: left of it is west.
        (gun("rocket_artillery", -30.0), Verdict::Breach),
        (gun("rocket_artillery", 30.0), Verdict::Compliant),
        (gun("rocket_artillery", 0.0), Verdict::Undetermined),
    ];
    for (i, (Make(incident), expected)) in table.into_iter().enumerate() {
        let found = all(&agreement, &incident, &[]);
        assert_eq!(found[0].verdict, expected, "{i}: {:#?}", found[0].reasons);
    }
}

#[test]
fn storage() {
    let gun = |lat: f64, lon: f64| {
        let gun = make(K::WeaponSighting, lat, lon, 50.0).p(0.95);
        gun.with("weapon", "artillery")
    };
    let missing = gun(48.05, 35.05).with("missing", "true");
    let cases = vec![
        (
            "in its area",
            gun(48.05, 35.05).with("serial", "a-1701"),
            Compliant,
        ),
        (
            "outside its area",
            gun(48.0, 36.5).with("serial", "a-1701"),
            Breach,
        ),
        (
            "at its border",
            gun(48.05, 35.1).with("serial", "a-1701"),
            Undetermined,
        ),
        ("no number read", gun(48.0, 36.5), Undetermined),
        ("no number read, inside", gun(48.05, 35.05), Compliant),
        (
            "another number",
            gun(48.0, 36.5).with("serial", "a-9"),
            Compliant,
        ),
        ("missing", missing.clone().with("serial", "a-1702"), Breach),
        ("missing, any", missing.clone(), Breach),
        (
            "missing, not registered",
            missing.with("serial", "a-9"),
            Compliant,
        ),
        (
            "before",
            gun(48.0, 36.5)
                .with("serial", "a-1701")
                .on("2025-03-10T00:00:00Z"),
            Compliant,
        ),
        (
            "not registered",
            gun(48.0, 36.5).with("weapon", "rocket_artillery"),
            Compliant,
        ),
        (
            "not of the annex",
            gun(48.0, 36.5).with("weapon", "tank"),
            Compliant,
        ),
        (
            "troops",
            make(K::Movement, 48.0, 36.5, 9.0).with("object", "troops"),
            NotConcerned,
        ),
    ];
    check("holding-areas", cases);
}

#[test]
fn airspace() {
    let flight = |kind: IncidentKind, object: &str| {
        let flight = make(kind, 48.0, 37.0, 50.0).p(0.9).watched("buffer-zone");
        flight.with("object", object)
    };
    let cases = vec![
        ("drone", flight(K::Presence, "uav"), Breach),
        ("aircraft", flight(K::Passage, "aircraft"), Breach),
        (
            "the mission's own",
            flight(K::Presence, "uav").with("actor", "mission"),
            Compliant,
        ),
        (
            "perhaps above it",
            flight(K::Presence, "uav").with("height", "unknown"),
            Undetermined,
        ),
        ("hardly real", flight(K::Presence, "uav").p(0.1), Compliant),
        ("doubtful", flight(K::Presence, "uav").p(0.5), Undetermined),
        ("a ship", flight(K::Presence, "vessel"), NotConcerned),
        (
            "elsewhere",
            flight(K::Presence, "uav").zone("withdrawal-a"),
            NotConcerned,
        ),
    ];
    check("airspace", cases);
}

#[test]
fn corridor() {
    let zone = "corridor-west";
    let at_sea = |kind, lat, lon| make(kind, lat, lon, 100.0).p(0.9);
    let stop = |lat: f64, seconds: &str| {
        let stop = at_sea(K::UnauthorisedStop, lat, 30.1).watched(zone);
        stop.with("duration_s", seconds).with("object", "vessel")
    };
    let near = |metres: &str| at_sea(K::CloseApproach, 45.0, 30.1).with("separation_m", metres);
    let cases = vec![
        (
            "left it",
            at_sea(K::CorridorDeviation, 45.0, 30.3).watched(zone),
            Breach,
        ),
        (
            "left it at its end",
            at_sea(K::CorridorDeviation, 46.1, 30.25).watched(zone),
            Compliant,
        ),
        (
            "another corridor",
            at_sea(K::CorridorDeviation, 45.0, 30.3).watched("aid-route"),
            NotConcerned,
        ),
        ("stopped", stop(45.0, "2400"), Breach),
        (
            "stopped for a moment",
            stop(45.0, "600").with("ended", "left"),
            Compliant,
        ),
        ("stopped just now", stop(45.0, "600"), Undetermined),
        ("stopped off the port", stop(45.95, "2400"), Compliant),
        ("boarded", at_sea(K::Obstruction, 45.0, 30.1), Breach),
        (
            "boarded elsewhere",
            at_sea(K::Obstruction, 45.0, 31.0),
            Compliant,
        ),
        ("too close", near("5000"), Breach),
        ("far enough", near("30000"), Compliant),
        ("just about", near("18520"), Undetermined),
        (
            "fell silent",
            at_sea(K::SignalGap, 45.0, 30.1),
            Undetermined,
        ),
        (
            "fell silent elsewhere",
            at_sea(K::SignalGap, 43.0, 31.0),
            Compliant,
        ),
        ("jumped", at_sea(K::PositionAnomaly, 45.0, 30.1), Breach),
        ("disturbed", at_sea(K::GnssInterference, 45.0, 30.1), Breach),
        (
            "perhaps disturbed",
            at_sea(K::GnssInterference, 45.0, 30.1).p(0.5),
            Undetermined,
        ),
    ];
    check("sea-corridor", cases);
}

#[test]
fn protected_objects_and_texts_that_differ() {
    let fire = |lat: f64, lon: f64, sigma_m: f64| make(K::PhysicalEvent, lat, lon, sigma_m).p(0.95);
    let at_bridge = || fire(48.3005, 36.205, 50.0);
    let damage = make(K::ObjectDamaged, 48.2, 36.0, 50.0)
        .p(0.9)
        .zone("power-plant");
    let burnt = damage.clone().class(EventClass::FarmFire, 0.9);
    let cases = vec![
        ("at the plant", fire(48.2, 36.0, 100.0), Breach),
        ("somewhere near it", fire(48.2, 36.0, 400.0), Undetermined),
        ("somewhere", fire(48.2, 36.0, 5_000.0), Compliant),
        ("far from it", fire(48.0, 37.0, 100.0), Compliant),
        ("the bridge of one text", at_bridge(), Undetermined),
        (
            "by the party of that text",
            at_bridge().side("party-b", 0.9),
            Breach,
        ),
        (
            "by the other party",
            at_bridge().side("party-a", 0.9),
            Compliant,
        ),
        (
            "perhaps by that party",
            at_bridge().side("party-b", 0.7),
            Undetermined,
        ),
        (
            "damaged by a weapon",
            damage.clone().with("weapon", "artillery"),
            Breach,
        ),
        ("damaged", damage, Undetermined),
        (
            "damaged by fire",
            burnt.class(EventClass::Artillery, 0.1),
            Compliant,
        ),
    ];
    check("energy-infrastructure", cases);
    let agreement = agreement(&documented());
    let under = |Make(incident): Make| -> Vec<Slug> {
        let found = all(&agreement, &incident, &[]);
        let clause = "energy-infrastructure";
        let found = found.into_iter().find(|a| a.clause.as_str() == clause);
        found.unwrap().breach_under_text_of
    };
    assert_eq!(under(at_bridge()), [slug("party-b")]);
    assert_eq!(
        under(fire(48.2, 36.0, 100.0)),
        [slug("party-a"), slug("party-b")]
    );
    assert_eq!(under(fire(48.0, 37.0, 100.0)), []);
}

#[test]
fn no_mines_or_works() {
    let mines = |lon: f64| make(K::MinesOrWorks, 48.0, lon, 100.0).p(0.9);
    let cases = vec![
        ("inside", mines(37.0), Breach),
        ("outside", mines(36.5), Compliant),
        ("at the border", mines(36.9), Undetermined),
        (
            "by whom it does not bind",
            mines(37.0).with("actor", "mission"),
            Compliant,
        ),
        ("doubtful", mines(37.0).p(0.4), Undetermined),
    ];
    check("no-mines", cases);
}

#[test]
fn access() {
    let denied = |p: f64| make(K::AccessDenied, 48.0, 37.0, 10.0).p(p);
    let jammed = make(K::GnssInterference, 48.0, 37.0, 5_000.0).p(0.9);
    let cases = vec![
        ("denied, own threshold", denied(0.75), Breach),
        ("perhaps denied", denied(0.65), Undetermined),
        (
            "hardly delayed",
            denied(0.95).with("delay_s", "600"),
            Compliant,
        ),
        ("delayed", denied(0.95).with("delay_s", "1000"), Breach),
        ("jammed", jammed.clone().with("target", "monitors"), Breach),
        ("jamming", jammed, Undetermined),
    ];
    check("access", cases);
}

#[test]
fn humanitarian_passage() {
    let refused = || make(K::PassageRefused, 48.45, 37.0, 100.0).p(0.9);
    let fire = || make(K::PhysicalEvent, 48.45, 37.0, 100.0).p(0.95);
    let (in_window, later) = ("2025-03-05T10:00:00Z", "2025-03-06T10:00:00Z");
    let cases = vec![
        ("in the window", refused().on(in_window), Breach),
        ("the day after", refused().on(later), Compliant),
        (
            "when it ends",
            refused().on("2025-03-05T18:00:00Z"),
            Compliant,
        ),
        (
            "perhaps before",
            refused().between("2025-03-05T05:00:00Z", "2025-03-05T07:00:00Z"),
            Undetermined,
        ),
        (
            "elsewhere",
            make(K::PassageRefused, 48.0, 37.0, 9.0)
                .p(0.9)
                .on(in_window),
            Compliant,
        ),
        ("fire", fire().on(in_window), Breach),
        ("fire on another day", fire().on(later), Compliant),
    ];
    check("aid", cases);
}

fn notice(id: &str, given_at: &str, zones: &[&str]) -> Notice {
    Notice {
        id: slug(id),
        party: slug("party-a"),
        given_at: at(given_at),
        window: Interval::between(at("2025-03-20T00:00:00Z"), at("2025-03-21T00:00:00Z")),
        zones: zones.iter().map(|zone| slug(zone)).collect(),
        objects: Vec::new(),
        weapons: Vec::new(),
        count_max: Some(20),
        transit: None,
    }
}

#[test]
fn notified_movement() {
    let column = |count: &str| {
        let column = make(K::Movement, 48.0, 36.5, 200.0).p(0.9);
        column.with("object", "vehicle").with("count", count)
    };
    let unknown = make(K::Movement, 48.0, 36.5, 200.0)
        .p(0.9)
        .with("object", "vehicle");
    let outside = make(K::Movement, 48.0, 35.0, 200.0)
        .p(0.9)
        .with("object", "vehicle");
    check(
        "notified-movements",
        vec![
            ("without a notice", column("12"), Breach),
            ("few", column("5"), Compliant),
            ("who knows how many", unknown, Undetermined),
            ("elsewhere", outside.with("count", "12"), Compliant),
            ("a drone", column("12").with("object", "uav"), NotConcerned),
        ],
    );
    let cases = [
        (
            notice("n1", "2025-03-17T00:00:00Z", &["withdrawal-a"]),
            column("12"),
            Compliant,
        ),
        (
            notice("n1", "2025-03-17T00:00:00Z", &[]),
            column("12"),
            Compliant,
        ),
        (
            notice("late", "2025-03-19T00:00:00Z", &["withdrawal-a"]),
            column("12"),
            Breach,
        ),
        (
            notice("where", "2025-03-17T00:00:00Z", &["withdrawal-b"]),
            column("12"),
            Breach,
        ),
        (
            notice("many", "2025-03-17T00:00:00Z", &[]),
            column("25"),
            Breach,
        ),
        (
            notice("whose", "2025-03-17T00:00:00Z", &[]),
            column("12").with("actor", "party-b"),
            Breach,
        ),
        (
            notice("when", "2025-03-17T00:00:00Z", &[]),
            column("12").on("2025-03-18T12:00:00Z"),
            Breach,
        ),
        (
            notice("unknown", "2025-03-22T00:00:00Z", &[]),
            column("12"),
            Breach,
        ),
    ];
    for (notice, column, expected) in cases {
        let id = notice.id.clone();
        check_noticed(
            "notified-movements",
            &[notice],
            vec![(id.as_str(), column, expected)],
        );
    }
}

#[test]
fn civilian_protection() {
    let harm = |p: f64| make(K::CivilianHarm, 48.0, 36.0, 100.0).p(p);
    let cases = vec![
        ("harmed", harm(0.9), Breach),
        ("perhaps", harm(0.5), Undetermined),
        ("hardly", harm(0.1), Compliant),
        (
            "fire is not asked for",
            make(K::PhysicalEvent, 48.0, 36.0, 9.0),
            NotConcerned,
        ),
    ];
    check("civilians", cases);
}

#[test]
fn an_amendment_changes_the_verdict_and_is_named() {
    let text = documented()
        + "\n[[version]]\neffective_from = 2025-04-01T00:00:00Z\n[[version.clause]]\n\
           id = \"cessation-of-fire\"\nkind = \"no_fire\"\ntitle = \"Fire\"\n\
           text = \"No fire in the buffer zone.\"\nzones = [\"buffer-zone\"]\n";
    let agreement = agreement(&text);
    let fire = |when: &str| make(K::PhysicalEvent, 48.0, 36.0, 100.0).p(0.95).on(when).0;
    let before = all(&agreement, &fire("2025-03-31T23:59:59Z"), &[]);
    let after = all(&agreement, &fire("2025-04-01T00:00:00Z"), &[]);
    assert_eq!(before[0].verdict, Verdict::Breach);
    assert_eq!(after[0].verdict, Verdict::Compliant);
    assert_eq!(
        after[0].agreement_effective_from,
        at("2025-04-01T00:00:00Z")
    );
    assert_eq!(after.len(), 1);
}

#[test]
fn reasons_say_the_numbers_and_no_side() {
    let agreement = agreement(&documented());
    let fire = make(K::PhysicalEvent, 48.0, 37.0, 300.0)
        .p(0.93)
        .side("party-a", 0.7);
    let found = all(&agreement, &fire.0, &[]);
    assert_eq!(
        found[0].reasons,
        [
            "Weapons were used with probability 0.93.",
            "The clause held at that time, everywhere.",
            "Taken together the probability of a breach is 0.93; a breach is stated from 0.80 on, \
             compliance up to 0.20.",
        ]
    );
    let mut words = found.iter().flat_map(|assessment| &assessment.reasons);
    assert!(!words.any(|reason| reason.contains("attributed")));
}
