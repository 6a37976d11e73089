//! Samples whose range is set by a gain of their own, in sixteen bits each (SEED Reference Manual
//! v2.4, blockette 1000, field 3, and the descriptions of these formats in its appendix D). Old
//! networks wrote them, and archives hold them.

/// GEOSCOPE (codes 13 and 14): a mantissa of twelve bits, biased by 2,048, over two to the power of
/// the gain in the bits before it.
pub(super) fn geoscope(word: u16, gain_bits: u32) -> f64 {
    let gain = word >> 12 & ((1 << gain_bits) - 1);
    (f64::from(word & 0x0FFF) - 2048.0) / f64::from(1_u32 << gain)
}

/// China Digital Seismic Network (code 16): two bits for the gain, and a mantissa of fourteen, biased
/// by 8,191.
pub(super) fn cdsn(word: u16) -> f64 {
    let factor = [1.0, 4.0, 16.0, 128.0][usize::from(word >> 14)];
    (f64::from(word & 0x3FFF) - 8191.0) * factor
}

/// Seismic Research Observatory (code 30): four bits for the gain, of which 0 to 10 are used, and a
/// mantissa of twelve in two's complement.
pub(super) fn sro(word: u16) -> Option<f64> {
    let exponent = 10_u16.checked_sub(word >> 12)?;
    let mantissa = (word << 4).cast_signed() >> 4;
    Some(f64::from(mantissa) * f64::from(1_u32 << exponent))
}
