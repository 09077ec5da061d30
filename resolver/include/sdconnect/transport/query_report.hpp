/// \file
/// How a question was answered, and what was tried for it.
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

/// One message sent, or tried to be sent, for a question.
struct query_attempt {
  std::string server;
  dns_transport transport = dns_transport::udp;
  error_code result;  ///< success: this attempt answered (which may be a "no")
  std::chrono::microseconds elapsed{};
  std::uint32_t discarded = 0;  ///< datagrams that did not match the query (RFC 5452 §9.1)
};

/// A question with everything that is known about how it was answered.
struct query_report {
  question asked;
  error_code status;   ///< answer::status, or why there is no answer
  std::string server;  ///< who answered; empty when nobody did
  std::size_t record_count = 0;
  bool from_cache = false;  ///< no query was sent for it; `server` gave the answer earlier
  std::vector<query_attempt> attempts;
};

struct query_result {
  struct answer answer;  ///< meaningful when some server answered
  query_report report;
};

}  // namespace sdconnect
