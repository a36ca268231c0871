//! The keys of a join: the names that a user gave, and the columns they become.

use datafusion::common::{Column, JoinType, plan_err};
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::functions::core::coalesce;
use datafusion::logical_expr::Expr;
use pyo3::exceptions::{PyDeprecationWarning, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::dataframe::PyDataFrame;
use crate::expr::OneOrMany;

/// Names of columns, given as one or as a list.
pub(super) type Names = OneOrMany<String>;

/// The names of the keys on both sides.
pub(super) struct Keys {
    left: Vec<String>,
    right: Vec<String>,
}

impl Keys {
    /// Takes the keys from the arguments, of which one way to give them has to be used.
    pub(super) fn given(
        py: Python<'_>,
        on: Option<&Bound<'_, PyAny>>,
        mut left_on: Option<Names>,
        mut right_on: Option<Names>,
        join_keys: Option<(Names, Names)>,
    ) -> PyResult<Self> {
        if let Some((left, right)) = join_keys {
            let category = py.get_type::<PyDeprecationWarning>();
            PyErr::warn(py, &category, c"use on, or left_on and right_on, instead of join_keys", 1)?;
            (left_on, right_on) = (Some(left), Some(right));
        }
        match (on, left_on, right_on) {
            (Some(on), None, None) => Self::on(on),
            (None, Some(left), Some(right)) => Ok(Self { left: left.into_vec(), right: right.into_vec() }),
            (Some(_), _, _) => {
                Err(PyValueError::new_err("the keys are given by `on` and in another way too"))
            }
            (None, None, None) => {
                Err(PyValueError::new_err("a join needs keys: give `on`, or `left_on` and `right_on`"))
            }
            (None, Some(_), None) => Err(PyValueError::new_err("`left_on` is given without `right_on`")),
            (None, None, Some(_)) => Err(PyValueError::new_err("`right_on` is given without `left_on`")),
        }
    }

    /// The columns that the names mean.
    ///
    /// # Errors
    ///
    /// The lists differ in length, or there is no such column, or more than one.
    pub(super) fn pairs(&self, left: &PyDataFrame, right: &PyDataFrame) -> Result<Vec<(Column, Column)>> {
        if self.left.len() != self.right.len() {
            let (left, right) = (self.left.len(), self.right.len());
            return plan_err!("the keys differ in length: {left} on the left, {right} on the right");
        }
        let pair = |(ours, theirs): (&String, &String)| {
            let ours = left.frame().schema().qualified_field_from_column(&left.named(ours))?;
            let theirs = right.frame().schema().qualified_field_from_column(&right.named(theirs))?;
            Ok((Column::from(ours), Column::from(theirs)))
        };
        self.left.iter().zip(&self.right).map(pair).collect()
    }

    /// Those of the columns whose names were given alike for both sides.
    pub(super) fn of_one_name(&self, pairs: Vec<(Column, Column)>) -> Vec<(Column, Column)> {
        let names = self.left.iter().zip(&self.right);
        names.zip(pairs).filter(|((left, right), _)| left == right).map(|(_, pair)| pair).collect()
    }

    fn on(on: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(pair) = on.cast::<PyTuple>()
            && let Ok((left, right)) = pair.extract::<(Bound<'_, PyList>, Bound<'_, PyList>)>()
        {
            return Ok(Self { left: left.extract()?, right: right.extract()? });
        }
        let both: Names = on.extract().map_err(|cause: PyErr| {
            let error =
                PyTypeError::new_err("`on` is not the name of a column, nor names, nor two lists of names");
            error.set_cause(on.py(), Some(cause));
            error
        })?;
        let both = both.into_vec();
        Ok(Self { left: both.clone(), right: both })
    }
}

/// Makes one column of each pair of keys, under the left one's name and in its place.
///
/// # Errors
///
/// DataFusion's, if two columns would have the same name.
pub(super) fn coalesced(joined: DataFrame, kind: JoinType, pairs: &[(Column, Column)]) -> Result<DataFrame> {
    if pairs.is_empty() {
        return Ok(joined);
    }
    let column = |column: Column| match pairs.iter().find(|(left, _)| *left == column) {
        Some((left, right)) => {
            let (ours, theirs) = (Expr::Column(left.clone()), Expr::Column(right.clone()));
            match kind {
                // Otherwise a left key is there wherever a right one is.
                JoinType::Full => {
                    coalesce().call(vec![ours, theirs]).alias_qualified(left.relation.clone(), &left.name)
                }
                JoinType::Right => theirs.alias_qualified(left.relation.clone(), &left.name),
                _ => ours,
            }
        }
        None => Expr::Column(column),
    };
    let kept = joined.schema().columns().into_iter();
    let kept = kept.filter(|column| !pairs.iter().any(|(_, right)| right == column));
    let columns: Vec<Expr> = kept.map(column).collect();
    joined.select(columns)
}
