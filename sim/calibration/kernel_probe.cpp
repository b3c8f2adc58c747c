#include "sim/calibration/kernel_probe.hpp"

#include "sim/calibration/medians.hpp"
#include "sim/calibration/meeting_point.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

namespace descent {
namespace {

/// What is measured in a row takes so long, in seconds, or so often.
constexpr double kLeastTime = 0.02;
constexpr std::size_t kLeastOften = 3;
constexpr std::size_t kMostOften = 400;
/// Vectors are cut into as many pieces as there are often ranks, but no smaller than this.
constexpr std::size_t kSmallestPiece = 1024;
constexpr std::size_t kPieces = 4;

class KernelProber {
 public:
  KernelProber(Communicator& communicator, const Training& training, const KernelNames& names)
      : communicator_(communicator), training_(training), names_(names), size_(training.problem->parameters()) {}

  std::vector<KernelPoint> run(int rounds) {
    const std::set<std::size_t> all = batches();
    for (round_ = -1; round_ < rounds; ++round_) {  // the first is for nobody: data, caches
      for (const std::size_t batch : all) {
        take_steps(batch);
      }
      for (std::size_t size = size_; size > 0; size = size / kPieces >= kSmallestPiece ? size / kPieces : 0) {
        take_combination(size);
        take_reduction(size);
      }
      take_durable();
    }
    return std::move(points_);
  }

 private:
  std::set<std::size_t> batches() const {
    const std::size_t own = training_.batch_size();
    std::set<std::size_t> all = {own};
    if (training_.batch) {
      constexpr std::size_t kBelow = 64;
      for (std::size_t batch = 1; batch <= 2 * own; batch *= 2) {
        if (batch == 1 || batch * kBelow >= own) {
          all.insert(batch);
        }
      }
    }
    return all;
  }

  /// Whether to measure once more in a row.
  static bool goes_on(const std::vector<double>& taken, double since, double now) {
    return taken.size() < kLeastOften || (now - since < kLeastTime && taken.size() < kMostOften);
  }

  void keep(const std::string& kernel, std::uint64_t size, double flops, std::vector<double> seconds) {
    const double usual = median_of(std::move(seconds));
    if (round_ >= 0 && !kernel.empty() && usual > 0) {  // in simulation a reduction may take no time
      points_.push_back({kernel, communicator_.rank(), size, flops, round_, usual});
    }
  }
  const std::string& name(WorkKind kind) const { return names_[static_cast<std::size_t>(kind)]; }

  void take_steps(std::size_t batch) {
    Training training = training_;
    if (training.batch) {
      training.batch = batch;
    }
    training.division = nullptr;
    Learner learner(training, communicator_, static_cast<std::size_t>(communicator_.rank()),
                    static_cast<std::size_t>(communicator_.size()));
    OptimizerState state = learner.initial_state(learner.initial_parameters());
    meet(communicator_);
    std::vector<double> gradients;
    std::vector<double> updates;
    const double since = communicator_.now();
    for (bool more = true; more;) {
      const double begun = communicator_.now();
      Snapshot gradient = learner.gradient(state.parameters);
      const double computed = communicator_.now();
      gradients.push_back(computed - begun);
      more = exchange(learner, gradient, goes_on(gradients, since, computed));
      const double ready = communicator_.now();
      state = learner.update(std::move(state), std::move(gradient), gradients.size());
      updates.push_back(communicator_.now() - ready);
    }
    keep(name(WorkKind::gradient), batch, training.gradient_flops(batch), std::move(gradients));
    if (batch == training_.batch_size()) {
      keep(name(WorkKind::update), size_, training.optimizer->flops_per_parameter() * static_cast<double>(size_),
           std::move(updates));
    }
  }

  /// As between the steps of a run: what comes from others displaces in caches what the next step needs. Returns
  /// whether both want to go on.
  bool exchange(const Learner& learner, const Snapshot& gradient, bool more) {
    constexpr Tag kExchange = 2;
    const int partner = communicator_.rank() ^ 1;
    if (partner >= communicator_.size()) {
      return more;
    }
    const Expected awaited{partner, kExchange};
    communicator_.expect(std::span(&awaited, 1));
    Message message = learner.message(gradient);
    message.note = more ? 1 : 0;
    const Request sent = communicator_.send(partner, kExchange, std::move(message));
    const Message theirs = communicator_.receive(partner, kExchange);
    communicator_.wait(sent);
    return more && theirs.note != 0;
  }

  template <class Kernel>
  void take_vectors(WorkKind kind, std::size_t size, double flops, Kernel kernel) {
    meet(communicator_);
    std::vector<double> seconds;
    const double since = communicator_.now();
    for (double begun = since; goes_on(seconds, since, begun);) {
      communicator_.compute({flops, std::nullopt, 1, kind}, kernel);
      const double ended = communicator_.now();
      seconds.push_back(ended - begun);
      begun = ended;
    }
    keep(name(kind), size, flops, std::move(seconds));
  }

  Snapshot zeros(std::size_t size) const { return Buffer::zeros(training_.problem->precision(), size).freeze(); }

  void take_combination(std::size_t size) {
    const std::vector<WeightedVector> terms = {{1, zeros(size)}, {-1, zeros(size)}};
    constexpr double kFlops = 4;  // as Learner::combine charges two terms
    take_vectors(WorkKind::combination, size, kFlops * static_cast<double>(size), [&] { combination(terms); });
  }

  void take_reduction(std::size_t size) {
    Snapshot total = zeros(size);
    const Snapshot addend = zeros(size);
    take_vectors(WorkKind::reduction, size, static_cast<double>(size),
                 [&] { total = sum(std::exchange(total, {}), addend); });
  }

  void take_durable() {
    const Snapshot vector = zeros(size_);
    std::vector<double> writing;
    std::vector<double> reading;
    meet(communicator_);
    const double since = communicator_.now();
    for (double begun = since; goes_on(writing, since, begun);) {
      communicator_.wait(communicator_.store(kStore, {{vector}, {}}, vector.bytes()));
      const double written = communicator_.now();
      communicator_.recall(kStore);
      const double read = communicator_.now();
      writing.push_back(written - begun);
      reading.push_back(read - written);
      begun = read;
    }
    communicator_.forget(kStore);
    keep(kStore, vector.bytes(), 0, std::move(writing));
    keep(kRecall, vector.bytes(), 0, std::move(reading));
  }

  Communicator& communicator_;
  const Training& training_;
  const KernelNames& names_;
  std::size_t size_;
  int round_ = 0;
  std::vector<KernelPoint> points_;
};

}  // namespace

std::vector<KernelPoint> probe_kernels(Communicator& communicator, const Training& training, const KernelNames& names,
                                       int rounds) {
  return KernelProber(communicator, training, names).run(rounds);
}

}  // namespace descent
