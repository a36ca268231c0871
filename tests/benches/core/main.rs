//! The parts in Rust, timed by criterion. With `--once` each work is done once within [`counted`], for
//! `cargo xtask counts`, which has callgrind look at that function alone.

mod works;

use std::hint::black_box;

use criterion::Criterion;

use crate::works::Work;

fn main() {
    let works = works::all();
    if std::env::args().any(|argument| argument == "--once") {
        for Work { name, run } in &works {
            // What is made the first time is not counted.
            run();
            counted(run);
            println!("{name}");
        }
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    for Work { name, run } in &works {
        criterion.bench_function(name, |bencher| bencher.iter(run));
    }
    criterion.final_summary();
}

#[inline(never)]
fn counted(run: &dyn Fn()) {
    run();
    black_box(run);
}
