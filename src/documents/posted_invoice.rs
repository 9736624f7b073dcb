//! Invoices posted by the ERP, in CSV.
