#include "net/http/http_exchange.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace sdconnect::detail {
namespace {

using stage = http_outcome::stage;

// About as much as one TCP receive returns on loopback; a larger block was not faster.
constexpr std::size_t block_size = std::size_t{64} * 1024;

class http_exchange : public std::enable_shared_from_this<http_exchange> {
 public:
  http_exchange(client_stream& stream, const http_request& request, http_handlers handlers,
                const http_exchange_options& options, std::function<void(http_outcome)> done)
      : stream_(stream),
        request_(request_text(request)),
        handlers_(std::move(handlers)),
        options_(options),
        done_(std::move(done)),
        timer_(stream.get_executor()),
        reader_([this](const http_head& head) { take_head(head); }, handlers_.on_body,
                {.has_body = request.method != "HEAD", .max_body = options.max_body}) {}

  void start() {
    wait_until(std::min({options_.handshake_by, options_.respond_by, options_.complete_by}));
    stream_.offer("http/1.1");
    stream_.async_handshake([self = shared_from_this()](error_code ec) {
      if (ec) return self->finish(ec);
      self->send();
    });
  }

 private:
  void wait_until(http_exchange_options::time_point limit) {
    timer_.expires_at(limit);
    if (limit == http_exchange_options::time_point::max()) return;
    timer_.async_wait([weak = weak_from_this(), limit](error_code ec) {
      const auto self = weak.lock();
      if (ec || !self || self->timer_.expiry() != limit) return;
      self->has_expired_ = true;
      self->stream_.close();
    });
  }

  void send() {
    outcome_.reached = stage::sending;
    const auto limit = std::min(options_.respond_by, options_.complete_by);
    if (options_.handshake_by < limit) wait_until(limit);
    stream_.async_write(request_, [self = shared_from_this()](error_code ec, std::size_t) {
      self->not_sent_ = ec;
      if (!ec) self->outcome_.reached = stage::waiting;
      self->receive();
    });
  }

  void receive() {
    handlers_.before_waiting();
    stream_.async_read_some(
        block_, [self = shared_from_this()](error_code ec, std::size_t octets) { self->on_received(ec, octets); });
  }

  void on_received(error_code ec, std::size_t octets) {
    const bool is_first = outcome_.reached < stage::head;
    if (octets > 0) {
      if (is_first) {
        outcome_.reached = stage::head;
        wait_until(options_.complete_by);
      }
      ec = reader_.put({block_.data(), octets});
    } else if (ec == boost::asio::error::eof && !is_first) {
      ec = reader_.put_end();
    } else if (is_first && not_sent_) {
      ec = not_sent_;
    }
    outcome_.body_octets = reader_.body_octets();
    if (ec) return finish(ec);
    if (!reader_.is_done()) return receive();
    outcome_.reached = stage::complete;
    outcome_.keeps_alive = reader_.keeps_alive() && !not_sent_;
    finish({});
  }

  void take_head(const http_head& head) {
    outcome_.reached = stage::body;
    outcome_.head = head;
    handlers_.on_head(head);
  }

  void finish(error_code ec) {
    timer_.cancel();
    outcome_.error = has_expired_ && ec ? error_code(errc::deadline_passed) : ec;
    handlers_.before_waiting();
    done_(std::move(outcome_));
  }

  client_stream& stream_;
  std::string request_;
  http_handlers handlers_;
  http_exchange_options options_;
  std::function<void(http_outcome)> done_;
  boost::asio::steady_timer timer_;
  http_response_reader reader_;
  std::vector<char> block_ = std::vector<char>(block_size);
  http_outcome outcome_;
  error_code not_sent_;
  bool has_expired_ = false;
};

}  // namespace

void async_exchange(client_stream& stream, const http_request& request, http_handlers handlers,
                    const http_exchange_options& options, std::function<void(http_outcome)> done) {
  std::make_shared<http_exchange>(stream, request, std::move(handlers), options, std::move(done))->start();
}

}  // namespace sdconnect::detail
