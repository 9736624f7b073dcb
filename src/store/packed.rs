//! Plain data as JSON arrays in a fixed order of columns: about half the size of objects, and still JSON to any tool.

use crate::domain::resolution::{InvalidReason, LineOutcome, LineState, Via};
use crate::domain::unit::Fraction;
use crate::domain::{Date, Decimal, Text};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use std::marker::PhantomData;

/// A value that is one column of an array. Columns that are added later go to the end: what was written before reads as
/// if they were empty.
pub(super) trait Packed: Sized {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()>;
    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error>;

    /// What it means that the array ends before this column; an error where it must be there.
    fn absent<E: Error>(column: &str) -> Result<Self, E> {
        Err(E::custom(format!("the column {column} is not there")))
    }
}

/// One array while it is written. Empty columns at its end are left out.
#[derive(Debug)]
pub(super) struct Row<'a> {
    out: &'a mut Vec<u8>,
    begin: usize,
    kept: usize,
}

impl<'a> Row<'a> {
    pub(super) fn open(out: &'a mut Vec<u8>) -> Self {
        out.push(b'[');
        let begin = out.len();
        Self { out, begin, kept: begin }
    }

    pub(super) fn put<T: Packed>(&mut self, value: &T) -> serde_json::Result<()> {
        let at = self.append(value)?;
        if !says_nothing(self.out.get(at..).unwrap_or_default()) {
            self.kept = self.out.len();
        }
        Ok(())
    }

    /// A column in which only `null` says nothing: an empty text is kept, be it the last.
    pub(super) fn put_even_empty<T: Packed>(&mut self, value: &T) -> serde_json::Result<()> {
        let at = self.append(value)?;
        if self.out.get(at..) != Some(b"null") {
            self.kept = self.out.len();
        }
        Ok(())
    }

    /// Returns where the value begins.
    fn append<T: Packed>(&mut self, value: &T) -> serde_json::Result<usize> {
        if self.out.len() > self.begin {
            self.out.push(b',');
        }
        let at = self.out.len();
        value.write(self.out)?;
        Ok(at)
    }

    pub(super) fn close(self) {
        self.out.truncate(self.kept);
        self.out.push(b']');
    }
}

/// Whether this JSON is that of an absent value.
pub(super) fn says_nothing(json: &[u8]) -> bool {
    matches!(json, b"\"\"" | b"null" | b"[]" | b"0" | b"false")
}

/// The next column of an array that is read.
pub(super) fn next<'de, T: Packed, A: SeqAccess<'de>>(row: &mut A, name: &str) -> Result<T, A::Error> {
    match row.next_element::<Column<T>>()? {
        Some(column) => Ok(column.0),
        None => T::absent(name),
    }
}

/// A column as serde reads it.
#[derive(Debug)]
pub(super) struct Column<T>(pub(super) T);

impl<'de, T: Packed> Deserialize<'de> for Column<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::read(from).map(Column)
    }
}

/// Values that serde writes as one JSON scalar; those that `may` be absent are then their default, which is the empty one.
macro_rules! scalars {
    ($(may $type:ty;)+ $(must $other:ty;)+) => {
        $( scalars!(one $type, fn absent<E: Error>(_: &str) -> Result<Self, E> { Ok(Self::default()) }); )+
        $( scalars!(one $other,); )+
    };
    (one $type:ty, $($absent:item)?) => {
        impl Packed for $type {
            fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
                serde_json::to_writer(out, self)
            }
            fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::deserialize(from)
            }
            $($absent)?
        }
    };
}

scalars! {
    may Option<Date>;
    may Option<Decimal>;
    may Option<Fraction>;
    may Option<InvalidReason>;
    may Option<Text>;
    may Option<Via>;
    may Option<i64>;
    may Option<u32>;
    may Text;
    may bool;
    may u32;
    may u64;
    must LineOutcome;
    must LineState;
    must Via;
}

impl<T: Packed> Packed for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        out.push(b'[');
        for (index, value) in self.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            value.write(out)?;
        }
        out.push(b']');
        Ok(())
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(Elements(PhantomData))
    }

    fn absent<E: Error>(_: &str) -> Result<Self, E> {
        Ok(Self::new())
    }
}

struct Elements<T>(PhantomData<T>);

impl<'de, T: Packed> Visitor<'de> for Elements<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<Vec<T>, A::Error> {
        let mut values = Vec::new();
        while let Some(Column(value)) = row.next_element()? {
            values.push(value);
        }
        Ok(values)
    }
}

/// Structs that are arrays of their fields in the order given here.
macro_rules! rows {
    ($($type:ident [$($field:ident),+] $({$absent:item})?;)+) => { $(
        impl Packed for $type {
            fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
                let mut row = Row::open(out);
                $( row.put(&self.$field)?; )+
                row.close();
                Ok(())
            }

            fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Columns;
                impl<'de> Visitor<'de> for Columns {
                    type Value = $type;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("the columns of ", stringify!($type)))
                    }
                    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<$type, A::Error> {
                        Ok($type { $( $field: next(&mut row, stringify!($field))? ),+ })
                    }
                }
                from.deserialize_seq(Columns)
            }

            $($absent)?
        }
    )+ };
}

pub(super) mod columns {
    //! The order of the columns of every nested part.

    use super::{Deserializer, Error, Packed, Row, SeqAccess, Visitor, next};
    use crate::domain::order::{
        Charge, Contact, DatedEvent, ItemNumber, Party, Reference, Routing, SubLine, Tax, Terms,
    };
    use crate::domain::resolution::Candidate;

    rows! {
        Candidate [via, number, item, xref_id, chosen, reason];
        Charge [indicator, code, amount, percent_basis, percent, rate, unit, quantity, handling, description];
        Contact [function, name, numbers];
        DatedEvent [qualifier, date, text];
        ItemNumber [qualifier, value] { fn absent<E: Error>(_: &str) -> Result<Self, E> { Ok(Self::default()) } };
        Party [role, name, code_qualifier, code, address, city, state, postal_code, country];
        Reference [qualifier, value, description];
        Routing [sequence, carrier_qualifier, carrier, mode, text];
        SubLine [id, relationship, quantity, unit, price, numbers];
        Tax [kind, amount, percent, jurisdiction_qualifier, jurisdiction, exempt];
        Terms [kind, basis, percent, discount_due, discount_days, net_due, net_days, description];
    }
}
