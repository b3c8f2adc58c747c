#include "sim/scenario/document.hpp"

#include "sim/scenario/source_lines.hpp"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <algorithm>
#include <array>
#include <fstream>
#include <system_error>

namespace descent {
namespace {

/// Far above any scenario, far below what would hurt.
constexpr std::size_t kMostBytes = std::size_t{16} << 20U;

/// What the handlers of one parse share.
struct Parse {
  const std::string& file;
  std::vector<Diagnostic>& problems;
  bool failed = false;
};

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

void on_error(void* data, xmlError* error) {
  auto& parse = *static_cast<Parse*>(data);
  // What follows the first error follows from it, and so does the end that on_document_type brings about.
  if (!parse.failed) {
    parse.failed = true;
    parse.problems.push_back({parse.file, error->line,
                              fmt::format("not well-formed XML: {}", trimmed(error->message ? error->message : ""))});
  }
}

/// A document type can define entities that grow without bounds or name other files; a scenario needs none.
void on_document_type(void* data, const xmlChar* /*name*/, const xmlChar* /*public_id*/, const xmlChar* /*system_id*/) {
  auto* context = static_cast<xmlParserCtxt*>(data);
  auto& parse = *static_cast<Parse*>(context->_private);
  parse.failed = true;
  parse.problems.push_back({parse.file, context->input->line, "a document type (<!DOCTYPE ...>) is not allowed"});
  xmlStopParser(context);
}

std::optional<std::string> read_file(const std::filesystem::path& path, std::string& why) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    why = "is a directory; expected a scenario file";
    return std::nullopt;
  }
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    why = std::filesystem::exists(path, error) ? "cannot be read" : "no such file";
    return std::nullopt;
  }
  std::string text;
  std::array<char, 65536> block{};
  while (text.size() <= kMostBytes && (stream.read(block.data(), block.size()), stream.gcount() > 0)) {
    text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) {
    why = "cannot be read";
    return std::nullopt;
  }
  if (text.size() > kMostBytes) {
    why = fmt::format("is larger than {} MiB, so no scenario", kMostBytes >> 20U);
    return std::nullopt;
  }
  return text;
}

/// All elements in document order.
std::vector<xmlNode*> elements_below(xmlNode* root) {
  std::vector<xmlNode*> elements{root};
  for (xmlNode* child : children_of(root)) {
    const std::vector<xmlNode*> below = elements_below(child);
    elements.insert(elements.end(), below.begin(), below.end());
  }
  return elements;
}

/// As written: with its prefix.
std::string written_name(const xmlNode* element) {
  const std::string name = to_text(element->name);
  return element->ns && element->ns->prefix ? to_text(element->ns->prefix) + ":" + name : name;
}

}  // namespace

XmlDoc parse_xml(std::string_view text, const std::string& file, std::vector<Diagnostic>& problems) {
  const std::size_t problems_before = problems.size();
  if (text.empty()) {
    problems.push_back({file, 1, "the file is empty"});
    return nullptr;
  }
  const std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> context(xmlNewParserCtxt(), xmlFreeParserCtxt);
  Parse parse{file, problems};
  context->_private = &parse;
  context->sax->internalSubset = on_document_type;
  xmlSetStructuredErrorFunc(&parse, on_error);
  XmlDoc tree(xmlCtxtReadMemory(context.get(), text.data(), static_cast<int>(text.size()), nullptr, nullptr,
                                XML_PARSE_NONET | XML_PARSE_NOBLANKS | XML_PARSE_BIG_LINES));
  xmlSetStructuredErrorFunc(nullptr, nullptr);
  if (!tree && problems.size() == problems_before) {
    problems.push_back({file, 1, "not well-formed XML"});
  }
  return problems.size() == problems_before ? std::move(tree) : nullptr;
}

std::unique_ptr<Document> Document::read(const std::filesystem::path& path, std::vector<Diagnostic>& problems) {
  std::string why;
  const std::optional<std::string> text = read_file(path, why);
  if (!text) {
    problems.push_back({path.string(), 0, why});
    return nullptr;
  }
  XmlDoc tree = parse_xml(*text, path.string(), problems);
  if (!tree) {
    return nullptr;
  }
  std::unique_ptr<Document> document(new Document(path.string(), std::move(tree)));
  document->read_lines(*text);
  return document;
}

void Document::read_lines(std::string_view text) {
  const std::vector<TagLines> tags = scan_tags(text);
  const std::vector<xmlNode*> elements = elements_below(root());
  const bool matches = std::equal(tags.begin(), tags.end(), elements.begin(), elements.end(),
                                  [](const TagLines& tag, const xmlNode* e) { return tag.name == written_name(e); });
  if (!matches) {
    return;  // Not in a superset of ASCII, such as UTF-16: the parser's lines will do.
  }
  for (std::size_t i = 0; i < tags.size(); ++i) {
    lines_[{elements[i], ""}] = tags[i].line;
    for (const auto& [name, line] : tags[i].attributes) {
      lines_[{elements[i], name}] = line;
    }
  }
}

int Document::line_of(const xmlNode* element, std::string_view attribute) const {
  if (const auto found = lines_.find({element, std::string(attribute)}); found != lines_.end()) {
    return found->second;
  }
  if (const auto found = lines_.find({element, ""}); found != lines_.end()) {
    return found->second;
  }
  // Within what an override put there.
  if (!lines_.empty() && element->parent && element->parent->type == XML_ELEMENT_NODE) {
    return line_of(element->parent);
  }
  return static_cast<int>(std::max(xmlGetLineNo(element), 1L));
}

const std::string* Document::origin_of(const xmlNode* element, const std::string& attribute) const {
  if (const auto found = origins_.find({element, attribute}); found != origins_.end()) {
    return &found->second;
  }
  for (; element; element = element->parent) {
    if (const auto found = origins_.find({element, ""}); found != origins_.end()) {
      return &found->second;
    }
  }
  return nullptr;
}

Diagnostic Document::locate(const Finding& finding) const {
  const std::string* origin = origin_of(finding.element, finding.attribute);
  return {file_, line_of(finding.element, finding.attribute),
          origin ? fmt::format("{} (from {})", finding.what, *origin) : finding.what};
}

void Document::set_attribute(xmlNode* element, const std::string& name, const std::string& value,
                             const std::string& origin) {
  xmlSetNsProp(element, nullptr, to_xml(name), to_xml(value));
  origins_[{element, name}] = origin;
}

void Document::replace(xmlNode* element, const xmlNode* replacement, const std::string& origin) {
  xmlNode* copy = xmlDocCopyNode(const_cast<xmlNode*>(replacement), tree_.get(), 1);
  lines_[{copy, ""}] = line_of(element);
  origins_[{copy, ""}] = origin;
  xmlReplaceNode(element, copy);
  removed_.emplace_back(element);
}

void Document::add(xmlNode* parent, const xmlNode* element, const std::string& origin) {
  xmlNode* copy = xmlDocCopyNode(const_cast<xmlNode*>(element), tree_.get(), 1);
  lines_[{copy, ""}] = line_of(parent);
  origins_[{copy, ""}] = origin;
  xmlAddChild(parent, copy);
}

void Document::put_back(xmlNode* parent, xmlNode* element) {
  std::erase_if(removed_, [&](auto& removed) {
    const bool it = removed.get() == element;
    return it && removed.release() != nullptr;
  });
  xmlAddChild(parent, element);
}

void Document::remove(xmlNode* element) {
  // Its place can no longer be found through its parents.
  lines_[{element, ""}] = line_of(element);
  if (const std::string* origin = origin_of(element, "")) {
    origins_[{element, ""}] = *origin;
  }
  xmlUnlinkNode(element);
  removed_.emplace_back(element);
}

std::string indented_text(xmlDoc* tree) {
  xmlChar* text = nullptr;
  int size = 0;
  xmlDocDumpFormatMemoryEnc(tree, &text, &size, "UTF-8", 1);
  const XmlText owned(text);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

std::string text_of(const xmlNode* element) {
  const std::unique_ptr<xmlBuffer, decltype(&xmlBufferFree)> buffer(xmlBufferCreate(), xmlBufferFree);
  xmlNodeDump(buffer.get(), element->doc, const_cast<xmlNode*>(element), 0, 0);
  return to_text(xmlBufferContent(buffer.get()));
}

std::string to_text(const xmlChar* text) {
  return text ? reinterpret_cast<const char*>(text) : "";
}

const xmlChar* to_xml(const std::string& text) {
  return reinterpret_cast<const xmlChar*>(text.c_str());
}

std::optional<std::string> attribute_of(const xmlNode* element, const std::string& name) {
  const XmlText value(xmlGetNoNsProp(element, to_xml(name)));
  return value ? std::optional(to_text(value.get())) : std::nullopt;
}

std::map<std::string, std::string> attributes_of(const xmlNode* element) {
  std::map<std::string, std::string> attributes;
  for (const xmlAttr* attribute = element->properties; attribute; attribute = attribute->next) {
    if (!attribute->ns) {
      const std::string name = to_text(attribute->name);
      attributes[name] = attribute_of(element, name).value_or("");
    }
  }
  return attributes;
}

std::vector<xmlNode*> children_of(const xmlNode* element, std::string_view name) {
  std::vector<xmlNode*> children;
  for (xmlNode* child = element->children; child; child = child->next) {
    if (child->type == XML_ELEMENT_NODE && (name.empty() || to_text(child->name) == name)) {
      children.push_back(child);
    }
  }
  return children;
}

xmlNode* child_of(const xmlNode* element, std::string_view name) {
  const std::vector<xmlNode*> children = children_of(element, name);
  return children.empty() ? nullptr : children.front();
}

}  // namespace descent
