//! What one step of the engine gives, gathered by class.

use std::collections::BTreeSet;

use truce_core::{Body, Incident, Record, Slug, Timestamp};

/// What one step gives, by class.
#[derive(Default)]
pub(super) struct Outputs {
    pub(super) rejections: Vec<Body>,
    pub(super) observations: Vec<Body>,
    pub(super) tracks: Vec<Body>,
    pub(super) incidents: Vec<Body>,
    pub(super) assessments: Vec<Body>,
    pub(super) findings: Vec<Body>,
    pub(super) feeds: Vec<Body>,
    /// Incidents that decisions raised, before they are assessed.
    pub(super) raised: Vec<Incident>,
    /// Which feeds were heard, and when.
    pub(super) heard: BTreeSet<(Slug, Timestamp)>,
}

impl Outputs {
    /// Notes that feeds were heard, as readings and rejections say.
    pub(super) fn hear<T>(&mut self, said: &[T], by: impl Fn(&T) -> (&Slug, Timestamp)) {
        let mut last = None;
        for said in said {
            let (source, at) = by(said);
            if last != Some((source, at)) {
                last = Some((source, at));
                self.heard.insert((source.clone(), at));
            }
        }
    }

    /// What follows from readings, without them.
    pub(super) fn concluded_records(self) -> Vec<Record> {
        let (rejections, observations) = (Vec::new(), Vec::new());
        Self {
            rejections,
            observations,
            ..self
        }
        .into_records()
    }

    pub(super) fn into_records(self) -> Vec<Record> {
        let Self {
            rejections,
            observations,
            tracks,
            incidents,
            assessments,
            findings,
            feeds,
            raised: _,
            heard: _,
        } = self;
        [
            rejections,
            observations,
            tracks,
            incidents,
            assessments,
            findings,
            feeds,
        ]
        .into_iter()
        .flatten()
        .map(Record::new)
        .collect()
    }
}
