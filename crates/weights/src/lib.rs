//! Bytes in, named arrays out: the formats that weights and features are kept in.
//!
//! [`Archive`] reads named arrays in any of the [formats](Format) that models are saved in, and [`save`] writes one of
//! them, safetensors; [`npy`] reads and writes NumPy files by rows (one large array, what features are cached in),
//! [`npz`] writes many arrays in one file, and [`pickle`] reads Python's pickles as data. Files are memory-mapped: a
//! gigabyte of features costs no more memory than the rows in use. Nothing that a file claims about itself is believed
//! before it has been compared with the file's length, and nothing half-written ever carries a file's final name.
//!
//! This crate knows no models: which arrays there should be, and of which shapes, is for the caller
//! to ask.

mod archive;
mod bytes;
mod element;
mod error;
mod formats;
mod layout;
pub mod npy;
pub mod npz;
pub mod pickle;
mod save;
mod stored;
mod summary;
mod view;

pub use archive::{Archive, Info};
pub use bytes::Mapped;
pub use element::{Element, Precision};
pub use error::Error;
pub use formats::Format;
pub use save::{save, save_views, to_bytes};
pub use summary::Summary;
pub use view::View;
