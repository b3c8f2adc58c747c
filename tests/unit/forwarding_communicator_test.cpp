#include "algorithms/comm/forwarding_communicator.hpp"

#include "tests/support/counting_observer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace descent {
namespace {

struct Ended final : Operation {
  bool done() const override { return true; }
};

struct Whole final : Meeting {
  bool pass() override { return true; }
  Reduced outcome() override { return {}; }
};

/// Writes down what it is asked, and answers as no communicator does of itself.
class Told final : public Communicator {
 public:
  explicit Told(Observer& observer) : Communicator(1, observer) {}

  int rank() const override { return told("rank", 3); }
  int size() const override { return told("size", 9); }
  double now() const override { return told("now", 5.5); }
  double stamp() const override { return told("stamp", 6.5); }
  int life() const override { return told("life", 7); }
  Task start(const Work& work, Kernel kernel) override {
    kernel();
    return told("start " + std::to_string(work.flops), ended);
  }
  void cancel(const Task& task) override { told("cancel", task == ended); }
  void compute(const Work& work, Kernel kernel) override {
    kernel();
    told("compute " + std::to_string(work.flops), 0);
  }
  Snapshot compute_vector(const Work& work, Snapshot deferred, std::size_t computations) override {
    return told("compute_vector " + std::to_string(work.flops) + " " + std::to_string(computations), deferred);
  }
  void expect(std::span<const Expected> messages) override { told("expect", messages.front().from); }
  Line spawn(int channel, std::function<void(Communicator&)> program) override {
    program(*this);
    return told("spawn " + std::to_string(channel), ended);
  }
  Signal make_signal() override {
    return told("make_signal", Signal{ended, [] {}});
  }
  Request store(const std::string& name, Stored what, std::uint64_t bytes) override {
    return told("store " + name + std::to_string(what.numbers.front()) + " " + std::to_string(bytes), ended);
  }
  std::optional<Stored> recall(const std::string& name) override { return told("recall " + name, Stored{{}, {11}}); }
  void forget(const std::string& name) override { told("forget " + name, 0); }
  std::optional<Reduced> native_allreduce(Snapshot& /*mine*/, std::optional<bool> flag, std::uint64_t bytes) override {
    return told("native_allreduce " + std::to_string(bytes), Reduced{{}, *flag});
  }
  std::unique_ptr<Meeting> meet(Contribution contribution) override {
    return told("meet " + std::to_string(contribution.call), std::make_unique<Whole>());
  }

  const std::shared_ptr<Operation> ended = std::make_shared<Ended>();
  mutable std::vector<std::string> words;

 protected:
  Request do_send(int to, Message message) override {
    return told("send " + std::to_string(to) + " " + std::to_string(message.tag), ended);
  }
  First do_first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages,
                 double deadline) override {
    First outcome;
    outcome.index = operations.size() + messages.size();
    return told("first " + std::to_string(deadline), std::move(outcome));
  }

 private:
  template <class Answer>
  Answer told(const std::string& words_of_call, Answer answer) const {
    words.push_back(words_of_call);
    return answer;
  }
};

class Forwarding final : public ForwardingCommunicator {
 public:
  explicit Forwarding(Communicator& world) : ForwardingCommunicator(world, 1, world.observer()) {}
};

Work work_of(double flops) {
  Work work;
  work.flops = flops;
  return work;
}

/// Calls everything that a world can override. Returns what it answers, in words.
std::vector<std::string> call_all(Communicator& communicator, const std::shared_ptr<Operation>& ended) {
  std::vector<std::string> answers;
  const auto answer = [&](auto value) { answers.push_back(std::to_string(value)); };
  int kernels = 0;
  const Kernel kernel = [&kernels] { ++kernels; };
  const std::array<Expected, 1> expected{{{2, 1}}};
  Snapshot vector;
  Contribution contribution{nullptr, Group::first(9), 0, 1, 9, vector};
  answer(communicator.rank());
  answer(communicator.size());
  answer(communicator.now());
  answer(communicator.stamp());
  answer(communicator.life());
  answer(communicator.start(work_of(1), kernel) == ended);
  communicator.cancel(ended);
  communicator.compute(work_of(2), kernel);
  answer(communicator.compute_vector(work_of(3), vector, 4).size());
  communicator.expect(expected);
  answer(communicator.spawn(5, [&](Communicator& line) { answer(line.rank()); }) == ended);
  answer(communicator.make_signal().raised == ended);
  answer(communicator.store("name", {{}, {6}}, 7) == ended);
  answer(communicator.recall("name")->numbers.front());
  communicator.forget("name");
  answer(communicator.native_allreduce(vector, true, 8)->flagged);
  answer(communicator.meet(std::move(contribution))->pass());
  answer(communicator.send(2, 1, envelope()) == ended);
  answer(communicator.first(std::span(&ended, 1), expected, 10).index);
  answer(kernels);
  return answers;
}

TEST(ForwardingCommunicator, PassesAllOfTheSeamOn) {
  test::CountingObserver observer;
  Told one(observer);
  Told other(observer);
  Forwarding forwarding(other);
  const auto direct = call_all(one, one.ended);
  EXPECT_EQ(call_all(forwarding, other.ended), direct);
  // Sends look at rank, size and stamp, of both.
  const auto asks = [](const std::string& word) { return word != "rank" && word != "size" && word != "stamp"; };
  for (auto* words : {&one.words, &other.words}) {
    std::erase_if(*words, [&](const std::string& word) { return !asks(word); });
  }
  EXPECT_EQ(other.words, one.words);
  EXPECT_EQ(one.words.size(), 16U);
}

}  // namespace
}  // namespace descent
