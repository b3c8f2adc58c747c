#include "sim/mpi/request_set.hpp"

#include <algorithm>
#include <utility>

namespace descent::mpi {

void RequestSet::add(MPI_Request request, Then then) {
  requests_.push_back(request);
  thens_.push_back(std::move(then));
}

void RequestSet::progress() {
  while (progress_once()) {
  }
}

bool RequestSet::progress_once() {
  if (requests_.empty()) {
    return false;
  }
  indices_.resize(requests_.size());
  statuses_.resize(requests_.size());
  int count = 0;
  MPI_Testsome(static_cast<int>(requests_.size()), requests_.data(), &count, indices_.data(), statuses_.data());
  if (count <= 0) {
    return false;
  }
  rest_.restart();
  std::vector<Ended> ended;
  ended.reserve(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    ended.push_back({static_cast<std::size_t>(indices_[i]), statuses_[i]});
  }
  // From the back, so that removing one does not move the others. What to do may add requests: afterwards.
  std::sort(ended.begin(), ended.end(), [](const Ended& a, const Ended& b) { return a.index > b.index; });
  std::vector<Then> thens;
  thens.reserve(ended.size());
  for (const Ended& one : ended) {
    thens.push_back(remove(one.index));
  }
  for (std::size_t i = 0; i < ended.size(); ++i) {
    thens[i](ended[i].status);
  }
  return true;
}

void RequestSet::rest(bool moving, double longest) {
  if (const std::optional<Ended> ended = rest_(requests_, moving, longest)) {
    const Then then = remove(ended->index);
    then(ended->status);
  }
}

RequestSet::Then RequestSet::remove(std::size_t index) {
  Then then = std::move(thens_[index]);
  requests_[index] = requests_.back();
  requests_.pop_back();
  thens_[index] = std::move(thens_.back());
  thens_.pop_back();
  return then;
}

}  // namespace descent::mpi
