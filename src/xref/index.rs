//! The lookup that is built once a run and asked by all threads.
