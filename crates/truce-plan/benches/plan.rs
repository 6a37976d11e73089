//! Benches of planning.

fn main() {
    divan::main();
}
