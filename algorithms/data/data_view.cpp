#include "algorithms/data/data_view.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace descent {
namespace {

/// Where the arrays of a data set lie in one piece of memory, after this header. In elements of Real.
struct Layout {
  std::uint64_t features = 0;
  std::uint64_t classes = 0;
  std::uint64_t train = 0;
  std::uint64_t test = 0;
};

constexpr std::size_t kAlignment = 64;

/// Offsets in bytes of train inputs and targets, test inputs and targets, and the end.
template <class Real>
std::array<std::size_t, 5> offsets(const Layout& layout) {
  std::array<std::size_t, 5> all{};
  std::size_t next = kAlignment;
  const std::array<std::uint64_t, 4> elements{layout.features * layout.train, layout.train,
                                              layout.features * layout.test, layout.test};
  for (std::size_t i = 0; i < elements.size(); ++i) {
    all[i] = next;
    next += (elements[i] * sizeof(Real) + kAlignment - 1) / kAlignment * kAlignment;
  }
  all.back() = next;
  return all;
}

template <class Real>
void write(const Dataset<Real>& dataset, const Layout& layout, std::byte* memory) {
  const auto at = offsets<Real>(layout);
  std::memcpy(memory, &layout, sizeof(layout));
  const auto put = [memory](std::size_t offset, const auto& values) {
    std::copy_n(values.data(), values.size(), reinterpret_cast<Real*>(memory + offset));
  };
  put(at[0], dataset.train.inputs);
  put(at[1], dataset.train.targets);
  put(at[2], dataset.test.inputs);
  put(at[3], dataset.test.targets);
}

template <class Real>
DataView<Real> read(std::shared_ptr<const std::byte> memory) {
  static_assert(sizeof(Layout) <= kAlignment);
  Layout layout;
  std::memcpy(&layout, memory.get(), sizeof(layout));
  const auto at = offsets<Real>(layout);
  const auto array = [&](std::size_t i) { return reinterpret_cast<const Real*>(memory.get() + at[i]); };
  DataView<Real> view;
  view.train = {array(0), array(1), layout.features, layout.train};
  view.test = {array(2), array(3), layout.features, layout.test};
  view.features = layout.features;
  view.classes = layout.classes;
  view.owner = std::move(memory);
  return view;
}

template <class Real>
SampleView<Real> view_of(const Samples<Real>& samples) {
  return {samples.inputs.data(), samples.targets.data(), static_cast<std::size_t>(samples.inputs.rows()),
          samples.size()};
}

}  // namespace

template <class Real>
DataView<Real> view_of(Dataset<Real> dataset) {
  const auto own = std::make_shared<const Dataset<Real>>(std::move(dataset));
  return {view_of(own->train), view_of(own->test), own->features(), own->classes, own};
}

template <class Real>
DataView<Real> shared_view(Sharing& sharing, const std::function<Dataset<Real>()>& load) {
  Dataset<Real> dataset;
  Layout layout;
  if (sharing.makes()) {
    dataset = load();
    layout = {dataset.features(), dataset.classes, dataset.train.size(), dataset.test.size()};
  }
  return read<Real>(
      sharing.share(offsets<Real>(layout).back(), [&](std::byte* memory) { write(dataset, layout, memory); }));
}

template DataView<float> view_of(Dataset<float>);
template DataView<double> view_of(Dataset<double>);
template DataView<float> shared_view(Sharing&, const std::function<Dataset<float>()>&);
template DataView<double> shared_view(Sharing&, const std::function<Dataset<double>()>&);

}  // namespace descent
