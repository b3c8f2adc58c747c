// Halves of collectives and groups in a simulated world that has all ranks at hand: at both fidelities they take the
// same time and give the same bits, also with addends that are computed where they are summed, and with no mathematics
// at all.
#include "algorithms/collectives/executor.hpp"
#include "tests/support/addends.hpp"
#include "tests/support/collective_forms.hpp"
#include "tests/support/simulation.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace descent {
namespace {

constexpr int kRanks = 6;
constexpr std::size_t kSize = 10'007;

enum class Elements { at_hand, deferred, none };

Snapshot as(Elements elements, const Snapshot& vector) {
  switch (elements) {
    case Elements::at_hand:
      return vector;
    case Elements::deferred:
      return Snapshot::deferred(vector.precision(), vector.size(), [vector] { return vector; });
    case Elements::none:
      return Snapshot::placeholder(vector.precision(), vector.size());
  }
  return {};
}

/// What a rank has after a step of the program, and when.
struct Step {
  std::string name;
  std::size_t size = 0;
  std::string digest;
  double time = 0;
};

/// Everything that the collective can do, first of all ranks and then of two groups at the same time, by ranks that
/// come to each at different moments.
class Program {
 public:
  Program(const CollectiveChoice& choice, Communicator& communicator, Elements elements)
      : choice_(choice), communicator_(communicator), elements_(elements) {}

  std::vector<Step> run() && {
    go(Group::first(kRanks), 0);
    const int parity = communicator_.rank() % 2;
    go(Group({4 + parity, parity, 2 + parity}), 2);
    return std::move(steps_);
  }

 private:
  void go(const Group& group, Tag tag) {
    const Snapshot mine =
        as(elements_, test::addends_of(kRanks, kSize)[static_cast<std::size_t>(communicator_.rank())]);
    Collective collective(choice_, communicator_, group, 4, tag);
    delay();
    keep("allreduce", collective.allreduce(mine).sum);
    if (choice_.row->owners == Owners::every_rank) {
      scatter_and_gather(collective, group, mine);
    } else if (choice_.row->owners == Owners::first_rank) {
      delay();
      const Snapshot sum = collective.reduce(mine);
      keep("reduce", sum);
      delay();
      keep("broadcast", collective.broadcast(sum, kSize));
    }
  }

  void scatter_and_gather(Collective& collective, const Group& group, const Snapshot& mine) {
    delay();
    const Snapshot part = collective.reduce_scatter(mine).sum;
    EXPECT_EQ(part.size(), collective.owned(kSize).count);
    keep("reduce-scatter", part);
    delay();
    keep("all-gather", collective.all_gather(part, kSize));
    const std::vector<std::size_t> all_sizes = {3, 0, 2000, 1, 1, 5};
    const std::span<const std::size_t> sizes(all_sizes.data(), static_cast<std::size_t>(group.size()));
    const auto member = static_cast<std::size_t>(group.member(communicator_.rank()));
    delay();
    for (const Snapshot& piece : collective.all_gather_each(mine.slice(0, sizes[member]), sizes).vectors) {
      keep("piece", piece);
    }
  }

  /// Up to a millisecond, as long as a collective may take.
  void delay() {
    const double flops = 1e6 * communicator_.random(Purpose::test, steps_.size())() / 4294967296.0;
    communicator_.compute({flops, {}}, {});
  }

  void keep(const std::string& name, const Snapshot& vector) {
    steps_.push_back({name, vector.size(), vector.empty() ? "" : vector.computed().digest(), communicator_.now()});
  }

  const CollectiveChoice& choice_;
  Communicator& communicator_;
  Elements elements_;
  std::vector<Step> steps_;
};

/// The steps of all ranks, one after the other. In a process of its own, because a process has one simulation.
std::vector<Step> simulate(const test::CollectiveCase& which, Elements elements, const NetworkSettings& network) {
  const test::TemporaryFile steps_file("steps", "");
  const pid_t child = ::fork();
  if (child == 0) {
    const CollectiveChoice choice = which.choose(kRanks);
    std::vector<std::vector<Step>> steps(kRanks);
    test::ClusterRun cluster(kRanks, 1, "1GBps", "50us", 2, network);
    cluster([&](Communicator& communicator) {
      steps[static_cast<std::size_t>(communicator.rank())] = Program(choice, communicator, elements).run();
    });
    std::ofstream out(steps_file.path());
    for (const std::vector<Step>& of_rank : steps) {
      for (const Step& step : of_rank) {
        out << fmt::format("{} {} \"{}\" {:.17g}\n", step.name, step.size, step.digest, step.time);
      }
    }
    out.flush();
    ::_exit(testing::Test::HasFailure() || !out ? 1 : 0);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  std::vector<Step> steps;
  std::ifstream in(steps_file.path());
  for (Step step; in >> step.name >> step.size >> std::quoted(step.digest) >> step.time;) {
    steps.push_back(step);
  }
  return steps;
}

class CollectiveWorlds : public ::testing::TestWithParam<std::string> {};

TEST_P(CollectiveWorlds, AgreeInTimesAndBits) {
  const test::CollectiveCase which{GetParam(), {}, 2};
  const std::vector<Step> known = simulate(which, Elements::at_hand, test::neutral_network());
  ASSERT_GE(known.size(), 2U * kRanks);
  for (const NetworkSettings& network : {test::neutral_network(), test::neutral_schedules()}) {
    for (const Elements elements : {Elements::at_hand, Elements::deferred, Elements::none}) {
      const std::vector<Step> steps = simulate(which, elements, network);
      ASSERT_EQ(steps.size(), known.size()) << network.fidelity;
      for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::string where = network.fidelity + " " + known[i].name + " " + std::to_string(i);
        EXPECT_EQ(steps[i].name, known[i].name) << where;
        EXPECT_EQ(steps[i].size, known[i].size) << where;
        EXPECT_EQ(steps[i].digest, elements == Elements::none ? "" : known[i].digest) << where;
        EXPECT_NEAR(steps[i].time, known[i].time, 1e-8) << where;
      }
    }
  }
}

/// What halves leave, one after the other, is what the allreduce does.
TEST_P(CollectiveWorlds, HalvesMakeUpTheWhole) {
  const std::vector<Step> steps = simulate({GetParam(), {}, 2}, Elements::at_hand, test::neutral_network());
  std::string whole;
  for (const Step& step : steps) {
    whole = step.name == "allreduce" ? step.digest : whole;
    if (step.name == "all-gather" || step.name == "broadcast") {
      EXPECT_EQ(step.digest, whole);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, CollectiveWorlds,
                         ::testing::Values("ring", "recursive-doubling", "halving-doubling", "tree", "double-tree",
                                           "two-level", "torus", "direct", "coordinator"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace descent
