//! Concluding from readings as the log holds them, where what they were decoded from was erased.

use std::collections::BTreeSet;

use truce_core::{Body, MessageId, Record};

use super::Engine;
use super::outputs::Outputs;

impl Engine {
    /// Takes the rows of one input entry, some of which were erased, with the readings and rejections
    /// that the log holds of it. Gives the records that follow from these, without the readings and
    /// rejections themselves, and whether decoding still gives the same.
    pub fn step_recorded(&mut self, inputs: &[Record], recorded: Vec<Body>) -> (Vec<Record>, bool) {
        let known: BTreeSet<_> = inputs.iter().filter_map(message_id).collect();
        let (mut decoded, mut rejected) = (Vec::new(), Vec::new());
        let mut out = Outputs::default();
        for body in &recorded {
            match body {
                Body::Observation(o) => out.hear(&[o], |o| (&o.source, o.received_at)),
                Body::Rejection(r) => {
                    self.now = self.now.max(r.received_at);
                    out.hear(&[r], |r| (&r.source, r.received_at));
                }
                _ => {}
            }
        }
        let readings = recorded.iter().filter_map(|body| match body {
            Body::Observation(observation) => Some(observation),
            _ => None,
        });
        let mut readings = readings.peekable();
        for record in inputs {
            match &record.body {
                Body::Raw(message) => {
                    self.now = self.now.max(message.received_at);
                    self.intake.decode(message);
                }
                Body::Import(import) => {
                    self.now = self.now.max(import.imported_at);
                    self.intake.finish(&import.source);
                }
                Body::Decision(decision) => self.decide(decision, &mut out),
                Body::Tick(tick) => self.now = self.now.max(tick.at),
                Body::FeedNote(note) => {
                    self.now = self.now.max(note.noted_at);
                    self.intake.note(note);
                }
                _ => {}
            }
            let again = self.intake.take();
            decoded.extend(again.observations.into_iter().map(Body::Observation));
            rejected.extend(again.rejections.into_iter().map(Body::Rejection));
            // Readings stand in the order of their messages; an erased one's have an unknown name.
            let own = message_id(record);
            while let Some(reading) = readings.next_if(|reading| match own {
                Some(own) => reading.message == own,
                None => !known.contains(&reading.message),
            }) {
                self.now = self.now.max(reading.received_at);
                self.intake.remember(reading);
                self.take_reading(reading.clone(), &mut out);
            }
        }
        for reading in readings {
            self.intake.remember(reading);
            self.take_reading(reading.clone(), &mut out);
        }
        rejected.append(&mut decoded);
        self.settle(&mut out);
        (out.concluded_records(), rejected == recorded)
    }
}

fn message_id(record: &Record) -> Option<MessageId> {
    match &record.body {
        Body::Raw(message) => Some(message.id()),
        _ => None,
    }
}
