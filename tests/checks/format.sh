#!/usr/bin/env bash
# Every C++ file is as .clang-format wants it. To make it so: clang-format -i FILE
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need clang-format git
# Releases differ in what they make of the same configuration.
[[ $(clang-format --version) == *"version 14."* ]] || { echo "skipped: clang-format is not release 14"; exit 77; }
git rev-parse --git-dir >/dev/null 2>&1 || { echo "skipped: not a git checkout, so which files are ours?"; exit 77; }

git ls-files '*.cpp' '*.hpp' | while read -r file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done |
  xargs -0 -n 32 -P "$(nproc)" clang-format --dry-run -Werror
