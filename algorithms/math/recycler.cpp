#include "algorithms/math/recycler.hpp"

#include <map>
#include <mutex>
#include <new>
#include <vector>

namespace descent {
namespace {

/// Wide enough for every vector instruction set and a cache line.
constexpr std::align_val_t kAlignment{64};
/// The allocator's own lists serve small blocks well.
constexpr std::size_t kSmall = 16384;
#if defined(DESCENT_SANITIZE)
constexpr std::size_t kKept = 0;  // so that the sanitizer sees what is used after its end
#else
constexpr std::size_t kKept = kMostKept;
#endif

class Recycler {
 public:
  std::byte* take(std::size_t bytes) {
    if (bytes >= kSmall) {
      const std::lock_guard lock(mutex_);
      const auto blocks = free_.find(bytes);
      if (blocks != free_.end() && !blocks->second.empty()) {
        std::byte* const block = blocks->second.back();
        blocks->second.pop_back();
        kept_ -= bytes;
        return block;
      }
    }
    return static_cast<std::byte*>(::operator new(bytes, kAlignment));
  }

  void give(std::byte* block, std::size_t bytes) {
    if (bytes >= kSmall) {
      const std::lock_guard lock(mutex_);
      if (kept_ + bytes <= kKept) {
        free_[bytes].push_back(block);
        kept_ += bytes;
        return;
      }
    }
    ::operator delete(block, kAlignment);
  }

 private:
  std::mutex mutex_;
  std::map<std::size_t, std::vector<std::byte*>> free_;
  std::size_t kept_ = 0;
};

/// Never destroyed: vectors may outlive every static object.
Recycler& recycler() {
  static auto* const only = new Recycler;
  return *only;
}

}  // namespace

std::shared_ptr<std::byte> recycled_memory(std::size_t bytes) {
  return {recycler().take(bytes), [bytes](std::byte* block) { recycler().give(block, bytes); }};
}

}  // namespace descent
