#include "helper/status/status_server.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::helper {
namespace {

using std::chrono::steady_clock;

constexpr int least_pause = 50;  // of the time that writing takes: at most 2 % of a processor

}  // namespace

status_server::status_server(boost::asio::any_io_executor executor, status_source& source, std::string token,
                             std::chrono::milliseconds period)
    : pages_(source, std::move(token)),
      timer_(executor),
      period_(period),
      server_(executor, [this](const detail::received_request& request) {
        detail::http_reply reply = pages_.answer(request);
        if (reply.on_stream) {
          reply.on_stream = [this, opened = std::move(reply.on_stream)](detail::http_stream stream) {
            opened(std::move(stream));
            if (!is_publishing_) publish_later(period_);
          };
        }
        return reply;
      }) {}

void status_server::close() {
  timer_.cancel();
  is_publishing_ = false;
  server_.close();
}

void status_server::publish_later(steady_clock::duration delay) {
  is_publishing_ = true;
  timer_.expires_after(delay);
  timer_.async_wait([this, weak = std::weak_ptr<void>(alive_)](error_code ec) {
    if (!ec && !weak.expired()) publish();
  });
}

void status_server::publish() {
  is_publishing_ = false;
  if (pages_.watchers() == 0) return;
  const auto begin = steady_clock::now();
  pages_.publish();
  publish_later(std::max<steady_clock::duration>(period_, least_pause * (steady_clock::now() - begin)));
}

}  // namespace sdconnect::helper
