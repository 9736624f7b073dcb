//! The 850: a placed tree to a purchase order.
