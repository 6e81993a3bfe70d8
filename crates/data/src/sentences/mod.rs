//! Sentences about photos, to be scored or to be scored against, in every form that people have them.
//!
//! The form is told from the content, never from the name:
//!
//! | form | what it looks like |
//! |---|---|
//! | COCO's results | JSON: a list of `image_id` or `file_name` (also `image`, `path`) and `caption` |
//! | records, a line each | JSON Lines of the same; `captions` for several, as `nid caption --format jsonl` writes |
//! | COCO's annotations | JSON: `images` of `id`, perhaps `file_name`; `annotations` of `image_id`, `caption` |
//! | Karpathy's splits | JSON: `images` of `filename`, `filepath`, `cocoid`, `sentences` of `raw` |
//! | Flickr8k, Flickr30k | lines of `photo.jpg#0`, a tab, a sentence |
//! | Kaggle's Flickr30k | lines of <code>image_name\| comment_number\| comment</code> |
//! | CSV | a header with `caption` and one of `image`, `image_id`, `file_name`, `path` |
//! | aligned text | anything else: a sentence a line, the line's number is the photo |
//!
//! [`captions`](crate::captions) reads what is learnt from, and there an empty caption says nothing. Here it is kept,
//! for a model that says nothing is scored for it; white space within a sentence and around it is kept as well.
//! Photos go by what their source calls them: ids are numbers or texts and compare as texts. A byte order mark and
//! Windows line ends are fine; bytes that are not UTF-8, UTF-16 and halves of surrogate pairs are errors.

mod aligned;
mod comma;
mod gather;
mod id;
mod json;
mod rows;

use std::borrow::Cow;
use std::path::Path;

use crate::captions::{bars, token};
use crate::text::{self, Error};

pub use id::Id;

/// Sentences by photo, each photo once, in the order of the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentences {
    /// The photos that something is said of.
    pub photos: Vec<Photo>,
    /// Whether the source is aligned text: photos are known by the number of their line alone.
    pub aligned: bool,
}

/// A photo and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// What the source calls it: its id, else the name of its file, else the number of its line.
    pub id: Id,
    /// The name or path of its file, where the source has one beside or in place of an id.
    pub file_name: Option<String>,
    /// The sentences, at least one, as they were written; any may be empty.
    pub sentences: Vec<String>,
}

impl Photo {
    /// The name of the photo's file without its folders, where the source has one.
    pub fn base_name(&self) -> Option<&str> {
        self.file_name.as_deref().and_then(|path| path.rsplit(['/', '\\']).next()).filter(|name| !name.is_empty())
    }

    /// The name or path of the photo's file; where the source has none, its id's text.
    pub fn name(&self) -> Cow<'_, str> {
        self.file_name.as_deref().map_or_else(|| self.id.text(), Cow::Borrowed)
    }
}

/// Reads a file of sentences.
///
/// # Errors
/// What cannot be read, is not UTF-8, or does not parse as the form that it has. Each names the file, and the line and
/// column where there are some.
pub fn read(path: &Path) -> Result<Sentences, Error> {
    parse(path, &text::read(path)?)
}

/// Reads the bytes of such a file; `path` is for the errors alone.
///
/// # Errors
/// As [`read`].
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Sentences, Error> {
    let text = text::decode(path, bytes)?;
    let photos = match Form::of(text) {
        Form::List => json::list(path, text),
        Form::Objects => json::objects(path, text),
        Form::Token => rows::read(path, text, token::row),
        Form::Bars => rows::read(path, text, bars::row),
        Form::Comma => comma::read(path, text),
        Form::Aligned => return Ok(Sentences { photos: aligned::read(path, text)?, aligned: true }),
    }?;
    Ok(Sentences { photos, aligned: false })
}

#[derive(Clone, Copy)]
enum Form {
    List,
    Objects,
    Token,
    Bars,
    Comma,
    Aligned,
}

impl Form {
    fn of(text: &str) -> Self {
        let text = text.trim_start();
        let begins = |open: char, next: [char; 2]| {
            text.strip_prefix(open).is_some_and(|rest| rest.trim_start().starts_with(next))
        };
        let first = text.lines().next().unwrap_or_default();
        if begins('[', ['{', ']']) {
            Self::List
        } else if begins('{', ['"', '}']) {
            Self::Objects
        } else if token::row(first).is_ok() {
            Self::Token
        } else if bars::row(first).is_ok() {
            Self::Bars
        } else if comma::is_header(first) {
            Self::Comma
        } else {
            Self::Aligned
        }
    }
}
