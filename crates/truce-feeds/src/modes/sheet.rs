//! Frames of Mode S as sheets.

use truce_core::Position;

use super::frame::Frame;
use super::squitter::{self, Squitter};
use super::{altitude, course_deg, register, status};
use crate::hexadecimal;
use crate::sheet::Sheet;
use crate::units::{FOOT_M, KNOT_M_S};

/// Everything a frame says, and the position that followed from it and earlier ones.
pub(super) fn of(frame: &Frame<'_>, squitter: &Squitter, place: Option<Position>) -> Sheet {
    let mut sheet = Sheet::new(format!("DF{}", frame.format));
    sheet.set("downlink_format", frame.format);
    sheet.set("icao_address", format!("{:06X}", frame.icao));
    let get = |first, last| frame.bits(first, last);
    if !frame.proven {
        sheet.wrong("the parity holds the address: neither is proven");
    }
    match frame.format {
        0 | 16 => {
            sheet.set("on_ground", get(6, 6) == 1);
            if frame.format == 0 {
                sheet.set("crosslink", get(7, 7) == 1);
            }
            sheet.set("sensitivity_level", get(9, 11));
            sheet.set("reply_information", get(14, 17));
            altitude_of(&mut sheet, get(20, 32) as u16);
        }
        4 | 20 | 5 | 21 => {
            sheet.set("flight_status", get(6, 8));
            sheet.set("downlink_request", get(9, 13));
            sheet.set("utility_message", get(14, 19));
            if matches!(frame.format, 4 | 20) {
                altitude_of(&mut sheet, get(20, 32) as u16);
            } else {
                let code = altitude::identity(get(20, 32) as u16);
                sheet.set("squawk", format!("{code:04}"));
            }
        }
        11 => {
            sheet.set("capability", get(6, 8));
            sheet.set("interrogator", frame.interrogator);
        }
        17 => sheet.set("capability", get(6, 8)),
        18 => {
            sheet.set("control_field", frame.control());
            sheet.set("address_of_icao", squitter::has_icao(frame));
        }
        _ => {}
    }
    if matches!(frame.format, 16..=21) {
        sheet.set("message", hexadecimal::text(&frame.message()));
    }
    if matches!(frame.format, 20 | 21) {
        register::write(&mut sheet, &frame.message());
    }
    if matches!(frame.format, 17 | 18) && !squitter::is_of_ground_service(frame) {
        let type_code = squitter::type_code(&frame.message());
        sheet.set("type_code", type_code);
        put(&mut sheet, squitter);
        status::write(&mut sheet, type_code, &frame.message());
    }
    if let Some(place) = place {
        sheet.set("lat_deg", place.lat_deg);
        sheet.set("lon_deg", place.lon_deg);
    }
    sheet
}

fn altitude_of(sheet: &mut Sheet, code: u16) {
    feet(sheet, "altitude", altitude::of_reply(code));
}

pub(super) fn feet(sheet: &mut Sheet, name: &str, feet: Option<f64>) {
    let (si, own) = (format!("{name}_m"), format!("{name}_ft"));
    sheet.converted((&si, feet.map(|feet| feet * FOOT_M)), (&own, feet));
}

fn knots(sheet: &mut Sheet, name: &str, knots: Option<f64>) {
    let (si, own) = (format!("{name}_m_s"), format!("{name}_kn"));
    sheet.converted((&si, knots.map(|knots| knots * KNOT_M_S)), (&own, knots));
}

fn put(sheet: &mut Sheet, squitter: &Squitter) {
    match squitter {
        Squitter::Identification {
            category,
            call_sign,
        } => {
            sheet.set("category", *category);
            sheet.set("call_sign", call_sign.text());
        }
        Squitter::Position(position) => {
            sheet.set("cpr_odd", position.encoded.odd);
            sheet.set("cpr_lat", position.encoded.lat);
            sheet.set("cpr_lon", position.encoded.lon);
            sheet.set("synchronised", position.synchronised);
            if position.encoded.surface {
                knots(sheet, "speed", position.speed_kn);
                sheet.set("course_deg", position.course_deg);
            } else {
                sheet.set("surveillance_status", position.surveillance_status);
                let name = if position.ellipsoid {
                    "height_ellipsoid"
                } else {
                    "altitude"
                };
                feet(sheet, name, position.altitude_ft);
            }
        }
        Squitter::Altitude(altitude_ft) => feet(sheet, "altitude", *altitude_ft),
        Squitter::Velocity(velocity) => {
            sheet.set("subtype", velocity.subtype);
            sheet.set("velocity_accuracy", velocity.accuracy);
            if velocity.subtype <= 2 {
                let ground = velocity.ground_kn;
                knots(sheet, "speed_east", ground.map(|(east, _)| east));
                knots(sheet, "speed_north", ground.map(|(_, north)| north));
                let speed = ground.map(|(e, n)| (e * e + n * n).sqrt());
                knots(sheet, "speed", speed);
                sheet.set("course_deg", ground.map(|(e, n)| course_deg(e, n)));
            } else {
                sheet.set("heading_deg", velocity.heading_deg);
                knots(sheet, "airspeed", velocity.airspeed_kn);
                sheet.set("airspeed_true", velocity.airspeed_true);
            }
            let climb = velocity.climb_ft_min;
            sheet.converted(
                ("climb_m_s", climb.map(|rate| rate * FOOT_M / 60.0)),
                ("climb_ft_min", climb),
            );
            sheet.set("climb_barometric", velocity.climb_barometric);
            let difference = velocity.ellipsoid_less_barometric_ft;
            feet(sheet, "ellipsoid_less_barometric", difference);
        }
        Squitter::Status { emergency, squawk } => {
            sheet.set("emergency", *emergency);
            sheet.set("squawk", format!("{squawk:04}"));
        }
        Squitter::Other => {}
    }
}
