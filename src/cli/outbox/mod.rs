//! `outbox`: what went to partners and what they say of it, and the same document again.

mod list;
mod resend;
pub(super) mod watch;

use crate::cli::Shell;
use anyhow::Result;

#[derive(Debug, clap::Subcommand)]
pub(super) enum OutboxCommand {
    /// What was sent, when, and what became of it.
    List(list::ListArgs),
    /// Send documents again: the same bytes under the same control numbers.
    #[command(
        after_help = "A document goes out as it went out before, also where the transport has taken its file away. What the partner \
had not accepted is waited for anew. Exit code 0: done; 1: something was refused, and nothing was sent; 2: it could not run."
    )]
    Resend(resend::ResendArgs),
}

pub(super) fn outbox(shell: &Shell, command: &OutboxCommand) -> Result<u8> {
    match command {
        OutboxCommand::List(args) => list::list(shell, args),
        OutboxCommand::Resend(args) => resend::resend(shell, args),
    }
}
