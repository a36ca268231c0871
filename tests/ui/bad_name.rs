//! Names a family with a capital.

const NAME: planwire_registry::FamilyName = planwire_registry::FamilyName::new("Range");

fn main() {
    println!("{NAME}");
}
