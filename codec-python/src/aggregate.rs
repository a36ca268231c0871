//! Aggregate functions that run a Python accumulator.

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::not_impl_err;
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use planwire_registry::Kind;
use planwire_registry::error::Shown;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::PythonFunction;
use crate::callable::Callable;
use crate::convert::{all_to_pyarrow, scalar_from_python};
use crate::error::attached;
use crate::function::says;

/// An aggregate function whose accumulators are Python objects.
///
/// The factory is called without arguments once for each group and partition. What it returns has
/// `update(*arrays)`, `merge(states)` with one array for each state field, `state()` and
/// `evaluate()`; with `retract_batch(*arrays)` and a true `supports_retract_batch()` it also serves
/// sliding window frames.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PythonAggregateUdf {
    function: PythonFunction,
    state: Vec<FieldRef>,
}

impl PythonAggregateUdf {
    /// Makes a function of `factory`; `state` are the fields that `state()` returns and `merge` gets.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        factory: Py<PyAny>,
        inputs: Vec<FieldRef>,
        output: FieldRef,
        state: Vec<FieldRef>,
        volatility: Volatility,
    ) -> Self {
        Self::of(PythonFunction::new(name.into(), Callable::new(factory), inputs, output, volatility), state)
    }

    pub(crate) const fn of(function: PythonFunction, state: Vec<FieldRef>) -> Self {
        Self { function, state }
    }

    /// What the function was declared with.
    #[must_use]
    pub const fn function(&self) -> &PythonFunction {
        &self.function
    }

    /// The declared state.
    #[must_use]
    pub fn state(&self) -> &[FieldRef] {
        &self.state
    }
}

impl AggregateUDFImpl for PythonAggregateUdf {
    fn name(&self) -> &str {
        self.function.name()
    }

    fn signature(&self) -> &Signature {
        self.function.signature()
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.function.output_type().clone())
    }

    fn return_field(&self, _: &[FieldRef]) -> Result<FieldRef> {
        Ok(self.function.output_named(self.function.name()))
    }

    fn is_nullable(&self) -> bool {
        self.function.output().is_nullable()
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        // The names must tell the states of several aggregates in one plan apart.
        let named = |field: &FieldRef| {
            let name = format!("{}[{}]", args.name, field.name());
            Arc::new(field.as_ref().clone().with_name(name))
        };
        Ok(self.state.iter().map(named).collect())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct {
            // The accumulator would see every value and return the answer to another question.
            return not_impl_err!(
                "DISTINCT for the aggregate UDF {}, where DataFusion leaves it to the function",
                Shown(self.name())
            );
        }
        let factory = self.function.callable();
        let (object, supports_retract_batch) = attached(Kind::AggregateUdf, self.name(), "starting", |py| {
            let object = factory.bind(py).call0()?;
            let retracts = says(&object, "supports_retract_batch")?;
            Ok((object.unbind(), retracts))
        })?;
        Ok(Box::new(PythonAccumulator {
            object,
            supports_retract_batch,
            name: self.function.name().to_owned(),
            output: self.function.output_type().clone(),
            state: self.state.iter().map(|field| field.data_type().clone()).collect(),
        }))
    }
}

#[derive(Debug)]
struct PythonAccumulator {
    object: Py<PyAny>,
    supports_retract_batch: bool,
    name: String,
    output: DataType,
    state: Vec<DataType>,
}

impl PythonAccumulator {
    fn run<T>(&self, run: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>) -> Result<T> {
        Ok(attached(Kind::AggregateUdf, &self.name, "running", |py| run(self.object.bind(py)))?)
    }
}

impl Accumulator for PythonAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.run(|object| {
            let arguments = PyTuple::new(object.py(), all_to_pyarrow(object.py(), values)?)?;
            object.call_method1("update", arguments).map(drop)
        })
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.run(|object| object.call_method1("merge", (all_to_pyarrow(object.py(), states)?,)).map(drop))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.run(|object| {
            let values = object.call_method0("state")?.try_iter()?.collect::<PyResult<Vec<_>>>()?;
            if values.len() != self.state.len() {
                return Err(PyValueError::new_err(format!(
                    "state() returned {} values where {} are declared",
                    values.len(),
                    self.state.len()
                )));
            }
            values.iter().zip(&self.state).map(|(value, wanted)| scalar_from_python(value, wanted)).collect()
        })
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.run(|object| scalar_from_python(&object.call_method0("evaluate")?, &self.output))
    }

    fn supports_retract_batch(&self) -> bool {
        self.supports_retract_batch
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.run(|object| {
            let arguments = PyTuple::new(object.py(), all_to_pyarrow(object.py(), values)?)?;
            object.call_method1("retract_batch", arguments).map(drop)
        })
    }

    fn size(&self) -> usize {
        // What the Python object holds is not known.
        size_of_val(self)
    }
}
