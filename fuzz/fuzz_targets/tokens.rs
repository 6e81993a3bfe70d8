//! No caption, whatever follows it, may bring the tokenizer down.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|captions: (&str, Option<&str>)| {
    let (caption, following) = captions;
    let mut out = String::new();
    nid_metrics::tokenize_before(caption, following, &mut out);
    assert!(!out.contains("  ") && !out.starts_with(' ') && !out.ends_with(' '), "{caption:?} became {out:?}");
});
