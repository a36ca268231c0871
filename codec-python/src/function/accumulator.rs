//! Accumulators: one Python object for the rows of one group.

use datafusion::arrow::array::{ArrayRef, BooleanArray};
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};
use datafusion::scalar::ScalarValue;
use planwire_registry::Kind;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PySlice, PyString, PyTuple};

use crate::call::arguments::Arguments;
use crate::call::classes::class_name;
use crate::call::declared::Declared;
use crate::call::figures;
use crate::error::attached;
use crate::function::{PythonFunction, says};
use crate::interpreter::called::Called;

/// The common part of the accumulators of one call of a function.
#[derive(Debug)]
pub(crate) struct Protocol {
    name: String,
    factory: Py<PyAny>,
    arguments: Arguments,
    states: Arguments,
    inputs: Vec<DataType>,
    output: Declared,
    state: Vec<Declared>,
}

/// The first accumulator of a call.
pub(crate) struct First {
    pub(crate) object: Py<PyAny>,
    /// Whether it keeps the state of all groups.
    pub(crate) is_grouped: bool,
    pub(crate) supports_retract_batch: bool,
}

/// The sort of columns in a batch.
#[derive(Clone, Copy)]
pub(crate) enum Columns {
    Arguments,
    States,
}

impl Protocol {
    pub(crate) fn new(
        function: &PythonFunction,
        state: &[FieldRef],
        args: &AccumulatorArgs<'_>,
    ) -> Result<Self> {
        let factory = function.open(Kind::AggregateUdf)?;
        let (factory, arguments, states) = attached(Kind::AggregateUdf, function.name(), "starting", |py| {
            let arguments = Arguments::of(py, args.expr_fields, function.inputs())?;
            Ok((factory.clone_ref(py), arguments, Arguments::of(py, state, &[])?))
        })?;
        Ok(Self {
            factory,
            arguments,
            states,
            output: Declared::new("evaluate()", function.output().clone()),
            inputs: args.expr_fields.iter().map(|field| field.data_type().clone()).collect(),
            state: state.iter().map(|field| Declared::new("state()", field.clone())).collect(),
            name: function.name().to_owned(),
        })
    }

    /// The declared state.
    pub(crate) fn state_fields(&self) -> &[Declared] {
        &self.state
    }

    /// The types of the arguments.
    pub(crate) fn inputs(&self) -> &[DataType] {
        &self.inputs
    }

    /// The declared result.
    pub(crate) const fn output(&self) -> &Declared {
        &self.output
    }

    pub(crate) fn run<T>(&self, work: impl FnOnce(Python<'_>) -> PyResult<T>) -> Result<T> {
        Ok(attached(Kind::AggregateUdf, &self.name, "running", work)?)
    }

    /// Makes the first accumulator, and asks it how it wants its rows.
    pub(crate) fn first(&self) -> Result<First> {
        Ok(attached(Kind::AggregateUdf, &self.name, "starting", |py| {
            let object = self.start(py)?;
            let is_grouped = says(&object, "is_grouped")?;
            let supports_retract_batch = !is_grouped && says(&object, "supports_retract_batch")?;
            Ok(First { object: object.unbind(), is_grouped, supports_retract_batch })
        })?)
    }

    /// Makes an accumulator.
    pub(crate) fn start<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.factory.bind(py).called(())
    }

    /// Hands over the columns of a batch.
    pub(crate) fn columns<'py>(
        &self,
        py: Python<'py>,
        columns: &[ArrayRef],
        sort: Columns,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        figures::add_rows(columns.first().map_or(0, |column| column.len()));
        match sort {
            Columns::Arguments => self.arguments.to_pyarrow(py, columns),
            Columns::States => self.states.to_pyarrow(py, columns),
        }
    }

    /// Asks an accumulator for its state.
    pub(crate) fn state(&self, object: &Bound<'_, PyAny>) -> PyResult<Vec<ScalarValue>> {
        let returned = object.called_method(intern!(object.py(), "state"), ())?;
        self.each_state(&returned, Declared::value)
    }

    /// Asks a grouped accumulator for the states of as many groups as `which` has.
    pub(crate) fn state_columns(
        &self,
        object: &Bound<'_, PyAny>,
        which: &Bound<'_, PySlice>,
        groups: usize,
    ) -> PyResult<Vec<ArrayRef>> {
        let returned = object.called_method(intern!(object.py(), "state"), (which,))?;
        self.each_state(&returned, |declared, column| declared.column(column, groups, "groups"))
    }

    /// Takes what `state()` returned by the declared fields.
    fn each_state<T>(
        &self,
        returned: &Bound<'_, PyAny>,
        take: impl Fn(&Declared, &Bound<'_, PyAny>) -> PyResult<T>,
    ) -> PyResult<Vec<T>> {
        let wanted = self.state.len();
        let is_text = returned.is_instance_of::<PyString>() || returned.is_instance_of::<PyBytes>();
        let values = match returned.try_iter() {
            Ok(values) if !is_text => values.collect::<PyResult<Vec<_>>>()?,
            _ => {
                let class = class_name(returned);
                return Err(PyTypeError::new_err(format!(
                    "state() returned {class} where a list of {wanted} is wanted, one value for each state type"
                )));
            }
        };
        if values.len() != self.state.len() {
            return Err(PyValueError::new_err(format!(
                "state() returned {} values where {} are declared",
                values.len(),
                self.state.len()
            )));
        }
        self.state.iter().zip(&values).map(|(declared, value)| take(declared, value)).collect()
    }

    /// Asks an accumulator for its result.
    pub(crate) fn evaluate(&self, object: &Bound<'_, PyAny>) -> PyResult<ScalarValue> {
        self.output.value(&object.called_method(intern!(object.py(), "evaluate"), ())?)
    }
}

/// Gives rows to an accumulator.
pub(crate) fn update<'py>(object: &Bound<'py, PyAny>, arguments: Vec<Bound<'py, PyAny>>) -> PyResult<()> {
    let py = object.py();
    object.called_method(intern!(py, "update"), PyTuple::new(py, arguments)?).map(drop)
}

/// Gives the states of others to an accumulator.
pub(crate) fn merge<'py>(object: &Bound<'py, PyAny>, states: Vec<Bound<'py, PyAny>>) -> PyResult<()> {
    let py = object.py();
    object.called_method(intern!(py, "merge"), (PyList::new(py, states)?,)).map(drop)
}

/// The states of rows that are a group each, kept by an accumulator that has no groups yet.
pub(crate) fn states_of_rows(
    mut groups: impl GroupsAccumulator,
    values: &[ArrayRef],
    filter: Option<&BooleanArray>,
) -> Result<Vec<ArrayRef>> {
    let Some(first) = values.first() else {
        return internal_err!("a batch without columns does not say how many rows it has");
    };
    let own_group: Vec<usize> = (0..first.len()).collect();
    groups.update_batch(values, &own_group, filter, own_group.len())?;
    groups.state(EmitTo::All)
}

/// The accumulator of one group: of all rows, or of a window's partition.
#[derive(Debug)]
pub(crate) struct PythonAccumulator {
    protocol: Protocol,
    object: Py<PyAny>,
    supports_retract_batch: bool,
}

impl PythonAccumulator {
    pub(crate) const fn new(protocol: Protocol, object: Py<PyAny>, supports_retract_batch: bool) -> Self {
        Self { protocol, object, supports_retract_batch }
    }
}

impl Accumulator for PythonAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.protocol
            .run(|py| update(self.object.bind(py), self.protocol.columns(py, values, Columns::Arguments)?))
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.protocol
            .run(|py| merge(self.object.bind(py), self.protocol.columns(py, states, Columns::States)?))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.protocol.run(|py| self.protocol.state(self.object.bind(py)))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.protocol.run(|py| self.protocol.evaluate(self.object.bind(py)))
    }

    fn supports_retract_batch(&self) -> bool {
        self.supports_retract_batch
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.protocol.run(|py| {
            let arguments = PyTuple::new(py, self.protocol.columns(py, values, Columns::Arguments)?)?;
            self.object.bind(py).called_method(intern!(py, "retract_batch"), arguments).map(drop)
        })
    }

    fn size(&self) -> usize {
        // The size of the Python object's content is not known.
        size_of_val(self)
    }
}
