//! Sinks: the options for writing files that DataFusion's protobuf loses.

use std::sync::Arc;

use datafusion::arrow::csv::WriterBuilder;
use datafusion::arrow::csv::writer::Terminator;
use datafusion::common::exec_err;
use datafusion::common::file_options::csv_writer::CsvWriterOptions;
use datafusion::common::file_options::json_writer::JsonWriterOptions;
use datafusion::datasource::file_format::csv::CsvSink;
use datafusion::datasource::file_format::json::JsonSink;
use datafusion::datasource::file_format::parquet::ParquetSink;
use datafusion::datasource::physical_plan::FileSink as _;
use datafusion::datasource::sink::{DataSink, DataSinkExec};
use datafusion::error::Result;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::protobuf::PhysicalPlanNode;

use crate::fidelity::physical::kept::What;
use crate::fidelity::physical::parquet_sinks;
use crate::fidelity::refused::check_url;

/// The part of a CSV sink that its message has lost. A format that is left out is the default.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Csv {
    #[prost(string, optional, tag = "1")]
    date: Option<String>,
    #[prost(string, optional, tag = "2")]
    datetime: Option<String>,
    #[prost(string, optional, tag = "3")]
    timestamp: Option<String>,
    #[prost(string, optional, tag = "4")]
    timestamp_tz: Option<String>,
    #[prost(string, optional, tag = "5")]
    time: Option<String>,
    /// The byte that ends a line; `None` for a carriage return and a line feed.
    #[prost(uint32, optional, tag = "6")]
    terminator: Option<u32>,
    #[prost(uint32, optional, tag = "7")]
    compression_level: Option<u32>,
}

/// The part of a JSON sink that its message has lost.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Json {
    #[prost(uint32, tag = "1")]
    compression_level: u32,
}

/// The part of a sink that its message loses.
///
/// # Errors
///
/// For Parquet's encryption options, which cannot be kept, and for a URL with credentials in it.
pub(crate) fn lost(exec: &DataSinkExec, node: &PhysicalPlanNode) -> Result<Option<What>> {
    let sink = exec.sink();
    if let Some(csv) = sink.downcast_ref::<CsvSink>() {
        check_url(csv.config().object_store_url.as_str())?;
        return Ok(Some(What::Csv(of_csv(csv.writer_options()))));
    }
    if let Some(json) = sink.downcast_ref::<JsonSink>() {
        check_url(json.config().object_store_url.as_str())?;
        let level = json.writer_options().compression_level;
        return Ok(level.map(|compression_level| What::Json(Json { compression_level })));
    }
    if let Some(parquet) = sink.downcast_ref::<ParquetSink>() {
        check_url(parquet.config().object_store_url.as_str())?;
        return Ok(parquet_sinks::lost(exec, parquet, node)?.map(What::Parquet));
    }
    Ok(None)
}

fn of_csv(options: &CsvWriterOptions) -> Csv {
    let CsvWriterOptions { writer_options: options, compression_level, .. } = options;
    let text = |format: Option<&str>| format.map(str::to_owned);
    Csv {
        date: text(options.date_format()),
        datetime: text(options.datetime_format()),
        timestamp: text(options.timestamp_format()),
        timestamp_tz: text(options.timestamp_tz_format()),
        time: text(options.time_format()),
        terminator: match options.line_terminator() {
            Terminator::CRLF => None,
            Terminator::Any(byte) => Some((*byte).into()),
        },
        compression_level: *compression_level,
    }
}

/// A method that sets a format.
type With = fn(WriterBuilder, String) -> WriterBuilder;

/// Restores the part of a CSV sink that its message has lost; `None` for any other node.
pub(crate) fn restored_csv(
    kept: &Csv,
    plan: &Arc<dyn ExecutionPlan>,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some((exec, sink)) = sink::<CsvSink>(plan) else { return Ok(None) };
    let options = sink.writer_options();
    let terminator = match kept.terminator.map(u8::try_from) {
        None => Terminator::CRLF,
        Some(Ok(byte)) => Terminator::Any(byte),
        Some(Err(_)) => return exec_err!("a line of CSV ends with no byte"),
    };
    let formats: [(_, With); 5] = [
        (&kept.date, WriterBuilder::with_date_format),
        (&kept.datetime, WriterBuilder::with_datetime_format),
        (&kept.timestamp, WriterBuilder::with_timestamp_format),
        (&kept.timestamp_tz, WriterBuilder::with_timestamp_tz_format),
        (&kept.time, WriterBuilder::with_time_format),
    ];
    // A format cannot be unset, so the writer is rebuilt.
    let writer = formats.into_iter().fold(
        same_but_for_formats(&options.writer_options).with_line_terminator(terminator),
        |writer, (format, with)| match format {
            Some(format) => with(writer, format.clone()),
            None => writer,
        },
    );
    let mut options = CsvWriterOptions::new(writer, options.compression);
    options.compression_level = kept.compression_level;
    Ok(Some(exchanged(exec, CsvSink::new(sink.config().clone(), options))))
}

fn same_but_for_formats(options: &WriterBuilder) -> WriterBuilder {
    WriterBuilder::new()
        .with_header(options.header())
        .with_delimiter(options.delimiter())
        .with_quote(options.quote())
        .with_escape(options.escape())
        .with_double_quote(options.double_quote())
        .with_null(options.null().to_owned())
        .with_quote_style(options.quote_style())
        .with_ignore_leading_whitespace(options.ignore_leading_whitespace())
        .with_ignore_trailing_whitespace(options.ignore_trailing_whitespace())
}

/// Restores the part of a JSON sink that its message has lost; `None` for any other node.
pub(crate) fn restored_json(kept: &Json, plan: &Arc<dyn ExecutionPlan>) -> Option<Arc<dyn ExecutionPlan>> {
    let (exec, sink) = sink::<JsonSink>(plan)?;
    let mut options = JsonWriterOptions::new(sink.writer_options().compression);
    options.compression_level = Some(kept.compression_level);
    Some(exchanged(exec, JsonSink::new(sink.config().clone(), options)))
}

pub(crate) fn sink<T: DataSink>(plan: &Arc<dyn ExecutionPlan>) -> Option<(&DataSinkExec, &T)> {
    let exec = plan.downcast_ref::<DataSinkExec>()?;
    Some((exec, exec.sink().downcast_ref()?))
}

pub(crate) fn exchanged(exec: &DataSinkExec, sink: impl DataSink + 'static) -> Arc<dyn ExecutionPlan> {
    Arc::new(DataSinkExec::new(Arc::clone(exec.input()), Arc::new(sink), exec.sort_order().clone()))
}
