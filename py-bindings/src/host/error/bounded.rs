//! Texts of errors, bounded and escaped.

use std::fmt::{self, Write as _};

use planwire_registry::error::OneLine;

/// The size limit of an error's repeated text, in bytes: DataFusion's can double with each level of
/// a nested expression.
const LONGEST_MESSAGE: usize = 8 * 1024;

/// Line breaks in DataFusion's own errors, and their replacements on one line.
const BREAKS: [(&str, &str); 4] = [
    ("\ncaused by\n", " caused by "),
    (".\nThis issue was", ". This issue was"),
    (".\nDid you mean", ". Did you mean"),
    ("\n\t", " "),
];

/// The beginning and the end of DataFusion's request to report a bug.
const REQUEST: &str = ". This issue was likely caused by a bug in DataFusion's code.";
const REQUEST_END: &str = "github.com/apache/datafusion/issues";

/// The text of an error, on one line, escaped, and cut off where it gets too long to be read.
pub(crate) fn bounded(error: &(impl fmt::Display + ?Sized)) -> String {
    let mut text = Bounded(String::new());
    if write!(text, "{error}").is_err() {
        text.0.push('…');
    }
    let joined = BREAKS.iter().fold(text.0, |text, (lines, line)| text.replace(lines, line));
    OneLine::new(without_request(&joined), LONGEST_MESSAGE).to_string()
}

/// The text without DataFusion's request to report a bug, which it makes over mistakes of users, too.
fn without_request(text: &str) -> String {
    match text.split_once(REQUEST) {
        Some((before, after)) => {
            let (_, after) = after.split_once(REQUEST_END).unwrap_or_default();
            format!("{before}{after}")
        }
        None => text.to_owned(),
    }
}

/// Stops the formatting itself, so that a text of many megabytes is never written.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = LONGEST_MESSAGE.saturating_sub(self.0.len());
        match text.get(..text.floor_char_boundary(room)) {
            Some(fitting) if fitting.len() < text.len() => {
                self.0.push_str(fitting);
                Err(fmt::Error)
            }
            _ => {
                self.0.push_str(text);
                Ok(())
            }
        }
    }
}
