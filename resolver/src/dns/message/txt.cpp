#include "sdconnect/dns/txt.hpp"

#include "sdconnect/dns/name.hpp"

#include <algorithm>
#include <set>

namespace sdconnect {
namespace {

// Orders keys for a sorted set. A hash table is unsuitable: keys come from the network, and keys
// prepared to collide would make it quadratic.
struct folded_less {
  static char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
  bool operator()(std::string_view a, std::string_view b) const noexcept {
    return std::ranges::lexicographical_compare(a, b, {}, lower, lower);
  }
};

bool is_key(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

// Calls `use` with each pair in wire order, repeated keys included, until it returns false.
template <class Use>
void for_each_pair(std::string_view rdata, Use use) {
  while (!rdata.empty()) {
    const std::size_t length = static_cast<std::uint8_t>(rdata.front());
    const std::string_view pair = rdata.substr(1, length);
    rdata.remove_prefix(1 + length);

    const std::size_t equals = pair.find('=');
    txt_entry entry{pair.substr(0, equals), std::nullopt};
    if (equals != pair.npos) entry.value = pair.substr(equals + 1);
    if (is_key(entry.key) && !use(entry)) return;
  }
}

}  // namespace

result<txt_record> txt_record::from_rdata(std::span<const std::uint8_t> rdata) {
  for (std::size_t at = 0; at < rdata.size();) {
    at += std::size_t{1} + rdata[at];
    if (at > rdata.size()) return errc::malformed_rdata;
  }
  txt_record record;
  if (!rdata.empty()) record.octets_ = std::make_shared<const std::string>(rdata.begin(), rdata.end());
  return record;
}

std::vector<txt_entry> txt_record::entries() const {
  std::vector<txt_entry> out;
  std::set<std::string_view, folded_less> seen;
  for_each_pair(rdata(), [&](const txt_entry& entry) {
    if (seen.insert(entry.key).second) out.push_back(entry);
    return true;
  });
  return out;
}

std::optional<txt_entry> txt_record::find(std::string_view key) const {
  std::optional<txt_entry> found;
  for_each_pair(rdata(), [&](const txt_entry& entry) {
    if (equal_ignoring_case(entry.key, key)) found = entry;
    return !found;
  });
  return found;
}

bool operator==(const txt_record& a, const txt_record& b) noexcept {
  const auto is_empty = [](const txt_record& record) {
    return std::ranges::all_of(record.rdata(), [](char c) { return c == 0; });
  };
  return a.rdata() == b.rdata() || (is_empty(a) && is_empty(b));
}

result<txt_condition> txt_condition::from_text(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view key = text.substr(0, equals);
  const bool printable = std::ranges::all_of(key, [](char c) { return c >= 0x20 && c <= 0x7e; });
  if (key.empty() || !printable) return errc::bad_service;
  txt_condition condition{std::string(key), std::nullopt};
  if (equals != text.npos) condition.value = std::string(text.substr(equals + 1));
  return condition;
}

}  // namespace sdconnect
