//! Verbs that combine the columns of two queries.

mod keys;
mod unnamed_tables;

use datafusion::common::{Column, JoinType};
use datafusion::logical_expr::Expr;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use self::keys::{Keys, Names, coalesced};
use self::unnamed_tables::distinct_from;
use crate::dataframe::PyDataFrame;
use crate::expr::ExprOrName;

/// The kinds of join that have a name here.
const KINDS: [(&str, JoinType); 6] = [
    ("inner", JoinType::Inner),
    ("left", JoinType::Left),
    ("right", JoinType::Right),
    ("full", JoinType::Full),
    ("semi", JoinType::LeftSemi),
    ("anti", JoinType::LeftAnti),
];

#[pymethods]
impl PyDataFrame {
    /// Combine the rows of two queries that have the same keys.
    ///
    /// The keys are given once: by `on` where both queries call them the same, else by `left_on` and
    /// `right_on`, or by a tuple of both lists.
    ///
    /// Args:
    ///     right: The other query.
    ///     on: The names of the keys in both queries, or a tuple of two lists.
    ///     how: `"inner"`, `"left"`, `"right"`, `"full"`; `"semi"` or `"anti"`, which keep the rows of
    ///         this query that have or do not have a match.
    ///     left_on: The names of the keys in this query.
    ///     right_on: The names of the keys in the other query.
    ///     join_keys: Deprecated: a tuple of two lists.
    ///     coalesce_duplicate_keys: Whether keys of one name in both queries become one column.
    ///
    /// Raises:
    ///     ExecutionError: There is no such column, or the lists differ in length.
    ///     ValueError: The keys are given not at all, by half or twice, or `how` is none of those.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> left = ctx.from_pydict({"id": [1, 2], "a": ["x", "y"]}).alias("l")
    ///     >>> right = ctx.from_pydict({"id": [2, 3], "b": ["Y", "Z"]}).alias("r")
    ///     >>> left.join(right, "id", how="left").sort("id").to_pydict()
    ///     {'id': [1, 2], 'a': ['x', 'y'], 'b': [None, 'Y']}
    #[expect(clippy::too_many_arguments, reason = "the arguments are datafusion-python's")]
    #[pyo3(signature = (
        right, on = None, how = "inner", *,
        left_on = None, right_on = None, join_keys = None, coalesce_duplicate_keys = true
    ))]
    fn join(
        &self,
        py: Python<'_>,
        right: &Self,
        on: Option<&Bound<'_, PyAny>>,
        how: &str,
        left_on: Option<Names>,
        right_on: Option<Names>,
        join_keys: Option<(Names, Names)>,
        coalesce_duplicate_keys: bool,
    ) -> PyResult<Self> {
        let kind = kind(how)?;
        let keys = Keys::given(py, on, left_on, right_on, join_keys)?;
        self.plan(py, |frame| {
            let right = Self::from(distinct_from(&frame, &right.frame)?);
            let pairs = keys.pairs(self, &right)?;
            let names = |side: fn(&(Column, Column)) -> &Column| {
                pairs.iter().map(|pair| side(pair).quoted_flat_name()).collect::<Vec<_>>()
            };
            let (left_names, right_names) = (names(|(left, _)| left), names(|(_, right)| right));
            let joined = frame.join(right.cloned(), kind, &texts(&left_names), &texts(&right_names), None)?;
            // The other query's columns are not there after the two other kinds.
            let both = matches!(kind, JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full);
            if coalesce_duplicate_keys && both {
                coalesced(joined, kind, &keys.of_one_name(pairs))
            } else {
                Ok(joined)
            }
        })
    }

    /// Combine the rows of two queries for which every predicate is true.
    ///
    /// Args:
    ///     right: The other query.
    ///     on_exprs: Predicates over the columns of both; names of tables tell columns of one name apart.
    ///     how: The kind of join, one of those of `join`.
    ///
    /// Raises:
    ///     ExecutionError: A predicate does not fit.
    ///     ValueError: There is no such kind of join.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> ctx = SessionContext()
    ///     >>> left, right = ctx.from_pydict({"a": [1, 2, 3]}), ctx.from_pydict({"b": [2]})
    ///     >>> left.join_on(right, col("a") > col("b")).to_pydict()
    ///     {'a': [3], 'b': [2]}
    #[pyo3(signature = (right, *on_exprs, how = "inner"))]
    fn join_on(&self, py: Python<'_>, right: &Self, on_exprs: Vec<ExprOrName>, how: &str) -> PyResult<Self> {
        let kind = kind(how)?;
        // A name may be of a column of either query, so it is read as SQL reads it.
        let column = |name: &str| Expr::Column(Column::from_qualified_name(name));
        let predicates: Vec<Expr> = on_exprs.into_iter().map(|expr| expr.resolve(column)).collect();
        self.plan(py, |frame| {
            let right = distinct_from(&frame, &right.frame)?;
            frame.join_on(right, kind, predicates)
        })
    }
}

fn kind(how: &str) -> PyResult<JoinType> {
    KINDS.iter().find(|(name, _)| *name == how).map(|(_, kind)| *kind).ok_or_else(|| {
        let known: Vec<_> = KINDS.iter().map(|(name, _)| *name).collect();
        PyValueError::new_err(format!("there is no join {how:?}; there are {}", known.join(", ")))
    })
}

fn texts(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}
