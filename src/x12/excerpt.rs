//! The piece of a file that a person is shown, with the finding underlined.
