//! How a query would run, or did, printed.

use std::str::FromStr;

use datafusion::common::format::{ExplainAnalyzeCategories, ExplainFormat, MetricCategory, MetricType};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::ExplainOption;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::dataframe::run::output::result;
use crate::dataframe::show::text::print;
use crate::host::call::Call;
use crate::host::runtime;

#[pymethods]
impl PyDataFrame {
    /// Print how the query would run, or run it and print how it did.
    ///
    /// What is measured tells of each Python function `f`, where it is called, `f.calls`, `f.rows` and `f.time`.
    ///
    /// Args:
    ///     verbose: Whether to print the plan after every step of planning.
    ///     analyze: Whether to run the query and measure it.
    ///     format: An `ExplainFormat`; lines with indents if left out.
    ///     show_statistics: Whether to add the statistics known before the query runs; the
    ///         session's setting decides if left out.
    ///     analyze_level: An `ExplainAnalyzeLevel`, of the measurements to print.
    ///     analyze_categories: The `ExplainMetricCategory`s of the measurements to print.
    ///
    /// Raises:
    ///     ExecutionError: The query cannot be planned, or failed.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///     ValueError: An argument is for a query that runs and it does not, or the other way round.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> _ = ctx.from_pydict({"a": [1]}, name="t")
    ///     >>> ctx.table("t").explain()
    ///     DataFrame()
    ///     +---------------+---------------------------------------------------+
    ///     | plan_type     | plan                                              |
    ///     +---------------+---------------------------------------------------+
    ///     | logical_plan  | TableScan: t projection=[a]                       |
    ///     | physical_plan | DataSourceExec: partitions=1, partition_sizes=[1] |
    ///     |               |                                                   |
    ///     +---------------+---------------------------------------------------+
    #[expect(clippy::too_many_arguments, reason = "the arguments are datafusion-python's")]
    #[pyo3(signature = (
        verbose = false, analyze = false, format = None,
        show_statistics = None, analyze_level = None, analyze_categories = None
    ))]
    fn explain(
        &self,
        py: Python<'_>,
        verbose: bool,
        analyze: bool,
        format: Option<Word<ExplainFormat>>,
        show_statistics: Option<bool>,
        analyze_level: Option<Word<MetricType>>,
        analyze_categories: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        if analyze && show_statistics.is_some() {
            return Err(PyValueError::new_err("`show_statistics` is for queries that are not run"));
        }
        if !analyze && (analyze_level.is_some() || analyze_categories.is_some()) {
            return Err(PyValueError::new_err(
                "`analyze_level` and `analyze_categories` are for `analyze=True`",
            ));
        }
        let mut options = ExplainOption::default().with_verbose(verbose).with_analyze(analyze);
        options.show_statistics = show_statistics;
        options.analyze_level = analyze_level.map(|level| level.0);
        options.analyze_categories = analyze_categories.map(categories).transpose()?;
        if let Some(Word(format)) = format {
            options.format = format;
        }
        let call = Call::begin(py)?;
        let explained = call.plan(|| self.cloned().explain_with_options(options))?;
        let (schema, batches) = runtime::run(&call, result(explained))?;
        print(&call, &schema, &batches)
    }
}

fn categories(given: &Bound<'_, PyAny>) -> PyResult<ExplainAnalyzeCategories> {
    let mut categories: Vec<MetricCategory> = Vec::new();
    for category in given.try_iter()? {
        let Word(category) = category?.extract()?;
        categories.push(category);
    }
    Ok(ExplainAnalyzeCategories::Only(categories))
}

/// A member of a Python enumeration, by its value; the value alone will do.
struct Word<T>(T);

impl<T: FromStr<Err = DataFusionError>> FromPyObject<'_, '_> for Word<T> {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let text = value.getattr_opt("value")?.unwrap_or_else(|| value.to_owned());
        let text: String = text.extract()?;
        text.parse().map(Self).map_err(|error: DataFusionError| PyValueError::new_err(error.to_string()))
    }
}
