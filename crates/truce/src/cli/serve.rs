//! `truce serve`: the live picture on the loopback address.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use clap::Args;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use truce_core::{Body, FeedChange, FeedEvent, RawMessage, Slug};
use truce_plan::coverage::orbit::Orbit;
use truce_store::Store;

use super::ingest::{begin_line, tell_opened};
use super::plan::outlook::read_elements;
use super::verify::read_policy;
use super::{DataArgument, Failure, terminal};
use crate::connect::Transports;
use crate::connect::link::Links;
use crate::connect::loss;
use crate::connect::push::Doors;
use crate::engine::Setup;
use crate::http;
use crate::http::{AppState, Sources};
use crate::line::{Error, Folder, Line, Opening, Progress};
use crate::notify::{Notify, Receivers};
use crate::service::{self, Handle, Live};
use crate::witness::Collector;

/// Serve the operating picture and the HTTP interface, and listen to the mission's live feeds.
///
/// Until accounts exist the server listens on a loopback address only and refuses any other. The
/// interface is described by /api/openapi.json on the server itself. When the data folder holds a
/// file witnesses.policy, its witnesses are asked to cosign each checkpoint; none of them can hold
/// anything up. When it holds a file notify.toml, its receivers (webhooks, MQTT, NATS, files) are told
/// what the log newly says, as docs/notify.md describes. A long log can be looked at while everything is concluded again from it; decisions and
/// the messages of feeds are taken afterwards. Ends on Ctrl-C or SIGTERM, after everything received is in the log.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    data: DataArgument,
    /// Mission folder; needed when the data folder is new.
    #[arg(long, value_name = "DIR")]
    mission: Option<PathBuf>,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8040")]
    listen: SocketAddr,
    /// Address to take pushed messages on: POST /feeds/FEED with the key that stands in the data
    /// folder, in push-keys. It takes messages of the mission's `http_push` feeds and gives nothing.
    #[arg(long, value_name = "ADDRESS")]
    push: Option<SocketAddr>,
    /// Element sets of satellites (two or three lines each), matched by their catalogue number;
    /// satellites without one fly as designed.
    #[arg(long, value_name = "FILE")]
    elements: Option<PathBuf>,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Failure> {
        check_address(self.listen)?;
        let elements = self.elements.as_deref().map(read_elements).transpose()?;
        let page = bind(self.listen, "--listen")?;
        let push = self
            .push
            .map(|address| bind(address, "--push"))
            .transpose()?;
        let start = start(&self.data.folder(), self.mission.as_deref())?;
        let serving = Serving {
            page,
            push,
            elements: elements.unwrap_or_default(),
            scheduled: Vec::new(),
            open_page: false,
        };
        serve(start, serving)
    }
}

/// A line to be served: open, or to be opened meanwhile.
pub(super) enum Start {
    /// It is open.
    Open(Box<Line>),
    /// Its tables can be read.
    Opening(Box<Opening>),
}

impl Start {
    fn folder(&self) -> &Folder {
        match self {
            Self::Open(line) => line.folder(),
            Self::Opening(opening) => opening.folder(),
        }
    }

    fn setup(&self) -> &Setup {
        match self {
            Self::Open(line) => line.engine().setup(),
            Self::Opening(opening) => opening.setup(),
        }
    }

    fn store(&self) -> &Store {
        match self {
            Self::Open(line) => line.store(),
            Self::Opening(opening) => opening.store(),
        }
    }

    fn open(self, progress: Progress<'_>) -> Result<Line, Error> {
        match self {
            Self::Open(line) => Ok(*line),
            Self::Opening(opening) => {
                let (line, opened) = opening.conclude(progress)?;
                tell_opened(&opened);
                tracing::info!(entries = opened.entries, "the log is concluded again");
                Ok(line)
            }
        }
    }
}

/// Begins a log for a mission, or makes the tables of the one that is there.
fn start(folder: &Folder, mission: Option<&Path>) -> Result<Start, Failure> {
    if let Some(line) = begin_line(folder, mission)? {
        return Ok(Start::Open(Box::new(line)));
    }
    let bar = terminal::progress("read the log", "entries");
    let opening = Opening::begin(folder, &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    Ok(Start::Opening(Box::new(opening)))
}

/// Refuses an address that others could reach.
pub(super) fn check_address(address: SocketAddr) -> Result<(), Failure> {
    http::check_loopback(address).map_err(|error| Failure::Usage(error.to_string()))
}

/// How a line is served.
pub(super) struct Serving {
    /// Where it listens; taken before anything is read or written, by [`bind`].
    pub(super) page: TcpListener,
    /// Where it takes pushed messages.
    pub(super) push: Option<TcpListener>,
    /// Element sets of satellites.
    pub(super) elements: Vec<Orbit>,
    /// Messages that arrive by themselves at their time, for demonstrations.
    pub(super) scheduled: Vec<RawMessage>,
    /// Whether a browser is opened.
    pub(super) open_page: bool,
}

/// Serves a line until the process is told to end.
pub(super) fn serve(start: Start, serving: Serving) -> Result<(), Failure> {
    let Serving {
        page,
        push,
        elements,
        scheduled,
        open_page,
    } = serving;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::Outside(format!("cannot start: {error}")))?;
    let network = start.setup().mission.network.clone();
    let mut transports = Transports::new(&network);
    let notify = Notify::open(start.folder(), start.setup())?;
    let views = Views {
        links: transports.links(),
        receivers: notify.view(),
    };
    let state = app_state(&start, views, elements)?;
    let collector = collector(start.folder())?;
    let folder = start.folder().clone();
    let heard = heard(start.store())?;
    let (handle, thread) = service::start(|progress| start.open(progress))
        .map_err(|error| Failure::Outside(format!("cannot start: {error}")))?;
    let was_open = runtime.block_on(async move {
        let listener = listen(page, open_page)?;
        let doors = Doors::open(&network, &folder, transports.inlets())?;
        let forward = tokio::spawn(transports.gate().forward(handle.clone()));
        transports.start(&network, &folder, |feed| heard.contains(feed))?;
        let pushed = open_doors(doors, push)?;
        let play = tokio::spawn(play(scheduled, handle.clone()));
        let losses = tokio::spawn(loss::keep_noting(
            transports.inlets().to_vec(),
            handle.clone(),
            loss::NOTE_EVERY,
        ));
        let changes = tokio::spawn(tell_changes(handle.listen()));
        let telling = notify.start(&handle);
        let collect = collector.map(|collector| tokio::spawn(collector.run(handle.listen())));
        let served = http::serve(listener, state, handle.clone(), end(handle.clone())).await;
        if handle.opening().is_some() && !handle.has_stopped() {
            return Ok(false);
        }
        drop(handle);
        play.abort();
        if let Some(pushed) = pushed {
            pushed.abort();
            let _ = pushed.await;
        }
        if let Some(collect) = collect {
            collect.abort();
        }
        losses.abort();
        changes.abort();
        // What they were not told stays in the log, behind their cursors.
        drop(telling);
        // What waits goes on into the log.
        transports.stop().await;
        let _ = forward.await;
        let served = served.map(|()| true);
        served.map_err(|error| Failure::Outside(format!("the server stopped: {error}")))
    })?;
    drop(runtime);
    if !was_open {
        // Nothing was taken yet, and a log that is only read can be left at any time.
        return Ok(());
    }
    match thread.join() {
        Ok(result) => result.map(drop).map_err(Failure::from),
        Err(_) => Err(Failure::Outside(
            "the line's thread broke; please report this".into(),
        )),
    }
}

/// Takes an address that an option of the command line names.
pub(super) fn bind(address: SocketAddr, option: &str) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(address);
    bound.map_err(|error| {
        Failure::Outside(format!(
            "cannot listen on {address}: {error}; try another {option}"
        ))
    })
}

/// Listens, and says where.
fn listen(page: TcpListener, open_page: bool) -> Result<tokio::net::TcpListener, Failure> {
    let (listener, bound) = on_runtime(page)?;
    terminal::say(&format!("truce listens on http://{bound}/"));
    if open_page {
        show(bound);
    }
    Ok(listener)
}

/// A listener for the runtime, and where it listens.
pub(super) fn on_runtime(
    listener: TcpListener,
) -> Result<(tokio::net::TcpListener, SocketAddr), Failure> {
    let moved = || {
        let bound = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        Ok((tokio::net::TcpListener::from_std(listener)?, bound))
    };
    moved().map_err(|error: std::io::Error| Failure::Outside(format!("cannot listen: {error}")))
}

/// Waits until the process is told to end, or the line has stopped by itself.
async fn end(line: Handle) {
    tokio::select! {
        () = shutdown() => {}
        () = line.stopped() => {}
    }
}

/// Tells in the program's own log how feeds fare.
async fn tell_changes(mut live: broadcast::Receiver<Live>) {
    loop {
        let record = match live.recv().await {
            Ok(Live::Record(_, record)) => record,
            // What was missed stands in the log.
            Ok(Live::Checkpoint(_)) | Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        let Body::FeedChange(FeedChange { source, event, .. }) = &record.body else {
            continue;
        };
        let feed = source;
        match event {
            FeedEvent::Silent {
                since, expected_s, ..
            } => tracing::warn!(%feed, %since, expected_s, "the feed is silent"),
            FeedEvent::Heard { silent_since } => {
                tracing::info!(%feed, %silent_since, "the feed is heard again");
            }
            FeedEvent::KeyRevoked { key, revoked_at } => {
                tracing::warn!(%feed, %key, %revoked_at, "a key is no longer trusted");
            }
        }
    }
}

/// The feeds of which the log holds messages.
fn heard(store: &Store) -> Result<BTreeSet<Slug>, Failure> {
    let feeds = store.feeds();
    let feeds =
        feeds.map_err(|error| Failure::Outside(format!("cannot read the tables: {error}")))?;
    Ok(feeds.into_iter().map(|feed| feed.source).collect())
}

/// Takes pushed messages from now on, when an address is given.
fn open_doors(
    doors: Doors,
    push: Option<TcpListener>,
) -> Result<Option<tokio::task::JoinHandle<()>>, Failure> {
    let Some(push) = push else {
        if !doors.is_empty() {
            tracing::warn!("the mission has feeds that are pushed; say --push to take them");
        }
        return Ok(None);
    };
    let (listener, bound) = on_runtime(push)?;
    terminal::say(&format!(
        "truce takes pushed messages on http://{bound}/feeds/"
    ));
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, doors.router()).await {
            tracing::error!(%error, "pushed messages are no longer taken");
        }
    })))
}

/// Asks the witnesses of the folder's policy, when it has one.
fn collector(folder: &Folder) -> Result<Option<Collector>, Failure> {
    let policy = folder.policy_file();
    if !policy.exists() {
        return Ok(None);
    }
    let policy = read_policy(&policy)?;
    Ok(Some(Collector::open(&folder.log(), policy)?))
}

/// How what runs beside the line fares, for the interface.
struct Views {
    links: Links,
    receivers: Receivers,
}

fn app_state(start: &Start, views: Views, elements: Vec<Orbit>) -> Result<AppState, Failure> {
    let (folder, setup) = (start.folder(), start.setup());
    let sources = Sources {
        store: folder.state_file(),
        log: folder.log(),
        verifier_key: folder.verifier_key()?.to_string(),
        mission: setup.mission.clone(),
        agreement: setup.agreement.clone(),
        coalition: setup.coalition.clone(),
        mandate: setup.mandate.clone(),
        elements,
        links: views.links,
        receivers: views.receivers,
    };
    AppState::open(sources).map_err(|error| Failure::Outside(format!("cannot serve: {error:?}")))
}

/// Hands over messages when their time of arrival has come.
async fn play(scheduled: Vec<RawMessage>, handle: Handle) {
    let mut scheduled = scheduled.into_iter().peekable();
    while let Some(next) = scheduled.peek() {
        let now = truce_core::Timestamp::now();
        let wait_s = truce_core::time::seconds_between(now, next.received_at);
        if wait_s > 0.0 {
            tokio::time::sleep(std::time::Duration::from_secs_f64(wait_s)).await;
        }
        let now = truce_core::Timestamp::now();
        let mut due = Vec::new();
        while let Some(message) = scheduled.next_if(|message| message.received_at <= now) {
            due.push(message);
        }
        if !due.is_empty() && handle.messages(due).await.is_err() {
            return;
        }
    }
}

/// Opens the page where there is a desktop; without one the printed address is enough.
fn show(address: SocketAddr) {
    let desktop = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    if desktop || cfg!(target_os = "macos") {
        // A desktop without this program shows nothing; the address stands in the terminal.
        let _ = std::process::Command::new(opener)
            .arg(format!("http://{address}/"))
            .spawn();
    }
}

pub(super) async fn shutdown() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
