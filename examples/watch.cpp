// Follows a service: prints the endpoints it has now, then every change. A second argument names
// the servers to query, such as "127.0.0.1#5353".
#include <sdconnect/resolver/service_watcher.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cstdio>
#include <string>

namespace asio = boost::asio;

namespace {

asio::awaitable<void> follow(sdconnect::service_watcher& watcher) {
  for (;;) {
    auto [ec, update] = co_await watcher.async_next(asio::as_tuple(asio::use_awaitable));
    if (ec) co_return;
    for (const sdconnect::watch_event& event : update.events) {
      std::printf("%s", std::string(to_string(event.kind)).c_str());
      if (const auto& at = event.after ? event.after : event.before) {
        std::printf(" %s port %u", at->target.to_text().c_str(), unsigned{at->port});
      }
      if (event.reason) std::printf(": %s", event.reason.message().c_str());
      std::printf("\n");
    }
    std::printf("%zu endpoints now\n", update.view->endpoints.size());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "_http._tcp.example.com";
  try {
    asio::io_context io;
    const auto query = sdconnect::service_query::from_text(name).value();
    const auto resolver = argc > 2 ? sdconnect::resolver::from_servers(io.get_executor(), argv[2])
                                   : sdconnect::resolver(io.get_executor());
    sdconnect::service_watcher watcher(resolver, query);
    co_spawn(io, follow(watcher), asio::detached);
    io.run();
  } catch (const boost::system::system_error& failed) {
    std::fprintf(stderr, "%s\n", failed.what());
    return 1;
  }
}
