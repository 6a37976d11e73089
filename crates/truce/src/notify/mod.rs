//! Notifications: people and systems outside are told what the log newly says.
//!
//! A notification is a view of the log. Nothing is told that is not published in it; each names its
//! record by place and digest, so that the receiver can check it. Each receiver has a cursor and a task
//! of its own that reads the log from there: what it could not be told waits in the log and nowhere
//! else, and one that does not answer delays nobody. Delivery is at least once and in order; the
//! record's digest is the key by which a receiver knows what comes again.
//!
//! Who is told what stands in `notify.toml` of the data folder and not in the mission's files: the
//! parties read those, and an address on the duty officer's desk is none of their business. Its cursors
//! and credentials lie in the same folder.

mod choice;
mod cursor;
mod note;
mod outlet;
mod receiver;
mod scan;
mod settings;
mod state;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::sync::broadcast;
use tokio::task::JoinSet;
use truce_core::Slug;
use truce_core::document::Issue;

use crate::connect::backoff::Backoff;
use crate::engine::Setup;
use crate::line::{self, Folder, read_text};
use crate::service::{Handle, Live};

pub use cursor::Delivered;
pub use state::{Failed, Receivers, Report};

use cursor::Cursor;
use outlet::Outlet;
use receiver::Receiver;
use scan::Log;
use settings::Settings;
use state::State;

/// Why nobody can be told anything.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file has mistakes.
    #[error("notify.toml has {} mistake(s)", .0.len())]
    Settings(Vec<Issue>),
    /// A receiver cannot be reached as the file says.
    #[error("receiver {receiver} of notify.toml: {why}")]
    Receiver {
        /// The receiver.
        receiver: Slug,
        /// Why not, and what to do.
        why: String,
    },
    /// A cursor of another log.
    #[error(
        "receiver {receiver} was told up to entry {entry} and the log has {size}: its cursor is of \
         another log; remove it from the folder `cursors`, and it is told what comes from now on"
    )]
    Ahead {
        /// The receiver.
        receiver: Slug,
        /// Where its cursor is.
        entry: u64,
        /// Published entries.
        size: u64,
    },
    /// The log or a file of the folder.
    #[error(transparent)]
    Line(#[from] line::Error),
}

/// The receivers of a folder, none of them told anything yet.
#[derive(Default)]
pub struct Notify {
    receivers: Vec<Receiver>,
    view: Receivers,
}

impl Notify {
    /// Reads the folder's file; without one nobody is told. A receiver without a cursor begins at the
    /// present end of the log.
    ///
    /// # Errors
    /// Mistakes in the file; credentials, cursors or a log that cannot be read.
    pub fn open(folder: &Folder, setup: &Setup) -> Result<Self, Error> {
        let path = folder.notify_file();
        if !path.exists() {
            return Ok(Self::default());
        }
        let (file, text) = (path.display().to_string(), read_text(&path)?);
        let settings = settings::read(&file, &text, &setup.mission, &setup.agreement);
        let settings = settings.map_err(Error::Settings)?;
        let log = Arc::new(Log::open(folder, &setup.mission)?);
        let receiver = |settings| receiver(folder, &log, settings);
        let receivers: Vec<Receiver> = settings
            .into_iter()
            .map(receiver)
            .collect::<Result<_, _>>()?;
        let states = receivers.iter().map(|receiver| receiver.state.clone());
        Ok(Self {
            view: Receivers::new(states.collect()),
            receivers,
        })
    }

    /// How the receivers fare, for a view.
    #[must_use]
    pub fn view(&self) -> Receivers {
        self.view.clone()
    }

    /// Begins to tell, once the line is open: before, its tables may lack conclusions. Must be called
    /// within a runtime; dropping what it gives ends it.
    #[must_use]
    pub fn start(self, line: &Handle) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        for receiver in self.receivers {
            let (line, live) = (line.clone(), line.listen());
            tasks.spawn(tell(receiver, line, live));
        }
        tasks
    }
}

async fn tell(receiver: Receiver, line: Handle, live: broadcast::Receiver<Live>) {
    line.opened().await;
    // The line ends when nobody can send it commands any more.
    drop(line);
    receiver.run(live).await;
}

fn receiver(folder: &Folder, log: &Arc<Log>, settings: Settings) -> Result<Receiver, Error> {
    let Settings {
        id,
        transport,
        when,
    } = settings;
    // A feed may have the same name.
    let refuse = |why: String| Error::Receiver {
        receiver: id.clone(),
        why,
    };
    let name = Slug::new(&format!("notify/{id}")).map_err(|error| refuse(error.to_string()))?;
    let outlet = Outlet::new(&name, transport, folder.credentials(&name)?).map_err(refuse)?;
    let (file, size) = (folder.cursor_file(&name), log.size()?);
    let cursor = Cursor::load(&file, size)?;
    if cursor.next.entry > size {
        return Err(Error::Ahead {
            receiver: id,
            entry: cursor.next.entry,
            size,
        });
    }
    let state = State::new(id, outlet.kind(), outlet.to(), cursor.clone());
    Ok(Receiver {
        log: Arc::clone(log),
        choice: Arc::new(when),
        outlet,
        cursor,
        file,
        state: Arc::new(state),
        backoff: Backoff::of(&name),
    })
}
