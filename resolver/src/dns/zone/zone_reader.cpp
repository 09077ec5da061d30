#include "dns/zone/zone_reader.hpp"

#include "dns/zone/zone_origin.hpp"
#include "dns/zone/zone_text.hpp"
#include "net/base/ascii.hpp"
#include "net/base/printable.hpp"

#include <fmt/format.h>
#include <ldns/ldns.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>

namespace sdconnect::detail {
namespace {

// ldns truncates longer text silently.
constexpr std::size_t max_rdata_text = LDNS_MAX_PACKETLEN - 1;
constexpr std::uint32_t max_ttl = 0x7FFFFFFF;  // RFC 2181 §8

using rr_pointer = std::unique_ptr<ldns_rr, decltype([](ldns_rr* rr) { ldns_rr_free(rr); })>;
using rdf_pointer = std::unique_ptr<ldns_rdf, decltype([](ldns_rdf* rdf) { ldns_rdf_deep_free(rdf); })>;
using buffer_pointer = std::unique_ptr<ldns_buffer, decltype([](ldns_buffer* buffer) { ldns_buffer_free(buffer); })>;

template <class Number>
std::optional<Number> number_in(std::string_view text, int base = 10) noexcept {
  Number value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "3600", "1h", "1d12h". Does not use ldns, which lets large values wrap around.
std::optional<std::uint32_t> ttl_in(std::string_view text) noexcept {
  std::uint64_t total = 0;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto value = number_in<std::uint32_t>(text.substr(0, digits));
    if (!value) return std::nullopt;
    std::uint64_t unit = 1;
    if (digits < text.size()) {
      switch (text[digits]) {
        case 's':
        case 'S': unit = 1; break;
        case 'm':
        case 'M': unit = 60; break;
        case 'h':
        case 'H': unit = 3600; break;
        case 'd':
        case 'D': unit = 86400; break;
        case 'w':
        case 'W': unit = 604800; break;
        default: return std::nullopt;
      }
    }
    total += *value * unit;
    if (total > max_ttl) return std::nullopt;
    text.remove_prefix(std::min(digits + 1, text.size()));
  }
  return static_cast<std::uint32_t>(total);
}

// Whether a zone may contain the type: not OPT, and not a query or meta type (RFC 6895 §3.1).
bool is_data_type(unsigned type) noexcept {
  return type > 0 && type <= 0xFFFF && type != static_cast<unsigned>(rr_type::opt) && (type < 128 || type > 255);
}

// Returns the offset after the uncompressed name at `at`; 0 if the name extends beyond the end.
std::size_t skip_name(std::span<const std::uint8_t> octets, std::size_t at) noexcept {
  while (at < octets.size() && octets[at] != 0) at += octets[at] + std::size_t{1};
  return at < octets.size() ? at + 1 : 0;
}

bool are_strings(std::span<const std::uint8_t> rdata) noexcept {
  std::size_t at = 0;
  while (at < rdata.size()) at += rdata[at] + std::size_t{1};
  return !rdata.empty() && at == rdata.size();
}

// `TYPE \# LENGTH HEX` may contain anything, so this function checks the shape for every type that
// replies are built from.
bool has_right_shape(rr_type type, std::span<const std::uint8_t> rdata) {
  if (type == rr_type::a) return rdata.size() == 4;
  if (type == rr_type::aaaa) return rdata.size() == 16;
  if (type == rr_type::txt) return are_strings(rdata);
  const rdata_layout layout = layout_of(type);
  if (layout.names == 0) return true;
  std::size_t at = layout.first_name;
  for (std::size_t i = 0; i < layout.names; ++i) {
    const std::size_t end = skip_name(rdata, at);
    if (end == 0 || !name::from_wire(rdata.subspan(at, end - at))) return false;
    at = end;
  }
  return at + layout.behind_names == rdata.size();
}

using tokens = std::span<const std::string_view>;

class record_reader {
 public:
  explicit record_reader(const name& origin) : buffer_(ldns_buffer_new(LDNS_MAX_PACKETLEN)) {
    if (!buffer_) throw std::bad_alloc();
    set_origin(origin);
  }

  void read(const zone_line& line);
  std::vector<zone_record> take() { return std::move(records_); }

 private:
  [[noreturn]] void fail(std::string reason) const { throw zone_fault{line_, std::move(reason)}; }
  void set_origin(const name& origin);
  name name_from(std::string_view text) const;
  void read_directive(tokens line);
  void read_record(tokens fields, bool owner_omitted);
  std::uint32_t default_ttl(rr_type type, std::span<const std::uint8_t> rdata) const;
  std::vector<std::uint8_t> rdata_from(rr_type type, std::string_view type_text, tokens text);
  std::vector<std::uint8_t> unknown_rdata_from(tokens text) const;
  std::vector<std::uint8_t> ldns_rdata_from(std::string_view type_text, tokens text);

  name origin_;
  rdf_pointer ldns_origin_;
  buffer_pointer buffer_;
  int line_ = 0;
  std::optional<name> owner_;
  std::optional<std::uint32_t> directive_ttl_, last_ttl_;
  std::vector<zone_record> records_;
};

void record_reader::set_origin(const name& origin) {
  origin_ = origin;
  const auto wire = origin.wire();
  ldns_origin_.reset(ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, wire.size(), wire.data()));
  if (!ldns_origin_) throw std::bad_alloc();
}

name record_reader::name_from(std::string_view text) const {
  if (text == "@") return origin_;
  result<name> read = name::from_text(text);
  if (read && !is_absolute(text)) read = read->rebased(name(), origin_);
  if (!read) fail(fmt::format("{}: {}", escaped(text), read.error().message()));
  return *read;
}

void record_reader::read(const zone_line& line) {
  line_ = line.number;
  if (is_directive(line)) return read_directive(line.tokens);
  read_record(line.tokens, line.begins_blank);
}

void record_reader::read_directive(tokens line) {
  const bool is_origin = equal_ignoring_case(line[0], "$ORIGIN");
  if (!is_origin && !equal_ignoring_case(line[0], "$TTL")) fail(fmt::format("{} is not supported", escaped(line[0])));
  if (line.size() != 2) fail(fmt::format("{} takes one value", escaped(line[0])));
  if (is_origin) return set_origin(name_from(line[1]));
  directive_ttl_ = ttl_in(line[1]);
  if (!directive_ttl_) fail(fmt::format("{} is no TTL", escaped(line[1])));
}

// RFC 1035 §5.1: [owner] [TTL] [class] type RDATA, TTL and class in either order. ldns accepts only
// one order, and replaces a TTL of 0 by one hour.
void record_reader::read_record(tokens fields, bool owner_omitted) {
  if (!owner_omitted) {
    owner_ = name_from(fields.front());
    fields = fields.subspan(1);
  }
  if (!owner_) fail("record without an owner");

  const std::string_view ttl_text = take_ttl_and_class(fields);
  std::optional<std::uint32_t> ttl;
  if (!ttl_text.empty()) {
    ttl = ttl_in(ttl_text);
    if (!ttl) fail(fmt::format("{} is no TTL", escaped(ttl_text)));
  }
  if (fields.empty()) fail("record without a type");
  const std::string type_text(fields.front());
  const auto type_number = static_cast<unsigned>(ldns_get_rr_type_by_name(type_text.c_str()));
  if (!is_data_type(type_number)) fail(fmt::format("{} is no record type of class IN", escaped(type_text)));

  const auto type = static_cast<rr_type>(type_number);
  std::vector<std::uint8_t> rdata = rdata_from(type, type_text, fields.subspan(1));
  if (!has_right_shape(type, rdata)) fail(fmt::format("bad data for {}", type_text));
  if (ttl) last_ttl_ = ttl;
  if (!ttl) ttl = default_ttl(type, rdata);
  records_.push_back({*owner_, type, *ttl, std::move(rdata), line_});
}

// RFC 2308 §4: $TTL; without one, RFC 1035 §5.1: the last TTL stated. A zone that states no TTL
// begins with its SOA, whose MINIMUM once had this meaning.
std::uint32_t record_reader::default_ttl(rr_type type, std::span<const std::uint8_t> rdata) const {
  if (directive_ttl_) return *directive_ttl_;
  if (last_ttl_) return *last_ttl_;
  if (type != rr_type::soa) {
    if (records_.empty()) fail("no TTL: neither here nor by $TTL");
    return records_.back().ttl;
  }
  const auto minimum = rdata.last(4);
  return static_cast<std::uint32_t>(minimum[0]) << 24 | static_cast<std::uint32_t>(minimum[1]) << 16 |
         static_cast<std::uint32_t>(minimum[2]) << 8 | minimum[3];
}

std::vector<std::uint8_t> record_reader::rdata_from(rr_type type, std::string_view type_text, tokens text) {
  if (text.size() >= 2 && text[0] == "\\#") return unknown_rdata_from(text.subspan(1));
  if (type == rr_type::srv) {
    // ldns turns 70000 into 4464, so a typing error would silently lead to another port.
    for (std::size_t i = 0; i < std::min<std::size_t>(3, text.size()); ++i) {
      if (!number_in<std::uint16_t>(text[i])) fail(fmt::format("SRV: {} is not in 0 to 65535", escaped(text[i])));
    }
  }
  return ldns_rdata_from(type_text, text);
}

// RFC 3597 §5. ldns accepts any letter as a hexadecimal digit.
std::vector<std::uint8_t> record_reader::unknown_rdata_from(tokens text) const {
  const auto length = number_in<std::uint16_t>(text[0]);
  std::string digits;
  for (const auto part : text.subspan(1)) digits += part;
  if (!length || digits.size() != *length * std::size_t{2}) fail("\\#: length and data do not agree");
  std::vector<std::uint8_t> rdata;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto octet = number_in<std::uint8_t>(std::string_view(digits).substr(i, 2), 16);
    if (!octet) fail("\\#: data that are not hexadecimal");
    rdata.push_back(*octet);
  }
  return rdata;
}

std::vector<std::uint8_t> record_reader::ldns_rdata_from(std::string_view type_text, tokens text) {
  std::string line = fmt::format(". 0 IN {}", type_text);
  const std::size_t before = line.size();
  for (const auto token : text) {
    line += ' ';
    line += token;
  }
  if (line.size() - before > max_rdata_text) fail(fmt::format("{}: data too long", type_text));

  ldns_rr* raw = nullptr;
  ldns_status status = ldns_rr_new_frm_str(&raw, line.c_str(), 0, ldns_origin_.get(), nullptr);
  const rr_pointer rr(raw);
  if (status == LDNS_STATUS_OK) {
    ldns_buffer_clear(buffer_.get());
    status = ldns_rr_rdata2buffer_wire(buffer_.get(), rr.get());
  }
  if (status != LDNS_STATUS_OK) fail(fmt::format("{}: {}", type_text, ldns_get_errorstr_by_id(status)));
  const std::uint8_t* begin = ldns_buffer_begin(buffer_.get());
  std::vector<std::uint8_t> rdata(begin, begin + ldns_buffer_position(buffer_.get()));
  if (rdata.size() > 0xFFFF) fail(fmt::format("{}: data too long", type_text));
  return rdata;
}

}  // namespace

rdata_layout layout_of(rr_type type) noexcept {
  if (type == rr_type_mx) return {2, 1, 0, true};
  switch (type) {
    case rr_type::ns:
    case rr_type::cname:
    case rr_type::ptr: return {0, 1, 0, true};
    case rr_type::soa: return {0, 2, 20, true};
    case rr_type::dname: return {0, 1, 0, false};
    case rr_type::srv: return {6, 1, 0, false};
    case rr_type::a:
    case rr_type::aaaa:
    case rr_type::txt:
    case rr_type::opt: break;
  }
  return {};
}

name name_in(rr_type type, std::span<const std::uint8_t> rdata) {
  const std::size_t at = layout_of(type).first_name;
  return *name::from_wire(rdata.subspan(at, skip_name(rdata, at) - at));
}

std::vector<zone_record> read_zone_records(std::string_view text, const std::optional<name>& origin) {
  record_reader reader(origin ? *origin : origin_by_soa(text).value_or(name()));
  zone_text lines(text);
  while (const auto line = lines.next()) reader.read(*line);
  return reader.take();
}

}  // namespace sdconnect::detail
