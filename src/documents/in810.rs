//! The 810: an invoice in the order's own words.
