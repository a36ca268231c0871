//! Grouped accumulators: one Python object that keeps the state of all groups in columns of its own.

use std::ops::Range;
use std::sync::Arc;

use arrow_pyarrow::ToPyArrow;
use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, Int64Array, MutableArrayData, make_array, new_empty_array,
};
use datafusion::arrow::compute::filter;
use datafusion::common::{exec_err, internal_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};
use datafusion::scalar::ScalarValue;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PySlice};

use crate::error::value_error;
use crate::function::accumulator::{Columns, Protocol, states_of_rows, update};
use crate::interpreter::called::Called;

/// A Python object that is handed whole batches, with the number of each row's group.
///
/// The numbers that Python sees never change: when DataFusion takes the first groups and counts the others
/// anew, the difference is kept here.
#[derive(Debug)]
pub(crate) struct PythonGrouped {
    protocol: Arc<Protocol>,
    /// Made at the first batch after all groups were taken.
    object: Option<Py<PyAny>>,
    /// The number of the first group that was not taken.
    first: usize,
    /// The number of the next group to come.
    end: usize,
}

impl PythonGrouped {
    /// Keeps the groups in `object`, or in one that is made when it is needed.
    pub(crate) const fn new(protocol: Arc<Protocol>, object: Option<Py<PyAny>>) -> Self {
        Self { protocol, object, first: 0, end: 0 }
    }

    /// Hands over a batch; `groups` are as DataFusion counts them.
    fn give(
        &mut self,
        groups: &[usize],
        keep: Option<&BooleanArray>,
        columns: &[ArrayRef],
        total: usize,
        sort: Columns,
    ) -> Result<()> {
        let Self { protocol, object, first, end } = self;
        *end = first.saturating_add(total);
        let groups = groups.iter().map(|group| number(first.saturating_add(*group)));
        let mut groups: ArrayRef = Arc::new(groups.collect::<Result<Int64Array>>()?);
        let mut columns = columns.to_vec();
        if let Some(keep) = keep {
            groups = filter(&groups, keep)?;
            columns = columns.iter().map(|column| filter(column, keep)).collect::<Result<_, _>>()?;
        }
        protocol.run(|py| {
            let object = match object {
                Some(object) => object,
                None => object.insert(protocol.start(py)?.unbind()),
            };
            let object = object.bind(py);
            let groups = groups.to_data().to_pyarrow(py)?;
            let total = (*end).into_pyobject(py)?.into_any();
            let columns = protocol.columns(py, &columns, sort)?;
            match sort {
                Columns::Arguments => update(object, [vec![groups, total], columns].concat()),
                Columns::States => {
                    let states = PyList::new(py, columns)?;
                    object.called_method(intern!(py, "merge"), (groups, total, states)).map(drop)
                }
            }
        })
    }

    /// The groups that DataFusion means, as Python counts them.
    fn groups(&self, emit_to: EmitTo) -> Range<usize> {
        match emit_to {
            EmitTo::All => self.first..self.end,
            EmitTo::First(groups) => self.first..self.end.min(self.first.saturating_add(groups)),
        }
    }

    /// The results of groups.
    fn results(&self, groups: &Range<usize>) -> Result<ArrayRef> {
        if groups.is_empty() {
            return self.protocol.output().collect(Vec::new());
        }
        self.ask(groups, |object, which| {
            let returned = object.called_method(intern!(object.py(), "evaluate"), (which,))?;
            self.protocol
                .output()
                .column(&returned, groups.len(), "groups")
                .and_then(|column| copied(&column))
        })
    }

    /// The states of groups.
    fn states(&self, groups: &Range<usize>) -> Result<Vec<ArrayRef>> {
        if groups.is_empty() {
            return self.protocol.state_fields().iter().map(|field| field.collect(Vec::new())).collect();
        }
        self.ask(groups, |object, which| {
            let columns = self.protocol.state_columns(object, which, groups.len())?;
            columns.iter().map(copied).collect()
        })
    }

    /// Asks the object about groups.
    fn ask<T>(
        &self,
        groups: &Range<usize>,
        question: impl FnOnce(&Bound<'_, PyAny>, &Bound<'_, PySlice>) -> PyResult<T>,
    ) -> Result<T> {
        let Some(object) = &self.object else { return internal_err!("groups of which no rows came") };
        self.protocol.run(|py| {
            let (start, end) = (groups.start.try_into()?, groups.end.try_into()?);
            question(object.bind(py), &PySlice::new(py, start, end, 1))
        })
    }

    /// Lets groups go that were answered, and the object with the last of them.
    fn forget(&mut self, groups: &Range<usize>) {
        self.first = groups.end;
        if self.first == self.end {
            *self = Self::new(Arc::clone(&self.protocol), None);
        }
    }
}

/// Copies what an object returned, which may be a part of the memory that it goes on changing.
///
/// For the same reason numpy refuses to resize an array while a part of it is out of its hands.
fn copied(column: &ArrayRef) -> PyResult<ArrayRef> {
    let data = column.to_data();
    let mut copy = MutableArrayData::new(vec![&data], false, data.len());
    copy.try_extend(0, 0, data.len()).map_err(value_error)?;
    Ok(make_array(copy.freeze()))
}

/// A group's number as Python sees it.
fn number(group: usize) -> Result<i64> {
    i64::try_from(group).or_else(|_| exec_err!("there are more groups than numbers for them"))
}

impl GroupsAccumulator for PythonGrouped {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.give(group_indices, opt_filter, values, total_num_groups, Columns::Arguments)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.give(group_indices, None, values, total_num_groups, Columns::States)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let groups = self.groups(emit_to);
        let results = self.results(&groups)?;
        self.forget(&groups);
        Ok(results)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = self.groups(emit_to);
        let states = self.states(&groups)?;
        self.forget(&groups);
        Ok(states)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::new(Arc::clone(&self.protocol), None), values, opt_filter)
    }

    fn size(&self) -> usize {
        // The size of the Python object's content is not known.
        size_of_val(self)
    }
}

/// A grouped accumulator where there is one group: a query without `GROUP BY`, or a window's partition.
#[derive(Debug)]
pub(crate) struct OneGroup(PythonGrouped);

impl OneGroup {
    pub(crate) fn new(protocol: Protocol, object: Py<PyAny>) -> Self {
        Self(PythonGrouped::new(Arc::new(protocol), Some(object)))
    }

    fn give(&mut self, columns: &[ArrayRef], sort: Columns) -> Result<()> {
        let rows = columns.first().map_or(0, Array::len);
        self.0.give(&vec![0; rows], None, columns, 1, sort)
    }

    /// The group, of which the object is told even if it has no rows.
    fn group(&mut self) -> Result<Range<usize>> {
        if self.0.end == 0 {
            let none: Vec<ArrayRef> = self.0.protocol.inputs().iter().map(new_empty_array).collect();
            self.give(&none, Columns::Arguments)?;
        }
        Ok(0..1)
    }
}

impl Accumulator for OneGroup {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.give(values, Columns::Arguments)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.give(states, Columns::States)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let group = self.group()?;
        let states = self.0.states(&group)?;
        states.iter().map(|column| ScalarValue::try_from_array(column, 0)).collect()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let group = self.group()?;
        ScalarValue::try_from_array(&self.0.results(&group)?, 0)
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}
