#include "algorithms/catalogue.hpp"

#include "algorithms/collectives/collectives.hpp"
#include "algorithms/compression/compressors.hpp"
#include "algorithms/constraints/constraint.hpp"
#include "algorithms/constraints/regularizer.hpp"
#include "algorithms/data/partitions.hpp"
#include "algorithms/data/sources.hpp"
#include "algorithms/models/models.hpp"
#include "algorithms/optimizers/optimizers.hpp"
#include "algorithms/optimizers/schedules.hpp"
#include "algorithms/strategies/strategy.hpp"

namespace descent {
namespace {

template <class Rows>
std::vector<const Entry*> entries_of(const Rows& rows) {
  std::vector<const Entry*> all;
  for (const auto& row : rows) {
    all.push_back(&row.entry);
  }
  return all;
}

}  // namespace

const std::vector<SectionName>& sections() {
  static const std::vector<SectionName> names = {
      {Section::strategy, "strategy"},     {Section::collective, "collective"},   {Section::compression, "compression"},
      {Section::model, "model"},           {Section::optimizer, "optimizer"},     {Section::schedule, "schedule"},
      {Section::constraint, "constraint"}, {Section::regularizer, "regularizer"}, {Section::data, "data"},
      {Section::partition, "partition"}};
  return names;
}

std::vector<const Entry*> entries(Section section) {
  switch (section) {
    case Section::strategy:
      return entries_of(strategy_rows());
    case Section::collective:
      return entries_of(collective_rows());
    case Section::compression:
      return entries_of(compressor_rows());
    case Section::model:
      return entries_of(model_rows());
    case Section::optimizer:
      return entries_of(optimizer_rows());
    case Section::schedule:
      return entries_of(schedule_rows());
    case Section::constraint:
      return entries_of(constraint_rows());
    case Section::regularizer:
      return entries_of(regularizer_rows());
    case Section::data:
      return entries_of(source_rows());
    case Section::partition:
      return entries_of(partition_rows());
  }
  return {};
}

const Entry* find_entry(Section section, std::string_view name) {
  for (const Entry* entry : entries(section)) {
    if (entry->name == name) {
      return entry;
    }
  }
  return nullptr;
}

}  // namespace descent
