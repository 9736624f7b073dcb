//! The command: hands its arguments to the library and its exit code to the shell.

fn main() -> std::process::ExitCode {
    itembridge::cli::main()
}
