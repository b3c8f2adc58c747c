#pragma once

#include "sim/scenario/scenario.hpp"

#include <libxml/tree.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace descent {

struct XmlDeleter {
  void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
  void operator()(xmlNode* node) const { xmlFreeNode(node); }
  void operator()(xmlChar* text) const { xmlFree(text); }
};
using XmlDoc = std::unique_ptr<xmlDoc, XmlDeleter>;
using XmlText = std::unique_ptr<xmlChar, XmlDeleter>;

/// One problem at an element or, where a name is given, at an attribute of it.
struct Finding {
  const xmlNode* element = nullptr;
  std::string attribute;
  std::string what;
  /// The child element that is not there, if that is the problem.
  std::string missing_child = {};
};

/// Parses XML text without network, files or document types. Nothing when there are problems; these get `file`.
XmlDoc parse_xml(std::string_view text, const std::string& file, std::vector<Diagnostic>& problems);

/// A scenario file in memory: its tree, and where each part of it comes from.
class Document {
 public:
  /// Throws nothing: what is wrong with the file is appended to `problems`, and the result is then empty.
  static std::unique_ptr<Document> read(const std::filesystem::path& path, std::vector<Diagnostic>& problems);

  const std::string& file() const { return file_; }
  xmlDoc* tree() const { return tree_.get(); }
  xmlNode* root() const { return xmlDocGetRootElement(tree_.get()); }

  /// A finding with file and line, and the override that it comes from if any.
  Diagnostic locate(const Finding& finding) const;
  int line_of(const xmlNode* element, std::string_view attribute = "") const;

  /// Sets an attribute, as asked for by `origin` (such as "--set //a/@b=1").
  void set_attribute(xmlNode* element, const std::string& name, const std::string& value, const std::string& origin);
  /// Puts a copy of `replacement` in the place of `element`.
  void replace(xmlNode* element, const xmlNode* replacement, const std::string& origin);
  /// Adds a copy of `element` to the end of `parent`.
  void add(xmlNode* parent, const xmlNode* element, const std::string& origin);
  /// Takes an element out of the tree. It stays valid, and so does its place.
  void remove(xmlNode* element);
  /// Puts an element that was taken out at the end of `parent`.
  void put_back(xmlNode* parent, xmlNode* element);

 private:
  Document(std::string file, XmlDoc tree) : file_(std::move(file)), tree_(std::move(tree)) {}
  void read_lines(std::string_view text);
  const std::string* origin_of(const xmlNode* element, const std::string& attribute) const;

  using Place = std::pair<const xmlNode*, std::string>;

  std::string file_;
  XmlDoc tree_;
  /// Elements (with no attribute name) and attributes; looked up only, so addresses do not reach results.
  std::map<Place, int> lines_;
  std::map<Place, std::string> origins_;
  std::vector<std::unique_ptr<xmlNode, XmlDeleter>> removed_;
};

/// A whole document as text.
std::string indented_text(xmlDoc* tree);
/// One element with all in it, as text.
std::string text_of(const xmlNode* element);
/// The text of a libxml2 string; empty for none.
std::string to_text(const xmlChar* text);
const xmlChar* to_xml(const std::string& text);
/// The value of an attribute without namespace, if the element has it.
std::optional<std::string> attribute_of(const xmlNode* element, const std::string& name);
/// All attributes without namespace.
std::map<std::string, std::string> attributes_of(const xmlNode* element);
/// Child elements, all or those with a name.
std::vector<xmlNode*> children_of(const xmlNode* element, std::string_view name = "");
xmlNode* child_of(const xmlNode* element, std::string_view name);

}  // namespace descent
