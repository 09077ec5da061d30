/// \file
/// Runs the whole program on a zone file.
#pragma once

#include "unit/cli/run_captured.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {

inline constexpr const char* head = "$ORIGIN unilans.net.\n$TTL 60\n@ IN SOA ns1 hostmaster 1 3600 600 86400 60\n";

/// A zone file that replaces a name server.
class zone_scene {
 public:
  explicit zone_scene(const std::string& records) : server_("file:" + folder_.file("test.zone", head + records)) {}

  ran operator()(std::vector<const char*> given) const {
    given.insert(given.end(), {"--server", server_.c_str()});
    return run(std::move(given));
  }

 private:
  scratch_folder folder_;
  std::string server_;
};

inline constexpr const char* article =
    "_services._dns-sd._udp PTR _theService._tcp\n"
    "b._dns-sd._udp PTR @\n"
    "lb._dns-sd._udp PTR @\n"
    "_theService._tcp PTR _v1._theservice._tcp\n"
    "_theService._tcp PTR _v2._theservice._tcp\n"
    "_v1._theservice._tcp SRV 0 30 18081 host1\n"
    "_v1._theservice._tcp SRV 0 10 18082 host2\n"
    "_v1._theservice._tcp SRV 1 0 18083 host100\n"
    "_v1._theservice._tcp TXT \"txtvers=1\" \"data=sampledata\"\n"
    "_v2._theservice._tcp SRV 0 0 18084 host3\n"
    "_v2._theservice._tcp TXT \"txtvers=1\" \"proto=2\"\n"
    "host1 A 127.0.0.11\nhost2 A 127.0.0.12\nhost3 A 127.0.0.13\nhost100 A 127.0.0.100\n"
    "_none._tcp SRV 0 0 0 .\n"
    "_ports._tcp SRV 0 0 0 host1\n"
    "_dgram._udp SRV 0 0 53 host1\n";

/// Every failure is one line that begins with the program's name.
inline void check_failure(const ran& done, int code) {
  INFO(done.out << done.err);
  CHECK(done.code == code);
  CHECK_THAT(done.err, Catch::Matchers::StartsWith("sd-connect: "));
  CHECK(done.err.find('\n') == done.err.size() - 1);
}

}  // namespace sdconnect::test
