/// \file
/// A helper in a thread of its own, which ends with this object.
#pragma once

#include "helper/run/helper.hpp"
#include "program/daemon/log.hpp"
#include "sd-connect/options/options.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace sdconnect::cli {

/// No signal reaches the thread: they are for the first one.
class background_helper {
 public:
  /// Opens the listeners. `common`: which name servers to ask. Throws failure.
  background_helper(const helper::helper_options& with, const std::shared_ptr<const options>& common,
                    const log_options& log, std::string version);
  background_helper(const background_helper&) = delete;
  background_helper& operator=(const background_helper&) = delete;
  ~background_helper();

  /// The port of the only proxy, of the only forward, of the status page. REQUIRES: there is one.
  [[nodiscard]] std::uint16_t proxy_port() const noexcept { return ports_.proxy; }
  [[nodiscard]] std::uint16_t forward_port() const noexcept { return ports_.forward; }
  [[nodiscard]] std::uint16_t status_port() const noexcept { return ports_.status; }

 private:
  boost::asio::io_context io_{1};
  logger log_;
  helper::helper helper_;
  helper::helper_ports ports_;
  std::thread thread_;
};

}  // namespace sdconnect::cli
