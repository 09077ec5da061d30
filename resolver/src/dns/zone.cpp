#include "sdconnect/dns/zone.hpp"

#include "dns/zone_data.hpp"
#include "dns/zone_reply.hpp"
#include "dns/zone_text.hpp"
#include "sdconnect/dns/printable.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace sdconnect {
namespace {

using file_pointer = std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })>;

// stdio, because fstream loses errno and opens directories.
std::string read_file(const std::filesystem::path& path) {
  const auto fail = [](int error) { throw std::system_error(error, std::generic_category()); };
  const file_pointer file(std::fopen(path.c_str(), "rbe"));
  if (!file) fail(errno);
  std::string text;
  std::array<char, 65536> block;
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), file.get()))
    text.append(block.data(), count);
  if (std::ferror(file.get()) != 0) fail(errno);
  return text;
}

}  // namespace

struct zone::contents {
  std::unique_ptr<const zone_data> data;
};

zone::zone(std::unique_ptr<const contents> c) noexcept : contents_(std::move(c)) {}
zone::zone(zone&&) noexcept = default;
zone& zone::operator=(zone&&) noexcept = default;
zone::~zone() = default;

boost::system::result<zone, zone::load_error> zone::load(const std::filesystem::path& file, const name& origin) {
  const std::string shown = escaped(file.native());
  std::string text;
  try {
    text = read_file(file);
  } catch (const std::system_error& error) {
    return load_error{errc::file_unreadable, fmt::format("{}: {}", shown, error.code().message())};
  }
  auto parsed = parse(std::move(text), origin);
  if (parsed) return std::move(*parsed);
  return load_error{parsed.error().code, fmt::format("{}: {}", shown, parsed.error().message)};
}

boost::system::result<zone, zone::load_error> zone::parse(std::string text, const name& origin) {
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

std::vector<std::uint8_t> zone::reply(std::span<const std::uint8_t> query, std::size_t limit) const {
  return reply_from(*contents_->data, query, limit);
}

}  // namespace sdconnect
