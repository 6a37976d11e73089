//! The line as a service: one thread owns it, everyone else sends commands and hears what followed.
//!
//! Commands wait in a bounded queue; when it is full the sender waits. Messages that come together
//! go into one entry. Once a second at most a checkpoint is signed; now and then the clock itself
//! becomes an input, so that silence and deadlines come due although nothing is received.
//!
//! The thread may have to open the line first, which takes long for a long log: commands wait until
//! then, and others can see how far it is.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use truce_core::record::{Custody, Tick};
use truce_core::{Body, Decision, FeedNote, Finding, RawMessage, Record, Timestamp};
use truce_ledger::Checkpoint;

use crate::engine::Refused;
use crate::engine::Shipping;
use crate::line::{Error, Line, Progress, Submitted};

/// Commands waiting for the line; when so many wait, the next sender waits too.
pub const QUEUE_COMMANDS_MAX: usize = 256;

/// Live events kept for a slow listener; one that falls behind more is told to start afresh.
pub const LIVE_EVENTS_MAX: usize = 4_096;

/// Most messages gathered into one input entry.
const GATHER_MESSAGES_MAX: usize = 4_096;

/// How often a checkpoint is signed while entries arrive (DESIGN: about once a second).
const COMMIT_EVERY: Duration = Duration::from_secs(1);

/// How often the clock is an input.
const TICK_EVERY: Duration = Duration::from_secs(10);

/// How often tiles that fuller ones have replaced are removed: a commit each second would leave
/// about three gigabytes of them a day.
const PRUNE_EVERY: Duration = Duration::from_secs(3_600);

/// What the line is asked to do.
#[derive(Debug)]
pub enum Command {
    /// Take messages.
    Messages(Vec<RawMessage>),
    /// Take messages as an entry of their own and tell its index once they are durable.
    Batch(Vec<RawMessage>, oneshot::Sender<u64>),
    /// Log something about a feed that its messages do not say, and tell when it is durable.
    Note(FeedNote, oneshot::Sender<()>),
    /// Take a decision, if the ladder allows it.
    Decide(Decision, oneshot::Sender<Result<Finding, Refused>>),
    /// Take a message and tell the finding that followed, for a party's reply.
    Reply(RawMessage, oneshot::Sender<Option<Finding>>),
    /// Log what was done with evidence.
    Custody(Custody, oneshot::Sender<()>),
}

/// Something that has just become part of the log.
#[derive(Debug, Clone)]
pub enum Live {
    /// A record and the index of its entry.
    Record(u64, Arc<Record>),
    /// A new checkpoint.
    Checkpoint(Arc<Checkpoint>),
}

/// Waits for the next checkpoint, but not longer than some time; false when the line has ended.
pub(crate) async fn next_checkpoint(
    live: &mut broadcast::Receiver<Live>,
    at_most: Duration,
) -> bool {
    let checkpoint = async {
        loop {
            match live.recv().await {
                Ok(Live::Checkpoint(_)) | Err(RecvError::Lagged(_)) => return true,
                Ok(Live::Record(..)) => {}
                Err(RecvError::Closed) => return false,
            }
        }
    };
    let waited = tokio::time::timeout(at_most, checkpoint).await;
    waited.unwrap_or(true)
}

/// How far the opening of the line is, in entries of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// Concluded again.
    pub done: u64,
    /// In all.
    pub total: u64,
}

/// Why a command got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// The line refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The line has stopped.
    #[error("the line has stopped; look at the server's log for the reason")]
    Stopped,
}

/// How others reach the line.
#[derive(Debug, Clone)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    live: broadcast::Sender<Live>,
    shipping: Arc<watch::Sender<Arc<Shipping>>>,
    opening: Arc<watch::Sender<Option<Reached>>>,
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
            shipping: Arc::new(watch::Sender::default()),
            opening: Arc::new(watch::Sender::default()),
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

    /// Hands over messages that become an entry of their own; the answer, its index, comes when they
    /// are durable.
    ///
    /// # Errors
    /// [`Unanswered::Stopped`] when the line has stopped.
    pub async fn batch(&self, messages: Vec<RawMessage>) -> Result<u64, Unanswered> {
        let (answer, answered) = oneshot::channel();
        self.send(Command::Batch(messages, answer)).await?;
        answered.await.map_err(|_| Unanswered::Stopped)
    }

    /// Logs something about a feed; the answer comes when it is durable.
    ///
    /// # Errors
    /// When the line has stopped.
    pub async fn note(&self, note: FeedNote) -> Result<(), Unanswered> {
        let (answer, answered) = oneshot::channel();
        self.send(Command::Note(note, answer)).await?;
        answered.await.map_err(|_| Unanswered::Stopped)
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

    /// Logs what was done with evidence; the answer comes when it is durable.
    ///
    /// # Errors
    /// When the line has stopped.
    pub async fn custody(&self, custody: Custody) -> Result<(), Unanswered> {
        let (answer, answered) = oneshot::channel();
        self.send(Command::Custody(custody, answer)).await?;
        answered.await.map_err(|_| Unanswered::Stopped)
    }

    /// Hands over what was done with evidence, to be logged in its turn; waits for no answer.
    ///
    /// # Errors
    /// [`Unanswered::Stopped`] when the line has stopped.
    pub async fn note_custody(&self, custody: Custody) -> Result<(), Unanswered> {
        let (answer, _) = oneshot::channel();
        self.send(Command::Custody(custody, answer)).await
    }

    /// Listens to what becomes part of the log from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Live> {
        self.live.subscribe()
    }

    /// The state of shipping as of the last checkpoint.
    #[must_use]
    pub fn shipping(&self) -> Arc<Shipping> {
        self.shipping.borrow().clone()
    }

    /// How far the opening of the line is; `None` once it is open.
    #[must_use]
    pub fn opening(&self) -> Option<Reached> {
        *self.opening.borrow()
    }

    /// Tells how far the opening of the line is.
    pub(crate) fn tell_opening(&self, reached: Option<Reached>) {
        self.opening.send_replace(reached);
    }

    /// Waits until the line is open.
    pub async fn opened(&self) {
        let mut opening = self.opening.subscribe();
        // The sender lives as long as this handle.
        let _ = opening.wait_for(Option::is_none).await;
    }

    /// Waits until the line has stopped, for whatever reason.
    pub async fn stopped(&self) {
        self.commands.closed().await;
    }

    /// True when the line has stopped.
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        self.commands.is_closed()
    }

    async fn send(&self, command: Command) -> Result<(), Unanswered> {
        let sent = self.commands.send(command).await;
        sent.map_err(|_| Unanswered::Stopped)
    }
}

/// Starts the thread that opens the line and owns it. It ends when all handles are gone, giving the
/// line back, or at the first error of the log.
///
/// # Errors
/// When the system gives no thread.
pub fn start(
    open: impl FnOnce(Progress<'_>) -> Result<Line, Error> + Send + 'static,
) -> std::io::Result<(Handle, JoinHandle<Result<Line, Error>>)> {
    let (handle, queue, live) = Handle::new();
    let (shipping, opening) = (handle.shipping.clone(), handle.opening.clone());
    handle.tell_opening(Some(Reached { done: 0, total: 0 }));
    let run = move || {
        let line = open(&mut |done, total| {
            opening.send_replace(Some(Reached { done, total }));
        })?;
        let service = Service {
            line,
            queue,
            live,
            shipping,
            committed_at: Instant::now(),
            ticked_at: Instant::now(),
            pruned_at: None,
            uncommitted: false,
        };
        service.run(&opening)
    };
    let thread = std::thread::Builder::new().name("line".into()).spawn(run)?;
    Ok((handle, thread))
}

struct Service {
    line: Line,
    queue: mpsc::Receiver<Command>,
    live: broadcast::Sender<Live>,
    shipping: Arc<watch::Sender<Arc<Shipping>>>,
    committed_at: Instant,
    ticked_at: Instant,
    pruned_at: Option<Instant>,
    uncommitted: bool,
}

impl Service {
    fn run(mut self, opening: &watch::Sender<Option<Reached>>) -> Result<Line, Error> {
        self.show_shipping();
        opening.send_replace(None);
        // Whoever listens hears that the line is open.
        self.commit()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let runtime = runtime.map_err(|e| Error::file("start", "the line's timer".as_ref(), e))?;
        loop {
            let wait = tokio::time::Duration::from_millis(200);
            let received =
                runtime.block_on(async { tokio::time::timeout(wait, self.queue.recv()).await });
            match received {
                Ok(Some(command)) => self.take(command)?,
                Ok(None) => break,
                Err(_) => {}
            }
            self.keep_time()?;
        }
        self.commit()?;
        Ok(self.line)
    }

    fn take(&mut self, command: Command) -> Result<(), Error> {
        match command {
            Command::Messages(mut messages) => {
                let next = self.gather(&mut messages);
                self.submit(records(messages))?;
                next.map_or(Ok(()), |command| self.take(command))
            }
            Command::Batch(messages, answer) => {
                if let Some(submitted) = self.submit(records(messages))? {
                    // Whoever asked may have gone; the messages are logged.
                    let _ = answer.send(submitted.entry);
                }
                Ok(())
            }
            Command::Note(note, answer) => {
                self.submit(vec![Record::new(Body::FeedNote(note))])?;
                let _ = answer.send(());
                Ok(())
            }
            Command::Decide(decision, answer) => {
                let result = self.decide(decision)?;
                // Whoever asked may have gone; the decision stands.
                let _ = answer.send(result);
                Ok(())
            }
            Command::Reply(message, answer) => {
                let submitted = self.submit(vec![Record::new(Body::Raw(message))])?;
                let _ = answer.send(submitted.and_then(|submitted| finding_in(&submitted)));
                Ok(())
            }
            Command::Custody(custody, answer) => {
                self.line.record_custody(custody, Timestamp::now())?;
                self.uncommitted = true;
                let _ = answer.send(());
                Ok(())
            }
        }
    }

    /// Adds messages that wait in the queue; gives back the first command of another kind.
    fn gather(&mut self, messages: &mut Vec<RawMessage>) -> Option<Command> {
        while messages.len() < GATHER_MESSAGES_MAX {
            match self.queue.try_recv() {
                Ok(Command::Messages(more)) => messages.extend(more),
                Ok(other) => return Some(other),
                Err(_) => break,
            }
        }
        None
    }

    fn decide(&mut self, decision: Decision) -> Result<Result<Finding, Refused>, Error> {
        if let Err(refused) = self.line.engine().check(&decision) {
            return Ok(Err(refused));
        }
        let incident = decision.incident;
        let submitted = self.submit(vec![Record::new(Body::Decision(decision))])?;
        let finding = submitted.and_then(|submitted| finding_in(&submitted));
        Ok(finding.ok_or(Refused::UnknownIncident { incident }))
    }

    fn submit(&mut self, inputs: Vec<Record>) -> Result<Option<Submitted>, Error> {
        if inputs.is_empty() {
            return Ok(None);
        }
        let submitted = self.line.submit(inputs, Timestamp::now())?;
        for (entry, record) in &submitted.outputs {
            // Nobody listening is no error.
            let _ = self
                .live
                .send(Live::Record(*entry, Arc::new(record.clone())));
        }
        self.uncommitted = true;
        Ok(Some(submitted))
    }

    fn keep_time(&mut self) -> Result<(), Error> {
        if self.ticked_at.elapsed() >= TICK_EVERY {
            self.ticked_at = Instant::now();
            let tick = Tick {
                at: Timestamp::now(),
            };
            self.submit(vec![Record::new(Body::Tick(tick))])?;
        }
        if self.uncommitted && self.committed_at.elapsed() >= COMMIT_EVERY {
            self.commit()?;
        }
        if self.pruned_at.is_none_or(|at| at.elapsed() >= PRUNE_EVERY) {
            self.pruned_at = Some(Instant::now());
            self.line.prune()?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Error> {
        let checkpoint = self.line.commit(Timestamp::now())?;
        self.committed_at = Instant::now();
        self.uncommitted = false;
        self.show_shipping();
        let _ = self.live.send(Live::Checkpoint(Arc::new(checkpoint)));
        Ok(())
    }

    fn show_shipping(&self) {
        let shipping = self.line.engine().shipping();
        self.shipping.send_replace(Arc::new(shipping));
    }
}

fn records(messages: Vec<RawMessage>) -> Vec<Record> {
    let record = |message| Record::new(Body::Raw(message));
    messages.into_iter().map(record).collect()
}

fn finding_in(submitted: &Submitted) -> Option<Finding> {
    submitted
        .outputs
        .iter()
        .rev()
        .find_map(|(_, record)| match &record.body {
            Body::Finding(finding) => Some(finding.clone()),
            _ => None,
        })
}
