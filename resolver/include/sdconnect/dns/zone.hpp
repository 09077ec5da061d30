/// \file
/// A zone read from a master file. It answers queries as an authoritative server does.
#pragma once

#include "sdconnect/dns/name.hpp"
#include "sdconnect/dns/records.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sdconnect {

/// Implements `--server file:PATH` and the embedded name server of the demo and the tests.
/// Immutable after loading; const access is thread safe. Movable.
class zone {
 public:
  struct load_error {
    error_code code;      ///< file_unreadable or malformed_zone_file
    std::string message;  ///< file, line and reason, for display
  };

  /// Reads a master file (RFC 1035 §5). Reports $INCLUDE and $GENERATE as not supported. `origin`
  /// is the origin of relative names before any $ORIGIN line. If unset, it is the owner of the SOA
  /// record, wherever that stands; if that is "@", nothing names the zone, and the file is
  /// malformed.
  [[nodiscard]] static boost::system::result<zone, load_error> load(const std::filesystem::path& file,
                                                                    const std::optional<name>& origin = {});
  /// Reads the same from text.
  [[nodiscard]] static boost::system::result<zone, load_error> parse(std::string text,
                                                                     const std::optional<name>& origin = {});

  zone(zone&&) noexcept;
  zone& operator=(zone&&) noexcept;
  ~zone();

  /// Returns the owner of the SOA record.
  [[nodiscard]] const name& apex() const noexcept;
  [[nodiscard]] std::size_t record_count() const noexcept;
  /// Returns the names that have records of this type, in the order of name's operator<, without
  /// those below a delegation, which the zone does not answer for.
  [[nodiscard]] std::vector<name> owners(rr_type type) const;

  /// Returns the reply to one query message, with AA set. Adds the SRV and address records that a
  /// client asks for next as additional records (RFC 2782, RFC 6763 §12). Follows CNAME and DNAME
  /// inside the zone; expands wildcards (RFC 4592). Replies NXDOMAIN and NODATA with the SOA,
  /// REFUSED outside the zone, and FORMERR, NOTIMP and BADVERS where required. A reply longer than
  /// `limit` octets first loses its additional records, then becomes an empty one with TC set.
  /// Returns nothing for messages that get no reply (shorter than a header, or a response).
  [[nodiscard]] std::vector<std::uint8_t> reply(std::span<const std::uint8_t> query, std::size_t limit) const;

 private:
  struct contents;
  explicit zone(std::unique_ptr<const contents> c) noexcept;
  std::unique_ptr<const contents> contents_;
};

/// Maximum size of a UDP reply in octets: 512, or the size that the query's OPT record offers
/// (RFC 6891 §6.2.3).
[[nodiscard]] std::size_t udp_reply_limit(std::span<const std::uint8_t> query) noexcept;

}  // namespace sdconnect
