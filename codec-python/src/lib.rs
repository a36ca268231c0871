//! The wire family of functions written in Python, and the functions themselves.
//!
//! [`PythonScalarUdf`], [`PythonAggregateUdf`] and [`PythonWindowUdf`] run Python callables as
//! DataFusion functions. [`PythonFamily`] carries them as version 1 frames, which datafusion-python
//! 55 reads and writes too. Linking this crate registers the family; a session enables it:
//!
//! ```no_run
//! use planwire_python as _;
//! use planwire_registry::{FamilyMode, Registry, SessionCodecs};
//!
//! let codecs = SessionCodecs::new(Registry::linked()?).with_mode("python", FamilyMode::Inline)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The interpreter is attached to only while a function runs and while an authorized frame is
//! encoded or decoded. Checking a frame, refusing it, and plans without Python functions touch no
//! interpreter, and none needs to be there.

mod call;
mod error;
mod family;
mod function;
mod interpreter;

pub use call::classes::class_name;
pub use call::figures;
pub use error::{PythonError, pass_on_failures};
pub use family::PythonFamily;
pub use function::PythonFunction;
pub use function::aggregate::PythonAggregateUdf;
pub use function::scalar::PythonScalarUdf;
pub use function::window::PythonWindowUdf;
pub use interpreter::gate;
