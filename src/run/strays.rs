//! What of an X12 file stands outside its interchanges, or behind a limit that ended the look through it.

use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::rules::envelope::FILE_TOO_MANY_SETS;
use crate::run::exceptions;
use crate::run::input::Input;
use crate::run::unit::Unit;
use crate::run::x12_orders::FileResult;
use crate::x12::envelope::FileIndex;
use anyhow::Result;

/// The state of a file's receipt, where it is not as it was: something of it is in quarantine, or it was not looked at to its end.
/// It is not `processed` then: the same bytes may come again once what was wrong on our side is mended.
pub(crate) fn settle(
    unit: &mut Unit<'_>,
    input: &Input,
    index: &FileIndex,
    (result, known): (&FileResult, bool),
) -> Result<Option<Text>> {
    let whole = result.quarantined && index.interchanges.len() == 1;
    let ended = !known && tell(unit, input, index, &result.partner, whole)?;
    let state = if whole { "quarantined" } else { "partial" };
    Ok((result.quarantined || ended).then(|| state.into()))
}

/// Tells a person of what stands outside the interchanges of a file that did not come before. Nobody has looked at what stands
/// behind a limit: it goes to quarantine, unless the whole file does. True then: the file was not processed, and the same bytes
/// may come again once the limit is raised.
pub(crate) fn tell(
    unit: &mut Unit<'_>,
    input: &Input,
    index: &FileIndex,
    partner: &str,
    whole_is_kept: bool,
) -> Result<bool> {
    let found: Vec<Diagnostic> =
        index.diagnostics.iter().filter(|found| found.severity > Severity::Note).cloned().collect();
    if found.is_empty() {
        return Ok(false);
    }
    unit.add_exception(exceptions::input(&input.claimed.relative, &found, partner))?;
    let Some(limit) = found.iter().find(|found| *found.rule == FILE_TOO_MANY_SETS) else {
        return Ok(false);
    };
    let looked_at = index.interchanges.last().map_or(0, |last| last.offset.saturating_add(last.length));
    let rest = input.source.length.saturating_sub(looked_at);
    if rest > 0 && !whole_is_kept {
        let name = format!("{}.rest", input.source.name_of_content(&input.claimed.relative));
        let piece = (&input.source, looked_at, rest);
        unit.quarantine_piece(&name, piece, std::slice::from_ref(limit), partner)?;
    }
    Ok(true)
}
