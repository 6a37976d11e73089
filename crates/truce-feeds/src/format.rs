//! The table of formats: their names, and how to tell them apart.

use truce_core::Observation;

use crate::fault::Unencodable;
use crate::{acoustic, aivdm, firms, jsonl, report, seismic, uav};

/// A format of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// NASA FIRMS active fire data as CSV, near-real-time and archive forms; see [`crate::firms`].
    FirmsCsv,
    /// AIS in NMEA 0183 sentences; see [`crate::aivdm`].
    Aivdm,
    /// Acoustic detections; see [`crate::acoustic`].
    AcousticCsv,
    /// Seismic picks; see [`crate::seismic`].
    SeismicCsv,
    /// Detections of uncrewed aircraft; see [`crate::uav`].
    UavCsv,
    /// Statements of people; see [`crate::report`].
    ReportJson,
    /// Truce's own observations; see [`crate::jsonl`].
    TruceJsonl,
}

impl Format {
    /// All formats, in order.
    pub const ALL: [Self; 7] = [
        Self::FirmsCsv,
        Self::Aivdm,
        Self::AcousticCsv,
        Self::SeismicCsv,
        Self::UavCsv,
        Self::ReportJson,
        Self::TruceJsonl,
    ];

    /// The format with a name.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.slug() == slug)
    }

    /// Its name in a mission folder.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::FirmsCsv => "firms-csv",
            Self::Aivdm => "aivdm",
            Self::AcousticCsv => "acoustic-csv",
            Self::SeismicCsv => "seismic-csv",
            Self::UavCsv => "uav-csv",
            Self::ReportJson => "report-json",
            Self::TruceJsonl => "truce-jsonl",
        }
    }

    /// True when every message says by itself when its event was observed, so that the same bytes
    /// received twice are one observation. AIS sentences repeat a second of a minute at most.
    ///
    /// A message that was seen before must still reach the decoder when it is a CSV header.
    #[must_use]
    pub fn self_dated(self) -> bool {
        self != Self::Aivdm
    }

    /// The lines that open a file of this format.
    #[must_use]
    pub fn header(self) -> Option<String> {
        match self {
            Self::FirmsCsv => Some(firms::header()),
            Self::AcousticCsv => Some(acoustic::header()),
            Self::SeismicCsv => Some(seismic::header()),
            Self::UavCsv => Some(uav::header()),
            Self::Aivdm | Self::ReportJson | Self::TruceJsonl => None,
        }
    }

    /// Writes an observation as lines of this format, without line ends. What a format cannot
    /// carry at full precision is rounded to the resolution its module names.
    ///
    /// # Errors
    /// [`Unencodable`] when the format has no place for this kind of reading or location.
    pub fn encode(self, observation: &Observation) -> Result<Vec<String>, Unencodable> {
        match self {
            Self::FirmsCsv => firms::encode(observation),
            Self::Aivdm => aivdm::encode(observation),
            Self::AcousticCsv => acoustic::encode(observation),
            Self::SeismicCsv => seismic::encode(observation),
            Self::UavCsv => uav::encode(observation),
            Self::ReportJson => report::encode(observation),
            Self::TruceJsonl => jsonl::encode(observation),
        }
    }

    /// The format that a file's first bytes look like. Some kilobytes are enough; a line that the
    /// bytes cut off at their end is not looked at unless it is the only one.
    #[must_use]
    pub fn guess(first_bytes: &[u8]) -> Option<Self> {
        let text = first_bytes
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(first_bytes);
        text.split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii)
            .find(|line| !line.is_empty() && line[0] != b'#')
            .and_then(|line| guess_line(&String::from_utf8_lossy(line)))
    }
}

fn guess_line(line: &str) -> Option<Format> {
    match line.as_bytes().first()? {
        b'!' | b'$' | b'\\' => return Some(Format::Aivdm),
        b'{' if line.contains("\"reading\"") => return Some(Format::TruceJsonl),
        b'{' if line.contains("\"about\"") || line.contains("\"reply\"") => {
            return Some(Format::ReportJson);
        }
        b'{' => return None,
        _ => {}
    }
    let fields: Vec<String> = line
        .split(',')
        .map(|field| field.trim().trim_matches('"').to_ascii_lowercase())
        .collect();
    let has = |name: &str| fields.iter().any(|field| field == name);
    if has("acq_date") {
        Some(Format::FirmsCsv)
    } else if has("station") && has("phase") {
        Some(Format::SeismicCsv)
    } else if has("station") && has("bearing_deg") {
        Some(Format::AcousticCsv)
    } else if has("sensor") && has("means") {
        Some(Format::UavCsv)
    } else {
        guess_row(&fields)
    }
}

/// Rows without a header: the FIRMS forms begin with two numbers, a seismic row has its phase in
/// the second column, an acoustic or UAV row its time.
fn guess_row(fields: &[String]) -> Option<Format> {
    let number = |index: usize| {
        let text: Option<&String> = fields.get(index);
        text.is_some_and(|text| text.parse::<f64>().is_ok())
    };
    if number(0) && number(1) {
        return firms::STANDARD_FORMS
            .contains(&fields.len())
            .then_some(Format::FirmsCsv);
    }
    let second = fields.get(1)?;
    if matches!(second.as_str(), "p" | "s") {
        return Some(Format::SeismicCsv);
    }
    second
        .to_ascii_uppercase()
        .parse::<jiff::Timestamp>()
        .ok()?;
    Some(if fields.len() > acoustic::COLUMN_COUNT {
        Format::UavCsv
    } else {
        Format::AcousticCsv
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for format in Format::ALL {
            assert_eq!(Format::from_slug(format.slug()), Some(format));
        }
        assert_eq!(Format::from_slug("firms"), None);
    }

    #[test]
    fn first_lines_give_a_format_away() {
        let cases: &[(&str, Option<Format>)] = &[
            (
                "\u{feff}LATITUDE,LONGITUDE,ACQ_DATE\r\n",
                Some(Format::FirmsCsv),
            ),
            (
                "\"latitude\",\"longitude\",\"acq_date\"",
                Some(Format::FirmsCsv),
            ),
            ("48.1,37.2,2022-03-01\n", Some(Format::FirmsCsv)),
            ("48.1,37.2\n", None),
            ("# a remark\n\n$PGHP,1,2010", Some(Format::Aivdm)),
            ("\\s:x*00\\!AIVDM", Some(Format::Aivdm)),
            ("!BSVDM,1,1", Some(Format::Aivdm)),
            (&acoustic::header(), Some(Format::AcousticCsv)),
            (&seismic::header(), Some(Format::SeismicCsv)),
            (&uav::header(), Some(Format::UavCsv)),
            (
                "post-1/seismic,P,2025-03-01T00:00:00Z,,",
                Some(Format::SeismicCsv),
            ),
            (
                "post-1/acoustic,2025-03-01T00:00:00Z,12,3,,,,",
                Some(Format::AcousticCsv),
            ),
            ("{\"version\":1,\"reading\":{}}", Some(Format::TruceJsonl)),
            ("{\"about\":\"presence\"}", Some(Format::ReportJson)),
            ("{}", None),
            ("", None),
            ("\u{0}\u{1}", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Format::guess(text.as_bytes()), *expected, "{text:?}");
        }
    }
}
