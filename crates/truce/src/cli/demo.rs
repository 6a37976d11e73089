//! `truce demo`: a simulated day, run through the line and served live.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use truce_core::Timestamp;

use super::check::read_mission;
use super::ingest::Batcher;
use super::serve::{Serving, Start, bind, check_address, serve};
use super::{Failure, terminal};
use crate::engine::Setup;
use crate::line::{Error, Folder, Line};

/// Simulate a day of a mission, run it through the line and serve the live picture.
///
/// The simulated time ends a little in the future: what lies before now is read in at once, the
/// rest arrives live while you look. Everything is written to a new data folder, which the other
/// commands can work on afterwards.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// The mission folder.
    #[arg(default_value = "missions/ukraine-2025")]
    mission: PathBuf,
    /// Length of the simulated time before now, hours.
    #[arg(long, default_value_t = 24.0, value_parser = super::simulate::hours)]
    hours: f64,
    /// How long messages go on arriving live, hours.
    #[arg(long, default_value_t = 1.0, value_parser = super::simulate::hours)]
    live_hours: f64,
    /// Seed of the random generator.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8040)]
    port: u16,
    /// New data folder; a folder of its own under the system's temporary folder when not given.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Do not open the page in a browser.
    #[arg(long)]
    no_open: bool,
}

impl Demo {
    pub(super) fn run(self) -> Result<(), Failure> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        check_address(address)?;
        let page = bind(address, "--port")?;
        let files = read_mission(&self.mission)?;
        let setup = Setup::read(&files).map_err(Error::Mission)?;
        let now = Timestamp::now();
        let folder = self.folder(now)?;

        let watch = Instant::now();
        let start = truce_core::time::plus_seconds(now, -3_600.0 * self.hours);
        let start = start.round(jiff::Unit::Minute).unwrap_or(start);
        let hours = self.hours + self.live_hours;
        let options = truce_sim::Options {
            start,
            hours,
            seed: self.seed,
        };
        let mut messages = truce_sim::simulate(&setup.mission, &options).messages;
        let live = messages.split_off(messages.partition_point(|m| m.received_at <= now));
        terminal::say(&format!(
            "simulated {} h of {}: {} messages in {:.1} s",
            self.hours,
            setup.mission.title,
            terminal::grouped(messages.len() as u64),
            watch.elapsed().as_secs_f64()
        ));

        let watch = Instant::now();
        let mut line = Line::create(&folder, &files, now)?;
        let mut batcher = Batcher::new(&mut line);
        messages
            .into_iter()
            .try_for_each(|message| batcher.push(message))?;
        batcher.flush()?;
        let revisions = terminal::grouped(batcher.counts.incident_revisions);
        line.commit(Timestamp::now())?;
        terminal::say(&format!(
            "run through the line in {:.1} s: {revisions} incident revisions, {} entries in the log",
            watch.elapsed().as_secs_f64(),
            terminal::grouped(line.size()),
        ));
        terminal::say(&format!("data folder {}", folder.path().display()));
        terminal::say("end with Ctrl-C");
        let serving = Serving {
            page,
            push: None,
            elements: Vec::new(),
            scheduled: live,
            open_page: !self.no_open,
        };
        serve(Start::Open(Box::new(line)), serving)
    }

    fn folder(&self, now: Timestamp) -> Result<Folder, Failure> {
        let Some(path) = &self.data else {
            let name = format!("truce-demo-{}", now.as_second());
            return Ok(Folder::at(&std::env::temp_dir().join(name)));
        };
        let folder = Folder::at(path);
        if folder.exists() {
            let message = format!("{} holds a log already", path.display());
            return Err(Failure::Usage(format!(
                "{message}; a demo begins a new one"
            )));
        }
        Ok(folder)
    }
}
