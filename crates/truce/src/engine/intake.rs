//! The door of the engine: each feed's decoder, and the rule that the same reading twice is one.

use std::collections::{BTreeMap, HashSet};

use truce_core::mission::{FeedUse, Mission};
use truce_core::observation::Speaker;
use truce_core::{
    FeedChange, FeedNote, Observation, RawMessage, Reading, Rejection, Slug, Timestamp,
};
use truce_feeds::{Decoded, Decoder, Format};

use super::signature::Signatures;

/// Readings remembered in each of two generations. Four million are two days of a busy AIS coast;
/// a repetition that comes later is taken for new, which the picture survives.
const SEEN_PER_GENERATION_MAX: usize = 4_000_000;

pub(super) struct Intake {
    decoders: BTreeMap<Slug, Decoder>,
    background: BTreeMap<Slug, bool>,
    /// The party that runs a feed, for feeds that a party runs.
    party_of: BTreeMap<Slug, Slug>,
    signatures: Signatures,
    decoded: Decoded,
    seen: Seen,
}

impl Intake {
    pub(super) fn new(mission: &Mission) -> Self {
        let network = &mission.network;
        let decoder = |feed: &truce_core::mission::Feed| {
            let format = Format::from_slug(feed.format.as_str())?;
            Some((feed.id.clone(), Decoder::new(format, feed, network)))
        };
        let purpose = |feed: &truce_core::mission::Feed| {
            (feed.id.clone(), feed.purpose == FeedUse::Background)
        };
        let party = |feed: &truce_core::mission::Feed| {
            let operator = feed.operator.as_ref()?;
            let is_party = mission.parties().any(|party| party.id == *operator);
            is_party.then(|| (feed.id.clone(), operator.clone()))
        };
        Self {
            decoders: network.feeds.iter().filter_map(decoder).collect(),
            background: network.feeds.iter().map(purpose).collect(),
            party_of: network.feeds.iter().filter_map(party).collect(),
            signatures: Signatures::new(network),
            decoded: Decoded::default(),
            seen: Seen::default(),
        }
    }

    pub(super) fn is_background(&self, feed: &Slug) -> bool {
        self.background.get(feed).copied().unwrap_or(false)
    }

    /// Decodes a message; [`Intake::take`] gives what it held and must be called before the next.
    pub(super) fn decode(&mut self, message: &RawMessage) {
        let Some(decoder) = self.decoders.get_mut(&message.source) else {
            let reason = format!("the mission has no feed `{}`", message.source);
            self.decoded
                .rejections
                .push(rejection(message, "unknown_feed", reason));
            return;
        };
        match self.signatures.open(message) {
            None => decoder.decode(message, &mut self.decoded),
            // It keeps the name of what was received, signature and all.
            Some(Ok((inner, key))) => {
                decoder.decode_named(&inner, message.id(), &mut self.decoded);
                for observation in &mut self.decoded.observations {
                    observation.signed_by = Some(key.clone());
                }
            }
            Some(Err((class, reason))) => {
                let refused = rejection(message, class, reason);
                self.decoded.rejections.push(refused);
                return;
            }
        }
        if let Some(party) = self.party_of.get(&message.source) {
            check_speaker(message, party, &mut self.decoded);
        }
        let decoded = self.decoded.observations.len();
        let seen = &mut self.seen;
        self.decoded
            .observations
            .retain(|observation| seen.is_new(observation));
        let repeated = decoded - self.decoded.observations.len();
        if repeated > 0 {
            let reason = format!("{repeated} reading(s) of this message were received before");
            self.decoded
                .rejections
                .push(rejection(message, "duplicate", reason));
        }
    }

    /// Takes note of a key that is no longer trusted.
    pub(super) fn note(&mut self, note: &FeedNote) {
        self.signatures.note(&note.source, &note.notice);
    }

    /// The keys whose revocation has come by now.
    pub(super) fn revoked(&mut self, now: Timestamp) -> Vec<FeedChange> {
        self.signatures.advance(now)
    }

    /// Ends a feed's file: parts of messages that still wait for others are rejected.
    pub(super) fn finish(&mut self, feed: &Slug) {
        if let Some(decoder) = self.decoders.get_mut(feed) {
            decoder.finish(&mut self.decoded);
        }
    }

    /// Remembers a reading that came from the log, so that it is known when it is received again.
    pub(super) fn remember(&mut self, observation: &Observation) {
        self.seen.is_new(observation);
    }

    pub(super) fn take(&mut self) -> Decoded {
        std::mem::take(&mut self.decoded)
    }
}

/// A feed that a party runs speaks for that party alone.
fn check_speaker(message: &RawMessage, party: &Slug, decoded: &mut Decoded) {
    let speaker = |reading: &Reading| match reading {
        Reading::Reply(reply) => Some(reply.party.clone()),
        Reading::Notice(notice) => Some(notice.party.clone()),
        Reading::Claim(claim) => match &claim.speaker {
            Speaker::Party(party) => Some(party.clone()),
            _ => None,
        },
        _ => None,
    };
    let Decoded {
        observations,
        rejections,
        ..
    } = decoded;
    observations.retain(|observation| {
        let Some(other) = speaker(&observation.reading).filter(|speaker| speaker != party) else {
            return true;
        };
        let reason = format!("a feed of {party} speaks in the name of {other}");
        rejections.push(rejection(message, "speaker", reason));
        false
    });
}

fn rejection(message: &RawMessage, class: &str, reason: String) -> Rejection {
    Rejection {
        message: message.id(),
        source: message.source.clone(),
        received_at: message.received_at,
        class: Slug::new(class).expect("the classes in this file are names"),
        reason,
    }
}

/// The names of readings seen, in two generations so that memory stays bounded. Only membership is
/// asked, so the order inside the set never shows.
#[derive(Default)]
struct Seen {
    young: HashSet<[u8; 16]>,
    old: HashSet<[u8; 16]>,
}

impl Seen {
    fn is_new(&mut self, observation: &Observation) -> bool {
        let mut name = [0; 16];
        name.copy_from_slice(&observation.id.0.0[..16]);
        if self.old.contains(&name) || !self.young.insert(name) {
            return false;
        }
        if self.young.len() >= SEEN_PER_GENERATION_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        true
    }
}
