#include "sdconnect/dns/answer.hpp"

#include "dns/message/extended_error_options.hpp"
#include "sdconnect/dns/message_reader.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <optional>
#include <type_traits>

namespace sdconnect {
namespace {

// Number of records to reserve for a new set: enough for most sets, and a false count wastes
// little.
constexpr std::size_t first_reserve = 8;

// Larger storage is not kept for the next reply: the storage that different replies need would add
// up.
constexpr std::size_t most_kept = 16;

// The part of an index entry that holds the position plus one. The rest is part of the hash.
constexpr std::uint64_t position_mask = 0xffffffff;

// RFC 2181 §8: a TTL with the top bit set means zero.
std::chrono::seconds ttl_of(std::uint32_t wire) noexcept { return std::chrono::seconds(wire >> 31 != 0 ? 0 : wire); }

std::chrono::seconds to_duration(std::uint32_t seconds) noexcept { return std::chrono::seconds(seconds); }

template <class Record>
void start_set_of(rrset_data& set, std::size_t kept) {
  auto* const records = std::get_if<std::vector<Record>>(&set);
  if (records == nullptr || records->capacity() > kept) {
    set.emplace<std::vector<Record>>();
  } else {
    records->clear();
  }
}

// Makes `set` an empty set for records of this type. Keeps storage of the same kind if its capacity
// is at most `kept`.
void start_set(rrset_data& set, rr_type type, std::size_t kept) {
  switch (type) {
    case rr_type::srv: return start_set_of<srv_record>(set, kept);
    case rr_type::txt: return start_set_of<txt_record>(set, kept);
    case rr_type::a:
    case rr_type::aaaa: return start_set_of<ip_address>(set, kept);
    case rr_type::ns:
    case rr_type::cname:
    case rr_type::soa:
    case rr_type::ptr:
    case rr_type::dname:
    case rr_type::opt: break;
  }
  start_set_of<name>(set, kept);
}

// Adds the current record's data. Returns false if they do not fit the type of the set.
bool append_current(rrset_data& set, const message_reader& reader, std::size_t expected) {
  const auto append = [&]<class Record>(std::vector<Record>& records) {
    if (records.capacity() == 0) records.reserve(std::min(expected, first_reserve));
    if constexpr (std::is_same_v<Record, ip_address>) {
      const bool is_read = reader.read(records.emplace_back());
      if (!is_read) records.pop_back();
      return is_read;
    } else {
      Record read;  // emplace_back() would first clear all its 256 octets
      const bool is_read = reader.read(read);
      if (is_read) records.push_back(std::move(read));
      return is_read;
    }
  };
  return std::visit(append, set);
}

bool is_empty(const rrset_data& set) {
  return std::visit([](const auto& records) { return records.empty(); }, set);
}

bool is_discovery_type(rr_type type) noexcept {
  return type == rr_type::srv || type == rr_type::txt || type == rr_type::a || type == rr_type::aaaa ||
         type == rr_type::ptr;
}

bool is_answer_to(const message_record& rr, const question& asked) noexcept {
  return rr.section == message_section::answer && rr.rclass == rr_class::in && rr.type == asked.type &&
         rr.owner == asked.qname;
}

// A CNAME or DNAME record of the answer section.
struct alias {
  rr_type type{};
  std::chrono::seconds ttl{};
  name owner;
  name target;

  /// Whether the alias applies to `from` (RFC 1034 §3.6.2, RFC 6672 §2.2).
  [[nodiscard]] bool leads_on(const name& from) const {
    return type == rr_type::cname ? owner == from : owner != from && from.is_at_or_below(owner);
  }
};

// The end of the question's alias chain.
struct alias_end {
  name canonical;
  std::uint32_t length = 0;
  std::chrono::seconds ttl = std::chrono::seconds::max();
  bool is_too_long = false;
  bool is_outside = false;            // `canonical` is outside the scope
  std::uint32_t dropped_records = 0;  // aliases that are malformed or of a foreign owner
};

// The chain to that end. The records may be in any order.
struct alias_chain {
  std::array<name, max_aliases + 1> names;  // the question's name, and one name per step
  alias_end end;

  void follow(const std::vector<alias>& aliases, const answer_scope& scope);
  [[nodiscard]] bool has_use_of(const alias& a) const {
    const auto leads_on = [&a](const name& from) { return a.leads_on(from); };
    return std::any_of(names.begin(), names.begin() + end.length + 1, leads_on);
  }
};

void alias_chain::follow(const std::vector<alias>& aliases, const answer_scope& scope) {
  while (!end.is_outside) {
    const name& from = names[end.length];
    const auto next = std::ranges::find_if(aliases, [&](const alias& a) { return a.leads_on(from); });
    if (next == aliases.end()) return;
    if (end.length == max_aliases) {
      end.is_too_long = true;
      return;
    }
    const result<name> moved = next->type == rr_type::cname ? next->target : from.rebased(next->owner, next->target);
    if (!moved) return;
    names[++end.length] = *moved;
    end.ttl = std::min(end.ttl, next->ttl);
    end.is_outside = !scope.contains(*moved);
  }
}

// More than the longest chain needs, including a CNAME made from each DNAME (RFC 6672 §3.1).
// Further aliases are dropped, so that a message full of them costs no more than any other.
constexpr std::size_t most_aliases_read = 4 * max_aliases;

alias_end find_chain_end(message_reader reader, const question& asked, const answer_scope& scope) {
  alias_chain chain;
  chain.names[0] = asked.qname;
  std::vector<alias> aliases;
  while (reader.next() && reader.record().section == message_section::answer) {
    const message_record& rr = reader.record();
    const bool is_alias = rr.type == rr_type::cname || rr.type == rr_type::dname;
    if (!is_alias || rr.rclass != rr_class::in || rr.type == asked.type) continue;
    alias found{rr.type, ttl_of(rr.ttl), rr.owner, {}};
    if (aliases.size() < most_aliases_read && reader.read(found.target)) {
      aliases.push_back(found);
    } else {
      ++chain.end.dropped_records;
    }
  }
  chain.follow(aliases, scope);
  for (const alias& a : aliases) {
    if (!chain.has_use_of(a) && scope.contains(a.owner)) ++chain.end.dropped_records;
  }
  chain.end.canonical = chain.names[chain.end.length];
  return chain.end;
}

// RFC 6604 §3: NXDOMAIN concerns the end of the chain, which then cannot have data.
error_code status_of(rcode code, bool has_records, bool has_soa) noexcept {
  switch (code) {
    case rcode::noerror:
      if (has_records) return {};
      return has_soa ? errc::no_data : errc::empty_answer;
    case rcode::nxdomain: return has_records ? errc::server_failure : errc::nxdomain;
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

bool answer_scope::contains(const name& n) const noexcept {
  if (is_everything()) return true;
  return n.is_at_or_below(apex) && std::ranges::none_of(other, [&](const name& cut) { return n.is_at_or_below(cut); });
}

//  1. If the first record answers the question itself, there is no alias. Otherwise find the chain,
//     from the start of the message.
//  2. Read all records once: data at the end of the chain, the SOA that proves a negative answer,
//     additional records.
//  3. Derive the status from rcode, chain and data.
error_code answer_reader::read(std::span<const std::uint8_t> message, const question& asked, answer& out,
                               const answer_scope& scope) {
  message_reader reader(message);
  if (reader.error()) return reader.error();
  const message_header& header = reader.header();

  alias_end chain{.canonical = asked.qname};
  bool has_record = reader.next();
  const bool is_chain_read = has_record && !is_answer_to(reader.record(), asked);
  if (is_chain_read) chain = find_chain_end(message_reader(message), asked, scope);
  out.canonical = chain.canonical;
  out.alias_count = chain.length;
  out.authenticated = header.authenticated;
  out.dropped_records = chain.dropped_records;
  out.extended_errors.clear();
  start_set(out.records, asked.type, std::numeric_limits<std::size_t>::max());
  most_sets_ = std::min<std::size_t>(header.additional_count, message.size() / message_reader::smallest_record);
  used_sets_ = 0;
  is_owner_hashed_ = has_empty_set_ = false;
  std::chrono::seconds data_ttl = chain.ttl;
  std::optional<std::chrono::seconds> negative_ttl;
  unsigned extended_rcode = 0;
  bool is_first = true;
  bool is_own = false;  // whether the owner is the canonical name

  for (; has_record; has_record = reader.next()) {
    const message_record& rr = reader.record();
    if (rr.section == message_section::answer && (is_first || !rr.repeats_owner)) {
      is_own = !chain.is_outside && rr.owner == out.canonical;
    }
    is_first = false;
    if (!rr.repeats_owner) is_owner_hashed_ = false;
    if (rr.type == rr_type::opt) {
      if (rr.section != message_section::additional) continue;
      extended_rcode = rr.ttl >> 24;
      detail::append_extended_errors(rr.rdata, out.extended_errors);
      continue;
    }
    if (rr.section != message_section::authority && !scope.contains(rr.owner)) continue;
    bool kept = rr.rclass == rr_class::in;
    if (rr.section == message_section::answer) {
      if (kept && rr.type == asked.type && is_own) {
        kept = append_current(out.records, reader, header.answer_count);
        if (kept) data_ttl = std::min(data_ttl, ttl_of(rr.ttl));
      } else if (kept && (rr.type == rr_type::cname || rr.type == rr_type::dname)) {
        kept = is_chain_read;  // counted by find_chain_end(); not allowed next to data for the question's name
      } else {
        kept = kept && !is_discovery_type(rr.type);
      }
    } else if (kept && rr.section == message_section::authority && rr.type == rr_type::soa) {
      const result<soa_record> soa = reader.as_soa();
      kept = soa && out.canonical.is_at_or_below(rr.owner);
      if (kept) negative_ttl = std::min(ttl_of(rr.ttl), to_duration(soa->minimum));
    } else if (kept && rr.section == message_section::additional && is_discovery_type(rr.type)) {
      kept = add_additional(reader, out.additional);
    }
    if (!kept) ++out.dropped_records;
  }
  out.additional.resize(used_sets_);
  if (has_empty_set_) std::erase_if(out.additional, [](const rrset& set) { return is_empty(set.records); });
  if (reader.error()) return reader.error();

  out.code = static_cast<rcode>(extended_rcode << 4 | header.rcode);
  out.status = chain.is_too_long  ? error_code(errc::alias_loop)
               : chain.is_outside ? error_code(errc::empty_answer)
                                  : status_of(out.code, !is_empty(out.records), negative_ttl.has_value());
  out.is_unproven = out.status == errc::empty_answer && header.answer_count + header.authority_count == 0;
  if (out.is_unproven) out.status = errc::no_data;
  // A negative answer at the end of a chain is not valid longer than the chain itself.
  out.ttl = out.status ? std::min(chain.ttl, negative_ttl.value_or(std::chrono::seconds(0))) : data_ttl;
  return {};
}

// Servers usually write the records of a set, and the sets of an owner, one after the other. The
// index finds any other order. Its hash is secret, so a peer cannot prepare owners that collide.
bool answer_reader::add_additional(const message_reader& reader, std::vector<rrset>& sets) {
  const message_record& rr = reader.record();
  if (!is_owner_hashed_ || sets[latest_].type != rr.type) {
    if (!is_owner_hashed_) owner_hash_ = rr.owner.hash();
    is_owner_hashed_ = true;
    latest_ = find_set(rr, sets);
  }
  rrset& set = sets[latest_];
  if (!append_current(set.records, reader, 1)) {
    has_empty_set_ = true;  // the set may be empty
    return false;
  }
  set.ttl = std::min(set.ttl, ttl_of(rr.ttl));
  return true;
}

// Returns the position of the set that the record belongs to. Adds the set if there is none.
std::size_t answer_reader::find_set(const message_record& rr, std::vector<rrset>& sets) {
  if (used_sets_ == 0) index_.assign(std::bit_ceil(2 * most_sets_), 0);
  const std::uint64_t tag = std::uint64_t{owner_hash_} & ~position_mask;
  const std::size_t last_slot = index_.size() - 1;
  std::size_t slot = owner_hash_ & last_slot;
  for (; index_[slot] != 0; slot = (slot + 1) & last_slot) {
    const std::size_t at = (index_[slot] & position_mask) - 1;
    if ((index_[slot] & ~position_mask) == tag && sets[at].type == rr.type && sets[at].owner == rr.owner) return at;
  }
  if (used_sets_ == sets.size()) {
    // Reserves the possible maximum at once: growing in steps would hold two copies.
    if (used_sets_ == sets.capacity()) sets.reserve(used_sets_ == 0 ? std::min(most_sets_, first_reserve) : most_sets_);
    sets.emplace_back();
  }
  rrset& made = sets[used_sets_++];
  made.owner = rr.owner;
  made.type = rr.type;
  made.ttl = std::chrono::seconds::max();
  start_set(made.records, rr.type, most_kept);
  index_[slot] = tag | used_sets_;
  return used_sets_ - 1;
}

result<answer> read_answer(std::span<const std::uint8_t> message, const question& asked, const answer_scope& scope) {
  result<answer> out{answer()};
  if (const error_code ec = answer_reader().read(message, asked, *out, scope)) return ec;
  return out;
}

}  // namespace sdconnect
