//! What the handlers share: the mission, a bounded pool of readers, and the way to the line.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use truce_accord::Agreement;
use truce_core::mission::Mission;
use truce_core::{IncidentId, Timestamp};
use truce_ledger::Reader;
use truce_plan::coverage::orbit::Orbit;
use truce_plan::{Coalition, Mandate};
use truce_store::{SectorMap, Store};

use super::error::Failure;
use super::evidence::Accesses;
use super::plan::Skies;
use crate::connect::link::Links;
use crate::notify::Receivers;
use crate::service::Handle;

/// Readers at work at the same time: each blocks a thread, and two cores are not made faster by
/// more of them.
const READERS_MAX: usize = 4;

/// Event streams at the same time.
const LISTENERS_MAX: usize = 64;

/// How long a request waits for a line that is being opened: a short log is open by then.
const OPENING_WAIT: Duration = Duration::from_secs(3);

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
    /// The transports of its feeds.
    pub links: Links,
    /// Who is told what the log newly says.
    pub receivers: Receivers,
    /// Who pledged what on which condition.
    pub coalition: Coalition,
    /// Legal bases and votes.
    pub mandate: Mandate,
    /// Element sets of satellites; those without one fly as designed.
    pub elements: Vec<Orbit>,
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
    skies: Skies,
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
            skies: Skies::default(),
            sources,
        };
        let store = shared.store()?;
        shared.put_back(store);
        Ok(Self(Arc::new(shared)))
    }

    pub(super) fn mission(&self) -> &Mission {
        &self.0.sources.mission
    }

    pub(super) fn links(&self) -> &Links {
        &self.0.sources.links
    }

    pub(super) fn receivers(&self) -> &Receivers {
        &self.0.sources.receivers
    }

    pub(super) fn agreement(&self) -> &Agreement {
        &self.0.sources.agreement
    }

    pub(super) fn sources(&self) -> &Sources {
        &self.0.sources
    }

    pub(super) fn skies(&self) -> &Skies {
        &self.0.skies
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
    accesses: Arc<Mutex<Accesses>>,
}

impl App {
    pub(super) fn new(state: AppState, handle: Handle) -> Self {
        Self {
            state,
            handle,
            listeners: Arc::new(Semaphore::new(LISTENERS_MAX)),
            accesses: Arc::default(),
        }
    }

    /// The way to the line, when it is open or will be in a moment.
    pub(super) async fn line(&self) -> Result<&Handle, Failure> {
        let opened = tokio::time::timeout(OPENING_WAIT, self.handle.opened()).await;
        match self.handle.opening() {
            Some(opening) if opened.is_err() => Err(Failure::opening(opening)),
            _ => Ok(&self.handle),
        }
    }

    /// True when showing raw evidence of this incident is to be logged.
    pub(super) fn is_new_access(&self, id: IncidentId, now: Timestamp) -> bool {
        let mut accesses = self.accesses.lock().unwrap_or_else(PoisonError::into_inner);
        accesses.is_new(id, now)
    }
}
