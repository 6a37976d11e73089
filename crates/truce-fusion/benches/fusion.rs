//! Speed of fusion: fixes to tracks and observations to incidents.

fn main() {
    divan::main();
}
