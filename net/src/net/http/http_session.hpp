/// \file
/// One connection of an http_server.
#pragma once

#include "net/http/http_server.hpp"
#include "sdconnect/net/error.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_set>

namespace sdconnect::detail {

class http_session;

class http_server_state : public std::enable_shared_from_this<http_server_state> {
 public:
  http_server_state(const boost::asio::any_io_executor& executor, http_server::handler answering,
                    const http_server_options& with);
  void accept();
  void accept_later();
  void close();

  http_server::handler answer;
  http_server_options options;
  boost::asio::ip::tcp::acceptor acceptor;
  boost::asio::steady_timer accept_delay;
  std::unordered_set<std::shared_ptr<http_session>> sessions;
  std::size_t streams = 0;
};

/// Whether a page of the server at `local` may have been asked for by this Host field (RFC 9110
/// §7.2): its host is localhost, a loopback address as browsers write it, or that of `local`.
[[nodiscard]] bool is_own_host(std::string_view host, const boost::asio::ip::tcp::endpoint& local);

/// Reads a request, answers it, reads the next one. It reads nothing while it answers, so a client
/// that does not read its replies cannot make it keep more than one.
class http_session : public std::enable_shared_from_this<http_session> {
 public:
  http_session(boost::asio::ip::tcp::socket socket, std::shared_ptr<http_server_state> server)
      : server_(std::move(server)), socket_(std::move(socket)), timer_(socket_.get_executor()) {}

  void start();
  void close();

  bool offer(std::string octets);
  [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }

 private:
  using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void expect_within(std::chrono::steady_clock::duration time);
  void begin_request();
  void read();
  void parse();
  void continue_request();
  [[nodiscard]] http_reply reply_to_request();
  void send(http_reply reply, bool keeps_alive);
  void write(std::string octets, std::function<void()> next);
  void stream();
  void finish();
  void discard();

  std::shared_ptr<http_server_state> server_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  std::optional<parser> parser_;
  std::array<char, 4096> block_{};
  std::string received_;  // not parsed yet
  std::string sending_;
  bool has_begun_ = false;      // octets of the current request have come
  bool has_continued_ = false;  // 100 is sent
  bool is_stream_ = false;
};

}  // namespace sdconnect::detail
