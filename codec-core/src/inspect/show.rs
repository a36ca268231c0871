//! [`Contents`] as text: a tree with a line for each part, and its details below.

use std::fmt::{self, Write as _};

use datafusion::arrow::temporal_conversions::timestamp_s_to_datetime;

use super::{Content, Contents, Fate, Part, Reading, Seal};
use crate::error::Shown;
use crate::wire::trailer::Claims;

/// The widest column of names; longer ones push the rest to the right.
const WIDEST: usize = 48;

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Seal { size, signer: claims }) = &self.seal {
            let signer = claims.as_ref().map_or_else(|| "without a signature".to_owned(), signer);
            writeln!(f, "sealed message, {}, {signer}", bytes(*size))?;
        }
        // Several sorts of message that hold nothing are as good as one.
        if self
            .readings
            .iter()
            .all(|reading| reading.parts.is_empty() && reading.writes.is_none() && reading.refused.is_none())
        {
            let sorts: Vec<_> = self.readings.iter().map(sort).collect();
            return write!(f, "{}, {}, 0 inline, 0 by name", sorts.join(" or "), bytes(self.size));
        }
        for (position, reading) in self.readings.iter().enumerate() {
            if position > 0 {
                f.write_str("\nor, read as another sort of message:\n")?;
            }
            show(f, self.size, reading)?;
        }
        Ok(())
    }
}

fn sort(reading: &Reading) -> String {
    reading.what.map_or_else(|| "frame without a message".to_owned(), |what| what.to_string())
}

fn bytes(count: usize) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

fn show(f: &mut fmt::Formatter<'_>, size: usize, reading: &Reading) -> fmt::Result {
    let inline = reading.iter().filter(|part| part.is_inline()).count();
    let named = reading.iter().count() - inline;
    write!(f, "{}, {}, {inline} inline, {named} by name", sort(reading), bytes(size))?;
    if reading.unknown_fields {
        f.write_str(", with fields that this build does not know")?;
    }
    if let Some(statement) = reading.writes {
        write!(f, ", writes: {statement}")?;
    }
    if let Some(error) = &reading.refused {
        write!(f, "\nrefused ({}): {error}", error.code())?;
    }
    let mut lines = Vec::new();
    add(&reading.parts, "", &mut lines);
    let widest = lines.iter().map(|line| line.head.chars().count()).max().unwrap_or_default().min(WIDEST);
    for Line { head, tail, below, details } in lines {
        write!(f, "\n{head:widest$}  {tail}")?;
        for detail in details {
            write!(f, "\n{below}{detail}")?;
        }
    }
    Ok(())
}

struct Line {
    head: String,
    tail: String,
    /// What stands in front of the details.
    below: String,
    details: Vec<String>,
}

fn add(parts: &[Part], prefix: &str, lines: &mut Vec<Line>) {
    for (position, part) in parts.iter().enumerate() {
        let last = position + 1 == parts.len();
        let (branch, trunk) = if last { ("└── ", "    ") } else { ("├── ", "│   ") };
        let inner = format!("{prefix}{trunk}");
        let below = format!("{inner}{}", if part.children.is_empty() { "    " } else { "│   " });
        lines.push(Line {
            head: format!("{prefix}{branch}{}", title(part)),
            tail: tail(part),
            below,
            details: details(part),
        });
        add(&part.children, &inner, lines);
    }
}

fn title(part: &Part) -> String {
    match (part.kind, part.name.is_empty()) {
        (Some(kind), true) => kind.to_string(),
        (Some(kind), false) => format!("{kind} {}", Shown(&part.name)),
        (None, _) => "of no kind".to_owned(),
    }
}

/// The claims of a signature, which only a guarded mode verifies.
fn signer(claims: &Claims) -> String {
    let Claims { key_id, audience, expires } = claims;
    let until = expires.map_or_else(|| "for good".to_owned(), |expires| format!("until {}", utc(expires)));
    format!("says to be signed by {} for {}, {until}", Shown(key_id), Shown(audience))
}

/// A time as date and time of day, or in seconds if it is too far off for a calendar.
fn utc(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(timestamp_s_to_datetime);
    time.map_or_else(|| format!("{seconds} seconds after 1970"), |time| format!("{time} UTC"))
}

/// How a part is carried.
fn tail(part: &Part) -> String {
    let size = bytes(part.size);
    let mut text = match &part.content {
        Content::Name => "by name".to_owned(),
        Content::Unframed => format!("a codec's own bytes, {size}"),
        Content::Broken => format!("a broken codec envelope or frame, {size}"),
        Content::UnknownFamily(family) => format!("unknown family {family:?}, {size}"),
        Content::Frame { family, kind, version, stamp, .. } => {
            let mut text = family.to_string();
            // Writing to a string does not fail.
            if let Some(version) = version {
                let _ = write!(text, " v{version}");
            }
            if part.kind != Some(*kind) {
                let _ = write!(text, " {kind}");
            }
            if let Some(stamp) = stamp {
                let _ = write!(text, ", {stamp}");
            }
            text + ", " + &size
        }
    };
    for id in part.envelopes.iter().rev() {
        let _ = write!(text, ", in an envelope of codec {}", Shown(id));
    }
    text
}

/// The details of a part.
fn details(part: &Part) -> Vec<String> {
    let mut details: Vec<_> = part.digest.iter().map(|digest| format!("sha256 {digest}")).collect();
    if let Content::Frame { signer: Some(claims), .. } = &part.content {
        details.push(signer(claims));
    }
    match (&part.fate, &part.content) {
        (Fate::Admitted, Content::Name) => {}
        (fate, _) => details.push(fate.to_string()),
    }
    details
}
