//! `planwire._internal`, the compiled half of the Python package `planwire`.
//!
//! No wire logic lives here: a class holds a value of DataFusion or of the codecs, turns arguments
//! and results, and raises errors as the exceptions of `planwire.errors`.

#![deny(unsafe_code)]

mod ambient;
mod audit;
mod awaitable;
mod builtin;
mod call;
mod catalog;
mod dataframe;
mod dataset;
mod deep;
mod error;
mod expr;
mod families;
mod ffi;
mod floor;
mod guard;
mod inspect;
mod literal;
mod message;
mod parcel;
mod plan;
mod record_batch;
mod report;
mod runtime;
mod session;
mod shown;
mod similar;
mod sort;
mod source;
mod udf;

use pyo3::prelude::*;

#[pymodule]
mod _internal {
    #[pymodule_export]
    use crate::builtin::{PyFunctionDoc, builtin, builtin_doc, builtin_names};
    #[pymodule_export]
    use crate::catalog::{PyCatalog, PySchema, PyTable};
    #[pymodule_export]
    use crate::dataframe::PyDataFrame;
    #[pymodule_export]
    use crate::expr::{
        PyCaseBuilder, PyExpr, PyExprFuncBuilder, PyWindow, PyWindowFrame, PyWindowFrameBound, case, col,
        lambda_, lambda_var, lit, when,
    };
    #[pymodule_export]
    use crate::families::PyFamilyStatus;
    #[pymodule_export]
    use crate::floor::{get_process_floor, get_process_keyring, harden, set_process_floor};
    #[pymodule_export]
    use crate::guard::{PyGuard, PyKeyring, generate_key, open, pinned, seal, signed};
    #[pymodule_export]
    use crate::inspect::{PyContents, PyPart, PyReading, inspect};
    #[pymodule_export]
    use crate::parcel::{PyParcel, pack};
    #[pymodule_export]
    use crate::plan::{PyExecutionPlan, PyLogicalPlan, PyMetric, PyMetricsSet, PyPhysicalPartitioning};
    #[pymodule_export]
    use crate::record_batch::{PyRecordBatch, PyRecordBatchStream};
    #[pymodule_export]
    use crate::report::{PyCarried, PyEncodeReport, encode_report};
    #[pymodule_export]
    use crate::session::{PyRuntimeEnvBuilder, PySessionConfig, PySessionContext, PySqlOptions};
    #[pymodule_export]
    use crate::sort::PySortExpr;
    #[pymodule_export]
    use crate::udf::{PyAggregateUdf, PyHigherOrderUdf, PyScalarUdf, PyWindowUdf};

    // For `Bound::add`.
    use pyo3::types::PyModuleMethods;

    #[pymodule_init]
    fn init(module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
        planwire_registry::panics::silence_caught();
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("__datafusion_version__", datafusion::DATAFUSION_VERSION)?;
        crate::floor::raise_by_environment(module.py())?;
        crate::call::hook(module.py())
    }
}
