//! Tables across libraries: data frames handed out as tables, and the tables of others taken over.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_ffi::proto::logical_extension_codec::FFI_LogicalExtensionCodec;
use datafusion_ffi::table_provider::FFI_TableProvider;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::capsule;
use super::foreign::Foreign;
use super::getter::{self, Given};
use super::opaque_plan::{Leaf, unwound_later};
use crate::dataframe::PyDataFrame;
use crate::host::runtime;
use crate::session::PySessionContext;

/// Whether an object says that it hands out a table, or is a capsule.
pub(crate) fn is_foreign_table(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(object.is_instance_of::<PyCapsule>() || object.hasattr("__datafusion_table_provider__")?)
}

/// The table that an object hands out to a session, or that stands in a capsule.
///
/// # Errors
///
/// Whatever is wrong with the capsule or raised by the object.
pub(crate) fn table_provider(
    session: &PySessionContext,
    object: &Bound<'_, PyAny>,
) -> PyResult<Arc<dyn TableProvider>> {
    let session = Bound::new(object.py(), session.with_codecs(session.codecs().clone()))?;
    let structure: FFI_TableProvider = getter::demand(object, Given::Session(session.as_any()))?;
    Ok(Arc::new(Foreign((&structure).into())))
}

/// A query that is planned in its own session, even if another one scans it.
///
/// Another library has neither the tables of the query's session nor its functions.
#[derive(Debug)]
struct Query {
    state: SessionState,
    plan: LogicalPlan,
}

impl Query {
    fn narrowed(
        &self,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<LogicalPlan> {
        let mut query = LogicalPlanBuilder::from(self.plan.clone());
        for filter in filters {
            query = query.filter(filter.clone())?;
        }
        if let Some(projection) = projection {
            query = query.select(projection.iter().copied())?;
        }
        if limit.is_some() {
            query = query.limit(0, limit)?;
        }
        query.build()
    }
}

#[async_trait]
impl TableProvider for Query {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.plan.schema().inner())
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Exact; filters.len()])
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        unwound_later(async {
            let query = self.narrowed(projection, filters, limit)?;
            let plan = self.state.create_physical_plan(&query).await?;
            Ok(Arc::new(Leaf::of_session(plan, self.state.task_ctx())) as _)
        })
        .await
    }
}

#[pymethods]
impl PyDataFrame {
    /// Return a capsule by which other libraries built on the same DataFusion read the query as a table.
    ///
    /// The query runs with its own session's tables, functions and configuration, each time it is read.
    ///
    /// Args:
    ///     session: The session that is going to read it; conditions cross by its codec.
    ///
    /// Raises:
    ///     TypeError: `session` has no `__datafusion_logical_extension_codec__`.
    ///
    /// Example:
    ///     >>> import datafusion
    ///     >>> from planwire import SessionContext
    ///     >>> theirs = datafusion.SessionContext()
    ///     >>> theirs.register_table("t", SessionContext().from_pydict({"a": [1, 2]}))
    ///     >>> theirs.sql("select sum(a) as s from t").to_pydict()
    ///     {'s': [3]}
    fn __datafusion_table_provider__<'py>(
        &self,
        py: Python<'py>,
        session: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let codec: FFI_LogicalExtensionCodec = getter::demand(session, Given::Session(session))?;
        let (state, plan) = self.cloned().into_parts();
        let query = Arc::new(Query { state, plan });
        let runtime = Some(runtime::of_process()?);
        capsule::seal(py, FFI_TableProvider::new_with_ffi_codec(query, true, runtime, codec))
    }
}
