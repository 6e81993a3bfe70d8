//! No captions may bring the tokenizer down, and each is one line.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|captions: Vec<&str>| {
    let mut begun = 0;
    for (place, caption) in captions.iter().enumerate() {
        let mut out = String::new();
        let following = captions[place + 1..].iter().copied();
        begun = nid_metrics::tokenize_between(caption, begun, following, &mut out);
        assert!(!out.contains("  ") && !out.starts_with(' ') && !out.ends_with(' '), "{caption:?} became {out:?}");
        let behind: usize = captions[place + 1..].iter().map(|caption| caption.len() + 1).sum();
        assert!(begun <= behind, "{begun} bytes of the {behind} that follow {caption:?}");
    }
});
