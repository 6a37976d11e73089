//! Detections of uncrewed aircraft as CSV: a format of Truce, documented in `docs/formats.md`.
//!
//! | column | meaning | unit |
//! |---|---|---|
//! | sensor | the detector, a sensor of the mission; the feed's sensor when empty | |
//! | observed_at | when; needed | RFC 3339 |
//! | target | the detector's own number for what it follows | |
//! | means | `radar`, `radio`, `camera`, `acoustic` or another name; needed | |
//! | lat_deg, lon_deg | where, when a position was measured | degrees |
//! | position_m_sigma | standard deviation of that per axis | metres |
//! | bearing_deg, bearing_deg_sigma | direction from the detector, else | degrees true |
//! | range_m, range_m_sigma | range along it | metres |
//! | observer_lat_deg, observer_lon_deg | where the detector was, when it moves | degrees |
//! | height_m | height; only beside a position | metres |
//! | height_above | `ground`, `mean_sea_level`, `ellipsoid` or `barometric` | |
//! | speed_m_s | speed over ground | m/s |
//! | course_deg | course over ground | degrees true |
//! | confidence | the detector's own, 0 to 1 | |
//! | operator | the actor it belongs to, when it identifies itself | |
//!
//! A row needs a position or a bearing. Rows have these columns, in this order unless a header says
//! otherwise.

use truce_core::observation::UavDetection;
use truce_core::place::{Ellipse, Range};
use truce_core::{Height, HeightDatum, Interval, Location, Observation, Place, Position, Reading};

use crate::decoder::{Reader, Said};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::origin::{Origin, Site};
use crate::table::{Column, Row, RowWriter, Rows, header as header_of, write_word};

/// Errors of detectors that state none: of a position 50 m per axis, of a bearing 2 degrees, of a
/// range a twentieth of it. Small drone radars of the market give 1 to 2 degrees and 5 to 10 m;
/// radio direction finders 2 to 5 degrees.
const POSITION_M_SIGMA: f64 = 50.0;
const BEARING_DEG_SIGMA: f64 = 2.0;
const RANGE_SIGMA_FRACTION: f64 = 0.05;

/// Resolution of written positions, decimals of a degree: a tenth of a metre.
const POSITION_DECIMALS: i32 = 6;

/// Resolution of all other written numbers, decimals.
const DECIMALS: i32 = 3;

const SENSOR: usize = 0;
const OBSERVED_AT: usize = 1;
const TARGET: usize = 2;
const MEANS: usize = 3;
const LAT: usize = 4;
const LON: usize = 5;
const POSITION_SIGMA: usize = 6;
const BEARING: usize = 7;
const BEARING_SIGMA: usize = 8;
const RANGE: usize = 9;
const RANGE_SIGMA: usize = 10;
const OBSERVER_LAT: usize = 11;
const OBSERVER_LON: usize = 12;
const HEIGHT: usize = 13;
const HEIGHT_ABOVE: usize = 14;
const SPEED: usize = 15;
const COURSE: usize = 16;
const CONFIDENCE: usize = 17;
const OPERATOR: usize = 18;

static COLUMNS: [Column; 19] = [
    Column::optional(&["sensor"]),
    Column::required(&["observed_at"]),
    Column::optional(&["target"]),
    Column::required(&["means"]),
    Column::optional(&["lat_deg"]),
    Column::optional(&["lon_deg"]),
    Column::optional(&["position_m_sigma"]),
    Column::optional(&["bearing_deg"]),
    Column::optional(&["bearing_deg_sigma"]),
    Column::optional(&["range_m"]),
    Column::optional(&["range_m_sigma"]),
    Column::optional(&["observer_lat_deg"]),
    Column::optional(&["observer_lon_deg"]),
    Column::optional(&["height_m"]),
    Column::optional(&["height_above"]),
    Column::optional(&["speed_m_s"]),
    Column::optional(&["course_deg"]),
    Column::optional(&["confidence"]),
    Column::optional(&["operator"]),
];

fn standard(field_count: usize) -> Option<&'static [usize]> {
    const ORDER: [usize; 19] = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
    ];
    (field_count == ORDER.len()).then_some(&ORDER)
}

/// Reads rows of one feed.
pub(crate) fn reader() -> Box<dyn Reader> {
    Rows::boxed(&COLUMNS, standard, decode_row)
}

fn decode_row(row: &Row<'_>, origin: &Origin) -> Result<Said, Fault> {
    let site = match row.text(SENSOR) {
        Some(name) => Some(origin.site(name)?),
        None => origin.default_site(),
    };
    let location = match position(row, LAT, LON)? {
        Some(position) => fix(row, position, site)?,
        None => bearing(row, site)?,
    };
    let means = row.slug(MEANS)?;
    let detection = UavDetection {
        target: row.text(TARGET).map(str::to_owned),
        speed_m_s: row.number_in(SPEED, (0.0, f64::MAX))?,
        course_deg: row.bearing_deg(COURSE)?,
        means: means.ok_or_else(|| Fault::missing("means"))?,
        confidence: row.number_in(CONFIDENCE, (0.0, 1.0))?,
        operator: row.slug(OPERATOR)?,
    };
    Ok(Said {
        sensor: site.map(|site| site.id.clone()),
        observed_at: Interval::instant(row.instant(OBSERVED_AT)?),
        location: Some(location),
        reading: Reading::Uav(detection),
        grade: None,
    })
}

/// A position from two columns, both or none of them filled.
fn position(row: &Row<'_>, lat: usize, lon: usize) -> Result<Option<Position>, Fault> {
    let lat_deg = row.number_in(lat, (-90.0, 90.0))?;
    let lon_deg = row.number_in(lon, (-180.0, 180.0))?;
    match (lat_deg, lon_deg) {
        (None, None) => Ok(None),
        (Some(lat_deg), Some(lon_deg)) => Ok(Some(Position { lat_deg, lon_deg })),
        (None, _) => Err(Fault::missing(COLUMNS[lat].names[0])),
        (_, None) => Err(Fault::missing(COLUMNS[lon].names[0])),
    }
}

fn fix(row: &Row<'_>, position: Position, site: Option<&Site>) -> Result<Location, Fault> {
    let stated = row.number_in(POSITION_SIGMA, (f64::MIN_POSITIVE, f64::MAX))?;
    let configured = site.and_then(|site| site.errors.position_m_sigma);
    let sigma_m = stated.or(configured).unwrap_or(POSITION_M_SIGMA);
    let height = match (row.number(HEIGHT)?, row.word::<HeightDatum>(HEIGHT_ABOVE)?) {
        (None, _) => None,
        (Some(height_m), Some(above)) => Some(Height { height_m, above }),
        (Some(_), None) => return Err(Fault::missing("height_above")),
    };
    let place = Place {
        position,
        uncertainty: Ellipse::circle(sigma_m),
    };
    Ok(Location::Fix { place, height })
}

fn bearing(row: &Row<'_>, site: Option<&Site>) -> Result<Location, Fault> {
    let Some(bearing_deg) = row.bearing_deg(BEARING)? else {
        return Err(Fault::new(
            RejectionClass::MissingField,
            "neither `lat_deg` and `lon_deg` nor `bearing_deg` is given",
        ));
    };
    let standing = site.and_then(|site| site.position);
    let observer = position(row, OBSERVER_LAT, OBSERVER_LON)?.or(standing);
    let errors = site.map(|site| &site.errors);
    let sigma = row.number_in(BEARING_SIGMA, (f64::MIN_POSITIVE, 180.0))?;
    let configured = errors.and_then(|errors| errors.bearing_deg_sigma);
    let range_sigma = row.number_in(RANGE_SIGMA, (f64::MIN_POSITIVE, f64::MAX))?;
    let range = row.number_in(RANGE, (0.0, f64::MAX))?.map(|range_m| Range {
        range_m,
        range_m_sigma: range_sigma
            .or(errors.and_then(|errors| errors.range_m_sigma))
            .unwrap_or(range_m * RANGE_SIGMA_FRACTION),
    });
    Ok(Location::Bearing {
        observer: observer.ok_or_else(|| {
            let reason = "a bearing needs a sensor with a position, or an observer's position";
            Fault::new(RejectionClass::UnknownSensor, reason)
        })?,
        bearing_deg,
        bearing_deg_sigma: sigma.or(configured).unwrap_or(BEARING_DEG_SIGMA),
        range,
    })
}

/// The header line.
#[must_use]
pub fn header() -> String {
    header_of(&COLUMNS)
}

/// Writes a detection. Positions are rounded to six decimals of a degree, all other numbers to
/// three decimals; of an error ellipse the larger axis is written.
///
/// # Errors
/// [`Unencodable`] for other readings, and for locations that are neither a fix nor a bearing.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let refuse = |reason: &str| Unencodable::new("uav-csv", reason);
    let Reading::Uav(detection) = &observation.reading else {
        return Err(refuse("it is no detection of an uncrewed aircraft"));
    };
    let mut row = RowWriter::default();
    row.maybe(observation.sensor.as_ref().map(truce_core::Slug::as_str))
        .text(&observation.observed_at.start.to_string())
        .maybe(detection.target.as_deref())
        .text(detection.means.as_str());
    match &observation.location {
        Some(Location::Fix { place, height }) => write_fix(&mut row, place, height.as_ref()),
        Some(Location::Bearing {
            observer,
            bearing_deg,
            bearing_deg_sigma,
            range,
        }) => {
            row.text("").text("").text("");
            row.number(Some(*bearing_deg), DECIMALS)
                .number(Some(*bearing_deg_sigma), DECIMALS)
                .number(range.map(|range| range.range_m), DECIMALS)
                .number(range.map(|range| range.range_m_sigma), DECIMALS)
                .number(Some(observer.lat_deg), POSITION_DECIMALS)
                .number(Some(observer.lon_deg), POSITION_DECIMALS)
                .text("")
                .text("");
        }
        _ => return Err(refuse("its location is neither a fix nor a bearing")),
    }
    row.number(detection.speed_m_s, DECIMALS)
        .number(detection.course_deg, DECIMALS)
        .number(detection.confidence, DECIMALS)
        .maybe(detection.operator.as_ref().map(truce_core::Slug::as_str));
    Ok(vec![row.finish()])
}

fn write_fix(row: &mut RowWriter, place: &Place, height: Option<&Height>) {
    row.number(Some(place.position.lat_deg), POSITION_DECIMALS)
        .number(Some(place.position.lon_deg), POSITION_DECIMALS)
        .number(Some(place.uncertainty.semi_major_m), DECIMALS);
    for _ in BEARING..=OBSERVER_LON {
        row.text("");
    }
    let above = height.map(|height| write_word(&height.above));
    row.number(height.map(|height| height.height_m), DECIMALS)
        .maybe(above.as_deref());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Format::UavCsv;
    use crate::sample::{at, decode_one, position, rejected, round_trip, slug};

    const FIX: &str = "post-17/uav,2025-03-01T12:00:00Z,T-1,radar,48.1,37.9,30,,,,,,,350,ground,\
                       22.5,181,0.8,mission";
    const BEARING: &str = "post-17/uav,2025-03-01T12:00:00Z,,radio,,,,12.5,,4000,,,,,,,,,";

    #[test]
    fn a_row_is_a_fix_or_a_bearing() {
        let got = decode_one(UavCsv, &[header().as_str(), FIX]);
        assert_eq!(got.sensor, Some(slug("post-17/uav")));
        assert_eq!(
            got.observed_at,
            Interval::instant(at("2025-03-01T12:00:00Z"))
        );
        let place = Place {
            position: position(48.1, 37.9),
            uncertainty: Ellipse::circle(30.0),
        };
        let height = Some(Height {
            height_m: 350.0,
            above: HeightDatum::Ground,
        });
        assert_eq!(got.location, Some(Location::Fix { place, height }));
        let expected = UavDetection {
            target: Some("T-1".to_owned()),
            speed_m_s: Some(22.5),
            course_deg: Some(181.0),
            means: slug("radar"),
            confidence: Some(0.8),
            operator: Some(slug("mission")),
        };
        assert_eq!(got.reading, Reading::Uav(expected));

        let got = decode_one(UavCsv, &[BEARING]);
        let range = Some(Range {
            range_m: 4000.0,
            range_m_sigma: 200.0,
        });
        let expected = Location::Bearing {
            observer: position(48.0, 37.8),
            bearing_deg: 12.5,
            bearing_deg_sigma: BEARING_DEG_SIGMA,
            range,
        };
        assert_eq!(got.location, Some(expected));
    }

    #[test]
    fn what_is_rejected() {
        let row = |place: &str| format!("post-17/uav,2025-03-01T12:00:00Z,,radar,{place},,,,");
        let cases = [
            (row("48,37,,,,,,,,,"), "-"),
            (row(",,,,,,,,,,"), "missing_field"),
            (row("48,,,,,,,,,,"), "missing_field"),
            (row("48,37,,,,,,,,100,"), "missing_field"),
            (row("48,37,,,,,,,,100,moon"), "value"),
            (row("95,37,,,,,,,,,"), "range"),
            (row("48,37,0,,,,,,,,"), "range"),
            (row(",,,400,,,,,,,"), "range"),
            (FIX.replace("post-17/uav", "post-18/uav"), "unknown_sensor"),
            (BEARING.replace("post-17/uav", "uav-3"), "unknown_sensor"),
            (BEARING.replace("post-17/uav", ""), "unknown_sensor"),
            (FIX.replace("radar", ""), "missing_field"),
            (FIX.replace("radar", "Radar set"), "value"),
            (FIX.replace("0.8", "80"), "range"),
            ("post-17/uav".to_owned(), "column_count"),
        ];
        for (line, class) in cases {
            assert_eq!(rejected(UavCsv, &line), class, "{line}");
        }
    }

    prop_compose! {
        fn detections()(
            target in prop::option::of("[A-Za-z0-9\"][A-Za-z0-9 ,\"]{0,8}[A-Za-z0-9\"]"),
            speed in prop::option::of(0..100_000i32),
            course in prop::option::of(0..360_000i32),
            confidence in prop::option::of(0..=1_000i32),
            operator in prop::option::of("[a-z]{1,9}"),
        ) -> UavDetection {
            UavDetection {
                target,
                speed_m_s: speed.map(|n| f64::from(n) / 1e3),
                course_deg: course.map(|n| f64::from(n) / 1e3),
                means: slug("radar"),
                confidence: confidence.map(|n| f64::from(n) / 1e3),
                operator: operator.map(|name| slug(&name)),
            }
        }
    }

    fn locations() -> impl Strategy<Value = Location> {
        let degrees = || (-85_000_000..85_000_000i32, -180_000_000..180_000_000i32);
        let point =
            || degrees().prop_map(|(a, b)| position(f64::from(a) / 1e6, f64::from(b) / 1e6));
        let above = prop::sample::select(vec![
            HeightDatum::Ellipsoid,
            HeightDatum::MeanSeaLevel,
            HeightDatum::Barometric,
            HeightDatum::Ground,
        ]);
        let height =
            prop::option::of(
                (-1_000..20_000i32, above).prop_map(|(metres, above)| Height {
                    height_m: f64::from(metres),
                    above,
                }),
            );
        let fix = (point(), 1..1_000_000i32, height).prop_map(|(position, sigma, height)| {
            let uncertainty = Ellipse::circle(f64::from(sigma) / 1e3);
            Location::Fix {
                place: Place {
                    position,
                    uncertainty,
                },
                height,
            }
        });
        let range =
            prop::option::of(
                (0..50_000i32, 1..5_000i32).prop_map(|(range, sigma)| Range {
                    range_m: f64::from(range),
                    range_m_sigma: f64::from(sigma),
                }),
            );
        let bearing =
            (point(), 0..360i32, 1..90i32, range).prop_map(|(observer, deg, sigma, range)| {
                Location::Bearing {
                    observer,
                    bearing_deg: f64::from(deg),
                    bearing_deg_sigma: f64::from(sigma),
                    range,
                }
            });
        prop_oneof![fix, bearing]
    }

    proptest! {
        #[test]
        fn written_rows_read_back(detection in detections(), location in locations()) {
            let mut observation = decode_one(UavCsv, &[FIX]);
            observation.reading = Reading::Uav(detection);
            observation.location = Some(location);
            prop_assert_eq!(round_trip(UavCsv, &observation), observation);
        }
    }
}
