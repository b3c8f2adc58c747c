#include "sim/scenario/overrides.hpp"

#include <fmt/format.h>
#include <libxml/xpath.h>
#include <algorithm>
#include <cctype>

namespace descent {
namespace {

/// Place of the first `=` that is not within brackets, parentheses or quotes.
std::size_t find_equals(std::string_view text) {
  int depth = 0;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      quote = c == quote ? '\0' : quote;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '(') {
      ++depth;
    } else if (c == ']' || c == ')') {
      --depth;
    } else if (c == '=' && depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

struct Matches {
  bool is_xpath = false;
  std::vector<xmlNode*> nodes;
};

void ignore_error(void* /*data*/, xmlError* /*error*/) {}

Matches evaluate(xmlDoc* tree, const std::string& xpath) {
  using Context = std::unique_ptr<xmlXPathContext, decltype(&xmlXPathFreeContext)>;
  using Object = std::unique_ptr<xmlXPathObject, decltype(&xmlXPathFreeObject)>;
  const Context context(xmlXPathNewContext(tree), xmlXPathFreeContext);
  context->error = ignore_error;
  context->node = reinterpret_cast<xmlNode*>(tree);
  const Object object(xmlXPathEvalExpression(to_xml(xpath), context.get()), xmlXPathFreeObject);
  Matches matches;
  if (!object || object->type != XPATH_NODESET) {
    return matches;
  }
  matches.is_xpath = true;
  for (int i = 0; object->nodesetval && i < object->nodesetval->nodeNr; ++i) {
    xmlNode* node = object->nodesetval->nodeTab[i];
    if (node->type == XML_ELEMENT_NODE || node->type == XML_ATTRIBUTE_NODE) {
      matches.nodes.push_back(node);
    }
  }
  return matches;
}

/// Where an override leads.
struct Target {
  /// That is set on the elements; "" where what matches is replaced.
  std::string attribute;
  /// It is set only where it is already given.
  bool given_only = false;
  Matches matches;
};

Target find_target(const Document& document, const std::string& xpath) {
  Target target;
  target.attribute = trailing_attribute(xpath);
  std::string place = target.attribute.empty() ? xpath : xpath.substr(0, xpath.size() - target.attribute.size() - 2);
  if (!target.attribute.empty() && (place.empty() || place.back() == '/')) {
    place += place.empty() ? "/" : "/*";  // `//@name`: any element's. `/@name`: the document's, which has none.
  }
  target.given_only = place.ends_with("/*");
  target.matches = evaluate(document.tree(), place);
  if (!target.attribute.empty()) {
    std::erase_if(target.matches.nodes, [&](const xmlNode* node) {
      return node->type != XML_ELEMENT_NODE || (target.given_only && !attribute_of(node, target.attribute));
    });
  }
  return target;
}

/// NAME of `/scenario/NAME`.
std::string child_of_scenario(std::string_view xpath) {
  constexpr std::string_view kRoot = "/scenario/";
  const std::string name(xpath.substr(std::min(xpath.size(), kRoot.size())));
  return xpath.starts_with(kRoot) && trailing_attribute("/@" + name) == name ? name : "";
}

/// One `--set`.
class Override {
 public:
  Override(Document& document, const std::string& text, std::vector<Diagnostic>& problems)
      : document_(document), origin_("--set " + text), problems_(problems) {}

  void apply(const std::string& xpath, const std::string& value) {
    const Target target = find_target(document_, xpath);
    if (!target.matches.is_xpath) {
      problem("not an XPath of elements or attributes; allowed: such as //optimizer/@learning-rate");
    } else if (target.matches.nodes.empty()) {
      add(child_of_scenario(xpath), value);
    } else if (!target.attribute.empty()) {
      for (xmlNode* element : target.matches.nodes) {
        document_.set_attribute(element, target.attribute, value, origin_);
      }
    } else {
      set(target.matches.nodes, value);
    }
  }

  void problem(const std::string& what) { problems_.push_back({"", 0, origin_ + ": " + what}); }

 private:
  /// Of the scenario, where there is none: the element `name`.
  void add(const std::string& name, const std::string& value) {
    std::vector<Diagnostic> ignored;
    const XmlDoc element = name.empty() ? nullptr : parse_xml(value, "", ignored);
    if (element && to_text(xmlDocGetRootElement(element.get())->name) == name) {
      document_.add(document_.root(), xmlDocGetRootElement(element.get()), origin_);
    } else {
      problem("matches nothing");
    }
  }

  void set(const std::vector<xmlNode*>& nodes, const std::string& value) {
    XmlDoc replacement;
    for (xmlNode* node : nodes) {
      if (node->type == XML_ATTRIBUTE_NODE) {
        document_.set_attribute(node->parent, to_text(node->name), value, origin_);
        continue;
      }
      if (!replacement) {
        std::vector<Diagnostic> ignored;
        replacement = parse_xml(value, "", ignored);
      }
      if (!replacement) {
        problem(
            fmt::format("matches the element <{0}>, which only an element can replace; allowed: an attribute, as "
                        "in …/{0}/@NAME=VALUE, or XML, as in …/{0}=<{0} …/>",
                        to_text(node->name)));
        return;
      }
      document_.replace(node, xmlDocGetRootElement(replacement.get()), origin_);
    }
  }

  Document& document_;
  std::string origin_;
  std::vector<Diagnostic>& problems_;
};

}  // namespace

std::string trailing_attribute(std::string_view xpath) {
  const std::size_t at = xpath.rfind("/@");
  if (at == std::string_view::npos || xpath.find('|') != std::string_view::npos) {
    return "";
  }
  const std::string_view name = xpath.substr(at + 2);
  const bool is_name = !name.empty() && std::isalpha(static_cast<unsigned char>(name.front())) != 0 &&
                       std::all_of(name.begin(), name.end(), [](unsigned char c) {
                         return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
                       });
  return is_name ? std::string(name) : "";
}

std::optional<std::size_t> count_targets(const Document& document, const std::string& xpath) {
  const Matches matches = find_target(document, xpath).matches;
  return matches.is_xpath ? std::optional(matches.nodes.size()) : std::nullopt;
}

void apply_overrides(Document& document, const std::vector<std::string>& overrides, std::vector<Diagnostic>& problems) {
  for (const std::string& text : overrides) {
    Override one(document, text, problems);
    const std::size_t equals = find_equals(text);
    if (equals == std::string_view::npos || equals == 0) {
      one.problem("expected XPATH=VALUE");
    } else {
      one.apply(text.substr(0, equals), text.substr(equals + 1));
    }
  }
}

}  // namespace descent
