//! What a decoder must be told about a feed beyond its format: what the questions of a form mean,
//! and how waveforms are picked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::document::{Fields, Node, Refusal, in_range, integer, nearest_hint, text};

/// What the decoder of a feed must be told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decoding {
    /// For forms, tables and alerts: what their parts mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<Mapping>,
    /// For waveforms: how arrivals are picked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picker: Option<Picker>,
}

/// Fields of a claim that a [`Mapping`] may fill, as `report-json` names them; `place` is a point of
/// a form, `"lat lon"` with height and accuracy behind or not.
pub const CLAIM_FIELDS: [&str; 30] = [
    "speaker",
    "party",
    "about",
    "observed_at",
    "observed_until",
    "place",
    "lat_deg",
    "lon_deg",
    "position_m_sigma",
    "from",
    "from_lat_deg",
    "from_lon_deg",
    "bearing_deg",
    "bearing_deg_sigma",
    "distance_m",
    "class",
    "side",
    "weapon",
    "count",
    "mmsi",
    "object_kind",
    "crater_azimuth_deg",
    "crater_azimuth_deg_sigma",
    "text",
    "grade",
    "sensor",
    "origin",
    "publisher",
    "published_at",
    "url",
];

/// What the questions of a form, the columns of a table or the elements of an alert mean.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The question or column that holds a field; of a question in a group its path with `/`. A field
    /// that is not named here is held by the question of its own name.
    #[serde(default)]
    pub questions: BTreeMap<String, String>,
    /// Fields that are always the same.
    #[serde(default)]
    pub fixed: BTreeMap<String, String>,
    /// For a field, what its answers are called here.
    #[serde(default)]
    pub words: BTreeMap<String, BTreeMap<String, String>>,
    /// The group whose repetitions are a claim each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// What times that name no zone are ahead of UTC, seconds.
    #[serde(default)]
    pub utc_offset_s: i32,
}

/// How arrivals are picked from a waveform: the mean square of the newest seconds against that of
/// the seconds before (STA/LTA; Allen 1978, Withers et al. 1998).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picker {
    /// Short window, seconds.
    pub sta_s: f64,
    /// Long window, seconds.
    pub lta_s: f64,
    /// Ratio at which a pick begins.
    pub on: f64,
    /// Ratio below which it ends.
    pub off: f64,
    /// Corners of the band that is looked at, hertz; `None` leaves the waveform as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band_hz: Option<(f64, f64)>,
}

impl Default for Picker {
    /// For local explosions and shots: 0.5 s against 10 s in 2 to 10 Hz, from 4 to 1.5 (Trnkoczy 2012,
    /// NMSOP-2 IS 8.1, section 3, gives 0.3 to 1 s, some tens of seconds, 4 and 1 to 2).
    fn default() -> Self {
        Self {
            sta_s: 0.5,
            lta_s: 10.0,
            on: 4.0,
            off: 1.5,
            band_hz: Some((2.0, 10.0)),
        }
    }
}

/// Twenty-six hours: no zone is further from UTC, in either direction.
const UTC_OFFSET_S_MAX: i64 = 26 * 3_600;

/// Most answers that one field calls by other words.
const WORDS_MAX: usize = 1_000;

pub(super) fn read(feed: &Fields<'_>) -> Decoding {
    Decoding {
        mapping: feed.table("mapping").map(read_mapping),
        picker: feed.table("picker").map(read_picker),
    }
}

fn read_mapping(fields: Fields<'_>) -> Mapping {
    let mapping = Mapping {
        questions: fields.table("questions").map(by_field).unwrap_or_default(),
        fixed: fields.table("fixed").map(by_field).unwrap_or_default(),
        words: fields.table("words").map(read_words).unwrap_or_default(),
        each: fields.maybe("each", text),
        utc_offset_s: fields.maybe("utc_offset_s", offset_s).unwrap_or_default(),
    };
    for name in mapping.fixed.keys() {
        if mapping.questions.contains_key(name) {
            let message = format!("`{name}` is fixed and asked for");
            fields.issue_at("fixed", message, "keep one of them".to_owned());
        }
    }
    fields.finish();
    mapping
}

/// A table of texts under names of a claim's fields.
fn by_field(fields: Fields<'_>) -> BTreeMap<String, String> {
    let known = fields.all().into_iter().filter_map(|(key, _)| {
        let named = is_claim_field(&fields, &key.name, &key.span);
        let value = fields.maybe(&key.name, text);
        named.then_some((key.name.clone(), value?))
    });
    known.collect()
}

fn is_claim_field(fields: &Fields<'_>, name: &str, span: &std::ops::Range<usize>) -> bool {
    let known = CLAIM_FIELDS.contains(&name);
    if !known {
        let names = CLAIM_FIELDS.map(str::to_owned);
        let hint = nearest_hint(name, names.iter());
        fields.refuse(span, format!("a claim has no field `{name}`"), hint);
    }
    known
}

fn read_words(fields: Fields<'_>) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut words = BTreeMap::new();
    for (key, _) in fields.all() {
        if !is_claim_field(&fields, &key.name, &key.span) {
            continue;
        }
        let Some(table) = fields.table(&key.name) else {
            continue;
        };
        let answers = table.all().into_iter().filter_map(|(answer, _)| {
            let word = table.maybe(&answer.name, text)?;
            Some((answer.name.clone(), word))
        });
        let answers: BTreeMap<String, String> = answers.collect();
        if answers.len() > WORDS_MAX {
            let message = format!("{} words, {WORDS_MAX} fit", answers.len());
            fields.issue_at(&key.name, message, String::new());
        }
        words.insert(key.name.clone(), answers);
    }
    words
}

fn offset_s(node: &Node) -> Result<i32, Refusal> {
    let seconds = integer(-UTC_OFFSET_S_MAX..=UTC_OFFSET_S_MAX)(node)?;
    i32::try_from(seconds).map_err(|_| (format!("{seconds} is out of range"), String::new()))
}

fn read_picker(fields: Fields<'_>) -> Picker {
    let usual = Picker::default();
    let corner = || in_range(0.001..=1_000.0);
    let low = fields.maybe("low_hz", corner());
    let high = fields.maybe("high_hz", corner());
    let picker = Picker {
        sta_s: fields
            .maybe("sta_s", in_range(0.01..=600.0))
            .unwrap_or(usual.sta_s),
        lta_s: fields
            .maybe("lta_s", in_range(0.1..=3_600.0))
            .unwrap_or(usual.lta_s),
        on: fields
            .maybe("on", in_range(1.0..=1_000.0))
            .unwrap_or(usual.on),
        off: fields
            .maybe("off", in_range(0.1..=1_000.0))
            .unwrap_or(usual.off),
        band_hz: low.zip(high).or(usual.band_hz),
    };
    if low.is_some() != high.is_some() {
        let hint = "give both `low_hz` and `high_hz`".to_owned();
        fields.refuse(&fields.span(), "a band has two corners".to_owned(), hint);
    }
    let rising = [
        (
            picker.sta_s < picker.lta_s,
            "`sta_s` is shorter than `lta_s`",
        ),
        (picker.off <= picker.on, "`off` is at most `on`"),
        (
            picker.band_hz.is_none_or(|(low, high)| low < high),
            "`low_hz` is below `high_hz`",
        ),
    ];
    for (_, wanted) in rising.iter().filter(|(fits, _)| !fits) {
        fields.refuse(
            &fields.span(),
            format!("a picker's {wanted}"),
            String::new(),
        );
    }
    fields.finish();
    picker
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Issues, toml};

    fn read_text(text: &str) -> (Decoding, Vec<String>) {
        let issues = Issues::default();
        let document = toml("sensors.toml", text, &issues).unwrap();
        let fields = document.fields(&issues);
        let decoding = read(&fields);
        fields.finish();
        let messages = issues.into_sorted().into_iter().map(|issue| issue.message);
        (decoding, messages.collect())
    }

    #[test]
    fn what_a_feed_is_told() {
        let (decoding, issues) = read_text(
            "[mapping]\nutc_offset_s = 7200\neach = \"harm\"\n[mapping.fixed]\nspeaker = \
             \"patrol\"\n[mapping.questions]\nabout = \"g/what\"\n[mapping.words.about]\n\"fire \
             heard\" = \"physical_event\"\n[picker]\non = 3\nlow_hz = 1\nhigh_hz = 5\n",
        );
        assert_eq!(issues, Vec::<String>::new());
        let mapping = decoding.mapping.unwrap();
        assert_eq!(mapping.questions["about"], "g/what");
        assert_eq!(mapping.words["about"]["fire heard"], "physical_event");
        assert_eq!(
            (mapping.utc_offset_s, mapping.each.as_deref()),
            (7200, Some("harm"))
        );
        let picker = decoding.picker.unwrap();
        assert_eq!((picker.on, picker.band_hz), (3.0, Some((1.0, 5.0))));
        assert_eq!(read_text("").0, Decoding::default());
    }

    #[test]
    fn mistakes_are_told() {
        let cases = [
            (
                "[mapping]\nquestion = {}",
                "unknown key `question` in `mapping`",
            ),
            (
                "[mapping.questions]\nabuot = \"a\"",
                "a claim has no field `abuot`",
            ),
            (
                "[mapping.words.colour]\na = \"b\"",
                "a claim has no field `colour`",
            ),
            (
                "[mapping.fixed]\nabout = 1",
                "`about`: text is expected, not a whole number",
            ),
            (
                "[mapping]\nfixed = { about = \"a\" }\nquestions = { about = \"b\" }",
                "`about` is fixed and asked for",
            ),
            (
                "[picker]\nsta_s = 20",
                "a picker's `sta_s` is shorter than `lta_s`",
            ),
            ("[picker]\nlow_hz = 2", "a band has two corners"),
            ("[picker]\non = 1", "a picker's `off` is at most `on`"),
        ];
        for (text, expected) in cases {
            let (_, issues) = read_text(text);
            assert_eq!(issues, [expected], "{text}");
        }
    }
}
