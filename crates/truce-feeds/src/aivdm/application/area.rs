//! Notices of areas (SN.1/Circ.289, annex, application 11; functions 22 and 23): what is said
//! of an area, and the shapes that it is made of.

use serde_json::{Map, Value};

use super::super::bits::{Bits, field};
use super::table::{
    DAY, DEGREES, HOUR, Item, Kind, LAT, LON, MINUTE, MINUTES, MONTH, scale, spare,
};
use super::{Application, Records, listed};
use Kind::{Distance, Number, Text};

/// Functions 22, broadcast, and 23, addressed.
pub(super) const NOTICE: Application = listed(
    "area_notice",
    &[
        ("linkage", 10, Kind::Or(0)),
        ("notice", 7, Kind::Or(127)),
        MONTH,
        DAY,
        HOUR,
        MINUTE,
        ("duration", 18, scale(1.0, MINUTES, 262_142, 262_143)),
    ],
    Records {
        name: "areas",
        bits: 87,
        most: 10,
        items: |bits: &Bits, at| vec![shape(bits.unsigned(field(at, 3)))],
        written: |fields: &Map<String, Value>| {
            vec![shape(fields.get("shape").and_then(Value::as_u64))]
        },
    },
);

const SHAPE: Item = ("shape", 3, Number);
/// Distances are to be multiplied by ten to the power of this.
const SCALE: Item = ("scale", 2, Number);
/// Decimals of a minute that are exact.
const PRECISION: Item = ("precision", 3, Number);

/// The fields of a shape.
fn shape(shape: Option<u64>) -> &'static [Item] {
    match shape {
        Some(0) => CIRCLE,
        Some(1) => RECTANGLE,
        Some(2) => SECTOR,
        Some(3 | 4) => LINE,
        Some(5) => TEXT,
        _ => &[SHAPE],
    }
}

/// A circle, or a point when its radius is 0.
const CIRCLE: &[Item] = &[
    SHAPE,
    SCALE,
    LON,
    LAT,
    PRECISION,
    ("radius_m", 12, Distance),
    spare(18),
];

/// A rectangle from its south-western corner.
const RECTANGLE: &[Item] = &[
    SHAPE,
    SCALE,
    LON,
    LAT,
    PRECISION,
    ("east_m", 8, Distance),
    ("north_m", 8, Distance),
    ("orientation_deg", 9, Number),
    spare(5),
];

/// A sector between two bearings.
const SECTOR: &[Item] = &[
    SHAPE,
    SCALE,
    LON,
    LAT,
    PRECISION,
    ("radius_m", 12, Distance),
    ("left_bearing", 9, scale(1.0, DEGREES, 359, 360)),
    ("right_bearing", 9, scale(1.0, DEGREES, 359, 360)),
];

/// Half degrees, 720 for "not available".
const BEARING: Kind = scale(0.5, DEGREES, 719, 720);

/// A line or a polygon from the point of the shape before it.
const LINE: &[Item] = &[
    SHAPE,
    SCALE,
    ("bearing_1", 10, BEARING),
    ("distance_1_m", 10, Distance),
    ("bearing_2", 10, BEARING),
    ("distance_2_m", 10, Distance),
    ("bearing_3", 10, BEARING),
    ("distance_3_m", 10, Distance),
    ("bearing_4", 10, BEARING),
    ("distance_4_m", 10, Distance),
    spare(2),
];

/// Words that belong to the shapes.
const TEXT: &[Item] = &[SHAPE, ("text", 84, Text)];
