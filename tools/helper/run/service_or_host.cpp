#include "helper/run/service_or_host.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <utility>

namespace sdconnect::helper {
namespace {

namespace asio = boost::asio;

class lookup : public std::enable_shared_from_this<lookup> {
 public:
  lookup(const asio::any_io_executor& executor, std::function<void(srv_answer, error_code)> done)
      : patience_(executor), done_(std::move(done)) {}

  void start(resolver& find, const service_query& service, const std::optional<service_query>& host) {
    find.async_resolve(service,
                       asio::bind_executor(patience_.get_executor(),
                                           [self = shared_from_this()](error_code ec, const struct service& found) {
                                             self->on_service(ec, found);
                                           }));
    if (!host) return;
    find.async_resolve(*host, asio::bind_executor(patience_.get_executor(),
                                                  [self = shared_from_this()](error_code ec, const struct service&) {
                                                    if (!ec) self->on_addresses();
                                                  }));
  }

 private:
  void on_service(error_code ec, const service& found) {
    if (ec == errc::service_unavailable) return end(srv_answer::refused, ec);
    if (found.kind == service_kind::instance && !ec) return end(srv_answer::found, {});
    if (!ec || ec != condition::transient) return end(srv_answer::none, ec ? ec : error_code(errc::no_data));
    end(ec == errc::query_timed_out ? srv_answer::silent : srv_answer::failed, ec);
  }

  void on_addresses() {
    if (!done_) return;
    patience_.expires_after(srv_patience);
    patience_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec) self->end(srv_answer::silent, errc::query_timed_out);
    });
  }

  void end(srv_answer answer, error_code why) {
    if (!done_) return;
    patience_.cancel();
    std::exchange(done_, nullptr)(answer, why);
  }

  asio::steady_timer patience_;
  std::function<void(srv_answer, error_code)> done_;
};

}  // namespace

void find_service_or_host(resolver find, service_query service, std::optional<service_query> host,
                          asio::any_io_executor executor, std::function<void(srv_answer, error_code)> done) {
  service.want_txt = false;
  std::make_shared<lookup>(executor, std::move(done))->start(find, service, host);
}

}  // namespace sdconnect::helper
