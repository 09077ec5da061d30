// Interprets any octets as the data of a TXT record: pairs and keys equal those of a second, simple
// parser for RFC 6763 §6, and the strings equal those of ldns.
#include "fuzz/require.hpp"
#include "sdconnect/dns/name.hpp"
#include "sdconnect/dns/txt.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Comes last: it defines `bool` and `false` as macros.
#include <ldns/ldns.h>

using namespace sdconnect;
using sdconnect::fuzz::require;

namespace {

using strings = std::vector<std::string>;
using pairs = std::vector<std::pair<std::string, std::optional<std::string>>>;

std::optional<strings> strings_of(const std::vector<std::uint8_t>& rdata) {
  strings out;
  for (std::size_t at = 0; at < rdata.size(); at += 1U + rdata[at]) {
    if (at + 1 + rdata[at] > rdata.size()) return std::nullopt;
    out.emplace_back(rdata.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                     rdata.begin() + static_cast<std::ptrdiff_t>(at) + 1 + rdata[at]);
  }
  return out;
}

std::string folded(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return text;
}

pairs pairs_of(const strings& all) {
  pairs out;
  for (const std::string& one : all) {
    const std::size_t equals = std::min(one.find('='), one.size());
    const std::string key = one.substr(0, equals);
    const bool is_key = !key.empty() && std::ranges::all_of(key, [](char c) { return c >= ' ' && c <= '~'; });
    const bool is_repeated =
        std::ranges::any_of(out, [&](const auto& before) { return folded(before.first) == folded(key); });
    if (!is_key || is_repeated) continue;
    out.emplace_back(key, std::nullopt);
    if (equals < one.size()) out.back().second = one.substr(equals + 1);
  }
  return out;
}

// ldns allocates RDLENGTH octets for every string (ldns#294), hence the limit.
void compare_with_ldns(const std::vector<std::uint8_t>& rdata, const std::optional<strings>& ours) {
  if (rdata.empty() || rdata.size() > 512) return;
  std::vector<std::uint8_t> wire{0, 0, 16, 0, 1, 0, 0, 0, 60};  // root, TXT, IN, TTL 60
  wire.push_back(static_cast<std::uint8_t>(rdata.size() >> 8));
  wire.push_back(static_cast<std::uint8_t>(rdata.size() & 0xff));
  wire.insert(wire.end(), rdata.begin(), rdata.end());
  ldns_rr* raw = nullptr;
  std::size_t at = 0;
  const bool accepted = ldns_wire2rr(&raw, wire.data(), wire.size(), &at, LDNS_SECTION_ANSWER) == LDNS_STATUS_OK;
  const std::unique_ptr<ldns_rr, void (*)(ldns_rr*)> rr(accepted ? raw : nullptr, &ldns_rr_free);
  require(accepted == ours.has_value(), "ldns accepts the same data");
  if (!accepted) return;
  require(at == wire.size() && ldns_rr_rd_count(rr.get()) == ours->size(), "ldns counts as many strings");
  for (std::size_t i = 0; i < ours->size(); ++i) {
    const ldns_rdf* field = ldns_rr_rdf(rr.get(), i);
    require(std::string(ldns_rdf_data(field) + 1, ldns_rdf_data(field) + ldns_rdf_size(field)) == (*ours)[i],
            "ldns reads the same string");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 65535) return 0;
  const std::vector<std::uint8_t> rdata(data, data + size);
  const std::optional<strings> plain = strings_of(rdata);
  const result<txt_record> txt = txt_record::from_rdata(rdata);
  require(txt.has_value() == plain.has_value(), "a string beyond the end is refused, and nothing else");
  compare_with_ldns(rdata, plain);
  if (!txt) {
    require(txt.error() == errc::malformed_rdata, "from_rdata() knows one error");
    return 0;
  }
  require(std::ranges::equal(txt->rdata(), rdata, {}, [](char c) { return static_cast<std::uint8_t>(c); }),
          "data are kept as received");
  require(*txt == txt_record::from_rdata(rdata).value(), "the same data are the same record");
  require((*txt == txt_record()) == std::ranges::all_of(rdata, [](std::uint8_t o) { return o == 0; }),
          "only empty strings are the empty record");
  if (rdata.size() > 4096) return 0;  // the simple parser is quadratic

  const pairs expected = pairs_of(*plain);
  const std::vector<txt_entry> entries = txt->entries();
  require(entries.size() == expected.size(), "as many pairs");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    require(entries[i].key == expected[i].first, "the same key");
    require(entries[i].value.has_value() == expected[i].second.has_value(), "absent and empty values are told apart");
    if (entries[i].value) require(*entries[i].value == *expected[i].second, "the same value");
    require(txt->find(entries[i].key) == entries[i], "find() gives what entries() lists");
    require(txt->find(folded(std::string(entries[i].key))) == entries[i], "in any case");
  }
  require(!txt->find("") && !txt->find(std::string(300, 'k')), "what is not there is not found");
  return 0;
}
