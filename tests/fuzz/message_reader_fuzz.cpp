// Interprets any octets as a DNS message: the results of the reader must be consistent, and must
// agree with ldns where ldns is correct.
#include "net/base/printable.hpp"
#include "sdconnect/dns/answer.hpp"
#include "sdconnect/dns/message_reader.hpp"
#include "sdconnect/dns/query.hpp"
#include "support/endpoint_joiner.hpp"

#include <ldns/ldns.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace sdconnect;

namespace {

using octets = std::vector<std::uint8_t>;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

octets octets_of(std::span<const std::uint8_t> span) { return {span.begin(), span.end()}; }

void check_name(const name& n) {
  require(n.wire().size() <= name::max_wire_size && n.wire().back() == 0,
          "a name is 255 octets at most and ends with the root");
  const std::string text = n.to_text();
  require(std::ranges::all_of(text, [](char c) { return c > 0x20 || c < 0; }),
          "printed names have no blanks and controls");
  const result<name> again = name::from_text(text);
  require(again && std::ranges::equal(again->wire(), n.wire()), "a printed name reads back as the same octets");
  require(std::is_eq(*again <=> n) && *again == n && again->hash() == n.hash(), "equal names are equal in all ways");
  require(n.is_at_or_below(n.parent()) && n.is_at_or_below(name()), "a name is below its parents");
}

void check_txt(const txt_record& txt, std::span<const std::uint8_t> rdata) {
  require(
      std::ranges::equal(txt.rdata(), rdata, [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; }),
      "TXT data are kept as received");
  for (const txt_entry& entry : txt.entries())
    require(txt.find(entry.key) == entry, "find() gives what entries() lists");
}

struct seen_record {
  message_section section{};
  octets owner;
  int type = 0;
  int rclass = 0;
  std::uint32_t ttl = 0;
  octets rdata;     // in wire format
  octets expanded;  // with uncompressed names, as ldns stores it; only for well-behaved records
  bool well_behaved = false;

  friend bool operator==(const seen_record&, const seen_record&) = default;
};

struct seen_message {
  error_code error;
  std::vector<message_reader::question_record> questions;
  std::vector<seen_record> records;
};

void append_u16(octets& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value & 0xff));
}

// Calls every as_...(), whatever the type, and keeps the result for the record's own type.
seen_record look_at(const message_reader& reader) {
  const message_record& rr = reader.record();
  check_name(rr.owner);
  seen_record out{rr.section,
                  octets_of(rr.owner.wire()),
                  static_cast<int>(rr.type),
                  static_cast<int>(rr.rclass),
                  rr.ttl,
                  octets_of(rr.rdata),
                  {},
                  false};

  const result<ip_address> address = reader.as_address();
  const result<name> as_name = reader.as_name();
  const result<srv_record> srv = reader.as_srv();
  const result<soa_record> soa = reader.as_soa();
  const result<txt_record> txt = reader.as_txt();
  if (as_name) check_name(*as_name);
  if (srv) check_name(srv->target);
  if (txt) check_txt(*txt, rr.rdata);
  if (address) require(std::ranges::equal(address->octets(), rr.rdata), "an address is the data");

  switch (rr.type) {
    case rr_type::a:
    case rr_type::aaaa:
      out.well_behaved = address.has_value();
      out.expanded = out.rdata;
      break;
    case rr_type::txt:
      // ldns allocates RDLENGTH octets for every string, hence the limit (ldns#294). For a record
      // without strings it has no field to compare.
      out.well_behaved = txt && !rr.rdata.empty() && rr.rdata.size() <= 512;
      out.expanded = out.rdata;
      break;
    case rr_type::ns:
    case rr_type::cname:
    case rr_type::ptr:
    case rr_type::dname:
      out.well_behaved = as_name.has_value();
      if (as_name) out.expanded = octets_of(as_name->wire());
      break;
    case rr_type::srv:
      out.well_behaved = srv.has_value();
      if (!srv) break;
      append_u16(out.expanded, srv->priority);
      append_u16(out.expanded, srv->weight);
      append_u16(out.expanded, srv->port);
      out.expanded.insert(out.expanded.end(), srv->target.wire().begin(), srv->target.wire().end());
      break;
    case rr_type::soa:
      if (!soa) break;
      // The reader does not keep the names, and ldns expands them: compares the last 20 octets.
      out.well_behaved = true;
      out.expanded.assign(rr.rdata.end() - 20, rr.rdata.end());
      break;
    case rr_type::opt:  // ldns removes it from the list
      break;
  }
  return out;
}

seen_message walk(std::span<const std::uint8_t> message) {
  seen_message out;
  result<message_reader> reader = message_reader::open(message);
  if (!reader) {
    require(reader.error() == errc::malformed_message, "open() knows one error");
    out.error = reader.error();
    return out;
  }
  const message_header& h = reader->header();
  for (unsigned i = 0; i < h.question_count; ++i) {
    const auto q = reader->read_question();
    if (!q) break;
    check_name(q->asked.qname);
    out.questions.push_back(*q);
  }
  const std::uint8_t* behind_last = message.data() + 12;
  while (reader->next()) {
    const std::span<const std::uint8_t> rdata = reader->record().rdata;
    require(rdata.data() >= behind_last + 11 && rdata.data() + rdata.size() <= message.data() + message.size(),
            "data lie behind the last record and inside the message");
    behind_last = rdata.data() + rdata.size();
    out.records.push_back(look_at(*reader));
  }
  out.error = reader->error();
  const std::size_t promised = std::size_t{h.answer_count} + h.authority_count + h.additional_count;
  require(out.error ? out.records.size() < promised || promised == 0 : out.records.size() == promised,
          "all records, or an error");
  return out;
}

bool is_same(const answer& a, const answer& b) {
  const auto is_same_set = [](const rrset& x, const rrset& y) {
    return x.owner == y.owner && x.type == y.type && x.ttl == y.ttl && x.records == y.records;
  };
  return a.code == b.code && a.status == b.status && a.canonical == b.canonical && a.alias_count == b.alias_count &&
         a.records == b.records && a.ttl == b.ttl && a.dropped_records == b.dropped_records &&
         a.extended_errors == b.extended_errors && std::ranges::equal(a.additional, b.additional, is_same_set);
}

// The endpoints have the addresses that a linear search through all sets finds.
void check_join(const answer& a) {
  static endpoint_joiner joiner;
  std::size_t total = 0;
  for (const endpoint& e : joiner.join(a)) {
    std::vector<ip_address> expected;
    for (const rrset& set : a.additional) {
      const auto* const addresses = std::get_if<std::vector<ip_address>>(&set.records);
      if (addresses == nullptr || set.owner != e.target) continue;
      expected.insert(expected.end(), addresses->begin(), addresses->end());
    }
    total += expected.size();
    if (total > max_joined_addresses) return;
    require(e.addresses == expected, "an endpoint has the addresses of its target");
    require(e.port != 0 && !e.target.is_root() && e.unresolved.failed() == expected.empty(), "it can be connected to");
  }
}

void check_answer(std::span<const std::uint8_t> message, const question& asked, const seen_message& seen) {
  const result<answer> a = read_answer(message, asked);
  require(a.has_value() == !seen.error, "an answer is refused when the walk failed, and only then");
  if (!a) return;
  std::size_t used = std::visit([](const auto& records) { return records.size(); }, a->records);
  require(!a->status ? used > 0 : true, "success has records");
  require(a->alias_count <= max_aliases && a->ttl.count() >= 0 && a->ttl.count() <= 0x7fffffff, "limits are kept");
  check_name(a->canonical);
  require(a->extended_errors.size() <= max_extended_errors, "a few extended errors are kept");
  for (const extended_error& e : a->extended_errors) {
    require(e.text.size() <= max_extended_text && detail::is_printable(to_string(e)), "their texts are short and safe");
  }
  std::set<std::pair<name, int>> owners;
  for (const rrset& set : a->additional) {
    const std::size_t size = std::visit([](const auto& records) { return records.size(); }, set.records);
    require(size > 0 && set.ttl.count() <= 0x7fffffff, "an additional set has records and a TTL");
    require(owners.emplace(set.owner, static_cast<int>(set.type)).second, "an additional set appears once");
    used += size;
  }
  require(used + a->dropped_records <= seen.records.size(), "no record is used twice");

  static answer_reader reader;
  static answer again;
  require(!reader.read(message, asked, again) && is_same(*a, again), "storage of earlier messages changes nothing");
  check_join(*a);
}

// The reader infers most owners from the previous name. If it does not read the questions one by
// one, that includes the name of the question.
void check_owners(std::span<const std::uint8_t> message, const seen_message& seen) {
  result<message_reader> reader = message_reader::open(message);
  octets before;
  for (std::size_t i = 0; reader && reader->next(); ++i) {
    const message_record& rr = reader->record();
    require(i < seen.records.size() && octets_of(rr.owner.wire()) == seen.records[i].owner, "owners are what they are");
    require(i == 0 || !rr.repeats_owner || octets_of(rr.owner.wire()) == before, "a repeated owner is the same");
    before = octets_of(rr.owner.wire());
  }
}

struct packet_deleter {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
};

octets octets_of(const ldns_rdf* rdf) { return {ldns_rdf_data(rdf), ldns_rdf_data(rdf) + ldns_rdf_size(rdf)}; }

void compare_section(const seen_message& seen, message_section section, const ldns_rr_list* theirs) {
  std::vector<const seen_record*> ours;
  for (const seen_record& record : seen.records) {
    if (record.section == section) ours.push_back(&record);
  }
  require(ours.size() == ldns_rr_list_rr_count(theirs), "ldns counts as many records");
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const ldns_rr* rr = ldns_rr_list_rr(theirs, i);
    require(octets_of(ldns_rr_owner(rr)) == ours[i]->owner, "ldns reads the same owner");
    require(static_cast<int>(ldns_rr_get_type(rr)) == ours[i]->type, "ldns reads the same type");
    require(static_cast<int>(ldns_rr_get_class(rr)) == ours[i]->rclass, "ldns reads the same class");
    require(ldns_rr_ttl(rr) == ours[i]->ttl, "ldns reads the same TTL");
    octets rdata;
    for (std::size_t field = 0; field < ldns_rr_rd_count(rr); ++field) {
      const octets more = octets_of(ldns_rr_rdf(rr, field));
      rdata.insert(rdata.end(), more.begin(), more.end());
    }
    if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_SOA && rdata.size() > 20) rdata.erase(rdata.begin(), rdata.end() - 20);
    require(rdata == ours[i]->expanded, "ldns reads the same data");
  }
}

// Compares messages that the reader reads completely and whose records all have one of the few
// types above and are valid for them. Excludes cases in which the two correctly differ: input that
// the reader refuses and ldns accepts (forward pointers, pointers into the header, records that
// exceed their RDLENGTH or hide another record behind it), types that ldns removes (OPT, TSIG) or
// decodes differently, and messages so large that ldns needs seconds. Both ignore octets behind the
// last record. Prints nothing with ldns, which is not safe (ldns_pkt2str).
void compare_with_ldns(std::span<const std::uint8_t> message, const seen_message& seen) {
  if (seen.error || message.size() > 4096) return;
  if (!std::ranges::all_of(seen.records, &seen_record::well_behaved)) return;
  ldns_pkt* raw = nullptr;
  const ldns_status status = ldns_wire2pkt(&raw, message.data(), message.size());
  require(status == LDNS_STATUS_OK, "ldns accepts what we accept");
  const std::unique_ptr<ldns_pkt, packet_deleter> packet(raw);

  const ldns_rr_list* questions = ldns_pkt_question(packet.get());
  require(ldns_rr_list_rr_count(questions) == seen.questions.size(), "ldns counts as many questions");
  for (std::size_t i = 0; i < seen.questions.size(); ++i) {
    const ldns_rr* theirs = ldns_rr_list_rr(questions, i);
    require(octets_of(ldns_rr_owner(theirs)) == octets_of(seen.questions[i].asked.qname.wire()),
            "ldns reads the same question");
    require(static_cast<int>(ldns_rr_get_type(theirs)) == static_cast<int>(seen.questions[i].asked.type),
            "... of the same type");
  }
  compare_section(seen, message_section::answer, ldns_pkt_answer(packet.get()));
  compare_section(seen, message_section::authority, ldns_pkt_authority(packet.get()));
  compare_section(seen, message_section::additional, ldns_pkt_additional(packet.get()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Copies the octets into a buffer of exact size, so that AddressSanitizer detects a read of one
  // octet too many.
  const octets message(data, data + size);
  const seen_message seen = walk(message);
  const seen_message again = walk(message);
  require(seen.error == again.error && seen.records == again.records, "walking twice gives the same");

  check_owners(message, seen);

  std::vector<question> asked{{name(), rr_type::ptr}};
  for (const auto& q : seen.questions) asked.push_back(q.asked);
  if (!seen.records.empty()) {
    const name owner = name::from_wire(seen.records.front().owner).value();
    for (const rr_type type : {rr_type::ptr, rr_type::srv, rr_type::txt, rr_type::a, rr_type::aaaa})
      asked.push_back({owner, type});
  }
  asked.resize(std::min<std::size_t>(asked.size(), 8));
  for (const question& q : asked) {
    check_answer(message, q, seen);
    const std::uint16_t id = size < 2 ? 0 : static_cast<std::uint16_t>(data[0] << 8 | data[1]);
    const bool matches = match_reply(message, q, id) == reply_match::yes;
    require(!matches || (seen.questions.size() == 1 && seen.questions[0].asked == q && (data[2] & 0xf8) == 0x80),
            "a reply matches its own question only");
    require(match_reply(message, q, static_cast<std::uint16_t>(id + 1)) == reply_match::no, "another ID never matches");
  }
  compare_with_ldns(message, seen);
  return 0;
}
