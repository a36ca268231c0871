//! Aggregate functions that run a Python accumulator.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{not_impl_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, Documentation, GroupsAccumulator, Signature, Volatility,
};
use planwire_registry::error::Shown;
use pyo3::prelude::*;

use crate::function::accumulator::{First, Protocol, PythonAccumulator};
use crate::function::callable::Callable;
use crate::function::grouped::{OneGroup, PythonGrouped};
use crate::function::groups::PythonGroups;
use crate::function::{PythonFunction, aliased};

/// An aggregate function whose accumulators are Python objects.
///
/// The factory is called without arguments once for each group and partition. It returns an object with
/// `update(*arrays)`, `merge(states)` with one array for each state field, `state()` and `evaluate()`. If the
/// object also has `retract_batch(*arrays)` and a true `supports_retract_batch()`, it serves sliding window
/// frames too.
///
/// If the object has a true `is_grouped()`, one keeps the state of all groups: it gets whole batches by
/// `update(groups, count, *arrays)` and `merge(groups, count, states)`, with the number of each row's group and
/// the number of groups so far, and answers `state(which)` and `evaluate(which)` for a slice of the groups by
/// arrays.
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

    /// The function with its payload kept, see [`PythonFunction::frozen`].
    #[must_use]
    pub fn frozen(&self) -> Self {
        Self { function: self.function.clone().frozen(), state: self.state.clone() }
    }

    /// The declaration of the function.
    #[must_use]
    pub const fn function(&self) -> &PythonFunction {
        &self.function
    }

    /// The declared state.
    #[must_use]
    pub fn state(&self) -> &[FieldRef] {
        &self.state
    }

    /// The common part of the accumulators of a call. `DISTINCT` and `IGNORE NULLS` are refused: accumulators
    /// are not told of them, and would answer the question without them.
    fn protocol(&self, args: &AccumulatorArgs<'_>) -> Result<Protocol> {
        let name = Shown(self.name());
        if args.is_distinct {
            return not_impl_err!(
                "DISTINCT for the aggregate UDF {name}, where DataFusion leaves it to the function"
            );
        }
        if args.ignore_nulls {
            return not_impl_err!("IGNORE NULLS for the aggregate UDF {name}");
        }
        Protocol::new(&self.function, &self.state, args)
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

    fn documentation(&self) -> Option<&Documentation> {
        aliased::answer(self);
        None
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let protocol = self.protocol(&args)?;
        let First { object, is_grouped, supports_retract_batch } = protocol.first()?;
        Ok(if is_grouped {
            Box::new(OneGroup::new(protocol, object))
        } else {
            Box::new(PythonAccumulator::new(protocol, object, supports_retract_batch))
        })
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let accumulator = self.accumulator(args)?;
        if accumulator.supports_retract_batch() {
            return Ok(accumulator);
        }
        let name = Shown(self.name());
        plan_err!(
            "the aggregate UDF {name} cannot leave rows of a sliding frame: give its accumulator \
             `retract_batch(*values)`, which undoes `update`, and `supports_retract_batch()`, which returns \
             True; or begin the frame with UNBOUNDED PRECEDING"
        )
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        let protocol = Arc::new(self.protocol(&args)?);
        let First { object, is_grouped, .. } = protocol.first()?;
        Ok(if is_grouped {
            Box::new(PythonGrouped::new(protocol, Some(object)))
        } else {
            Box::new(PythonGroups::new(protocol, Some(object)))
        })
    }
}
