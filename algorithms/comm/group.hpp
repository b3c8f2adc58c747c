#pragma once

#include <compare>
#include <memory>
#include <vector>

namespace descent {

/// The ranks that take part in a collective, each once. Member i is the rank that its schedule calls i. Copies share
/// the list.
class Group {
 public:
  /// Ranks 0 … count − 1, which take no list.
  static Group first(int count);
  /// These ranks, in this order. Throws std::logic_error where there is none, or one is negative or there twice.
  explicit Group(std::vector<int> ranks);

  int size() const { return size_; }
  int rank(int member) const { return ranks_ ? (*ranks_)[static_cast<std::size_t>(member)] : member; }
  /// Which member the rank is. Throws std::logic_error where it is none.
  int member(int rank) const;
  /// Ranks 0 … count − 1, in order.
  bool is_first(int count) const { return !ranks_ && size_ == count; }
  /// Equal: the same ranks in the same order.
  std::strong_ordering operator<=>(const Group& other) const;
  bool operator==(const Group& other) const { return *this <=> other == std::strong_ordering::equal; }

 private:
  explicit Group(int count) : size_(count) {}

  int size_;
  std::shared_ptr<const std::vector<int>> ranks_;
};

}  // namespace descent
