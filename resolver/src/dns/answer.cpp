#include "sdconnect/dns/answer.hpp"

#include "sdconnect/dns/message_reader.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace sdconnect {
namespace {

// RFC 2181 §8: the top bit set means zero.
std::chrono::seconds ttl_of(std::uint32_t wire) noexcept { return std::chrono::seconds(wire >> 31 != 0 ? 0 : wire); }

std::chrono::seconds to_duration(std::uint32_t seconds) noexcept { return std::chrono::seconds(seconds); }

rrset_data empty_data_for(rr_type type) {
  switch (type) {
    case rr_type::srv: return std::vector<srv_record>();
    case rr_type::txt: return std::vector<txt_record>();
    case rr_type::a:
    case rr_type::aaaa: return std::vector<ip_address>();
    case rr_type::ns:
    case rr_type::cname:
    case rr_type::soa:
    case rr_type::ptr:
    case rr_type::dname:
    case rr_type::opt: break;
  }
  return std::vector<name>();
}

template <class T>
bool append(std::vector<T>& records, result<T> value) {
  if (!value) return false;
  records.push_back(std::move(*value));
  return true;
}

// Adds the current record's data; false when they do not fit the type of the set.
bool append_current(rrset_data& set, const message_reader& reader) {
  struct appender {
    const message_reader& reader;
    bool operator()(std::vector<name>& names) const { return append(names, reader.as_name()); }
    bool operator()(std::vector<srv_record>& records) const { return append(records, reader.as_srv()); }
    bool operator()(std::vector<txt_record>& records) const { return append(records, reader.as_txt()); }
    bool operator()(std::vector<ip_address>& addresses) const { return append(addresses, reader.as_address()); }
  };
  return std::visit(appender{reader}, set);
}

bool is_empty(const rrset_data& set) {
  return std::visit([](const auto& records) { return records.empty(); }, set);
}

bool is_discovery_type(rr_type type) noexcept {
  return type == rr_type::srv || type == rr_type::txt || type == rr_type::a || type == rr_type::aaaa ||
         type == rr_type::ptr;
}

struct alias_chain {
  name canonical;
  std::uint32_t length = 0;
  std::chrono::seconds ttl = std::chrono::seconds::max();
  bool too_long = false;
};

// One step of the chain: the CNAME at, or the DNAME above, the canonical name (RFC 1034 §3.6.2, RFC 6672 §2.2).
std::optional<name> alias_target(const message_reader& reader, const name& canonical) {
  const message_record& rr = reader.record();
  if (rr.type == rr_type::cname && rr.owner == canonical) {
    const result<name> target = reader.as_name();
    return target ? std::optional(*target) : std::nullopt;
  }
  if (rr.type == rr_type::dname && rr.owner != canonical && canonical.is_at_or_below(rr.owner)) {
    const result<name> target = reader.as_name();
    if (!target) return std::nullopt;
    const result<name> moved = canonical.rebased(rr.owner, *target);
    return moved ? std::optional(*moved) : std::nullopt;
  }
  return std::nullopt;
}

// Follows the aliases of the answer section. They usually stand in order, so one pass finds them all; each further
// pass is paid for by a step, and steps are limited.
result<alias_chain> follow_aliases(const message_reader& at_start, const question& asked) {
  alias_chain chain{asked.qname};
  for (bool moved = true; moved;) {
    moved = false;
    message_reader reader = at_start;
    while (reader.next() && reader.record().section == message_section::answer) {
      const message_record& rr = reader.record();
      if (rr.rclass != rr_class::in) continue;
      if (rr.type == asked.type && rr.owner == chain.canonical) return chain;
      const std::optional<name> target = alias_target(reader, chain.canonical);
      if (!target) continue;
      if (chain.length == max_aliases) {
        chain.too_long = true;
        return chain;
      }
      chain.canonical = *target;
      chain.ttl = std::min(chain.ttl, ttl_of(rr.ttl));
      ++chain.length;
      moved = true;
    }
    if (reader.error()) return reader.error();
  }
  return chain;
}

// Collects additional records by owner and type without comparing every pair.
class additional_sets {
 public:
  explicit additional_sets(std::vector<rrset>& sets) noexcept : sets_(sets) {}

  bool add(const message_reader& reader) {
    const message_record& rr = reader.record();
    const auto [found, is_new] = index_.try_emplace(question{rr.owner, rr.type}, sets_.size());
    if (is_new) sets_.push_back({rr.owner, rr.type, std::chrono::seconds::max(), empty_data_for(rr.type)});
    rrset& set = sets_[found->second];
    if (!append_current(set.records, reader)) return false;
    set.ttl = std::min(set.ttl, ttl_of(rr.ttl));
    return true;
  }

 private:
  std::vector<rrset>& sets_;
  std::unordered_map<question, std::size_t> index_;
};

error_code status_of(rcode code, bool has_records, bool has_soa) noexcept {
  switch (code) {
    case rcode::noerror:
      if (has_records) return {};
      return has_soa ? errc::no_data : errc::empty_answer;
    case rcode::nxdomain: return has_records ? error_code() : errc::nxdomain;
    case rcode::refused:
    case rcode::notauth: return errc::server_refused;
    case rcode::formerr:
    case rcode::servfail:
    case rcode::notimp:
    case rcode::badvers: break;
  }
  return errc::server_failure;
}

}  // namespace

result<answer> read_answer(std::span<const std::uint8_t> message, const question& asked) {
  result<message_reader> opened = message_reader::open(message);
  if (!opened) return opened.error();
  const result<alias_chain> chain = follow_aliases(*opened, asked);
  if (!chain) return chain.error();

  answer out;
  out.authenticated = opened->header().authenticated;
  out.canonical = chain->canonical;
  out.alias_count = chain->length;
  out.records = empty_data_for(asked.type);
  auto data_ttl = chain->ttl;
  std::optional<std::chrono::seconds> negative_ttl;
  unsigned extended_rcode = 0;
  additional_sets additional(out.additional);

  message_reader& reader = *opened;
  while (reader.next()) {
    const message_record& rr = reader.record();
    if (rr.type == rr_type::opt) {
      if (rr.section == message_section::additional) extended_rcode = rr.ttl >> 24;
      continue;
    }
    bool kept = rr.rclass == rr_class::in;
    if (kept && rr.section == message_section::answer) {
      if (rr.type == asked.type && rr.owner == chain->canonical) {
        kept = append_current(out.records, reader);
        if (kept) data_ttl = std::min(data_ttl, ttl_of(rr.ttl));
      } else {
        kept = rr.type == rr_type::cname || rr.type == rr_type::dname || !is_discovery_type(rr.type);
      }
    } else if (kept && rr.section == message_section::authority && rr.type == rr_type::soa) {
      const result<soa_record> soa = reader.as_soa();
      kept = soa && chain->canonical.is_at_or_below(rr.owner);
      if (kept) negative_ttl = std::min(ttl_of(rr.ttl), to_duration(soa->minimum));
    } else if (kept && rr.section == message_section::additional && is_discovery_type(rr.type)) {
      kept = additional.add(reader);
    }
    if (!kept) ++out.dropped_records;
  }
  if (reader.error()) return reader.error();

  std::erase_if(out.additional, [](const rrset& set) { return is_empty(set.records); });
  out.code = static_cast<rcode>(extended_rcode << 4 | reader.header().rcode);
  out.status = chain->too_long ? error_code(errc::alias_loop)
                               : status_of(out.code, !is_empty(out.records), negative_ttl.has_value());
  // A "no" at the end of a chain holds no longer than the chain itself.
  out.ttl = out.status ? std::min(chain->ttl, negative_ttl.value_or(std::chrono::seconds(0))) : data_ttl;
  return out;
}

}  // namespace sdconnect
