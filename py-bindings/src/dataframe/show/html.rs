//! A query's first rows as HTML, for notebooks.

use std::fmt::Write as _;

use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use planwire_registry::error::is_plain;
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::dataframe::show::text::{MORE, is_joiner};
use crate::host::call::Call;
use crate::host::shown::{name, shown};

/// How many rows stand in a table.
const ROWS_SHOWN: usize = 20;

/// How many characters of a value stand in its cell.
const LONGEST_CELL: usize = 80;

/// In colours that go with a light page and with a dark one.
const STYLE: &str = "\
<style>
.planwire { overflow-x: auto; }
.planwire table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.planwire th, .planwire td { border: 1px solid #8886; padding: 0.25em 0.75em; text-align: left; white-space: pre; }
.planwire .number { text-align: right; }
.planwire small, .planwire .null, .planwire p { color: #888; font-weight: normal; }
</style>";

#[pymethods]
impl PyDataFrame {
    /// Run the query and draw its first rows as a table of HTML.
    fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
        let call = Call::begin(py)?;
        let (schema, batches, more) = self.first(&call, ROWS_SHOWN)?;
        call.plan(|| Ok(drawn(&schema, &batches, more)?))
    }
}

fn drawn(schema: &Schema, batches: &[RecordBatch], more: bool) -> Result<String, ArrowError> {
    let mut html = format!("<div class=\"planwire\">\n{STYLE}\n<table>\n<thead><tr>");
    for field in schema.fields() {
        html.push_str(&header(field));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for batch in batches {
        rows(batch, &mut html)?;
    }
    html.push_str("</tbody>\n</table>\n");
    if more {
        html.push_str("<p>");
        html.push_str(MORE);
        html.push_str("</p>\n");
    }
    html.push_str("</div>");
    Ok(html)
}

fn header(field: &Field) -> String {
    let (name, data_type) = (cell(&name(field.name())), cell(&shown(field.data_type())));
    format!("<th{}>{name}<br><small>{data_type}</small></th>", class(field.data_type()))
}

fn rows(batch: &RecordBatch, html: &mut String) -> Result<(), ArrowError> {
    let options = FormatOptions::default().with_display_error(true);
    let columns: Vec<(&dyn Array, ArrayFormatter<'_>)> = batch
        .columns()
        .iter()
        .map(|column| Ok((column.as_ref(), ArrayFormatter::try_new(column.as_ref(), &options)?)))
        .collect::<Result<_, ArrowError>>()?;
    for row in 0..batch.num_rows() {
        html.push_str("<tr>");
        for (column, formatter) in &columns {
            if column.is_null(row) || column.data_type() == &DataType::Null {
                let class = if column.data_type().is_numeric() { "number null" } else { "null" };
                let _ = write!(html, "<td class=\"{class}\">null</td>");
            } else {
                let (class, value) = (class(column.data_type()), cell(&formatter.value(row)));
                // Writing to a text does not fail.
                let _ = write!(html, "<td{class}>{value}</td>");
            }
        }
        html.push_str("</tr>\n");
    }
    Ok(())
}

fn class(data_type: &DataType) -> &'static str {
    if data_type.is_numeric() { " class=\"number\"" } else { "" }
}

/// The text of a value, cut to what fits into a cell, with nothing in it that HTML would read.
fn cell(value: &dyn std::fmt::Display) -> String {
    let text = value.to_string();
    let mut cell = String::new();
    for character in text.chars().take(LONGEST_CELL) {
        match character {
            '&' => cell.push_str("&amp;"),
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            '"' => cell.push_str("&quot;"),
            '\'' => cell.push_str("&#39;"),
            // Would turn around the text after it, or hide it.
            _ if !is_plain(character) && !is_joiner(character) => cell.push('\u{fffd}'),
            _ => cell.push(character),
        }
    }
    if text.chars().nth(LONGEST_CELL).is_some() {
        cell.push('…');
    }
    cell
}
