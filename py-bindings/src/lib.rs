//! `planwire._internal`, the compiled half of the Python package `planwire`.
//!
//! No wire logic lives here: a class holds a value of DataFusion or of the codecs, turns arguments
//! and results, and raises errors as the exceptions of `planwire.errors`.

#![deny(unsafe_code)]

mod catalog;
mod cluster;
mod config;
mod dataframe;
mod expr;
mod ffi;
mod host;
mod plan;
mod policy;
mod session;
mod udf;
mod wire;

use mimalloc::MiMalloc;
use pyo3::prelude::*;

/// Planning makes and drops many small objects, on threads that differ.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[pymodule]
mod _internal {
    #[pymodule_export]
    use crate::catalog::{PyCatalog, PySchema, PyTable};
    #[pymodule_export]
    use crate::cluster::{run_executor, run_scheduler};
    #[pymodule_export]
    use crate::dataframe::PyDataFrame;
    #[pymodule_export]
    use crate::dataframe::run::record_batch::{PyRecordBatch, PyRecordBatchStream};
    #[pymodule_export]
    use crate::expr::call::builtin::{PyFunctionDoc, builtin, builtin_doc, builtin_names};
    #[pymodule_export]
    use crate::expr::sort::PySortExpr;
    #[pymodule_export]
    use crate::expr::{
        PyCaseBuilder, PyExpr, PyExprFuncBuilder, PyWindow, PyWindowFrame, PyWindowFrameBound, argument,
        case, col, lambda_, lambda_var, lit, when,
    };
    #[pymodule_export]
    use crate::plan::{PyExecutionPlan, PyLogicalPlan, PyMetric, PyMetricsSet, PyPhysicalPartitioning};
    #[pymodule_export]
    use crate::policy::families::{PyDecodeCache, PyFamilyStatus, clear_decode_cache, decode_cache};
    #[pymodule_export]
    use crate::policy::floor::{get_process_floor, get_process_keyring, harden, set_process_floor};
    #[pymodule_export]
    use crate::policy::guard::{PyGuard, PyKeyring, generate_key, open, pinned, seal, signed};
    #[pymodule_export]
    use crate::session::{
        PyAmazonS3, PyGoogleCloud, PyHttp, PyLocalFileSystem, PyMicrosoftAzure, PyObjectStore,
    };
    #[pymodule_export]
    use crate::session::{PyRuntimeEnvBuilder, PySessionConfig, PySessionContext, PySqlOptions};
    #[pymodule_export]
    use crate::udf::{PyAggregateUdf, PyHigherOrderUdf, PyScalarUdf, PyWindowUdf};
    #[pymodule_export]
    use crate::wire::inspect::{PyContents, PyPart, PyReading, inspect};
    #[pymodule_export]
    use crate::wire::parcel::{PyParcel, pack, restore_parcel};
    #[pymodule_export]
    use crate::wire::report::{PyCarried, PyEncodeReport, encode_report};

    // For `Bound::add`.
    use pyo3::types::PyModuleMethods;

    #[pymodule_init]
    fn init(module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
        planwire_registry::panics::silence_caught();
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("__datafusion_version__", datafusion::DATAFUSION_VERSION)?;
        crate::policy::floor::raise_by_environment(module.py())?;
        crate::host::call::hook(module.py())
    }
}
