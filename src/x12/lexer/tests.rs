//! Separators as they are met, and the places of segments and elements.
