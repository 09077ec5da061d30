#include "sdconnect/dns/zone.hpp"

#include "dns/zone/zone_data.hpp"
#include "dns/zone/zone_reply.hpp"
#include "dns/zone/zone_text.hpp"
#include "net/base/printable.hpp"
#include "net/io/read_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace sdconnect {

using namespace detail;
struct zone::contents {
  std::unique_ptr<const zone_data> data;
};

zone::zone(std::unique_ptr<const contents> c) noexcept : contents_(std::move(c)) {}
zone::zone(zone&&) noexcept = default;
zone& zone::operator=(zone&&) noexcept = default;
zone::~zone() = default;

boost::system::result<zone, zone::load_error> zone::load(const std::filesystem::path& file,
                                                         const std::optional<name>& origin) {
  const std::string shown = escaped(file.native());
  result<std::string> text = read_file(file, std::numeric_limits<std::size_t>::max(), file_kind::any);
  if (!text) return load_error{errc::file_unreadable, fmt::format("{}: {}", shown, text.error().message())};
  auto parsed = parse(std::move(*text), origin);
  if (parsed) return std::move(*parsed);
  return load_error{parsed.error().code, fmt::format("{}: {}", shown, parsed.error().message)};
}

boost::system::result<zone, zone::load_error> zone::parse(std::string text, const std::optional<name>& origin) {
  try {
    auto data = build_zone(read_zone_records(text, origin));
    return zone(std::make_unique<const contents>(contents{std::move(data)}));
  } catch (const zone_fault& fault) {
    if (fault.line == 0) return load_error{errc::malformed_zone_file, fault.reason};
    return load_error{errc::malformed_zone_file, fmt::format("line {}: {}", fault.line, fault.reason)};
  }
}

const name& zone::apex() const noexcept { return contents_->data->apex->owner; }

std::size_t zone::record_count() const noexcept { return contents_->data->record_count; }

std::vector<name> zone::owners(rr_type type) const {
  std::vector<name> found;
  for (const auto& [owner, node] : contents_->data->nodes) {
    if (node.cut == nullptr && node.find(type) != nullptr) found.push_back(owner);
  }
  std::ranges::sort(found);
  return found;
}

std::vector<std::uint8_t> zone::reply(std::span<const std::uint8_t> query, std::size_t limit) const {
  return reply_from(*contents_->data, query, limit);
}

std::size_t udp_reply_limit(std::span<const std::uint8_t> query) noexcept { return reply_limit(query); }

}  // namespace sdconnect
