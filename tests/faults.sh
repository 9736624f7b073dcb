#!/usr/bin/env bash
# Every fault at every step of every case, where `cargo test` tries one of each kind: tests/it/faults. By hand; it takes long.
#
#   tests/faults.sh           all
#   tests/faults.sh 3/8       from the fourth on every eighth, so that eight machines, or nights, share the work
#   tests/faults.sh 3/8 nights::a_fault_at_any_step_of_the_sample     some of the tests
set -euo pipefail
cd "$(dirname "$0")/.."
ITEMBRIDGE_FAULTS="${1:-0/1}" cargo test --test it "faults::${2:-}" -- --nocapture
