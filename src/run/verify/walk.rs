//! The orders and the facts of a unit, each in the order in which they were written, a little at a time.

use crate::domain::Text;
use crate::domain::fact::OrderLineFact;
use crate::facts::read::order_lines;
use crate::store::{OrderRow, Transaction};
use anyhow::Result;
use std::collections::VecDeque;
use std::path::PathBuf;

/// So many orders are read at once.
const CHUNK: u32 = 100;

/// The orders of a unit.
#[derive(Debug)]
pub(crate) struct Orders {
    run_id: Text,
    unit: u32,
    ready: VecDeque<OrderRow>,
    after: Option<Text>,
    ended: bool,
}

impl Orders {
    pub(crate) fn of(run_id: &Text, unit: u32) -> Self {
        Self { run_id: run_id.clone(), unit, ready: VecDeque::new(), after: None, ended: false }
    }

    fn peek(&mut self, tx: &mut dyn Transaction) -> Result<Option<&OrderRow>> {
        if self.ready.is_empty() && !self.ended {
            let chunk = tx.unit_orders(&self.run_id, self.unit, self.after.as_deref(), CHUNK)?;
            self.ended = chunk.len() < CHUNK as usize;
            self.after = chunk.last().map(|row| row.order_id.clone());
            self.ready = chunk.into();
        }
        Ok(self.ready.front())
    }

    pub(crate) fn next(&mut self, tx: &mut dyn Transaction) -> Result<Option<OrderRow>> {
        self.peek(tx)?;
        Ok(self.ready.pop_front())
    }

    /// The next order that came in this input; those of other inputs before it are passed over.
    pub(crate) fn skip_to(&mut self, tx: &mut dyn Transaction, input: &str) -> Result<()> {
        while self.peek(tx)?.is_some_and(|row| row.input != input) {
            self.ready.pop_front();
        }
        Ok(())
    }

    /// The next order, if it came in this input.
    pub(crate) fn next_of(&mut self, tx: &mut dyn Transaction, input: &str) -> Result<Option<OrderRow>> {
        let found = self.peek(tx)?.is_some_and(|row| row.input == input);
        Ok(if found { self.ready.pop_front() } else { None })
    }

    /// The next order, if it came at this place, and under this number where one is known.
    pub(crate) fn next_at(
        &mut self,
        tx: &mut dyn Transaction,
        input: &str,
        offset: u64,
        po_number: Option<&str>,
    ) -> Result<Option<OrderRow>> {
        let at = |row: &OrderRow| row.input == input && row.offset == offset;
        let same = |row: &OrderRow| po_number.is_none_or(|number| row.po_number == number);
        let found = self.peek(tx)?.is_some_and(|row| at(row) && same(row));
        Ok(if found { self.ready.pop_front() } else { None })
    }
}

/// The facts of a unit's orders: one file in memory at a time. A unit that takes orders may change some of them, or earlier
/// ones, in its course: those rows stand between the others and are another walk.
#[derive(Debug)]
pub(crate) struct Facts {
    parts: VecDeque<PathBuf>,
    /// Whether the rows of a second look are walked, or those of the first.
    again: bool,
    ready: VecDeque<OrderLineFact>,
    /// Whether all parts are there.
    pub(crate) complete: bool,
    /// Rows that were read, of either look.
    pub(crate) rows: u64,
}

impl Facts {
    /// The rows of orders that the unit took.
    pub(crate) fn of(parts: Vec<PathBuf>, complete: bool) -> Self {
        // a part that is missing leaves nothing that could be walked
        let parts = if complete { parts.into() } else { VecDeque::new() };
        Self { parts, again: false, ready: VecDeque::new(), complete, rows: 0 }
    }

    /// The rows of lines that the unit judged again.
    pub(crate) fn again(parts: Vec<PathBuf>, complete: bool) -> Self {
        Self { again: true, ..Self::of(parts, complete) }
    }

    fn peek(&mut self) -> Result<Option<&OrderLineFact>> {
        while self.ready.is_empty() {
            let Some(part) = self.parts.pop_front() else { break };
            let rows = order_lines(&part)?;
            self.rows += rows.len() as u64;
            self.ready = rows.into_iter().filter(|fact| fact.again == self.again).collect();
        }
        Ok(self.ready.front())
    }

    /// All rows of the next order.
    pub(crate) fn next_order(&mut self) -> Result<Option<Vec<OrderLineFact>>> {
        let Some(order_id) = self.peek()?.map(|fact| fact.order_id.clone()) else { return Ok(None) };
        self.next_order_if(&order_id)
    }

    pub(crate) fn next_order_if(&mut self, order_id: &str) -> Result<Option<Vec<OrderLineFact>>> {
        let mut rows = Vec::new();
        while self.peek()?.is_some_and(|fact| fact.order_id == order_id) {
            rows.extend(self.ready.pop_front());
        }
        Ok((!rows.is_empty()).then_some(rows))
    }

    /// The next order, if it was numbered before this one.
    pub(crate) fn next_order_before(&mut self, order_id: &str) -> Result<Option<Vec<OrderLineFact>>> {
        let before = self.peek()?.is_some_and(|fact| number(&fact.order_id) < number(order_id));
        if before { self.next_order() } else { Ok(None) }
    }
}

/// The order's number in its unit: `RUN-UUUU-NNNNN`.
fn number(order_id: &str) -> Option<u64> {
    order_id.rsplit('-').next()?.parse().ok()
}
