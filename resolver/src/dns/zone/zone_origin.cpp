#include "dns/zone/zone_origin.hpp"

#include "net/base/ascii.hpp"

namespace sdconnect::detail {

bool is_absolute(std::string_view text) noexcept {
  if (!text.ends_with('.')) return false;
  text.remove_suffix(1);
  const std::size_t last_other = text.find_last_not_of('\\');
  const std::size_t backslashes = last_other == text.npos ? text.size() : text.size() - last_other - 1;
  return backslashes % 2 == 0;
}

bool is_directive(const zone_line& line) noexcept { return line.tokens.front().starts_with('$') && !line.begins_blank; }

std::string_view take_ttl_and_class(std::span<const std::string_view>& fields) noexcept {
  std::string_view ttl;
  bool has_class = false;
  for (; !fields.empty(); fields = fields.subspan(1)) {
    const std::string_view field = fields.front();
    if (ttl.empty() && is_digit(field.front())) {
      ttl = field;
    } else if (!has_class && (equal_ignoring_case(field, "IN") || equal_ignoring_case(field, "CLASS1"))) {
      has_class = true;
    } else {
      break;
    }
  }
  return ttl;
}

std::optional<name> origin_by_soa(std::string_view text) {
  zone_text lines(text);
  std::string_view owner;
  while (const auto line = lines.next()) {
    if (is_directive(*line)) {
      if (equal_ignoring_case(line->tokens.front(), "$ORIGIN")) return std::nullopt;
      continue;
    }
    std::span<const std::string_view> fields(line->tokens);
    if (!line->begins_blank) {
      owner = fields.front();
      fields = fields.subspan(1);
    }
    take_ttl_and_class(fields);
    if (fields.empty() || !equal_ignoring_case(fields.front(), "SOA")) continue;
    if (owner == "@") {
      throw zone_fault{
          line->number,
          "@ without an origin: nothing says the name of the zone; begin the file with $ORIGIN and its name"};
    }
    if (!is_absolute(owner)) return std::nullopt;
    const result<name> read = name::from_text(owner);
    return read ? std::optional(*read) : std::nullopt;  // the reader reports a bad name
  }
  return std::nullopt;
}

}  // namespace sdconnect::detail
