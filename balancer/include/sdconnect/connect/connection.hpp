/// \file
/// The outcome of connecting: the socket, the endpoint it leads to, and every attempt on the way.
#pragma once

#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/resolver/service.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <vector>

namespace sdconnect {

/// One address of one endpoint that was tried.
struct connect_attempt {
  std::size_t endpoint = 0;  ///< index into the order tried
  name target;
  ip_address address;
  std::uint16_t port = 0;
  std::uint16_t priority = 0;
  std::chrono::microseconds started{};  ///< since the first attempt
  std::chrono::microseconds elapsed{};
  error_code result;  ///< operation_aborted: another attempt won first
};

struct connection {
  boost::asio::ip::tcp::socket socket;  ///< open when there was no error
  endpoint where;
  ip_address address;
  std::vector<connect_attempt> attempts;
  service found;  ///< empty when the caller brought the endpoints

  explicit connection(boost::asio::any_io_executor executor) : socket(std::move(executor)) {}
};

}  // namespace sdconnect
