//! X12: bytes to segments, envelopes and trees, and back to bytes. Usable alone.
//!
//! Three things that a stranger comes for. **Every segment with its place** (segments count from ST = 1, elements from 1,
//! bytes from 0, as X12 and a hex editor do):
//!
//! ```
//! use itembridge::x12;
//!
//! let bytes = b"ST*850*0001~BEG*00*SA*7001**20260309~PO1*1*12*EA*3.10~PO1*2*6*CA*9.50~SE*5*0001~";
//! let file = x12::read(bytes);
//! for set in file.sets() {
//!     let lines = set.segments().filter(|segment| segment.id() == b"PO1");
//!     let places: Vec<(u32, u64, &[u8])> =
//!         lines.map(|line| (line.number, line.element_offset(2), line.element(2))).collect();
//!     assert_eq!(places, [(3, 43, b"12".as_slice()), (4, 60, b"6")]);
//! }
//! ```
//!
//! **Everything that is wrong**, from the envelope to the element. A bad file is data: nothing here returns an `Err` or
//! panics, whatever the bytes are. A [`Diagnostic`] names its rule, its place, the value that was found and the code with
//! which X12 answers it:
//!
//! ```
//! use itembridge::x12::{self, Severity};
//!
//! let bytes = b"ST*850*0001~BEG*00*SA*7001**20260309~PO1*1*two dozen*EA*3.10~SE*4*0001~";
//! let findings = x12::read(bytes).findings();
//! let told: Vec<String> = findings.iter().map(|finding| finding.to_string()).collect();
//! assert!(told[1].starts_with("E306 invalid character in data element at segment 3 (PO1-02): \"two dozen\" (a decimal is "));
//! assert_eq!(findings[1].rule.answer.label(), "AK403 6");
//! assert!(findings.iter().any(|finding| finding.severity == Severity::Error), "E101: it has no ISA");
//! ```
//!
//! **A document of one's own**: values in canonical form, counts and control numbers by construction. A value that the
//! separators cannot carry is a finding, never a broken file:
//!
//! ```
//! use itembridge::domain::Date;
//! use itembridge::x12::{self, OutboundEnvelope, SetWriter, Value};
//!
//! let envelope = OutboundEnvelope::between(("ZZ", "NORTHWIND"), ("01", "006922827"), "004010", Date::constant(2026, 3, 9), "0130");
//! let mut invoice = SetWriter::new(&envelope, "810", "IN");
//! invoice.segment("BIG", &[Value::Date(envelope.date), Value::Exact("7001")]);
//! invoice.segment("IT1", &[Value::Exact("1"), Value::Count(6), Value::Exact("CA"), Value::Number("3.10".parse()?)]);
//! invoice.segment("TDS", &[Value::Cents("18.60".parse()?)]);
//! let (set, problems) = invoice.finish();
//! assert!(problems.is_empty() && envelope.problems().is_empty());
//! let bytes = x12::interchange(&envelope, 1, 1, &[set]);
//! assert!(x12::read(&bytes).findings().is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The modules behind them:
//!
//! - [`file`]: a whole file at hand, as above
//! - [`lexer`]: separators and segments, borrowed from the bytes, with their places
//! - [`envelope`]: one pass over a file: interchanges, groups and sets with byte ranges, counts and control numbers, as
//!   events in bounded memory or as an index
//! - [`grammar`]: the transaction sets and the element dictionary as tables
//! - [`structure`]: segments placed by a grammar table
//! - [`elements`]: each placed element against the dictionary
//! - [`validate`]: structure and elements in one, in document order, within limits
//! - [`writer`]: documents back to bytes
//! - [`excerpt`]: the piece of the file that a person is shown
//! - [`foreign`]: what a file is that is neither X12 nor CSV

#![deny(clippy::disallowed_methods)]

pub mod elements;
pub mod envelope;
pub mod excerpt;
pub mod file;
pub mod foreign;
pub mod grammar;
pub mod lexer;
pub mod structure;
pub mod validate;
pub mod writer;

pub use crate::domain::diagnostic::{Diagnostic, Location, Severity};
pub use envelope::Limits;
pub use file::{TransactionSet, X12File, read, read_within};
pub use lexer::{Segment, Separators, text};
pub use writer::{OutboundEnvelope, SetWriter, Value, WrittenSet, interchange};
