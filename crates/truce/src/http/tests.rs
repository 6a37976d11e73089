//! The interface over a log and tables filled by hand, without a network.

mod described;
mod events;
mod page;
mod plan;
mod reads;
mod stage;
mod writes;
