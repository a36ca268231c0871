//! Links the fuzz targets to libpython, from which the family `python` reads its version.
//!
//! None of them starts an interpreter. See the build script of `planwire-tests`.

fn main() {
    let python = pyo3_build_config::get();
    let Some(library) = python.lib_name() else { return };
    if let Some(folder) = python.lib_dir() {
        println!("cargo:rustc-link-arg-bins=-L{folder}");
        println!("cargo:rustc-link-arg-bins=-Wl,-rpath,{folder}");
    }
    println!("cargo:rustc-link-arg-bins=-l{library}");
}
