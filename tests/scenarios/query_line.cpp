#include "scenarios/query_line.hpp"

#include "scenarios/values.hpp"

#include <chrono>

namespace sdconnect::scenario {
namespace {

using std::chrono::milliseconds;

milliseconds milliseconds_of(const script_line& line, std::string_view key, milliseconds fallback) {
  return std::chrono::duration_cast<milliseconds>(line.duration(key, fallback));
}

}  // namespace

service_query query_from(const script_line& line) {
  const bool connects = line.word(1) == "connect";
  if (connects) {
    line.only({"as", "timeout", "subtype", "instance", "version", "txt", "default-port", "every", "until"});
    line.only_words(3, {"want-txt", "same-domain", "ipv4", "ipv6", "require-authenticated"});
  } else {
    line.only({"as", "timeout", "subtype", "instance", "version", "txt", "default-port", "resolution-delay"});
    line.only_words(3, {"no-txt", "same-domain", "ipv4", "ipv6", "require-authenticated"});
  }
  service_query out;
  out.qname = name_from(line, line.word(2));
  out.timeout = milliseconds_of(line, "timeout", out.timeout);
  out.subtype = line.find("subtype");
  out.instance = line.find("instance");
  out.version = line.find("version");
  for (const script_line::option& o : line.options) {
    if (o.key == "txt") out.txt.push_back(txt_condition::from_text(o.value).value());
  }
  if (line.find("default-port")) out.default_port = static_cast<std::uint16_t>(line.number_of("default-port", 0));
  if (line.find("resolution-delay")) out.resolution_delay = milliseconds_of(line, "resolution-delay", {});
  if (!connects) {
    out.want_txt = !line.has_word("no-txt");
  } else if (line.has_word("want-txt")) {
    out.want_txt = true;
  }
  out.same_domain = line.has_word("same-domain");
  out.require_authenticated = line.has_word("require-authenticated");
  if (line.has_word("ipv4") || line.has_word("ipv6")) {
    out.want_ipv4 = line.has_word("ipv4");
    out.want_ipv6 = line.has_word("ipv6");
  }
  return out;
}

std::string label_of(const script_line& line) {
  const auto as = line.find("as");
  if (!as) line.fail("as= is missing");
  return *as;
}

}  // namespace sdconnect::scenario
