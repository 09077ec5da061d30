#include "scenarios/message_text.hpp"

#include "scenarios/values.hpp"
#include "sdconnect/dns/message_reader.hpp"
#include "support/reply_to.hpp"

#include <fmt/core.h>

namespace sdconnect::scenario {
namespace {

constexpr int most_records = 6;

std::string data_text(const message_reader& reader) {
  switch (reader.record().type) {
    case rr_type::a:
    case rr_type::aaaa:
      if (const auto address = reader.as_address()) return ' ' + address->to_text();
      return " (malformed)";
    case rr_type::cname:
    case rr_type::dname:
    case rr_type::ns:
    case rr_type::ptr:
      if (const auto target = reader.as_name()) return ' ' + text_of(*target);
      return " (malformed)";
    case rr_type::srv:
      if (const auto srv = reader.as_srv()) {
        return fmt::format(" {} {} {} {}", srv->priority, srv->weight, srv->port, text_of(srv->target));
      }
      return " (malformed)";
    case rr_type::soa:
    case rr_type::txt:
    case rr_type::opt: break;
  }
  return {};
}

}  // namespace

std::string query_text(std::span<const std::uint8_t> message) {
  const auto qname = name::from_wire(test::qname_of(message).bytes);
  return fmt::format("{} {} id={:04x}{}", to_string(test::type_of(message)), qname ? text_of(*qname) : "?",
                     test::id_of(message), test::has_edns(message) ? " edns" : "");
}

std::string reply_text(std::span<const std::uint8_t> message) {
  auto reader = message_reader::open(message);
  if (!reader) return fmt::format("{} octets that are no message", message.size());
  const message_header& h = reader->header();
  std::string out =
      fmt::format("{} id={:04x}{}{} {}/{}/{}/{} in {} octets", to_string(static_cast<rcode>(h.rcode)),
                  test::id_of(message), (message[2] & 0x02) != 0 ? " tc" : "", h.authenticated ? " ad" : "",
                  h.question_count, h.answer_count, h.authority_count, h.additional_count, message.size());
  int shown = 0;
  while (reader->next()) {
    const message_record& r = reader->record();
    if (r.type == rr_type::opt) continue;
    if (++shown > most_records) return out + ", ...";
    out += fmt::format("{} {} {} {}{}", shown == 1 ? ":" : ",", text_of(r.owner), r.ttl, to_string(r.type),
                       data_text(*reader));
  }
  if (reader->error()) out += ", malformed";
  return out;
}

}  // namespace sdconnect::scenario
