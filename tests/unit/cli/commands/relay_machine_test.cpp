#include "sd-connect/commands/relay_machine.hpp"

#include <catch2/catch.hpp>

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

using sdconnect::error_code;
using sdconnect::cli::relay_end;
using sdconnect::cli::relay_machine;
using action = relay_machine::action;

namespace {

error_code os_error(int number) { return {number, boost::system::system_category()}; }

}  // namespace

TEST_CASE("relay_machine: the end of the input shuts down sending once everything is sent; receiving goes on",
          "[cli][relay][fault-L14]") {
  relay_machine machine;
  REQUIRE(machine.next() == action::wait);
  machine.on_input(10);
  machine.on_sent(4);
  REQUIRE(machine.next() == action::wait);
  CHECK(machine.to_send().offset == 4);
  CHECK(machine.to_send().pending == 6);
  CHECK_FALSE(machine.wants_input());

  machine.on_sent(6);
  REQUIRE(machine.wants_input());
  machine.on_input(0);
  REQUIRE(machine.next() == action::shut_down_sending);
  REQUIRE(machine.next() == action::wait);
  CHECK_FALSE(machine.wants_input());
  CHECK(machine.wants_to_receive());

  machine.on_received(3);
  machine.on_written(3);
  machine.on_received(0);
  REQUIRE(machine.next() == action::close_output);
  REQUIRE(machine.next() == action::finish);
  CHECK(machine.end() == relay_end::complete);
  CHECK(machine.octets_sent() == 10);
  CHECK(machine.octets_written() == 3);
}

TEST_CASE("relay_machine: the end of the socket closes the output; sending goes on", "[cli][relay][fault-L14]") {
  relay_machine machine;
  machine.on_received(5);
  machine.on_written(5);
  machine.on_received(0);
  REQUIRE(machine.next() == action::close_output);
  REQUIRE(machine.next() == action::wait);
  CHECK(machine.wants_input());
  CHECK(machine.watches_socket());

  machine.on_input(7);
  machine.on_sent(7);
  machine.on_input(0);
  REQUIRE(machine.next() == action::shut_down_sending);
  REQUIRE(machine.next() == action::finish);
  CHECK(machine.end() == relay_end::complete);
}

TEST_CASE("relay_machine: the end of the socket ends the relay of a person at a terminal", "[cli][relay]") {
  relay_machine machine(true);
  machine.on_received(0);
  REQUIRE(machine.next() == action::close_output);
  REQUIRE(machine.next() == action::finish);
  CHECK(machine.end() == relay_end::peer_closed);
}

TEST_CASE("relay_machine: a side that stops reading stops the reading of its source only", "[cli][relay][fault-L16]") {
  relay_machine machine;
  machine.on_received(relay_machine::capacity);
  machine.on_written(1);
  CHECK_FALSE(machine.wants_to_receive());
  CHECK(machine.wants_to_write());
  CHECK(machine.wants_input());

  machine.on_input(relay_machine::capacity);
  CHECK_FALSE(machine.wants_input());
  CHECK(machine.wants_to_send());
}

TEST_CASE("relay_machine: a socket that fails while sending still delivers what it received",
          "[cli][relay][fault-L15]") {
  relay_machine machine;
  machine.on_input(10);
  machine.on_send_failed(os_error(ECONNRESET));
  REQUIRE(machine.next() == action::wait);
  CHECK_FALSE(machine.wants_input());
  CHECK_FALSE(machine.wants_to_send());
  REQUIRE(machine.wants_to_receive());

  machine.on_received(20);
  REQUIRE(machine.next() == action::wait);
  machine.on_written(20);
  machine.on_received(0);  // the kernel reports the reset only once; then it looks like an end
  REQUIRE(machine.next() == action::finish);
  CHECK(machine.end() == relay_end::socket_failed);
  CHECK(machine.error() == os_error(ECONNRESET));
}

TEST_CASE("relay_machine: a socket that fails while receiving delivers the rest and sends nothing more",
          "[cli][relay][fault-L15]") {
  relay_machine machine;
  machine.on_input(10);
  machine.on_received(20);
  machine.on_written(15);
  machine.on_receive_failed(os_error(ECONNRESET));
  REQUIRE(machine.next() == action::wait);
  CHECK_FALSE(machine.wants_to_send());
  machine.on_written(5);
  REQUIRE(machine.next() == action::finish);
  CHECK(machine.end() == relay_end::socket_failed);
}

TEST_CASE("relay_machine: an output that nobody reads is watched once the input has ended", "[cli][relay][fault-L19]") {
  relay_machine machine;
  CHECK_FALSE(machine.watches_output());
  machine.on_input(0);
  REQUIRE(machine.next() == action::shut_down_sending);
  REQUIRE(machine.next() == action::wait);
  CHECK(machine.watches_output());
  machine.on_output_closed();
  REQUIRE(machine.next() == action::finish);
  CHECK(machine.end() == relay_end::output_closed);
}

TEST_CASE("relay_machine: an exchange ends for the right reason whichever step fails",
          "[cli][relay][fault-L15][fault-L19]") {
  struct step {
    std::string label;
    std::function<void(relay_machine&)> success;
    std::function<void(relay_machine&)> fault;
    relay_end expected;
  };
  const error_code broken = os_error(EIO);
  const std::vector<step> script = {
      {"input", [](auto& m) { m.on_input(100); }, [&](auto& m) { m.on_input_failed(broken); }, relay_end::input_failed},
      {"send", [](auto& m) { m.on_sent(60); }, [&](auto& m) { m.on_send_failed(broken); }, relay_end::socket_failed},
      {"send rest", [](auto& m) { m.on_sent(40); }, [&](auto& m) { m.on_send_failed(broken); },
       relay_end::socket_failed},
      {"receive", [](auto& m) { m.on_received(9); }, [&](auto& m) { m.on_receive_failed(broken); },
       relay_end::socket_failed},
      {"write", [](auto& m) { m.on_written(9); }, [&](auto& m) { m.on_output_failed(broken); },
       relay_end::output_failed},
      {"input end", [](auto& m) { m.on_input(0); }, [&](auto& m) { m.on_input_failed(broken); },
       relay_end::input_failed},
      {"socket end", [](auto& m) { m.on_received(0); }, [&](auto& m) { m.on_receive_failed(broken); },
       relay_end::socket_failed},
  };
  for (std::size_t failing = 0; failing <= script.size(); ++failing) {
    relay_machine machine;
    relay_end expected = relay_end::complete;
    for (std::size_t i = 0; i < script.size(); ++i) {
      while (machine.next() == action::shut_down_sending) {
      }
      if (i != failing) {
        script[i].success(machine);
        continue;
      }
      INFO("failing at: " << script[i].label);
      script[i].fault(machine);
      expected = script[i].expected;
      break;
    }
    // After a failed send the socket ends receiving; every other case must end by itself.
    for (int turn = 0; turn < 10 && machine.next() != action::finish; ++turn) {
      if (machine.wants_to_receive()) machine.on_received(0);
    }
    REQUIRE(machine.next() == action::finish);
    CHECK(machine.end() == expected);
    if (expected != relay_end::complete) CHECK(machine.error() == broken);
  }
}
