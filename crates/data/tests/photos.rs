//! The photos that people mean by the paths they give.

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};
use nid_data::photos;
use proptest::prelude::*;
use tempfile::TempDir;

fn album() -> TempDir {
    let album = tempfile::tempdir().expect("a folder that can be written");
    for folder in ["a/deep", "b", "empty", "odd [1]"] {
        fs::create_dir_all(album.path().join(folder)).expect("a folder that can be written");
    }
    for file in [
        "2.jpg",
        "1.PNG",
        "10.heic",
        "notes.txt",
        ".hidden.jpg",
        "a/x.jpeg",
        "a/deep/y.webp",
        "b/z.avif",
        "b/z.txt",
        "odd [1]/w.gif",
    ] {
        fs::write(album.path().join(file), "").expect("a folder that can be written");
    }
    album
}

/// What is found, one item a line, an error in brackets.
fn found(album: &TempDir, paths: &[&str], recursive: bool) -> String {
    let root = album.path().display().to_string();
    let full: Vec<PathBuf> = paths.iter().map(|path| album.path().join(path)).collect();
    let items = photos::find(&full, recursive).map(|item| match item {
        Ok(path) => photos::display(&path),
        Err(error) => format!("[{error}]"),
    });
    items.map(|item| item.replace(&format!("{root}/"), "").replace(&root, ".")).collect::<Vec<_>>().join("\n")
}

#[test]
fn files_folders_and_patterns() {
    let album = album();
    let check = |paths: &[&str], recursive, expected: Expect| expected.assert_eq(&found(&album, paths, recursive));
    check(&["notes.txt", "2.jpg", "2.jpg"], false, expect!["notes.txt\n2.jpg\n2.jpg"]);
    check(&[""], false, expect!["1.PNG\n10.heic\n2.jpg"]);
    check(&["b", "a"], false, expect!["b/z.avif\na/x.jpeg"]);
    check(&[""], true, expect!["1.PNG\n10.heic\n2.jpg\na/deep/y.webp\na/x.jpeg\nb/z.avif\nodd [1]/w.gif"]);
    check(&["?.jpg", "1*"], false, expect!["2.jpg\n1.PNG\n10.heic"]);
    check(&["*/z.*"], false, expect!["b/z.avif\nb/z.txt"]);
    check(&["**/[x-y].*"], false, expect!["a/x.jpeg\na/deep/y.webp"]);
    check(&["a/**"], false, expect!["a/x.jpeg\na/deep/y.webp"]);
    check(&[".*.jpg"], false, expect![".hidden.jpg"]);
    check(&["[ab]"], true, expect!["a/deep/y.webp\na/x.jpeg\nb/z.avif"]);
    check(&["odd [1]", "odd [1]/w.gif"], false, expect!["odd [1]/w.gif\nodd [1]/w.gif"]);
}

#[test]
fn what_is_not_found_does_not_stop_the_rest() {
    let album = album();
    let check = |paths: &[&str], expected: Expect| expected.assert_eq(&found(&album, paths, false));
    check(&["none.jpg", "2.jpg"], expect!["[none.jpg cannot be opened]\n2.jpg"]);
    check(
        &["empty", "2.jpg"],
        expect![
            "[empty: found no picture in the folder, expected files ending in jpg, jpeg, png, webp, gif, bmp, tif, tiff, heic, heif, avif]\n2.jpg"
        ],
    );
    check(
        &["*.bmp", "*/none/*.jpg", "2.jpg/*"],
        expect![
            "[*.bmp: found nothing that matches the pattern]\n[*/none/*.jpg: found nothing that matches the pattern]\n[2.jpg/*: found nothing that matches the pattern]"
        ],
    );
    check(
        &["[.jpg", "a/***", "2.jpg"],
        expect!["[[.jpg: neither a file nor a pattern]\n[a/***: neither a file nor a pattern]\n2.jpg"],
    );
    check(&["2.jpg/x.jpg"], expect!["[2.jpg/x.jpg cannot be opened]"]);
}

#[test]
fn an_error_knows_its_path() {
    let error = photos::find(["no/such.jpg"], false).next().unwrap().unwrap_err();
    assert_eq!(error.path(), Path::new("no/such.jpg"));
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_followed_but_not_in_circles() {
        let album = album();
        symlink(album.path(), album.path().join("a/deep/up")).unwrap();
        symlink(album.path().join("b"), album.path().join("c")).unwrap();
        symlink("nowhere", album.path().join("b/gone.txt")).unwrap();
        expect!["a/deep/y.webp\na/x.jpeg\nb/z.avif\nc/z.avif"].assert_eq(&found(&album, &["[a-c]"], true));
        expect!["a/x.jpeg"].assert_eq(&found(&album, &["**/x.jpeg"], true));
    }

    #[test]
    fn a_photo_that_links_nowhere_is_an_error() {
        let album = album();
        symlink("nowhere", album.path().join("b/a.jpg")).unwrap();
        expect!["[b/a.jpg cannot be opened]\nb/z.avif"].assert_eq(&found(&album, &["b"], true));
    }

    #[test]
    fn names_need_not_be_text() {
        let album = album();
        fs::write(album.path().join("b").join(OsStr::from_bytes(b"caf\xe9\n.jpg")), "").unwrap();
        expect!["b/caf\\xe9\\x0a.jpg\nb/z.avif"].assert_eq(&found(&album, &["b"], false));
        expect!["b/caf\\xe9\\x0a.jpg"].assert_eq(&found(&album, &["b/c*.jpg"], false));
        let error = nid_data::captions::read(&album.path().join("b"));
        assert!(error.is_err());
    }

    /// Replaces every escape by its byte, as the documentation says.
    fn undisplay(shown: &str) -> PathBuf {
        let mut bytes = Vec::new();
        let mut rest = shown;
        while let Some(first) = rest.chars().next() {
            let hex = rest.strip_prefix("\\x").and_then(|after| after.get(..2));
            let hex = hex.filter(|hex| hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
            let length = match hex {
                Some(hex) => {
                    bytes.push(u8::from_str_radix(hex, 16).expect("two hexadecimal digits"));
                    4
                }
                None => {
                    bytes.extend(first.to_string().into_bytes());
                    first.len_utf8()
                }
            };
            rest = &rest[length..];
        }
        PathBuf::from(std::ffi::OsString::from_vec(bytes))
    }

    #[test]
    fn names_are_shown_on_one_line() {
        let check =
            |name: &[u8], expected: Expect| expected.assert_eq(&photos::display(Path::new(OsStr::from_bytes(name))));
        check("été à/Nîmes.jpg".as_bytes(), expect!["été à/Nîmes.jpg"]);
        check(b"a\\b.jpg", expect![[r"a\b.jpg"]]);
        check(b"a\\x0a.jpg", expect![[r"a\x5cx0a.jpg"]]);
        check(b"a\n\x1b[31m\xff.jpg", expect![[r"a\x0a\x1b[31m\xff.jpg"]]);
        check("\u{85}".as_bytes(), expect![[r"\xc2\x85"]]);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_reversible(name in prop::collection::vec(prop_oneof![prop::sample::select(b"\\x0af\xc3\xa9".to_vec()), any::<u8>()], 0..24)) {
            let path = PathBuf::from(std::ffi::OsString::from_vec(name));
            let shown = photos::display(&path);
            prop_assert!(!shown.contains(char::is_control));
            prop_assert_eq!(undisplay(&shown).into_os_string(), path.into_os_string());
        }
    }
}
