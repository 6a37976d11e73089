//! The rooms joined: the engine, the transports, the HTTP interface and the command line.

pub mod http;
