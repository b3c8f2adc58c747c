#pragma once

namespace descent {

/// Bytes of memory that this process may have in all: the machine's, or what its control group is limited to; infinite
/// where that cannot be told.
double memory_limit();

/// Bytes that are free for it now: what the system has available, within the limit.
double memory_available();

}  // namespace descent
