//! The words every room of Truce shares: place, time, identity, observation, track, incident,
//! assessment, finding and record, with the record's canonical bytes.
//!
//! This room opens on nothing. It never touches a clock, a file, a socket or a random source;
//! time and randomness arrive as arguments. A type that crosses a wall between two rooms lives
//! here; a type that stays in its room lives there.

pub mod assessment;
pub mod belief;
pub mod document;
pub mod feed;
pub mod fields;
pub mod finding;
pub mod identity;
pub mod incident;
pub mod label;
pub mod message;
pub mod mission;
pub mod notice;
pub mod observation;
pub mod place;
pub mod record;
pub mod retraction;
pub mod time;
pub mod track;
pub mod transverse;
pub mod way;

pub use assessment::{Assessment, ClauseKind, Verdict};
pub use belief::{Credibility, Grade, Reliability};
pub use feed::{FeedChange, FeedEvent, FeedNote, FeedNotice};
pub use finding::{Action, Decision, Finding, Reply, Stance, Status, VisitMeans, VisitOutcome};
pub use identity::{Digest, FindingSerial, IncidentId, MessageId, ObservationId, Slug, TrackId};
pub use incident::{Attribution, EventClass, Incident, IncidentKind, Term};
pub use label::{Label, Level};
pub use message::{RawMessage, Rejection};
pub use notice::Notice;
pub use observation::{Observation, Reading};
pub use place::{Ellipse, Frame, Height, HeightDatum, Location, Place, Position};
pub use record::{Body, Record, RecordClass};
pub use retraction::Retraction;
pub use time::{Interval, Timestamp};
pub use track::{ObjectIdentity, ObjectKind, Track, TrackPoint};
