//! Reads sensors.toml: platforms, posts, models of sensors, sensors and feeds.
//!
//! A sensor names a model and stands somewhere; the model holds what all sensors of its make have
//! in common: kind, errors, what they detect, delays and where the figures come from.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::settings::{EVENT_CLASSES, metres, seconds, share};
use super::{Detection, Platform, PlatformKind, Post, Sensor, feeds};
use super::{SensorErrors, SensorKind, SensorNetwork};
use crate::belief::{Credibility, Grade, Reliability};
use crate::document::{Document, Fields, Issues, Names, Node, Refusal};
use crate::document::{boolean, in_range, integer, list, one_of, position, slug, text};
use crate::identity::Slug;
use crate::time::DAY_S;

const PLATFORM_KINDS: [(&str, PlatformKind); 6] = [
    ("satellite", PlatformKind::Satellite),
    ("uav", PlatformKind::Uav),
    ("aircraft", PlatformKind::Aircraft),
    ("ship", PlatformKind::Ship),
    ("mast", PlatformKind::Mast),
    ("vehicle", PlatformKind::Vehicle),
];

const SENSOR_KINDS: [(&str, SensorKind); 13] = [
    ("thermal_imager", SensorKind::ThermalImager),
    ("imaging_radar", SensorKind::ImagingRadar),
    ("optical_imager", SensorKind::OpticalImager),
    ("acoustic_array", SensorKind::AcousticArray),
    ("seismic_station", SensorKind::SeismicStation),
    ("camera", SensorKind::Camera),
    ("uav_detector", SensorKind::UavDetector),
    ("uav_payload", SensorKind::UavPayload),
    ("ais_receiver", SensorKind::AisReceiver),
    ("adsb_receiver", SensorKind::AdsbReceiver),
    ("sea_radar", SensorKind::SeaRadar),
    ("patrol", SensorKind::Patrol),
    ("context", SensorKind::Context),
];

/// Longest delay from event to message, seconds: thirty days.
const LATENCY_S_MAX: f64 = 30.0 * 86_400.0;
/// Shortest and longest range at which a sensor detects, metres; below are kilometres.
const RANGE_M: RangeInclusive<f64> = 100.0..=1_000_000.0;

struct Model {
    kind: SensorKind,
    errors: SensorErrors,
    detects: Vec<Detection>,
    false_per_day: f64,
    latency_s_max: f64,
    look_s_half: f64,
    basis: String,
}

/// Reads sensors.toml.
pub(super) fn read<'d>(
    document: &'d Document,
    known_formats: &[&str],
    names: &mut Names<'d>,
    issues: &'d Issues,
) -> SensorNetwork {
    let fields = document.fields(issues);
    for kind in ["platform", "post", "sensor", "feed", "sensor model"] {
        names.open(kind);
    }
    let platforms = fields.tables("platforms");
    let platforms = platforms
        .into_iter()
        .filter_map(|table| read_platform(table, names))
        .collect();
    let posts = fields.tables("posts");
    let posts = posts
        .into_iter()
        .filter_map(|table| read_post(table, names))
        .collect();
    let models = read_models(&fields, names);
    let sensors = fields.tables("sensors");
    let sensors = sensors
        .into_iter()
        .filter_map(|table| read_sensor(table, &models, names))
        .collect();
    let feeds = feeds::read(&fields, known_formats, names);
    fields.finish();
    SensorNetwork {
        platforms,
        posts,
        sensors,
        feeds,
    }
}

fn read_platform<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Platform> {
    let id = fields.need("id", slug);
    names.define("platform", id.as_ref(), &fields, "id");
    let name = fields.need("name", text);
    let kind = fields.need("kind", one_of(&PLATFORM_KINDS));
    let operator = fields.need("operator", slug);
    names.refer("actor", operator.as_ref(), &fields, "operator");
    let norad_number = fields.maybe("norad_number", count(1..=999_999_999));
    let endurance_s = fields.maybe("endurance_s", seconds(300.0, 60.0 * DAY_S));
    let count = fields.need("count", count(1..=100_000));
    let basis = fields.need("basis", text);
    fields.finish();
    Some(Platform {
        id: id?,
        name: name?,
        kind: kind?,
        operator: operator?,
        norad_number,
        endurance_s,
        count: count?,
        basis: basis?,
    })
}

fn read_post<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Post> {
    let id = fields.need("id", slug);
    names.define("post", id.as_ref(), &fields, "id");
    let name = fields.need("name", text);
    let position = fields.need("position", position);
    let sector = fields.need("sector", slug);
    names.refer("sector", sector.as_ref(), &fields, "sector");
    let personnel = fields.need("personnel", count(0..=100_000));
    fields.finish();
    Some(Post {
        id: id?,
        name: name?,
        position: position?,
        sector: sector?,
        personnel: personnel?,
    })
}

fn read_models<'d>(fields: &Fields<'d>, names: &mut Names<'d>) -> BTreeMap<Slug, Model> {
    let mut models = BTreeMap::new();
    for table in fields.tables("models") {
        let id = table.need("id", slug);
        names.define("sensor model", id.as_ref(), &table, "id");
        let kind = table.need("kind", one_of(&SENSOR_KINDS));
        let errors = table.table("errors").map(read_errors).unwrap_or_default();
        let detects = table.tables("detects");
        let detects = detects.into_iter().filter_map(read_detection).collect();
        let false_per_day = table.need("false_per_day", in_range(0.0..=1e6));
        let latency_s_max = table.need("latency_s_max", in_range(0.0..=LATENCY_S_MAX));
        let look_s_half = table.maybe("look_s_half", in_range(0.0..=DAY_S));
        let basis = table.need("basis", text);
        table.finish();
        let (Some(id), Some(kind), Some(basis)) = (id, kind, basis) else {
            continue;
        };
        let (Some(false_per_day), Some(latency_s_max)) = (false_per_day, latency_s_max) else {
            continue;
        };
        let model = Model {
            kind,
            errors,
            detects,
            false_per_day,
            latency_s_max,
            look_s_half: look_s_half.unwrap_or(0.0),
            basis,
        };
        models.insert(id, model);
    }
    models
}

fn read_errors(fields: Fields<'_>) -> SensorErrors {
    let errors = SensorErrors {
        position_m_sigma: fields.maybe("position_m_sigma", metres(0.5, 1e6)),
        bearing_deg_sigma: fields.maybe("bearing_deg_sigma", in_range(0.001..=180.0)),
        range_m_sigma: fields.maybe("range_m_sigma", metres(0.5, 1e6)),
        time_s_sigma: fields.maybe("time_s_sigma", in_range(1e-6..=DAY_S)),
        bearing_deg_bias_sigma: fields.maybe("bearing_deg_bias_sigma", in_range(0.0..=180.0)),
        time_s_delay: fields.maybe("time_s_delay", in_range(-DAY_S..=DAY_S)),
        speed_share_sigma: fields.maybe("speed_share_sigma", in_range(0.0..=0.5)),
        class_right: fields.maybe("class_right", share),
        side_right: fields.maybe("side_right", share),
    };
    fields.finish();
    errors
}

fn read_detection(fields: Fields<'_>) -> Option<Detection> {
    let class = fields.need("class", one_of(&EVENT_CLASSES));
    let probability = fields.need("probability", share);
    let range = metres(*RANGE_M.start(), *RANGE_M.end());
    let range_m_half = fields.maybe("range_m_half", &range);
    let range_m_width = fields.maybe("range_m_width", metres(10.0, 1e6));
    let range_m_spread = fields.maybe("range_m_spread", metres(10.0, 1e6));
    let false_share = fields.maybe("false_share", share);
    let needs_clear_sky = fields.maybe("needs_clear_sky", boolean);
    for (one, other) in [
        ("range_m_half", "range_m_width"),
        ("range_m_width", "range_m_half"),
    ] {
        if fields.node(one).is_some() && fields.node(other).is_none() {
            let hint = "give both, or neither for a sensor without a range".to_owned();
            fields.issue_at(one, format!("`{one}` stands without `{other}`"), hint);
        }
    }
    fields.finish();
    Some(Detection {
        class: class?,
        probability: probability?,
        range_m_half,
        range_m_width,
        range_m_spread,
        false_share,
        needs_clear_sky: needs_clear_sky.unwrap_or(false),
    })
}

fn read_sensor<'d>(
    fields: Fields<'d>,
    models: &BTreeMap<Slug, Model>,
    names: &mut Names<'d>,
) -> Option<Sensor> {
    let id = fields.need("id", slug);
    names.define("sensor", id.as_ref(), &fields, "id");
    let model = fields.need("model", slug);
    names.refer("sensor model", model.as_ref(), &fields, "model");
    let platform = fields.maybe("platform", slug);
    names.refer("platform", platform.as_ref(), &fields, "platform");
    let post = fields.maybe("post", slug);
    names.refer("post", post.as_ref(), &fields, "post");
    let position = fields.maybe("position", position);
    let feed = fields.need("feed", slug);
    names.refer("feed", feed.as_ref(), &fields, "feed");
    let looks_at_s = fields.maybe("looks_at_s", times_of_day).unwrap_or_default();
    let model = models.get(&model?);
    if let Some(model) = model
        && stands_still(model.kind)
        && position.is_none()
        && fields.node("position").is_none()
    {
        let hint = "add position = { lat_deg = 48.5, lon_deg = 37.2 }".to_owned();
        let message = "a sensor of this kind stands somewhere".to_owned();
        fields.refuse(&fields.span(), message, hint);
    }
    fields.finish();
    let model = model?;
    Some(Sensor {
        id: id?,
        kind: model.kind,
        platform,
        post,
        position,
        feed: feed?,
        errors: model.errors.clone(),
        detects: model.detects.clone(),
        false_per_day: model.false_per_day,
        latency_s_max: model.latency_s_max,
        looks_at_s,
        look_s_half: model.look_s_half,
        basis: model.basis.clone(),
    })
}

/// True for instruments that never move, whose place every reader needs.
fn stands_still(kind: SensorKind) -> bool {
    matches!(
        kind,
        SensorKind::AcousticArray
            | SensorKind::SeismicStation
            | SensorKind::Camera
            | SensorKind::UavDetector
            | SensorKind::AisReceiver
            | SensorKind::AdsbReceiver
    )
}

/// Times of day in seconds; a list of hours is refused with the right numbers.
fn times_of_day(node: &Node) -> Result<Vec<f64>, Refusal> {
    let times = list(in_range(0.0..=DAY_S))(node)?;
    if !times.is_empty() && times.iter().all(|t| (0.0..24.0).contains(t) && *t > 0.0) {
        let right: Vec<String> = times.iter().map(|t| (t * 3_600.0).to_string()).collect();
        let hint = format!(
            "seconds after 00:00 UTC are expected: [{}]",
            right.join(", ")
        );
        return Err(("these look like hours".to_owned(), hint));
    }
    Ok(times)
}

/// Both grades of the Admiralty code (STANAG 2511, annex A), such as `B2`.
///
/// # Errors
/// A refusal when the text is no such code.
pub fn grade(node: &Node) -> Result<Grade, Refusal> {
    let code = text(node)?;
    let reliabilities = [
        ('A', Reliability::A),
        ('B', Reliability::B),
        ('C', Reliability::C),
        ('D', Reliability::D),
        ('E', Reliability::E),
        ('F', Reliability::F),
    ];
    let credibilities = [
        ('1', Credibility::Confirmed),
        ('2', Credibility::ProbablyTrue),
        ('3', Credibility::PossiblyTrue),
        ('4', Credibility::Doubtful),
        ('5', Credibility::Improbable),
        ('6', Credibility::CannotBeJudged),
    ];
    let mut letters = code.chars();
    let source = letters.next();
    let content = letters.next();
    let reliability = reliabilities.iter().find(|(c, _)| Some(*c) == source);
    let credibility = credibilities.iter().find(|(c, _)| Some(*c) == content);
    match (reliability, credibility, letters.next()) {
        (Some((_, reliability)), Some((_, credibility)), None) => Ok(Grade {
            reliability: *reliability,
            credibility: *credibility,
        }),
        _ => {
            let hint = "a letter A to F for the source and a digit 1 to 6 for the content: B2";
            Err((format!("`{code}` is no grade"), hint.to_owned()))
        }
    }
}

/// A count within bounds, both included.
pub(super) fn count(range: RangeInclusive<i64>) -> impl Fn(&Node) -> Result<u32, Refusal> {
    move |node| {
        let value = integer(range.clone())(node)?;
        u32::try_from(value).map_err(|_| (format!("{value} is out of range"), String::new()))
    }
}
