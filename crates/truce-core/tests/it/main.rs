//! The mission folder that the project ships, and folders with mistakes in them.

mod mission_folder;
mod mission_mistakes;
