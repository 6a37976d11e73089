//! Scenes and areas of change as STAC items: which files of a scene hold which band, and what a
//! comparison found, as items that `stac` feeds read.
//!
//! | extension | used |
//! |---|---|
//! | SAT 1.0 | `sat:orbit_state`, `sat:relative_orbit` tell orbits apart |
//! | Raster 1.1, or bands of STAC 1.1 | `unit` (`dB`), `scale`, `offset` |
//! | EO 1.1, or bands of STAC 1.1 | `name`, `common_name`: which band of a file of several |
//! | File 2.1 | `file:checksum` of scenes that an area was derived from, a multihash of SHA-256 |
//! | Projection 1.1 | `proj:centroid` of an area |

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use truce_core::observation::AreaChange;
use truce_core::{Digest, Interval, Position};

use super::change::{Area, Measure};
use super::{BandPlace, Error};
use crate::stac::{change_properties, property, time};

/// Assets with backscatter, one for each polarisation.
const RADAR: [&str; 4] = ["vv", "vh", "hh", "hv"];

/// Assets with reflectance in the bands that have pixels of 10 m, by the names in use.
const OPTICAL: [&str; 8] = ["blue", "green", "red", "nir", "b02", "b03", "b04", "b08"];

/// Assets and roles of pictures for people, by the names in use.
const PICTURES: [&str; 6] = [
    "visual",
    "overview",
    "thumbnail",
    "preview",
    "rendered_preview",
    "tilejson",
];

/// The asset with the classes of the ground.
const CLASSES: &str = "scl";

/// The numbers of what is reflected, where an item does not say how they are scaled: those of
/// Sentinel-2 before processing baseline 04.00.
const SCALE: f64 = 1e-4;

/// What a scene is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneItem {
    /// Its name.
    pub id: String,
    /// When it was taken.
    pub observed_at: Interval,
    /// The satellite, such as `sentinel-1a`; empty when not stated.
    pub platform: String,
    /// The orbit it was taken from; empty when not stated.
    pub orbit: String,
    /// Its bands that can be compared.
    pub bands: Vec<Band>,
    /// The file with the classes of the ground.
    pub classes: Option<String>,
}

/// One band of a scene.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Its name, in small letters.
    pub name: String,
    /// The file, as the item refers to it.
    pub href: String,
    /// Where it stands in the file.
    pub place: BandPlace,
    /// What its numbers are.
    pub measure: Measure,
}

impl SceneItem {
    /// Reads an item.
    ///
    /// # Errors
    /// When it is no item of a scene.
    pub fn read(text: &str) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Item(reason);
        let fields: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| refuse(error.to_string()))?;
        let id = fields.get("id").and_then(Value::as_str);
        let id = id
            .ok_or_else(|| refuse("it has no `id`".to_owned()))?
            .to_owned();
        let observed_at =
            time(&fields).map_err(|fault| refuse(format!("{id}: {}", fault.reason)))?;
        let assets = fields.get("assets").and_then(Value::as_object);
        let assets = || assets.into_iter().flatten();
        let classes = assets().find(|(name, _)| name.eq_ignore_ascii_case(CLASSES));
        let bands = bands(assets()).map_err(|reason| refuse(format!("{id}: {reason}")))?;
        Ok(Self {
            id,
            observed_at,
            platform: text_of(&fields, "platform").to_ascii_lowercase(),
            orbit: orbit(&fields),
            bands,
            classes: classes.and_then(|(_, asset)| href(asset)),
        })
    }
}

fn text_of<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    property(fields, name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn orbit(fields: &Map<String, Value>) -> String {
    let number = property(fields, "sat:relative_orbit").and_then(Value::as_u64);
    let state = text_of(fields, "sat:orbit_state");
    match number {
        Some(number) if state.is_empty() => format!("orbit {number}"),
        Some(number) => format!("{state} orbit {number}"),
        None => state.to_owned(),
    }
}

fn href(asset: &Value) -> Option<String> {
    asset.get("href").and_then(Value::as_str).map(str::to_owned)
}

/// The bands of a scene that can be compared: each from the asset that is called like it, else from
/// the one asset that lists it.
fn bands<'a>(assets: impl Iterator<Item = (&'a String, &'a Value)>) -> Result<Vec<Band>, String> {
    let (mut named, mut listed) = (Vec::new(), Vec::new());
    for (asset_name, asset) in assets {
        let of = |name: &str, place| Band::read(name, asset, place);
        let list = listed_names(asset);
        let own = asset_name.to_ascii_lowercase();
        if is_known(&own) {
            let place = place_of(&own, &list).ok_or_else(|| {
                format!("asset `{asset_name}` lists several bands, not one `{own}`")
            })?;
            named.extend(of(&own, place));
        } else if list.len() > 1 && !is_picture(&own, asset) {
            let names = known_names(&list);
            for name in &names {
                let place = place_of(name, &list)
                    .ok_or_else(|| format!("asset `{asset_name}` lists two bands `{name}`"))?;
                listed.extend(of(name, place));
            }
        }
    }
    listed.retain(|band: &Band| !named.iter().any(|own: &Band| own.name == band.name));
    listed.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some([two, _]) = listed.array_windows().find(|[a, b]| a.name == b.name) {
        return Err(format!("two assets list a band `{}`", two.name));
    }
    named.extend(listed);
    Ok(named)
}

fn is_known(name: &str) -> bool {
    RADAR.contains(&name) || OPTICAL.contains(&name)
}

/// Whether an asset only shows the scene: such pictures list the bands they were made of.
fn is_picture(name: &str, asset: &Value) -> bool {
    let roles = asset.get("roles").and_then(Value::as_array);
    let mut roles = roles.into_iter().flatten().filter_map(Value::as_str);
    PICTURES.contains(&name) || roles.any(|role| PICTURES.contains(&role))
}

/// The name and the common name of each band that an asset lists, in small letters.
fn listed_names(asset: &Value) -> Vec<[String; 2]> {
    let list = |field: &str| asset.get(field).and_then(Value::as_array);
    let list = list("bands").or_else(|| list("eo:bands"));
    let text = |band: &Value, field: &str| {
        let text = band.get(field).and_then(Value::as_str);
        text.unwrap_or_default().to_ascii_lowercase()
    };
    let names = |band: &Value| {
        let common = ["eo:common_name", "common_name"].map(|field| text(band, field));
        [text(band, "name"), common.concat()]
    };
    list.into_iter().flatten().map(names).collect()
}

/// The names of a list that can be compared; the common ones where no other is known.
fn known_names(list: &[[String; 2]]) -> BTreeSet<&str> {
    let known = |which: usize| {
        let names = list.iter().map(move |names| names[which].as_str());
        names.filter(|name| is_known(name)).collect::<BTreeSet<_>>()
    };
    let names = known(0);
    if names.is_empty() { known(1) } else { names }
}

/// Where in its file a band stands of which an asset lists this. `None` where the list does not say,
/// or says it twice. An asset that lists one band, or none, holds no other.
fn place_of(name: &str, list: &[[String; 2]]) -> Option<BandPlace> {
    if list.len() <= 1 {
        return Some(BandPlace::ONLY);
    }
    let called = |which: usize| {
        let mut at = (0..).zip(list).filter(|(_, names)| names[which] == name);
        at.next().map(|(index, _)| (index, at.next().is_none()))
    };
    let (index, only) = called(0).or_else(|| called(1))?;
    let count = u16::try_from(list.len()).ok()?;
    only.then_some(BandPlace { index, count })
}

impl Band {
    fn read(name: &str, asset: &Value, place: BandPlace) -> Option<Self> {
        let number = |own: &str, common: &str| {
            let listed = |list: &str| asset.get(list)?.get(usize::from(place.index));
            let raster = listed("raster:bands").and_then(|band| band.get(own));
            let band = listed("bands").and_then(|band| band.get(common));
            raster.or(band).or(asset.get(common)).cloned()
        };
        let measure = if RADAR.contains(&name) {
            match number("unit", "unit").as_ref().and_then(Value::as_str) {
                Some(unit) if unit.eq_ignore_ascii_case("db") => Measure::BackscatterDb,
                _ => Measure::Backscatter,
            }
        } else {
            let of = |own, common| number(own, common).as_ref().and_then(Value::as_f64);
            Measure::Reflectance {
                scale: of("scale", "raster:scale").unwrap_or(SCALE),
                offset: of("offset", "raster:offset").unwrap_or(0.0),
            }
        };
        Some(Self {
            name: name.to_owned(),
            href: href(asset)?,
            place,
            measure,
        })
    }
}

/// The scenes that were compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Between which instants what changed did so: the last scene before and the last one after.
    pub between: Interval,
    /// The satellite of the newest scene.
    pub platform: String,
    /// In words, such as `vv, ascending orbit 87: 12 scenes before, 4 after`.
    pub scenes: String,
    /// The name of each scene's file, and its digest.
    pub files: Vec<(String, Digest)>,
}

/// An area as an item.
#[must_use]
pub fn write(area: &Area, compared: &Compared) -> Value {
    let ring: Vec<Position> = area.ring.iter().map(|corner| rounded(*corner)).collect();
    let centre = rounded(area.centre);
    let change = AreaChange {
        score: area.score,
        score_sigma: area.score_sigma,
        scenes: compared.scenes.clone(),
    };
    let mut properties = change_properties(&change);
    let own = [
        (
            "proj:centroid",
            json!({ "lat": centre.lat_deg, "lon": centre.lon_deg }),
        ),
        ("truce:pixels", area.pixels.into()),
        ("truce:difference_db", area.difference_db.into()),
    ];
    properties.extend(own.map(|(name, value)| (name.to_owned(), value)));
    if !compared.platform.is_empty() {
        properties.insert("platform".to_owned(), compared.platform.as_str().into());
    }
    let mut item = crate::stac::item(&name(&ring, compared), &ring, compared.between, properties);
    item.insert(
        "links".to_owned(),
        compared.files.iter().map(link).collect(),
    );
    item.into()
}

/// The name of an area of change: the same scenes and the same outline give the same one.
fn name(ring: &[Position], compared: &Compared) -> String {
    let corner = |p: &Position| [p.lat_deg.to_be_bytes(), p.lon_deg.to_be_bytes()].concat();
    let corners: Vec<u8> = ring.iter().flat_map(corner).collect();
    let files: Vec<u8> = compared
        .files
        .iter()
        .flat_map(|(_, digest)| digest.0)
        .collect();
    let parts = [corners.as_slice(), compared.scenes.as_bytes(), &files];
    format!(
        "change-{}",
        Digest::of_parts("truce area of change v1", &parts).short()
    )
}

/// A link to a scene, with the multihash of its file (function 0x12, 0x20 bytes).
fn link((name, digest): &(String, Digest)) -> Value {
    json!({ "rel": "derived_from", "href": name, "file:checksum": format!("1220{digest}") })
}

/// A position to seven decimals, which is a centimetre.
fn rounded(position: Position) -> Position {
    let round = |degrees: f64| libm::round(degrees * 1e7) / 1e7;
    Position {
        lat_deg: round(position.lat_deg),
        lon_deg: round(position.lon_deg),
    }
}

/// The items of areas as one document.
#[must_use]
pub fn collection(items: Vec<Value>) -> Value {
    json!({ "type": "FeatureCollection", "features": items })
}

#[cfg(test)]
mod tests;
