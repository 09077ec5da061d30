#include "scenarios/backends.hpp"

#include "scenarios/values.hpp"

#include <fmt/core.h>

namespace sdconnect::scenario {

std::string text_of(const ip_address& address, std::uint16_t port) {
  return fmt::format(fmt::runtime(address.is_v4() ? "{}:{}" : "[{}]:{}"), address.to_text(), port);
}

std::string socket_address_from(const script_line& line, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) line.fail("no ADDRESS:PORT: " + text);
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = ip_address::from_text(host);
  if (!address) line.fail("no address: " + host);
  return text_of(*address, static_cast<std::uint16_t>(range_from(line, text.substr(colon + 1)).low));
}

void backends::set(const script_line& line, std::size_t first) {
  line.only({"after"});
  line.only_words(first + 1, {"accepts", "refuses", "silent"});
  const std::string& what = line.word(first + 1);
  manners next;
  if (what == "refuses") next.what = kind::refuses;
  if (what == "silent") next.what = kind::silent;
  next.after = line.duration("after", next.after);
  host& changed = hosts_[socket_address_from(line, line.word(first))];
  changed.now = next;
  changed.line = line;
}

backends::manners backends::on_connect(const std::string& where) {
  const auto found = hosts_.find(where);
  if (found == hosts_.end()) return {};
  found->second.is_used = true;
  return found->second.now;
}

std::vector<script_line> backends::idle() const {
  std::vector<script_line> out;
  for (const auto& [where, known] : hosts_) {
    if (!known.is_used) out.push_back(known.line);
  }
  return out;
}

}  // namespace sdconnect::scenario
