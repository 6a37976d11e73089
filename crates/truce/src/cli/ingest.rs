//! `truce ingest`: files into the log and through the line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::json;
use truce_core::mission::Mission;
use truce_core::record::Import;
use truce_core::time::seconds_between;
use truce_core::{Body, Digest, RawMessage, Record, Slug, Timestamp};
use truce_feeds::Format;

use super::check::read_mission;
use super::{DataArgument, Failure, Form, terminal};
use crate::connect::capture::{self, Capture};
use crate::connect::file;
use crate::line::{Error, Folder, Line, Opened, Submitted, mission_digest, mission_files};

/// Read files into the log and draw the conclusions.
///
/// Each PATH is a file of one feed (plain or gzip), or a folder written by `truce simulate`. What
/// cannot be decoded is counted and kept; reading never stops at a bad row. A file that was read in
/// before is left out. While a server holds the folder it takes messages itself: by --push, or from
/// a file that a feed follows.
///
/// The first time, --mission names the mission folder; its files become the log's first entry.
#[derive(Debug, Args)]
pub(super) struct Ingest {
    #[command(flatten)]
    data: DataArgument,
    /// Mission folder; needed when the data folder is new.
    #[arg(long, value_name = "DIR")]
    mission: Option<PathBuf>,
    /// Feed that the files belong to; guessed from the format when only one feed fits.
    #[arg(long, value_name = "FEED")]
    feed: Option<Slug>,
    /// Time of arrival of the messages, instead of now.
    #[arg(long, value_name = "TIME")]
    received_at: Option<Timestamp>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Files and captured folders.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Most messages in one input entry.
pub(super) const BATCH_MESSAGES_MAX: usize = 16_384;

/// Most bytes in one input entry.
const BATCH_BYTES_MAX: usize = 4 << 20;

/// Time of arrival that one batch spans, seconds, once it holds [`BATCH_MESSAGES_MIN`] messages:
/// conclusions are drawn batch by batch, and so it can be told to some minutes what was known when.
const BATCH_SPAN_S_MAX: f64 = 600.0;
const BATCH_MESSAGES_MIN: usize = 64;

/// What one feed brought.
#[derive(Debug, Default, Clone, Serialize)]
pub(super) struct FeedCount {
    pub(super) messages: u64,
    pub(super) observations: u64,
    pub(super) rejections: u64,
    pub(super) duplicates: u64,
    pub(super) rejection_classes: BTreeMap<Slug, u64>,
}

/// What reading in brought.
#[derive(Debug, Default, Serialize)]
pub(super) struct Counts {
    pub(super) feeds: BTreeMap<Slug, FeedCount>,
    pub(super) incident_revisions: u64,
    pub(super) track_updates: u64,
    pub(super) assessments: u64,
    pub(super) files_left_out: Vec<PathBuf>,
}

impl Counts {
    fn input(&mut self, feed: &Slug) {
        self.feeds.entry(feed.clone()).or_default().messages += 1;
    }

    fn output(&mut self, body: &Body) {
        match body {
            Body::Observation(observation) => {
                self.feeds
                    .entry(observation.source.clone())
                    .or_default()
                    .observations += 1;
            }
            Body::Rejection(rejection) => {
                let feed = self.feeds.entry(rejection.source.clone()).or_default();
                if rejection.class.as_str() == "duplicate" {
                    feed.duplicates += 1;
                } else {
                    feed.rejections += 1;
                }
                *feed
                    .rejection_classes
                    .entry(rejection.class.clone())
                    .or_default() += 1;
            }
            Body::Incident(_) => self.incident_revisions += 1,
            Body::Track(_) => self.track_updates += 1,
            Body::Assessment(_) => self.assessments += 1,
            _ => {}
        }
    }
}

/// Messages collected into entries and submitted to the line.
pub(super) struct Batcher<'l> {
    line: &'l mut Line,
    batch: Vec<Record>,
    batch_bytes: usize,
    pub(super) counts: Counts,
}

impl<'l> Batcher<'l> {
    pub(super) fn new(line: &'l mut Line) -> Self {
        Self {
            line,
            batch: Vec::new(),
            batch_bytes: 0,
            counts: Counts::default(),
        }
    }

    pub(super) fn push(&mut self, message: RawMessage) -> Result<(), Error> {
        self.counts.input(&message.source);
        if self.batch.len() >= BATCH_MESSAGES_MIN && self.spans_too_much(message.received_at) {
            self.flush()?;
        }
        self.batch_bytes += message.bytes.len();
        self.batch.push(Record::new(Body::Raw(message)));
        if self.batch.len() >= BATCH_MESSAGES_MAX || self.batch_bytes >= BATCH_BYTES_MAX {
            self.flush()?;
        }
        Ok(())
    }

    fn spans_too_much(&self, received_at: Timestamp) -> bool {
        match self.batch.first().map(|record| &record.body) {
            Some(Body::Raw(first)) => {
                seconds_between(first.received_at, received_at) > BATCH_SPAN_S_MAX
            }
            _ => false,
        }
    }

    pub(super) fn flush(&mut self) -> Result<(), Error> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.batch_bytes = 0;
        let submitted = self
            .line
            .submit(std::mem::take(&mut self.batch), Timestamp::now())?;
        self.count(&submitted);
        Ok(())
    }

    fn count(&mut self, submitted: &Submitted) {
        for (_, record) in &submitted.outputs {
            self.counts.output(&record.body);
        }
    }

    /// How many messages of a feed could not be decoded so far.
    fn unread(&self, feed: &Slug) -> u64 {
        let count = self.counts.feeds.get(feed);
        count.map_or(0, |count| count.rejections)
    }

    fn import(&mut self, import: Import) -> Result<(), Error> {
        self.flush()?;
        let now = Timestamp::now();
        let imported = vec![Record::new(Body::Import(import))];
        let submitted = self.line.submit(imported, now)?;
        self.count(&submitted);
        self.line.commit(now)?;
        Ok(())
    }
}

impl Ingest {
    pub(super) fn run(self) -> Result<(), Failure> {
        let line = open_line(&self.data.folder(), self.mission.as_deref());
        let mut line = line.map_err(|failure| failure.or_while_held(WHILE_HELD))?;
        let plan = self.plan(&line)?;
        let mut batcher = Batcher::new(&mut line);
        let read = self.read(&mut batcher, &plan);
        if let Err(error) = read.as_ref()
            && !is_unreadable(error)
        {
            return Ok(read?);
        }
        batcher.flush()?;
        let counts = batcher.counts;
        line.commit(Timestamp::now())?;
        if counts.feeds.is_empty() && read.is_err() {
            return Ok(read?);
        }
        self.answer(&counts, &line);
        read.map_err(|error| {
            Failure::Outside(format!(
                "{error}; what came before is in the log and counted above. Read the whole file in \
                 when you have it: messages that are there already count as duplicates"
            ))
        })
    }

    fn read(&self, batcher: &mut Batcher<'_>, plan: &[Planned]) -> Result<(), Error> {
        for planned in plan {
            match planned {
                Planned::Capture(capture) => read_capture(batcher, capture)?,
                Planned::File { path, feed } => self.read_file(batcher, path, feed)?,
            }
        }
        Ok(())
    }

    /// Decides for every path how it is read, before anything is read.
    fn plan(&self, line: &Line) -> Result<Vec<Planned>, Failure> {
        let mission = &line.engine().setup().mission;
        let mut plan = Vec::new();
        for path in &self.paths {
            let planned = if capture::is_capture(path) {
                Planned::Capture(Capture::open(path)?)
            } else if path.is_dir() {
                let message = format!("{} is a folder without arrivals.csv", path.display());
                return Err(Failure::Usage(format!(
                    "{message}; name its files one by one"
                )));
            } else {
                let feed = feed_of(mission, self.feed.as_ref(), path)?;
                let path = path.clone();
                Planned::File { path, feed }
            };
            plan.push(planned);
        }
        Ok(plan)
    }

    fn read_file(&self, batcher: &mut Batcher<'_>, path: &Path, feed: &Slug) -> Result<(), Error> {
        let digest = file_digest(path)?;
        let imports = batcher.line.store().imports()?;
        if imports
            .iter()
            .any(|import| import.source == *feed && import.digest == digest)
        {
            batcher.counts.files_left_out.push(path.to_owned());
            return Ok(());
        }
        let bar = terminal::progress(&format!("read {}", path.display()), "messages");
        let before = batcher.unread(feed);
        let mut message_count = 0_u64;
        file::messages(path, format_of(batcher.line, feed), |bytes| {
            message_count += 1;
            if message_count.is_multiple_of(BATCH_MESSAGES_MAX as u64) {
                bar.set_position(message_count);
            }
            batcher.push(RawMessage {
                source: feed.clone(),
                received_at: self.received_at.unwrap_or_else(Timestamp::now),
                bytes: bytes.to_vec(),
            })
        })?;
        bar.finish_and_clear();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        batcher.import(Import {
            source: feed.clone(),
            file_name: name.into_owned(),
            digest,
            message_count,
            imported_at: Timestamp::now(),
        })?;
        if message_count == batcher.unread(feed) - before {
            tell_unread(path, message_count, format_of(batcher.line, feed));
        }
        Ok(())
    }

    fn answer(&self, counts: &Counts, line: &Line) {
        let state = line.engine().state_digest();
        if self.format == Form::Json {
            return terminal::say_json(&json!({ "counts": counts, "state_digest": state }));
        }
        for path in &counts.files_left_out {
            terminal::say(&format!("left out, read in before: {}", path.display()));
        }
        let header = [
            "feed",
            "messages",
            "observations",
            "rejections",
            "duplicates",
        ];
        let [feed, messages, observations, rejections, duplicates] = header;
        terminal::say(&format!(
            "{feed:24} {messages:>12} {observations:>12} {rejections:>12} {duplicates:>12}"
        ));
        for (feed, count) in &counts.feeds {
            terminal::say(&format!(
                "{feed:24} {:>12} {:>12} {:>12} {:>12}",
                terminal::grouped(count.messages),
                terminal::grouped(count.observations),
                terminal::grouped(count.rejections),
                terminal::grouped(count.duplicates),
            ));
            for (class, n) in count
                .rejection_classes
                .iter()
                .filter(|(c, _)| c.as_str() != "duplicate")
            {
                terminal::say(&format!("    {class}: {}", terminal::grouped(*n)));
            }
        }
        terminal::say(&format!(
            "{} incident revisions, {} track updates, {} assessments",
            terminal::grouped(counts.incident_revisions),
            terminal::grouped(counts.track_updates),
            terminal::grouped(counts.assessments),
        ));
        terminal::say(&format!("state {state}"));
    }
}

/// What to do with files while a server holds the folder.
const WHILE_HELD: &str = "hand it the messages: `truce serve --push` takes those of `http_push` \
                          feeds by HTTP, and what is written on to the file of a `follow` feed is \
                          read (docs/feeds.md)";

/// True when a file could not be read on, and the log could still be written.
fn is_unreadable(error: &Error) -> bool {
    matches!(error, Error::File { .. })
}

/// Warns of a file of which nothing could be decoded.
fn tell_unread(path: &Path, message_count: u64, format: Format) {
    let path_shown = path.display();
    if message_count == 0 {
        tracing::warn!("{path_shown} holds no message");
        return;
    }
    let format = format.slug();
    let first_bytes = file::first_bytes(path).unwrap_or_default();
    match Format::guess(&first_bytes).map(Format::slug) {
        Some(other) if other != format => tracing::warn!(
            "no message of {path_shown} could be read as {format}; it looks like {other}"
        ),
        _ => tracing::warn!("no message of {path_shown} could be read as {format}"),
    }
}

/// The format of a feed. A mission whose feeds have unknown formats is refused when it is read.
fn format_of(line: &Line, feed: &Slug) -> Format {
    let feeds = &line.engine().setup().mission.network.feeds;
    let feed = feeds.iter().find(|known| known.id == *feed);
    feed.and_then(|feed| Format::from_slug(feed.format.as_str()))
        .unwrap_or(Format::TruceJsonl)
}

/// Opens a data folder, or begins one for a mission.
pub(super) fn open_line(folder: &Folder, mission: Option<&Path>) -> Result<Line, Failure> {
    if let Some(line) = begin_line(folder, mission)? {
        return Ok(line);
    }
    let bar = terminal::progress("open the log", "entries");
    let (line, opened) = Line::open(folder, &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    tell_opened(&opened);
    Ok(line)
}

/// Begins a log for a mission in a folder that has none; `None` when there is one, of that mission.
pub(super) fn begin_line(folder: &Folder, mission: Option<&Path>) -> Result<Option<Line>, Failure> {
    let files = mission.map(read_mission).transpose()?;
    if !folder.exists() {
        let Some(files) = files else {
            return Err(Error::NoFolder {
                path: folder.path().to_owned(),
            }
            .into());
        };
        return Ok(Some(Line::create(folder, &files, Timestamp::now())?));
    }
    if let Some(files) = files {
        let reader = truce_ledger::Reader::open(&folder.log()).map_err(Error::from)?;
        let (logged, given) = (
            mission_digest(&mission_files(&reader)?),
            mission_digest(&files),
        );
        if logged != given {
            let (logged, given) = (logged.short(), given.short());
            return Err(Error::OtherMission { logged, given }.into());
        }
    }
    Ok(None)
}

/// Says what the last run could not finish.
pub(super) fn tell_opened(opened: &Opened) {
    if opened.torn_bytes_cut > 0 || opened.records_completed > 0 {
        tracing::warn!(
            torn_bytes_cut = opened.torn_bytes_cut,
            records_completed = opened.records_completed,
            "the last run ended in the middle of a write; everything acknowledged is there"
        );
    }
}

/// How a path is read.
enum Planned {
    Capture(Capture),
    File { path: PathBuf, feed: Slug },
}

fn read_capture(batcher: &mut Batcher<'_>, capture: &Capture) -> Result<(), Error> {
    let folder = capture.folder().display();
    if capture.message_count() == 0 {
        tracing::warn!("{folder} holds no message");
    }
    let bar = terminal::progress(&format!("read {folder}"), "messages");
    bar.set_length(capture.message_count());
    let mut number = 0_u64;
    capture.read(|message| {
        number += 1;
        if number.is_multiple_of(BATCH_MESSAGES_MAX as u64) {
            bar.set_position(number);
        }
        batcher.push(message)
    })?;
    bar.finish_and_clear();
    batcher.flush()
}

/// The feed that a file belongs to: the one named, or the only one that takes its format.
fn feed_of(mission: &Mission, named: Option<&Slug>, path: &Path) -> Result<Slug, Failure> {
    let first_bytes = file::first_bytes(path)?;
    let feeds = &mission.network.feeds;
    let list = |feeds: &mut dyn Iterator<Item = &Slug>| {
        feeds.map(Slug::as_str).collect::<Vec<_>>().join(", ")
    };
    if let Some(named) = named {
        return match mission.network.feed(named) {
            Some(feed) => Ok(feed.id.clone()),
            None => {
                let known = list(&mut feeds.iter().map(|feed| &feed.id));
                Err(Failure::Usage(format!(
                    "the mission has no feed `{named}`; it has {known}"
                )))
            }
        };
    }
    let format = Format::guess(&first_bytes);
    let fits = |feed: &&truce_core::mission::Feed| {
        format.is_some_and(|format| feed.format.as_str() == format.slug())
    };
    let fitting: Vec<&Slug> = feeds.iter().filter(fits).map(|feed| &feed.id).collect();
    match fitting.as_slice() {
        [only] => Ok((*only).clone()),
        [] => {
            let known = list(&mut feeds.iter().map(|feed| &feed.id));
            let path = path.display();
            Err(Failure::Usage(format!(
                "no feed seems to fit {path}; say --feed with one of {known}"
            )))
        }
        several => {
            let several = list(&mut several.iter().copied());
            let path = path.display();
            Err(Failure::Usage(format!(
                "several feeds fit {path}; say --feed with one of {several}"
            )))
        }
    }
}

/// The digest of a file's bytes.
pub(super) fn file_digest(path: &Path) -> Result<Digest, Error> {
    use sha2::Digest as _;
    let mut hasher = sha2::Sha256::new();
    let mut input = std::fs::File::open(path).map_err(|e| Error::file("read", path, e))?;
    let mut chunk = vec![0; 1 << 16];
    loop {
        let n = std::io::Read::read(&mut input, &mut chunk)
            .map_err(|e| Error::file("read", path, e))?;
        if n == 0 {
            return Ok(Digest(hasher.finalize().into()));
        }
        hasher.update(&chunk[..n]);
    }
}
