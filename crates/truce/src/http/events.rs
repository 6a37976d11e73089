//! Server-sent events: what has just become part of the log.
//!
//! A listener hears names of what changed and reads the rest from the tables, so that ten changes
//! of one incident within a moment are one event. A listener that falls behind is told to start
//! afresh.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{OwnedSemaphorePermit, broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use truce_core::{Body, IncidentId, TrackId};
use truce_ledger::Checkpoint;
use truce_store::{ChangeKind, Store};

use super::error::Failure;
use super::state::{App, AppState};
use super::{feeds, log};
use crate::service::Live;

/// Events waiting for one listener's connection; when so many wait, its reader waits.
const EVENTS_WAITING_MAX: usize = 64;

/// Changes that are told to a listener that was away; with more it starts afresh.
const CHANGES_MISSED_MAX: u32 = 2_000;

/// How long changes are gathered before they are told: what one entry changed comes together, and
/// nobody waits for more than that.
const GATHER_TIME: Duration = Duration::from_millis(2);

/// Least time between two tellings, so that a burst is read once and not record by record.
const TELL_EVERY: Duration = Duration::from_millis(50);

/// How often a listener hears that feeds moved.
const FEEDS_EVERY: Duration = Duration::from_millis(500);

/// How often a silent stream says that it is alive.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);

type Told = Result<Event, Infallible>;

/// What changed since the listener was told last.
#[derive(Default)]
struct Changed {
    incidents: BTreeSet<IncidentId>,
    findings: BTreeSet<IncidentId>,
    tracks: BTreeSet<TrackId>,
    feeds: bool,
    checkpoint: Option<Arc<Checkpoint>>,
    newest_entry: Option<u64>,
}

impl Changed {
    fn note(&mut self, live: &Live) {
        let (entry, record) = match live {
            Live::Record(entry, record) => (*entry, record),
            Live::Checkpoint(checkpoint) => {
                self.checkpoint = Some(checkpoint.clone());
                return;
            }
        };
        self.newest_entry = self.newest_entry.max(Some(entry));
        match &record.body {
            Body::Incident(incident) => {
                self.incidents.insert(incident.id);
            }
            Body::Assessment(assessment) => {
                self.incidents.insert(assessment.incident);
            }
            Body::Finding(finding) => {
                self.incidents.insert(finding.incident);
                self.findings.insert(finding.incident);
            }
            Body::Track(track) => {
                self.tracks.insert(track.id);
            }
            Body::Raw(_)
            | Body::Observation(_)
            | Body::Rejection(_)
            | Body::FeedNote(_)
            | Body::FeedChange(_) => self.feeds = true,
            Body::MissionFile(_)
            | Body::Decision(_)
            | Body::Import(_)
            | Body::Tick(_)
            | Body::Epoch(_)
            | Body::Seal(_)
            | Body::Custody(_)
            | Body::Erased(_) => {}
        }
    }

    /// The events that tell it, the last one with the entry up to which the listener then knows.
    fn tell(self, store: &Store, state: &AppState) -> Result<Vec<Event>, Failure> {
        let mut events = Vec::new();
        for id in self.tracks {
            events.extend(store.track_item(id)?.map(|item| event("track", &item)));
        }
        for id in self.incidents {
            events.extend(
                store
                    .incident_summary(id)?
                    .map(|item| event("incident", &item)),
            );
        }
        for id in self.findings {
            let finding = store.finding(id)?;
            events.extend(finding.map(|(finding, _)| event("finding", &finding)));
        }
        if self.feeds {
            let items = feeds::items(store, state)?;
            events.push(event("feed", &json!({ "items": items })));
        }
        if let Some(checkpoint) = self.checkpoint {
            events.push(event(
                "checkpoint",
                &log::describe(store, state, &checkpoint)?,
            ));
        }
        // A checkpoint or the feeds alone come with no entry.
        if let Some(entry) = self.newest_entry
            && let Some(last) = events.pop()
        {
            events.push(last.id(entry.to_string()));
        }
        Ok(events)
    }
}

/// An event whose data is JSON. What this room tells is always representable.
fn event(name: &'static str, data: &impl Serialize) -> Event {
    let event = Event::default().event(name);
    event
        .json_data(data)
        .expect("what this room tells is representable as JSON")
}

/// `GET /api/events`
pub(super) async fn follow(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let permit = app.listeners.try_acquire_owned();
    let permit = permit.map_err(|_| Failure::busy("too many pages follow the events"))?;
    let last_heard = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok()?.parse().ok());
    let (events, stream) = mpsc::channel(EVENTS_WAITING_MAX);
    let listener = Listener {
        // From here on everything is heard; what was before is read from the tables.
        live: app.handle.listen(),
        state: app.state,
        events,
        feeds_told_at: Instant::now(),
        _permit: permit,
    };
    tokio::spawn(listener.run(last_heard));
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE_EVERY);
    let stream = Sse::new(ReceiverStream::new(stream));
    Ok(stream.keep_alive(keep_alive).into_response())
}

/// How long to gather after a change, so long after the last telling.
pub(super) fn wait(since_last_told: Option<Duration>) -> Duration {
    let rest = since_last_told.map_or(Duration::ZERO, |passed| TELL_EVERY.saturating_sub(passed));
    rest.max(GATHER_TIME)
}

struct Listener {
    live: broadcast::Receiver<Live>,
    state: AppState,
    events: mpsc::Sender<Told>,
    feeds_told_at: Instant,
    _permit: OwnedSemaphorePermit,
}

/// Why a stream ends.
enum End {
    /// The listener has gone, or the line has stopped.
    Gone,
    /// It fell behind.
    Behind,
}

impl Listener {
    async fn run(mut self, last_heard: Option<u64>) {
        if let Err(End::Behind) = self.follow(last_heard).await {
            // The stream ends with it; the page connects again and reads everything anew.
            let resync = event("resync", &json!({}));
            let _gone = self.events.send(Ok(resync)).await;
        }
    }

    async fn follow(&mut self, last_heard: Option<u64>) -> Result<(), End> {
        let read = move |store: &Store, state: &AppState| {
            let hello = event("hello", &json!({ "size": state.log().size()? }));
            Ok((
                hello,
                last_heard.map(|entry| missed(store, entry)).transpose()?,
            ))
        };
        let (hello, missed) = self.state.read(read).await.map_err(|_| End::Gone)?;
        self.send(hello).await?;
        match missed {
            Some(Some(changed)) => self.tell(changed).await?,
            Some(None) => return Err(End::Behind),
            None => {}
        }
        let mut changed = Changed::default();
        let mut told_at: Option<Instant> = None;
        loop {
            let feeds_due_in = self.feeds_due_in();
            let first = tokio::select! {
                live = self.live.recv() => live,
                () = self.events.closed() => return Err(End::Gone),
                // What feeds did is told when it is due, though nothing else happens.
                () = tokio::time::sleep(feeds_due_in), if changed.feeds => {
                    self.feeds_told_at = Instant::now();
                    self.tell(std::mem::take(&mut changed)).await?;
                    continue;
                }
            };
            changed.note(&first.map_err(|error| match error {
                RecvError::Lagged(_) => End::Behind,
                RecvError::Closed => End::Gone,
            })?);
            tokio::time::sleep(wait(told_at.map(|at| at.elapsed()))).await;
            told_at = Some(Instant::now());
            self.gather(&mut changed)?;
            let feeds = changed.feeds && self.feeds_told_at.elapsed() >= FEEDS_EVERY;
            let later = Changed {
                feeds: changed.feeds && !feeds,
                ..Changed::default()
            };
            changed.feeds = feeds;
            if feeds {
                self.feeds_told_at = Instant::now();
            }
            self.tell(std::mem::replace(&mut changed, later)).await?;
        }
    }

    /// Time until feeds may be told again.
    fn feeds_due_in(&self) -> Duration {
        FEEDS_EVERY.saturating_sub(self.feeds_told_at.elapsed())
    }

    fn gather(&mut self, changed: &mut Changed) -> Result<(), End> {
        loop {
            match self.live.try_recv() {
                Ok(live) => changed.note(&live),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Ok(()),
                Err(TryRecvError::Lagged(_)) => return Err(End::Behind),
            }
        }
    }

    async fn tell(&self, changed: Changed) -> Result<(), End> {
        let events = self
            .state
            .read(move |store, state| changed.tell(store, state))
            .await;
        for event in events.map_err(|_| End::Gone)? {
            self.send(event).await?;
        }
        Ok(())
    }

    async fn send(&self, event: Event) -> Result<(), End> {
        self.events.send(Ok(event)).await.map_err(|_| End::Gone)
    }
}

/// What changed behind an entry; `None` when it is too much to tell.
fn missed(store: &Store, last_heard: u64) -> Result<Option<Changed>, Failure> {
    let from = last_heard.saturating_add(1);
    let changes = store.changes_since(from, CHANGES_MISSED_MAX + 1)?;
    if changes.len() > CHANGES_MISSED_MAX as usize {
        return Ok(None);
    }
    let mut changed = Changed {
        feeds: !changes.is_empty(),
        ..Changed::default()
    };
    for change in changes {
        changed.newest_entry = changed.newest_entry.max(Some(change.entry));
        match change.kind {
            ChangeKind::Incident => {
                changed.incidents.insert(IncidentId(change.id));
            }
            ChangeKind::Finding => {
                changed.incidents.insert(IncidentId(change.id));
                changed.findings.insert(IncidentId(change.id));
            }
            ChangeKind::Track => {
                changed.tracks.insert(TrackId(change.id));
            }
        }
    }
    Ok(Some(changed))
}
