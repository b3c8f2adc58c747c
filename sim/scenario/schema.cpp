#include "sim/scenario/schema.hpp"

#include "algorithms/core/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <libxml/xmlschemas.h>
#include <algorithm>
#include <stdexcept>

namespace descent {
namespace {

/// How deep a document can nest is bounded by the parser, how wide it is not: enough is enough.
constexpr int kMostRemovals = 50;

using Schema = std::unique_ptr<xmlSchema, decltype(&xmlSchemaFree)>;
using Context = std::unique_ptr<xmlSchemaValidCtxt, decltype(&xmlSchemaFreeValidCtxt)>;

/// What libxml2 said, unread.
struct SchemaError {
  int code = 0;
  const xmlNode* element = nullptr;
  std::string message;
  std::string value;
  std::string facet;
};

void on_schema_error(void* data, xmlError* error) {
  const auto* node = static_cast<const xmlNode*>(error->node);
  static_cast<std::vector<SchemaError>*>(data)->push_back({error->code, node, error->message ? error->message : "",
                                                           error->str1 ? error->str1 : "",
                                                           error->str2 ? error->str2 : ""});
}

Schema compile_schema() {
  const std::string_view text = schema_text();
  const std::unique_ptr<xmlSchemaParserCtxt, decltype(&xmlSchemaFreeParserCtxt)> parser(
      xmlSchemaNewMemParserCtxt(text.data(), static_cast<int>(text.size())), xmlSchemaFreeParserCtxt);
  Schema schema(xmlSchemaParse(parser.get()), xmlSchemaFree);
  if (!schema) {
    throw std::logic_error("the built-in scenario schema is not valid");
  }
  return schema;
}

/// The declarations of the schema, to say what is allowed.
class Grammar {
 public:
  Grammar() {
    std::vector<Diagnostic> problems;
    tree_ = parse_xml(schema_text(), "scenario.xsd", problems);
    if (!tree_) {
      throw std::logic_error("the built-in scenario schema is not XML");
    }
  }

  /// The schema's element for this one; nullptr for one that is not in the schema.
  const xmlNode* declaration(const xmlNode* element) const {
    if (!element->parent || element->parent->type != XML_ELEMENT_NODE) {
      return find(children_of(xmlDocGetRootElement(tree_.get()), "element"), to_text(element->name));
    }
    const xmlNode* parent = declaration(element->parent);
    return parent ? find(child_declarations(parent), to_text(element->name)) : nullptr;
  }

  std::vector<xmlNode*> child_declarations(const xmlNode* declaration) const {
    const xmlNode* type = child_of(declaration, "complexType");
    for (const char* group : {"all", "sequence", "choice"}) {
      if (const xmlNode* found = type ? child_of(type, group) : nullptr) {
        return children_of(found, "element");
      }
    }
    return {};
  }

  std::vector<std::string> attributes(const xmlNode* declaration) const {
    const xmlNode* type = child_of(declaration, "complexType");
    return type ? names(children_of(type, "attribute")) : std::vector<std::string>{};
  }

  static std::vector<std::string> names(const std::vector<xmlNode*>& declarations) {
    std::vector<std::string> names;
    names.reserve(declarations.size());
    for (const xmlNode* declaration : declarations) {
      names.push_back(attribute_of(declaration, "name").value_or(""));
    }
    return names;
  }

 private:
  static const xmlNode* find(const std::vector<xmlNode*>& declarations, const std::string& name) {
    const auto found = std::find_if(declarations.begin(), declarations.end(),
                                    [&](const xmlNode* d) { return attribute_of(d, "name") == name; });
    return found == declarations.end() ? nullptr : *found;
  }

  XmlDoc tree_;
};

std::string quoted_part(const std::string& message, std::string_view before) {
  const std::size_t begin = message.find(before);
  if (begin == std::string::npos) {
    return "";
  }
  const std::size_t end = message.find('\'', begin + before.size());
  return message.substr(begin + before.size(), end - begin - before.size());
}

/// "; allowed: a, b", or that there is nothing to choose from.
std::string allowed(const std::vector<std::string>& names) {
  return names.empty() ? "; none is allowed" : fmt::format("; allowed: {}", fmt::join(names, ", "));
}

/// Turns libxml2's errors into findings that say what is allowed.
class Translator {
 public:
  explicit Translator(const Grammar& grammar) : grammar_(grammar) {}

  std::vector<Finding> translate(const SchemaError& error) const {
    const std::string attribute = quoted_part(error.message, "attribute '");
    const xmlNode* element = error.element;
    switch (error.code) {
      case XML_SCHEMAV_CVC_ELT_1:
        return {wrong_root(element)};
      case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1:
      case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2:
        return {unknown_attribute(element, attribute)};
      case XML_SCHEMAV_CVC_COMPLEX_TYPE_4:
        return {missing_attribute(element, quoted_part(error.message, "The attribute '"))};
      case XML_SCHEMAV_CVC_ENUMERATION_VALID:
        return {not_in_enumeration(element, attribute, error)};
      case XML_SCHEMAV_CVC_PATTERN_VALID:
        return {{element, attribute,
                 fmt::format("{}=\"{}\" has characters that are not allowed; allowed: {}", attribute, error.value,
                             error.facet)}};
      case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1:
      case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3:
        return content_not_allowed(element);
      case XML_SCHEMAV_ELEMENT_CONTENT:
        return content_mismatch(error);
      default:
        return {{element, attribute, plain(error.message)}};
    }
  }

 private:
  static Finding wrong_root(const xmlNode* element) {
    const std::string space = element->ns ? fmt::format(" of namespace '{}'", to_text(element->ns->href)) : "";
    return {element, "",
            fmt::format("the root element is <{}>{}; allowed: <scenario>{}", to_text(element->name), space,
                        element->ns ? " without namespace" : "")};
  }

  Finding unknown_attribute(const xmlNode* element, const std::string& attribute) const {
    const std::vector<std::string> known = grammar_.attributes(grammar_.declaration(element));
    return {element, attribute,
            fmt::format("unknown attribute '{}' of <{}>{}{}", attribute, to_text(element->name),
                        did_you_mean(attribute, known), allowed(known))};
  }

  static Finding missing_attribute(const xmlNode* element, const std::string& attribute) {
    return {element, attribute, fmt::format("<{}> needs the attribute '{}'", to_text(element->name), attribute)};
  }

  static Finding not_in_enumeration(const xmlNode* element, const std::string& attribute, const SchemaError& error) {
    std::string values = error.facet;
    std::erase(values, '\'');
    return {element, attribute, fmt::format("{}=\"{}\" is not allowed; allowed: {}", attribute, error.value, values)};
  }

  std::vector<Finding> content_not_allowed(const xmlNode* element) const {
    const std::string name = to_text(element->name);
    const std::vector<xmlNode*> children = children_of(element);
    const bool takes_children = !grammar_.child_declarations(grammar_.declaration(element)).empty();
    if (children.empty() || takes_children) {
      return {{element, "", fmt::format("<{}> takes no text", name)}};
    }
    std::vector<Finding> findings;
    findings.reserve(children.size());
    for (const xmlNode* child : children) {
      findings.push_back(
          {child, "", fmt::format("unknown element <{}> in <{}>; none is allowed", to_text(child->name), name)});
    }
    return findings;
  }

  /// Elements that should not be there (found at the element), or that should be (found at the parent).
  std::vector<Finding> content_mismatch(const SchemaError& error) const {
    if (error.message.find("not expected") != std::string::npos) {
      return {unexpected(error.element)};
    }
    std::vector<Finding> findings;
    for (const xmlNode* declaration : grammar_.child_declarations(grammar_.declaration(error.element))) {
      const std::string name = attribute_of(declaration, "name").value_or("");
      if (attribute_of(declaration, "minOccurs") != "0" && !child_of(error.element, name)) {
        findings.push_back(
            {error.element, "", fmt::format("<{}> needs an element <{}>", to_text(error.element->name), name), name});
      }
    }
    return findings;
  }

  Finding unexpected(const xmlNode* element) const {
    const std::string name = to_text(element->name);
    const std::string parent = to_text(element->parent->name);
    const std::vector<std::string> known =
        Grammar::names(grammar_.child_declarations(grammar_.declaration(element->parent)));
    if (!element->ns && std::find(known.begin(), known.end(), name) != known.end()) {
      return {element, "", fmt::format("<{}> stands more than once in <{}>", name, parent)};
    }
    return {element, "",
            fmt::format("unknown element <{}> in <{}>{}{}", name, parent, did_you_mean(name, known), allowed(known))};
  }

  /// libxml2's own words, without its prefix and line break.
  static std::string plain(std::string message) {
    while (!message.empty() && message.back() == '\n') {
      message.pop_back();
    }
    return message;
  }

  const Grammar& grammar_;
};

bool is_unexpected(const SchemaError& error) {
  return error.code == XML_SCHEMAV_ELEMENT_CONTENT && error.message.find("not expected") != std::string::npos;
}

std::vector<SchemaError> validate_once(xmlSchema* schema, xmlDoc* tree) {
  std::vector<SchemaError> errors;
  const Context context(xmlSchemaNewValidCtxt(schema), xmlSchemaFreeValidCtxt);
  xmlSchemaSetValidStructuredErrors(context.get(), on_schema_error, &errors);
  xmlSchemaValidateDoc(context.get(), tree);
  return errors;
}

}  // namespace

SchemaResult validate_schema(Document& document) {
  const Schema schema = compile_schema();
  const Grammar grammar;
  const Translator translator(grammar);
  SchemaResult result;
  // libxml2 does not look at what comes after an element that it did not expect, so such elements are taken out
  // one layer at a time; the last round finds everything else.
  for (int removals = 0;; ++removals) {
    const std::vector<SchemaError> errors = validate_once(schema.get(), document.tree());
    const bool settled = std::none_of(errors.begin(), errors.end(), is_unexpected);
    const bool last = settled || removals == kMostRemovals;
    for (const SchemaError& error : errors) {
      if (last || is_unexpected(error)) {
        const std::vector<Finding> translated = translator.translate(error);
        result.findings.insert(result.findings.end(), translated.begin(), translated.end());
      }
    }
    if (last) {
      result.complete = settled && std::none_of(errors.begin(), errors.end(), [](const SchemaError& error) {
                          return error.code == XML_SCHEMAV_CVC_ELT_1;
                        });
      return result;
    }
    for (const SchemaError& error : errors) {
      if (is_unexpected(error)) {
        document.remove(const_cast<xmlNode*>(error.element));
      }
    }
  }
}

}  // namespace descent
