//! The lock file: the packages that cargo has chosen, and their dependencies.

/// A package of a lock file.
#[derive(Debug, Default)]
pub(crate) struct Package<'t> {
    /// The line of its name.
    pub(crate) line: usize,
    pub(crate) name: &'t str,
    pub(crate) version: &'t str,
    /// Whether it lies in the workspace rather than in a registry.
    pub(crate) local: bool,
    /// The names of the packages that it depends on.
    pub(crate) dependencies: Vec<&'t str>,
}

/// Reads a lock file.
pub(crate) fn packages(lock: &str) -> Vec<Package<'_>> {
    let mut packages: Vec<Package<'_>> = Vec::new();
    for (line, text) in (1..).zip(lock.lines()) {
        let quoted = text.split('"').nth(1).unwrap_or_default();
        if text.starts_with("name = ") {
            packages.push(Package { line, name: quoted, local: true, ..Package::default() });
        } else if let Some(package) = packages.last_mut() {
            if text.starts_with("version = ") {
                package.version = quoted;
            } else if text.starts_with("source = ") {
                package.local = false;
            } else if text.starts_with(" \"") {
                package.dependencies.extend(quoted.split(' ').next());
            }
        }
    }
    packages
}

/// The version of a package in a lock file.
pub(crate) fn version<'t>(lock: &'t str, name: &str) -> Option<&'t str> {
    packages(lock).into_iter().find(|package| package.name == name).map(|package| package.version)
}
