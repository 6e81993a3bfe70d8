//! The other side: a recipe in Python, and the Python that can run it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::repository;

/// A recipe, and a Python that has what it needs.
pub(crate) struct Recipe {
    python: PathBuf,
    file: PathBuf,
    /// Which programs the figures are of.
    pub(crate) about: String,
}

impl Recipe {
    /// Asks an interpreter whether it can do the work of a file in `recipes`.
    ///
    /// # Errors
    /// Why it cannot, in a line.
    pub(crate) fn find(python: &Path, name: &str) -> Result<Self> {
        let file = repository().join("recipes").join(name);
        let mut recipe = Self { python: python.to_owned(), file, about: String::new() };
        let told = recipe.command("about").output().with_context(|| format!("{} does not run", python.display()))?;
        if !told.status.success() {
            let complaint = String::from_utf8_lossy(&told.stderr);
            bail!("{}: {}", python.display(), complaint.trim_end().lines().last().unwrap_or("it does not say why"));
        }
        recipe.about = String::from_utf8(told.stdout)?.trim().to_owned();
        Ok(recipe)
    }

    /// One of the recipe's commands.
    pub(crate) fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(&self.file).arg(name);
        command
    }
}
