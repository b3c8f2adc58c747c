#include "sim/scenario/platform_text.hpp"

#include "sim/scenario/document.hpp"

#include <fmt/format.h>
#include <libxml/xmlreader.h>

#include <map>
#include <memory>
#include <string_view>
#include <utility>

namespace descent {
namespace {

struct ReaderDeleter {
  void operator()(xmlTextReader* reader) const { xmlFreeTextReader(reader); }
};

class PlatformReader {
 public:
  explicit PlatformReader(std::string file)
      : file_(std::move(file)),
        reader_(xmlReaderForFile(file_.c_str(), nullptr, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_BIG_LINES)) {}

  PlatformText read() {
    if (!reader_) {
      return {};
    }
    xmlTextReaderSetStructuredErrorHandler(reader_.get(), on_error, this);
    while (xmlTextReaderRead(reader_.get()) == 1) {
      if (xmlTextReaderNodeType(reader_.get()) == XML_READER_TYPE_ELEMENT) {
        element(to_text(xmlTextReaderConstName(reader_.get())));
      }
    }
    return std::move(text_);
  }

 private:
  static void on_error(void* data, xmlError* error) {
    auto& self = *static_cast<PlatformReader*>(data);
    if (!self.text_.malformed && error->level >= XML_ERR_ERROR) {
      std::string what = error->message ? error->message : "";
      what.erase(what.find_last_not_of(" \n") + 1);
      self.text_.malformed = {self.file_, error->line, "not well-formed XML: " + what};
    }
  }

  void element(std::string_view name) {
    const int depth = xmlTextReaderDepth(reader_.get());
    if (depth == 1) {
      in_config_ = name == "config";
    }
    if (name == "prop" && in_config_) {
      text_.settings.push_back({attribute("id"), attribute("value"), line()});
    } else if (name == "trace_connect") {
      connect(attribute("kind"), attribute("trace"), attribute("element"));
    }
    if ((name == "host" || name == "peer") && !(attribute("speed_file") + attribute("availability_file")).empty()) {
      text_.profiled_hosts.emplace(attribute("id"), line());
    }
    if (name == "link" && !(attribute("bandwidth_file") + attribute("latency_file")).empty()) {
      profile_link(attribute("id"));
    }
    if (changes_link(name) && !text_.changing_link) {
      text_.changing_link = line();
    }
    refer(name);
  }

  void refer(std::string_view element) {
    for (const char* name : {"speed_file", "availability_file", "state_file", "bandwidth_file", "latency_file"}) {
      add_file(attribute(name));
    }
    if (element == "trace") {
      add_file(attribute("file"));
    }
  }
  void add_file(const std::string& file) {
    if (!file.empty()) {
      text_.files.push_back(file);
    }
  }

  /// A link of sharing_policy="SPLITDUPLEX" is two for SimGrid.
  void profile_link(const std::string& id) {
    for (const char* direction : {"", "_UP", "_DOWN"}) {
      text_.profiled_links.emplace(id + direction, line());
    }
  }

  bool changes_link(std::string_view element) const {
    if (element == "trace_connect") {
      const std::string kind = attribute("kind");
      return kind == "LINK_AVAIL" || kind == "BANDWIDTH" || kind == "LATENCY";
    }
    return element == "link" &&
           !(attribute("bandwidth_file") + attribute("latency_file") + attribute("state_file")).empty();
  }

  /// SimGrid 3.32 keeps one element per trace and kind, and drops the others.
  void connect(const std::string& kind, const std::string& trace, const std::string& element) {
    if (kind == "BANDWIDTH" || kind == "LATENCY") {
      profile_link(element);
    }
    if (kind.empty() || kind == "SPEED") {
      text_.profiled_hosts.emplace(element, line());
    }
    const auto [first, fresh] = connected_.emplace(std::pair(kind.empty() ? "SPEED" : kind, trace), element);
    if (!fresh && first->second != element) {
      text_.problems.push_back(
          {file_, line(),
           fmt::format("<trace_connect> trace '{0}' is connected to '{1}' already, and SimGrid connects a trace to one "
                       "element only; give '{2}' a <trace> of its own, or a profile in a file",
                       trace, first->second, element)});
    }
  }

  std::string attribute(const char* name) const {
    const std::unique_ptr<xmlChar, XmlDeleter> value(xmlTextReaderGetAttribute(reader_.get(), to_xml(name)));
    return to_text(value.get());
  }
  /// Where the start tag ends. The parser's own line is ahead of it.
  int line() const { return static_cast<int>(xmlGetLineNo(xmlTextReaderCurrentNode(reader_.get()))); }

  std::string file_;
  std::unique_ptr<xmlTextReader, ReaderDeleter> reader_;
  PlatformText text_;
  bool in_config_ = false;
  std::map<std::pair<std::string, std::string>, std::string> connected_;
};

}  // namespace

PlatformText read_platform_text(const std::filesystem::path& file) {
  return PlatformReader(file.string()).read();
}

}  // namespace descent
