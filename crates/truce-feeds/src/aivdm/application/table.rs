//! How a field of an application is coded: kinds of codes, the units behind them, and both ways
//! between bits and named values.

use serde_json::{Map, Value};

use super::super::bits::{Bits, Field, field};
use super::super::fields::{FILL_BITS_MAX, NUMBER_BITS_MAX};
use super::Opened;
use crate::units::{KNOT_M_S, NAUTICAL_MILE_M};

/// Name, length in bits, kind. The unit of a [`Kind::Scale`] is added to the name.
pub(super) type Item = (&'static str, usize, Kind);

/// How a field's code is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Not used; says nothing.
    Spare,
    /// A number or a code.
    Number,
    /// A number for which one code means "not available".
    Or(u64),
    /// Yes or no.
    Flag,
    /// Six-bit text.
    Text,
    /// Six-bit text up to the end.
    RestText,
    /// A coordinate: codes per degree, the largest possible value; one degree more means "not
    /// available".
    Degrees(f64, f64),
    /// A quantity.
    Scale(Scale),
    /// Metres, times ten to the power of the field `scale` before it (SN.1/Circ.289, annex, application 11).
    Distance,
}

/// How the code of a quantity becomes a number of a unit: code × step + offset. A step is one over
/// a whole number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub(super) sign: Sign,
    pub(super) step: f64,
    pub(super) offset: f64,
    pub(super) unit: Unit,
    /// Least and largest code that is a value; the others are reserved or "not available".
    pub(super) known: (i64, i64),
    /// The code for "not available".
    pub(super) none: i64,
}

/// How a code says that it is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// It cannot.
    Unsigned,
    /// Two's complement.
    Complement,
    /// Its first bit is 0 when it is negative and 1 when not; the others are its size (inland
    /// navigation).
    FirstBitPositive,
}

/// A sensor's unit: what is added to a field's name in it and in SI, and what one is in SI.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    own: &'static str,
    si: &'static str,
    si_per_own: f64,
}

const fn same(name: &'static str) -> Unit {
    Unit {
        own: name,
        si: name,
        si_per_own: 1.0,
    }
}

const fn other(own: &'static str, si: &'static str, si_per_own: f64) -> Unit {
    Unit {
        own,
        si,
        si_per_own,
    }
}

/// A number whose unit depends on another field.
pub(super) const UNITLESS: Unit = same("");
pub(super) const METRES: Unit = same("_m");
pub(super) const DEGREES: Unit = same("_deg");
pub(super) const VOLTS: Unit = same("_v");
pub(super) const SECONDS: Unit = same("_s");
pub(super) const CELSIUS: Unit = same("_c");
pub(super) const PERCENT: Unit = same("_percent");
pub(super) const PER_MILLE: Unit = same("_per_mille");
pub(super) const TONNES: Unit = other("_t", "_kg", 1000.0);
pub(super) const KNOTS: Unit = other("_kn", "_m_s", KNOT_M_S);
pub(super) const NAUTICAL_MILES: Unit = other("_nmi", "_m", NAUTICAL_MILE_M);
pub(super) const HECTOPASCALS: Unit = other("_hpa", "_pa", 100.0);
pub(super) const DECIBARS: Unit = other("_dbar", "_pa", 10_000.0);
pub(super) const MILLISIEMENS_CM: Unit = other("_ms_cm", "_s_m", 0.1);
pub(super) const MINUTES: Unit = other("_min", "_s", 60.0);

/// A quantity without a sign: step, unit, largest code that is a value, code for "not available".
pub(super) const fn scale(step: f64, unit: Unit, most: i64, none: i64) -> Kind {
    Kind::Scale(Scale {
        sign: Sign::Unsigned,
        step,
        offset: 0.0,
        unit,
        known: (0, most),
        none,
    })
}

/// The same with 0 for "not available".
pub(super) const fn above_zero(step: f64, unit: Unit, most: i64) -> Kind {
    Kind::Scale(Scale {
        sign: Sign::Unsigned,
        step,
        offset: 0.0,
        unit,
        known: (1, most),
        none: 0,
    })
}

/// A quantity counted from an offset: step and offset, unit, largest code, "not available".
pub(super) const fn from((step, offset): (f64, f64), unit: Unit, most: i64, none: i64) -> Kind {
    Kind::Scale(Scale {
        sign: Sign::Unsigned,
        step,
        offset,
        unit,
        known: (0, most),
        none,
    })
}

/// A quantity in two's complement: step, unit, codes that are values, "not available".
pub(super) const fn signed(step: f64, unit: Unit, known: (i64, i64), none: i64) -> Kind {
    Kind::Scale(Scale {
        sign: Sign::Complement,
        step,
        offset: 0.0,
        unit,
        known,
        none,
    })
}

/// A direction in degrees, 360 for "not available".
pub(super) const DIRECTION: Kind = scale(1.0, DEGREES, 359, 360);

pub(super) const fn spare(bits: usize) -> Item {
    ("", bits, Kind::Spare)
}

/// Codes of a coordinate per degree: 1/1,000 minute.
const PER_DEG: f64 = 60_000.0;
pub(super) const LON: Item = ("lon_deg", 25, Kind::Degrees(PER_DEG, 180.0));
pub(super) const LAT: Item = ("lat_deg", 24, Kind::Degrees(PER_DEG, 90.0));

/// Day, hour and minute of Coordinated Universal Time.
pub(super) const DAY: Item = ("utc_day", 5, Kind::Or(0));
pub(super) const HOUR: Item = ("utc_hour", 5, Kind::Or(24));
pub(super) const MINUTE: Item = ("utc_minute", 6, Kind::Or(60));
pub(super) const MONTH: Item = ("utc_month", 4, Kind::Or(0));

impl Scale {
    fn code(&self, bits: &Bits, at: Field) -> Option<i64> {
        let unsigned = bits.unsigned(at)?;
        let size_bits = at.bits - 1;
        Some(match self.sign {
            Sign::Unsigned => i64::try_from(unsigned).ok()?,
            Sign::Complement => bits.signed(at)?,
            Sign::FirstBitPositive => {
                let size = i64::try_from(unsigned & !(1 << size_bits)).ok()?;
                if unsigned >> size_bits == 1 {
                    size
                } else {
                    -size
                }
            }
        })
    }

    /// The value of a code in the sensor's unit. It is divided, not multiplied with the step: so tenths
    /// are the numbers nearest to tenths.
    fn own(&self, code: i64) -> f64 {
        let per_unit = (1.0 / self.step).round();
        (code as f64 + (self.offset * per_unit).round()) / per_unit
    }

    fn bits_of(&self, code: i64, length: usize) -> u64 {
        match self.sign {
            Sign::Unsigned | Sign::Complement => code.cast_unsigned(),
            Sign::FirstBitPositive => code.unsigned_abs() | u64::from(code >= 0) << (length - 1),
        }
    }

    /// The code that says a value in SI, or "not available".
    #[allow(clippy::cast_possible_truncation)]
    fn code_of(&self, si: Option<f64>) -> i64 {
        let (least, most) = self.known;
        si.map_or(self.none, |si| {
            let own = si / self.unit.si_per_own;
            (((own - self.offset) / self.step).round() as i64).clamp(least, most)
        })
    }
}

/// Fields on their way out of bits.
pub(super) struct Reading<'a> {
    bits: &'a Bits,
    /// The next bit.
    pub(super) at: usize,
    end: usize,
    cut: bool,
    pub(super) fields: Map<String, Value>,
    given: Map<String, Value>,
    pub(super) wrong: Vec<String>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(bits: &'a Bits, start: usize, end: usize) -> Self {
        Self {
            bits,
            at: start,
            end,
            cut: false,
            fields: Map::new(),
            given: Map::new(),
            wrong: Vec::new(),
        }
    }

    /// Bits that are left.
    pub(super) fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// Says so when more bits are left than fill up a byte.
    pub(super) fn excess(&mut self) {
        if self.left() > FILL_BITS_MAX && !self.cut {
            let reason = format!("{} bits follow the application's last field", self.left());
            self.wrong.push(reason);
        }
    }

    pub(super) fn close(mut self) -> Opened {
        if !self.given.is_empty() {
            self.fields.insert("given".into(), self.given.into());
        }
        Opened {
            fields: self.fields,
            wrong: self.wrong,
        }
    }

    /// Reads the fields of a table, up to the first that is cut off.
    pub(super) fn table(&mut self, items: &[Item]) {
        for (name, length, kind) in items {
            if self.cut {
                return;
            }
            let length = match kind {
                Kind::RestText => self.left(),
                _ => *length,
            };
            if length > self.left() {
                self.cut = true;
                if !matches!(kind, Kind::Spare) {
                    self.wrong
                        .push(format!("the application's `{name}` is cut off"));
                }
                return;
            }
            self.put(name, *kind, field(self.at, length));
            self.at += length;
        }
    }

    fn put(&mut self, name: &str, kind: Kind, at: Field) -> Option<()> {
        let bits = self.bits;
        let value = match kind {
            Kind::Spare => return None,
            Kind::Number => bits.unsigned(at)?.into(),
            Kind::Or(none) => bits.unsigned(at).filter(|code| *code != none).into(),
            Kind::Flag => bits.flag(at.start)?.into(),
            Kind::Text | Kind::RestText => bits.text(at).into(),
            Kind::Degrees(per_deg, deg_max) => {
                let code = bits.signed(at)? as f64;
                let minutes = code / (per_deg / 60.0);
                self.given
                    .insert(name.replace("_deg", "_min"), minutes.into());
                Some(code / per_deg)
                    .filter(|deg| deg.abs() <= deg_max)
                    .into()
            }
            Kind::Distance => {
                let power = self.fields.get("scale").and_then(Value::as_u64);
                let factor = 10_u64.pow(u32::try_from(power.unwrap_or(0)).unwrap_or(0));
                (bits.unsigned(at)? * factor).into()
            }
            Kind::Scale(scale) => return self.quantity(name, &scale, scale.code(bits, at)?),
        };
        self.fields.insert(name.to_owned(), value);
        Some(())
    }

    fn quantity(&mut self, name: &str, scale: &Scale, code: i64) -> Option<()> {
        let own = scale.own(code);
        let (least, most) = scale.known;
        let known = (least..=most).contains(&code) && code != scale.none;
        let unit = scale.unit;
        if !known || unit.own != unit.si {
            self.given.insert(format!("{name}{}", unit.own), own.into());
        }
        let si = known.then_some(own * unit.si_per_own);
        self.fields.insert(format!("{name}{}", unit.si), si.into());
        Some(())
    }
}

/// Writes the fields of a table from a bit on, and says where they end.
pub(super) fn write(
    items: &[Item],
    fields: &Map<String, Value>,
    bits: &mut Bits,
    start: usize,
) -> usize {
    let mut at = start;
    for (name, length, kind) in items {
        let value = fields.get(*name);
        let code = value.and_then(Value::as_u64);
        let number = value.and_then(Value::as_f64);
        let place = field(at, *length);
        at += length;
        let code = match *kind {
            Kind::Spare => 0,
            Kind::Number => code.unwrap_or(0),
            Kind::Or(none) => code.unwrap_or(none),
            Kind::Flag => value.and_then(Value::as_bool).unwrap_or(false).into(),
            Kind::Text | Kind::RestText => {
                let text = value.and_then(Value::as_str).unwrap_or_default();
                let length = match kind {
                    Kind::RestText => 6 * text.chars().count().min(Bits::text_room(place.start)),
                    _ => *length,
                };
                bits.set_text(field(place.start, length), text);
                at = place.start + length;
                continue;
            }
            Kind::Degrees(per_deg, deg_max) => {
                let deg = number.unwrap_or(deg_max + 1.0);
                nearest(deg * per_deg).cast_unsigned()
            }
            Kind::Distance => {
                let power = fields
                    .get("scale")
                    .and_then(Value::as_u64)
                    .unwrap_or(0)
                    .min(3);
                let factor = 10_u64.pow(u32::try_from(power).unwrap_or(0));
                (code.unwrap_or(0) / factor).min((1 << length) - 1)
            }
            Kind::Scale(scale) => {
                let si = fields.get(&format!("{name}{}", scale.unit.si));
                scale.bits_of(scale.code_of(si.and_then(Value::as_f64)), *length)
            }
        };
        if *length > NUMBER_BITS_MAX {
            bits.extend(at);
        } else {
            bits.set(place, code);
        }
    }
    at
}

/// A number rounded to a whole one. A cast from a float saturates.
#[allow(clippy::cast_possible_truncation)]
fn nearest(number: f64) -> i64 {
    number.round() as i64
}
