#pragma once

#include "sim/scenario/document.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// Applies `--set XPATH=VALUE` options in their order. An XPath that ends in `/@name` sets this attribute on every
/// element that the part before matches, also where it was not given; one that matches elements replaces them by
/// VALUE, which is then an element: `--set '//optimizer=<optimizer kind="sgd" learning-rate="0.1"/>'`.
/// `/scenario/NAME` that matches nothing adds the element NAME that VALUE is. The first `=` outside of brackets and
/// quotes ends the XPath. One that matches nothing else is a problem.
void apply_overrides(Document& document, const std::vector<std::string>& overrides, std::vector<Diagnostic>& problems);

/// The attribute that an XPath ends in, as in `//model/@kind`; "" where it does not.
std::string trailing_attribute(std::string_view xpath);

/// What an override of this XPath would find: nothing where it is no XPath; else, how many elements and attributes.
std::optional<std::size_t> count_targets(const Document& document, const std::string& xpath);

}  // namespace descent
