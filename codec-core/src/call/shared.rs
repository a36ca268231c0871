//! The functions that a message has once, however often it refers to them.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;
use datafusion::error::DataFusionError;

use crate::call::Call;
use crate::error::WireError;
use crate::gate::Slot;
use crate::limits::{Excess, Limit};
use crate::plan::kind::Kind;
use crate::plan::message_sort::Message;
use crate::plan::node::Node;
use crate::policy::modes::FamilyMode;
use crate::preflight::shape;
use crate::wire::frame::FrameError;
use crate::wire::native::{self, Native};
use crate::wire::parts::Parts;
use crate::wire::reference::{self, Key, TABLE};

/// The table of a message that is written or read.
#[derive(Default)]
pub(crate) struct Shared {
    /// The table of a message that is being written; `None` where there is no message to put it into.
    written: Mutex<Option<Table>>,
    /// Payloads of families that are being written now, which have to be whole by themselves.
    whole: AtomicUsize,
    read: OnceLock<HashMap<Key, Function>>,
}

#[derive(Default)]
struct Table {
    frames: Vec<Parts>,
    keys: HashSet<Key>,
}

/// A function in the table of a message that was read.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) kind: Kind,
    /// Its native frame.
    pub(crate) frame: Bytes,
    /// Whether something refers to it.
    met: AtomicBool,
    /// Whether its payload has the digest that its header says.
    sound: OnceLock<Result<(), FrameError>>,
    /// What became of it, by the plan's name for it, on which its family may depend.
    decoded: Mutex<HashMap<String, Node>>,
}

impl<C: ?Sized> Call<C> {
    /// Reads the table of a message that is to be decoded. Each of its frames is held to the limits once.
    ///
    /// A frame that the session refuses is refused before it is kept. The others are examined, and the policy is
    /// asked about them, before the first reference to them is decoded.
    ///
    /// # Errors
    ///
    /// A [`WireError`] with a `PW-D` code.
    pub(crate) fn read_table(&self, what: Message, bytes: &[u8]) -> Result<(), WireError> {
        self.state.limits().check(Limit::Message, bytes.len()).map_err(Excess::on_decode)?;
        self.keep_table(what, bytes, |native, frame| {
            self.state.within_limits(frame.len(), "").map_err(Excess::on_decode)?;
            self.refuse_early(native, frame).inspect_err(|error| self.observe(error))
        })
    }

    /// Keeps the frames in the table of a message, once each has passed a check.
    ///
    /// # Errors
    ///
    /// The error of the check, or [`WireError::NotAMessage`].
    pub(crate) fn keep_table(
        &self,
        what: Message,
        bytes: &[u8],
        check: impl Fn(&Native<'_>, &[u8]) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        let not_a_message = |fault: String| {
            let source = Arc::new(DataFusionError::Execution(fault));
            WireError::NotAMessage { what, source }
        };
        let mut functions = HashMap::new();
        for frame in shape::fields_of(bytes, TABLE) {
            let native = native::read_checked(frame)
                .map_err(|fault| not_a_message(format!("a function in its table is unsound: {fault}")))?;
            if !native.kind.is_function() {
                return Err(not_a_message(format!("its table has a {}", native.kind)));
            }
            check(&native, frame)?;
            if functions.insert(native.key(), Function::new(native.kind, self.kept(frame))).is_some() {
                return Err(not_a_message("its table has a function twice".to_owned()));
            }
        }
        if !functions.is_empty() {
            self.state.shared.set(functions);
        }
        Ok(())
    }

    /// The bytes of a frame in the message: the message's own memory where the caller shares it and the frame is
    /// large and most of the message, so that it does not hold much that nobody counts.
    fn kept(&self, frame: &[u8]) -> Bytes {
        match &self.state.over {
            Some(message)
                if frame.len() >= Parts::LARGE.max(message.len() / 2) && is_within(frame, message) =>
            {
                message.slice_ref(frame)
            }
            _ => Bytes::copy_from_slice(frame),
        }
    }

    /// Refuses the frame of a family that the session refuses, unless a registered function may take its place.
    fn refuse_early(&self, native: &Native<'_>, frame: &[u8]) -> Result<(), WireError> {
        let (settings, name) = (&self.state.settings, native.frame.about().and_then(|about| about.name));
        let slot = Slot { kind: native.kind, name: name.unwrap_or_default() };
        let refuses = match settings.families().get(native.family) {
            Ok(member) => matches!(settings.policy().mode(member.name()), FamilyMode::Refuse),
            Err(_) => settings.policy().refuses_unknown_families(),
        };
        if !refuses || self.state.prefers_registered() {
            return Ok(());
        }
        settings.gate().admit(settings.families().examine(frame, slot).inside, slot).map(drop)
    }
}

fn is_within(part: &[u8], whole: &[u8]) -> bool {
    let (part, whole) = (part.as_ptr_range(), whole.as_ptr_range());
    whole.start <= part.start && part.end <= whole.end
}

impl Shared {
    /// Begins a message that has a table.
    pub(crate) fn open(&self) {
        self.table().get_or_insert_default();
    }

    /// The key of a native frame that goes into the table; `None` if there is no table, or the frame goes into a
    /// payload.
    pub(crate) fn key(&self, frame: &Parts) -> Option<Key> {
        if !native::starts(frame.first()) || self.whole.load(Relaxed) != 0 || self.table().is_none() {
            return None;
        }
        reference::key_of(frame)
    }

    /// Whether the table has a frame of this key.
    pub(crate) fn has(&self, key: Key) -> bool {
        self.table().as_ref().is_some_and(|table| table.keys.contains(&key))
    }

    /// Puts a frame into the table, unless it is there, and returns the reference to it.
    pub(crate) fn add(&self, key: Key, frame: Parts) -> Vec<u8> {
        if let Some(Table { frames, keys }) = self.table().as_mut()
            && keys.insert(key)
        {
            frames.push(frame);
        }
        reference::write(key)
    }

    /// Whether bytes that were written for a function can stand where the message is written now.
    pub(crate) fn can_hold(&self, written: &[u8]) -> bool {
        !reference::starts(written) || self.whole.load(Relaxed) == 0
    }

    /// Writes a part of a payload, which may travel on without the message around it.
    pub(crate) fn whole<T>(&self, write: impl FnOnce() -> T) -> T {
        let _within = Within::of(&self.whole);
        write()
    }

    /// Takes the frames of the table.
    pub(crate) fn take(&self) -> Vec<Parts> {
        self.table().take().map(|table| table.frames).unwrap_or_default()
    }

    /// Sets the table of a message that is read.
    pub(crate) fn set(&self, functions: HashMap<Key, Function>) {
        let _ = self.read.set(functions);
    }

    /// The function of this kind to which a buffer refers.
    pub(crate) fn function(&self, bytes: &[u8], kind: Kind) -> Option<&Function> {
        self.read.get()?.get(&reference::read(bytes)?).filter(|function| function.kind == kind)
    }

    /// The functions in the table to which nothing has referred so far.
    pub(crate) fn unmet(&self) -> impl Iterator<Item = &Function> {
        self.read.get().into_iter().flat_map(HashMap::values).filter(|function| !function.met.load(Relaxed))
    }

    fn table(&self) -> MutexGuard<'_, Option<Table>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A payload that is being written, until this is dropped.
struct Within<'a>(&'a AtomicUsize);

impl<'a> Within<'a> {
    fn of(payloads: &'a AtomicUsize) -> Self {
        payloads.fetch_add(1, Relaxed);
        Self(payloads)
    }
}

impl Drop for Within<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Function {
    fn new(kind: Kind, frame: Bytes) -> Self {
        let (met, sound, decoded) = Default::default();
        Self { kind, frame, met, sound, decoded }
    }

    /// Its own name, if the header of its frame says one.
    pub(crate) fn name(&self) -> Option<&str> {
        native::read_checked(&self.frame).ok()?.frame.about()?.name
    }

    /// Notes that something refers to it, and tells whether this is the first time.
    pub(crate) fn is_met_first(&self) -> bool {
        !self.met.swap(true, Relaxed)
    }

    /// Reads the frame; its payload is hashed the first time only.
    pub(crate) fn read(&self) -> Result<Native<'_>, FrameError> {
        let check = || native::decode(&self.frame).map(drop);
        (*self.sound.get_or_init(check))?;
        native::read_checked(&self.frame)
    }

    /// What it became under this name.
    pub(crate) fn decoded(&self, name: &str) -> Option<Node> {
        self.all_decoded().get(name).cloned()
    }

    /// Keeps what it became under a name.
    pub(crate) fn keep(&self, name: &str, node: &Node) {
        self.all_decoded().insert(name.to_owned(), node.clone());
    }

    fn all_decoded(&self) -> MutexGuard<'_, HashMap<String, Node>> {
        self.decoded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
