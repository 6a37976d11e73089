//! Sensor formats: decoders and encoders between bytes and observations.
