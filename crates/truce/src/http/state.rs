//! What the handlers share: the mission, a bounded pool of readers, and the way to the line.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Semaphore, broadcast, mpsc, oneshot};
use truce_accord::Agreement;
use truce_core::mission::Mission;
use truce_core::{Decision, Finding, IncidentId, RawMessage, Record};
use truce_ledger::{Checkpoint, Reader};
use truce_store::{SectorMap, Store};

use super::error::Failure;

/// Commands waiting for the line; when so many wait, the next sender waits too.
pub const QUEUE_COMMANDS_MAX: usize = 256;

/// Live events kept for a slow listener; one that falls behind more is told to start afresh.
pub const LIVE_EVENTS_MAX: usize = 4_096;

/// Readers at work at the same time: each blocks a thread, and two cores are not made faster by
/// more of them.
const READERS_MAX: usize = 4;

/// Event streams at the same time.
const LISTENERS_MAX: usize = 64;

/// What the line is asked to do.
#[derive(Debug)]
pub enum Command {
    /// Take messages.
    Messages(Vec<RawMessage>),
    /// Take a decision, if the ladder allows it.
    Decide(Decision, oneshot::Sender<Result<Finding, Refusal>>),
    /// Take a message and tell the finding that followed, for a party's reply.
    Reply(RawMessage, oneshot::Sender<Option<Finding>>),
}

/// Something that has just become part of the log.
#[derive(Debug, Clone)]
pub enum Live {
    /// A record and the index of its entry.
    Record(u64, Arc<Record>),
    /// A new checkpoint.
    Checkpoint(Arc<Checkpoint>),
}

/// Why the line refused a decision. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such incident.
    #[error("there is no incident {incident}")]
    UnknownIncident {
        /// As given.
        incident: IncidentId,
    },
    /// The ladder does not allow it; the sentence says what it allows.
    #[error("{0}")]
    NotAllowed(String),
}

/// Why a command got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// The line refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The line has stopped.
    #[error("the line has stopped; look at the server's log for the reason")]
    Stopped,
}

/// How others reach the line.
#[derive(Debug, Clone)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    live: broadcast::Sender<Live>,
}

impl Handle {
    /// A handle, with the ends that belong to the line: the queue to take commands from, and the
    /// channel to tell events on.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Command>, broadcast::Sender<Live>) {
        let (commands, queue) = mpsc::channel(QUEUE_COMMANDS_MAX);
        let (live, _) = broadcast::channel(LIVE_EVENTS_MAX);
        let handle = Self {
            commands,
            live: live.clone(),
        };
        (handle, queue, live)
    }

    /// Hands over messages; waits while the queue is full.
    ///
    /// # Errors
    /// [`Unanswered::Stopped`] when the line has stopped.
    pub async fn messages(&self, messages: Vec<RawMessage>) -> Result<(), Unanswered> {
        self.send(Command::Messages(messages)).await
    }

    /// Takes a decision; the answer comes when it is durable.
    ///
    /// # Errors
    /// When the ladder refuses it, or the line has stopped.
    pub async fn decide(&self, decision: Decision) -> Result<Finding, Unanswered> {
        let (answer, answered) = oneshot::channel();
        self.send(Command::Decide(decision, answer)).await?;
        Ok(answered.await.map_err(|_| Unanswered::Stopped)??)
    }

    /// Takes a party's reply; the answer comes when it is durable.
    ///
    /// # Errors
    /// When the line has stopped.
    pub async fn reply(&self, message: RawMessage) -> Result<Option<Finding>, Unanswered> {
        let (answer, answered) = oneshot::channel();
        self.send(Command::Reply(message, answer)).await?;
        answered.await.map_err(|_| Unanswered::Stopped)
    }

    /// Listens to what becomes part of the log from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Live> {
        self.live.subscribe()
    }

    async fn send(&self, command: Command) -> Result<(), Unanswered> {
        let sent = self.commands.send(command).await;
        sent.map_err(|_| Unanswered::Stopped)
    }
}

/// What the interface reads from.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The file of the tables.
    pub store: PathBuf,
    /// The log's folder.
    pub log: PathBuf,
    /// The log's public key, as signed-note writes it.
    pub verifier_key: String,
    /// The mission.
    pub mission: Mission,
    /// Its agreement.
    pub agreement: Agreement,
}

/// What all handlers read from. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    sources: Sources,
    reader: Reader,
    /// Stores that nobody uses now.
    idle: Mutex<Vec<Store>>,
    readers: Semaphore,
}

impl AppState {
    /// Opens the tables and the log for reading. Both must be there.
    ///
    /// # Errors
    /// When one of them cannot be opened.
    pub fn open(sources: Sources) -> Result<Self, Failure> {
        let reader = Reader::open(&sources.log).map_err(Failure::from)?;
        let shared = Shared {
            reader,
            idle: Mutex::default(),
            readers: Semaphore::new(READERS_MAX),
            sources,
        };
        let store = shared.store()?;
        shared.put_back(store);
        Ok(Self(Arc::new(shared)))
    }

    pub(super) fn mission(&self) -> &Mission {
        &self.0.sources.mission
    }

    pub(super) fn agreement(&self) -> &Agreement {
        &self.0.sources.agreement
    }

    pub(super) fn verifier_key(&self) -> &str {
        &self.0.sources.verifier_key
    }

    pub(super) fn log(&self) -> &Reader {
        &self.0.reader
    }

    /// Reads from the tables and the log on a thread that may block. At most [`READERS_MAX`] do so
    /// at a time; the others wait.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Store, &Self) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let permit = self.0.readers.acquire().await;
        let permit = permit.expect("the semaphore of the readers is never closed");
        let state = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let store = state.0.store()?;
            let answer = query(&store, &state);
            state.0.put_back(store);
            answer
        });
        let answer = reading.await.map_err(|error| {
            tracing::error!(%error, "a reader broke");
            Failure::internal()
        })?;
        drop(permit);
        answer
    }
}

impl Shared {
    fn store(&self) -> Result<Store, Failure> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        if let Some(store) = idle {
            return Ok(store);
        }
        let store = Store::open_read_only(&self.sources.store)?;
        store.set_sectors(SectorMap::of(&self.sources.mission))?;
        Ok(store)
    }

    fn put_back(&self, store: Store) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < READERS_MAX {
            idle.push(store);
        }
    }
}

/// The state of the router: what is read, and the way to the line.
#[derive(Clone)]
pub(super) struct App {
    pub(super) state: AppState,
    pub(super) handle: Handle,
    pub(super) listeners: Arc<Semaphore>,
}

impl App {
    pub(super) fn new(state: AppState, handle: Handle) -> Self {
        Self {
            state,
            handle,
            listeners: Arc::new(Semaphore::new(LISTENERS_MAX)),
        }
    }
}
