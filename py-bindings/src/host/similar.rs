//! Similar names: suggestions for an unknown name.

use datafusion::common::utils::datafusion_strsim::levenshtein;

/// How many names are suggested.
const MOST: usize = 3;
/// How many characters a suggestion may differ in.
const FARTHEST: usize = 3;

/// Ends a message about an unknown name with the known ones that are close to it.
pub(crate) fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a String>) -> String {
    let limit = (1 + name.len() / 4).min(FARTHEST);
    let mut close: Vec<_> = known
        .into_iter()
        .map(|candidate| (levenshtein(candidate, name), candidate.as_str()))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    close.sort_unstable();
    close.dedup();
    let close: Vec<_> = close.into_iter().take(MOST).map(|(_, candidate)| candidate).collect();
    if close.is_empty() { String::new() } else { format!(", similar names are {}", close.join(", ")) }
}

/// Ends a message about an unknown name with all known ones.
pub(crate) fn known(names: impl IntoIterator<Item = String>) -> String {
    let mut names: Vec<_> = names.into_iter().map(|name| format!("{name:?}")).collect();
    names.sort_unstable();
    if names.is_empty() { ", there are none".to_owned() } else { format!(", known are {}", names.join(", ")) }
}
