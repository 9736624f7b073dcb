//! Posted invoices and paid sales to ledger events.
