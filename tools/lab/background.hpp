/// \file
/// A thread that runs an event loop, so that servers answer while their owner blocks.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>

namespace sdconnect::lab {

/// Must outlive the servers that use it: declare it before them. An exception from a handler ends
/// the program.
class background {
 public:
  background();
  background(const background&) = delete;
  background& operator=(const background&) = delete;
  ~background();  ///< stops the loop and joins the thread

  [[nodiscard]] boost::asio::any_io_executor executor() { return io_.get_executor(); }

 private:
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace sdconnect::lab
