#include "sim/mpi/questions.hpp"

#include <memory>
#include <utility>

namespace descent::mpi {

Questions::Questions(MPI_Comm world, RequestSet& requests) : requests_(requests) {
  MPI_Comm_dup(world, &communicator_);
  int size = 0;
  MPI_Comm_size(world, &size);
  asked_.resize(static_cast<std::size_t>(size));
  post();
}

void Questions::hold(Stream stream, std::function<void()> answer) {
  Outgoing& outgoing = outgoing_[stream];
  if (outgoing.asked > 0) {
    --outgoing.asked;
    answer();
  } else {
    outgoing.held.push_back(std::move(answer));
    ++held_;
  }
}

void Questions::ask(Stream stream) {
  auto tag = std::make_shared<Tag>(stream.second);
  ++asked_[static_cast<std::size_t>(stream.first)];
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Isend(tag.get(), 1, MPI_INT, stream.first, 0, communicator_, &request);
  ++pending_;
  requests_.add(request, [this, tag](const MPI_Status&) { --pending_; });
}

void Questions::ask_ahead(Stream stream) {
  if (ahead_.insert(stream).second) {
    ask(stream);
  }
}

void Questions::post() {
  auto tag = std::make_shared<Tag>();
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Irecv(tag.get(), 1, MPI_INT, MPI_ANY_SOURCE, 0, communicator_, &request);
  ++pending_;
  requests_.add(request, [this, tag](const MPI_Status& status) {
    --pending_;
    int count = 0;
    MPI_Get_count(&status, MPI_INT, &count);
    if (count == 0) {
      return;  // from `end`
    }
    ++received_;
    answer({status.MPI_SOURCE, *tag});
    post();
  });
}

void Questions::answer(Stream stream) {
  Outgoing& outgoing = outgoing_[stream];
  if (outgoing.held.empty()) {
    ++outgoing.asked;
    return;
  }
  const std::function<void()> answer = std::move(outgoing.held.front());
  outgoing.held.pop_front();
  --held_;
  answer();
}

void Questions::end() {
  int rank = 0;
  MPI_Comm_rank(communicator_, &rank);
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Isend(nullptr, 0, MPI_INT, rank, 0, communicator_, &request);
  requests_.add(request, [](const MPI_Status&) {});
}

}  // namespace descent::mpi
