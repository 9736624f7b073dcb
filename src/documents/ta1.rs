//! The TA1: the answer to an interchange.
