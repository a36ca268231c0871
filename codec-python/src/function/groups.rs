//! Groups: the accumulators of many groups, run together for each batch of rows.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, UInt64Array};
use datafusion::arrow::compute::take;
use datafusion::error::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use datafusion::scalar::ScalarValue;
use pyo3::intern;
use pyo3::prelude::*;

use crate::function::accumulator::{Columns, Protocol, merge, states_of_rows, update};

/// One Python accumulator for each group.
///
/// Otherwise DataFusion would keep an [`Accumulator`](datafusion::logical_expr::Accumulator) for each group
/// and hand over the rows of every group separately. Here a batch is ordered by group, handed over once, and
/// sliced by pyarrow, and the interpreter stays attached to all the while.
pub(crate) struct PythonGroups {
    protocol: Arc<Protocol>,
    objects: Vec<Py<PyAny>>,
    /// An accumulator that was made before there was a group.
    spare: Option<Py<PyAny>>,
}

impl PythonGroups {
    pub(crate) const fn new(protocol: Arc<Protocol>, spare: Option<Py<PyAny>>) -> Self {
        Self { protocol, objects: Vec::new(), spare }
    }

    /// Gives each group the rows of a batch that belong to it.
    fn give(
        &mut self,
        rows: &Rows,
        columns: &[ArrayRef],
        total_num_groups: usize,
        sort: Columns,
    ) -> Result<()> {
        let Self { protocol, objects, spare } = self;
        let columns = rows.order(columns)?;
        protocol.run(|py| {
            while objects.len() < total_num_groups {
                let object = spare.take().map_or_else(|| protocol.start(py).map(Bound::unbind), Ok)?;
                objects.push(object);
            }
            let columns = protocol.columns(py, &columns, sort)?;
            for run in &rows.runs {
                let Some(object) = objects.get(run.group) else { continue };
                let slices = columns
                    .iter()
                    .map(|column| column.call_method1(intern!(py, "slice"), (run.start, run.rows)))
                    .collect::<PyResult<Vec<_>>>()?;
                match sort {
                    Columns::Arguments => update(object.bind(py), slices)?,
                    Columns::States => merge(object.bind(py), slices)?,
                }
            }
            Ok(())
        })
    }
}

impl GroupsAccumulator for PythonGroups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.give(&Rows::of(group_indices, opt_filter), values, total_num_groups, Columns::Arguments)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.give(&Rows::of(group_indices, None), values, total_num_groups, Columns::States)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let objects = emit_to.take_needed(&mut self.objects);
        // The objects are dropped while the interpreter is attached to, rather than one by one later.
        let values = self.protocol.run(|py| {
            objects.into_iter().map(|object| self.protocol.evaluate(object.bind(py))).collect::<PyResult<_>>()
        })?;
        self.protocol.output().collect(values)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let objects = emit_to.take_needed(&mut self.objects);
        let fields = self.protocol.state_fields();
        let columns = self.protocol.run(|py| {
            let mut columns: Vec<Vec<ScalarValue>> =
                fields.iter().map(|_| Vec::with_capacity(objects.len())).collect();
            for object in objects {
                let state = self.protocol.state(object.bind(py))?;
                columns.iter_mut().zip(state).for_each(|(column, value)| column.push(value));
            }
            Ok(columns)
        })?;
        fields.iter().zip(columns).map(|(field, values)| field.collect(values)).collect()
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::new(Arc::clone(&self.protocol), None), values, opt_filter)
    }

    fn size(&self) -> usize {
        // The size of the Python objects' content is not known.
        size_of_val(self) + self.objects.capacity() * size_of::<Py<PyAny>>()
    }
}

/// The rows of a batch, in which the rows of a group are next to each other.
struct Rows {
    /// The place of each row in the batch; `None` if the rows are in order as they are.
    order: Option<UInt64Array>,
    runs: Vec<Run>,
}

/// The rows of one group.
struct Run {
    group: usize,
    start: usize,
    rows: usize,
}

impl Rows {
    /// Orders the rows that the filter keeps; within a group they keep their order.
    fn of(group_indices: &[usize], filter: Option<&BooleanArray>) -> Self {
        let mut rows: Vec<(usize, u64)> = group_indices.iter().copied().zip(0..).collect();
        if let Some(filter) = filter {
            let mut kept = filter.iter().map(|keep| keep == Some(true));
            rows.retain(|_| kept.next().unwrap_or(false));
        }
        let in_order = rows.len() == group_indices.len() && rows.is_sorted_by_key(|(group, _)| *group);
        // A stable sort, which is also quick if there are few groups.
        rows.sort_by_key(|(group, _)| *group);
        let mut runs: Vec<Run> = Vec::new();
        for (start, (group, _)) in rows.iter().enumerate() {
            match runs.last_mut() {
                Some(run) if run.group == *group => run.rows += 1,
                _ => runs.push(Run { group: *group, start, rows: 1 }),
            }
        }
        let order = (!in_order).then(|| rows.into_iter().map(|(_, row)| row).collect());
        Self { order, runs }
    }

    fn order(&self, columns: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
        match &self.order {
            None => Ok(columns.to_vec()),
            Some(order) => columns.iter().map(|column| Ok(take(column, order, None)?)).collect(),
        }
    }
}
