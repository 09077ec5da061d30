#include "scenarios/record_text.hpp"

#include <ldns/ldns.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>

namespace sdconnect::scenario {
namespace {

constexpr std::string_view hex_prefix = "hex:";

std::size_t section_from(const script_line& line, std::string_view word) {
  if (word == "answer") return 1;
  if (word == "authority") return 2;
  if (word == "additional") return 3;
  line.fail("no section: " + std::string(word));
}

// Parses text of this scenario: ldns is unsafe only on data from a network.
wire_record record_from(const script_line& line, const std::string& owner, const std::string& rest) {
  static const std::unique_ptr<ldns_rdf, decltype(&ldns_rdf_deep_free)> origin(ldns_dname_new_frm_str("example.com."),
                                                                               &ldns_rdf_deep_free);
  wire_record out;
  out.is_owner_raw = owner.starts_with(hex_prefix);
  ldns_rr* raw = nullptr;
  const std::string text = (out.is_owner_raw ? "x" : owner) + ' ' + rest;
  const ldns_status status = ldns_rr_new_frm_str(&raw, text.c_str(), 60, origin.get(), nullptr);
  if (status != LDNS_STATUS_OK) line.fail(std::string("no record: ") + ldns_get_errorstr_by_id(status));
  const std::unique_ptr<ldns_rr, decltype(&ldns_rr_free)> rr(raw, &ldns_rr_free);
  const std::unique_ptr<ldns_buffer, decltype(&ldns_buffer_free)> rdata(ldns_buffer_new(65535), &ldns_buffer_free);
  if (ldns_rr_rdata2buffer_wire(rdata.get(), rr.get()) != LDNS_STATUS_OK) line.fail("RDATA that cannot be written");

  const std::uint8_t* const name = ldns_rdf_data(ldns_rr_owner(rr.get()));
  out.owner.assign(name, name + ldns_rdf_size(ldns_rr_owner(rr.get())));
  if (out.is_owner_raw) out.owner = octets_from(line, owner.substr(hex_prefix.size()));
  out.type = static_cast<int>(ldns_rr_get_type(rr.get()));
  out.ttl = ldns_rr_ttl(rr.get());
  out.rdata.assign(ldns_buffer_begin(rdata.get()), ldns_buffer_begin(rdata.get()) + ldns_buffer_position(rdata.get()));
  return out;
}

// "65000*00": repeats these octets that many times.
void append_fill(const script_line& line, std::string_view text, octets& out) {
  const std::size_t star = std::min(text.find('*'), text.size());
  const octets pattern = octets_from(line, text.substr(std::min(star + 1, text.size())));
  for (std::int64_t left = range_from(line, text.substr(0, star)).low; left > 0; --left) {
    out.insert(out.end(), pattern.begin(), pattern.end());
  }
}

wire_record raw_record(const script_line& line) {
  line.only({"rdlength", "class", "fill"});
  wire_record out;
  const std::string& owner = line.word(2);
  out.is_owner_raw = owner.starts_with(hex_prefix);
  if (out.is_owner_raw) {
    out.owner = octets_from(line, owner.substr(hex_prefix.size()));
  } else {
    const name read = name_from(line, owner);
    out.owner.assign(read.wire().begin(), read.wire().end());
  }
  out.section = section_from(line, line.word(1));
  out.ttl = static_cast<std::uint32_t>(range_from(line, line.word(3)).low);
  out.type = static_cast<int>(type_from(line, line.word(4)));
  std::string hex;
  for (std::size_t i = 5; i < line.words.size(); ++i) hex += line.words[i];
  out.rdata = octets_from(line, hex);
  if (const auto fill = line.find("fill")) append_fill(line, *fill, out.rdata);
  if (line.find("rdlength")) out.rdlength = static_cast<std::size_t>(line.number_of("rdlength", 0));
  if (const auto rclass = line.find("class")) {
    out.rclass = class_from(line, *rclass);
  }
  return out;
}

void replace_all(std::string& in, std::string_view what, const std::string& with) {
  for (std::size_t at = in.find(what); at != in.npos; at = in.find(what, at + with.size())) {
    in.replace(at, what.size(), with);
  }
}

// `[repeat=N] SECTION OWNER TTL TYPE RDATA`, read from the text, because RDATA may contain
// anything.
void append_from_text(const script_line& line, std::vector<wire_record>& out) {
  std::istringstream in(line.text);
  std::string section, owner, rest;
  std::int64_t repeat = 1;
  in >> section;
  if (section.starts_with("repeat=")) {
    repeat = line.number_of("repeat", 1);
    in >> section;
  }
  in >> owner;
  std::getline(in, rest);
  for (std::int64_t i = 0; i < repeat; ++i) {
    std::string numbered_owner = owner, numbered_rest = rest;
    replace_all(numbered_owner, "{i}", std::to_string(i));
    replace_all(numbered_rest, "{i}", std::to_string(i));
    out.push_back(record_from(line, numbered_owner, numbered_rest));
    out.back().section = section_from(line, section);
  }
}

}  // namespace

void append_records(const script_line& line, std::vector<wire_record>& out) {
  if (!line.below.empty()) line.below.front().fail("nothing belongs below a record");
  if (line.words.empty()) line.fail("no record: " + line.text);
  if (line.words[0] == "cname") {
    line.only({"ttl"});
    out.push_back(record_from(line, line.word(1), line.find("ttl").value_or("60") + " CNAME " + line.word(2)));
  } else if (line.words[0] == "soa") {
    line.only({"ttl", "minimum"});
    line.only_words(1, {});
    out.push_back(record_from(
        line, "@",
        line.find("ttl").value_or("60") + " SOA ns h 1 3600 600 86400 " + line.find("minimum").value_or("60")));
    out.back().section = 2;
  } else if (line.words[0] == "raw") {
    out.push_back(raw_record(line));
  } else {
    append_from_text(line, out);
  }
}

}  // namespace sdconnect::scenario
