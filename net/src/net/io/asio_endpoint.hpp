/// \file
/// Converts ip_address to Asio's endpoints.
#pragma once

#include "sdconnect/net/ip_address.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cstdint>

namespace sdconnect::detail {

/// `Endpoint` is asio::ip::tcp::endpoint or asio::ip::udp::endpoint.
template <class Endpoint>
[[nodiscard]] Endpoint asio_endpoint(const ip_address& address, std::uint16_t port) {
  if (address.is_v4()) {
    boost::asio::ip::address_v4::bytes_type bytes;
    std::ranges::copy(address.octets(), bytes.begin());
    return {boost::asio::ip::address_v4(bytes), port};
  }
  boost::asio::ip::address_v6::bytes_type bytes;
  std::ranges::copy(address.octets(), bytes.begin());
  return {boost::asio::ip::address_v6(bytes, address.scope_id()), port};
}

}  // namespace sdconnect::detail
