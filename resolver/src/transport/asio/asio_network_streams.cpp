// TCP, TLS and zone files. UDP is in asio_network.cpp.
#include "sdconnect/dns/zone.hpp"
#include "transport/asio/asio_network.hpp"
#include "transport/engine/query_engine.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace sdconnect {

using namespace detail;
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

constexpr std::size_t largest_message = 65535;

}  // namespace

result<network::stream_id> asio_network::open_stream(std::size_t server) {
  const std::shared_ptr<const name_server>& wanted = engine_->servers().server(server);
  if (server >= openers_.size()) openers_.resize(server + 1);
  opener& from = openers_[server];
  if (from.server != wanted) {
    from.server = wanted;
    from.streams.emplace(executor_, *wanted, owner_.guard);
  }
  const stream_id id = ++last_stream_;
  auto made = from.streams->open(events_of(id));
  if (!made) return made.error();
  streams_.emplace(id, std::move(*made));
  ++streams_opened_;
  return id;
}

// Pending operations of a stream keep the owner alive, so no event comes after the owner's end.
stream_events asio_network::events_of(stream_id stream) {
  return {.opened =
              [this, stream] {
                engine_->on_stream_open(stream, clock::now());
                owner_.on_event();
              },
          .received =
              [this, stream](std::span<std::uint8_t> message) {
                const bool was_due = engine_->on_stream_message(stream, message, clock::now());
                owner_.on_event();
                return was_due;
              },
          .closed =
              [this, stream](error_code ec) {
                const auto ended = streams_.extract(stream);
                engine_->on_stream_closed(stream, ec, clock::now());
                owner_.on_event();
              }};
}

void asio_network::write_stream(stream_id stream, std::span<const std::uint8_t> message) {
  const auto found = streams_.find(stream);
  if (found != streams_.end()) found->second->write(message);
}

void asio_network::close_stream(stream_id stream) {
  if (const auto ended = streams_.extract(stream)) ended.mapped()->close();
}

// Posts the reply, so that a long queue of questions to a file does not cause a deep recursion.
void asio_network::ask_file(std::size_t server, std::uint64_t query, std::span<const std::uint8_t> message) {
  asio::post(executor_, [this, guard = owner_.guard.lock(), query,
                         reply = engine_->servers().server(server)->file->reply(message, largest_message)] {
    const std::lock_guard lock(*guard);
    engine_->on_file_reply(query, reply, clock::now());
    owner_.on_event();
  });
}

}  // namespace sdconnect
