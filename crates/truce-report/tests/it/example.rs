//! A made-up mission with a period of incidents, decisions, replies and outages.

use std::collections::BTreeMap;

use truce_core::belief::Grade;
use truce_core::finding::{Clock, ClockReading, ClockState, Column, Step};
use truce_core::mission::{
    Actor, Feed, Mission, Post, ReportSchedule, Role, Sector, Sensor, SensorErrors, SensorKind,
    SensorNetwork, Shape, Transport, Zone, ZoneKind,
};
use truce_core::observation::{Health, SensorState, Weather};
use truce_core::time::plus_seconds;
use truce_core::{
    Action, Assessment, Attribution, ClauseKind, Decision, Digest, Ellipse, EventClass, Finding,
    FindingSerial, Incident, IncidentId, IncidentKind, Interval, Location, MessageId, Observation,
    ObservationId, Place, Position, Reading, Reply, Slug, Stance, Status, Term, Timestamp, Verdict,
};
use truce_report::{
    Account, Basis, Case, Clause, Exhibit, FeedLine, Language, LogLine, LogPlace, PatrolOrder,
    Reported, Request, Revised, RevisionLine, Route, Silence, Stop, Truce, Watch,
};

pub(crate) fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

/// The period of the example begins here: 20:00 in Kyiv.
pub(crate) fn at_hour(hour: f64) -> Timestamp {
    plus_seconds("2025-02-28T18:00:00Z".parse().unwrap(), hour * 3_600.0)
}

fn position(lat_deg: f64, lon_deg: f64) -> Position {
    Position::new(lat_deg, lon_deg).unwrap()
}

fn zone(id: &str, name: &str, kind: ZoneKind, shape: Shape) -> Zone {
    Zone {
        id: slug(id),
        name: name.to_owned(),
        kind,
        party: None,
        weapon: None,
        floor_m: None,
        ceiling_m: None,
        border_m_sigma: 0.0,
        basis: "made up".to_owned(),
        shape,
    }
}

fn area(corners: &[(f64, f64)]) -> Shape {
    let ring = corners
        .iter()
        .map(|(lat, lon)| position(*lat, *lon))
        .collect();
    Shape::Polygons(vec![vec![ring]])
}

fn zones() -> Vec<Zone> {
    let line = [
        (49.9, 37.9),
        (49.2, 37.9),
        (48.6, 37.8),
        (48.0, 37.4),
        (47.6, 36.6),
        (47.3, 35.5),
    ];
    let shifted = |by: f64| line.map(|(lat, lon)| (lat, lon + by));
    let mut buffer = shifted(-0.12).to_vec();
    buffer.extend(shifted(0.12).iter().rev());
    let path = line.iter().map(|(lat, lon)| position(*lat, *lon)).collect();
    vec![
        zone(
            "line-of-contact",
            "Line of contact",
            ZoneKind::LineOfContact,
            Shape::Line(path),
        ),
        zone("buffer", "Buffer zone", ZoneKind::BufferZone, area(&buffer)),
        zone(
            "sector-north",
            "Sector North",
            ZoneKind::Sector,
            area(&[(50.2, 36.6), (50.2, 39.2), (48.4, 39.2), (48.4, 36.6)]),
        ),
        zone(
            "sector-south",
            "Sector South",
            ZoneKind::Sector,
            area(&[(48.4, 34.8), (48.4, 39.2), (46.9, 39.2), (46.9, 34.8)]),
        ),
        zone(
            "sector-sea",
            "Sector Sea",
            ZoneKind::Sector,
            area(&[(46.6, 29.8), (46.6, 33.0), (44.0, 33.0), (44.0, 29.0)]),
        ),
        zone(
            "corridor",
            "Western corridor",
            ZoneKind::Corridor,
            area(&[
                (46.4, 30.8),
                (46.3, 31.1),
                (45.0, 30.4),
                (44.2, 29.7),
                (44.2, 29.4),
                (45.1, 30.1),
            ]),
        ),
    ]
}

fn sensor(id: &str, kind: SensorKind, feed: &str) -> Sensor {
    Sensor {
        id: slug(id),
        kind,
        platform: None,
        post: None,
        position: None,
        feed: slug(feed),
        errors: SensorErrors::default(),
        detects: Vec::new(),
        false_per_day: 0.0,
        latency_s_max: 0.0,
        looks_at_s: Vec::new(),
        look_s_half: 0.0,
        basis: String::new(),
    }
}

fn feed(id: &str, name: &str) -> Feed {
    Feed {
        name: name.to_owned(),
        silence_s_max: Some(3_600),
        ..Feed::new(slug(id), slug("truce-jsonl"), Transport::File)
    }
}

pub(crate) fn mission() -> Mission {
    let actor = |id: &str, name: &str, role| Actor {
        id: slug(id),
        name: name.to_owned(),
        role,
    };
    let sector = |id: &str, name: &str| Sector {
        id: slug(id),
        name: name.to_owned(),
        zone: slug(&format!("sector-{id}")),
    };
    let post = |number: u32, lat, lon, sector: &str| Post {
        id: slug(&format!("post-{number}")),
        name: format!("Post {number}"),
        position: position(lat, lon),
        sector: slug(sector),
        personnel: 24,
    };
    Mission {
        name: slug("example"),
        title: "Example monitoring mission".to_owned(),
        summary: String::new(),
        log_origin: "truce.example/example".to_owned(),
        report: ReportSchedule {
            time_zone: "Europe/Kyiv".to_owned(),
            cut_off_hour: 20,
            cut_off_minute: 0,
        },
        horizon_s: 21_600.0,
        attribution_threshold: 0.8,
        alert_threshold: 0.5,
        direction_threshold: None,
        actors: vec![
            actor("party-a", "Party A", Role::Party),
            actor("party-b", "Party B", Role::Party),
        ],
        sectors: vec![
            sector("north", "Sector North"),
            sector("south", "Sector South"),
            sector("sea", "Sector Sea"),
        ],
        calibration: None,
        straits: None,
        sea: truce_core::mission::SeaSettings::default(),
        event_classes: Vec::new(),
        zones: zones(),
        network: SensorNetwork {
            platforms: Vec::new(),
            posts: vec![
                post(4, 49.5, 37.6, "north"),
                post(9, 48.7, 37.5, "north"),
                post(17, 47.9, 37.1, "south"),
            ],
            sensors: vec![
                sensor("viirs-n20", SensorKind::ThermalImager, "firms"),
                sensor("post-17/acoustic-2", SensorKind::AcousticArray, "acoustic"),
                sensor("patrol-3", SensorKind::Patrol, "patrols"),
                sensor("ais-coast", SensorKind::AisReceiver, "ais"),
            ],
            feeds: vec![
                feed("firms", "Thermal satellites"),
                feed("acoustic", "Acoustic arrays"),
                feed("ais", "AIS shore stations"),
            ],
        },
    }
}

/// One incident of the example.
pub(crate) struct Event {
    pub(crate) number: u32,
    pub(crate) kind: IncidentKind,
    pub(crate) class: Option<EventClass>,
    pub(crate) hour: f64,
    pub(crate) at: (f64, f64),
    pub(crate) probability: f64,
    pub(crate) sector: Option<&'static str>,
    pub(crate) verdict: Option<Verdict>,
}

impl Event {
    pub(crate) fn reported(&self) -> Reported {
        let observation = ObservationId(Digest::of(&self.number.to_be_bytes()));
        let sensors = match self.kind {
            IncidentKind::PhysicalEvent => &["viirs-n20", "post-17/acoustic-2"][..],
            IncidentKind::CorridorDeviation => &["ais-coast"],
            _ => &["patrol-3"],
        };
        let term = |sensor: &&str| Term {
            name: slug("detection"),
            text: "It saw it.".to_owned(),
            log_odds: 1.5,
            observation: Some(observation),
            sensor: Some(slug(sensor)),
        };
        let incident = Incident {
            id: Incident::name(self.kind, observation, ""),
            revision: 1,
            kind: self.kind,
            occurred: Interval::between(at_hour(self.hour), at_hour(self.hour + 0.1)),
            place: Place {
                position: position(self.at.0, self.at.1),
                uncertainty: Ellipse::circle(180.0),
            },
            probability: self.probability,
            classes: self.class.map(|class| (class, 1.0)).into_iter().collect(),
            attribution: Attribution::default(),
            evidence: vec![observation],
            explanation: sensors.iter().map(term).collect(),
            track: None,
            zone: None,
            attributes: BTreeMap::new(),
            withdrawn: None,
        };
        let clause = match self.kind {
            IncidentKind::CorridorDeviation => ("a7-corridor", ClauseKind::Corridor),
            IncidentKind::AccessDenied => ("a9-access", ClauseKind::Access),
            _ => ("a2-no-fire", ClauseKind::NoFire),
        };
        let assessment = |verdict| Assessment {
            incident: incident.id,
            revision: 1,
            clause: slug(clause.0),
            clause_kind: clause.1,
            agreement_effective_from: at_hour(-100.0),
            verdict,
            reasons: Vec::new(),
            breach_under_text_of: Vec::new(),
        };
        Reported {
            assessments: self.verdict.map(assessment).into_iter().collect(),
            sector: self.sector.map(slug),
            finding: None,
            column: Column::Event,
            number: 1,
            counted_with: None,
            incident,
        }
    }
}

fn event(number: u32, kind: IncidentKind, hour: f64, at: (f64, f64)) -> Event {
    Event {
        number,
        kind,
        class: None,
        hour,
        at,
        probability: 0.9,
        sector: Some("south"),
        verdict: Some(Verdict::Breach),
    }
}

fn events() -> Vec<Reported> {
    let mut all = Vec::new();
    let shot = |number: u32, class, hour, at, sector| Event {
        class: Some(class),
        sector: Some(sector),
        ..event(number, IncidentKind::PhysicalEvent, hour, at)
    };
    for number in 0..14 {
        let step = f64::from(number);
        let at = (47.5 + 0.03 * step, 36.5 + 0.07 * step);
        all.push(shot(
            number,
            EventClass::Artillery,
            3.0 + step * 0.4,
            at,
            "south",
        ));
    }
    for number in 20..26 {
        let step = f64::from(number - 20);
        let at = (49.0 + 0.12 * step, 37.85);
        all.push(shot(
            number,
            EventClass::DroneStrike,
            14.0 + step,
            at,
            "north",
        ));
    }
    let fire = shot(30, EventClass::FarmFire, 9.5, (48.1, 35.9), "south");
    all.push(Event {
        verdict: Some(Verdict::Compliant),
        probability: 0.55,
        ..fire
    });
    let noise = shot(31, EventClass::Other, 10.0, (48.2, 36.2), "south");
    all.push(Event {
        verdict: None,
        probability: 0.2,
        ..noise
    });
    let unclear = shot(32, EventClass::SmallArms, 20.0, (49.3, 37.8), "north");
    all.push(Event {
        verdict: Some(Verdict::Undetermined),
        probability: 0.6,
        ..unclear
    });
    let ship = event(40, IncidentKind::CorridorDeviation, 11.0, (45.3, 31.0));
    all.push(Event {
        sector: Some("sea"),
        ..ship
    });
    let far = event(41, IncidentKind::GnssInterference, 12.0, (44.6, 31.4));
    all.push(Event {
        sector: Some("sea"),
        verdict: None,
        ..far
    });
    all.push(event(42, IncidentKind::AccessDenied, 15.25, (47.95, 37.2)));
    all.iter().map(Event::reported).collect()
}

fn finding(serial: u64, reported: &Reported) -> Finding {
    let incident = reported.incident.id;
    let decided = |hour, action, reason: &str| {
        Step::Decision(Decision {
            incident,
            officer: slug("officer-2"),
            decided_at: at_hour(hour),
            action,
            reason: reason.to_owned(),
        })
    };
    let reply = Step::Reply(Reply {
        incident,
        party: slug("party-b"),
        replied_at: at_hour(21.0),
        stance: Stance::Disputes,
        text: "Our units were not in the area named.".to_owned(),
    });
    Finding {
        serial: FindingSerial(serial),
        incident,
        incident_revision: 1,
        status: Status::Verified,
        attributed_to: None,
        attribution_proposed: None,
        disputed_by: vec![slug("party-b")],
        clocks: vec![Clock {
            name: slug("response"),
            starts_at: at_hour(18.0),
            due_at: at_hour(42.0),
        }],
        history: vec![
            decided(
                17.0,
                Action::MoveTo(Status::UnderVerification),
                "Two arrays and a thermal pass agree.",
            ),
            decided(
                18.0,
                Action::MoveTo(Status::Verified),
                "Crater seen by patrol 3.",
            ),
            reply,
        ],
    }
}

fn condition(sensor: Option<&str>, hours: (f64, f64), reading: Reading) -> Observation {
    let observed_at = Interval::between(at_hour(hours.0), at_hour(hours.1));
    let message = MessageId(Digest::of(format!("{sensor:?}{hours:?}").as_bytes()));
    Observation {
        id: Observation::name(message, 0, observed_at),
        message,
        source: slug("acoustic"),
        sensor: sensor.map(slug),
        observed_at,
        received_at: observed_at.end,
        location: Some(Location::fix(position(48.6, 37.6), 20_000.0)),
        reading,
        grade: Grade::UNJUDGED,
        signed_by: None,
    }
}

fn conditions() -> Vec<Observation> {
    let state = |health, text: &str| {
        let text = text.to_owned();
        Reading::SensorState(SensorState { health, text })
    };
    let cloud = Reading::Weather(Weather {
        cloud_fraction: Some(0.85),
        ..Weather::default()
    });
    let array = Some("post-17/acoustic-2");
    vec![
        condition(array, (-5.0, -5.0), state(Health::Off, "no power")),
        condition(array, (4.0, 4.0), state(Health::Working, "")),
        condition(
            Some("patrol-3"),
            (22.0, 22.0),
            state(Health::Jammed, "radio jammed"),
        ),
        condition(None, (6.0, 12.0), cloud),
    ]
}

pub(crate) fn basis() -> Basis {
    let clause = |id: &str, kind, title: &str, article: &str| Clause {
        id: slug(id),
        kind,
        title: title.to_owned(),
        article: Some(article.to_owned()),
        text: format!("The words of {title}."),
    };
    Basis {
        mission: mission(),
        clauses: vec![
            clause("a2-no-fire", ClauseKind::NoFire, "No use of weapons", "2"),
            clause(
                "a4-storage",
                ClauseKind::Storage,
                "Storage of weapons",
                "4(1)",
            ),
            clause(
                "a7-corridor",
                ClauseKind::Corridor,
                "Vessels keep to the corridor",
                "7",
            ),
            clause(
                "a9-access",
                ClauseKind::Access,
                "Freedom of movement of the mission",
                "9",
            ),
            clause(
                "a10-aid",
                ClauseKind::HumanitarianPassage,
                "Passage of aid",
                "10",
            ),
        ],
        duties: vec![(slug("response"), "First response".to_owned())],
        as_of: at_hour(24.5),
        log: LogLine {
            origin: "truce.example/example".to_owned(),
            size: 48_211,
            root: Digest::of(b"root"),
            witnessed: false,
        },
        language: Language::English,
    }
}

/// A weapon of a kind that is missing, or stands where it may not be.
fn weapon(number: u32, kind: ClauseKind, missing: bool) -> Reported {
    let mut reported = event(number, IncidentKind::WeaponSighting, 7.0, (47.8, 36.9)).reported();
    let attributes = &mut reported.incident.attributes;
    attributes.insert(slug("weapon"), "rocket_artillery".to_owned());
    if missing {
        attributes.insert(slug("missing"), "true".to_owned());
    }
    reported.assessments[0].clause = slug("a4-storage");
    reported.assessments[0].clause_kind = kind;
    reported
}

/// What the counting rules, the weapons and the civilians need.
fn special() -> Vec<Reported> {
    let mut exercise = event(50, IncidentKind::PhysicalEvent, 5.0, (47.9, 36.0)).reported();
    exercise.column = Column::Exercise;
    let exercises = &mut exercise.incident.attributes;
    exercises.insert(slug("exercise"), "true".to_owned());
    let mut same = event(51, IncidentKind::AccessDenied, 15.3, (47.95, 37.2)).reported();
    same.counted_with = Some(
        event(42, IncidentKind::AccessDenied, 15.25, (0.0, 0.0))
            .reported()
            .incident
            .id,
    );
    let mut harm = event(52, IncidentKind::CivilianHarm, 16.0, (48.0, 37.0)).reported();
    harm.number = 3;
    let mut sure = event(53, IncidentKind::CivilianHarm, 17.0, (48.1, 37.1)).reported();
    sure.finding = Some(Finding {
        status: Status::Corroborated,
        clocks: Vec::new(),
        history: Vec::new(),
        disputed_by: Vec::new(),
        ..finding(8, &sure)
    });
    let weapons = [
        weapon(54, ClauseKind::Storage, true),
        weapon(55, ClauseKind::Storage, false),
        weapon(56, ClauseKind::Withdrawal, false),
    ];
    weapons
        .into_iter()
        .chain([exercise, same, harm, sure])
        .collect()
}

fn watches() -> Vec<Watch> {
    let watch = |sector: &str, class, p: f64, silence| Watch {
        sector: slug(sector),
        class,
        detection: p,
        parts: (0..24)
            .map(|hour| if hour < 6 { 0.1 * p } else { p })
            .collect(),
        silence,
    };
    vec![
        watch("north", EventClass::Artillery, 0.95, Silence::Broken),
        watch("south", EventClass::Artillery, 0.9, Silence::Quiet),
        watch("sea", EventClass::Artillery, 0.05, Silence::NotObservable),
        watch("sea", EventClass::SmallArms, 0.0, Silence::NotObservable),
    ]
}

pub(crate) fn account() -> Account {
    let mut incidents = events();
    incidents[2].finding = Some(finding(7, &incidents[2]));
    incidents.extend(special());
    let mut before = events();
    before.truncate(9);
    let findings = incidents.iter().filter_map(|r| r.finding.clone()).collect();
    let line = |feed: &str, messages, silences: &[(f64, f64)]| FeedLine {
        feed: slug(feed),
        messages,
        observations: messages - 3,
        rejections: 3,
        silences: silences
            .iter()
            .map(|(start, end)| Interval::between(at_hour(*start), at_hour(*end)))
            .collect(),
    };
    let revised = event(60, IncidentKind::PhysicalEvent, -8.0, (48.3, 37.7))
        .reported()
        .incident;
    Account {
        basis: basis(),
        period: Interval::between(at_hour(0.0), at_hour(24.0)),
        incidents,
        before,
        revised: vec![Revised {
            incident: Incident {
                revision: 3,
                probability: 0.96,
                ..revised
            },
            revision_before: 2,
            probability_before: 0.58,
        }],
        findings,
        clocks: vec![
            (
                FindingSerial(7),
                clock("response", 42.0, ClockState::DueSoon),
            ),
            (
                FindingSerial(3),
                clock("response", 20.0, ClockState::Lapsed),
            ),
            (FindingSerial(2), clock("response", 19.0, ClockState::Met)),
        ],
        feeds: vec![
            line("firms", 412, &[]),
            line("acoustic", 2_203, &[(2.0, 4.5)]),
            line("ais", 183_022, &[(1.0, 2.5), (19.0, 24.0)]),
        ],
        conditions: conditions(),
        watches: watches(),
        truces: vec![Truce {
            clause: slug("a10-aid"),
            title: "Second window".to_owned(),
            during: Interval::between(at_hour(10.0), at_hour(22.0)),
            zones: vec![slug("sector-south")],
        }],
    }
}

fn clock(name: &str, due_hour: f64, state: ClockState) -> ClockReading {
    ClockReading {
        name: slug(name),
        due_at: at_hour(due_hour),
        warns_at: at_hour(due_hour - 6.0),
        state,
        left_s: (due_hour - 24.5) * 3_600.0,
    }
}

/// The third shot of the example with all about it.
pub(crate) fn case() -> Case {
    let mut reported = account().incidents.swap_remove(2);
    let parties = &mut reported.incident.attribution.parties;
    parties.insert(slug("party-a"), 0.6);
    parties.insert(slug("party-b"), 0.1);
    let place = |row| LogPlace { entry: 812, row };
    let exhibits = conditions().into_iter().zip(0..);
    Case {
        basis: basis(),
        reported,
        place: place(40),
        revisions: vec![RevisionLine {
            revision: 1,
            recorded_at: at_hour(4.0),
            probability: 0.9,
            evidence_count: 2,
        }],
        exhibits: exhibits
            .map(|(observation, row)| Exhibit {
                message: (row != 1).then_some(observation.message.0),
                observation,
                place: place(row),
            })
            .collect(),
        clocks: vec![clock("response", 42.0, ClockState::DueSoon)],
    }
}

pub(crate) fn order() -> PatrolOrder {
    let incident = account().incidents.swap_remove(3);
    let stop = |incident: Option<IncidentId>, lat, lon, arrival_s| Stop {
        name: "site".to_owned(),
        place: Place {
            position: position(lat, lon),
            uncertainty: Ellipse::circle(200.0),
        },
        arrival_s,
        stay_s: 1_800.0,
        latest_s: incident.map(|_| 7_200.0),
        incident,
    };
    PatrolOrder {
        basis: basis(),
        starts_at: at_hour(26.0),
        routes: vec![Route {
            name: "1 from post-17".to_owned(),
            base: position(47.9, 37.1),
            time_s: 9_000.0,
            stops: vec![
                stop(Some(incident.incident.id), 47.6, 36.7, 3_600.0),
                stop(None, 47.7, 36.8, 7_000.0),
            ],
        }],
        requests: vec![Request {
            name: "sentinel-1a".to_owned(),
            area: "line-south".to_owned(),
            at: at_hour(30.0),
        }],
        unvisited_count: 4,
        recent: vec![incident],
    }
}
