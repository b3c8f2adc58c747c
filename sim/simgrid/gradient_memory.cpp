#include "sim/simgrid/gradient_memory.hpp"

namespace descent {
namespace {

struct Room {
  std::shared_ptr<std::atomic<std::size_t>> free;
  std::size_t bytes;

  Room(std::shared_ptr<std::atomic<std::size_t>> of, std::size_t taken) : free(std::move(of)), bytes(taken) {}
  ~Room() { *free += bytes; }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
};

}  // namespace

std::shared_ptr<const void> GradientMemory::reserve(std::size_t bytes) {
  std::size_t free = *free_;
  while (free >= bytes) {
    if (free_->compare_exchange_weak(free, free - bytes)) {
      return std::make_shared<Room>(free_, bytes);
    }
  }
  return nullptr;
}

}  // namespace descent
