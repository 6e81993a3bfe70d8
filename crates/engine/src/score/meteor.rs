//! METEOR's tables, which are not this program's to bring along.

use super::Error;

/// METEOR's tables, ready for use. None can be opened yet.
#[derive(Clone, Debug)]
pub enum Meteor {}

impl Meteor {
    /// Opens the tables where they were put.
    ///
    /// # Errors
    /// That they are not there, with the command that mends it.
    pub fn open() -> Result<Self, Error> {
        Err(Error::NoMeteor)
    }
}
