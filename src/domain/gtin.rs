//! GTIN: the check digit, and the one 14-digit form of every way in which a barcode number is written.
