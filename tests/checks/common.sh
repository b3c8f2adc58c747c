# For the checks to source: they run from the root of the sources.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Ends the check unless the machine has these programs. 77 is what CTest is told to take for "skipped".
need() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || { echo "skipped: there is no $program on this machine"; exit 77; }
  done
}

# By this preset, with what else CMake is to be told.
configure() {
  local log
  log=$(cmake --preset "$@" 2>&1) || { echo "$log"; exit 1; }
}
