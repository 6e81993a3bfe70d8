//! What there is to do: captions and their references, in a temporary folder, in the forms that both sides read.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use tempfile::TempDir;

use crate::captions::{Photo, made_up, real};
use crate::common::nid;
use crate::common::process::succeeded;
use crate::contestant::Part;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Photos, each with one candidate.
    pub(crate) photos: usize,
    /// How often nid does a part in a round.
    pub(crate) repeats: usize,
}

impl Sizes {
    const FULL: Self = Self { photos: 25_000, repeats: 5 };
    const QUICK: Self = Self { photos: 500, repeats: 1 };
}

/// References of a photo.
pub(crate) const REFERENCES: usize = 5;

/// Who does it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Nid,
    Peer,
}

/// How sentences are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// By people.
    Raw,
    /// As tokens with single spaces between.
    Tokens,
}

/// Everything that the work needs, until it is dropped.
pub(crate) struct Work {
    folder: TempDir,
    pub(crate) sizes: Sizes,
    /// Of all sentences.
    words: usize,
    /// Where the sentences are from.
    source: String,
}

impl Work {
    /// Draws from the captions in a file, or makes some up.
    pub(crate) fn prepare(captions: Option<&Path>, quick: bool) -> Result<Self> {
        let folder = tempfile::tempdir().context("there is no place for temporary files")?;
        let sizes = if quick { Sizes::QUICK } else { Sizes::FULL };
        let photos = captions.map_or_else(|| made_up(sizes.photos), |path| real(path, sizes.photos))?;
        let source = captions.map_or_else(|| "made up".to_owned(), |path| format!("drawn from {}", path.display()));
        let words = photos.iter().flat_map(Photo::sentences).map(|sentence| sentence.split_whitespace().count()).sum();
        let work = Self { folder, sizes, words, source };

        let lines: String = photos.iter().map(|photo| format!("{}\n", photo.candidate)).collect();
        fs::write(work.lines(), lines)?;
        work.write(&photos, Form::Raw)?;
        work.write(&work.tokenized(&photos)?, Form::Tokens)?;
        Ok(work)
    }

    /// The candidates as they were written, one a line.
    pub(crate) fn lines(&self) -> PathBuf {
        self.path("candidates.txt")
    }

    /// The candidates as COCO's results.
    pub(crate) fn candidates(&self, form: Form) -> PathBuf {
        self.path(&format!("candidates.{form:?}.json"))
    }

    /// The references as COCO's annotations.
    pub(crate) fn references(&self, form: Form) -> PathBuf {
        self.path(&format!("references.{form:?}.json"))
    }

    /// Where a side leaves what it found.
    pub(crate) fn output(&self, side: Side, part: Part) -> PathBuf {
        self.path(&format!("{}.{side:?}.output", part.name()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Both sides score the same tokens, be they right or not: whether they are is another part's matter.
    fn tokenized(&self, photos: &[Photo]) -> Result<Vec<Photo>> {
        let path = self.path("sentences.txt");
        fs::write(&path, photos.iter().flat_map(Photo::sentences).map(|line| format!("{line}\n")).collect::<String>())?;
        let mut command = nid(["tokenize".as_ref(), path.as_os_str()]);
        let told = command.output()?;
        succeeded(&command, told.status)?;
        let mut tokens = std::str::from_utf8(&told.stdout)?.lines().map(str::to_owned);
        let mut next = || tokens.next().context("nid printed fewer lines than it was given");
        let mut photo = |photo: &Photo| {
            let references = photo.references.iter().map(|_| next()).collect::<Result<_>>()?;
            Ok(Photo { references, candidate: next()? })
        };
        let photos = photos.iter().map(&mut photo).collect::<Result<_>>()?;
        ensure!(tokens.next().is_none(), "nid printed more lines than it was given");
        Ok(photos)
    }

    fn write(&self, photos: &[Photo], form: Form) -> Result<()> {
        let numbered = || (1..).zip(photos);
        let results: Vec<_> =
            numbered().map(|(image_id, photo)| Candidate { image_id, caption: &photo.candidate }).collect();
        fs::write(self.candidates(form), serde_json::to_vec(&results)?)?;
        let images = numbered().map(|(id, _)| Image { id }).collect();
        let captions = numbered().flat_map(|(id, photo)| photo.references.iter().map(move |text| (id, text)));
        let annotations = (1..).zip(captions).map(|(id, (image_id, caption))| Annotation { id, image_id, caption });
        let annotations = Annotations { images, annotations: annotations.collect() };
        Ok(fs::write(self.references(form), serde_json::to_vec(&annotations)?)?)
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sizes: Sizes { photos, .. }, words, source, .. } = self;
        write!(f, "{photos} candidates with {REFERENCES} references each, {words} words, {source}")
    }
}

/// A record of COCO's results.
#[derive(Serialize)]
struct Candidate<'a> {
    image_id: usize,
    caption: &'a str,
}

/// COCO's annotations, as far as scoring needs them.
#[derive(Serialize)]
struct Annotations<'a> {
    images: Vec<Image>,
    annotations: Vec<Annotation<'a>>,
}

#[derive(Serialize)]
struct Image {
    id: usize,
}

#[derive(Serialize)]
struct Annotation<'a> {
    id: usize,
    image_id: usize,
    caption: &'a str,
}
