//! Observations become tracks and incidents with explained probabilities.
