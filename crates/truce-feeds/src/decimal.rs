//! Decimal numbers in texts. Rows of sensors are full of short ones, such as `297.54`, whose nearest
//! double takes one division to find; every other is left to the standard library.

/// Digits whose whole number, like each power of ten up to it, is a double without rounding, so that
/// one division rounds correctly (Clinger 1990, "How to read floating point numbers accurately",
/// section 2).
const DIGITS_MAX: usize = 15;

/// The powers of ten that part a number of [`DIGITS_MAX`] digits from its fraction.
const POWERS: [f64; DIGITS_MAX + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// The finite number that is nearest to a text's, as [`str::parse`] finds it.
pub(crate) fn number(text: &str) -> Option<f64> {
    let number = short(text.as_bytes()).or_else(|| text.parse().ok());
    number.filter(|number: &f64| number.is_finite())
}

/// The number in a text of few digits, with at most a sign before and a point among them.
fn short(text: &[u8]) -> Option<f64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > DIGITS_MAX {
        return None;
    }
    let (mut whole, mut point) = (0_u64, None);
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => whole = whole * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() && digits.len() > 1 => point = Some(at),
            _ => return None,
        }
    }
    let decimals = point.map_or(0, |at| digits.len() - 1 - at);
    let size = whole as f64 / POWERS[decimals];
    Some(if negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str) {
        let standard = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let (got, wanted) = (number(text).map(f64::to_bits), standard.map(f64::to_bits));
        assert_eq!(got, wanted, "{text}");
    }

    #[test]
    fn odd_texts_are_read_as_the_standard_library_does() {
        for text in [
            "",
            "-",
            ".",
            "-.",
            "1.",
            ".5",
            "-0",
            "0.0",
            "+1",
            "--1",
            "1.2.3",
            "1e3",
            "nan",
            "inf",
            "1e999",
            "0x1",
            " 1",
            "1_0",
            "٣",
            "999999999999999",
            "9007199254740993",
            "0.30000000000000004",
            "00000000000001.5",
        ] {
            check(text);
        }
        assert_eq!(short(b"297.54"), Some(297.54));
        assert_eq!(short(b"0.1234567890123456"), None);
    }

    proptest! {
        #[test]
        fn the_nearest_double_is_found(text in "-?[0-9]{0,9}\\.?[0-9]{0,9}") {
            check(&text);
        }
    }
}
