#include "scenarios/reply_plan.hpp"

#include "support/reply_to.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace sdconnect::scenario {
namespace {

using test::octets;

void lower(octets& wire) {
  for (std::uint8_t& octet : wire) {
    if (octet >= 'A' && octet <= 'Z') octet = static_cast<std::uint8_t>(octet + 32);  // label lengths are below 'A'
  }
}

bool is_same_ignoring_case(octets a, octets b) {
  lower(a);
  lower(b);
  return a == b;
}

std::optional<std::size_t> size_of(const script_line& line, std::string_view key) {
  if (!line.find(key)) return std::nullopt;
  return static_cast<std::size_t>(line.number_of(key, 0));
}

constexpr std::size_t opt_size = 11;  // of a query's OPT record: without options

}  // namespace

reply_plan::reply_plan(const script_line& line) : line_(line.number) {
  line.only({"hex", "after", "id", "name", "type", "class", "rcode", "opcode", "qr", "times", "counts", "cut", "pad",
             "questions", "ports", "drip", "stall", "length", "edns-rcode"});
  const std::string first = line.words.size() > 1 ? line.words[1] : std::string();
  const bool is_zone = first == "zone";
  const bool is_message = first == "message";
  line.only_words(is_zone || is_message ? 2 : 1, {"tc", "ad", "z", "no-question", "lower-case", "no-edns", "close"});
  if (is_zone) source_ = source::zone;
  if (is_message) source_ = source::records;
  if (const auto hex = line.find("hex")) {
    source_ = source::hex;
    hex_ = *hex;
    (void)from_hex(std::array<std::uint8_t, 2>{});
  }
  if (source_ == source::code && !line.find("rcode")) line.fail("a reply of what? " + line.text);
  if (!is_message && !line.below.empty()) line.below.front().fail("records belong to `reply message`");
  for (const script_line& record : line.below) append_records(record, records_);
  std::ranges::stable_sort(records_, {}, &wire_record::section);
  read_question(line);
  read_header(line);
  read_manners(line);
}

void reply_plan::read_question(const script_line& line) {
  if (const auto other = line.find("name")) {
    const name read = name_from(line, *other);
    qname_.emplace(read.wire().begin(), read.wire().end());
  }
  if (const auto other = line.find("type")) qtype_ = static_cast<int>(type_from(line, *other));
  if (const auto other = line.find("class")) {
    qclass_ = class_from(line, *other);
  }
  questions_ = line.has_word("no-question") ? 0 : line.number_of("questions", 1);
  lower_case_ = line.has_word("lower-case");
}

void reply_plan::read_header(const script_line& line) {
  id_offset_ = static_cast<int>(line.number_of("id", 0));
  if (const auto code = line.find("rcode")) rcode_ = rcode_from(line, *code);
  if (const auto code = line.find("edns-rcode")) edns_rcode_ = rcode_from(line, *code);
  if (line.find("opcode")) opcode_ = static_cast<unsigned>(line.number_of("opcode", 0));
  is_query_ = line.number_of("qr", 1) == 0;
  tc_ = line.has_word("tc");
  ad_ = line.has_word("ad");
  z_ = line.has_word("z");
  no_edns_ = line.has_word("no-edns");
  if (source_ == source::zone && (questions_ != 1 || edns_rcode_)) {
    line.fail("no-question, questions= and edns-rcode= are for other replies than those of the zone");
  }
  if (const auto counts = line.find("counts")) {
    std::istringstream in(*counts);
    for (std::string part; std::getline(in, part, ',');) {
      counts_.push_back(static_cast<std::uint16_t>(range_from(line, part).low));
    }
    if (counts_.size() != 4) line.fail("four counts are needed");
  }
  cut_ = size_of(line, "cut");
  pad_ = size_of(line, "pad").value_or(0);
}

void reply_plan::read_manners(const script_line& line) {
  how_.after = line.duration("after", how_.after);
  how_.times = line.number_of("times", 1);
  if (const auto ports = line.find("ports")) {
    if (*ports != "other") line.fail("ports=other is all there is");
    how_.other_port = true;
  }
  if (const auto drip = line.find("drip")) {
    const std::size_t slash = std::min(drip->find('/'), drip->size());
    how_.drip = static_cast<std::size_t>(range_from(line, drip->substr(0, slash)).low);
    how_.drip_pause = time_from(line, drip->substr(std::min(slash + 1, drip->size())));
    if (*how_.drip == 0) line.fail("no octets at a time");
  }
  how_.stall = size_of(line, "stall");
  how_.close = line.has_word("close");
  how_.length = size_of(line, "length");
}

octets reply_plan::message(std::span<const std::uint8_t> query, bool is_udp, const zone& z) const {
  octets out;
  switch (source_) {
    case source::zone: {
      constexpr std::size_t longest = 65535;
      out = z.reply(asked_instead(query), is_udp ? udp_reply_limit(query) : longest);
      break;
    }
    case source::code:
    case source::records: out = composed(query); break;
    case source::hex: out = from_hex(query); break;
  }
  finish(out, query);
  return out;
}

// Returns the query with the question that the reply is about; the zone copies its question.
octets reply_plan::asked_instead(std::span<const std::uint8_t> query) const {
  const auto end = query.begin() + static_cast<std::ptrdiff_t>(test::end_of_qname(query));
  octets out(query.begin(), query.begin() + 12);
  octets qname = qname_.value_or(octets(query.begin() + 12, end));
  if (lower_case_) lower(qname);
  test::put(out, qname);
  test::put_u16(out, static_cast<std::size_t>(qtype_.value_or(end[0] << 8 | end[1])));
  test::put_u16(out, static_cast<std::size_t>(qclass_.value_or(end[2] << 8 | end[3])));
  if (test::has_edns(query) && no_edns_) {
    out[11] = 0;
  } else if (test::has_edns(query)) {
    out.insert(out.end(), query.end() - opt_size, query.end());
  }
  return out;
}

octets reply_plan::composed(std::span<const std::uint8_t> query) const {
  test::message_builder made(test::id_of(query));
  made.response().ra();
  octets qname = qname_.value_or(test::qname_of(query).bytes);
  if (lower_case_) lower(qname);
  const int qtype = qtype_.value_or(static_cast<int>(test::type_of(query)));
  for (std::int64_t i = 0; i < questions_; ++i) {
    made.question(test::wire_name::raw(qname), qtype, qclass_.value_or(1));
  }
  for (const wire_record& r : records_) {
    octets owner = r.owner;
    if (!r.is_owner_raw && lower_case_) lower(owner);
    // As servers do: a pointer to the question, which keeps the letter case of the query.
    const bool is_asked = !r.is_owner_raw && questions_ > 0 && is_same_ignoring_case(owner, qname);
    made.record(r.section, is_asked ? test::wire_name::pointer(12) : test::wire_name::raw(owner), r.type, r.ttl,
                r.rdata, r.rclass, r.rdlength.value_or(r.rdata.size()));
  }
  if (edns_rcode_) {
    made.rcode(*edns_rcode_ & 0xF).opt(1232, *edns_rcode_);
  } else if (test::has_edns(query) && !no_edns_) {
    made.opt(1232, rcode_.value_or(0));
  }
  return made.bytes();
}

octets reply_plan::from_hex(std::span<const std::uint8_t> query) const {
  script_line line;
  line.number = line_;
  const std::size_t id = hex_.find("id");
  octets out = octets_from(line, hex_.substr(0, id));
  if (id == hex_.npos) return out;
  out.insert(out.end(), query.begin(), query.begin() + 2);
  const octets rest = octets_from(line, hex_.substr(id + 2));
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

void reply_plan::finish(octets& message, std::span<const std::uint8_t> query) const {
  if (message.size() >= 12) {
    const auto set = [&](std::size_t at, unsigned mask, unsigned value) {
      message[at] = static_cast<std::uint8_t>((message[at] & ~mask) | (value & mask));
    };
    if (id_offset_ != 0) {
      const int id = test::id_of(query) + id_offset_;
      set(0, 0xFF, static_cast<unsigned>(id) >> 8);
      set(1, 0xFF, static_cast<unsigned>(id));
    }
    if (is_query_) set(2, 0x80, 0);
    if (opcode_) set(2, 0x78, *opcode_ << 3);
    if (tc_) set(2, 0x02, 0x02);
    if (ad_) set(3, 0x20, 0x20);
    if (z_) set(3, 0x40, 0x40);
    if (rcode_) set(3, 0x0F, *rcode_);
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      set(4 + 2 * i, 0xFF, counts_[i] >> 8U);
      set(5 + 2 * i, 0xFF, counts_[i]);
    }
  }
  if (cut_ && *cut_ < message.size()) message.resize(*cut_);
  message.resize(message.size() + pad_);
}

}  // namespace sdconnect::scenario
