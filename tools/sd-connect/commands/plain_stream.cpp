#include "sd-connect/commands/timed_stream.hpp"

namespace sdconnect::cli {

std::unique_ptr<byte_stream> make_plain_stream(boost::asio::io_context& io, boost::asio::ip::tcp::socket socket) {
  return std::make_unique<timed_stream<boost::asio::ip::tcp::socket>>(io, std::move(socket));
}

}  // namespace sdconnect::cli
