//! POC02, element 670: of which values of a line each code speaks.

/// Whether a code speaks of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// It does not: where the value is there, it must be what it was.
    Same,
    /// What is there counts.
    May,
    /// It must be there.
    Must,
}

/// Which way a quantity goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Any,
    Up,
    Down,
}

/// What a code asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Add,
    Delete,
    /// Unit and numbers, too, are what is there now where `whole` is set.
    Values {
        quantity: Says,
        way: Way,
        price: Says,
        date: Says,
        whole: bool,
    },
}

const fn values(quantity: Says, price: Says, date: Says) -> Action {
    Action::Values { quantity, way: Way::Any, price, date, whole: false }
}

const fn quantity(way: Way) -> Action {
    Action::Values { quantity: Says::Must, way, price: Says::Same, date: Says::Same, whole: false }
}

use Says::{May, Must, Same};

/// The codes that are applied. Every other one is for a person: terms, carriers, transfers, replacement items.
static KINDS: &[(&str, Action)] = &[
    ("AI", Action::Add),
    ("CA", values(May, May, May)),
    ("CT", values(Same, Same, Must)),
    ("DI", Action::Delete),
    ("MU", values(May, May, May)),
    ("NC", values(Same, Same, Same)),
    ("PC", values(Same, Must, Same)),
    ("PQ", values(Must, Must, Same)),
    ("PR", values(Same, Must, Must)),
    ("QD", quantity(Way::Down)),
    ("QI", quantity(Way::Up)),
    ("RB", values(Same, Same, Must)),
    ("RQ", values(Must, Same, Must)),
    ("RS", values(Same, Same, Must)),
    ("RZ", Action::Values { quantity: May, way: Way::Any, price: May, date: May, whole: true }),
];

pub(super) fn action(code: &str) -> Option<Action> {
    KINDS.iter().find(|(known, _)| *known == code).map(|(_, action)| *action)
}
