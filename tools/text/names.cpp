#include "text/names.hpp"

#include "net/base/printable.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sdconnect::cli {
namespace {

// A key may have 255 octets, and so may a value; the limit keeps tables readable.
constexpr std::size_t pair_limit = 80;

std::string quoted_pair(const txt_entry& entry) {
  std::string pair(entry.key);
  if (entry.value) pair += '=' + std::string(*entry.value);
  std::string shown = "\"";
  std::size_t characters = 0;
  for (std::string_view rest = pair; !rest.empty(); ++characters) {
    if (characters == pair_limit) return shown + "...\"";
    const std::size_t length = std::max<std::size_t>(detail::printable_length(rest), 1);
    if (rest.front() == '"') shown += '\\';
    shown += detail::escaped(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return shown + '"';
}

template <class Range, class Text>
std::string joined_by_spaces(const Range& range, Text text_of) {
  std::string all;
  for (const auto& item : range) {
    if (!all.empty()) all += ' ';
    all += text_of(item);
  }
  return all;
}

}  // namespace

std::string display(const name& n) { return host_text(n); }

std::string display(const endpoint& e) { return fmt::format("{}:{}", display(e.target), e.port); }

std::string joined(std::span<const ip_address> addresses) {
  return joined_by_spaces(addresses, [](const ip_address& a) { return a.to_text(); });
}

std::string joined(std::span<const name> names) {
  return joined_by_spaces(names, [](const name& n) { return display(n); });
}

std::string display(const txt_record& txt) { return joined_by_spaces(txt.entries(), quoted_pair); }

}  // namespace sdconnect::cli
