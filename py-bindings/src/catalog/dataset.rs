//! Datasets of pyarrow as tables, which are read when a query needs them.

use std::fmt;
use std::sync::Arc;

use arrow_array::ffi_stream::ArrowArrayStreamReader;
use arrow_pyarrow::FromPyArrow;
use async_trait::async_trait;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{exec_datafusion_err, project_schema};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use planwire_python::gate;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyType};

/// How many batches are read ahead of the query.
const AHEAD: usize = 2;

/// A table over a dataset.
#[derive(Clone)]
pub(crate) struct DatasetTable {
    dataset: Arc<Py<PyAny>>,
    schema: SchemaRef,
}

impl DatasetTable {
    /// Takes a dataset over, whose schema is all that is read now.
    ///
    /// # Errors
    ///
    /// A `TypeError` if the object is not a dataset.
    pub(crate) fn from_python(dataset: &Bound<'_, PyAny>) -> PyResult<Self> {
        static DATASET: PyOnceLock<Py<PyType>> = PyOnceLock::new();
        let class = DATASET.import(dataset.py(), "pyarrow.dataset", "Dataset")?;
        if !dataset.is_instance(class)? {
            let found = dataset.get_type();
            return Err(PyTypeError::new_err(format!(
                "expected a pyarrow.dataset.Dataset, got {}",
                found.name()?
            )));
        }
        let schema = Schema::from_pyarrow_bound(&dataset.getattr("schema")?)?;
        Ok(Self { dataset: Arc::new(dataset.clone().unbind()), schema: Arc::new(schema) })
    }

    /// Opens the dataset for reading some columns.
    fn open(&self, columns: &Schema) -> Result<ArrowArrayStreamReader> {
        let names: Vec<_> = columns.fields().iter().map(|field| field.name().as_str()).collect();
        let open = |py: Python<'_>| {
            let options = [("columns", names)].into_py_dict(py)?;
            let scanner = self.dataset.bind(py).call_method("scanner", (), Some(&options))?;
            ArrowArrayStreamReader::from_pyarrow_bound(&scanner.call_method0("to_reader")?)
        };
        match gate::attach(open) {
            Some(opened) => opened.map_err(|raised| DataFusionError::External(Box::new(raised))),
            None => Err(exec_datafusion_err!("the Python interpreter is shutting down")),
        }
    }
}

impl fmt::Debug for DatasetTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatasetTable").field("schema", &self.schema).finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for DatasetTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = project_schema(&self.schema, projection)?;
        let scan = DatasetScan { table: self.clone(), columns: Arc::clone(&columns) };
        let scan: Arc<dyn PartitionStream> = Arc::new(scan);
        Ok(Arc::new(StreamingTableExec::try_new(columns, vec![scan], None, [], false, limit)?))
    }
}

/// One reading of some columns.
#[derive(Debug)]
struct DatasetScan {
    table: DatasetTable,
    columns: SchemaRef,
}

impl PartitionStream for DatasetScan {
    fn schema(&self) -> &SchemaRef {
        &self.columns
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut stream = RecordBatchReceiverStream::builder(Arc::clone(&self.columns), AHEAD);
        let (table, columns, batches) = (self.table.clone(), Arc::clone(&self.columns), stream.tx());
        // On a thread of its own, because pyarrow reads while its caller waits.
        stream.spawn_blocking(move || {
            for batch in table.open(&columns)? {
                // Nobody takes batches any more once a query has all that it needs.
                if batches.blocking_send(batch.map_err(DataFusionError::from)).is_err() {
                    break;
                }
            }
            Ok(())
        });
        stream.build()
    }
}
