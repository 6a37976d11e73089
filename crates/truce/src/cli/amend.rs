//! `truce amend`: changed files of the mission, or another version of the program, take over a log.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use truce_core::Timestamp;
use truce_core::record::Amendment;

use super::check::read_mission;
use super::{DataArgument, Failure, Form, terminal};
use crate::engine::{Amended, ENGINE_VERSION};
use crate::line::{Error, Line, preview_amendment};

/// Go on with a log under changed mission files, or with another version of Truce.
///
/// A clause is amended, a sensor is added, or a new version of the program concludes better: the
/// program tells itself everything that the log holds, and logs who wanted the change and why, the
/// changed files, and each incident and verdict that comes out otherwise, as a further revision.
/// Nothing is overwritten. What officers and parties decided stays, and so does every incident that
/// they decided on. No server may hold the folder; try it with --dry-run, which writes nothing.
#[derive(Debug, Args)]
pub(super) struct Amend {
    #[command(flatten)]
    data: DataArgument,
    /// Mission folder with the changed files; without it the files in the log hold on.
    #[arg(long, value_name = "DIR")]
    mission: Option<PathBuf>,
    /// Why, in words; it is logged.
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    reason: Option<String>,
    /// Who amends; it is logged.
    #[arg(long, value_name = "NAME", required_unless_present = "dry_run")]
    by: Option<String>,
    /// Say what would change, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

impl Amend {
    pub(super) fn run(self) -> Result<(), Failure> {
        let folder = self.data.folder();
        if !folder.exists() {
            let path = folder.path().to_owned();
            return Err(Error::NoFolder { path }.into());
        }
        let files = self.mission.as_deref().map(read_mission).transpose()?;
        let bar = terminal::progress("conclude again", "entries");
        let mut progress = |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        };
        let amended = if self.dry_run {
            preview_amendment(&folder, files.as_ref(), &mut progress)?
        } else {
            let amendment = self.amendment()?;
            let now = Timestamp::now();
            Line::amend(&folder, files.as_ref(), amendment, now, &mut progress)?.1
        };
        bar.finish_and_clear();
        self.answer(&amended);
        Ok(())
    }

    fn amendment(&self) -> Result<Amendment, Failure> {
        let said = |text: &Option<String>| {
            let text = text.as_deref().unwrap_or_default().trim();
            match text {
                "" => Err(Failure::Usage("say --reason and --by in words".into())),
                _ => Ok(text.to_owned()),
            }
        };
        Ok(Amendment {
            by: said(&self.by)?,
            reason: said(&self.reason)?,
        })
    }

    fn answer(&self, amended: &Amended) {
        if self.format == Form::Json {
            return terminal::say_json(&json!({
                "engine": ENGINE_VERSION,
                "written": !self.dry_run,
                "incidents": amended,
            }));
        }
        let grouped = terminal::grouped;
        terminal::say(&format!(
            "engine {ENGINE_VERSION} {} {} incidents of the log:",
            if self.dry_run {
                "would take over"
            } else {
                "took over"
            },
            grouped(amended.before),
        ));
        for (count, what) in [
            (amended.unchanged, "as before"),
            (amended.revised, "told otherwise"),
            (
                amended.other_breaches,
                "  among them in breach of other clauses",
            ),
            (amended.withdrawn, "no longer concluded, withdrawn"),
            (
                amended.kept,
                "no longer concluded, kept for what people decided",
            ),
            (amended.new, "new"),
        ] {
            terminal::say(&format!("{:>10}  {what}", grouped(count)));
        }
        if self.dry_run {
            terminal::say("nothing was written");
        }
    }
}
