#include "lab/background.hpp"

namespace sdconnect::lab {

background::background() : work_(io_.get_executor()), thread_([this]() noexcept { io_.run(); }) {}

background::~background() {
  io_.stop();
  thread_.join();
}

}  // namespace sdconnect::lab
