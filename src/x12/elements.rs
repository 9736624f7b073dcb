//! Each placed element against the dictionary: type, length, codes, syntax notes.
