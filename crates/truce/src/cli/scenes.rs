//! `truce scenes`: what changed between satellite scenes that lie in local files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use truce_core::{Digest, Interval, Timestamp};
use truce_feeds::Format;
use truce_feeds::scene::change::{
    Area, Found, Measure, Scene, Settings, Stack, VALUES_MIN, compare,
};
use truce_feeds::scene::item::{self, Band, Compared, SceneItem, collection};
use truce_feeds::scene::{BandPlace, Error as SceneError, Raster};

use super::ingest::file_digest;
use super::{Failure, Form, terminal};
use crate::connect::file;
use crate::line::Error;

/// Find areas that changed between satellite scenes, from local GeoTIFF files.
///
/// Each ITEMS file holds STAC items of scenes whose assets lie beside it: `vv`, `vh`, `hh`, `hv` of
/// radar, and `red`, `green`, `blue`, `nir` with `scl` of optical scenes. Scenes taken before --since
/// are compared with those after it, orbit by orbit and band by band, by a t-test of each pixel. What
/// is written to --out are STAC items again: show them on any map, and read them in with `truce
/// ingest`.
#[derive(Debug, Args)]
pub(super) struct Scenes {
    /// The instant in question.
    #[arg(long, value_name = "TIME")]
    since: Timestamp,
    /// Where to write the areas.
    #[arg(long, value_name = "FILE.json")]
    out: PathBuf,
    /// Share of unchanged pixels that may alarm.
    #[arg(long, value_name = "SHARE", default_value_t = Settings::default().false_alarm)]
    false_alarm: f64,
    /// Pixels of the smallest area that is told.
    #[arg(long, value_name = "COUNT", default_value_t = Settings::default().pixels_min)]
    pixels_min: usize,
    /// Equivalent number of looks of radar scenes.
    #[arg(long, value_name = "COUNT", default_value_t = Settings::default().looks)]
    looks: f64,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Files with items, plain or gzip.
    #[arg(required = true, value_name = "ITEMS")]
    items: Vec<PathBuf>,
}

/// A scene's item and the folder that its files are named from.
struct Listed {
    item: SceneItem,
    folder: PathBuf,
}

/// What one kind of sensor showed.
#[derive(Debug, Serialize)]
struct Answer {
    scenes: String,
    pixels_tested: u64,
    pixels_alarmed: u64,
    areas: usize,
}

/// What scenes are grouped by: radar and optical ones apart, each orbit and band for itself.
type Look = (bool, String, String);

impl Scenes {
    pub(super) fn run(self) -> Result<(), Failure> {
        let settings = self.settings()?;
        let mut listed = Vec::new();
        for path in &self.items {
            listed.extend(read_items(path)?);
        }
        listed.sort_by_key(|listed| listed.item.observed_at.middle());
        let (mut items, mut answers) = (Vec::new(), Vec::new());
        for optical in [false, true] {
            let looks = looks(&listed, optical);
            if looks.is_empty() {
                continue;
            }
            let survey = self.survey(&looks)?;
            items.extend(survey.compare(&settings, &mut answers)?);
        }
        if answers.is_empty() {
            return Err(Failure::Usage(
                "no item has an asset that can be compared (vv, vh, hh, hv, red, green, blue, nir)"
                    .to_owned(),
            ));
        }
        let text = collection(items).to_string();
        std::fs::write(&self.out, text).map_err(|e| Error::file("write", &self.out, e))?;
        self.answer(&answers);
        Ok(())
    }

    fn settings(&self) -> Result<Settings, Failure> {
        let wrong = |text: &str| Err(Failure::Usage(text.to_owned()));
        if !(1e-9..=0.5).contains(&self.false_alarm) {
            return wrong("--false-alarm is a share from 1e-9 to 0.5");
        }
        if !(0.1..=10_000.0).contains(&self.looks) {
            return wrong("--looks is a number from 0.1 to 10000");
        }
        Ok(Settings {
            false_alarm: self.false_alarm,
            pixels_min: self.pixels_min.max(1),
            looks: self.looks,
        })
    }

    /// Opens what is to be compared; bands of orbits with too few scenes are left out.
    fn survey(&self, looks: &BTreeMap<Look, Vec<(&Listed, &Band)>>) -> Result<Survey, Failure> {
        let mut survey = Survey::default();
        for ((_, orbit, band), scenes) in looks {
            let taken_at = |scene: &(&Listed, &Band)| scene.0.item.observed_at.middle();
            let before = scenes.partition_point(|scene| taken_at(scene) < self.since);
            let (before, after) = scenes.split_at(before);
            let name = [band.as_str(), orbit.as_str()].join(", ");
            let name = name.trim_end_matches(", ");
            let counts = format!(
                "{name}: {} scenes before, {} after",
                before.len(),
                after.len()
            );
            let [.., newest] = after else {
                survey.left_out.push(counts);
                continue;
            };
            if before.len().min(after.len()) < VALUES_MIN {
                survey.left_out.push(counts);
                continue;
            }
            let last = |scenes: &[(&Listed, &Band)]| scenes.last().map(taken_at);
            survey.last_before = survey.last_before.max(last(before));
            if survey.last_after < last(after) {
                survey.last_after = last(after);
                newest.0.item.platform.clone_into(&mut survey.platform);
            }
            let stack = Stack {
                before: survey.open(before)?,
                after: survey.open(after)?,
            };
            survey.stacks.push(stack);
            survey.names.push(counts);
        }
        Ok(survey)
    }

    fn answer(&self, answers: &[Answer]) {
        if self.format == Form::Json {
            return terminal::say_json(&json!(answers));
        }
        for answer in answers {
            terminal::say(&answer.scenes);
            let tested = terminal::grouped(answer.pixels_tested);
            let alarmed = terminal::grouped(answer.pixels_alarmed);
            let areas = answer.areas;
            terminal::say(&format!(
                "  {tested} pixels tested, {alarmed} alarm: {areas} areas"
            ));
        }
        terminal::say(&format!("written to {}", self.out.display()));
    }
}

fn read_items(path: &Path) -> Result<Vec<Listed>, Failure> {
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut listed = Vec::new();
    file::messages(path, Format::Stac, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let item = SceneItem::read(&text)
            .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
        let folder = folder.clone();
        listed.push(Listed { item, folder });
        Ok::<(), Failure>(())
    })?;
    Ok(listed)
}

/// The bands of one kind of sensor, with their scenes in order of time.
fn looks(listed: &[Listed], optical: bool) -> BTreeMap<Look, Vec<(&Listed, &Band)>> {
    let mut looks: BTreeMap<Look, Vec<(&Listed, &Band)>> = BTreeMap::new();
    for scene in listed {
        for band in &scene.item.bands {
            let reflects = matches!(band.measure, Measure::Reflectance { .. });
            if reflects == optical {
                let look = (optical, scene.item.orbit.clone(), band.name.clone());
                looks.entry(look).or_default().push((scene, band));
            }
        }
    }
    looks
}

/// Opened scenes of one kind of sensor.
#[derive(Default)]
struct Survey {
    stacks: Vec<Stack<BufReader<File>>>,
    /// What each stack holds, and what was left out, in words.
    names: Vec<String>,
    left_out: Vec<String>,
    /// Digest of each file that was opened, by its name.
    files: BTreeMap<String, Digest>,
    last_before: Option<Timestamp>,
    last_after: Option<Timestamp>,
    /// The satellite of the newest scene.
    platform: String,
}

impl Survey {
    /// What changed, as items.
    fn compare(
        self,
        settings: &Settings,
        answers: &mut Vec<Answer>,
    ) -> Result<Vec<Value>, Failure> {
        for left_out in &self.left_out {
            terminal::say(&format!("left out, fewer than {VALUES_MIN}: {left_out}"));
        }
        let (Some(start), Some(end)) = (self.last_before, self.last_after) else {
            return Err(Failure::AnswerIsNo(SceneError::TooFew.to_string()));
        };
        let found = compare(self.stacks, settings);
        let Found {
            areas,
            pixels_tested,
            pixels_alarmed,
        } = found.map_err(|error| Failure::AnswerIsNo(error.to_string()))?;
        answers.push(Answer {
            scenes: self.names.join("; "),
            pixels_tested,
            pixels_alarmed,
            areas: areas.len(),
        });
        let mut compared = Compared {
            between: Interval { start, end },
            platform: self.platform,
            scenes: String::new(),
            files: self.files.into_iter().collect(),
        };
        let item = |area: &Area| {
            compared.scenes.clone_from(&self.names[area.stack]);
            item::write(area, &compared)
        };
        Ok(areas.iter().map(item).collect())
    }

    fn open(
        &mut self,
        scenes: &[(&Listed, &Band)],
    ) -> Result<Vec<Scene<BufReader<File>>>, Failure> {
        scenes
            .iter()
            .map(|(listed, band)| self.open_one(listed, band))
            .collect()
    }

    fn open_one(
        &mut self,
        listed: &Listed,
        band: &Band,
    ) -> Result<Scene<BufReader<File>>, Failure> {
        let path = path_of(&listed.folder, &band.href)?;
        let classes = listed.item.classes.as_deref();
        let classes = classes.filter(|_| matches!(band.measure, Measure::Reflectance { .. }));
        let classes = classes
            .map(|href| path_of(&listed.folder, href))
            .transpose()?;
        Ok(Scene {
            name: path.display().to_string(),
            raster: self.raster(&path, band.place)?,
            classes: classes
                .map(|path| self.raster(&path, BandPlace::ONLY))
                .transpose()?,
            measure: band.measure,
        })
    }

    fn raster(&mut self, path: &Path, band: BandPlace) -> Result<Raster<BufReader<File>>, Failure> {
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        self.files.insert(name, file_digest(path)?);
        let file = File::open(path).map_err(|e| Error::file("read", path, e))?;
        let raster = Raster::open(BufReader::new(file), band);
        raster.map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
    }
}

/// Where an asset lies, seen from its item.
fn path_of(folder: &Path, href: &str) -> Result<PathBuf, Failure> {
    let local = href.strip_prefix("file://").unwrap_or(href);
    if local.contains("://") {
        let message = format!("{href} is not on this machine: fetch it first, and name the file");
        return Err(Failure::Usage(message));
    }
    Ok(folder.join(local))
}
