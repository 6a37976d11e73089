//! Seeded scenarios of a mission, written in the sensors' own formats, with their truth.
