#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace descent {

/// How the processes of one machine hold what all of them read, a data set, only once. Collective among them.
class Sharing {
 public:
  virtual ~Sharing() = default;

  /// True for the one process of each machine that makes the content.
  virtual bool makes() const = 0;

  /// Memory that all processes of a machine see, of as many bytes as its maker says, filled by its maker. Aligned to
  /// 64 bytes. `bytes` and `fill` count on the maker only. Lives as long as the pointer, and at most as long as the
  /// world.
  virtual std::shared_ptr<const std::byte> share(std::size_t bytes, const std::function<void(std::byte*)>& fill) = 0;
};

}  // namespace descent
