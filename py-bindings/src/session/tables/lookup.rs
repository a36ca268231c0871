//! Look-ups: a table of a session by its name.

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::error::Result;
use datafusion::prelude::SessionContext;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;

use crate::host::call::Call;
use crate::host::error::bounded;
use crate::host::{runtime, similar};

/// What was found under a name, or the names that are there.
pub(crate) enum Found {
    Table(Arc<dyn TableProvider>),
    Nothing { known: Vec<String> },
}

/// Finds a table.
///
/// # Errors
///
/// A `KeyError` that lists the tables there are, or whatever the catalog reports.
pub(crate) fn table(
    call: &Call<'_>,
    ctx: &Arc<SessionContext>,
    name: &TableReference,
) -> PyResult<Arc<dyn TableProvider>> {
    let (ctx, wanted) = (Arc::clone(ctx), name.clone());
    match runtime::run(call, async move { find(&ctx, wanted).await })? {
        Found::Table(provider) => Ok(provider),
        Found::Nothing { known } => Err(PyKeyError::new_err(bounded(&format_args!(
            "no table is named {:?}{}",
            name.to_string(),
            similar::known(known)
        )))),
    }
}

async fn find(ctx: &SessionContext, name: TableReference) -> Result<Found> {
    let state = ctx.state();
    // A schema that is not there is one without tables.
    let Ok(schema) = state.schema_for_ref(name.clone()) else {
        return Ok(Found::Nothing { known: Vec::new() });
    };
    match schema.table(name.table()).await? {
        Some(provider) => Ok(Found::Table(provider)),
        None => Ok(Found::Nothing { known: schema.table_names() }),
    }
}
