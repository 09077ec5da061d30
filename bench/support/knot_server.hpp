/// \file
/// A private Knot name server with one UDP worker, and the processors on which it and its clients
/// run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace sdconnect::bench {

/// With two processors or more, servers run on the first and the measured code on the last. The CPU
/// time of one then does not include that of the other, and neither slows the other.
enum class side { server, client };
/// Affects the calling thread and all threads that it starts later.
void pin_to(side which);

/// Every service has this many SRV records, and each of their targets has one A and one AAAA record
/// in the same answer.
inline constexpr std::size_t endpoints_per_service = 4;

/// Serves `services` names from a temporary folder until its destruction; ends with this process.
/// Throws std::runtime_error if it does not answer within 10 s.
class knot_server {
 public:
  explicit knot_server(std::size_t services);
  /// Serves `service`, a name with the final dot, from `records`: lines of the zone bench.example.
  knot_server(std::string service, std::string_view records);
  knot_server(const knot_server&) = delete;
  knot_server& operator=(const knot_server&) = delete;
  ~knot_server();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// With the final dot.
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  /// SIGSTOP: it no longer answers. SIGTERM: its port is closed.
  void send_signal(int number) const;

 private:
  [[nodiscard]] std::string service_records(std::size_t services);
  void serve(std::string_view records);
  void write_files(std::string_view records) const;
  void start();
  [[nodiscard]] bool is_ready() const;

  std::filesystem::path folder_;
  std::vector<std::string> names_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace sdconnect::bench
