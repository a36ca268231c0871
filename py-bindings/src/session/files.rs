//! Files as tables: what paths, a format and a schema come to.

pub(crate) mod arrow;
pub(crate) mod avro;
pub(crate) mod csv;
pub(crate) mod file_arguments;
pub(crate) mod json;
pub(crate) mod listing;
pub(crate) mod method;
pub(crate) mod parquet;

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::{TableReference, exec_err};
use datafusion::config::TableOptions;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::error::Result;
use datafusion::logical_expr::UNNAMED_TABLE;
use datafusion::prelude::{SessionConfig, SessionContext};
use pyo3::prelude::*;

use super::PySessionContext;
use crate::dataframe::PyDataFrame;
use crate::host::call::Call;
use crate::host::runtime;
use crate::session::files::file_arguments::{PathsArg, SchemaArg};

/// Makes the options of a format from those of a session.
pub(super) type Format = Box<dyn FnOnce(&SessionConfig, TableOptions) -> ListingOptions + Send>;

/// The format of files, and their columns unless these are inferred.
pub(super) type Described = (Format, Option<SchemaArg>);

/// Makes the table; without a schema, the first files are read to infer one.
async fn table(
    ctx: &SessionContext,
    PathsArg(paths): PathsArg,
    (format, schema): Described,
    name: Option<TableReference>,
) -> Result<ListingTable> {
    let options = format(&ctx.copied_config(), ctx.copied_table_options());
    if paths.is_empty() {
        return exec_err!("there are no paths to read");
    }
    let urls = paths.iter().map(|path| url(path, &options, name.as_ref())).collect::<Result<Vec<_>>>()?;
    let config = ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options);
    let config = match schema {
        Some(SchemaArg(schema)) => config.with_schema(Arc::new(schema)),
        None => config.infer_schema(&ctx.state()).await?,
    };
    let statistics = ctx.runtime_env().cache_manager.get_file_statistic_cache();
    Ok(ListingTable::try_new(config)?.with_cache(statistics))
}

fn url(path: &str, options: &ListingOptions, name: Option<&TableReference>) -> Result<ListingTableUrl> {
    let url = ListingTableUrl::parse(path)?;
    let extension = &options.file_extension;
    if !url.is_collection() && !url.as_str().ends_with(extension.as_str()) {
        return exec_err!("the file {path} does not end in {extension:?}, the file_extension to read");
    }
    Ok(match name {
        Some(name) => url.with_table_ref(name.clone()),
        None => url,
    })
}

impl PySessionContext {
    /// Makes a data frame of files.
    pub(super) fn read_files(
        &self,
        py: Python<'_>,
        paths: impl Into<PathsArg>,
        described: Described,
    ) -> PyResult<PyDataFrame> {
        let call = Call::begin(py)?;
        let paths = paths.into();
        let ctx = Arc::clone(&self.ctx);
        let table = runtime::run(&call, async move { table(&ctx, paths, described, None).await })?;
        self.scan(&call, UNNAMED_TABLE, Arc::new(table))
    }

    /// Registers files as a table.
    pub(super) fn register_files(
        &self,
        py: Python<'_>,
        name: String,
        paths: impl Into<PathsArg>,
        described: Described,
    ) -> PyResult<()> {
        let paths = paths.into();
        let ctx = Arc::clone(&self.ctx);
        let name = TableReference::from(name);
        runtime::run(&Call::begin(py)?, async move {
            let table: Arc<dyn TableProvider> =
                Arc::new(table(&ctx, paths, described, Some(name.clone())).await?);
            ctx.register_table(name, table).map(|_| ())
        })
    }
}
