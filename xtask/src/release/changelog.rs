//! The changelog, whose section "Unreleased" becomes that of a version.

use anyhow::{Context, ensure};

use super::versions::Version;

const UNRELEASED: &str = "## Unreleased\n";

/// Puts the unreleased entries under a version, and leaves an empty section for new ones.
pub(super) fn fold(text: &str, version: Version, date: &str) -> anyhow::Result<String> {
    let (before, rest) = text.split_once(UNRELEASED).context("there is no heading `## Unreleased`")?;
    let (changes, released) = match rest.find("\n## ") {
        Some(end) => rest.split_at(end),
        None => (rest, ""),
    };
    ensure!(!changes.trim().is_empty(), "nothing stands under `## Unreleased`: what is it that is released?");
    ensure!(!released.contains(&format!("\n## {version} ")), "there is a section of {version} already");
    let changes = changes.trim();
    Ok(format!("{before}{UNRELEASED}\n## {version} ({date})\n\n{changes}\n{released}"))
}

/// The entries of a version.
pub(super) fn section(text: &str, version: Version) -> Option<&str> {
    let (_, rest) = text.split_once(&format!("\n## {version} "))?;
    let (_, rest) = rest.split_once('\n')?;
    Some(rest.split("\n## ").next().unwrap_or(rest).trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap_or_else(|error| unreachable!("{error}"))
    }

    #[test]
    fn what_is_unreleased_becomes_the_section_of_the_version() -> anyhow::Result<()> {
        let first = fold("# Changelog\n\n## Unreleased\n\n- One.\n", version("0.1.0"), "2026-01-02")?;
        assert_eq!(first, "# Changelog\n\n## Unreleased\n\n## 0.1.0 (2026-01-02)\n\n- One.\n");

        let later = first.replace("## Unreleased\n", "## Unreleased\n\n- Two.\n");
        let second = fold(&later, version("0.2.0"), "2026-02-03")?;
        assert_eq!(
            second,
            "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-02-03)\n\n- Two.\n\n## 0.1.0 (2026-01-02)\n\n- One.\n"
        );
        assert_eq!(section(&second, version("0.2.0")), Some("- Two."));
        assert_eq!(section(&second, version("0.1.0")), Some("- One."));
        Ok(())
    }

    #[test]
    fn a_release_without_changes_is_an_error() {
        let fold = |text: &str| fold(text, version("0.2.0"), "2026-02-03").is_err();
        assert!(fold("# Changelog\n\n## Unreleased\n\n## 0.1.0 (2026-01-02)\n\n- One.\n"));
        assert!(fold("# Changelog\n\n## 0.1.0 (2026-01-02)\n\n- One.\n"));
        assert!(fold("## Unreleased\n\n- One.\n\n## 0.2.0 (2026-01-02)\n\n- One.\n"));
    }
}
