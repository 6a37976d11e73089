//! The picture as its users see it.

#![allow(clippy::unwrap_used)] // What these unwrap was built by themselves.

mod change;
mod events;
mod objects;
mod order;
mod own;
mod radar;
mod retraction;
mod shipping;
mod thermal;
mod world;
