//! Bytes as a snapshot shows them.

use std::fmt::Write;

/// Renders bytes sixteen to a line: offset, hexadecimal, printable ASCII.
#[must_use]
pub fn hexdump(bytes: &[u8]) -> String {
    let mut dump = String::new();
    for (line, chunk) in bytes.chunks(16).enumerate() {
        let hex: Vec<_> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
        let text: String =
            chunk.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' }).collect();
        let _ = writeln!(dump, "{:04x}  {:<47}  {text}", line * 16, hex.join(" "));
    }
    dump
}
