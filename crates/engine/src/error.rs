//! What can go wrong between a picture and its caption.

use std::io;
use std::path::PathBuf;

use nid_data::photos::display;

use crate::bundle::Kind;

/// What went wrong. Files are named, those of an embedded bundle by the bundle's name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read.
    #[error("{} cannot be read", display(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or folder cannot be written.
    #[error("{} cannot be written", display(path))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something is there that was not to be replaced.
    #[error("{}: found {found}, expected {expected}", display(path))]
    Exists {
        /// What is there.
        path: PathBuf,
        /// What it is.
        found: &'static str,
        /// What may be there.
        expected: &'static str,
    },
    /// There is no bundle of that name or at that path.
    #[error("found no bundle {name:?}, expected a folder{}", listed(*.wanted, .known))]
    NoBundle {
        /// What was asked for.
        name: String,
        /// What it should be; none where any would do.
        wanted: Option<Kind>,
        /// The names of the embedded ones of that kind.
        known: Vec<&'static str>,
    },
    /// A bundle of another kind of model.
    #[error("{}: found a {found}, expected a {expected} (`{}` opens a {found})", display(bundle), found.command())]
    Kind {
        /// The bundle.
        bundle: PathBuf,
        /// What it is.
        found: Kind,
        /// What it should be.
        expected: Kind,
    },
    /// A manifest, or another program's description, is of a classifier that cannot be.
    #[error("{}: not a classifier that can be built", display(path))]
    Classifier {
        /// The file.
        path: PathBuf,
        /// Why.
        source: nid_nn::classifier::Error,
    },
    /// A bundle of another version of this program.
    #[error("{}: found format {found}, expected {expected}: made by another version", display(path))]
    Format {
        /// The manifest.
        path: PathBuf,
        /// The format that it says.
        found: String,
        /// The format that is read here.
        expected: i64,
    },
    /// A configuration file does not parse.
    #[error(transparent)]
    Config(#[from] crate::config::Error),
    /// A file of a bundle is not the one that was saved.
    #[error("{}: found SHA-256 {found}, expected {expected}: the file was changed", display(path))]
    Changed {
        /// The file.
        path: PathBuf,
        /// What its bytes give.
        found: String,
        /// What the manifest says.
        expected: String,
    },
    /// A file's content does not agree with the rest.
    #[error("{}: found {found}, expected {expected}", display(path))]
    Content {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
        /// What it should hold.
        expected: String,
    },
    /// A vocabulary does not parse; the error within names its line.
    #[error("the bundle's vocabulary does not parse")]
    Vocabulary(#[source] nid_data::text::Error),
    /// An encoder's weights cannot be had.
    #[error("{}: not the weights of this encoder", display(path))]
    Encoder {
        /// The file.
        path: PathBuf,
        /// Why.
        source: nid_nn::encoder::Error,
    },
    /// An encoder cannot be run.
    #[error("the encoder cannot be run")]
    Encode(#[from] nid_nn::encoder::Error),
    /// An imported encoder does not see what its own program sees.
    #[error(
        "{}: found features of a known picture at a relative L2 distance of {distance:.0e} from those of its own program, \
         expected at most {most:.0e}",
        display(path)
    )]
    SeesOtherwise {
        /// The file.
        path: PathBuf,
        /// How far they are apart.
        distance: f64,
        /// How far they may be.
        most: f64,
    },
    /// The arrays of a file are not those of a network.
    #[error("{}: not {what}", display(path))]
    Misfit {
        /// The file.
        path: PathBuf,
        /// The network that is nearest.
        what: String,
        /// All that does not fit.
        source: Box<crate::import::Misfit>,
    },
    /// Another program's network has layers of which none can be made here.
    #[error("{}: not a network that can be made here: {}", display(path), problems.join("; "))]
    Layers {
        /// The file that describes it.
        path: PathBuf,
        /// All that is wrong, in the order of its layers.
        problems: Vec<String>,
    },
    /// A model that reads features was shown a picture.
    #[error("found a model without an encoder, expected one: this one captions features (`nid caption --features`)")]
    NoEncoder,
    /// An archive of arrays is not what it should be.
    #[error("{}: not the arrays of this model", display(path))]
    Arrays {
        /// The file.
        path: PathBuf,
        /// Why.
        source: nid_weights::Error,
    },
    /// A file of arrays of whatever purpose cannot be read or written; the error within names it.
    #[error(transparent)]
    Archive(nid_weights::Error),
    /// A feature file cannot be read or written; the error within names it.
    #[error("features cannot be kept")]
    Features(#[source] nid_weights::Error),
    /// A picture cannot be read.
    #[error("{} is no picture that can be read", display(path))]
    Picture {
        /// The file.
        path: PathBuf,
        /// Why.
        source: nid_data::picture::Error,
    },
    /// There is nothing to extract features from.
    #[error("found no photo that can be read among {photos}")]
    NoPhoto {
        /// Photos that were tried.
        photos: usize,
    },
    /// A name that cannot stand on a line of its own.
    #[error("found photo {name:?}, expected names of one line, each once")]
    Name {
        /// The name.
        name: String,
    },
    /// The caller asked to stop; what is done is kept.
    #[error("interrupted after {done} of {total} photos")]
    Interrupted {
        /// Photos done.
        done: usize,
        /// Photos in all.
        total: usize,
    },
    /// Features are not as many as the pictures need.
    #[error("found {found} features for {pictures} pictures, expected {expected}")]
    FeatureCount {
        /// Numbers received.
        found: usize,
        /// Pictures.
        pictures: usize,
        /// Numbers that they need.
        expected: usize,
    },
    /// Grey levels are not those of a classifier's pictures.
    #[error("found {found}, expected {expected}")]
    Levels {
        /// What was received.
        found: String,
        /// What the classifier reads.
        expected: String,
    },
    /// A classifier's scores of a picture are infinite or no numbers.
    #[error("found scores that are not finite, expected a model that has a score for each class")]
    Scores,
    /// There is nothing to be seen in a picture.
    #[error("found a picture of one pixel, expected one that shows something")]
    OnePixel,
    /// There is no object in a picture.
    #[error("found nothing that stands out from a {background} background, expected an object")]
    Nothing {
        /// What the background was taken for.
        background: crate::Shade,
    },
    /// A search cannot be done.
    #[error("the search cannot be done")]
    Search(#[from] nid_decode::Error),
    /// Predictions are not one for each photo.
    #[error("found {found} for photo {photo}, expected one")]
    Predictions {
        /// What there is.
        found: &'static str,
        /// The photo's `image_id`.
        photo: String,
    },
}

fn listed(wanted: Option<Kind>, names: &[&str]) -> String {
    match (wanted, names) {
        (Some(kind), []) => format!(": no {kind} is embedded"),
        (None, []) => ": none is embedded".to_owned(),
        (_, names) => format!(" or one of {}", names.join(", ")),
    }
}
