#pragma once

#include "sim/scenario/document.hpp"

#include <string>
#include <vector>

namespace descent {

/// Applies `--set XPATH=VALUE` options in their order. An XPath that ends in `/@name` sets this attribute on every
/// element that the part before matches, also where it was not given; one that matches elements replaces them by
/// VALUE, which is then an element: `--set '//optimizer=<optimizer kind="sgd" learning-rate="0.1"/>'`.
/// The first `=` outside of brackets and quotes ends the XPath. One that matches nothing is a problem.
void apply_overrides(Document& document, const std::vector<std::string>& overrides, std::vector<Diagnostic>& problems);

}  // namespace descent
