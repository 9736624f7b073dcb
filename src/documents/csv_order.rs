//! CSV purchase orders by the partner's layout.
