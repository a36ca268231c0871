//! Arguments that say which files a table has, and how they are laid out.

use std::path::PathBuf;
use std::str::FromStr;

use arrow_pyarrow::FromPyArrow;
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::logical_expr::{SortExpr, col};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use crate::expr::sort::SortKey;

/// An argument that is one path or address.
pub(crate) struct PathArg(String);

impl FromPyObject<'_, '_> for PathArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        value
            .extract::<PathBuf>()?
            .into_os_string()
            .into_string()
            .map_err(|path| {
                PyValueError::new_err(format!("the path {} is not Unicode", path.to_string_lossy()))
            })
            .map(Self)
    }
}

/// An argument that is one path or address, or several.
pub(crate) struct PathsArg(pub(crate) Vec<String>);

impl FromPyObject<'_, '_> for PathsArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let paths: Vec<PathArg> = if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
            value.extract()?
        } else {
            vec![value.extract()?]
        };
        Ok(Self(paths.into_iter().map(|PathArg(path)| path).collect()))
    }
}

impl From<PathArg> for PathsArg {
    fn from(PathArg(path): PathArg) -> Self {
        Self(vec![path])
    }
}

/// An argument that is a schema.
pub(crate) struct SchemaArg(pub(crate) Schema);

impl FromPyObject<'_, '_> for SchemaArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        Schema::from_pyarrow_bound(&value).map(Self)
    }
}

/// An argument that is a list of columns whose values are in the names of directories.
#[derive(Default)]
pub(crate) struct PartitionsArg(pub(crate) Vec<(String, DataType)>);

impl FromPyObject<'_, '_> for PartitionsArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let column = |column: PyResult<Bound<'_, PyAny>>| {
            let (name, data_type): (String, Bound<'_, PyAny>) = column?.extract()?;
            Ok((name, partition_type(&data_type)?))
        };
        value.try_iter()?.map(column).collect::<PyResult<_>>().map(Self)
    }
}

fn partition_type(value: &Bound<'_, PyAny>) -> PyResult<DataType> {
    let Ok(name) = value.cast::<PyString>() else { return DataType::from_pyarrow_bound(value) };
    match &*name.to_cow()? {
        "string" => Ok(DataType::Utf8),
        "int" => Ok(DataType::Int32),
        other => Err(PyValueError::new_err(format!(
            "no type of a partition column is named {other:?}, known are \"int\" and \"string\", or give a pyarrow type"
        ))),
    }
}

/// An argument that says in which orders the rows of each file are.
#[derive(Default)]
pub(crate) struct OrdersArg(pub(crate) Vec<Vec<SortExpr>>);

impl FromPyObject<'_, '_> for OrdersArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let key = |key: PyResult<Bound<'_, PyAny>>| {
            key?.extract::<SortKey>().map(|key| key.resolve(|name| col(name)))
        };
        let order = |order: PyResult<Bound<'_, PyAny>>| order?.try_iter()?.map(key).collect::<PyResult<_>>();
        value.try_iter()?.map(order).collect::<PyResult<_>>().map(Self)
    }
}

/// An argument that names a compression; no name stands for none.
pub(crate) struct CompressionArg(pub(crate) FileCompressionType);

impl Default for CompressionArg {
    fn default() -> Self {
        Self(FileCompressionType::UNCOMPRESSED)
    }
}

impl FromPyObject<'_, '_> for CompressionArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let name: String = value.extract()?;
        FileCompressionType::from_str(&name).map(Self).map_err(|_| {
            PyValueError::new_err(format!(
                "no compression is named {name:?}, known are \"gzip\", \"bz2\", \"xz\" and \"zstd\""
            ))
        })
    }
}

/// An argument that is one ASCII character.
pub(crate) fn ascii(what: &str, text: &str) -> PyResult<u8> {
    match *text.as_bytes() {
        [character] => Ok(character),
        _ => Err(PyValueError::new_err(format!("the {what} {text:?} is not one ASCII character"))),
    }
}

/// An argument that has to be left out: stores of other packages cannot be taken over.
#[derive(Clone, Copy)]
pub(crate) struct NoObjectStore;

impl FromPyObject<'_, '_> for NoObjectStore {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let class = value.get_type();
        Err(PyTypeError::new_err(format!(
            "object_store has to be None, got {}: planwire reads the files that this machine sees",
            class.name()?
        )))
    }
}
