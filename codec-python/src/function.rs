//! Functions: the common part of scalar, aggregate and window functions in Python.

pub(crate) mod accumulator;
pub(crate) mod aggregate;
pub(crate) mod aliased;
pub(crate) mod callable;
pub(crate) mod grouped;
pub(crate) mod groups;
pub(crate) mod scalar;
pub(crate) mod window;

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Signature, Volatility};
use planwire_registry::{Described, Kind};
use pyo3::prelude::*;

use crate::error::passed_on;
use crate::family;
use crate::function::callable::Callable;
use crate::interpreter::called;

/// A Python callable with its declared name and types.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PythonFunction {
    name: String,
    callable: Callable,
    inputs: Vec<FieldRef>,
    output: FieldRef,
    signature: Signature,
}

impl PythonFunction {
    pub(crate) fn new(
        name: String,
        callable: Callable,
        inputs: Vec<FieldRef>,
        output: FieldRef,
        volatility: Volatility,
    ) -> Self {
        let types = inputs.iter().map(|field| field.data_type().clone()).collect();
        let signature = Signature::exact(types, volatility);
        Self { name, callable, inputs, output, signature }
    }

    /// Makes a function as the header of its frame describes it.
    pub(crate) fn described(described: Described, callable: Callable) -> Self {
        let Described { name, arguments, result, volatility, .. } = described;
        Self::new(name, callable, arguments, result, volatility)
    }

    /// The name that plans use.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The callable itself: a scalar function's body, or the factory of accumulators or evaluators. `None`
    /// for a function that came in a native frame and has not run yet.
    #[must_use]
    pub fn callable(&self) -> Option<&Py<PyAny>> {
        self.callable.object()
    }

    /// The callable, which is unpickled now unless it was before.
    pub(crate) fn open(&self, kind: Kind) -> Result<&Py<PyAny>, DataFusionError> {
        match self.callable.object() {
            Some(object) => Ok(object),
            None => family::open(kind, &self.name, &self.callable).map_err(|error| passed_on(error.into())),
        }
    }

    /// The frame that the function was decoded from, with the signature that stood behind it; `None` for a
    /// function that was made here.
    #[must_use]
    pub fn received(&self) -> Option<&[u8]> {
        self.callable.received().map(|frame| &**frame)
    }

    /// The function with its payload kept from the first time that it is encoded: it is pickled once, and later
    /// changes of the values that it closes over do not leave.
    #[must_use]
    pub fn frozen(self) -> Self {
        Self { callable: self.callable.frozen(), ..self }
    }

    pub(crate) const fn kept(&self) -> &Callable {
        &self.callable
    }

    /// The declared arguments.
    #[must_use]
    pub fn inputs(&self) -> &[FieldRef] {
        &self.inputs
    }

    /// The declared result.
    #[must_use]
    pub const fn output(&self) -> &FieldRef {
        &self.output
    }

    /// The argument types and the volatility.
    #[must_use]
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }

    /// How often the function gives the same result for the same arguments.
    #[must_use]
    pub const fn volatility(&self) -> Volatility {
        self.signature.volatility
    }

    pub(crate) fn output_type(&self) -> &DataType {
        self.output.data_type()
    }

    /// The result's field under another name.
    pub(crate) fn output_named(&self, name: &str) -> FieldRef {
        Arc::new(self.output.as_ref().clone().with_name(name))
    }
}

/// Asks an accumulator or evaluator a yes-or-no question; the answer is no if it has no such method.
pub(crate) fn says(object: &Bound<'_, PyAny>, question: &str) -> PyResult<bool> {
    match object.getattr_opt(question)? {
        Some(method) => called::asked(&method)?.is_truthy(),
        None => Ok(false),
    }
}
