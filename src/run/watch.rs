//! What a person at a terminal sees of a run while it goes on.

/// Is told of stages and files; a progress bar, or nothing.
pub trait Watch: Sync {
    /// A stage begins with so many files.
    fn stage(&self, name: &str, files: u64);
    /// So many files are done.
    fn advance(&self, files: u64);
    /// The run is over.
    fn end(&self);
}
