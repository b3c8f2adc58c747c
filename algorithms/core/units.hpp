#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace descent {

enum class Unit { seconds, bytes, flops, bytes_per_second, flops_per_second };

/// A number with a unit in SimGrid's spelling: seconds `w d h m s ms us ns ps`; bytes `B kB MB GB … KiB MiB GiB …` and
/// bits `b kb Mb … Kib …`; their rates with `ps` (`1.25GBps`, `10Gbps`); flops, and flops per second alike, `f kf Mf Gf
/// Tf Pf …` or `flops kiloflops …`. Nothing when the text is no such quantity, is negative, or is not finite. Seconds
/// may have no unit; nothing else may.
std::optional<double> parse_quantity(std::string_view text, Unit unit);

/// "50us, 1ms, 2s": examples of what parse_quantity takes, for messages.
std::string_view unit_examples(Unit unit);

/// A finite number and nothing else around it.
std::optional<double> parse_real(std::string_view text);
/// A whole number ≥ 0 and nothing else around it; `1e6` and `1000000` are both fine.
std::optional<unsigned long long> parse_integer(std::string_view text);

/// For people: 1234567 → "1.23 MB", 0.0000123 → "12.3 us".
std::string format_bytes(double bytes);
std::string format_seconds(double seconds);

}  // namespace descent
