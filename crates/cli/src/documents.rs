//! `nid completions` and `nid man`: what can be generated from the arguments themselves.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::args;
use crate::message::Usage;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  nid completions bash > ~/.local/share/bash-completion/completions/nid
  nid completions fish > ~/.config/fish/completions/nid.fish")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  nid man > nid.1                  the page of the program
  nid man caption > nid-caption.1  the page of a command")]
pub(crate) struct Man {
    /// The command whose page is wanted [default: the program's own]
    command: Option<String>,
}

pub(crate) fn completions(arguments: &Completions) -> Result<ExitCode> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut args::Arguments::command(), "nid", &mut text);
    print(&text)
}

pub(crate) fn man(arguments: &Man) -> Result<ExitCode> {
    let mut program = args::Arguments::command();
    program.build();
    let page = match &arguments.command {
        None => program,
        Some(name) => {
            let unknown = || Usage(format!("found {name:?}, expected the name of a command"));
            let command = program.find_subcommand(name).ok_or_else(unknown)?;
            command.clone().name("nid").display_name(format!("nid-{name}"))
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    print(&text)
}

fn print(text: &[u8]) -> Result<ExitCode> {
    let mut output = Output::open(None, false)?;
    output.write_all(text)?;
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}
