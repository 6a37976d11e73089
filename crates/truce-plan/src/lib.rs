//! Pledges, conditions and legal bases become coverage, shortfalls and missing steps.
