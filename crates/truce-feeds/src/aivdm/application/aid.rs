//! How an aid to navigation fares: function 10 of area codes 235 and 250, defined by the General
//! Lighthouse Authorities of the British Isles (IALA Recommendation A-126, monitoring data in
//! Message 6) and used by others too.

use super::table::{Item, Kind, VOLTS, above_zero, spare};
use super::{Application, plain};
use Kind::{Flag, Number};

/// The application of a function.
pub(super) fn find(function: u8) -> Option<&'static Application> {
    (function == 10).then_some(&MONITORING)
}

/// A voltage in steps of 0.05 V; 0 when the input is not used.
const fn voltage(name: &'static str) -> Item {
    (name, 10, above_zero(0.05, VOLTS, 1023))
}

/// Function 10: supply, inputs, and what racon and light do.
const MONITORING: Application = plain(
    "aid_to_navigation_monitoring",
    &[
        voltage("supply"),
        voltage("analogue_input_1"),
        voltage("analogue_input_2"),
        ("racon_status", 2, Number),
        ("light_status", 2, Number),
        ("alarm", 1, Flag),
        ("digital_inputs", 8, Number),
        ("off_position", 1, Flag),
        spare(4),
    ],
);
