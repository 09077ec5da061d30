/// \file
/// How a question was answered, and which attempts were made.
#pragma once

#include "sdconnect/dns/answer.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect {

enum class dns_transport { udp, tcp, tls, file };
/// "UDP", "TCP", "TLS", "file".
[[nodiscard]] std::string_view to_string(dns_transport transport) noexcept;

/// One message that was sent for a question, or that could not be sent.
struct query_attempt {
  std::string server;
  dns_transport transport = dns_transport::udp;
  error_code result;  ///< success: this attempt got the answer (which may be negative)
  std::chrono::microseconds elapsed{};
  std::uint32_t discarded = 0;                    ///< datagrams that did not match the query (RFC 5452 §9.1)
  std::vector<extended_error> extended_errors{};  ///< of the reply, whether it is the answer or a failure
};

/// A question and how it was answered.
struct query_report {
  question asked;
  error_code status;   ///< answer::status, or why there is no answer
  std::string server;  ///< the server that answered; empty if none did
  std::size_t record_count = 0;
  bool from_cache = false;  ///< no query was sent; `server` gave the answer earlier
  std::vector<query_attempt> attempts;
  std::vector<extended_error> cached_errors{};  ///< from_cache: those of the replies that the cache remembers
};

/// Returns the extended errors of the replies, each once, in the order of the attempts.
[[nodiscard]] std::vector<extended_error> extended_errors_of(const query_report& report);

struct query_result {
  struct answer answer;  ///< meaningful only if a server answered
  query_report report;
};

}  // namespace sdconnect
