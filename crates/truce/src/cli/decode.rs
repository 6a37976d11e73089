//! `truce decode`: a file of one format, message by message, without a mission or a log.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use serde::Serialize;
use serde_json::json;
use truce_core::mission::{Feed, SensorNetwork, Transport};
use truce_core::{RawMessage, Slug, Timestamp};
use truce_feeds::{Decoded, Decoder, Format, Sheet};

use super::check::read_mission;
use super::{Failure, Form, terminal};
use crate::connect::file;
use crate::engine::Setup;
use crate::line::Error;

/// Decode a file of one format and say what was in it.
///
/// Counts go to standard output. With --out every message becomes one JSON object a line: `kind`,
/// `fields` in SI units, the sensor's own values in `given` where they were converted, and in
/// `wrong` what was wrong. What is rejected has its `rejected` class. Nothing is stored.
#[derive(Debug, Args)]
pub(super) struct Decode {
    /// Format of the file.
    #[arg(value_name = "FORMAT", value_parser = format_parser())]
    format: Format,
    /// The file, plain or gzip.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to write one JSON object per message.
    #[arg(long, value_name = "FILE.jsonl")]
    out: Option<PathBuf>,
    /// Mission folder whose sensors and posts the messages may name.
    #[arg(long, value_name = "DIR")]
    mission: Option<PathBuf>,
    /// Time of arrival of the messages, instead of now.
    #[arg(long, value_name = "TIME")]
    received_at: Option<Timestamp>,
    /// How the counts are written.
    #[arg(long = "format", value_enum, default_value_t, id = "form")]
    form: Form,
}

fn format_parser() -> impl clap::builder::TypedValueParser<Value = Format> {
    let value = |format: Format| PossibleValue::new(format.slug()).help(format.about());
    PossibleValuesParser::new(Format::ALL.map(value))
        .try_map(|slug| Format::from_slug(&slug).ok_or_else(|| format!("`{slug}` is no format")))
}

/// What a file held.
#[derive(Debug, Default, Serialize)]
struct Counts {
    messages: u64,
    decoded: u64,
    observations: u64,
    rejections: u64,
    /// Decoded messages in which something was wrong.
    faulty: u64,
    /// Messages of which nothing is told yet: headers, comments, first parts of several.
    silent: u64,
    kinds: BTreeMap<String, u64>,
    rejection_classes: BTreeMap<String, u64>,
}

/// One line of the output.
#[derive(Serialize)]
struct Written<'a> {
    /// Number of the message in the file, from 1; of a message of several parts the last one's.
    number: u64,
    #[serde(flatten)]
    sheet: &'a Sheet,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<&'a str>,
}

/// Takes what came out of messages to the counts and to the output.
struct Writer {
    counts: Counts,
    out: Option<BufWriter<File>>,
}

impl Writer {
    fn take(&mut self, decoded: &mut Decoded) -> std::io::Result<()> {
        self.counts.observations += decoded.observations.len() as u64;
        for sheet in decoded.sheets.iter().flatten() {
            self.counts.decoded += 1;
            self.counts.faulty += u64::from(!sheet.wrong.is_empty());
            *self.counts.kinds.entry(sheet.kind.clone()).or_default() += 1;
            write(&mut self.out, self.counts.messages, sheet, None)?;
        }
        for rejection in &decoded.rejections {
            let class = rejection.class.as_str();
            self.counts.rejections += 1;
            let classes = &mut self.counts.rejection_classes;
            *classes.entry(class.to_owned()).or_default() += 1;
            let mut sheet = Sheet::default();
            sheet.wrong(rejection.reason.clone());
            write(&mut self.out, self.counts.messages, &sheet, Some(class))?;
        }
        decoded.clear();
        Ok(())
    }
}

fn write(
    out: &mut Option<BufWriter<File>>,
    number: u64,
    sheet: &Sheet,
    rejected: Option<&str>,
) -> std::io::Result<()> {
    let Some(out) = out else { return Ok(()) };
    let line = Written {
        number,
        sheet,
        rejected,
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}

impl Decode {
    pub(super) fn run(self) -> Result<(), Failure> {
        let network = self.network()?;
        let feed = self.feed(&network)?;
        // A file that is not there leaves no output behind.
        file::first_bytes(&self.file)?;
        let out = self.out.as_deref().map(|out| create(out, &self.file));
        let out = out.transpose()?;
        let mut decoder = Decoder::new(self.format, &feed, &network);
        let mut decoded = Decoded::with_sheets();
        let counts = Counts::default();
        let mut writer = Writer { counts, out };
        let unwritten = |error| match &self.out {
            Some(path) => Error::file("write", path, error),
            None => Error::file("write", Path::new("-"), error),
        };
        let read = file::messages(&self.file, self.format, |bytes| {
            writer.counts.messages += 1;
            let message = RawMessage {
                source: feed.id.clone(),
                received_at: self.received_at.unwrap_or_else(Timestamp::now),
                bytes: bytes.to_vec(),
            };
            decoder.decode(&message, &mut decoded);
            let told = decoded.sheets.iter().flatten().count() + decoded.rejections.len();
            writer.counts.silent += u64::from(told == 0);
            writer.take(&mut decoded).map_err(unwritten)
        });
        decoder.finish(&mut decoded);
        writer.take(&mut decoded).map_err(unwritten)?;
        if let Some(out) = &mut writer.out {
            out.flush().map_err(unwritten)?;
        }
        self.answer(&writer.counts);
        read.map_err(|error| {
            Failure::Outside(format!("{error}; what came before is counted above"))
        })?;
        self.conclude(&writer.counts)
    }

    /// The answer is no when nothing could be read.
    fn conclude(&self, counts: &Counts) -> Result<(), Failure> {
        if counts.messages > 0 && counts.decoded == 0 {
            let guess = file::first_bytes(&self.file)
                .ok()
                .and_then(|b| Format::guess(&b));
            let hint = match guess {
                Some(other) if other != self.format => {
                    format!("; it looks like {}", other.slug())
                }
                _ => String::new(),
            };
            return Err(Failure::AnswerIsNo(format!(
                "no message of {} could be read as {}{hint}",
                self.file.display(),
                self.format.slug(),
            )));
        }
        Ok(())
    }

    fn network(&self) -> Result<SensorNetwork, Failure> {
        let Some(folder) = &self.mission else {
            return Ok(SensorNetwork::default());
        };
        let setup = Setup::read(&read_mission(folder)?).map_err(Error::Mission)?;
        Ok(setup.mission.network)
    }

    /// The mission's feed of this format, or a nameless one.
    fn feed(&self, network: &SensorNetwork) -> Result<Feed, Failure> {
        let carries = |feed: &&Feed| feed.format.as_str() == self.format.slug();
        if let Some(feed) = network.feeds.iter().find(carries) {
            return Ok(feed.clone());
        }
        let slug =
            Slug::new(self.format.slug()).map_err(|error| Failure::Usage(error.to_string()))?;
        Ok(Feed::new(slug.clone(), slug, Transport::File))
    }

    fn answer(&self, counts: &Counts) {
        if self.form == Form::Json {
            return terminal::say_json(&json!(counts));
        }
        let say = |name: &str, count: u64| {
            terminal::say(&format!("{name:24} {:>12}", terminal::grouped(count)));
        };
        say("messages", counts.messages);
        say("decoded", counts.decoded);
        for (kind, count) in counts.kinds.iter().filter(|(kind, _)| !kind.is_empty()) {
            say(&format!("  {kind}"), *count);
        }
        say("  with something wrong", counts.faulty);
        say("headers, comments, parts", counts.silent);
        say("observations", counts.observations);
        say("rejected", counts.rejections);
        for (class, count) in &counts.rejection_classes {
            say(&format!("  {class}"), *count);
        }
    }
}

/// Makes the output, which may not be the file that is read.
fn create(path: &Path, input: &Path) -> Result<BufWriter<File>, Failure> {
    let whole = |path: &Path| std::fs::canonicalize(path).ok();
    if whole(path).is_some_and(|out| Some(out) == whole(input)) {
        return Err(Failure::Usage(format!(
            "{} is the file to read; write to another",
            path.display()
        )));
    }
    let file = File::create(path).map_err(|error| Error::file("write", path, error))?;
    Ok(BufWriter::new(file))
}
