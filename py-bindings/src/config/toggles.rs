//! Toggles: the options that are on or off and have a method of their own.

use pyo3::prelude::*;

use crate::session::PySessionConfig;

/// Writes a method for each option that `SessionConfig` has a method of the same name for.
macro_rules! toggles {
    ($($(#[$documentation:meta])+ $name:ident;)+) => {
        #[pymethods]
        impl PySessionConfig {
            $(
                $(#[$documentation])+
                #[pyo3(signature = (enabled = true))]
                fn $name(mut slf: PyRefMut<'_, Self>, enabled: bool) -> PyRefMut<'_, Self> {
                    slf.change(|config| config.$name(enabled));
                    slf
                }
            )+
        }
    };
}

toggles! {
    /// Set whether the default catalog and schema are there from the start.
    ///
    /// Args:
    ///     enabled: Whether it is on.
    ///
    /// Example:
    ///     >>> from planwire import SessionConfig
    ///     >>> config = SessionConfig().with_create_default_catalog_and_schema(enabled=False)
    with_create_default_catalog_and_schema;

    /// Set whether the tables of `information_schema` are there, and with them `SHOW`.
    ///
    /// Args:
    ///     enabled: Whether it is on.
    ///
    /// Example:
    ///     >>> from planwire import SessionConfig
    ///     >>> config = SessionConfig().with_information_schema(enabled=False)
    with_information_schema;

    /// Set whether statistics spare reading parts of a Parquet file.
    ///
    /// Args:
    ///     enabled: Whether it is on.
    ///
    /// Example:
    ///     >>> from planwire import SessionConfig
    ///     >>> config = SessionConfig().with_parquet_pruning(enabled=False)
    with_parquet_pruning;

    /// Set whether an aggregation over groups is split over partitions.
    ///
    /// Args:
    ///     enabled: Whether it is on.
    ///
    /// Example:
    ///     >>> from planwire import SessionConfig
    ///     >>> config = SessionConfig().with_repartition_aggregations(enabled=False)
    with_repartition_aggregations;

    /// Set whether a large file is read in parts, side by side.
    ///
    /// Args:
    ///     enabled: Whether it is on.
    ///
    /// Example:
    ///     >>> from planwire import SessionConfig
    ///     >>> config = SessionConfig().with_repartition_file_scans(enabled=False)
    with_repartition_file_scans;

    /// Set whether a join is split over partitions.
    ///
    /// Args:
    ///     enabled: Whether it is on.
    ///
    /// Example:
    ///     >>> from planwire import SessionConfig
    ///     >>> config = SessionConfig().with_repartition_joins(enabled=False)
    with_repartition_joins;

    /// Set whether a sort is split over partitions.
    ///
    /// Args:
    ///     enabled: Whether it is on.
    ///
    /// Example:
    ///     >>> from planwire import SessionConfig
    ///     >>> config = SessionConfig().with_repartition_sorts(enabled=False)
    with_repartition_sorts;

    /// Set whether a window function with `PARTITION BY` is split over partitions.
    ///
    /// Args:
    ///     enabled: Whether it is on.
    ///
    /// Example:
    ///     >>> from planwire import SessionConfig
    ///     >>> config = SessionConfig().with_repartition_windows(enabled=False)
    with_repartition_windows;
}
