//! Window functions that run a Python evaluator.

use std::ops::Range;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::FieldRef;
use datafusion::common::not_impl_err;
use datafusion::error::Result;
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::window_state::WindowAggState;
use datafusion::logical_expr::{Documentation, PartitionEvaluator, Signature, Volatility, WindowUDFImpl};
use datafusion::scalar::ScalarValue;
use planwire_registry::Kind;
use planwire_registry::error::Shown;
use pyo3::exceptions::{PyNotImplementedError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;

use crate::call::arguments::{Arguments, Handed};
use crate::call::declared::Declared;
use crate::call::figures;
use crate::error::{attached, summary};
use crate::function::callable::Callable;
use crate::function::{PythonFunction, aliased, says};
use crate::interpreter::called::Called;

/// A window function whose partition evaluators are Python objects.
///
/// The factory is called without arguments once for each partition. The methods `uses_window_frame`,
/// `supports_bounded_execution` and `include_rank` of its result decide which of `evaluate_all`, `evaluate`
/// and `evaluate_all_with_rank` the result needs; a missing method means no.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PythonWindowUdf {
    function: PythonFunction,
}

impl PythonWindowUdf {
    /// Makes a function of `factory`.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        factory: Py<PyAny>,
        inputs: Vec<FieldRef>,
        output: FieldRef,
        volatility: Volatility,
    ) -> Self {
        Self::of(PythonFunction::new(name.into(), Callable::new(factory), inputs, output, volatility))
    }

    pub(crate) const fn of(function: PythonFunction) -> Self {
        Self { function }
    }

    /// The function with its payload kept, see [`PythonFunction::frozen`].
    #[must_use]
    pub fn frozen(&self) -> Self {
        Self { function: self.function.clone().frozen() }
    }

    /// The declaration of the function.
    #[must_use]
    pub const fn function(&self) -> &PythonFunction {
        &self.function
    }
}

impl WindowUDFImpl for PythonWindowUdf {
    fn name(&self) -> &str {
        self.function.name()
    }

    fn signature(&self) -> &Signature {
        self.function.signature()
    }

    fn field(&self, args: WindowUDFFieldArgs) -> Result<FieldRef> {
        Ok(self.function.output_named(args.name()))
    }

    fn documentation(&self) -> Option<&Documentation> {
        aliased::answer(self);
        None
    }

    fn partition_evaluator(&self, args: PartitionEvaluatorArgs) -> Result<Box<dyn PartitionEvaluator>> {
        if args.ignore_nulls() {
            // The evaluator would see the nulls and return the answer to another question.
            return not_impl_err!("IGNORE NULLS for the window UDF {}", Shown(self.name()));
        }
        let factory = self.function.open(Kind::WindowUdf)?;
        let made = attached(Kind::WindowUdf, self.name(), "starting", |py| {
            let object = factory.bind(py).called(())?;
            Ok(PythonEvaluator {
                name: self.name().to_owned(),
                arguments: Arguments::of(object.py(), args.input_fields(), self.function.inputs())?,
                handed: Handed::default(),
                all: Declared::new("evaluate_all()", self.function.output().clone()),
                row: Declared::new("evaluate()", self.function.output().clone()),
                ranked: Declared::new("evaluate_all_with_rank()", self.function.output().clone()),
                is_causal: says(&object, "is_causal")?,
                supports_bounded_execution: says(&object, "supports_bounded_execution")?,
                uses_window_frame: says(&object, "uses_window_frame")?,
                include_rank: says(&object, "include_rank")?,
                object: object.unbind(),
            })
        })?;
        Ok(Box::new(made))
    }
}

#[derive(Debug)]
struct PythonEvaluator {
    object: Py<PyAny>,
    name: String,
    arguments: Arguments,
    handed: Handed,
    all: Declared,
    row: Declared,
    ranked: Declared,
    is_causal: bool,
    supports_bounded_execution: bool,
    uses_window_frame: bool,
    include_rank: bool,
}

impl PythonEvaluator {
    fn run<T>(&self, work: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>) -> Result<T> {
        run(&self.object, &self.name, work)
    }

    /// Whether a partition may be evaluated row by row where the object offers nothing better.
    const fn row_by_row(&self) -> bool {
        self.supports_bounded_execution && !self.uses_window_frame
    }

    /// The object's own `evaluate_all`, or nothing if it leaves that to row-by-row evaluation.
    fn whole_partition(&mut self, values: &[ArrayRef], num_rows: usize) -> Result<Option<ArrayRef>> {
        let row_by_row = self.row_by_row();
        let Self { object, name, arguments, handed, all, .. } = self;
        run(object, name, |object| {
            let py = object.py();
            let Some(method) = object.getattr_opt(intern!(py, "evaluate_all"))? else { return Ok(None) };
            match method.called((handed.list(py, arguments, values)?, num_rows)) {
                Ok(returned) if returned.is_none() && row_by_row => Ok(None),
                Ok(returned) => {
                    figures::add_rows(num_rows);
                    all.column(&returned, num_rows, "rows").map(Some)
                }
                Err(error) if row_by_row && error.is_instance_of::<PyNotImplementedError>(py) => Ok(None),
                Err(error) => Err(error),
            }
        })
    }
}

fn run<T>(object: &Py<PyAny>, name: &str, work: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>) -> Result<T> {
    Ok(attached(Kind::WindowUdf, name, "running", |py| work(object.bind(py)))?)
}

impl PartitionEvaluator for PythonEvaluator {
    fn memoize(&mut self, _: &mut WindowAggState) -> Result<()> {
        self.run(|object| match object.getattr_opt(intern!(object.py(), "memoize"))? {
            Some(method) => method.called(()).map(drop),
            None => Ok(()),
        })
    }

    fn get_range(&self, idx: usize, num_rows: usize) -> Result<Range<usize>> {
        let (start, end) =
            self.run(|object| match object.getattr_opt(intern!(object.py(), "get_range"))? {
                Some(method) => {
                    let returned = method.called((idx, num_rows))?;
                    returned.extract().map_err(|_| {
                        PyTypeError::new_err(format!(
                            "get_range() returned {} where two numbers are wanted",
                            summary(&returned)
                        ))
                    })
                }
                None => Ok((idx, idx + 1)),
            })?;
        if start > end || end > num_rows {
            return datafusion::common::exec_err!(
                "window UDF {}: get_range({idx}, {num_rows}) returned ({start}, {end}), which is no range of the partition",
                Shown(&self.name)
            );
        }
        Ok(start..end)
    }

    fn is_causal(&self) -> bool {
        self.is_causal
    }

    fn evaluate_all(&mut self, values: &[ArrayRef], num_rows: usize) -> Result<ArrayRef> {
        if let Some(column) = self.whole_partition(values, num_rows)? {
            return Ok(column);
        }
        if !self.row_by_row() {
            return datafusion::common::exec_err!(
                "window UDF {} has no evaluate_all and does not say that it supports bounded execution",
                Shown(&self.name)
            );
        }
        let rows = (0..num_rows)
            .map(|idx| {
                let range = self.get_range(idx, num_rows)?;
                self.evaluate(values, &range)
            })
            .collect::<Result<Vec<_>>>()?;
        self.all.collect(rows)
    }

    fn evaluate(&mut self, values: &[ArrayRef], range: &Range<usize>) -> Result<ScalarValue> {
        let Self { object, name, arguments, handed, row, .. } = self;
        run(object, name, |object| {
            let py = object.py();
            figures::add_rows(1);
            let arguments = (handed.list(py, arguments, values)?, (range.start, range.end));
            row.value(&object.called_method(intern!(py, "evaluate"), arguments)?)
        })
    }

    fn evaluate_all_with_rank(&self, num_rows: usize, ranks: &[Range<usize>]) -> Result<ArrayRef> {
        self.run(|object| {
            let ranks: Vec<_> = ranks.iter().map(|rank| (rank.start, rank.end)).collect();
            figures::add_rows(num_rows);
            let method = intern!(object.py(), "evaluate_all_with_rank");
            let returned = object.called_method(method, (num_rows, ranks))?;
            self.ranked.column(&returned, num_rows, "rows")
        })
    }

    fn supports_bounded_execution(&self) -> bool {
        self.supports_bounded_execution
    }

    fn uses_window_frame(&self) -> bool {
        self.uses_window_frame
    }

    fn include_rank(&self) -> bool {
        self.include_rank
    }
}
