//! Category 062, system track data: EUROCONTROL-SPEC-0149-9, edition 1.18.

use super::cat021::{INTENT_POINT, INTENT_STATUS};
use super::shape::Kind::{Ascii, Hex, Octal, Six};
use super::shape::Shape::{Compound, Explicit, Extended, Fixed, Repeated};
use super::shape::{
    Bits, CELSIUS, DEGREE, DEGREE_SECOND, FOOT, FOOT_MINUTE, HECTOPASCAL, Item, KNOT, LEVEL, METRE,
    METRE_SECOND, METRE_SECOND_2, NAUTICAL_MILE, NAUTICAL_MILE_SECOND, ONE, SECOND, Shape, code,
    of, signed, spare,
};

const ANGLE: f64 = 360.0 / 65_536.0;
/// Positions of 32 bits, 60 cm on the equator.
const HIGH: f64 = 180.0 / 33_554_432.0;
/// Positions of 24 bits.
const PLAIN: f64 = 180.0 / 8_388_608.0;

const SELECTED: Bits = signed("Alt", 13, 25.0, FOOT);

/// Age, a quarter of a second.
const fn age(name: &'static str) -> [Bits; 1] {
    [of(name, 8, 0.25, SECOND)]
}

macro_rules! ages {
    ($($name:literal)*) => { Compound(&[$(($name, Fixed(&const { age($name) }))),*]) };
}

/// Mode 5 data (I062/110).
const MODE_5: Shape = Compound(&[
    (
        "SUM",
        Fixed(&[
            code("M5", 1),
            code("ID", 1),
            code("DA", 1),
            code("M1", 1),
            code("M2", 1),
            code("M3", 1),
            code("MC", 1),
            code("X", 1),
        ]),
    ),
    (
        "PMN",
        Fixed(&[
            spare(2),
            code("PIN", 14),
            spare(3),
            code("NAT", 5),
            spare(2),
            code("MIS", 6),
        ]),
    ),
    (
        "POS",
        Fixed(&[
            signed("Lat", 24, PLAIN, DEGREE),
            signed("Lon", 24, PLAIN, DEGREE),
        ]),
    ),
    (
        "GA",
        Fixed(&[spare(1), code("RES", 1), signed("GA", 14, 25.0, FOOT)]),
    ),
    ("EM1", Fixed(&[spare(4), ("EM1", 12, Octal)])),
    ("TOS", Fixed(&[signed("TOS", 8, 1.0 / 128.0, SECOND)])),
    (
        "XP",
        Fixed(&[
            spare(3),
            code("X5", 1),
            code("XC", 1),
            code("X3", 1),
            code("X2", 1),
            code("X1", 1),
        ]),
    ),
]);

/// What the aircraft itself says (I062/380).
const AIRCRAFT: Shape = Compound(&[
    ("ADR", Fixed(&[("ADR", 24, Hex)])),
    ("ID", Fixed(&[("ACID", 48, Six)])),
    ("MHG", Fixed(&[of("MAH", 16, ANGLE, DEGREE)])),
    ("IAS", Fixed(&[code("IM", 1), code("AS", 15)])),
    ("TAS", Fixed(&[of("TAS", 16, 1.0, KNOT)])),
    ("SAL", Fixed(&[code("SAS", 1), code("SRC", 2), SELECTED])),
    (
        "FSS",
        Fixed(&[code("MV", 1), code("AH", 1), code("AM", 1), SELECTED]),
    ),
    ("TIS", INTENT_STATUS),
    ("TID", Repeated(INTENT_POINT)),
    (
        "COM",
        Fixed(&[
            code("COM", 3),
            code("STAT", 3),
            spare(2),
            code("SSC", 1),
            code("ARC", 1),
            code("AIC", 1),
            code("B1A", 1),
            code("B1B", 4),
        ]),
    ),
    (
        "SAB",
        Fixed(&[
            code("AC", 2),
            code("MN", 2),
            code("DC", 2),
            code("GBS", 1),
            spare(6),
            code("STAT", 3),
        ]),
    ),
    ("ACS", Fixed(&[("MB", 56, Hex)])),
    ("BVR", Fixed(&[signed("BVR", 16, 6.25, FOOT_MINUTE)])),
    ("GVR", Fixed(&[signed("GVR", 16, 6.25, FOOT_MINUTE)])),
    ("RAN", Fixed(&[signed("RAN", 16, 0.01, DEGREE)])),
    (
        "TAR",
        Fixed(&[
            code("TI", 2),
            spare(6),
            signed("ROT", 7, 0.25, DEGREE_SECOND),
            spare(1),
        ]),
    ),
    ("TAN", Fixed(&[of("TAN", 16, ANGLE, DEGREE)])),
    (
        "GSP",
        Fixed(&[signed("GSP", 16, 1.0 / 16_384.0, NAUTICAL_MILE_SECOND)]),
    ),
    ("VUN", Fixed(&[code("VUN", 8)])),
    (
        "MET",
        Fixed(&[
            code("WS", 1),
            code("WD", 1),
            code("TMP", 1),
            code("TRB", 1),
            spare(4),
            of("WSD", 16, 1.0, KNOT),
            of("WDD", 16, 1.0, DEGREE),
            signed("TMPD", 16, 0.25, CELSIUS),
            code("TRBD", 8),
        ]),
    ),
    ("EMC", Fixed(&[code("ECAT", 8)])),
    (
        "POS",
        Fixed(&[
            signed("LAT", 24, PLAIN, DEGREE),
            signed("LON", 24, PLAIN, DEGREE),
        ]),
    ),
    ("GAL", Fixed(&[signed("GAL", 16, 6.25, FOOT)])),
    ("PUN", Fixed(&[spare(4), code("PUN", 4)])),
    (
        "MB",
        Repeated(&[("MBDATA", 56, Hex), code("BDS1", 4), code("BDS2", 4)]),
    ),
    ("IAR", Fixed(&[of("IAR", 16, 1.0, KNOT)])),
    ("MAC", Fixed(&[of("MAC", 16, 0.008, ONE)])),
    // Above 800 hPa.
    ("BPS", Fixed(&[spare(4), of("BPS", 12, 0.1, HECTOPASCAL)])),
]);

/// What the flight plan says (I062/390).
const FLIGHT_PLAN: Shape = Compound(&[
    ("TAG", Fixed(&[code("SAC", 8), code("SIC", 8)])),
    ("CSN", Fixed(&[("CS", 56, Ascii)])),
    ("IFI", Fixed(&[code("TYP", 2), spare(3), code("NBR", 27)])),
    (
        "FCT",
        Fixed(&[
            code("GATOAT", 2),
            code("FR1FR2", 2),
            code("RVSM", 2),
            code("HPR", 1),
            spare(1),
        ]),
    ),
    ("TAC", Fixed(&[("TYPE", 32, Ascii)])),
    ("WTC", Fixed(&[("WTC", 8, Ascii)])),
    ("DEP", Fixed(&[("DEP", 32, Ascii)])),
    ("DST", Fixed(&[("DES", 32, Ascii)])),
    (
        "RDS",
        Fixed(&[("NU1", 8, Ascii), ("NU2", 8, Ascii), ("LTR", 8, Ascii)]),
    ),
    ("CFL", Fixed(&[of("CFL", 16, 0.25, LEVEL)])),
    ("CTL", Fixed(&[code("Centre", 8), code("Position", 8)])),
    (
        "TOD",
        Repeated(&[
            code("TYP", 5),
            code("DAY", 2),
            spare(4),
            code("HOR", 5),
            spare(2),
            code("MIN", 6),
            code("AVS", 1),
            spare(1),
            code("SEC", 6),
        ]),
    ),
    ("AST", Fixed(&[("AS", 48, Ascii)])),
    ("STS", Fixed(&[code("EMP", 2), code("AVL", 2), spare(4)])),
    ("STD", Fixed(&[("SID", 56, Ascii)])),
    ("STA", Fixed(&[("STAR", 56, Ascii)])),
    (
        "PEM",
        Fixed(&[spare(3), code("VAL", 1), ("PEM", 12, Octal)]),
    ),
    ("PEC", Fixed(&[("PAC", 56, Ascii)])),
]);

/// How accurate the track is (I062/500).
const ACCURACY: Shape = Compound(&[
    (
        "APC",
        Fixed(&[of("APC_X", 16, 0.5, METRE), of("APC_Y", 16, 0.5, METRE)]),
    ),
    ("COV", Fixed(&[signed("COV_XY", 16, 0.5, METRE)])),
    (
        "APW",
        Fixed(&[
            of("APW_Lat", 16, HIGH, DEGREE),
            of("APW_Long", 16, HIGH, DEGREE),
        ]),
    ),
    ("AGA", Fixed(&[of("AGA_Acc", 8, 6.25, FOOT)])),
    ("ABA", Fixed(&[of("ABA_Acc", 8, 25.0, FOOT)])),
    (
        "ATV",
        Fixed(&[
            of("ATV_X", 8, 0.25, METRE_SECOND),
            of("ATV_Y", 8, 0.25, METRE_SECOND),
        ]),
    ),
    (
        "AA",
        Fixed(&[
            of("AA_X", 8, 0.25, METRE_SECOND_2),
            of("AA_Y", 8, 0.25, METRE_SECOND_2),
        ]),
    ),
    ("ARC", Fixed(&[of("ARC_Acc", 8, 6.25, FOOT_MINUTE)])),
]);

/// What a sensor measured last (I062/340).
const MEASURED: Shape = Compound(&[
    ("SID", Fixed(&[code("SAC", 8), code("SIC", 8)])),
    (
        "POS",
        Fixed(&[
            of("RHO", 16, 1.0 / 256.0, NAUTICAL_MILE),
            of("THETA", 16, ANGLE, DEGREE),
        ]),
    ),
    ("HEI", Fixed(&[of("HEIGHT", 16, 25.0, FOOT)])),
    (
        "MDC",
        Fixed(&[
            code("CV", 1),
            code("CG", 1),
            signed("ModeC", 14, 0.25, LEVEL),
        ]),
    ),
    (
        "MDA",
        Fixed(&[
            code("V", 1),
            code("G", 1),
            code("L", 1),
            spare(1),
            ("Mode3A", 12, Octal),
        ]),
    ),
    (
        "TYP",
        Fixed(&[
            code("TYP", 3),
            code("SIM", 1),
            code("RAB", 1),
            code("TST", 1),
            spare(2),
        ]),
    ),
]);

/// The items in the order of the field specification (chapter 5.3); `-` is never present.
pub(super) const ITEMS: &[Item] = &[
    ("I010", Fixed(&[code("SAC", 8), code("SIC", 8)])),
    ("-", Explicit),
    ("I015", Fixed(&[code("SID", 8)])),
    ("I070", Fixed(&[of("ToT", 24, 1.0 / 128.0, SECOND)])),
    (
        "I105",
        Fixed(&[
            signed("Lat", 32, HIGH, DEGREE),
            signed("Lon", 32, HIGH, DEGREE),
        ]),
    ),
    (
        "I100",
        Fixed(&[signed("X", 24, 0.5, METRE), signed("Y", 24, 0.5, METRE)]),
    ),
    (
        "I185",
        Fixed(&[
            signed("Vx", 16, 0.25, METRE_SECOND),
            signed("Vy", 16, 0.25, METRE_SECOND),
        ]),
    ),
    (
        "I210",
        Fixed(&[
            signed("Ax", 8, 0.25, METRE_SECOND_2),
            signed("Ay", 8, 0.25, METRE_SECOND_2),
        ]),
    ),
    (
        "I060",
        Fixed(&[
            code("V", 1),
            code("G", 1),
            code("CH", 1),
            spare(1),
            ("Mode3A", 12, Octal),
        ]),
    ),
    ("I245", Fixed(&[code("STI", 2), spare(6), ("TId", 48, Six)])),
    ("I380", AIRCRAFT),
    ("I040", Fixed(&[code("TrkN", 16)])),
    (
        "I080",
        Extended(&[
            &[
                code("MON", 1),
                code("SPI", 1),
                code("MRH", 1),
                code("SRC", 3),
                code("CNF", 1),
            ],
            &[
                code("SIM", 1),
                code("TSE", 1),
                code("TSB", 1),
                code("FPC", 1),
                code("AFF", 1),
                code("STP", 1),
                code("KOS", 1),
            ],
            &[
                code("AMA", 1),
                code("MD4", 2),
                code("ME", 1),
                code("MI", 1),
                code("MD5", 2),
            ],
            &[
                code("CST", 1),
                code("PSR", 1),
                code("SSR", 1),
                code("MDS", 1),
                code("ADS", 1),
                code("SUC", 1),
                code("AAC", 1),
            ],
            &[
                code("SDS", 2),
                code("EMS", 3),
                code("PFT", 1),
                code("FPLT", 1),
            ],
            &[
                code("DUPT", 1),
                code("DUPF", 1),
                code("DUPM", 1),
                code("SFC", 1),
                code("IDD", 1),
                code("IEC", 1),
                spare(1),
            ],
        ]),
    ),
    (
        "I290",
        Compound(&[
            ("TRK", Fixed(&const { age("TRK") })),
            ("PSR", Fixed(&const { age("PSR") })),
            ("SSR", Fixed(&const { age("SSR") })),
            ("MDS", Fixed(&const { age("MDS") })),
            ("ADS", Fixed(&[of("ADS", 16, 0.25, SECOND)])),
            ("ES", Fixed(&const { age("ES") })),
            ("VDL", Fixed(&const { age("VDL") })),
            ("UAT", Fixed(&const { age("UAT") })),
            ("LOP", Fixed(&const { age("LOP") })),
            ("MLT", Fixed(&const { age("MLT") })),
        ]),
    ),
    (
        "I200",
        Fixed(&[
            code("TRANSA", 2),
            code("LONGA", 2),
            code("VERTA", 2),
            code("ADF", 1),
            spare(1),
        ]),
    ),
    (
        "I295",
        ages!("MFL" "MD1" "MD2" "MDA" "MD4" "MD5" "MHG" "IAS" "TAS" "SAL" "FSS" "TID" "COM" "SAB"
              "ACS" "BVR" "GVR" "RAN" "TAR" "TAN" "GSP" "VUN" "MET" "EMC" "POS" "GAL" "PUN" "MB"
              "IAR" "MAC" "BPS"),
    ),
    ("I136", Fixed(&[signed("MFL", 16, 25.0, FOOT)])),
    ("I130", Fixed(&[signed("Alt", 16, 6.25, FOOT)])),
    (
        "I135",
        Fixed(&[code("QNH", 1), signed("CTBA", 15, 25.0, FOOT)]),
    ),
    ("I220", Fixed(&[signed("RoC", 16, 6.25, FOOT_MINUTE)])),
    ("I390", FLIGHT_PLAN),
    (
        "I270",
        Extended(&[
            &[of("Len", 7, 1.0, METRE)],
            &[of("ORI", 7, 360.0 / 128.0, DEGREE)],
            &[of("WIDTH", 7, 1.0, METRE)],
        ]),
    ),
    ("I300", Fixed(&[code("VFI", 8)])),
    ("I110", MODE_5),
    ("I120", Fixed(&[spare(4), ("Mode2", 12, Octal)])),
    // Of composed tracks the units and numbers that make them up; all octets have the extension bit.
    ("I510", COMPOSED),
    ("I500", ACCURACY),
    ("I340", MEASURED),
    ("-", Explicit),
    ("-", Explicit),
    ("-", Explicit),
    ("-", Explicit),
    ("-", Explicit),
    ("RE", Explicit),
    ("SP", Explicit),
];

const COMPOSED: Shape = Shape::Chained(&[code("SDPSUID", 8), code("STN", 15), spare(1)]);
