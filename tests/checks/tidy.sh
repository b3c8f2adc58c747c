#!/usr/bin/env bash
# clang-tidy over the program's rooms, or over what a pattern names: tidy.sh unit/ (the unit tests), tidy.sh . (all).
# A room is one unit, so that its headers are parsed once. One that passed is left alone until something changes.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need clang-tidy cmake ninja
configure tidy
export build=$PWD/build/tidy
mkdir -p "$build/passed"
units=$(sed -n 's/^ *"file": "\(.*\)".*/\1/p' "$build/compile_commands.json" | sort -u | grep -v scenario_xsd.cpp)
units=$(grep -E "${1:-$build/(algorithms|sim)/}" <<<"$units") || { echo "nothing to check: $1"; exit 1; }
export common=$({ clang-tidy --version; find algorithms sim tests CMakeLists.txt CMakePresets.json .clang-tidy \
                  \( -name '*.hpp' -o -name 'CMake*' -o -name .clang-tidy \) -exec sha256sum {} + | sort; } | sha256sum)

check() {
  local unit=$1 sources key passed output
  sources=$(sed -n 's/^#include "\(.*\.cpp\)"/\1/p' "$unit")
  key=$(cat <(echo "$common") "$unit" $sources | sha256sum)
  passed=$build/passed/${key%% *}
  [[ ! -e $passed ]] || return 0
  output=$(clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option "$unit" 2>/dev/null) || { echo "$output"; return 1; }
  touch "$passed"
}
export -f check
xargs -P "$(nproc)" -I UNIT bash -c 'check UNIT' <<<"$units"
