#!/usr/bin/env bash
# The program and its tests with the address and undefined-behaviour sanitizers, in build/sanitize. What a sanitizer
# reports ends the process that did it, and so fails its test.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need cmake ninja ctest
has_sanitizers() {
  echo 'int main() {}' | "$1" -x c++ -fsanitize=address,undefined -o /dev/null - 2>/dev/null
}
# Clang takes two thirds of GCC's time for it.
compiler=clang++
has_sanitizers $compiler || compiler=c++
has_sanitizers $compiler || { echo "skipped: no compiler on this machine has sanitizers"; exit 77; }
configure sanitize -DCMAKE_CXX_COMPILER=$compiler
log=$(ninja -C build/sanitize 2>&1) || { echo "$log"; exit 1; }
export ASAN_OPTIONS=halt_on_error=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS=suppressions=$PWD/tests/checks/leaks.txt:print_suppressions=0
# Left out: what asks for numbers of runs that other tests make as well.
ctest --test-dir build/sanitize -j "$(nproc)" --output-on-failure --no-tests=error -LE long \
  -E 'WhoeverDiesWhenever|WhoComesBackAgreesToo|AgreeToRounding|HoldWithEveryStrategy|Calibrate.Finds(TheNetwork|APair|TheLinks|Segments)|Kernels.FindsTheSpeed' "$@"
