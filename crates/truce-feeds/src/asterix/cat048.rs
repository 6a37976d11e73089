//! Category 048, monoradar target reports: EUROCONTROL-SPEC-0149-4, edition 1.21.

use super::shape::Kind::{Hex, Octal, Six};
use super::shape::Shape::{Compound, Explicit, Extended, Fixed, Repeated};
use super::shape::{
    Bits, DECIBEL_MILLIWATT, DEGREE, FOOT, Item, LEVEL, MEGAHERTZ, METRE_SECOND, NAUTICAL_MILE,
    NAUTICAL_MILE_SECOND, SECOND, code, of, signed, spare,
};

/// A 16-bit angle.
const ANGLE: f64 = 360.0 / 65_536.0;

const CODE_CONFIDENCE: &[Bits] = &[
    spare(4),
    code("QA4", 1),
    code("QA2", 1),
    code("QA1", 1),
    code("QB4", 1),
    code("QB2", 1),
    code("QB1", 1),
    code("QC4", 1),
    code("QC2", 1),
    code("QC1", 1),
    code("QD4", 1),
    code("QD2", 1),
    code("QD1", 1),
];

/// The items in the order of the field specification (chapter 5.3).
pub(super) const ITEMS: &[Item] = &[
    ("I010", Fixed(&[code("SAC", 8), code("SIC", 8)])),
    ("I140", Fixed(&[of("ToD", 24, 1.0 / 128.0, SECOND)])),
    (
        "I020",
        Extended(&[
            &[
                code("TYP", 3),
                code("SIM", 1),
                code("RDP", 1),
                code("SPI", 1),
                code("RAB", 1),
            ],
            &[
                code("TST", 1),
                spare(1),
                code("XPP", 1),
                code("ME", 1),
                code("MI", 1),
                code("FOEFRI", 2),
            ],
        ]),
    ),
    (
        "I040",
        Fixed(&[
            of("RHO", 16, 1.0 / 256.0, NAUTICAL_MILE),
            of("THETA", 16, ANGLE, DEGREE),
        ]),
    ),
    (
        "I070",
        Fixed(&[
            code("V", 1),
            code("G", 1),
            code("L", 1),
            spare(1),
            ("Mode3A", 12, Octal),
        ]),
    ),
    (
        "I090",
        Fixed(&[code("V", 1), code("G", 1), signed("FL", 14, 0.25, LEVEL)]),
    ),
    (
        "I130",
        Compound(&[
            ("SRL", Fixed(&[of("SRL", 8, 360.0 / 8192.0, DEGREE)])),
            ("SRR", Fixed(&[code("SRR", 8)])),
            ("SAM", Fixed(&[signed("SAM", 8, 1.0, DECIBEL_MILLIWATT)])),
            ("PRL", Fixed(&[of("PRL", 8, 360.0 / 8192.0, DEGREE)])),
            ("PAM", Fixed(&[signed("PAM", 8, 1.0, DECIBEL_MILLIWATT)])),
            (
                "RPD",
                Fixed(&[signed("RPD", 8, 1.0 / 256.0, NAUTICAL_MILE)]),
            ),
            ("APD", Fixed(&[signed("APD", 8, 360.0 / 16_384.0, DEGREE)])),
        ]),
    ),
    ("I220", Fixed(&[("ACAddr", 24, Hex)])),
    ("I240", Fixed(&[("TId", 48, Six)])),
    (
        "I250",
        Repeated(&[("MBDATA", 56, Hex), code("BDS1", 4), code("BDS2", 4)]),
    ),
    ("I161", Fixed(&[spare(4), code("Tn", 12)])),
    (
        "I042",
        Fixed(&[
            signed("X", 16, 1.0 / 128.0, NAUTICAL_MILE),
            signed("Y", 16, 1.0 / 128.0, NAUTICAL_MILE),
        ]),
    ),
    (
        "I200",
        Fixed(&[
            of("CGS", 16, 1.0 / 16_384.0, NAUTICAL_MILE_SECOND),
            of("CHdg", 16, ANGLE, DEGREE),
        ]),
    ),
    (
        "I170",
        Extended(&[
            &[
                code("CNF", 1),
                code("RAD", 2),
                code("DOU", 1),
                code("MAH", 1),
                code("CDM", 2),
            ],
            &[
                code("TRE", 1),
                code("GHO", 1),
                code("SUP", 1),
                code("TCC", 1),
                spare(3),
            ],
        ]),
    ),
    (
        "I210",
        Fixed(&[
            of("SigmaX", 8, 1.0 / 128.0, NAUTICAL_MILE),
            of("SigmaY", 8, 1.0 / 128.0, NAUTICAL_MILE),
            of("SigmaV", 8, 1.0 / 16_384.0, NAUTICAL_MILE_SECOND),
            of("SigmaH", 8, 360.0 / 4096.0, DEGREE),
        ]),
    ),
    (
        "I030",
        Extended(&[&[code("WE", 7)], &[code("WE2", 7)], &[code("WE3", 7)]]),
    ),
    ("I080", Fixed(CODE_CONFIDENCE)),
    (
        "I100",
        Fixed(&[
            code("V", 1),
            code("G", 1),
            spare(2),
            code("ModeC", 12),
            spare(4),
            code("QC1", 1),
            code("QA1", 1),
            code("QC2", 1),
            code("QA2", 1),
            code("QC4", 1),
            code("QA4", 1),
            code("QB1", 1),
            code("QD1", 1),
            code("QB2", 1),
            code("QD2", 1),
            code("QB4", 1),
            code("QD4", 1),
        ]),
    ),
    (
        "I110",
        Fixed(&[spare(2), signed("3D_Height", 14, 25.0, FOOT)]),
    ),
    (
        "I120",
        Compound(&[
            (
                "CAL",
                Fixed(&[code("D", 1), spare(5), signed("CAL", 10, 1.0, METRE_SECOND)]),
            ),
            (
                "RDS",
                Repeated(&[
                    of("DOP", 16, 1.0, METRE_SECOND),
                    of("AMB", 16, 1.0, METRE_SECOND),
                    of("FRQ", 16, 1.0, MEGAHERTZ),
                ]),
            ),
        ]),
    ),
    (
        "I230",
        Fixed(&[
            code("COM", 3),
            code("STAT", 3),
            code("SI", 1),
            spare(1),
            code("ModeSSSC", 1),
            code("ARC", 1),
            code("AIC", 1),
            code("BDS16", 1),
            code("BDS37", 4),
        ]),
    ),
    ("I260", Fixed(&[("MB", 56, Hex)])),
    (
        "I055",
        Fixed(&[code("V", 1), code("G", 1), code("L", 1), code("Mode1", 5)]),
    ),
    (
        "I050",
        Fixed(&[
            code("V", 1),
            code("G", 1),
            code("L", 1),
            spare(1),
            ("Mode2", 12, Octal),
        ]),
    ),
    (
        "I065",
        Fixed(&[
            spare(3),
            code("QA4", 1),
            code("QA2", 1),
            code("QA1", 1),
            code("QB2", 1),
            code("QB1", 1),
        ]),
    ),
    ("I060", Fixed(CODE_CONFIDENCE)),
    ("SP", Explicit),
    ("RE", Explicit),
];
