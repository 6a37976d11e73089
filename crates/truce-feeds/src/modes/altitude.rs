//! Altitude and identity codes (ICAO Annex 10, volume IV, 3.1.1.6 and 3.1.2.6.5.4).

/// Bits of the 13-bit field from its first, after the order C1 A1 C2 A2 C4 A4 M B1 Q B2 D2 B4 D4.
const fn bit(index: u16) -> u16 {
    1 << (12 - index)
}

/// Bit M: metres instead of feet.
const METRIC: u16 = bit(6);
/// Bit Q: steps of 25 ft instead of the Gillham code.
const QUARTERS: u16 = bit(8);

/// Altitude of a surveillance reply, feet, from 13 bits. `None`: not available, metric (no code for
/// it was ever agreed) or no valid code.
pub(super) fn of_reply(code: u16) -> Option<f64> {
    if code == 0 || code & METRIC != 0 {
        return None;
    }
    if code & QUARTERS != 0 {
        // Eleven bits around M and Q count steps of 25 ft from -1,000 ft.
        let steps = (code & 0x1F80) >> 2 | (code & 0x20) >> 1 | code & 0xF;
        return Some(f64::from(steps) * 25.0 - 1000.0);
    }
    gillham(code)
}

/// Altitude of a squitter, feet, from 12 bits: as in a reply without bit M.
pub(super) fn of_squitter(code: u16) -> Option<f64> {
    of_reply((code & 0xFC0) << 1 | code & 0x3F)
}

/// Altitude in steps of 100 ft: a Gray code of 500 ft steps (D2 D4 A1 A2 A4 B1 B2 B4) and one of
/// five steps within each (C1 C2 C4), which runs backwards in every other one (3.1.1.7.12.2.3).
fn gillham(code: u16) -> Option<f64> {
    let gathered = |indices: &[u16]| {
        indices.iter().fold(0_u16, |sum, index| {
            sum << 1 | u16::from(code & bit(*index) != 0)
        })
    };
    let five_hundreds = from_gray(gathered(&[10, 12, 1, 3, 5, 7, 9, 11]));
    let hundreds = match from_gray(gathered(&[0, 2, 4])) {
        0 | 5 | 6 => return None,
        7 => 5,
        step => step,
    };
    let hundreds = if five_hundreds.is_multiple_of(2) {
        hundreds
    } else {
        6 - hundreds
    };
    Some(f64::from(five_hundreds) * 500.0 + f64::from(hundreds) * 100.0 - 1300.0)
}

fn from_gray(gray: u16) -> u16 {
    let mut binary = gray;
    let mut shift = gray >> 1;
    while shift > 0 {
        binary ^= shift;
        shift >>= 1;
    }
    binary
}

/// Identity code (squawk) as four octal digits in a decimal number, from 13 bits in the order C1 A1
/// C2 A2 C4 A4 0 B1 D1 B2 D2 B4 D4.
pub(super) fn identity(code: u16) -> u16 {
    let digit = |four: u16, two: u16, one: u16| {
        let set = |index: u16, value: u16| if code & bit(index) != 0 { value } else { 0 };
        set(four, 4) + set(two, 2) + set(one, 1)
    };
    let (a, b) = (digit(5, 3, 1), digit(11, 9, 7));
    let (c, d) = (digit(4, 2, 0), digit(12, 10, 8));
    a * 1000 + b * 100 + c * 10 + d
}

/// Twelve bits for an altitude in steps of 25 ft; `None` outside of what they can say.
pub(super) fn encode_squitter(altitude_ft: f64) -> Option<u16> {
    let steps = libm::rint((altitude_ft + 1000.0) / 25.0);
    if !(0.0..=2047.0).contains(&steps) {
        return None;
    }
    let steps = steps as u16;
    Some((steps & 0x7F0) << 1 | 0x10 | steps & 0xF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn altitudes() {
        // 38,000 ft: the worked example of "The 1090 MHz Riddle", chapter 5.3; Gillham values from
        // the table of Annex 10, volume IV, appendix to chapter 3.
        assert_eq!(of_squitter(0b1100_0011_1000), Some(38_000.0));
        assert_eq!(of_squitter(0), None);
        assert_eq!(of_reply(METRIC | 1), None);
        for feet in [-1000.0, 0.0, 25.0, 10_150.0, 50_175.0] {
            assert_eq!(of_squitter(encode_squitter(feet).unwrap()), Some(feet));
        }
        assert_eq!(encode_squitter(60_000.0), None);
        // Every valid Gillham code is another altitude, and they cover -1,200 ft to 126,700 ft.
        let mut all: Vec<i64> = (0..1 << 13)
            .filter(|code| code & (METRIC | QUARTERS) == 0)
            .filter_map(gillham)
            .map(|feet| feet as i64)
            .collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(
            (all.len(), all[0], all[all.len() - 1]),
            (1280, -1200, 126_700)
        );
    }

    #[test]
    fn identities() {
        // 0356 in the reply 2A00516D492B80, a sample of pyModeS.
        assert_eq!(identity(0x116D), 356);
        assert_eq!(identity(0), 0);
        assert_eq!(identity(0x1FFF), 7777);
    }
}
