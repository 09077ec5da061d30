// Only the json_*.cpp files include Boost.JSON.
#include "text/json_parts.hpp"

#include "net/base/printable.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <cmath>
#include <string_view>

namespace sdconnect::cli {
namespace {

// Boost.JSON writes 0.7439 as 7.439E-1, which is valid but hard to read. This function exists to
// write numbers differently.
void write(std::string& out, const json::value& value) {
  if (const json::object* object = value.if_object()) {
    const char* separator = "{";
    for (const auto& [key, member] : *object) {
      out += separator + json::serialize(key) + ':';
      write(out, member);
      separator = ",";
    }
    out += object->empty() ? "{}" : "}";
  } else if (const json::array* array = value.if_array()) {
    const char* separator = "[";
    for (const json::value& item : *array) {
      out += separator;
      write(out, item);
      separator = ",";
    }
    out += array->empty() ? "[]" : "]";
  } else if (const double* number = value.if_double()) {
    out += fmt::format("{}", *number);
  } else {
    out += json::serialize(value);
  }
}

std::string base64(std::string_view octets) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    const std::string_view group = octets.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (k < group.size() ? static_cast<std::uint8_t>(group[k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += k <= group.size() ? digits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

// A key is printable (RFC 6763 §6.4), so it follows the rule of a printable value: as it is.
json::value pair_of(const txt_entry& entry) {
  json::object pair{{"key", entry.key}};
  if (!entry.value)
    pair["value"] = nullptr;
  else if (detail::is_printable(*entry.value))
    pair["value"] = *entry.value;
  else
    pair["value_b64"] = base64(*entry.value);
  return pair;
}

}  // namespace

std::string line_of(const json::object& object) {
  std::string line;
  write(line, object);
  return line + '\n';
}

double four_decimals(double value) { return std::round(value * 1e4) / 1e4; }

double rounded_share(double share) {
  if (share <= 0 || share >= 1e-3) return four_decimals(share);
  const double scale = std::pow(10.0, 3 - std::floor(std::log10(share)));
  return std::round(share * scale) / scale;
}

double in_ms(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000; }

json::array names_of(std::span<const name> names) {
  return array_of(names, [](const name& n) { return json::value(n.to_text()); });
}

json::array addresses_of(std::span<const ip_address> addresses) {
  return array_of(addresses, [](const ip_address& a) { return json::value(a.to_text()); });
}

json::value kind_of(service_kind kind) {
  switch (kind) {
    case service_kind::none: return nullptr;
    case service_kind::type: return "type";
    case service_kind::instance: return "instance";
    case service_kind::address: return "address";
  }
  return nullptr;
}

json::value text_or_null(error_code ec) { return ec ? json::value(ec.message()) : json::value(nullptr); }

json::array pairs_of(const txt_record& txt) { return array_of(txt.entries(), pair_of); }

json::object instance_of(const service_instance& instance) {
  return {{"name", instance.fullname.to_text()},
          {"label", label_to_text(instance.label)},
          {"txt", pairs_of(instance.txt)},
          {"ttl_s", instance.ttl.count()}};
}

json::object endpoint_of(const endpoint& e, std::optional<double> share) {
  json::object object{{"instances", names_of(e.instances)},
                      {"target", e.target.to_text()},
                      {"port", e.port},
                      {"priority", e.priority},
                      {"weight", e.weight}};
  if (share) object["share"] = rounded_share(*share);
  object["addresses"] = addresses_of(e.addresses);
  object["ttl_s"] = e.ttl.count();
  return object;
}

}  // namespace sdconnect::cli
