//! Links the test binaries to libpython, because they embed an interpreter.
//!
//! Every crate here is built as for an extension module, which must not link it. The run path makes
//! the loader take the interpreter that the tests were built for, where the system has another one.

fn main() {
    let python = pyo3_build_config::get();
    let Some(library) = python.lib_name() else { return };
    if let Some(folder) = python.lib_dir() {
        println!("cargo:rustc-link-arg-tests=-L{folder}");
        println!("cargo:rustc-link-arg-tests=-Wl,-rpath,{folder}");
    }
    println!("cargo:rustc-link-arg-tests=-l{library}");
}
