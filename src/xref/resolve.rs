//! The resolution chain: all known numbers of a line, in the partner's order, to one outcome with its trace.
