/// \file
/// A zone read from a master file, which answers queries as an authoritative server would.
#pragma once

#include "sdconnect/dns/name.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sdconnect {

/// The source behind `--server file:PATH` and the embedded name server of the demo and the tests.
/// Immutable after loading; const access is thread safe. Movable.
class zone {
 public:
  struct load_error {
    error_code code;      ///< file_unreadable or malformed_zone_file
    std::string message;  ///< file, line and reason, for a person
  };

  /// Reads a master file (RFC 1035 §5). $INCLUDE and $GENERATE are not supported and reported. The
  /// zone's origin is the owner of its SOA record. `origin` is the default $ORIGIN of relative
  /// names before any $ORIGIN line.
  [[nodiscard]] static boost::system::result<zone, load_error> load(const std::filesystem::path& file,
                                                                    const name& origin = {});
  /// The same from text.
  [[nodiscard]] static boost::system::result<zone, load_error> parse(std::string text, const name& origin = {});

  zone(zone&&) noexcept;
  zone& operator=(zone&&) noexcept;
  ~zone();

  /// Where the SOA is.
  [[nodiscard]] const name& apex() const noexcept;
  [[nodiscard]] std::size_t record_count() const noexcept;

  /// The reply to one query message: AA; data with the SRV and address records that a client asks
  /// next as additional records (RFC 2782, RFC 6763 §12); CNAME and DNAME followed inside the zone;
  /// wildcards (RFC 4592); NXDOMAIN and NODATA with SOA; REFUSED outside the zone; FORMERR, NOTIMP
  /// and BADVERS where due. A reply longer than `limit` octets first loses its additional records,
  /// then becomes an empty one with TC set. Empty for what deserves no reply (shorter than a
  /// header, or itself a response).
  [[nodiscard]] std::vector<std::uint8_t> reply(std::span<const std::uint8_t> query, std::size_t limit) const;

 private:
  struct contents;
  explicit zone(std::unique_ptr<const contents> c) noexcept;
  std::unique_ptr<const contents> contents_;
};

/// Octets a reply over UDP may take: 512, or what the query's OPT record offers (RFC 6891 §6.2.3).
[[nodiscard]] std::size_t udp_reply_limit(std::span<const std::uint8_t> query) noexcept;

}  // namespace sdconnect
