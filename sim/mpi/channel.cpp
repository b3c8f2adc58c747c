#include "sim/mpi/channel.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

namespace descent::mpi {

/// A message that MPI may still read from. Kept alive by its requests, as the caller may drop the handle.
struct Channel::Sending final : Operation {
  explicit Sending(Message sent) : message(std::move(sent)), header(header_of(message)) {}
  bool done() const override { return requests == 0; }

  void ended() {
    if (--requests == 0) {
      message.payload = {};  // the last holder of a snapshot may update it in place
    }
  }

  Message message;
  Header header;
  Bytes first;
  /// Of MPI, and one while its parts wait to be asked for.
  std::size_t requests = 0;
};

/// A message whose header is here.
struct Channel::Arrival {
  bool complete() const { return asked && missing == 0; }

  /// For an earlier life of this rank.
  bool forgotten = false;
  Message message;
  Header header;
  /// Becomes the payload when nothing is missing.
  Buffer buffer;
  /// Its parts have been asked for, if it has any.
  bool asked = true;
  std::size_t missing = 0;
};

Channel::Channel(MPI_Comm world, const Clock& clock, LockedOccupation& occupation)
    : clock_(clock), occupation_(occupation), questions_(world, requests_) {
  MPI_Comm_dup(world, &headers_);
  MPI_Comm_dup(world, &parts_);
  MPI_Comm_dup(world, &paddings_);
  int size = 0;
  MPI_Comm_size(world, &size);
  sent_.resize(static_cast<std::size_t>(size));
}

void Channel::isend(const std::shared_ptr<Sending>& sending, int to, const std::byte* data, int count,
                    MPI_Comm communicator) {
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Isend(data, count, MPI_BYTE, to, sending->message.tag, communicator, &request);
  ++sending->requests;
  requests_.add(request, [this, sending](const MPI_Status&) {
    sending->ended();
    if (sending->done()) {
      occupation_.transfer_ends(clock_.now());
    }
  });
}

Request Channel::send(int to, Message message) {
  auto sending = std::make_shared<Sending>(std::move(message));
  const Header& header = sending->header;
  const Snapshot& payload = sending->message.payload;
  ++sent_[static_cast<std::size_t>(to)];
  occupation_.transfer_begins(clock_.now(), clock_.now());

  Bytes& first = sending->first;
  first.resize(sizeof(Header));
  std::memcpy(first.data(), &header, sizeof(Header));
  if (header.is_whole()) {
    if (!payload.empty()) {
      first.insert(first.end(), payload.data(), payload.data() + payload.bytes());
    }
    first.resize(first.size() + header.padding_bytes());
    isend(sending, to, first.data(), static_cast<int>(first.size()), headers_);
    return sending;
  }
  isend(sending, to, first.data(), static_cast<int>(first.size()), headers_);
  if (header.is_eager()) {
    send_parts(to, sending);
    return sending;
  }
  ++sending->requests;  // until it is asked for
  questions_.hold({to, sending->message.tag}, [this, to, sending] {
    send_parts(to, sending);
    --sending->requests;
  });
  return sending;
}

void Channel::send_parts(int to, const std::shared_ptr<Sending>& sending) {
  const Header& header = sending->header;
  const Snapshot& payload = sending->message.payload;
  for_each_part(header.payload_bytes(), kLargestPart,
                [&](std::uint64_t offset, int count) { isend(sending, to, payload.data() + offset, count, parts_); });
  for_each_part(header.padding_bytes(), kLargestPadding,
                [&](std::uint64_t, int count) { isend(sending, to, padding_source(), count, paddings_); });
}

void Channel::ask_for(const std::shared_ptr<Arrival>& arrival) {
  if (!arrival->asked) {
    questions_.ask({arrival->message.source, arrival->message.tag});
    receive_parts(arrival);
  }
}

void Channel::ask_ahead(std::span<const Expected> messages) {
  for (const Expected& expected : messages) {
    expect(expected.tag);
    const auto& arrivals = boxes_[expected.tag].arrivals;
    const auto here = std::find_if(arrivals.begin(), arrivals.end(), [&](const auto& arrival) {
      return arrival->message.source == expected.from && !arrival->forgotten;
    });
    if (here == arrivals.end()) {
      questions_.ask_ahead({expected.from, expected.tag});
    } else {
      ask_for(*here);
    }
  }
}

void Channel::ask_for_all() {
  for (auto& [tag, box] : boxes_) {
    for (const auto& arrival : box.arrivals) {
      ask_for(arrival);
    }
  }
}

bool Channel::take(std::span<const Expected> expected, First& outcome) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expect(expected[i].tag);
    auto& arrivals = boxes_[expected[i].tag].arrivals;
    std::erase_if(arrivals, [](const auto& arrival) { return arrival->forgotten && arrival->complete(); });
    std::vector<int> incomplete;
    bool announced = false;
    for (auto arrival = arrivals.begin(); arrival != arrivals.end(); ++arrival) {
      const int source = (*arrival)->message.source;
      if ((expected[i].from != any_rank && expected[i].from != source) ||
          std::find(incomplete.begin(), incomplete.end(), source) != incomplete.end()) {
        continue;
      }
      announced = true;
      ask_for(*arrival);
      if (!(*arrival)->complete()) {
        incomplete.push_back(source);
        continue;
      }
      outcome.what = First::What::message;
      outcome.index = i;
      outcome.message = std::move((*arrival)->message);
      arrivals.erase(arrival);
      return true;
    }
    if (expected[i].from != any_rank && !announced) {
      questions_.ask_ahead({expected[i].from, expected[i].tag});
    }
  }
  return false;
}

void Channel::expect(Tag tag) {
  if (!boxes_[tag].posted) {
    post(tag, std::make_shared<Bytes>(kWholeBytes));
    progress();  // it may be here already
  }
}

void Channel::post(Tag tag, std::shared_ptr<Bytes> buffer) {
  boxes_[tag].posted = true;
  ++posted_;
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Irecv(buffer->data(), static_cast<int>(buffer->size()), MPI_BYTE, MPI_ANY_SOURCE, tag, headers_, &request);
  requests_.add(request, [this, tag, buffer](const MPI_Status& status) {
    --posted_;
    int count = 0;
    MPI_Get_count(&status, MPI_BYTE, &count);
    if (count == 0) {
      return;  // from `close`
    }
    arrived(status.MPI_SOURCE, tag, *buffer);
    post(tag, buffer);
  });
}

void Channel::arrived(int source, Tag tag, const Bytes& buffer) {
  ++received_;
  Header header;
  std::memcpy(&header, buffer.data(), sizeof(Header));
  auto arrival = std::make_shared<Arrival>();
  Message& message = arrival->message;
  message.source = source;
  message.tag = tag;
  message.note = header.note;
  message.scalar = header.scalar;
  message.wire_bytes = header.wire_bytes;
  message.sent_at = header.sent_at;
  occupation_.transfer_begins(header.sent_at, clock_.now());
  arrival->buffer = Buffer(static_cast<Precision>(header.precision), header.elements);
  if (header.is_whole()) {
    std::memcpy(arrival->buffer.data(), buffer.data() + sizeof(Header), header.payload_bytes());
    message.payload = std::move(arrival->buffer).freeze();
    occupation_.transfer_ends(clock_.now());
  } else {
    arrival->header = header;
    if (header.is_eager() || questions_.announced({source, tag})) {
      receive_parts(arrival);
    } else {
      arrival->asked = false;
    }
  }
  boxes_[tag].arrivals.push_back(std::move(arrival));
}

void Channel::receive_parts(const std::shared_ptr<Arrival>& arrival) {
  arrival->asked = true;
  const Header& header = arrival->header;
  const int source = arrival->message.source;
  const Tag tag = arrival->message.tag;
  const auto irecv = [&](std::byte* data, int count, MPI_Comm communicator) {
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Irecv(data, count, MPI_BYTE, source, tag, communicator, &request);
    ++arrival->missing;
    requests_.add(request, [this, arrival](const MPI_Status&) {
      if (--arrival->missing == 0) {
        arrival->message.payload = std::move(arrival->buffer).freeze();
        occupation_.transfer_ends(clock_.now());
      }
    });
  };
  std::byte* data = arrival->buffer.data();
  for_each_part(header.payload_bytes(), kLargestPart,
                [&](std::uint64_t offset, int count) { irecv(data + offset, count, parts_); });
  for_each_part(header.padding_bytes(), kLargestPadding,
                [&](std::uint64_t, int count) { irecv(padding_sink(), count, paddings_); });
}

void Channel::absorb() {
  progress();
  int found = 1;
  while (found != 0) {
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, headers_, &found, &status);
    if (found != 0) {
      Bytes buffer(kWholeBytes);
      MPI_Recv(buffer.data(), static_cast<int>(buffer.size()), MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, headers_,
               MPI_STATUS_IGNORE);
      arrived(status.MPI_SOURCE, status.MPI_TAG, buffer);
    }
  }
  ask_for_all();
  for (auto& [tag, box] : boxes_) {
    std::erase_if(box.arrivals, [](const auto& arrival) { return arrival->complete(); });
  }
}

void Channel::forget() {
  absorb();
  for (auto& [tag, box] : boxes_) {
    for (const auto& arrival : box.arrivals) {
      arrival->forgotten = true;
    }
  }
}

void Channel::close() {
  std::vector<std::uint64_t> due(sent_.size());
  const auto all_due = [&](const std::vector<std::uint64_t>& to_each) {
    MPI_Alltoall(to_each.data(), 1, MPI_UINT64_T, due.data(), 1, MPI_UINT64_T, headers_);
    return std::accumulate(due.begin(), due.end(), std::uint64_t{0});
  };
  const std::uint64_t messages = all_due(sent_);
  begin_wait();
  for (absorb(); received_ < messages || questions_.held() > 0; absorb()) {
    rest(1);  // not for ever: a message with a tag that was never expected ends no request
  }
  // Now this rank has asked for all that was ever announced to it.
  const std::uint64_t questions = all_due(questions_.asked());
  for (progress(); questions_.received() < questions; progress()) {
    rest(never);
  }
  // Nothing else will come, so a message of nothing to itself ends each posted receive.
  int rank = 0;
  MPI_Comm_rank(headers_, &rank);
  for (const auto& [tag, box] : boxes_) {
    if (box.posted) {
      MPI_Request request = MPI_REQUEST_NULL;
      MPI_Isend(nullptr, 0, MPI_BYTE, rank, tag, headers_, &request);
      requests_.add(request, [](const MPI_Status&) {});
    }
  }
  questions_.end();
  for (progress(); requests_.size() > 0; progress()) {
    rest(never);
  }
  MPI_Comm_free(&headers_);
  MPI_Comm_free(&parts_);
  MPI_Comm_free(&paddings_);
  questions_.free();
}

}  // namespace descent::mpi
