#include "dns/zone/zone_reply.hpp"

#include "dns/zone/zone_writer.hpp"
#include "sdconnect/dns/answer.hpp"
#include "sdconnect/dns/message_reader.hpp"
#include "sdconnect/dns/query.hpp"
#include "sdconnect/dns/zone.hpp"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

namespace sdconnect::detail {
namespace {

constexpr std::uint16_t flag_response = 0x8000;
constexpr std::uint16_t flag_authoritative = 0x0400;
constexpr std::uint16_t flag_truncated = 0x0200;
constexpr std::uint16_t flag_recursion_desired = 0x0100;
constexpr std::uint16_t opcode_mask = 0x7800;
constexpr std::uint16_t dnssec_ok = 0x8000;

constexpr std::size_t plain_udp_size = 512;  // RFC 1035 §4.2.1

constexpr auto type_ds = static_cast<rr_type>(43);
constexpr auto type_ixfr = static_cast<rr_type>(251);
constexpr auto type_axfr = static_cast<rr_type>(252);
constexpr auto type_any = static_cast<rr_type>(255);
constexpr auto rcode_yxdomain = static_cast<rcode>(6);  // RFC 6672 §2.2: a DNAME made the name too long

// The parts of a query that a reply needs. `code` says what is wrong with the query.
struct request {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;  // opcode and RD, as the reply repeats them
  rcode code = rcode::noerror;
  std::optional<message_reader::question_record> asked;
  bool has_edns = false;
  std::uint16_t edns_flags = 0;
  std::uint16_t payload = 0;
};

// RFC 1035 §4.1.1, RFC 6891 §6.1.1: one question, and at most one OPT record, in the additional
// section.
void read_sections(std::span<const std::uint8_t> query, request& out) {
  out.code = rcode::formerr;
  auto reader = message_reader::open(query);
  if (!reader || reader->header().question_count != 1) return;
  const auto asked = reader->read_question();
  if (!asked) return;
  out.asked = *asked;

  std::uint32_t opt_ttl = 0;
  while (reader->next()) {
    const message_record& record = reader->record();
    if (record.type != rr_type::opt) continue;
    if (out.has_edns || record.section != message_section::additional || !record.owner.is_root()) return;
    out.has_edns = true;
    out.payload = static_cast<std::uint16_t>(record.rclass);
    opt_ttl = record.ttl;
  }
  if (reader->error()) return;
  out.edns_flags = static_cast<std::uint16_t>(opt_ttl & dnssec_ok);  // RFC 3225 §3: the reply repeats the DO bit
  out.code = (opt_ttl >> 16 & 0xFF) == 0 ? rcode::noerror : rcode::badvers;
}

std::optional<request> read_request(std::span<const std::uint8_t> query) {
  if (query.size() < reply_writer::header_size) return std::nullopt;
  const auto flags = static_cast<std::uint16_t>(query[2] << 8 | query[3]);
  if ((flags & flag_response) != 0) return std::nullopt;  // replies to responses cause loops (FAULTS W2)
  request out;
  out.id = static_cast<std::uint16_t>(query[0] << 8 | query[1]);
  out.flags = static_cast<std::uint16_t>(flags & (opcode_mask | flag_recursion_desired));
  if ((flags & opcode_mask) != 0) {
    out.code = rcode::notimp;
  } else {
    read_sections(query, out);
  }
  return out;
}

// Builds one reply.
class answering {
 public:
  answering(const zone_data& zone, const request& asked, std::size_t limit)
      : zone_(zone), request_(asked), writer_(limit - std::min(limit, asked.has_edns ? reply_writer::opt_size : 0)) {}

  std::vector<std::uint8_t> run();

 private:
  void answer(name qname, rr_type type);
  bool follow_alias(name& qname, const zone_node& node);
  bool follow_dname(name& qname, const zone_node& node, const zone_rrset& dname);
  void deny(rcode code);
  void refer(const zone_node& cut);
  void add_additional();
  void put_answer(const name& owner, const zone_rrset& set);
  void put_addresses_of_targets(const zone_rrset& set);
  bool put_additional(const zone_node* owner, rr_type type);
  std::vector<std::uint8_t> finish(reply_writer&& writer, std::uint16_t more_flags);

  const zone_data& zone_;
  const request& request_;
  reply_writer writer_;
  rcode code_ = rcode::noerror;
  bool is_authoritative_ = true;
  bool is_truncated_ = false;
  std::vector<const zone_rrset*> answers_;
  std::unordered_set<const zone_rrset*> put_;
};

void answering::put_answer(const name& owner, const zone_rrset& set) {
  if (!writer_.put(message_section::answer, owner, set, set.ttl)) is_truncated_ = true;
  answers_.push_back(&set);
  put_.insert(&set);
}

// Adds the SOA to NXDOMAIN and NODATA, with the TTL for which they may be kept (RFC 2308 §3).
void answering::deny(rcode code) {
  code_ = code;
  const zone_rrset& soa = *zone_.apex->find(rr_type::soa);
  if (!writer_.put(message_section::authority, zone_.apex->owner, soa, zone_.negative_ttl)) is_truncated_ = true;
}

void answering::refer(const zone_node& cut) {
  if (answers_.empty()) is_authoritative_ = false;
  const zone_rrset& servers = *cut.find(rr_type::ns);
  if (!writer_.put(message_section::authority, cut.owner, servers, servers.ttl)) is_truncated_ = true;
  for (const zone_rr& rr : servers.records) {
    if (rr.target == nullptr || rr.target->cut != &cut) continue;
    for (const rr_type type : {rr_type::a, rr_type::aaaa}) {
      // A referral without its glue is useless (RFC 9471 §3.1).
      if (rr.target->find(type) != nullptr && !put_additional(rr.target, type)) is_truncated_ = true;
    }
  }
}

bool answering::follow_alias(name& qname, const zone_node& node) {
  const zone_rrset* alias = node.find(rr_type::cname);
  put_answer(qname, *alias);
  qname = name_in(rr_type::cname, alias->records.front().rdata);
  return qname.is_at_or_below(zone_.apex->owner);
}

// RFC 6672 §3.2: adds the DNAME itself and a CNAME made from it, for clients that do not know
// DNAME.
bool answering::follow_dname(name& qname, const zone_node& node, const zone_rrset& dname) {
  put_answer(node.owner, dname);
  const auto rebased = qname.rebased(node.owner, name_in(rr_type::dname, dname.records.front().rdata));
  if (!rebased) {
    code_ = rcode_yxdomain;
    return false;
  }
  zone_rrset made{rr_type::cname, dname.ttl, {}};
  made.records.push_back({{rebased->wire().begin(), rebased->wire().end()}, nullptr});
  if (!writer_.put(message_section::answer, qname, made, made.ttl)) is_truncated_ = true;
  qname = *rebased;
  return qname.is_at_or_below(zone_.apex->owner);
}

// RFC 1034 §4.3.2 with RFC 4592 §3.3 and RFC 6672 §3.2:
//  1. Find the name, else its closest encloser.
//  2. If there is a delegation at or above it, refer to it; but DS of the cut itself belongs to
//     this zone (RFC 4035 §3.1.4.1).
//  3. If the name does not exist, a DNAME of the encloser renames it, or the encloser's wildcard
//     replaces it; else NXDOMAIN.
//  4. Return data of the type; or follow an alias and start again; or return NODATA.
void answering::answer(name qname, rr_type type) {
  for (std::uint32_t aliases = 0; aliases <= max_aliases; ++aliases) {
    const zone_node* node = zone_.find(qname);
    const bool exists = node != nullptr;
    for (name above = qname; node == nullptr; node = zone_.find(above)) above = above.parent();

    const bool is_ds_of_cut = exists && type == type_ds && node->cut == node;
    if (node->cut != nullptr && !is_ds_of_cut) return refer(*node->cut);
    if (!exists) {
      if (const zone_rrset* dname = node->find(rr_type::dname)) {
        if (!follow_dname(qname, *node, *dname) || type == rr_type::cname)
          return;  // the CNAME made from the DNAME is the answer
        continue;
      }
      node = node->wildcard;
      if (node == nullptr) return deny(rcode::nxdomain);
    }

    if (type == type_any && !node->rrsets.empty()) return put_answer(qname, node->rrsets.front());  // RFC 8482 §4.1
    if (const zone_rrset* data = node->find(type)) return put_answer(qname, *data);
    if (node->find(rr_type::cname) == nullptr) return deny(rcode::noerror);
    if (!follow_alias(qname, *node)) return;
  }
}

// Returns true if the set is in the message, added now or before.
bool answering::put_additional(const zone_node* owner, rr_type type) {
  const zone_rrset* set = owner == nullptr ? nullptr : owner->find(type);
  if (set == nullptr) return false;
  if (!put_.insert(set).second) return true;
  return writer_.put(message_section::additional, owner->owner, *set, set->ttl);
}

void answering::put_addresses_of_targets(const zone_rrset& set) {
  for (const zone_rr& rr : set.records) {
    put_additional(rr.target, rr_type::a);
    put_additional(rr.target, rr_type::aaaa);
  }
}

// RFC 6763 §12.1 and §12.2: for PTR adds the SRV and TXT of the instances, for SRV the addresses of
// the targets. All SRV records come first: if not everything fits, the rest is useless without
// them.
void answering::add_additional() {
  std::vector<const zone_rrset*> with_targets;
  for (const zone_rrset* set : answers_) {
    if (set->type == rr_type::srv || set->type == rr_type::ns || set->type == rr_type_mx) {
      with_targets.push_back(set);
    }
    if (set->type != rr_type::ptr) continue;
    for (const zone_rr& rr : set->records) {
      if (put_additional(rr.target, rr_type::srv)) with_targets.push_back(rr.target->find(rr_type::srv));
    }
    for (const zone_rr& rr : set->records) put_additional(rr.target, rr_type::txt);
  }
  for (const zone_rrset* set : with_targets) put_addresses_of_targets(*set);
}

std::vector<std::uint8_t> answering::finish(reply_writer&& writer, std::uint16_t more_flags) {
  const auto code = static_cast<std::uint16_t>(code_);
  if (request_.has_edns) {
    writer.put_opt(edns_payload_size, static_cast<std::uint8_t>(code >> 4), request_.edns_flags);
  }
  const auto flags = static_cast<std::uint16_t>(flag_response | request_.flags | more_flags | (code & 0xF));
  return std::move(writer).finish(request_.id, flags);
}

std::vector<std::uint8_t> answering::run() {
  code_ = request_.code;
  is_authoritative_ = false;
  if (request_.asked) writer_.put_question(request_.asked->asked, request_.asked->qclass);
  if (code_ == rcode::noerror) {
    const auto& [asked, qclass] = *request_.asked;
    const auto number = static_cast<unsigned>(asked.type);
    const bool is_transfer = asked.type == type_axfr || asked.type == type_ixfr;
    if (qclass != static_cast<std::uint16_t>(rr_class::in) || !asked.qname.is_at_or_below(zone_.apex->owner) ||
        is_transfer) {
      code_ = rcode::refused;
    } else if (asked.type == rr_type::opt || (number >= 128 && number < 255)) {  // meta types (RFC 6895 §3.1)
      code_ = rcode::notimp;
    } else {
      is_authoritative_ = true;
      answer(asked.qname, asked.type);
      if (!is_truncated_) add_additional();
    }
  }
  const std::uint16_t authoritative = is_authoritative_ ? flag_authoritative : 0;
  if (!is_truncated_) return finish(std::move(writer_), authoritative);
  reply_writer empty(0);
  empty.put_question(request_.asked->asked, request_.asked->qclass);
  return finish(std::move(empty), authoritative | flag_truncated);
}

}  // namespace

std::vector<std::uint8_t> reply_from(const zone_data& zone, std::span<const std::uint8_t> query, std::size_t limit) {
  const std::optional<request> asked = read_request(query);
  if (!asked) return {};
  return answering(zone, *asked, limit).run();
}

std::size_t reply_limit(std::span<const std::uint8_t> query) noexcept {
  const std::optional<request> asked = read_request(query);
  return std::max<std::size_t>(plain_udp_size, asked ? asked->payload : 0);  // RFC 6891 §6.2.5: less counts as 512
}

}  // namespace sdconnect::detail
