//! Parameters: what stands for the placeholders of a query, as values or as parts of its text.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use datafusion::catalog::view::ViewTable;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::dialect::{Dialect, GenericDialect, dialect_from_str};
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use crate::dataframe::PyDataFrame;
use crate::expr::{ExprOrLiteral, PyExpr, literal};
use crate::host::error::bounded;
use crate::session::sql::unparse;

/// The values and parts for the placeholders of one query.
#[derive(Default)]
pub(crate) struct Parameters {
    /// By name or number; bound to the plan.
    pub(crate) values: HashMap<String, ScalarValue>,
    /// By name; put into the text.
    pub(crate) parts: Parts,
}

/// The parts of a text by the names of their placeholders.
#[derive(Default)]
pub(crate) struct Parts(BTreeMap<String, Part>);

enum Part {
    Sql(String),
    Expr(Expr),
    Table(LogicalPlan),
}

impl Parameters {
    /// Reads the arguments of a call.
    ///
    /// # Errors
    ///
    /// A `TypeError` for a value that Arrow has no type for, a `ValueError` for a name given twice.
    pub(crate) fn from_python(
        values: Option<&Bound<'_, PyDict>>,
        parts: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut read = Self::default();
        for (name, value) in values.into_iter().flatten() {
            read.values.insert(name.extract()?, literal::scalar(&value)?);
        }
        for (name, value) in parts.into_iter().flatten() {
            let name: String = name.extract()?;
            if read.values.contains_key(&name) {
                return Err(PyValueError::new_err(format!(
                    "the placeholder ${name} has a value in param_values and a part of its name"
                )));
            }
            match Given::from_python(&value)? {
                Given::Part(part) => {
                    read.parts.0.insert(name, part);
                }
                Given::Value(value) => {
                    read.values.insert(name, value);
                }
            }
        }
        Ok(read)
    }
}

/// An argument for a placeholder: a part of the text, or a value.
enum Given {
    Part(Part),
    /// A value that no text says exactly.
    Value(ScalarValue),
}

impl Given {
    fn from_python(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(frame) = value.cast::<PyDataFrame>() {
            return Ok(Self::Part(Part::Table(frame.get().frame().logical_plan().clone())));
        }
        if value.is_instance_of::<PyExpr>() {
            return value.extract().map(|ExprOrLiteral(expr)| Self::Part(Part::Expr(expr)));
        }
        if let Ok(text) = value.cast::<PyString>() {
            return Ok(Self::Part(Part::Sql(text.to_cow()?.into_owned())));
        }
        if !value.is_instance_of::<PyList>() && !value.is_instance_of::<PyTuple>() {
            let scalar = literal::scalar(value)?;
            if !unparse::has_literal(&scalar) {
                return Ok(Self::Value(scalar));
            }
        }
        written(value).map(|sql| Self::Part(Part::Sql(sql)))
    }
}

/// Writes a value as SQL, a list with its items.
fn written(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let items = || -> PyResult<String> {
        let items = value.try_iter()?.map(|item| written(&item?)).collect::<PyResult<Vec<_>>>()?;
        Ok(items.join(", "))
    };
    if value.is_instance_of::<PyList>() {
        return Ok(format!("[{}]", items()?));
    }
    if value.is_instance_of::<PyTuple>() {
        return Ok(format!("({})", items()?));
    }
    let value = unparse::value(literal::scalar(value)?);
    value.map_err(|error| PyValueError::new_err(bounded(&error.strip_backtrace())))
}

impl Parts {
    /// Puts the parts into a query; a part that is a table becomes one of `views`.
    ///
    /// # Errors
    ///
    /// An expression calls a function that the session knows no or another one for.
    pub(crate) fn fill(self, query: &str, views: &mut Views<'_>) -> Result<String> {
        let Self(parts) = self;
        if parts.is_empty() {
            return Ok(query.to_owned());
        }
        let state = views.ctx.state();
        let mut texts = BTreeMap::new();
        for (name, part) in parts {
            let text = match part {
                Part::Sql(text) => text,
                Part::Expr(expr) => unparse::expression(&expr, &state)?,
                Part::Table(plan) => views.add(&name, plan)?,
            };
            texts.insert(name, text);
        }
        let dialect = dialect_from_str(state.config_options().sql_parser.dialect);
        let dialect = dialect.unwrap_or_else(|| Box::new(GenericDialect {}));
        Ok(spliced(query, &*dialect, &texts))
    }
}

/// Replaces the placeholders that `texts` names, and leaves those inside strings and comments.
fn spliced(query: &str, dialect: &dyn Dialect, texts: &BTreeMap<String, String>) -> String {
    // What cannot be split into tokens cannot be parsed either, and the parser says why.
    let Ok(tokens) = Tokenizer::new(dialect, query).tokenize_with_location() else {
        return query.to_owned();
    };
    let mut places = tokens
        .iter()
        .filter_map(|token| match &token.token {
            Token::Placeholder(placeholder) => {
                let text = texts.get(placeholder.strip_prefix('$')?)?;
                Some((token.span.start, placeholder.chars().count(), text))
            }
            _ => None,
        })
        .peekable();
    let mut filled = String::new();
    let (mut line, mut column, mut skipped) = (1, 1, 0);
    for character in query.chars() {
        if let Some((_, length, text)) =
            places.next_if(|(start, ..)| (start.line, start.column) == (line, column))
        {
            filled.push_str(text);
            skipped = length;
        }
        if skipped > 0 {
            skipped -= 1;
        } else {
            filled.push(character);
        }
        (line, column) = if character == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    filled
}

/// Tables that are there while one query is planned; the plan keeps what it needs of them.
pub(crate) struct Views<'a> {
    ctx: &'a SessionContext,
    names: Vec<String>,
}

impl<'a> Views<'a> {
    pub(crate) const fn of(ctx: &'a SessionContext) -> Self {
        Self { ctx, names: Vec::new() }
    }

    /// Registers a table under a name of its own, which it returns.
    fn add(&mut self, parameter: &str, plan: LogicalPlan) -> Result<String> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("\"{parameter}_{}\"", NEXT.fetch_add(1, Ordering::Relaxed));
        self.ctx.register_table(name.as_str(), Arc::new(ViewTable::new(plan, None)))?;
        self.names.push(name.clone());
        Ok(name)
    }
}

impl Drop for Views<'_> {
    fn drop(&mut self) {
        for name in &self.names {
            // The schema may be gone, and the table with it.
            let _ = self.ctx.deregister_table(name.as_str());
        }
    }
}
