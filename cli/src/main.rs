//! The `fusor` command line.
fn main() {}
