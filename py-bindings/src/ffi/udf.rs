//! Functions across libraries.

use std::sync::Arc;

use datafusion::logical_expr::{
    AggregateUDF, AggregateUDFImpl, ScalarUDF, ScalarUDFImpl, WindowUDF, WindowUDFImpl,
};
use datafusion_ffi::udaf::FFI_AggregateUDF;
use datafusion_ffi::udf::FFI_ScalarUDF;
use datafusion_ffi::udwf::FFI_WindowUDF;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::capsule;
use super::getter::{self, Given};
use crate::udf::{PyAggregateUdf, PyScalarUdf, PyWindowUdf};

/// Both directions for one kind of function.
macro_rules! crossing {
    ($($take:ident $demand:ident $seal:ident: $udf:ident as $implementation:ident by $structure:ident;)+) => {$(
        /// The function that an object hands out, or that stands in a capsule; `None` for any other
        /// object.
        ///
        /// # Errors
        ///
        /// Whatever is wrong with the capsule or raised by the object.
        pub(crate) fn $take(object: &Bound<'_, PyAny>) -> PyResult<Option<Arc<$udf>>> {
            let taken = getter::take::<$structure>(object, Given::Nothing)?;
            Ok(taken.map(|structure| shared(<Arc<dyn $implementation>>::from(&structure), $udf::new_from_shared_impl)))
        }

        fn $demand(object: &Bound<'_, PyAny>) -> PyResult<Arc<$udf>> {
            let structure: $structure = getter::demand(object, Given::Nothing)?;
            Ok(shared(<Arc<dyn $implementation>>::from(&structure), $udf::new_from_shared_impl))
        }

        fn $seal<'py>(py: Python<'py>, udf: &$udf) -> PyResult<Bound<'py, PyCapsule>> {
            capsule::seal(py, $structure::from(Arc::new(udf.clone())))
        }
    )+};
}

crossing! {
    scalar_udf demand_scalar seal_scalar: ScalarUDF as ScalarUDFImpl by FFI_ScalarUDF;
    aggregate_udf demand_aggregate seal_aggregate: AggregateUDF as AggregateUDFImpl by FFI_AggregateUDF;
    window_udf demand_window seal_window: WindowUDF as WindowUDFImpl by FFI_WindowUDF;
}

fn shared<I: ?Sized, U>(implementation: Arc<I>, function: impl FnOnce(Arc<I>) -> U) -> Arc<U> {
    Arc::new(function(implementation))
}

#[pymethods]
impl PyScalarUdf {
    /// Take over a function of another library.
    ///
    /// Args:
    ///     func: An object with `__datafusion_scalar_udf__`, or the capsule which that returns. The
    ///         function keeps its name.
    ///
    /// Raises:
    ///     TypeError: `func` is of another class.
    ///     ValueError: The capsule holds something else.
    ///
    /// Example:
    ///     >>> from planwire import ScalarUDF, SessionContext
    ///     >>> upper = SessionContext().udf("upper")
    ///     >>> ScalarUDF.from_pycapsule(upper.__datafusion_scalar_udf__())
    ///     ScalarUDF("upper")
    #[staticmethod]
    fn from_pycapsule(func: &Bound<'_, PyAny>) -> PyResult<Self> {
        demand_scalar(func).map(Self::from)
    }

    /// Return a capsule by which other libraries built on the same DataFusion run the function.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> upper = SessionContext().udf("upper")
    ///     >>> upper.__datafusion_scalar_udf__()  # doctest: +ELLIPSIS
    ///     <capsule object "datafusion_scalar_udf" at ...>
    fn __datafusion_scalar_udf__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        seal_scalar(py, self.udf())
    }
}

#[pymethods]
impl PyAggregateUdf {
    /// Take over a function of another library.
    ///
    /// Args:
    ///     func: An object with `__datafusion_aggregate_udf__`, or the capsule which that returns. The
    ///         function keeps its name.
    ///
    /// Raises:
    ///     TypeError: `func` is of another class.
    ///     ValueError: The capsule holds something else.
    ///
    /// Example:
    ///     >>> from planwire import AggregateUDF, SessionContext
    ///     >>> sum = SessionContext().udaf("sum")
    ///     >>> AggregateUDF.from_pycapsule(sum)
    ///     AggregateUDF("sum")
    #[staticmethod]
    fn from_pycapsule(func: &Bound<'_, PyAny>) -> PyResult<Self> {
        demand_aggregate(func).map(Self::from)
    }

    /// Return a capsule by which other libraries built on the same DataFusion run the function.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> sum = SessionContext().udaf("sum")
    ///     >>> sum.__datafusion_aggregate_udf__()  # doctest: +ELLIPSIS
    ///     <capsule object "datafusion_aggregate_udf" at ...>
    fn __datafusion_aggregate_udf__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        seal_aggregate(py, self.udf())
    }
}

#[pymethods]
impl PyWindowUdf {
    /// Take over a function of another library.
    ///
    /// Args:
    ///     func: An object with `__datafusion_window_udf__`, or the capsule which that returns. The
    ///         function keeps its name.
    ///
    /// Raises:
    ///     TypeError: `func` is of another class.
    ///     ValueError: The capsule holds something else.
    ///
    /// Example:
    ///     >>> from planwire import WindowUDF, SessionContext
    ///     >>> rank = SessionContext().udwf("rank")
    ///     >>> WindowUDF.from_pycapsule(rank)
    ///     WindowUDF("rank")
    #[staticmethod]
    fn from_pycapsule(func: &Bound<'_, PyAny>) -> PyResult<Self> {
        demand_window(func).map(Self::from)
    }

    /// Return a capsule by which other libraries built on the same DataFusion run the function.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> rank = SessionContext().udwf("rank")
    ///     >>> rank.__datafusion_window_udf__()  # doctest: +ELLIPSIS
    ///     <capsule object "datafusion_window_udf" at ...>
    fn __datafusion_window_udf__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        seal_window(py, self.udf())
    }
}
