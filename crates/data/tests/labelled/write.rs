//! Labelled pictures as other people's tools write them.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use nid_data::labelled::Set;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Named files.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// Pictures that differ, in as many classes as there are.
pub(crate) fn set(count: usize, height: usize, width: usize) -> Set {
    let level = |index: usize| (index * 37 % 256) as u8;
    let pixels = (0..count * height * width).map(level).collect();
    Set { height, width, pixels, labels: (0..count).map(|index| (index * 3 % 10) as u8).collect() }
}

pub(crate) fn idx(shape: &[usize], bytes: &[u8]) -> Vec<u8> {
    let sizes = shape.iter().flat_map(|&size| u32::try_from(size).unwrap().to_be_bytes());
    [0, 0, 8, shape.len() as u8].into_iter().chain(sizes).chain(bytes.iter().copied()).collect()
}

/// The bytes of the pictures' and of the labels' file.
pub(crate) fn idx_pair(set: &Set) -> [Vec<u8>; 2] {
    let count = set.labels.len();
    [idx(&[count, set.height, set.width], &set.pixels), idx(&[count], &set.labels)]
}

/// Both files of a set, by their names.
pub(crate) fn idx_files(part: &str, set: &Set) -> Files {
    let [pictures, labels] = idx_pair(set);
    vec![(format!("{part}-images-idx3-ubyte"), pictures), (format!("{part}-labels-idx1-ubyte"), labels)]
}

pub(crate) fn csv(set: &Set) -> Vec<u8> {
    let mut text = csv_header(set.height * set.width);
    for (picture, label) in set.pictures().zip(&set.labels) {
        let levels: String = picture.iter().map(|level| format!(",{level}")).collect();
        text += &format!("{label}{levels}\n");
    }
    text.into_bytes()
}

pub(crate) fn csv_header(pixels: usize) -> String {
    format!("label{}\n", (1..=pixels).map(|pixel| format!(",pixel{pixel}")).collect::<String>())
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn gzipped(files: Files) -> Files {
    files.into_iter().map(|(name, bytes)| (format!("{name}.gz"), gzip(&bytes))).collect()
}

pub(crate) fn zip(files: &Files) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) fn put(folder: &Path, files: &Files) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
