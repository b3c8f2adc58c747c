#include "algorithms/compression/compressors.hpp"

#include "algorithms/compression/dgc.hpp"
#include "algorithms/compression/half_precision.hpp"
#include "algorithms/compression/one_bit.hpp"
#include "algorithms/compression/powersgd.hpp"
#include "algorithms/compression/qsgd.hpp"
#include "algorithms/compression/random_k.hpp"
#include "algorithms/compression/sign.hpp"
#include "algorithms/compression/terngrad.hpp"
#include "algorithms/compression/top_k.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

namespace descent {
namespace {

bool is_on(const Settings& settings, std::string_view name) {
  return settings.has(name) && settings.text(name) == "yes";
}

Sparsity sparsity_of(const Settings& settings) {
  return settings.has("k") ? Sparsity{.k = settings.integer("k"), .ratio = 0}
                           : Sparsity{.k = {}, .ratio = settings.real("ratio")};
}

/// Either `ratio` or `k` says how many elements are sent.
std::vector<std::string> sparsity_faults(const Settings& settings) {
  if (settings.has("ratio") != settings.has("k")) {
    return {};
  }
  return {fmt::format("needs exactly one of ratio and k; {} given", settings.has("k") ? "both are" : "none is")};
}

template <class C>
std::unique_ptr<const Codec> make_plain(const CompressorParts& /*parts*/) {
  return std::make_unique<C>();
}

std::unique_ptr<const Codec> make_qsgd(const CompressorParts& parts) {
  return std::make_unique<Qsgd>(static_cast<std::uint32_t>(parts.settings.integer("levels")), parts.seed);
}

std::unique_ptr<const Codec> make_terngrad(const CompressorParts& parts) {
  const Settings& settings = parts.settings;
  return std::make_unique<TernGrad>(settings.has("clip") ? std::optional(settings.real("clip")) : std::nullopt,
                                    parts.seed);
}

std::unique_ptr<const Codec> make_sign(const CompressorParts& parts) {
  return std::make_unique<Sign>(is_on(parts.settings, "majority-vote") ? Sign::Combining::majority_vote
                                                                       : Sign::Combining::sum);
}

std::unique_ptr<const Codec> make_top_k(const CompressorParts& parts) {
  return std::make_unique<TopK>(sparsity_of(parts.settings));
}

/// With error feedback nothing is lost that would have to be made up for by scaling.
std::unique_ptr<const Codec> make_random_k(const CompressorParts& parts) {
  return std::make_unique<RandomK>(
      sparsity_of(parts.settings),
      is_on(parts.settings, "error-feedback") ? RandomK::Scaling::none : RandomK::Scaling::unbiased, parts.seed);
}

std::unique_ptr<const Codec> make_powersgd(const CompressorParts& parts) {
  return std::make_unique<PowerSgd>(parts.settings.integer("rank"), parts.tensors, parts.seed);
}

std::unique_ptr<const Codec> make_dgc(const CompressorParts& parts) {
  DeepGradientCompression::Options options;
  options.sparsity = sparsity_of(parts.settings);
  options.momentum = parts.settings.real("momentum");
  if (parts.settings.has("clip-norm")) {
    options.largest_norm = parts.settings.real("clip-norm") / std::sqrt(static_cast<double>(parts.senders));
  }
  options.warmup = parts.settings.integer("warmup");
  return std::make_unique<DeepGradientCompression>(options);
}

Parameter yes_no(std::string name, std::string meaning) {
  return {.name = std::move(name),
          .type = ParameterType::choice,
          .fallback = "no",
          .meaning = std::move(meaning),
          .choices = {"yes", "no"}};
}

Parameter error_feedback() {
  return yes_no("error-feedback",
                "what was not sent is added to the next (Seide et al. 2014; Karimireddy et al. 2019)");
}

Parameter ratio() {
  return {.name = "ratio",
          .type = ParameterType::real,
          .fallback = "",
          .meaning = "k/d: the part of the elements that is sent, at least one element; or give k",
          .least = 0,
          .most = 1,
          .above = true};
}

Parameter k_elements() {
  return {.name = "k",
          .type = ParameterType::integer,
          .fallback = "",
          .meaning = "elements that are sent, at most all; or give ratio",
          .least = 1};
}

Parameter positive_real(std::string name, std::string meaning) {
  return {.name = std::move(name),
          .type = ParameterType::real,
          .fallback = "",
          .meaning = std::move(meaning),
          .least = 0,
          .above = true};
}

std::vector<CompressorRow> make_compressor_rows() {
  std::vector<CompressorRow> rows;
  rows.push_back({{"fp16",
                   "IEEE half precision, rounded to nearest even: 2d bytes",
                   "IEEE 754-2008, binary16; Micikevicius et al. 2018",
                   {error_feedback()}},
                  make_plain<HalfPrecision<Fp16>>});
  rows.push_back({{"bf16",
                   "the upper half of single precision, rounded to nearest even: 2d bytes",
                   "Kalamkar et al. 2019",
                   {error_feedback()}},
                  make_plain<HalfPrecision<Bf16>>});
  rows.push_back({{"qsgd",
                   "levels of the norm, rounded at random, unbiased: 4 + ceil(d (1 + ceil(log2(s+1))) / 8) bytes",
                   "Alistarh et al. 2017, section 3.1",
                   {{.name = "levels",
                     .type = ParameterType::integer,
                     .fallback = "127",
                     .meaning = "s, levels above zero; of 2^b - 1 no bit is wasted",
                     .least = 1,
                     .most = 65535},
                    error_feedback()}},
                  make_qsgd});
  rows.push_back(
      {{"terngrad",
        "zero or plus or minus the largest magnitude, at random, unbiased: 4 + ceil(2d / 8) bytes",
        "Wen et al. 2017, sections 3.1 and 3.3",
        {positive_real("clip", "clips at so many standard deviations first (in the paper 2.5)"), error_feedback()}},
       make_terngrad});
  rows.push_back({{"sign",
                   "the sign, scaled by the mean magnitude: 4 + ceil(d / 8) bytes",
                   "Bernstein et al. 2018 and 2019; Karimireddy et al. 2019, algorithm 1",
                   {yes_no("majority-vote", "receivers take the sign of the sum of the signs instead of the sum"),
                    error_feedback()}},
                  make_sign});
  rows.push_back({{"one-bit",
                   "the mean of the negative elements or that of the others: 8 + ceil(d / 8) bytes",
                   "Seide et al. 2014",
                   {error_feedback()}},
                  make_plain<OneBit>});
  rows.push_back({{"top-k",
                   "the k elements of largest magnitude: 8k bytes",
                   "Aji & Heafield 2017; Stich et al. 2018",
                   {ratio(), k_elements(), error_feedback()}},
                  make_top_k,
                  sparsity_faults});
  rows.push_back(
      {{"random-k",
        "k elements at random, the same on all ranks, scaled by d/k unless with error feedback: 8 + 4k bytes",
        "Stich et al. 2018; Wangni et al. 2018",
        {ratio(), k_elements(), error_feedback()}},
       make_random_k,
       sparsity_faults});
  rows.push_back(
      {{"powersgd",
        "each m x n matrix as a product of rank r: 4r(m+n) bytes; vectors and small matrices whole",
        "Vogels et al. 2019, algorithm 1",
        {{.name = "rank", .type = ParameterType::integer, .fallback = "2", .meaning = "r, at most m and n", .least = 1},
         error_feedback()}},
       make_powersgd});
  rows.push_back(
      {{"dgc",
        "the k largest of what has gathered with momentum and not been sent: 8k bytes; the optimizer is to "
        "have no momentum",
        "Lin et al. 2018, section 3",
        {ratio(),
         k_elements(),
         {.name = "momentum",
          .type = ParameterType::real,
          .fallback = "0.9",
          .meaning = "m: part of the velocity that is kept",
          .least = 0,
          .most = 0.9999999},
         positive_real("clip-norm", "theta: each of N senders clips its gradient to the norm theta/sqrt(N)"),
         {.name = "warmup",
          .type = ParameterType::integer,
          .fallback = "0",
          .meaning = "steps in whose four quarters 25 %, 6.25 %, 1.5625 % and 0.4 % of the elements are sent",
          .least = 0}}},
       make_dgc,
       sparsity_faults});
  return rows;
}

}  // namespace

std::span<const CompressorRow> compressor_rows() {
  static const std::vector<CompressorRow> rows = make_compressor_rows();
  return rows;
}

const CompressorRow& find_compressor(std::string_view name) {
  for (const CompressorRow& row : compressor_rows()) {
    if (row.entry.name == name) {
      return row;
    }
  }
  throw std::logic_error("no such compressor");
}

std::shared_ptr<const Compressor> make_compressor(std::string_view name, const CompressorParts& parts) {
  return std::make_shared<Compressor>(find_compressor(name).make(parts), is_on(parts.settings, "error-feedback")
                                                                             ? Compressor::Feedback::error
                                                                             : Compressor::Feedback::none);
}

}  // namespace descent
