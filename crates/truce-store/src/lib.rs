//! Folds records into SQLite tables that can be rebuilt from the first record.
