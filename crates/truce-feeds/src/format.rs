//! The table of formats: the one place where a format is added.

use truce_core::Observation;

use crate::beginning::First;
use crate::cot::protobuf;
use crate::decoder::Reader;
use crate::drone::{lines, mavlink};
use crate::fault::Unencodable;
use crate::framer::Framing;
use crate::klv::transport;
use crate::modes::{avr, beast, sbs};
use crate::{
    acoustic, aivdm, asterix, camera, cap, cot, firms, form, jsonl, klv, miniseed, nmea, report,
    seismic, sensorthings, stac, uav, xml,
};

/// What the rest of this room needs to know of a format.
struct Entry {
    /// Its name in a mission folder.
    slug: &'static str,
    /// What it is, for people, in one line.
    about: &'static str,
    /// See [`Format::self_dated`].
    self_dated: bool,
    /// The lines that open a file of it.
    header: Option<fn() -> String>,
    /// How a stream of it is cut into messages.
    framing: Framing,
    /// Whether the first bytes of a file look like it.
    looks_like: fn(&First<'_>) -> bool,
    /// A reader at the start of a stream.
    reader: fn() -> Box<dyn Reader>,
    /// Writes an observation as messages of it.
    encode: Encode,
}

/// How a format writes observations.
enum Encode {
    /// As lines of text.
    Lines(fn(&Observation) -> Result<Vec<String>, Unencodable>),
    /// As messages of bytes.
    Bytes(fn(&Observation) -> Result<Vec<Vec<u8>>, Unencodable>),
}

/// What most formats of lines have in common.
const LINES: Entry = Entry {
    slug: "",
    about: "",
    self_dated: true,
    header: None,
    framing: Framing::Lines,
    looks_like: |_| false,
    reader: || Box::new(jsonl::Lines),
    encode: Encode::Lines(jsonl::encode),
};

macro_rules! formats {
    ($($(#[$doc:meta])* $name:ident = $entry:expr;)*) => {
        /// A format of messages.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Format {
            $($(#[$doc])* $name,)*
        }

        impl Format {
            /// All formats, in order.
            pub const ALL: [Self; ENTRIES.len()] = [$(Self::$name,)*];
        }

        static ENTRIES: [Entry; [$(Format::$name,)*].len()] = [$($entry,)*];
    };
}

formats! {
    /// NASA FIRMS active fire data as CSV, near-real-time and archive forms; see [`crate::firms`].
    FirmsCsv = Entry {
        slug: "firms-csv",
        about: "active fires of NASA FIRMS (VIIRS, MODIS) as CSV",
        header: Some(firms::header),
        looks_like: |first| {
            let numbers = first.number(0) && first.number(1);
            let form = firms::STANDARD_FORMS.contains(&first.columns.len());
            first.has("acq_date") || numbers && form
        },
        reader: firms::reader,
        encode: Encode::Lines(firms::encode),
        ..LINES
    };
    /// AIS in NMEA 0183 sentences; see [`crate::aivdm`].
    Aivdm = Entry {
        slug: "aivdm",
        about: "AIS as NMEA 0183 sentences VDM and VDO, with TAG blocks",
        self_dated: false,
        looks_like: |first| {
            let sentence = matches!(first.line.as_bytes().first(), Some(b'!' | b'$' | b'\\'));
            sentence && !nmea::looks_like(&first.line)
        },
        framing: Framing::PartsOfLines(aivdm::sentence::first_bytes),
        reader: || Box::<aivdm::Sentences>::default(),
        encode: Encode::Lines(aivdm::encode),
        ..LINES
    };
    /// Fixes of satellite navigation receivers and targets of radars; see [`crate::nmea`].
    Nmea = Entry {
        slug: "nmea",
        about: "where a patrol is: NMEA 0183 sentences GGA, GNS, RMC, GLL, with ZDA and GST; what a radar follows: TTM, TLL",
        self_dated: false,
        looks_like: |first| nmea::looks_like(&first.line),
        framing: Framing::PartsOfLines(aivdm::sentence::first_bytes),
        reader: || Box::<nmea::Sentences>::default(),
        encode: Encode::Lines(nmea::encode),
        ..LINES
    };
    /// Mode S and ADS-B frames in the binary format of receivers; see [`crate::modes::beast`].
    Beast = Entry {
        slug: "beast",
        about: "ADS-B and Mode S in the binary format of Beast receivers (port 30005)",
        self_dated: false,
        framing: Framing::Own(beast::cut),
        looks_like: |first| matches!(first.bytes, [0x1A, b'1'..=b'4', ..]),
        reader: || Box::<beast::Messages>::default(),
        encode: Encode::Bytes(beast::encode),
        ..LINES
    };
    /// Mode S and ADS-B frames as hexadecimal text; see [`crate::modes::avr`].
    Avr = Entry {
        slug: "avr",
        about: "ADS-B and Mode S as hexadecimal lines (AVR, port 30002)",
        self_dated: false,
        looks_like: |first| {
            matches!(first.line.as_bytes(), [b'*' | b'@' | b'<' | b'%', .., b';'])
        },
        reader: || Box::<avr::Lines>::default(),
        encode: Encode::Lines(avr::encode),
        ..LINES
    };
    /// Aircraft in the table of BaseStation; see [`crate::modes::sbs`].
    Sbs = Entry {
        slug: "sbs",
        about: "aircraft as rows of BaseStation (SBS, port 30003)",
        looks_like: |first| first.line.starts_with("MSG,"),
        reader: || Box::new(sbs::Rows),
        encode: Encode::Lines(sbs::encode),
        ..LINES
    };
    /// Radar plots, ADS-B reports and system tracks; see [`crate::asterix`].
    Asterix = Entry {
        slug: "asterix",
        about: "ASTERIX categories 021, 048 and 062 from air traffic control",
        framing: Framing::Own(asterix::cut),
        looks_like: |first| asterix::looks_like(first.bytes),
        reader: || Box::new(asterix::Blocks),
        encode: Encode::Bytes(asterix::encode),
        ..LINES
    };
    /// Remote ID broadcasts; see [`crate::drone::lines`].
    RemoteId = Entry {
        slug: "remote-id",
        about: "Remote ID broadcasts (ASTM F3411) as hexadecimal lines",
        self_dated: false,
        looks_like: |first| {
            let digits = first.line.rsplit(' ').next().unwrap_or_default();
            digits.len() >= 50 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        },
        reader: || Box::<lines::Broadcasts>::default(),
        encode: Encode::Lines(lines::encode),
        ..LINES
    };
    /// MAVLink packets with positions or Open Drone ID; see [`crate::drone::mavlink`].
    Mavlink = Entry {
        slug: "mavlink",
        about: "MAVLink 1 and 2: positions and Open Drone ID",
        self_dated: false,
        framing: Framing::Own(mavlink::cut),
        looks_like: |first| matches!(first.bytes, [0xFD | 0xFE, ..]),
        reader: || Box::<mavlink::Packets>::default(),
        encode: Encode::Bytes(mavlink::encode),
        ..LINES
    };
    /// Cursor on Target events as XML; see [`crate::cot`].
    Cot = Entry {
        slug: "cot",
        about: "Cursor on Target events as XML",
        framing: Framing::Own(xml::cut),
        looks_like: |first| first.text_with("<event ") || first.text_with("<event\n"),
        reader: || Box::new(cot::Events),
        encode: Encode::Lines(cot::encode),
        ..LINES
    };
    /// Cursor on Target events in the TAK protocol; see [`crate::cot::protobuf`].
    TakProto = Entry {
        slug: "tak-proto",
        about: "Cursor on Target events in the TAK protocol, version 1",
        framing: Framing::Own(protobuf::cut),
        looks_like: |first| first.bytes.first() == Some(&0xBF),
        reader: || Box::new(protobuf::Messages),
        encode: Encode::Bytes(protobuf::encode),
        ..LINES
    };
    /// Motion imagery metadata; see [`crate::klv`].
    Klv = Entry {
        slug: "klv",
        about: "motion imagery metadata, MISB ST 0601 with ST 0903, as KLV packets",
        framing: Framing::Own(klv::cut),
        looks_like: |first| first.bytes.starts_with(&[6, 0x0E, 0x2B, 0x34]),
        reader: || Box::new(klv::Packets),
        encode: Encode::Bytes(klv::encode),
        ..LINES
    };
    /// Motion imagery metadata in a transport stream; see [`crate::klv::transport`].
    MpegTs = Entry {
        slug: "mpeg-ts",
        about: "motion imagery metadata inside an MPEG transport stream",
        framing: Framing::Own(transport::cut),
        looks_like: |first| {
            let sync = |at: usize| first.bytes.get(at).is_none_or(|byte| *byte == 0x47);
            first.bytes.len() >= 188 && sync(0) && sync(188)
        },
        reader: || Box::<transport::Stream>::default(),
        encode: Encode::Bytes(transport::encode),
        ..LINES
    };
    /// Acoustic detections; see [`crate::acoustic`].
    AcousticCsv = Entry {
        slug: "acoustic-csv",
        about: "detections of acoustic arrays as CSV",
        header: Some(acoustic::header),
        looks_like: |first| {
            let row = first.time(1) && first.columns.len() <= acoustic::COLUMN_COUNT;
            first.has("station") && first.has("bearing_deg") || row
        },
        reader: acoustic::reader,
        encode: Encode::Lines(acoustic::encode),
        ..LINES
    };
    /// Seismic picks; see [`crate::seismic`].
    SeismicCsv = Entry {
        slug: "seismic-csv",
        about: "arrivals at seismic stations as CSV",
        header: Some(seismic::header),
        looks_like: |first| {
            let row = matches!(first.columns.get(1).map(String::as_str), Some("p" | "s"));
            first.has("station") && first.has("phase") || row
        },
        reader: seismic::reader,
        encode: Encode::Lines(seismic::encode),
        ..LINES
    };
    /// Waveforms, and the arrivals in them; see [`crate::miniseed`].
    Miniseed = Entry {
        slug: "miniseed",
        about: "waveforms in miniSEED 2 and 3, picked for arrivals of waves and sounds",
        framing: Framing::Own(miniseed::cut),
        looks_like: |first| miniseed::looks_like(first.bytes),
        reader: || Box::<miniseed::Records>::default(),
        encode: Encode::Bytes(miniseed::encode),
        ..LINES
    };
    /// Observations of a SensorThings service; see [`crate::sensorthings`].
    SensorThings = Entry {
        slug: "sensorthings",
        about: "observations of OGC SensorThings services as JSON",
        framing: Framing::Own(sensorthings::cut),
        looks_like: |first| {
            first.json_with("\"phenomenonTime\"") || first.json_with("\"resultTime\"")
        },
        reader: || Box::new(sensorthings::Observations),
        encode: Encode::Lines(sensorthings::encode),
        ..LINES
    };
    /// What cameras saw; see [`crate::camera`].
    Camera = Entry {
        slug: "camera",
        about: "events of cameras: ONVIF scene descriptions, and JSON",
        framing: Framing::Own(camera::cut),
        looks_like: |first| {
            first.text_with("onvif.org") || first.json_with("\"camera\"")
        },
        reader: || Box::new(camera::Events),
        encode: Encode::Lines(camera::encode),
        ..LINES
    };
    /// Detections of uncrewed aircraft; see [`crate::uav`].
    UavCsv = Entry {
        slug: "uav-csv",
        about: "detections of uncrewed aircraft as CSV",
        header: Some(uav::header),
        looks_like: |first| {
            let row = first.time(1) && first.columns.len() > acoustic::COLUMN_COUNT;
            first.has("sensor") && first.has("means") || row
        },
        reader: uav::reader,
        encode: Encode::Lines(uav::encode),
        ..LINES
    };
    /// Statements of people; see [`crate::report`].
    ReportJson = Entry {
        slug: "report-json",
        about: "statements of patrols, parties, callers and published sources as JSON",
        looks_like: |first| {
            first.object_with(&["\"about\"", "\"reply\""]) && !first.is_submission()
        },
        reader: || Box::new(report::Statements),
        encode: Encode::Lines(report::encode),
        ..LINES
    };
    /// Alerts of authorities; see [`crate::cap`].
    Cap = Entry {
        slug: "cap",
        about: "alerts of authorities in the Common Alerting Protocol 1.2",
        framing: Framing::Own(xml::cut),
        looks_like: |first| first.text_with("emergency:cap") || first.text_with("<msgType>"),
        reader: || Box::new(cap::Alerts),
        encode: Encode::Lines(cap::encode),
        ..LINES
    };
    /// Submissions of XForms; see [`crate::form::xml`].
    OdkXml = Entry {
        slug: "odk-xml",
        about: "submissions of ODK and KoBo forms as XML, with a mapping of the mission",
        framing: Framing::Own(xml::cut),
        looks_like: |first| {
            first.text_with("instanceID") || first.text_with("xforms")
        },
        reader: || Box::new(form::xml::Submissions),
        encode: Encode::Lines(form::xml::encode),
        ..LINES
    };
    /// Submissions of forms as JSON; see [`crate::form::json`].
    OdkJson = Entry {
        slug: "odk-json",
        about: "submissions of ODK and KoBo forms as JSON, with a mapping of the mission",
        framing: Framing::Own(form::json::cut),
        looks_like: |first| first.is_submission(),
        reader: || Box::new(form::json::Submissions),
        encode: Encode::Lines(form::json::encode),
        ..LINES
    };
    /// Claims in a table; see [`crate::form::table`].
    ClaimsCsv = Entry {
        slug: "claims-csv",
        about: "statements of people as CSV, with a mapping of the mission",
        header: Some(form::table::header),
        looks_like: |first| {
            let row = !first.line.starts_with(['{', '[', '<']);
            row && ["speaker", "about"].iter().all(|name| first.line.contains(name))
        },
        reader: || Box::<form::table::Rows>::default(),
        encode: Encode::Lines(form::table::encode),
        ..LINES
    };
    /// Scenes of satellites; see [`crate::stac`].
    Stac = Entry {
        slug: "stac",
        about: "scenes that satellites took, as STAC items",
        framing: Framing::Own(stac::cut),
        looks_like: |first| first.json_with("\"stac_version\""),
        reader: || Box::new(stac::Items),
        encode: Encode::Lines(stac::encode),
        ..LINES
    };
    /// Truce's own observations; see [`crate::jsonl`].
    TruceJsonl = Entry {
        slug: "truce-jsonl",
        about: "Truce's own observations as JSON Lines",
        looks_like: |first| first.object_with(&["\"reading\""]),
        reader: || Box::new(jsonl::Lines),
        encode: Encode::Lines(jsonl::encode),
        ..LINES
    };
}

impl Format {
    fn entry(self) -> &'static Entry {
        &ENTRIES[self as usize]
    }

    /// The format with a name.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.slug() == slug)
    }

    /// Its name in a mission folder.
    #[must_use]
    pub fn slug(self) -> &'static str {
        self.entry().slug
    }

    /// What it is, for people, in one line.
    #[must_use]
    pub fn about(self) -> &'static str {
        self.entry().about
    }

    /// True when every message says by itself when its event was observed, so that the same bytes
    /// received twice are one observation. AIS sentences repeat a second of a minute at most.
    ///
    /// A message that was seen before must still reach the decoder when it is a CSV header.
    #[must_use]
    pub fn self_dated(self) -> bool {
        self.entry().self_dated
    }

    /// The lines that open a file of this format.
    #[must_use]
    pub fn header(self) -> Option<String> {
        self.entry().header.map(|header| header())
    }

    pub(crate) fn framing(self) -> Framing {
        self.entry().framing
    }

    pub(crate) fn reader(self) -> Box<dyn Reader> {
        (self.entry().reader)()
    }

    /// True when its messages are text.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self.entry().encode, Encode::Lines(_))
    }

    /// Writes an observation as lines of this format, without line ends. What a format cannot
    /// carry at full precision is rounded to the resolution its module names.
    ///
    /// # Errors
    /// [`Unencodable`] when the format has no place for this kind of reading or location, or is none
    /// of text.
    pub fn encode(self, observation: &Observation) -> Result<Vec<String>, Unencodable> {
        match self.entry().encode {
            Encode::Lines(encode) => encode(observation),
            Encode::Bytes(_) => Err(Unencodable::new(self.slug(), "its messages are no text")),
        }
    }

    /// Writes an observation as messages of this format, one after the other a stream of it.
    ///
    /// # Errors
    /// [`Unencodable`] when the format has no place for this kind of reading or location.
    pub fn encode_bytes(self, observation: &Observation) -> Result<Vec<Vec<u8>>, Unencodable> {
        match self.entry().encode {
            Encode::Lines(encode) => {
                let lines = encode(observation)?;
                Ok(lines
                    .into_iter()
                    .map(|line| (line + "\n").into_bytes())
                    .collect())
            }
            Encode::Bytes(encode) => encode(observation),
        }
    }

    /// The format that a file's first bytes look like. Some kilobytes are enough; a line that the
    /// bytes cut off at their end is not looked at unless it is the only one.
    #[must_use]
    pub fn guess(first_bytes: &[u8]) -> Option<Self> {
        let first = First::of(first_bytes);
        let fits = |format: &Self| (format.entry().looks_like)(&first);
        Self::ALL.into_iter().find(fits)
    }
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
