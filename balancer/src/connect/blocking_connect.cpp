#include "sdconnect/connect/connector.hpp"
#include "sdconnect/dns/printable.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/system_executor.hpp>

#include <optional>
#include <utility>

namespace sdconnect {

namespace asio = boost::asio;

asio::ip::tcp::socket connect(std::string_view service_name, std::chrono::milliseconds timeout) {
  result<service_query> query = service_query::from_text(service_name);
  if (!query) throw connect_error(query.error(), query.error().message() + ": " + escaped(service_name));
  query->timeout = timeout;
  query->want_txt = false;

  asio::io_context io;
  connector with(resolver(io.get_executor()), {.retries = {}});
  error_code ec;
  std::optional<connection> made;
  with.async_connect(*query, [&](error_code status, connection c) {
    ec = status;
    made.emplace(std::move(c));
  });
  io.run();
  if (ec) throw connect_error(ec, explain_failure(ec, *made));

  // The socket outlives this function's event loop, so it moves to the one that always exists.
  const asio::ip::tcp protocol = made->address.is_v4() ? asio::ip::tcp::v4() : asio::ip::tcp::v6();
  return asio::ip::tcp::socket(asio::system_executor(), protocol, made->socket.release());
}

}  // namespace sdconnect
