//! The 855: one ACK a line from its outcome.
