# The few commands that people repeat. `just` alone lists them.

default:
    @just --list

# All that a change must pass
check:
    .ci/run

# Mend what can be mended by itself
fix:
    cargo fmt --all
    cargo clippy --workspace --all-targets --fix --allow-dirty

# Tests, or those whose name contains a word: just test beam
test *words:
    cargo test --workspace {{words}}

# Sentences for pictures, at full speed: just caption photos/
caption *arguments="photos/":
    cargo run --release -- caption {{arguments}}

# Train what a file describes, or go on with it: just train runs/NAME.toml --resume
train *arguments:
    cargo run --release -- train {{arguments}}

# Speed and memory, beside PyTorch where it is installed: just bench --python PATH
bench *arguments:
    cargo bench -p nid --bench figures -- {{arguments}}

# Speed and memory of scores, beside pycocoevalcap where it is installed: just bench-metrics --python PATH
bench-metrics *arguments:
    cargo bench -p nid --bench metrics -- {{arguments}}

# One fuzz target for a minute; needs a C++ compiler: just fuzz npy
fuzz target seconds="60":
    cd fuzz && RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none {{target}} -- -max_total_time={{seconds}}

# What is unsafe, under AddressSanitizer
sanitize:
    RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address cargo test -p nid-kernels --target x86_64-unknown-linux-gnu --tests --lib

# The table of rooms for ARCHITECTURE.md
rooms:
    cargo run -p xtask

# Licences, advisories and sources of all dependencies
deny:
    cargo deny check
