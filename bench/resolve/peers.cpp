// Other libraries, each used as its documentation describes.
#include "bench/resolve/clients.hpp"
#include "bench/support/knot_server.hpp"

#include <ares.h>
#include <array>
#include <cstring>
#include <getdns/getdns.h>
#include <getdns/getdns_extra.h>
#include <poll.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <unbound.h>
#include <unistd.h>

namespace sdconnect::bench {
namespace {

constexpr int type_srv = 33;
constexpr int class_in = 1;

void require(bool is_good, const char* what) {
  if (!is_good) throw std::runtime_error(what);
}

/// Cycles through the names and counts the remaining queries.
class question_queue {
 public:
  explicit question_queue(const names& asked) : asked_(asked) {}

  void start(std::size_t count) { left_ = count, done = complete = 0; }
  /// Returns nullptr after the last one.
  const char* next() {
    if (left_ == 0) return nullptr;
    --left_;
    const std::string& text = asked_[next_];
    if (++next_ == asked_.size()) next_ = 0;
    return text.c_str();
  }
  void count(bool is_complete) { ++done, complete += is_complete ? 1 : 0; }

  std::size_t done = 0;
  std::size_t complete = 0;

 private:
  names asked_;
  std::size_t next_ = 0;
  std::size_t left_ = 0;
};

class cares_asker final : public dns_asker {
 public:
  cares_asker(std::uint16_t port, const names& asked) : queue_(asked), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    require(ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS, "c-ares");
    ares_options options{};
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_STAYOPEN | ARES_FLAG_EDNS;
    options.ednspsz = 1232;
    options.sock_state_cb = &on_socket;
    options.sock_state_cb_data = this;
    require(ares_init_options(&channel_, &options, ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB) ==
                ARES_SUCCESS,
            "c-ares");
    require(ares_set_servers_ports_csv(channel_, ("127.0.0.1:" + std::to_string(port)).c_str()) == ARES_SUCCESS,
            "c-ares");
  }
  ~cares_asker() override {
    ares_destroy(channel_);
    ares_library_cleanup();
    ::close(epoll_);
  }

  std::size_t ask(std::size_t count, std::size_t in_flight) override {
    queue_.start(count);
    for (std::size_t i = 0; i < in_flight; ++i) ask_next();
    std::array<::epoll_event, 16> ready;
    while (queue_.done < count) {
      timeval storage{};
      const timeval* const wait = ares_timeout(channel_, nullptr, &storage);
      const int timeout = wait == nullptr ? -1 : static_cast<int>(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1);
      const int found = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), timeout);
      if (found <= 0) ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      for (int i = 0; i < found; ++i) {
        const ::epoll_event& event = ready[static_cast<std::size_t>(i)];
        ares_process_fd(channel_, (event.events & ~EPOLLOUT) != 0 ? event.data.fd : ARES_SOCKET_BAD,
                        (event.events & EPOLLOUT) != 0 ? event.data.fd : ARES_SOCKET_BAD);
      }
    }
    return queue_.complete;
  }

 private:
  static void on_socket(void* self, ares_socket_t socket, int readable, int writable) {
    const int epoll = static_cast<cares_asker*>(self)->epoll_;
    ::epoll_event interest{};
    interest.events = (readable != 0 ? EPOLLIN : 0U) | (writable != 0 ? EPOLLOUT : 0U);
    interest.data.fd = socket;
    if (interest.events == 0) {
      ::epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nullptr);
    } else if (::epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &interest) != 0) {
      ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &interest);
    }
  }

  static void on_answer(void* self, int status, int, unsigned char* message, int size) {
    auto& asker = *static_cast<cares_asker*>(self);
    std::size_t found = 0;
    ares_srv_reply* first = nullptr;
    if (status == ARES_SUCCESS && ares_parse_srv_reply(message, size, &first) == ARES_SUCCESS) {
      for (const ares_srv_reply* at = first; at != nullptr; at = at->next) ++found;
      ares_free_data(first);
    }
    asker.queue_.count(found == endpoints_per_service);
    asker.ask_next();
  }

  void ask_next() {
    const char* const text = queue_.next();
    if (text != nullptr) ares_query(channel_, text, class_in, type_srv, &on_answer, this);
  }

  question_queue queue_;
  int epoll_;
  ares_channel channel_ = nullptr;
};

class getdns_asker final : public dns_asker {
 public:
  getdns_asker(std::uint16_t port, const names& asked) : queue_(asked) {
    require(getdns_context_create(&context_, 0) == GETDNS_RETURN_GOOD, "getdns");
    std::array<std::uint8_t, 4> loopback{127, 0, 0, 1};
    getdns_bindata address{loopback.size(), loopback.data()};
    getdns_dict* const server = getdns_dict_create();
    getdns_list* const servers = getdns_list_create();
    require(getdns_dict_util_set_string(server, "address_type", "IPv4") == GETDNS_RETURN_GOOD &&
                getdns_dict_set_bindata(server, "address_data", &address) == GETDNS_RETURN_GOOD &&
                getdns_dict_set_int(server, "port", port) == GETDNS_RETURN_GOOD &&
                getdns_list_set_dict(servers, 0, server) == GETDNS_RETURN_GOOD &&
                getdns_context_set_resolution_type(context_, GETDNS_RESOLUTION_STUB) == GETDNS_RETURN_GOOD &&
                getdns_context_set_upstream_recursive_servers(context_, servers) == GETDNS_RETURN_GOOD,
            "getdns");
    getdns_list_destroy(servers);
    getdns_dict_destroy(server);
  }
  ~getdns_asker() override { getdns_context_destroy(context_); }

  std::size_t ask(std::size_t count, std::size_t in_flight) override {
    queue_.start(count);
    for (std::size_t i = 0; i < in_flight; ++i) ask_next();
    getdns_context_run(context_);
    return queue_.complete;
  }

 private:
  static void on_answer(getdns_context*, getdns_callback_type_t kind, getdns_dict* response, void* self,
                        getdns_transaction_t) {
    auto& asker = *static_cast<getdns_asker*>(self);
    getdns_list* records = nullptr;
    std::size_t found = 0;
    if (kind == GETDNS_CALLBACK_COMPLETE &&
        getdns_dict_get_list(response, "/replies_tree/0/answer", &records) == GETDNS_RETURN_GOOD) {
      getdns_list_get_length(records, &found);
    }
    getdns_dict_destroy(response);
    asker.queue_.count(found == endpoints_per_service);
    asker.ask_next();
  }

  void ask_next() {
    const char* const text = queue_.next();
    if (text == nullptr) return;
    const auto status = getdns_general(context_, text, GETDNS_RRTYPE_SRV, nullptr, this, nullptr, &on_answer);
    require(status == GETDNS_RETURN_GOOD, "getdns_general");
  }

  question_queue queue_;
  getdns_context* context_ = nullptr;
};

class unbound_asker final : public dns_asker {
 public:
  unbound_asker(std::uint16_t port, const names& asked) : queue_(asked), context_(ub_ctx_create()) {
    require(context_ != nullptr && ub_ctx_async(context_, 1) == 0, "libunbound");
    for (const auto& [key, value] :
         {std::pair{"do-not-query-localhost:", "no"}, {"module-config:", "iterator"}, {"cache-max-ttl:", "0"}}) {
      require(ub_ctx_set_option(context_, key, value) == 0, key);
    }
    require(ub_ctx_set_fwd(context_, ("127.0.0.1@" + std::to_string(port)).c_str()) == 0, "libunbound");
  }
  ~unbound_asker() override { ub_ctx_delete(context_); }

  std::size_t ask(std::size_t count, std::size_t in_flight) override {
    queue_.start(count);
    for (std::size_t i = 0; i < in_flight; ++i) ask_next();
    ::pollfd ready{ub_fd(context_), POLLIN, 0};
    while (queue_.done < count) {
      ::poll(&ready, 1, -1);
      require(ub_process(context_) == 0, "ub_process");
    }
    return queue_.complete;
  }

 private:
  static void on_answer(void* self, int error, ub_result* result) {
    auto& asker = *static_cast<unbound_asker*>(self);
    std::size_t found = 0;
    while (error == 0 && result->data != nullptr && result->data[found] != nullptr) ++found;
    if (error == 0) ub_resolve_free(result);
    asker.queue_.count(found == endpoints_per_service);
    asker.ask_next();
  }

  void ask_next() {
    const char* const text = queue_.next();
    if (text == nullptr) return;
    require(ub_resolve_async(context_, text, type_srv, class_in, this, &on_answer, nullptr) == 0, "ub_resolve_async");
  }

  question_queue queue_;
  ub_ctx* context_;
};

}  // namespace

std::unique_ptr<dns_asker> make_cares(std::uint16_t port, const names& asked) {
  return std::make_unique<cares_asker>(port, asked);
}

std::unique_ptr<dns_asker> make_getdns(std::uint16_t port, const names& asked) {
  return std::make_unique<getdns_asker>(port, asked);
}

std::unique_ptr<dns_asker> make_unbound(std::uint16_t port, const names& asked) {
  return std::make_unique<unbound_asker>(port, asked);
}

}  // namespace sdconnect::bench
