//! Tables are as long as their messages.

use super::*;

fn length(message_type: u8, mmsi: u64, set: &[usize]) -> usize {
    let mut bits = Bits::default();
    bits.set(field(0, 6), u64::from(message_type));
    bits.set(field(8, 30), mmsi);
    bits.set(field(199, 1), 0);
    for at in set {
        bits.set(field(*at, 1), 1);
    }
    let tables = tables(&bits, message_type, mmsi).unwrap();
    let items = tables.concat();
    38 + items.iter().map(|(_, length, _)| length).sum::<usize>()
}

/// Lengths as the standard's summary of messages gives them, bits; of messages of any length
/// the fixed part.
#[test]
fn tables_are_as_long_as_the_messages() {
    let cases: &[(u8, usize)] = &[
        (1, 168),
        (2, 168),
        (3, 168),
        (4, 168),
        (5, 424),
        (6, 88),
        (7, 168),
        (8, 56),
        (9, 168),
        (10, 72),
        (11, 168),
        (12, 72),
        (13, 168),
        (14, 40),
        (15, 160),
        (16, 144),
        (17, 120),
        (18, 168),
        (19, 312),
        (20, 160),
        (21, 272),
        (22, 168),
        (23, 160),
        (24, 168),
        (25, 40),
        (26, 60),
        (27, 96),
        (28, 168),
    ];
    for (message_type, bits) in cases {
        assert_eq!(length(*message_type, 0, &[]), *bits, "{message_type}");
    }
    assert_eq!(length(22, 0, &[139]), 168);
    assert_eq!(length(24, 0, &[39]), 168);
    assert_eq!(length(24, 982_000_000, &[39]), 168);
    assert_eq!(length(25, 0, &[38, 39]), 88);
}
