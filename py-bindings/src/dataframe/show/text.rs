//! A query's first rows as text.

use std::sync::Arc;

use arrow_pyarrow::{FromPyArrow, PyArrowType};
use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::arrow::util::pretty::pretty_format_batches_with_schema;
use datafusion::error::Result;
use datafusion::logical_expr::LogicalPlan;
use planwire_registry::error::is_plain;
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::dataframe::run::output::result;
use crate::host::call::Call;
use crate::host::{runtime, shown};

/// How many rows stand in a frame's text.
const ROWS_SHOWN: usize = 10;

/// Characters of one line of a value that are drawn.
///
/// The table's layout breaks lines of more than 65,535 columns word by word, and measures the line from its
/// start for each of them.
const LINE_SHOWN: usize = 16 * 1024;

/// The mark for omitted rows.
pub(crate) const MORE: &str = "and more rows";

#[pymethods]
impl PyDataFrame {
    /// Run the query and print its first rows.
    ///
    /// Args:
    ///     num: How many rows to print at most.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).show(1)
    ///     DataFrame()
    ///     +---+
    ///     | a |
    ///     +---+
    ///     | 1 |
    ///     +---+
    #[pyo3(signature = (num = 20))]
    fn show(&self, py: Python<'_>, num: usize) -> PyResult<()> {
        let call = Call::begin(py)?;
        let (schema, batches) = self.limited(&call, num)?;
        print(&call, &schema, &batches)
    }

    /// Return batches as a frame's text would show them.
    ///
    /// Args:
    ///     batches: The batches, as `collect` returns them.
    ///     schema: Their schema.
    ///     has_more: Whether to say that there are more rows.
    ///     table_uuid: Not used.
    ///
    /// Raises:
    ///     ExecutionError: A value cannot be shown.
    ///
    /// Example:
    ///     >>> from planwire import DataFrame, SessionContext
    ///     >>> df = SessionContext().from_pydict({"a": [1]})
    ///     >>> print(DataFrame.default_str_repr(df.collect(), df.schema(), has_more=True))
    ///     +---+
    ///     | a |
    ///     +---+
    ///     | 1 |
    ///     +---+
    ///     and more rows
    #[staticmethod]
    #[pyo3(signature = (batches, schema, has_more, table_uuid = None))]
    fn default_str_repr(
        py: Python<'_>,
        batches: Vec<Bound<'_, PyAny>>,
        schema: PyArrowType<Schema>,
        has_more: bool,
        table_uuid: Option<&str>,
    ) -> PyResult<String> {
        let _ = table_uuid;
        let PyArrowType(schema) = schema;
        let batches: Vec<RecordBatch> = batches
            .into_iter()
            .map(|batch| RecordBatch::from_pyarrow_bound(&batch))
            .collect::<PyResult<_>>()?;
        Call::begin(py)?.plan(|| drawn(&schema, &batches, has_more))
    }

    /// Run the query and draw its first rows.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let call = Call::begin(py)?;
        let (schema, batches, more) = self.first(&call, ROWS_SHOWN)?;
        call.plan(|| drawn(&schema, &batches, more))
    }
}

impl PyDataFrame {
    /// Runs the query for its first rows, and says whether there are more.
    pub(crate) fn first(
        &self,
        call: &Call<'_>,
        rows: usize,
    ) -> PyResult<(SchemaRef, Vec<RecordBatch>, bool)> {
        let (schema, batches) = self.limited(call, rows + 1)?;
        let found: usize = batches.iter().map(RecordBatch::num_rows).sum();
        Ok((schema, first_rows(&batches, rows), found > rows))
    }

    /// Runs the query for its first rows.
    fn limited(&self, call: &Call<'_>, rows: usize) -> PyResult<(SchemaRef, Vec<RecordBatch>)> {
        let first = call.plan(|| {
            let frame = self.cloned();
            match frame.logical_plan() {
                // DataFusion runs these only where nothing is above them, and their rows are few.
                LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) => Ok(frame),
                _ => frame.limit(0, Some(rows)),
            }
        })?;
        let (schema, batches) = runtime::run(call, result(first))?;
        Ok((schema, first_rows(&batches, rows)))
    }
}

/// Prints batches where Python prints.
pub(crate) fn print(call: &Call<'_>, schema: &Schema, batches: &[RecordBatch]) -> PyResult<()> {
    let text = if batches.iter().all(|batch| batch.num_rows() == 0) {
        "DataFrame has no rows".to_owned()
    } else {
        format!("DataFrame()\n{}", call.plan(|| drawn(schema, batches, false))?)
    };
    call.py().import("builtins")?.call_method1("print", (text,))?;
    Ok(())
}

fn drawn(schema: &Schema, batches: &[RecordBatch], more: bool) -> Result<String> {
    let schema = texts(schema);
    let cells = |batch: &RecordBatch| -> Result<RecordBatch> {
        let columns = batch.columns().iter().map(|column| cells(column)).collect::<Result<_>>()?;
        let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &rows)?)
    };
    let cells = batches.iter().map(cells).collect::<Result<Vec<_>>>()?;
    let table = escaped(&pretty_format_batches_with_schema(Arc::clone(&schema), &cells)?.to_string());
    Ok(if more { format!("{table}\n{MORE}") } else { table })
}

/// The schema of the drawn table: texts, with each name on one line.
fn texts(schema: &Schema) -> SchemaRef {
    let text = |field: &Arc<Field>| Field::new(shown::name(field.name()).to_string(), DataType::Utf8, false);
    Arc::new(Schema::new(schema.fields().iter().map(text).collect::<Vec<_>>()))
}

/// The texts of a column, in which long lines are cut.
fn cells(column: &dyn Array) -> Result<ArrayRef> {
    let options = FormatOptions::default().with_display_error(true);
    let format = ArrayFormatter::try_new(column, &options)?;
    let cells = (0..column.len()).map(|row| Some(cut(format.value(row).to_string())));
    Ok(Arc::new(cells.collect::<StringArray>()))
}

fn cut(text: String) -> String {
    if text.len() <= LINE_SHOWN {
        return text;
    }
    let lines = text.split('\n').map(|line| match line.char_indices().nth(LINE_SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The text of a table. A line break within a value stays, because it stays within the table's borders.
fn escaped(table: &str) -> String {
    let mut text = String::with_capacity(table.len());
    for part in table.chars() {
        if part == '\n' || is_plain(part) || is_joiner(part) {
            text.push(part);
        } else {
            text.extend(part.escape_unicode());
        }
    }
    text
}

/// Whether a character does no more to a value than to join its letters, or to choose how they look.
pub(crate) const fn is_joiner(part: char) -> bool {
    matches!(part, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// The first rows of some batches.
fn first_rows(batches: &[RecordBatch], mut rows: usize) -> Vec<RecordBatch> {
    let mut first = Vec::new();
    for batch in batches {
        let taken = batch.slice(0, rows.min(batch.num_rows()));
        rows -= taken.num_rows();
        first.push(taken);
    }
    first
}
