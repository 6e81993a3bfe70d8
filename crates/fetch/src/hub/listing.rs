//! What a commit has: its files, their lengths and digests, as a hub says it and as the cache keeps it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::repository::is_commit;
use super::{Error, Repository, Selection, names};
use crate::Checksum;

/// The version of the form in which Python's huggingface_hub keeps lists.
const FORMAT: u64 = 1;

/// A commit's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    commit: String,
    entries: BTreeMap<String, Entry>,
}

/// A file of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its path within the repository, with `/` between.
    pub name: String,
    /// Its length in bytes.
    pub length: u64,
    /// What its bytes must give: SHA-256 of large files, git's SHA-1 of others.
    pub checksum: Checksum,
}

/// A file, in the words of the cache. Large ones are kept outside of git, where a pointer stands for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    size: u64,
    blob_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lfs_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lfs_size: Option<u64>,
}

/// A list, in the words of the cache.
#[derive(Serialize, Deserialize)]
struct Kept {
    format_version: u64,
    files: BTreeMap<String, Entry>,
}

/// A list, in the words of the hub; what is not needed is not read.
#[derive(Deserialize)]
struct Answer {
    sha: String,
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    blob_id: Option<String>,
    lfs: Option<Large>,
}

#[derive(Deserialize)]
struct Large {
    sha256: String,
    size: u64,
}

impl Listing {
    /// Reads a hub's answer about a repository.
    ///
    /// # Errors
    /// If it is not such an answer, or is about another commit than was asked for.
    pub fn read(repository: &Repository, answer: &[u8]) -> Result<Self, Error> {
        let wrong = |found: String| Error::Answer { repository: repository.clone(), found };
        let Answer { sha: commit, siblings } =
            serde_json::from_slice(answer).map_err(|error| wrong(error.to_string()))?;
        if !is_commit(&commit) {
            return Err(wrong(format!("the commit {commit:?}")));
        }
        if let Some(expected) = repository.commit().filter(|expected| *expected != commit) {
            let expected = expected.to_owned();
            return Err(Error::Commit { repository: repository.clone(), found: commit, expected });
        }
        let mut entries = BTreeMap::new();
        for sibling in siblings {
            let name = sibling.rfilename.clone();
            let entry = sibling.entry().filter(|entry| entry.file(&name).is_some());
            let unknown = || wrong(format!("no length or digest of {name:?}"));
            if entries.insert(name.clone(), entry.ok_or_else(unknown)?).is_some() {
                return Err(wrong(format!("two files {name:?}")));
            }
        }
        Ok(Self { commit, entries })
    }

    /// Reads what is kept of a commit; none where it is not what it should be.
    pub(super) fn from_kept(commit: &str, json: &[u8]) -> Option<Self> {
        let Kept { format_version, files: entries } = serde_json::from_slice(json).ok()?;
        let are_known = entries.iter().all(|(name, entry)| entry.file(name).is_some());
        (format_version == FORMAT && are_known).then(|| Self { commit: commit.to_owned(), entries })
    }

    /// As it is kept.
    pub(super) fn to_kept(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec_pretty(&Kept { format_version: FORMAT, files: self.entries.clone() })
    }

    /// 40 hexadecimal digits.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The files that are wanted, in the order of their names.
    ///
    /// # Errors
    /// A pattern that matches none, and wanted files whose names cannot be kept here; all of those are told.
    pub fn choose(&self, repository: &Repository, selection: &Selection) -> Result<Vec<Listed>, Error> {
        let files = self.entries.iter().filter_map(|(name, entry)| entry.file(name)).collect();
        let wanted = selection.choose(repository, files, |file| &file.name)?;
        let refused = names::refused(wanted.iter().map(|file| file.name.as_str()));
        if refused.is_empty() { Ok(wanted) } else { Err(Error::Files { repository: repository.clone(), refused }) }
    }
}

impl Sibling {
    /// None where the hub does not say enough.
    fn entry(self) -> Option<Entry> {
        let (blob_id, large) = (self.blob_id?, self.lfs);
        let size = large.as_ref().map(|large| large.size).or(self.size)?;
        let (lfs_sha256, lfs_size) = large.map(|large| (large.sha256, large.size)).unzip();
        Some(Entry { size, blob_id, lfs_sha256, lfs_size })
    }
}

impl Entry {
    /// The file with what it must be; none where its digest is none.
    fn file(&self, name: &str) -> Option<Listed> {
        let (length, digits) = match &self.lfs_sha256 {
            Some(sha256) => (self.lfs_size.unwrap_or(self.size), sha256),
            None => (self.size, &self.blob_id),
        };
        let checksum = digits.clone().try_into().ok()?;
        let is_its_own = matches!(checksum, Checksum::Sha256(_)) == self.lfs_sha256.is_some();
        is_its_own.then(|| Listed { name: name.to_owned(), length, checksum })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMIT: &str = "0123456789012345678901234567890123456789";

    fn repository() -> Repository {
        "owner/name".parse().expect("a name")
    }

    fn read(answer: &str) -> Result<Listing, Error> {
        Listing::read(&repository(), answer.as_bytes())
    }

    /// The files of a listing that match a pattern.
    fn chosen(listing: &Listing, pattern: &str) -> Result<Vec<Listed>, Error> {
        listing.choose(&repository(), &Selection::of([pattern])?)
    }

    fn answer(commit: &str, siblings: &str) -> String {
        format!(r#"{{"id": "owner/name", "private": false, "sha": "{commit}", "siblings": [{siblings}]}}"#)
    }

    fn small(name: &str) -> String {
        format!(r#"{{"rfilename": "{name}", "size": 7, "blobId": "{COMMIT}"}}"#)
    }

    #[test]
    fn large_files_have_another_digest() {
        let sha256 = "ab".repeat(32);
        let large = format!(r#"{{"sha256": "{sha256}", "size": 9, "pointerSize": 134}}"#);
        let siblings =
            format!(r#"{}, {{"rfilename": "a/b", "size": 9, "blobId": "{COMMIT}", "lfs": {large}}}"#, small("c"));
        let listing = read(&answer(COMMIT, &siblings)).expect("a listing");
        let file = |name: &str, length, checksum| Listed { name: name.to_owned(), length, checksum };
        let large = file("a/b", 9, Checksum::Sha256(sha256));
        assert_eq!(
            (listing.commit(), chosen(&listing, "*").expect("files")),
            (COMMIT, vec![large, file("c", 7, Checksum::GitBlob(COMMIT.to_owned()))])
        );
        assert_eq!(Listing::from_kept(COMMIT, &listing.to_kept().expect("plain data")), Some(listing));
    }

    #[track_caller]
    fn check(answer: &str, words: &str) {
        let error = read(answer).expect_err(answer).to_string();
        assert!(error.contains(words), "{error}");
    }

    #[test]
    fn what_a_hub_should_not_say_is_refused() {
        check("", "EOF");
        check("<html>", "expected value");
        check(r#"{"siblings": []}"#, "sha");
        check(&answer("../../etc", ""), "../../etc");
        check(&answer(COMMIT, r#"{"rfilename": "a"}"#), "\"a\"");
        check(&answer(COMMIT, r#"{"rfilename": "a", "size": -1, "blobId": "0"}"#), "-1");
        check(&answer(COMMIT, r#"{"rfilename": "a", "size": 1, "blobId": "../b"}"#), "\"a\"");
        let sha256 = "ab".repeat(32);
        check(&answer(COMMIT, &format!(r#"{{"rfilename": "a", "size": 1, "blobId": "{sha256}"}}"#)), "\"a\"");
        check(&answer(COMMIT, &format!("{}, {}", small("a"), small("a"))), "two files \"a\"");
    }

    #[test]
    fn names_are_refused_where_they_are_wanted() {
        let listing =
            read(&answer(COMMIT, &format!("{}, {}, {}", small("../x"), small("/y"), small("z")))).expect("a list");
        let error = chosen(&listing, "*").expect_err("names that lead out").to_string();
        assert!(error.contains("\"../x\"") && error.contains("\"/y\""), "{error}");
        assert_eq!(chosen(&listing, "z").expect("one that does not").len(), 1);
    }

    #[test]
    fn another_commit_than_was_asked_for_is_refused() {
        let pinned = format!("owner/name@{}", "a".repeat(40)).parse().expect("a name");
        let error = Listing::read(&pinned, answer(COMMIT, "").as_bytes()).expect_err("another commit");
        assert!(matches!(error, Error::Commit { .. }), "{error}");
    }

    #[test]
    fn what_is_kept_is_not_trusted_either() {
        let kept = |version: u64, name: &str| {
            let json = format!(
                r#"{{"format_version": {version}, "files": {{"{name}": {{"size": 7, "blob_id": "{COMMIT}"}}}}}}"#
            );
            Listing::from_kept(COMMIT, json.as_bytes())
        };
        assert!(kept(1, "a").is_some());
        assert!(kept(2, "a").is_none());
        assert!(matches!(chosen(&kept(1, "../a").expect("a list"), "*"), Err(Error::Files { .. })));
        assert!(Listing::from_kept(COMMIT, b"{}").is_none());
    }

    proptest! {
        #[test]
        fn no_input_panics(text in "\\PC*", name in "[a./\\\\:]*", cut in 0_usize..200) {
            read(&text).ok();
            let whole = answer(COMMIT, &small(&name));
            read(&whole).ok();
            read(whole.get(..cut).unwrap_or_default()).ok();
        }
    }
}
