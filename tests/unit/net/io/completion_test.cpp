#include "net/io/completion.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <catch2/catch.hpp>

#include <memory>
#include <optional>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

namespace asio = boost::asio;
using done = completion<int>;

struct operation {
  void cancel() { ++cancels; }
  int cancels = 0;
};

}  // namespace

TEST_CASE("completion: the handler runs through its executor, later", "[transport][asio]") {
  asio::io_context io;
  asio::io_context other;
  int seen = 0;
  done pending(asio::bind_executor(other.get_executor(), [&](int value) { seen = value; }), io.get_executor());
  CHECK(other.poll() == 0);
  CHECK_FALSE(other.stopped());  // it has work
  CHECK(pending.is_pending());
  pending.post(7);
  CHECK_FALSE(pending.is_pending());
  io.poll();
  CHECK(seen == 0);
  other.poll();
  CHECK(seen == 7);
  CHECK(other.stopped());
}

TEST_CASE("completion: cancellation is heard, at any later time too, and the signal may go before the handler runs",
          "[transport][asio]") {
  asio::io_context io;
  asio::io_context other;
  std::optional<asio::cancellation_signal> signal(std::in_place);
  const auto cancelled = std::make_shared<operation>();
  bool is_complete = false;
  const auto complete = [&](int) { is_complete = true; };
  done pending(asio::bind_cancellation_slot(signal->slot(), asio::bind_executor(other.get_executor(), complete)),
               io.get_executor());
  pending.on_cancel(cancelled);
  signal->emit(asio::cancellation_type::total);
  CHECK(cancelled->cancels == 1);
  pending.post(1);
  io.poll();
  signal->emit(asio::cancellation_type::terminal);  // the operation has to ignore it
  CHECK(cancelled->cancels == 2);
  if (GENERATE(true, false)) signal.reset();
  other.poll();
  CHECK(is_complete);
  CHECK(cancelled->cancels == 2);
}

TEST_CASE("completion: it holds nothing of its context once it is posted, dropped or moved away",
          "[transport][asio][lifetime]") {
  const auto kept = std::make_shared<int>();
  std::optional<done> pending;
  {
    asio::io_context io;
    const auto strand = asio::make_strand(io);
    pending.emplace(asio::bind_executor(strand, [kept](int) { FAIL("called"); }), strand);
    SECTION("posted and not run") { pending->post(1); }
    SECTION("dropped") { pending->drop(); }
    SECTION("moved away") { const done other(*std::move(pending)); }
    CHECK_FALSE(pending->is_pending());
  }
  CHECK(kept.use_count() == 1);
  pending.reset();
}
