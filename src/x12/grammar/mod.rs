//! The transaction sets and their segments as tables: statics that the compiler checks.

/// Usage of a segment or loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    Mandatory,
    Optional,
}

/// A transaction set: `id` is ST01, `group` is GS01.
#[derive(Debug)]
pub struct TransactionSetDef {
    pub id: &'static str,
    pub group: &'static str,
    pub name: &'static str,
    /// Between ST and SE.
    pub body: &'static [Part],
}

/// A place in a set: a segment, or a loop that begins with one.
#[derive(Debug)]
pub struct Part {
    /// Of the segment, or of the loop's first segment.
    pub id: &'static str,
    pub usage: Usage,
    /// Maximum use; `u32::MAX` for `>1`.
    pub max: u32,
    /// The loop's parts, its opener first; empty for a segment.
    pub children: &'static [Part],
}

pub const fn seg(id: &'static str, usage: Usage, max: u32) -> Part {
    Part { id, usage, max, children: &[] }
}

/// A loop; its first child is the segment that opens it.
pub const fn looped(usage: Usage, max: u32, children: &'static [Part]) -> Part {
    assert!(!children.is_empty() && children[0].children.is_empty(), "a loop begins with a segment");
    Part { id: children[0].id, usage, max, children }
}
