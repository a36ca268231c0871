//! `COPY TO`: its options and those of its format. DataFusion's protobuf writes other options than it reads.

use std::sync::Arc;

use datafusion::common::config::{CsvOptions, JsonOptions, TableParquetOptions};
use datafusion::common::file_options::file_type::FileType;
use datafusion::datasource::file_format::csv::CsvFormatFactory;
use datafusion::datasource::file_format::json::JsonFormatFactory;
use datafusion::datasource::file_format::parquet::ParquetFormatFactory;
use datafusion::datasource::file_format::{FileFormatFactory, file_type_to_format, format_as_file_type};
use datafusion::error::Result;
use datafusion::logical_expr::dml::CopyTo;
use datafusion_proto::protobuf::{CsvFormat, NdJsonFormat, ParquetFormat};
use prost::Message;

use crate::fidelity::logical::payload::{self as payload, Format};
use crate::fidelity::malformed_node;

/// The payload for a `COPY TO`, and the node that DataFusion carries for it.
pub(crate) fn kept(copy: &CopyTo) -> Result<Option<(payload::CopyTo, CopyTo)>> {
    let factory = file_type_to_format(&copy.file_type)?;
    let (plain, format): (Arc<dyn FileFormatFactory>, _) =
        if let Some(csv) = factory.downcast_ref::<CsvFormatFactory>() {
            let format = csv.options.as_ref().map(csv_bytes).transpose()?.map(Format::Csv);
            (Arc::new(CsvFormatFactory::new()), format)
        } else if let Some(json) = factory.downcast_ref::<JsonFormatFactory>() {
            let format = json.options.as_ref().map(json_bytes).transpose()?.map(Format::Json);
            (Arc::new(JsonFormatFactory::new()), format)
        } else if let Some(parquet) = factory.downcast_ref::<ParquetFormatFactory>() {
            let format = parquet.options.as_ref().map(parquet_bytes).transpose()?.map(Format::Parquet);
            (Arc::new(ParquetFormatFactory::new()), format)
        } else if copy.options.is_empty() {
            // Arrow files have no options in a plan, and other formats belong to a codec.
            return Ok(None);
        } else {
            (factory, None)
        };
    let options = copy.options.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let carried =
        CopyTo { file_type: format_as_file_type(plain), options: Default::default(), ..copy.clone() };
    Ok(Some((payload::CopyTo { options, format }, carried)))
}

/// Restores the `COPY TO` from its payload.
pub(crate) fn restored(kept: &payload::CopyTo, copy: CopyTo) -> Result<CopyTo> {
    let factory = file_type_to_format(&copy.file_type)?;
    let file_type = if factory.is::<CsvFormatFactory>() {
        let options = match &kept.format {
            None => None,
            Some(Format::Csv(bytes)) => Some(csv_options(bytes)?),
            Some(_) => return of_another(),
        };
        file_type(CsvFormatFactory { options })
    } else if factory.is::<JsonFormatFactory>() {
        let options = match &kept.format {
            None => None,
            Some(Format::Json(bytes)) => Some(json_options(bytes)?),
            Some(_) => return of_another(),
        };
        file_type(JsonFormatFactory { options })
    } else if factory.is::<ParquetFormatFactory>() {
        let options = match &kept.format {
            None => None,
            Some(Format::Parquet(bytes)) => Some(parquet_options(bytes)?),
            Some(_) => return of_another(),
        };
        file_type(ParquetFormatFactory { options })
    } else if kept.format.is_none() {
        Arc::clone(&copy.file_type)
    } else {
        return of_another();
    };
    let options = kept.options.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    Ok(CopyTo { file_type, options, ..copy })
}

fn file_type(factory: impl FileFormatFactory + 'static) -> Arc<dyn FileType> {
    format_as_file_type(Arc::new(factory))
}

fn of_another<T>() -> Result<T> {
    malformed_node("the options of one format stand at a COPY TO of another")
}

fn csv_bytes(options: &CsvOptions) -> Result<Vec<u8>> {
    Ok(CsvFormat { options: Some(options.try_into()?) }.encode_to_vec())
}

fn csv_options(bytes: &[u8]) -> Result<CsvOptions> {
    match read(bytes)? {
        // DataFusion takes the first byte of each unchecked.
        CsvFormat { options: Some(options) }
            if !options.delimiter.is_empty() && !options.quote.is_empty() =>
        {
            Ok((&options).try_into()?)
        }
        _ => malformed_node("the options of CSV have no delimiter or no quote"),
    }
}

fn json_bytes(options: &JsonOptions) -> Result<Vec<u8>> {
    Ok(NdJsonFormat { options: Some(options.try_into()?) }.encode_to_vec())
}

fn json_options(bytes: &[u8]) -> Result<JsonOptions> {
    match read(bytes)? {
        NdJsonFormat { options: Some(options) } => Ok((&options).try_into()?),
        NdJsonFormat { options: None } => malformed_node("JSON has no options"),
    }
}

fn parquet_bytes(options: &TableParquetOptions) -> Result<Vec<u8>> {
    if options.crypto != Default::default() {
        return Err(crate::fidelity::lost(
            "COPY TO with `format.crypto` of Parquet is not carried: DataFusion's protobuf has no keys; \
             encrypt where the plan runs",
        ));
    }
    if let Some((key, _)) = options.key_value_metadata.iter().find(|(_, value)| value.is_none()) {
        return Err(crate::fidelity::lost(format!(
            "COPY TO with `format.metadata::{key}` without a value is not carried; give it an empty one"
        )));
    }
    Ok(ParquetFormat { options: Some(options.try_into()?) }.encode_to_vec())
}

fn parquet_options(bytes: &[u8]) -> Result<TableParquetOptions> {
    match read(bytes)? {
        ParquetFormat { options: Some(options) } => Ok((&options).try_into()?),
        ParquetFormat { options: None } => malformed_node("Parquet has no options"),
    }
}

fn read<M: Message + Default>(bytes: &[u8]) -> Result<M> {
    M::decode(bytes).or_else(|error| malformed_node(error.to_string()))
}
