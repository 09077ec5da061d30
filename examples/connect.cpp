// Connects to a service and sends a greeting: with the blocking call, and the same in a coroutine.
#include <sdconnect/connect/connector.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdio>
#include <string>

namespace asio = boost::asio;

namespace {

asio::awaitable<void> connect_to(sdconnect::connector& connector, const sdconnect::service_query& query) {
  auto [ec, made] = co_await connector.async_connect(query, asio::as_tuple(asio::use_awaitable));
  if (ec) {
    std::fprintf(stderr, "%s\n", sdconnect::explain_failure(ec, made).c_str());
    co_return;
  }
  std::printf("coroutine: %s is %s\n", made.where.target.to_text().c_str(), made.address.to_text().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "_http._tcp.example.com";
  try {
    const asio::ip::tcp::socket socket = sdconnect::connect(name);
    std::printf("blocking: connected to port %u\n", unsigned{socket.remote_endpoint().port()});

    asio::io_context io;
    sdconnect::connector connector(io.get_executor());
    co_spawn(io, connect_to(connector, sdconnect::service_query::from_text(name).value()), asio::detached);
    io.run();
  } catch (const boost::system::system_error& failed) {
    std::fprintf(stderr, "%s\n", failed.what());
    return 1;
  }
}
