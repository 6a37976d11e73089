//! Messages, observations and rejections: counted per feed and hour, and found again by name.
//!
//! Most of these records are positions that nobody ever asks for again, so each costs eight bytes:
//! the beginning of its name, in the order of the entry's rows. A name is found by reading these
//! beginnings backwards; whoever then reads the record compares the whole name.

use std::collections::BTreeMap;

use rusqlite::params;
use truce_core::observation::{Reading, SensorState};
use truce_core::{Body, Digest, Observation, Record, RecordClass, Rejection, Slug, Timestamp};

use super::Folding;
use super::feed_health::{Offsets, count_offset};
use crate::LogPosition;
use crate::error::Result;
use crate::words::{NANOSECONDS_PER_HOUR, nanoseconds, signed, word};

/// Bytes kept of a name. That any two of 10⁹ names begin alike has a probability of 3 %, and it
/// matters only when one of these two is asked for.
pub(crate) const NAME_PREFIX_BYTES: usize = 8;

/// Rejections kept per feed and class as examples; all are counted.
const REJECTION_EXAMPLES_MAX: u32 = 5;

/// The class under which a feed reports a message that it had received before.
const DUPLICATE_CLASS: &str = "duplicate";

/// The beginning of a name.
pub(crate) fn prefix(name: Digest) -> [u8; NAME_PREFIX_BYTES] {
    let mut out = [0; NAME_PREFIX_BYTES];
    out.copy_from_slice(&name.0[..NAME_PREFIX_BYTES]);
    out
}

/// What one entry adds to a feed in one hour.
#[derive(Default)]
struct Tally {
    messages: u64,
    observations: u64,
    rejections: u64,
    duplicates: u64,
    last_received_ns: i64,
}

#[derive(Default)]
struct Tallies(BTreeMap<(Slug, i64), Tally>);

impl Tallies {
    fn of(&mut self, source: &Slug, received_at: Timestamp) -> &mut Tally {
        let received_ns = nanoseconds(received_at);
        let hour = received_ns.div_euclid(NANOSECONDS_PER_HOUR);
        let tally = self.0.entry((source.clone(), hour)).or_insert(Tally {
            last_received_ns: received_ns,
            ..Tally::default()
        });
        tally.last_received_ns = tally.last_received_ns.max(received_ns);
        tally
    }
}

impl Folding<'_> {
    pub(super) fn fold_feeds(&self, rows: &[Record]) -> Result<()> {
        let mut tallies = Tallies::default();
        let mut sensors: BTreeMap<Slug, (u64, i64)> = BTreeMap::new();
        let mut names = Vec::with_capacity(rows.len() * NAME_PREFIX_BYTES);
        let mut class = RecordClass::Rejection;
        let mut offsets = Offsets::new();
        for (row, record) in (0..).zip(rows) {
            let at = LogPosition {
                entry: self.entry,
                row,
            };
            match &record.body {
                Body::Raw(message) => {
                    class = RecordClass::Raw;
                    names.extend(prefix(message.id().0));
                    tallies.of(&message.source, message.received_at).messages += 1;
                }
                Body::Observation(observation) => {
                    class = RecordClass::Observation;
                    names.extend(prefix(observation.id.0));
                    let received_at = observation.received_at;
                    tallies.of(&observation.source, received_at).observations += 1;
                    if let Some(sensor) = &observation.sensor {
                        let received_ns = nanoseconds(received_at);
                        let sensor = sensors.entry(sensor.clone()).or_insert((0, received_ns));
                        *sensor = (sensor.0 + 1, sensor.1.max(received_ns));
                    }
                    count_offset(&mut offsets, observation);
                    self.fold_signature(observation)?;
                    self.fold_condition(at, record, observation)?;
                }
                Body::Rejection(rejection) => {
                    let tally = tallies.of(&rejection.source, rejection.received_at);
                    if rejection.class.as_str() == DUPLICATE_CLASS {
                        tally.duplicates += 1;
                    } else {
                        tally.rejections += 1;
                    }
                    self.fold_rejection(at, rejection)?;
                }
                // Nothing is found under the name of an erased row, and others keep their places.
                Body::Erased(erased) => {
                    class = *erased;
                    names.extend([0; NAME_PREFIX_BYTES]);
                }
                _ => {}
            }
        }
        if class != RecordClass::Rejection {
            let parameters = params![class as u8, signed(self.entry), names];
            self.run("INSERT INTO name_index VALUES (?1, ?2, ?3)", parameters)?;
        }
        self.write_tallies(&tallies)?;
        self.write_offsets(&offsets)?;
        self.write_sensors(&sensors)
    }

    fn write_tallies(&self, tallies: &Tallies) -> Result<()> {
        for ((source, hour), tally) in &tallies.0 {
            let counts = [tally.messages, tally.observations, tally.rejections].map(signed);
            let recent = self.recent_messages(source, tally.messages, tally.last_received_ns)?;
            self.run(
                "INSERT INTO feed_hour VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET messages = messages + excluded.messages,
                   observations = observations + excluded.observations,
                   rejections = rejections + excluded.rejections",
                params![hour, source.as_str(), counts[0], counts[1], counts[2]],
            )?;
            self.run(
                "INSERT INTO feed VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT DO UPDATE SET messages = messages + excluded.messages,
                   observations = observations + excluded.observations,
                   rejections = rejections + excluded.rejections,
                   duplicates = duplicates + excluded.duplicates,
                   last_received_ns = max(last_received_ns, excluded.last_received_ns),
                   recent_messages = excluded.recent_messages",
                params![
                    source.as_str(),
                    counts[0],
                    counts[1],
                    counts[2],
                    signed(tally.duplicates),
                    tally.last_received_ns,
                    recent
                ],
            )?;
        }
        Ok(())
    }

    fn write_sensors(&self, sensors: &BTreeMap<Slug, (u64, i64)>) -> Result<()> {
        for (sensor, (observations, last_received_ns)) in sensors {
            self.run(
                "INSERT INTO sensor VALUES (?1, ?2, ?3, NULL, NULL, NULL)
                 ON CONFLICT DO UPDATE SET observations = observations + excluded.observations,
                   last_received_ns = max(last_received_ns, excluded.last_received_ns)",
                params![sensor.as_str(), signed(*observations), last_received_ns],
            )?;
        }
        Ok(())
    }

    /// Keeps what limits the sensors: their own state, and the weather.
    fn fold_condition(
        &self,
        at: LogPosition,
        record: &Record,
        observation: &Observation,
    ) -> Result<()> {
        match &observation.reading {
            Reading::SensorState(state) => self.fold_sensor_state(observation, state)?,
            Reading::Weather(_) => {}
            _ => return Ok(()),
        }
        self.run(
            "INSERT INTO condition VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                signed(at.entry),
                at.row,
                nanoseconds(observation.observed_at.start),
                nanoseconds(observation.observed_at.end),
                observation.sensor.as_ref().map(Slug::as_str),
                serde_json::to_string(observation)?,
                serde_json::to_string(&record.label)?
            ],
        )?;
        Ok(())
    }

    fn fold_sensor_state(&self, observation: &Observation, state: &SensorState) -> Result<()> {
        let Some(sensor) = &observation.sensor else {
            return Ok(());
        };
        self.run(
            "INSERT INTO sensor VALUES (?1, 0, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET health = excluded.health,
               health_since_ns = excluded.health_since_ns, health_text = excluded.health_text
             WHERE health_since_ns IS NULL OR excluded.health_since_ns >= health_since_ns",
            params![
                sensor.as_str(),
                nanoseconds(observation.received_at),
                word(&state.health)?,
                nanoseconds(observation.observed_at.start),
                state.text
            ],
        )?;
        Ok(())
    }

    fn fold_rejection(&self, at: LogPosition, rejection: &Rejection) -> Result<()> {
        let (source, class) = (rejection.source.as_str(), rejection.class.as_str());
        let count: u32 = self
            .connection
            .prepare_cached(
                "INSERT INTO rejection VALUES (?1, ?2, 1)
                 ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count",
            )?
            .query_row(params![source, class], |row| row.get(0))?;
        if count > REJECTION_EXAMPLES_MAX {
            return Ok(());
        }
        self.run(
            "INSERT INTO rejection_example VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                source,
                class,
                signed(at.entry),
                at.row,
                rejection.message.0.0,
                nanoseconds(rejection.received_at),
                rejection.reason
            ],
        )?;
        Ok(())
    }
}
