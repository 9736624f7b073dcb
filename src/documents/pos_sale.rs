//! Point-of-sale sales in CSV.
