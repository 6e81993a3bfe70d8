//! The loop: one batch of all live sentences, read one word further until none is left.

use crate::picture::Picture;
use crate::{Error, Model, Sentence, Settings};

/// Finds sentences for a batch of pictures: for each its `n_best`, best first.
///
/// `state` is what the model remembers before the start word, one row a picture; `seeds` has one number a
/// picture, which sampling draws from (and [`Sampling::seed`](crate::Sampling::seed)). A list is shorter
/// where equal samples were merged, where the constraints allow fewer sentences, or after dead ends.
///
/// # Errors
/// The settings do not pass [`Settings::check`], or the model's answer is not rows by vocabulary.
pub fn search<M: Model>(
    model: &M,
    mut state: M::State,
    seeds: &[u64],
    settings: &Settings,
) -> Result<Vec<Vec<Sentence>>, Error> {
    let mut pictures: Vec<_> = seeds.iter().map(|&seed| Picture::new(settings, seed)).collect();
    let mut known = None;
    let mut parents: Vec<_> =
        pictures.iter().enumerate().flat_map(|(row, picture)| vec![row; picture.rows()]).collect();
    let mut rows = pictures.len();

    while !parents.is_empty() {
        if !parents.iter().copied().eq(0..rows) {
            state = model.select(&state, &parents);
        }
        rows = parents.len();
        let tokens: Vec<_> = pictures.iter().flat_map(Picture::last_words).collect();
        let mut next;
        (state, next) = model.step(state, &tokens);
        let vocabulary = vocabulary(next.len(), rows, known)?;
        if known.replace(vocabulary).is_none() {
            settings.check(vocabulary)?;
        }

        parents.clear();
        let mut first = 0;
        for picture in &mut pictures {
            let end = first + picture.rows();
            let next = &mut next[first * vocabulary..end * vocabulary];
            parents.extend(picture.advance(next, vocabulary).into_iter().map(|row| first + row));
            first = end;
        }
    }
    Ok(pictures.into_iter().map(Picture::into_sentences).collect())
}

/// Words in the vocabulary, told from the size of the model's answer.
fn vocabulary(found: usize, rows: usize, known: Option<usize>) -> Result<usize, Error> {
    let vocabulary = known.unwrap_or(found / rows);
    if vocabulary.checked_mul(rows) == Some(found) {
        Ok(vocabulary)
    } else {
        Err(Error::Shape { rows, found, vocabulary: known })
    }
}
