#include "sd-connect/helper/background_helper.hpp"

#include "sd-connect/commands/finding.hpp"

#include <csignal>
#include <utility>

namespace sdconnect::cli {

background_helper::background_helper(const helper::helper_options& with, const std::shared_ptr<const options>& common,
                                     const log_options& log, std::string version)
    : log_(log), helper_(io_, log_, std::move(version)) {
  helper_.apply(with, {}, [common](boost::asio::any_io_executor executor) { return resolver_of(executor, *common); });
  ports_ = helper_.ports();
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  thread_ = std::thread([this] { io_.run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

background_helper::~background_helper() {
  io_.stop();
  thread_.join();
}

}  // namespace sdconnect::cli
