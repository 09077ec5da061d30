/// \file
/// A message as lines of text, read by the library's message reader and by ldns, which must agree.
/// Only for messages that this process made itself: ldns is unsafe on anything else.
#pragma once

#include "sdconnect/dns/message_reader.hpp"
#include "support/message_builder.hpp"

#include <catch2/catch.hpp>
#include <ldns/ldns.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace sdconnect::test {

inline std::string rdata_text(const message_reader& reader) {
  switch (reader.record().type) {
    case rr_type::a:
    case rr_type::aaaa: return reader.as_address().value().to_text();
    case rr_type::ns:
    case rr_type::cname:
    case rr_type::dname:
    case rr_type::ptr: return reader.as_name().value().to_text();
    case rr_type::srv: {
      const srv_record srv = reader.as_srv().value();
      return std::to_string(srv.priority) + ' ' + std::to_string(srv.weight) + ' ' + std::to_string(srv.port) + ' ' +
             srv.target.to_text();
    }
    case rr_type::txt: {
      std::string text;
      const auto rdata = reader.record().rdata;
      for (std::size_t at = 0; at < rdata.size(); at += rdata[at] + std::size_t{1}) {
        const std::string string(rdata.begin() + static_cast<std::ptrdiff_t>(at + 1),
                                 rdata.begin() + static_cast<std::ptrdiff_t>(at + 1 + rdata[at]));
        text += (at == 0 ? "\"" : " \"") + string + '"';
      }
      return text;
    }
    case rr_type::soa: return "minimum " + std::to_string(reader.as_soa().value().minimum);
    case rr_type::opt: break;
  }
  return "?";
}

/// "answer h.example.com. 60 A 192.0.2.1"; leaves out OPT. Shows only the MINIMUM of SOA.
inline std::vector<std::string> lines_by_reader(const octets& message) {
  std::vector<std::string> lines;
  auto reader = message_reader::open(message);
  REQUIRE(reader.has_value());
  while (reader->next()) {
    const message_record& record = reader->record();
    if (record.type == rr_type::opt) continue;
    const char* section = record.section == message_section::answer      ? "answer "
                          : record.section == message_section::authority ? "authority "
                                                                         : "additional ";
    lines.push_back(section + record.owner.to_text() + ' ' + std::to_string(record.ttl) + ' ' + to_string(record.type) +
                    ' ' + rdata_text(*reader));
  }
  REQUIRE_FALSE(reader->error());
  return lines;
}

inline std::vector<std::string> lines_by_ldns(const octets& message) {
  ldns_pkt* raw = nullptr;
  REQUIRE(ldns_wire2pkt(&raw, message.data(), message.size()) == LDNS_STATUS_OK);
  const std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)> packet(raw, &ldns_pkt_free);
  std::vector<std::string> lines;
  const auto add = [&lines](const std::string& section, const ldns_rr_list* list) {
    for (std::size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) {
      const ldns_rr* rr = ldns_rr_list_rr(list, i);
      char* printed = ldns_rr2str(rr);
      std::string text = printed;
      std::free(printed);  // NOLINT: ldns gives malloc'ed text
      if (!text.empty() && text.back() == '\n') text.pop_back();
      std::replace(text.begin(), text.end(), '\t', ' ');
      if (const auto in = text.find(" IN "); in != text.npos) text.erase(in, 3);
      if (const auto soa = text.find(" SOA "); soa != text.npos) {
        text = text.substr(0, soa + 5) + "minimum " + text.substr(text.rfind(' ') + 1);
      }
      lines.push_back(section + ' ' + text);
    }
  };
  add("answer", ldns_pkt_answer(packet.get()));
  add("authority", ldns_pkt_authority(packet.get()));
  add("additional", ldns_pkt_additional(packet.get()));
  return lines;
}

inline std::vector<std::string> lines_of(const octets& message) {
  const std::vector<std::string> lines = lines_by_reader(message);
  CHECK(lines_by_ldns(message) == lines);
  return lines;
}

}  // namespace sdconnect::test
