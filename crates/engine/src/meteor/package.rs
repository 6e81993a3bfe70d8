//! Where METEOR's data lie in what people have: a folder, a zip archive, a tar archive.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use tar::Archive;
use zip::ZipArchive;
use zip::result::ZipError;

use super::Error;
use super::bounded::Bounded;

const JAR: &str = "meteor-1.5.jar";
/// Where the paraphrases lie, from the jar's folder.
const PARAPHRASES: &str = "data/paraphrase-en.gz";
/// Where the jar may lie, from a folder that a person names.
const FOLDERS: [&str; 4] = ["", "meteor", "pycocoevalcap/meteor", "meteor-1.5"];
const EXPECTED: &str = "meteor-1.5.jar and data/paraphrase-en.gz, as in an installed pycocoevalcap, its wheel, \
                        or METEOR's archive (.tar.gz)";

/// The most of a file that is read, in bytes: several times what METEOR's files have.
const MOST_FILE: u64 = 512 << 20;
/// The most of METEOR's archive that is unpacked, in bytes.
const MOST_ARCHIVE: u64 = 4 << 30;

/// The two files, as they lie on disk.
pub(super) struct Package {
    jar: Vec<u8>,
    /// Compressed.
    pub(super) paraphrases: Vec<u8>,
    /// Where they were found.
    path: PathBuf,
}

/// What is needed from the jar.
pub(super) struct Resources {
    pub(super) function_words: Vec<u8>,
    pub(super) prefixes: Vec<u8>,
    pub(super) synsets: Vec<u8>,
    pub(super) exceptions: Vec<u8>,
}

impl Resources {
    /// In the order of their digest.
    pub(super) fn all(&self) -> [&[u8]; 4] {
        [&self.function_words, &self.prefixes, &self.synsets, &self.exceptions]
    }
}

impl Package {
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        if path.is_dir() {
            return Self::from_folder(path);
        }
        let refused = |source| Error::Read { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(refused)?;
        let mut magic = Vec::new();
        file.by_ref().take(4).read_to_end(&mut magic).map_err(refused)?;
        file.rewind().map_err(refused)?;
        match magic.as_slice() {
            b"PK\x03\x04" => Self::from_zip(path, file),
            [0x1f, 0x8b, ..] => Self::from_tar(path, file),
            _ => Err(missing(path, "neither a zip archive nor a compressed tar archive")),
        }
    }

    fn from_folder(path: &Path) -> Result<Self, Error> {
        let holds_it = |folder: &PathBuf| folder.join(JAR).is_file();
        let folder = FOLDERS.iter().map(|folder| path.join(folder)).find(holds_it);
        let folder = folder.ok_or_else(|| missing(path, "a folder without METEOR"))?;
        let read = |name| {
            let path = folder.join(name);
            let bytes = File::open(&path).and_then(bounded);
            bytes.map_err(|source| Error::Read { path, source })
        };
        Ok(Self { jar: read(JAR)?, paraphrases: read(PARAPHRASES)?, path: folder })
    }

    fn from_zip(path: &Path, file: File) -> Result<Self, Error> {
        let refused = |error: ZipError| Error::Read { path: path.to_owned(), source: error.into() };
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(refused)?;
        let names: Vec<String> = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
        let folder = names.iter().find_map(|name| {
            let folder = name.strip_suffix(JAR)?;
            (folder.is_empty() || folder.ends_with('/')).then_some(folder)
        });
        let folder = folder.ok_or_else(|| missing(path, "a zip archive without METEOR"))?;
        let jar = unzip(&mut archive, &format!("{folder}{JAR}"), path, JAR)?;
        let paraphrases = unzip(&mut archive, &format!("{folder}{PARAPHRASES}"), path, PARAPHRASES)?;
        Ok(Self { jar, paraphrases, path: path.to_owned() })
    }

    fn from_tar(path: &Path, file: File) -> Result<Self, Error> {
        let refused = |source| Error::Read { path: path.to_owned(), source };
        let mut archive = Archive::new(Bounded::new(MultiGzDecoder::new(BufReader::new(file)), MOST_ARCHIVE));
        let (mut jar, mut paraphrases) = (None, None);
        for entry in archive.entries().map_err(refused)? {
            let entry = entry.map_err(refused)?;
            let name = entry.path().map_err(refused)?.into_owned();
            let (place, part) = match () {
                () if name.ends_with(JAR) => (&mut jar, JAR),
                () if name.ends_with(PARAPHRASES) => (&mut paraphrases, PARAPHRASES),
                () => continue,
            };
            *place = Some(bounded(entry).map_err(|source| Error::Part { path: path.to_owned(), part, source })?);
            if jar.is_some() && paraphrases.is_some() {
                break;
            }
        }
        let (jar, paraphrases) = jar.zip(paraphrases).ok_or_else(|| missing(path, "a tar archive without them"))?;
        Ok(Self { jar, paraphrases, path: path.to_owned() })
    }

    /// Unpacks what is needed from the jar.
    pub(super) fn resources(&self) -> Result<Resources, Error> {
        let refused = |error: ZipError| Error::Part { path: self.path.clone(), part: JAR, source: error.into() };
        let mut archive = ZipArchive::new(Cursor::new(self.jar.as_slice())).map_err(refused)?;
        let mut read = |name| unzip(&mut archive, name, &self.path, name);
        Ok(Resources {
            function_words: read("function/english.words")?,
            prefixes: read("nonbreaking/english.prefixes")?,
            synsets: read("synonym/english.synsets")?,
            exceptions: read("synonym/english.exceptions")?,
        })
    }
}

fn missing(path: &Path, found: &'static str) -> Error {
    Error::Missing { path: path.to_owned(), found, expected: EXPECTED }
}

/// A file of a zip archive; errors call it `part` of `path`.
fn unzip(
    archive: &mut ZipArchive<impl Read + Seek>,
    name: &str,
    path: &Path,
    part: &'static str,
) -> Result<Vec<u8>, Error> {
    let bytes = archive.by_name(name).map_err(io::Error::from).and_then(bounded);
    bytes.map_err(|source| Error::Part { path: path.to_owned(), part, source })
}

fn bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    Bounded::new(reader, MOST_FILE).bytes()
}
