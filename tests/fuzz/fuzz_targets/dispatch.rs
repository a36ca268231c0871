//! Dispatch: any buffer of a plan goes to whom its tag names, and to nobody whom the session refuses.

#![no_main]

planwire_fuzz::target!(planwire_fuzz::bodies::dispatch);
