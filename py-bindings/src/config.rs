//! What a session is configured by, before there is one.

pub(crate) mod runtime_env;
pub(crate) mod session_config;
pub(crate) mod sql_options;
pub(crate) mod toggles;
