//! One CSV order file into a unit: order by order; rows that belong to no order are kept apart.

use crate::documents::csv_order::CsvIndex;
use crate::domain::partner::PartnerProfile;
use crate::run::exceptions;
use crate::run::input::Input;
use crate::run::orders::{Origin, Standing, take_document};
use crate::run::outgoing::Outgoing;
use crate::run::stream::Stream;
use crate::run::unit::Unit;
use crate::x12::writer::OutboundEnvelope;
use anyhow::Result;

/// How much of a file went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    All,
    /// Rows that belong to no order are in quarantine.
    Part,
    /// The whole file is.
    Nothing,
}

pub(crate) fn take(
    unit: &mut Unit<'_>,
    stream: &mut Stream<'_>,
    profile: &PartnerProfile,
    outbound: &OutboundEnvelope,
    input: &Input,
    index: &CsvIndex,
    known: bool,
) -> Result<Kept> {
    let standing = if known { Standing::Duplicate } else { Standing::New };
    let mut outgoing = Outgoing::new(profile, outbound);
    for place in &index.orders {
        let prepared = stream.next_order()?;
        let at = Origin {
            name: &input.claimed.relative,
            offset: index.runs(place).first().map_or(0, |run| run.offset),
            length: place.bytes,
            lines: u64::from(place.rows),
        };
        unit.counts.lines.received += at.lines;
        let sent = take_document(unit, (profile, outbound), prepared, standing, &at)?;
        outgoing.add(unit, sent)?;
    }
    outgoing.finish(unit)?;
    let bad = index.quarantined_rows();
    unit.counts.lines.received += bad;
    if known {
        unit.counts.lines.duplicate += bad;
        return Ok(Kept::All);
    }
    unit.counts.lines.quarantined += bad;
    if index.is_sound() && bad == 0 {
        return Ok(Kept::All);
    }
    let name = input.source.name_of_content(&input.claimed.relative);
    if index.is_sound() {
        let rows = index.bad_rows.iter().map(|run| (run.offset, run.length));
        let pieces = std::iter::once((0, header_length(index))).chain(rows);
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "csv"));
        let name = format!("{stem}.rows.{ending}");
        unit.quarantine(&name, &input.source, pieces, &index.diagnostics, profile.id())?;
    } else {
        let whole = (&input.source, 0, input.source.length);
        unit.quarantine_piece(name, whole, &index.diagnostics, profile.id())?;
    }
    unit.add_exception(exceptions::input(name, &index.diagnostics, profile.id()))?;
    Ok(if index.is_sound() { Kept::Part } else { Kept::Nothing })
}

/// The header as the file has it: everything before the first row.
fn header_length(index: &CsvIndex) -> u64 {
    let rows = index.orders.iter().flat_map(|order| index.runs(order)).chain(&index.bad_rows);
    rows.map(|run| run.offset).min().unwrap_or(index.length)
}
