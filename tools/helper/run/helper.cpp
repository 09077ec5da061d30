#include "helper/run/helper.hpp"

#include "helper/run/admission.hpp"
#include "program/report.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <csignal>
#include <future>
#include <set>
#include <utility>

namespace sdconnect::helper {
namespace {

namespace asio = boost::asio;
using cli::exit_code;
using cli::log_level;

constexpr std::chrono::milliseconds drain_poll{50};
constexpr std::string_view status_name = "status", proxy_name = "proxy";

/// Takes the socket that another process opened for this address, or under this name.
std::optional<detail::descriptor> take(std::vector<cli::activated_socket>& from, listen_address& at,
                                       std::string_view name) {
  const auto found = std::ranges::find_if(from, [&](const cli::activated_socket& s) -> bool {
    const std::optional<listen_address> bound = address_of_listener(s.socket.get());
    return bound && (*bound == at || (at.port == 0 && at.path.empty() && s.name == name));
  });
  if (found == from.end()) return {};
  at = *address_of_listener(found->socket.get());
  detail::descriptor out = std::move(found->socket);
  from.erase(found);
  return out;
}

}  // namespace

/// A worker with its thread; the first one runs in the helper's own.
struct helper::thread_worker {
  thread_worker(shared_state& shared, asio::any_io_executor own) : of_main(true), runs(shared, std::move(own)) {}
  explicit thread_worker(shared_state& shared)
      : io(std::make_unique<asio::io_context>(1)),
        work(std::in_place, io->get_executor()),
        runs(shared, io->get_executor()) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);  // signals are for the first thread
    thread = std::thread([this] { io->run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  thread_worker(const thread_worker&) = delete;
  thread_worker& operator=(const thread_worker&) = delete;
  ~thread_worker() {
    if (of_main) return;
    work.reset();
    io->stop();
    thread.join();
  }

  /// Runs `what` in the worker's thread and waits for its end.
  void run(const std::function<void(worker&)>& what) {
    if (of_main) return what(runs);
    std::promise<void> done;
    asio::post(*io, [&] {
      what(runs);
      done.set_value();
    });
    done.get_future().wait();
  }

  bool of_main = false;
  std::unique_ptr<asio::io_context> io;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
  worker runs;
  std::thread thread;
};

helper::helper(asio::io_context& io, const cli::logger& log, std::string version)
    : io_(io), version_(std::move(version)), shared_(log), drain_timer_(io), watch_timer_(io) {}

helper::~helper() {
  status_.reset();
  for (auto& [key, w] : ways_) {
    if (w.udp) w.udp->close();
  }
  ways_.clear();
  if (const auto current = shared_.current()) current->reach->close();
  on_every_worker([](worker& w) {
    w.close_listeners();
    w.end_all();
  });
  workers_.clear();
}

void helper::on_every_worker(const std::function<void(worker&)>& what) {
  for (const auto& w : workers_) w->run(what);
}

void helper::start_workers(unsigned count) {
  if (workers_.empty()) workers_.push_back(std::make_unique<thread_worker>(shared_, io_.get_executor()));
  while (workers_.size() < count) workers_.push_back(std::make_unique<thread_worker>(shared_));
}

std::map<std::string, door> helper::wanted_doors(const helper_options& options) const {
  std::map<std::string, door> out;
  std::size_t free_ports = 0;
  const auto add = [&](door d) {
    std::string key = d.at.to_text();
    const bool is_free = d.at.port == 0 && d.at.kind != listen_kind::unix_socket;
    if (is_free) key += '#' + std::to_string(++free_ports);
    if (out.contains(key)) throw cli::fail(exit_code::usage, "two listeners at one address", d.at.to_text());
    out.emplace(std::move(key), std::move(d));
  };
  for (const forward_options& f : options.forwards)
    add({.at = f.at, .forward = f, .key = std::hash<std::string>()(f.at.to_text() + f.service.to_text())});
  for (const listen_address& at : options.proxies) add({.at = at, .forward = {}});
  return out;
}

std::vector<detail::descriptor> helper::open_door(door& which, unsigned threads,
                                                  std::vector<cli::activated_socket>& activated) {
  std::vector<detail::descriptor> out;
  const std::string name = which.forward ? which.forward->service.to_text() : std::string(proxy_name);
  if (auto given = take(activated, which.at, name)) {
    out.push_back(*std::move(given));
    return out;
  }
  const bool is_shared = threads > 1 && which.at.kind == listen_kind::tcp;
  for (unsigned i = 0; i < (is_shared ? threads : 1); ++i) out.push_back(open_listener(which.at, is_shared));
  return out;
}

void helper::apply(helper_options options, const std::string& asking, const resolver_maker& make,
                   std::vector<cli::activated_socket> activated) {
  const bool is_first = workers_.empty();
  std::map<std::string, door> doors = wanted_doors(options);
  // Opens what is new first: a failure leaves everything as it was.
  std::map<std::string, std::vector<detail::descriptor>> sockets;
  const unsigned threads = is_first ? std::max(1U, options.threads) : static_cast<unsigned>(workers_.size());
  for (auto at = doors.begin(); at != doors.end();) {
    auto& [key, d] = *at;
    const bool is_optional = options.default_proxies && !d.forward && !d.at.address.is_v4();
    try {
      if (const auto known = ways_.find(key); known != ways_.end()) {
        d.at = known->second.through->at;
        d.counters = known->second.through->counters;
      } else {
        sockets[key] = open_door(d, threads, activated);
      }
      ++at;
    } catch (const cli::failure&) {
      if (!is_optional) throw;  // a host without IPv6
      at = doors.erase(at);
    }
  }
  const auto before = shared_.current();
  std::shared_ptr<dialer> reach = before && asking == asking_ ? before->reach : nullptr;
  options.connecting.connecting.admits = admission(shared_.listeners, options.allow_loopback, options.is_asked_locally);
  if (!reach) {
    reach = std::make_shared<dialer>(make(io_.get_executor()),
                                     dialer_options{options.wishes, options.connecting, options.routes.allow_direct});
  }
  open_status(options, activated);
  if (!activated.empty())
    throw cli::fail(exit_code::configuration, "nothing listens on a socket that was passed on", activated.front().name,
                    "name it by its address, 'proxy', 'status' or the service");

  asking_ = asking;
  shared_.replace(std::make_shared<const settings>(settings{options, route_table(options.routes), reach}));
  start_workers(threads);
  for (auto at = ways_.begin(); at != ways_.end();) {
    if (doors.contains(at->first)) {
      ++at;
      continue;
    }
    if (at->second.udp) at->second.udp->close();
    on_every_worker([&](worker& w) { w.close(at->first); });
    shared_.log.write(log_level::info, "", "listener closed", {{"listener", at->second.through->at.to_text()}});
    at = ways_.erase(at);
  }
  for (auto& [key, d] : doors) {
    const auto through = std::make_shared<const door>(d);
    std::vector<detail::descriptor>& opened = sockets[key];
    way& mine = ways_[key];
    if (d.at.kind == listen_kind::udp) {
      if (!mine.udp || mine.through->forward != d.forward) {
        detail::descriptor socket;
        if (!opened.empty()) {
          socket = std::move(opened.front());
        } else {
          mine.udp->close();
          mine.udp.reset();
          listen_address at = d.at;
          socket = open_listener(at, false);
        }
        mine.udp = std::make_shared<udp_forward>(io_.get_executor(), std::move(socket), through, shared_);
        mine.udp->start();
      }
    } else {
      for (std::size_t i = 0; i < workers_.size(); ++i) {
        const bool is_new = !opened.empty();
        if (is_new && i >= opened.size()) break;
        workers_[i]->run([&, &at = key](worker& w) {
          w.open(at, through, is_new ? std::optional(std::move(opened[i])) : std::nullopt);
        });
      }
    }
    mine.through = through;
  }
  publish_listeners();
  if (is_first) note_changes();
}

void helper::open_status(const helper_options& options, std::vector<cli::activated_socket>& activated) {
  if (!options.status) {
    status_.reset();
    status_at_.reset();
    return;
  }
  if (status_ && status_at_ == options.status) return;
  listen_address at = *options.status;
  detail::descriptor socket = [&] {
    auto given = take(activated, at, status_name);
    return given ? *std::move(given) : open_listener(at, false);
  }();
  status_ = std::make_unique<status_server>(io_.get_executor(), *this, options.token.value_or(""));
  status_->open(std::move(socket));
  status_at_ = options.status;
}

void helper::publish_listeners() {
  std::vector<listen_address> all;
  for (const auto& [key, w] : ways_) all.push_back(w.through->at);
  if (status_) {
    const auto at = status_->local_endpoint();
    const result<ip_address> address = ip_address::from_text(at.address().to_string());
    if (address) all.push_back({.address = *address, .port = at.port()});
  }
  shared_.listeners.set(std::move(all));
}

std::vector<std::string> helper::listening() const {
  std::vector<std::string> out;
  for (const auto& [key, w] : ways_) out.push_back(w.through->at.to_text() + ' ' + w.through->leads_to());
  if (status_) {
    const auto at = status_->local_endpoint();
    const std::string host = at.address().is_v6() ? '[' + at.address().to_string() + ']' : at.address().to_string();
    out.push_back("http://" + host + ':' + std::to_string(at.port()) + "/ status");
  }
  return out;
}

helper_ports helper::ports() const {
  helper_ports out;
  for (const auto& [key, w] : ways_) (w.through->forward ? out.forward : out.proxy) = w.through->at.port;
  if (status_) out.status = status_->local_endpoint().port();
  return out;
}

void helper::drain(std::function<void()> done) {
  is_draining_ = true;
  drained_ = std::move(done);
  const helper_options& options = shared_.current()->options;
  drain_until_ = std::chrono::steady_clock::now() + options.drain;
  if (options.stop_accepting) on_every_worker([](worker& w) { w.close_listeners(); });
  wait_for_clients();
}

void helper::wait_for_clients() {
  if (shared_.clients == 0 || std::chrono::steady_clock::now() >= drain_until_)
    return std::exchange(drained_, nullptr)();
  drain_timer_.expires_after(drain_poll);
  drain_timer_.async_wait([this](error_code ec) {
    if (!ec) wait_for_clients();
  });
}

}  // namespace sdconnect::helper
