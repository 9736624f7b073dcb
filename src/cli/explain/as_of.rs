//! `explain --as-of`: the lines of an order that came as another day would have found them. Nothing is written.

use crate::cli::Shell;
use crate::cli::xref::{self, instant::AsOf};
use crate::domain::resolution::DecidedOrder;
use crate::domain::{Date, Text};
use crate::pipeline::decide::{Context, decide};
use crate::site::Site;
use crate::store::{Micros, OrderRow, Transaction, lines};
use crate::xref::index::XrefIndex;
use anyhow::{Context as _, Result, ensure};
use std::collections::BTreeSet;

/// On which day of each clock the cross-reference is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// The last instant whose records count; None: all that is known now.
    pub(super) recorded: Option<Micros>,
    /// The day for which a row must be valid; None: the order's.
    pub(super) valid: Option<Date>,
}

impl Asked {
    /// None where neither clock was named: then the order is told as it was decided.
    pub(super) fn of(as_of: Option<AsOf>, valid_on: Option<Date>) -> Option<Self> {
        if as_of.is_none() && valid_on.is_none() {
            return None;
        }
        let valid = valid_on.or(as_of.map(|as_of| as_of.day));
        Some(Self { recorded: as_of.map(|as_of| as_of.recorded), valid })
    }
}

/// The orders, resolved and decided again by today's profile of their partner and the masters of that instant.
pub(super) fn decide_again(
    shell: &Shell,
    work: &mut dyn Transaction,
    rows: &[OrderRow],
    asked: Asked,
) -> Result<Vec<(Text, DecidedOrder)>> {
    let site = crate::site::load(&shell.site)?;
    let profile = |row: &OrderRow| {
        let profile = site.partners.iter().find(|profile| *profile.id() == row.partner);
        profile.with_context(|| format!("partner {} has no profile any more", row.partner))
    };
    let mut customers = BTreeSet::new();
    for row in rows {
        customers.extend(xref::customers_of(row, profile(row)?)?);
    }
    let index = index(work, &site, &customers, asked.recorded)?;
    rows.iter()
        .map(|row| {
            let profile = profile(row)?;
            let mut order = lines::order_from_row(row)?.order;
            if asked.valid.is_some() {
                order.po_date = asked.valid;
            }
            let context = Context {
                company: &site.settings.company,
                profile,
                index: &index,
                unresolved: site.settings.unresolved,
                date: row.received,
            };
            Ok((row.order_id.clone(), decide(&context, order).0))
        })
        .collect()
}

fn index(
    work: &mut dyn Transaction,
    site: &Site,
    customers: &BTreeSet<Text>,
    recorded: Option<Micros>,
) -> Result<XrefIndex> {
    let masters = work.masters_without_xrefs(recorded)?;
    ensure!(
        recorded.is_none() || !masters.items.is_empty(),
        "the store had no items then: it knows what was recorded since its first run; --valid-on DATE asks for \
         another day by what is known now"
    );
    xref::index(work, masters, customers, recorded, &site.settings)
}
