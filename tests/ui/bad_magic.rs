//! Makes a tag whose magic is not upper-case.

const TAG: planwire_registry::Tag = planwire_registry::Tag::new(b"dfrange", 1);

fn main() {
    println!("{TAG:?}");
}
