// Follows a service: the endpoints it has now, then every change.
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

const char* text_of(sdconnect::watch_event_kind kind) {
  switch (kind) {
    case sdconnect::watch_event_kind::added: return "added";
    case sdconnect::watch_event_kind::removed: return "removed";
    case sdconnect::watch_event_kind::changed: return "changed";
    case sdconnect::watch_event_kind::txt_changed: return "TXT changed";
    case sdconnect::watch_event_kind::unknown: return "unknown";
    case sdconnect::watch_event_kind::stale: return "stale";
    case sdconnect::watch_event_kind::recovered: return "recovered";
  }
  return "";
}

asio::awaitable<void> follow(sdconnect::service_watcher& watcher) {
  for (;;) {
    auto [ec, update] = co_await watcher.async_next(asio::as_tuple(asio::use_awaitable));
    if (ec) co_return;
    for (const sdconnect::watch_event& event : update.events) {
      std::printf("%s", text_of(event.kind));
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
    sdconnect::service_watcher watcher(sdconnect::resolver(io.get_executor()), query);
    co_spawn(io, follow(watcher), asio::detached);
    io.run();
  } catch (const boost::system::system_error& failed) {
    std::fprintf(stderr, "%s\n", failed.what());
    return 1;
  }
}
