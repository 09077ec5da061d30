#include "net/base/printable.hpp"
#include "net/io/descriptor.hpp"
#include "sdconnect/connect/connector.hpp"

#include <boost/asio/io_context.hpp>

#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

namespace sdconnect {

using namespace detail;

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Never run and never destroyed: its sockets are for blocking calls, may be stored in statics, and
// need no thread.
asio::io_context& lasting_context() {
  static asio::io_context* const only = new asio::io_context(1);
  return *only;
}

// Moves a socket from one context to another. Asio leaves the descriptor non-blocking on release().
error_code move_to(tcp::socket& to, tcp::socket from, const tcp& protocol) {
  error_code ec;
  descriptor moved(from.release(ec));
  if (ec) return ec;
  const int flags = ::fcntl(moved.get(), F_GETFL);
  if (flags < 0 || ::fcntl(moved.get(), F_SETFL, flags & ~O_NONBLOCK) < 0) {
    return last_error();
  }
  to.assign(protocol, moved.get(), ec);
  if (!ec) (void)moved.release();
  return ec;
}

}  // namespace

tcp::socket connect(std::string_view service_name, std::chrono::milliseconds timeout) {
  result<service_query> query = service_query::from_text(service_name);
  if (!query) throw connect_error(query.error(), query.error().message() + ": " + escaped(service_name));
  query->timeout = timeout;

  error_code ec;
  connection made;
  const auto fail = [&](error_code why) { return connect_error(why, explain_failure(why, made)); };
  std::optional<tcp::socket> out;
  try {
    out.emplace(lasting_context());
    asio::io_context io(1);
    connector with(resolver(io.get_executor()), {.retries = {}});
    with.async_connect(*query, [&](error_code status, connection c) {
      ec = status;
      made = std::move(c);
      io.stop();
    });
    io.run();
    if (!ec) {
      const tcp protocol = made.address.is_v4() ? tcp::v4() : tcp::v6();
      ec = move_to(*out, made.release().first, protocol);
    }
  } catch (const connect_error&) {
    throw;
  } catch (const boost::system::system_error& e) {  // no resolv.conf, or no descriptors for it or for a context
    throw connect_error(e.code(), std::string(e.what()) + ": " + query->qname.to_text());
  }
  if (ec) throw fail(ec);
  return *std::move(out);
}

}  // namespace sdconnect
