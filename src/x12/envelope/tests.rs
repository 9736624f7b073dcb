//! What the scan finds in files as they come.
