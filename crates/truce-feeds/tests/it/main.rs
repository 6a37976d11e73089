//! What other programs make of our messages.

#[cfg(test)]
mod interop;
