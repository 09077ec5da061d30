#include "support/forging_server.hpp"

#include "sdconnect/dns/query.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>

namespace sdconnect::test {

namespace asio = boost::asio;
using asio::ip::udp;

class forging_server::delayed_replies : public std::enable_shared_from_this<delayed_replies> {
 public:
  explicit delayed_replies(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void send(const reply& sent, const lab::reply_path& back) {
    if (sent.delay <= std::chrono::milliseconds::zero()) return send_now(sent, back);
    const std::lock_guard lock(mutex_);
    if (is_closed_) return;
    const auto timer = std::make_shared<asio::steady_timer>(executor_, sent.delay);
    timers_.insert(timer);
    timer->async_wait([self = shared_from_this(), timer, sent, back](boost::system::error_code ec) {
      if (self->forget(timer) && !ec) self->send_now(sent, back);
    });
  }

  void close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    for (const auto& timer : std::exchange(timers_, {})) timer->cancel();
  }

 private:
  // Sending takes the server's lock, which its handler holds when it calls send().
  bool forget(const std::shared_ptr<asio::steady_timer>& timer) {
    const std::lock_guard lock(mutex_);
    return timers_.erase(timer) == 1;
  }

  void send_now(const reply& sent, const lab::reply_path& back) {
    if (sent.from_other_port) {
      udp::socket other(executor_, udp::endpoint(back.client().address(), 0));
      other.send_to(asio::buffer(sent.octets), back.client());
      return;
    }
    if (sent.without_length) {
      back.send_unframed(sent.octets);
    } else {
      back.send(sent.octets);
    }
    if (sent.then_close) back.close_when_sent();
  }

  asio::any_io_executor executor_;
  std::mutex mutex_;
  std::unordered_set<std::shared_ptr<asio::steady_timer>> timers_;
  bool is_closed_ = false;
};

forger zone_forger(std::shared_ptr<const zone> served) {
  return [served = std::move(served)](std::span<const std::uint8_t> query, lab::transport over) {
    constexpr std::size_t longest = 65535;
    const std::size_t limit =
        over == lab::transport::tcp ? longest : std::min<std::size_t>(udp_reply_limit(query), edns_payload_size);
    std::vector<reply> replies;
    std::vector<std::uint8_t> octets = served->reply(query, limit);
    if (!octets.empty()) replies.push_back({std::move(octets)});
    return replies;
  };
}

forging_server::forging_server(asio::any_io_executor executor, forger answer, lab::name_server_options options)
    : delayed_(std::make_shared<delayed_replies>(executor)),
      server_(
          std::move(executor),
          [delayed = delayed_, answer = std::move(answer)](std::span<const std::uint8_t> query,
                                                           const lab::reply_path& back) {
            for (const reply& sent : answer(query, back.over())) delayed->send(sent, back);
          },
          std::move(options)) {}

forging_server::~forging_server() { close(); }

void forging_server::close() {
  server_.close();
  delayed_->close();
}

}  // namespace sdconnect::test
