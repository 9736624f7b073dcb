//! Internal orders for the ERP: the columns of the contract as CSV and JSON lines.
