//! Receivers of AIS: on the coast within their range, from orbit everywhere else, now and then.

use truce_core::mission::{Sensor, SensorKind};
use truce_core::observation::VesselReport;
use truce_core::time::plus_seconds;
use truce_core::{Interval, Location, Reading, Slug, Timestamp};

use super::{INSTRUMENT, delay_s};
use crate::Options;
use crate::conditions::Conditions;
use crate::ground::Ground;
use crate::outbox::{Outbox, Sent};
use crate::random::Stream;
use crate::scenario::fleet::Sailing;
use crate::scenario::voyage::{Motion, Voyage};
use crate::truth::TruthEvent;

/// Reception from the coast: about 40 nautical miles (the mission's own figure for its receivers).
const RANGE_M: f64 = 74_080.0;

/// Reports of vessels under way are thinned from every 2 to 10 s (ITU-R M.1371-5, Annex 1, table 1)
/// to what a network hands on; those of moored vessels come every 3 minutes as the table says.
const UNDER_WAY_S: f64 = 30.0;
const MOORED_S: f64 = 180.0;

/// Class B under way: every 30 s in the table, thinned likewise.
const CLASS_B_S: f64 = 60.0;

/// Names and types are sent every 6 minutes (ibid., 4.2.1), thinned to this.
const STATIC_S: f64 = 1_800.0;

/// From orbit a vessel is heard this often, and that arrives after so long, seconds (illustrative).
const ORBIT_S: (f64, f64) = (300.0, 600.0);
const ORBIT_DELAY_S: (f64, f64) = (60.0, 900.0);

/// Share of reports that a second receiver hears too.
const TWICE: f64 = 0.05;

/// Standard deviation of a position when the receivers' model states none, metres.
const POSITION_M_SIGMA: f64 = 10.0;

/// Lets the receivers hear the fleet. Returns what is true of the vessels.
pub(crate) fn observe(
    ground: &Ground<'_>,
    options: &Options,
    conditions: &Conditions,
    sailings: Vec<Sailing>,
    outbox: &mut Outbox<'_>,
) -> Vec<TruthEvent> {
    let receivers = ground.sensors(SensorKind::AisReceiver);
    let mut truth = Vec::new();
    if receivers.is_empty() && !sailings.is_empty() {
        let whole = Interval::between(options.start, options.end());
        let note = "no receiver of AIS: no vessel is heard".to_owned();
        truth.push(TruthEvent::remark(whole, note));
    }
    for sailing in sailings {
        let mut ears = Ears {
            receivers: &receivers,
            conditions,
            stream: Stream::new(options.seed, &format!("vessel {}", sailing.voyage.mmsi)),
            outbox,
            told: sailing.truth,
        };
        ears.listen(&sailing.voyage, options);
        truth.extend(ears.told.filter(|event| {
            event.occurred.start < options.end() && event.occurred.end >= options.start
        }));
    }
    truth
}

struct Ears<'a, 's, 'm> {
    receivers: &'a [&'s Sensor],
    conditions: &'a Conditions,
    stream: Stream,
    outbox: &'a mut Outbox<'m>,
    told: Option<TruthEvent>,
}

impl<'s> Ears<'_, 's, '_> {
    fn listen(&mut self, voyage: &Voyage, options: &Options) {
        let Some(first) = self.receivers.first() else {
            return;
        };
        let mut at = plus_seconds(options.start, self.stream.between(0.0, MOORED_S));
        let mut static_at = plus_seconds(options.start, self.stream.between(0.0, STATIC_S));
        while at < options.end() {
            // Reports carry whole seconds.
            let second = Timestamp::from_second(at.as_second()).unwrap_or(at);
            let motion = voyage.motion(second);
            let heard_by = self.within_range(voyage, second);
            let pause_s = match (heard_by.is_empty(), motion.moored, voyage.class_b) {
                (true, _, _) => self.stream.between(ORBIT_S.0, ORBIT_S.1),
                (false, true, _) => MOORED_S,
                (false, false, true) => CLASS_B_S,
                (false, false, false) => UNDER_WAY_S,
            };
            if !voyage.is_silent(second) {
                if heard_by.is_empty() {
                    let (least_s, most_s) = ORBIT_DELAY_S;
                    let delay_s = self.stream.between(least_s, most_s);
                    self.report(voyage, &motion, second, (&first.feed, None), delay_s);
                }
                for receiver in &heard_by {
                    let delay_s = delay_s(receiver, 0.5, &mut self.stream);
                    let by = (&receiver.feed, Some(&receiver.id));
                    self.report(voyage, &motion, second, by, delay_s);
                    if static_at <= second {
                        self.name(voyage, second, receiver);
                        static_at = plus_seconds(second, STATIC_S);
                    }
                }
            }
            at = plus_seconds(at, pause_s * self.stream.between(0.9, 1.1));
        }
    }

    /// The nearest receiver in range that works, now and then with a second one.
    fn within_range(&mut self, voyage: &Voyage, at: Timestamp) -> Vec<&'s Sensor> {
        let place = voyage.position(at);
        let mut near: Vec<(f64, &'s Sensor)> = Vec::new();
        for &receiver in self.receivers {
            let Some(position) = receiver.position else {
                continue;
            };
            // A degree of latitude is 110.6 km at least: a cheap test before the exact distance.
            if (position.lat_deg - place.lat_deg).abs() * 110_600.0 > RANGE_M {
                continue;
            }
            let distance_m = position.distance_m(place);
            if distance_m <= RANGE_M && self.conditions.works(&receiver.id, at) {
                near.push((distance_m, receiver));
            }
        }
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        let count = if self.stream.chance(TWICE) { 2 } else { 1 };
        near.into_iter()
            .take(count)
            .map(|(_, receiver)| receiver)
            .collect()
    }

    fn report(
        &mut self,
        voyage: &Voyage,
        motion: &Motion,
        at: Timestamp,
        (feed, sensor): (&Slug, Option<&Slug>),
        delay_s: f64,
    ) {
        if let (Some(told), Some(sensor)) = (&mut self.told, sensor)
            && (told.occurred.start..=told.occurred.end).contains(&at)
            && !told.observed_by.contains(sensor)
        {
            told.observed_by.push(sensor.clone());
        }
        let errors = self
            .receivers
            .first()
            .and_then(|first| first.errors.position_m_sigma);
        let sigma_m = errors.unwrap_or(POSITION_M_SIGMA);
        let position = self.stream.near(motion.position, sigma_m);
        let vessel = VesselReport {
            mmsi: voyage.mmsi,
            message_type: if voyage.class_b { 18 } else { 1 },
            speed_m_s: Some(motion.speed_m_s),
            course_deg: (!motion.moored).then_some(motion.course_deg),
            heading_deg: (!motion.moored).then_some(motion.course_deg),
            // 0: under way using engine; 5: moored (ITU-R M.1371-5, Annex 8, message 1).
            navigational_status: (!voyage.class_b).then_some(if motion.moored { 5 } else { 0 }),
            accurate: Some(true),
            ..VesselReport::default()
        };
        self.send(
            vessel,
            at,
            (feed, sensor),
            Some(Location::fix(position, sigma_m)),
            delay_s,
        );
    }

    /// Name and type: message 5, or both parts of message 24 for class B.
    fn name(&mut self, voyage: &Voyage, at: Timestamp, receiver: &Sensor) {
        let whole = VesselReport {
            mmsi: voyage.mmsi,
            message_type: 5,
            name: Some(voyage.name.clone()),
            call_sign: Some(format!("C{}", voyage.mmsi % 1_000_000)),
            ship_type: Some(voyage.ship_type),
            length_m: Some(voyage.length_m),
            beam_m: Some((voyage.length_m / 6.5).round()),
            ..VesselReport::default()
        };
        let by = (&receiver.feed, Some(&receiver.id));
        let delay_s = delay_s(receiver, 0.5, &mut self.stream);
        if !voyage.class_b {
            self.send(whole, at, by, None, delay_s);
            return;
        }
        let part_a = VesselReport {
            mmsi: voyage.mmsi,
            message_type: 24,
            name: Some(voyage.name.clone()),
            ..VesselReport::default()
        };
        self.send(part_a, at, by, None, delay_s);
        let part_b = VesselReport {
            message_type: 24,
            name: None,
            ..whole
        };
        self.send(part_b, at, by, None, delay_s);
    }

    fn send(
        &mut self,
        vessel: VesselReport,
        at: Timestamp,
        (feed, sensor): (&Slug, Option<&Slug>),
        location: Option<Location>,
        delay_s: f64,
    ) {
        self.outbox.send(Sent {
            feed,
            sensor,
            observed_at: Interval::instant(at),
            delay_s,
            location,
            reading: Reading::Vessel(vessel),
            grade: INSTRUMENT,
        });
    }
}
