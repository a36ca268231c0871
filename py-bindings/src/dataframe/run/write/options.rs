//! Where rows are written to, as `DataFrameWriteOptions` say it.

use datafusion::dataframe::DataFrameWriteOptions;
use datafusion::logical_expr::dml::InsertOp;
use pyo3::exceptions::{PyAttributeError, PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::expr::OneOrMany;
use crate::expr::sort::SortKey;

/// The attributes of a Python `DataFrameWriteOptions`.
#[derive(FromPyObject)]
pub(super) struct WriteOptions {
    insert_operation: Option<Insertion>,
    single_file_output: bool,
    partition_by: Option<OneOrMany<String>>,
    sort_by: Option<OneOrMany<SortKey>>,
}

/// An argument that has the attributes of some options.
pub(super) struct Options<T>(pub(super) T);

impl<'a, 'py, T: FromPyObject<'a, 'py, Error = PyErr>> FromPyObject<'a, 'py> for Options<T> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        value.extract().map(Self).map_err(|missing: PyErr| {
            let py = value.py();
            if !missing.is_instance_of::<PyAttributeError>(py) {
                return missing;
            }
            let class = value.get_type();
            let class = class.name().map_or_else(|_| "an object".to_owned(), |name| name.to_string());
            let error = PyTypeError::new_err(format!("expected options of writing, got {class}"));
            error.set_cause(py, Some(missing));
            error
        })
    }
}

struct Insertion(InsertOp);

impl FromPyObject<'_, '_> for Insertion {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let operation: String = value.getattr("value")?.extract()?;
        match operation.as_str() {
            "append" => Ok(Self(InsertOp::Append)),
            "overwrite" => Ok(Self(InsertOp::Overwrite)),
            "replace" => Ok(Self(InsertOp::Replace)),
            other => Err(PyValueError::new_err(format!("there is no insert operation {other:?}"))),
        }
    }
}

impl PyDataFrame {
    /// The options for a result of this query, whose columns they may name.
    pub(super) fn options(&self, given: Option<Options<WriteOptions>>) -> DataFrameWriteOptions {
        let options = DataFrameWriteOptions::new();
        // Left to DataFusion, which chooses a file or a directory by the path.
        let Some(Options(given)) = given else { return options };
        let WriteOptions { insert_operation, single_file_output, partition_by, sort_by } = given;
        let keys = sort_by.map_or_else(Vec::new, OneOrMany::into_vec);
        options
            .with_insert_operation(insert_operation.map_or(InsertOp::Append, |operation| operation.0))
            .with_single_file_output(single_file_output)
            .with_partition_by(partition_by.map_or_else(Vec::new, OneOrMany::into_vec))
            .with_sort_by(keys.into_iter().map(|key| key.resolve(|name| self.column(name))).collect())
    }
}
