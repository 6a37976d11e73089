//! Category 021, ADS-B target reports: EUROCONTROL-SPEC-0149-12, edition 2.6.

use super::shape::Kind::{Hex, Octal, Six};
use super::shape::Shape::{Compound, Explicit, Extended, Fixed, Repeated};
use super::shape::{
    Bits, CELSIUS, DECIBEL_MILLIWATT, DEGREE, DEGREE_SECOND, FOOT, FOOT_MINUTE, Item, KNOT, LEVEL,
    NANOSECOND, NAUTICAL_MILE, NAUTICAL_MILE_SECOND, SECOND, Shape, code, of, signed, spare,
};

/// A 16-bit angle.
const ANGLE: f64 = 360.0 / 65_536.0;
/// Positions of 24 bits, 2.4 m on the equator.
const PLAIN: f64 = 180.0 / 8_388_608.0;
/// Positions of 32 bits, 2 cm on the equator.
const HIGH: f64 = 180.0 / 1_073_741_824.0;
/// Fractions of a second at high precision.
const HIGH_NS: f64 = 1e9 / 1_073_741_824.0;

const fn time(name: &'static str) -> [Bits; 1] {
    [of(name, 24, 1.0 / 128.0, SECOND)]
}

const fn precise(name: &'static str) -> [Bits; 2] {
    [code("FSI", 2), of(name, 30, HIGH_NS, NANOSECOND)]
}

/// Age of a datum, a tenth of a second.
const fn age(name: &'static str) -> [Bits; 1] {
    [of(name, 8, 0.1, SECOND)]
}

macro_rules! ages {
    ($($name:literal)*) => { Compound(&[$(($name, Fixed(&const { age($name) }))),*]) };
}

/// Trajectory intent point (I021/110 and I062/380).
pub(super) const INTENT_POINT: &[Bits] = &[
    code("TCA", 1),
    code("NC", 1),
    code("TcpN", 6),
    signed("Alt", 16, 10.0, FOOT),
    signed("Lat", 24, PLAIN, DEGREE),
    signed("Lon", 24, PLAIN, DEGREE),
    code("PType", 4),
    code("TD", 2),
    code("TRA", 1),
    code("TOA", 1),
    of("TOV", 24, 1.0, SECOND),
    of("TTR", 16, 0.01, NAUTICAL_MILE),
];

pub(super) const INTENT_STATUS: Shape = Extended(&[&[code("NAV", 1), code("NVB", 1), spare(5)]]);

/// The items in the order of the field specification (chapter 5.3); `-` is never present.
pub(super) const ITEMS: &[Item] = &[
    ("I010", Fixed(&[code("SAC", 8), code("SIC", 8)])),
    (
        "I040",
        Extended(&[
            &[
                code("ATP", 3),
                code("ARC", 2),
                code("RC", 1),
                code("RAB", 1),
            ],
            &[
                code("DCR", 1),
                code("GBS", 1),
                code("SIM", 1),
                code("TST", 1),
                code("SAA", 1),
                code("CL", 2),
            ],
            &[
                spare(1),
                code("LLC", 1),
                code("IPC", 1),
                code("NOGO", 1),
                code("CPR", 1),
                code("LDPJ", 1),
                code("RCF", 1),
            ],
            &[code("TBC_EP", 1), code("TBC_VAL", 6)],
            &[code("MBC_EP", 1), code("MBC_VAL", 6)],
        ]),
    ),
    ("I161", Fixed(&[spare(4), code("TrackN", 12)])),
    ("I015", Fixed(&[code("id", 8)])),
    (
        "I071",
        Fixed(&const { time("time_applicability_position") }),
    ),
    (
        "I130",
        Fixed(&[
            signed("Lat", 24, PLAIN, DEGREE),
            signed("Lon", 24, PLAIN, DEGREE),
        ]),
    ),
    (
        "I131",
        Fixed(&[
            signed("Lat", 32, HIGH, DEGREE),
            signed("Lon", 32, HIGH, DEGREE),
        ]),
    ),
    (
        "I072",
        Fixed(&const { time("time_applicability_velocity") }),
    ),
    // Speed in 2⁻¹⁴ NM/s, or Mach in thousandths when the first bit is set.
    ("I150", Fixed(&[code("IM", 1), code("ASpeed", 15)])),
    ("I151", Fixed(&[code("RE", 1), of("TAS", 15, 1.0, KNOT)])),
    ("I080", Fixed(&[("TAddr", 24, Hex)])),
    ("I073", Fixed(&const { time("time_reception_position") })),
    (
        "I074",
        Fixed(&const { precise("time_reception_position_highprecision") }),
    ),
    ("I075", Fixed(&const { time("time_reception_velocity") })),
    (
        "I076",
        Fixed(&const { precise("time_reception_velocity_highprecision") }),
    ),
    ("I140", Fixed(&[signed("geometric_height", 16, 6.25, FOOT)])),
    (
        "I090",
        Extended(&[
            &[code("NUCr_or_NACv", 3), code("NUCp_or_NIC", 4)],
            &[code("NICbaro", 1), code("SIL", 2), code("NACp", 4)],
            &[spare(2), code("SILS", 1), code("SDA", 2), code("GVA", 2)],
            &[code("PIC", 4), spare(3)],
        ]),
    ),
    (
        "I210",
        Fixed(&[spare(1), code("VNS", 1), code("VN", 3), code("LTT", 3)]),
    ),
    ("I070", Fixed(&[spare(4), ("Mode3A", 12, Octal)])),
    ("I230", Fixed(&[signed("RollA", 16, 0.01, DEGREE)])),
    ("I145", Fixed(&[signed("FL", 16, 0.25, LEVEL)])),
    ("I152", Fixed(&[of("MHdg", 16, ANGLE, DEGREE)])),
    (
        "I200",
        Fixed(&[
            code("ICF", 1),
            code("LNAV", 1),
            code("ME", 1),
            code("PS", 3),
            code("SS", 2),
        ]),
    ),
    (
        "I155",
        Fixed(&[code("RE", 1), signed("BVR", 15, 6.25, FOOT_MINUTE)]),
    ),
    (
        "I157",
        Fixed(&[code("RE", 1), signed("GVR", 15, 6.25, FOOT_MINUTE)]),
    ),
    (
        "I160",
        Fixed(&[
            code("RE", 1),
            of("GS", 15, 1.0 / 16_384.0, NAUTICAL_MILE_SECOND),
            of("TA", 16, ANGLE, DEGREE),
        ]),
    ),
    (
        "I165",
        Fixed(&[spare(6), signed("TA_rate", 10, 1.0 / 32.0, DEGREE_SECOND)]),
    ),
    ("I077", Fixed(&const { time("time_report_transmission") })),
    ("I170", Fixed(&[("TId", 48, Six)])),
    ("I020", Fixed(&[code("ECAT", 8)])),
    (
        "I220",
        Compound(&[
            ("WS", Fixed(&[of("WindS", 16, 1.0, KNOT)])),
            ("WD", Fixed(&[of("WindD", 16, 1.0, DEGREE)])),
            ("TMP", Fixed(&[signed("Temp", 16, 0.25, CELSIUS)])),
            ("TRB", Fixed(&[code("Turb", 8)])),
        ]),
    ),
    (
        "I146",
        Fixed(&[
            code("SAS", 1),
            code("Source", 2),
            signed("Alt", 13, 25.0, FOOT),
        ]),
    ),
    (
        "I148",
        Fixed(&[
            code("MV", 1),
            code("AH", 1),
            code("AM", 1),
            signed("Alt", 13, 25.0, FOOT),
        ]),
    ),
    (
        "I110",
        Compound(&[("TIS", INTENT_STATUS), ("TID", Repeated(INTENT_POINT))]),
    ),
    ("I016", Fixed(&[of("RP", 8, 0.5, SECOND)])),
    (
        "I008",
        Fixed(&[
            code("RA", 1),
            code("TC", 2),
            code("TS", 1),
            code("ARV", 1),
            code("CDTI_A", 1),
            code("not_TCAS", 1),
            code("SA", 1),
        ]),
    ),
    (
        "I271",
        Extended(&[
            &[
                spare(2),
                code("POA", 1),
                code("CDTI_S", 1),
                code("B2_low", 1),
                code("RAS", 1),
                code("IDENT", 1),
            ],
            &[code("LW", 4), spare(3)],
        ]),
    ),
    ("I132", Fixed(&[signed("MAM", 8, 1.0, DECIBEL_MILLIWATT)])),
    (
        "I250",
        Repeated(&[("MBDATA", 56, Hex), code("BDS1", 4), code("BDS2", 4)]),
    ),
    ("I260", Fixed(&[("MB", 56, Hex)])),
    ("I400", Fixed(&[code("RID", 8)])),
    (
        "I295",
        ages!("AOS" "TRD" "M3A" "QI" "TI" "MAM" "GH" "FL" "ISA" "FSA" "AS" "TAS" "MH" "BVR" "GVR"
              "GV" "TAR" "TID" "TS" "MET" "ROA" "ARA" "SCC"),
    ),
    ("-", Explicit),
    ("-", Explicit),
    ("-", Explicit),
    ("-", Explicit),
    ("-", Explicit),
    ("RE", Explicit),
    ("SP", Explicit),
];
