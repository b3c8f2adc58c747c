#include "algorithms/recovery/update_log.hpp"

#include <fmt/format.h>

#include <utility>

namespace descent {
namespace {

std::string name_of(std::uint64_t number) {
  return fmt::format("update-{}", number);
}

}  // namespace

void UpdateLog::append(std::uint64_t number, Stored entry, std::uint64_t bytes) {
  communicator_.wait(communicator_.store(name_of(number), std::move(entry), bytes));
}

std::optional<Stored> UpdateLog::read(std::uint64_t number) {
  return communicator_.recall(name_of(number));
}

void UpdateLog::trim(std::uint64_t number) {
  while (trimmed_ < number) {
    communicator_.forget(name_of(++trimmed_));
  }
}

}  // namespace descent
