#include "program/daemon/log.hpp"

#include "support/scoped_environment.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <array>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace sdconnect;
using namespace sdconnect::cli;

namespace {

// 2026-02-03T04:05:06.007Z
constexpr std::chrono::system_clock::time_point moment{std::chrono::milliseconds(1770091506007)};

std::string line_of(std::string_view id, std::string_view message, std::span<const log_field> fields, log_format format,
                    log_prefix prefix = {}) {
  return log_line({.level = log_level::warning, .id = id, .message = message, .fields = fields}, format, prefix,
                  moment);
}

// Reads what a logger wrote into a pipe.
struct pipe_reader {
  pipe_reader() { REQUIRE(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) == 0); }
  ~pipe_reader() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  [[nodiscard]] std::string text() const {
    std::string block(4096, '\0');
    const auto size = ::read(ends[0], block.data(), block.size());
    return size > 0 ? block.substr(0, static_cast<std::size_t>(size)) : "";
  }
  std::array<int, 2> ends{};
};

}  // namespace

TEST_CASE("log: a line of text has time, level, id, message and fields", "[cli][log]") {
  const std::array<log_field, 3> fields{
      {{"service", "_http._tcp.example.com"}, {"error", "connection refused"}, {"n", 3u}}};
  CHECK(line_of("c17", "connect failed", fields, log_format::text) ==
        "2026-02-03T04:05:06.007Z warning [c17] connect failed service=_http._tcp.example.com "
        "error=\"connection refused\" n=3\n");
  CHECK(line_of("", "started", {}, log_format::text) == "2026-02-03T04:05:06.007Z warning started\n");
}

TEST_CASE("log: a line of JSON has the same", "[cli][log]") {
  const std::array<log_field, 2> fields{{{"error", "connection \"refused\""}, {"n", 3u}}};
  CHECK(line_of("c17", "connect failed", fields, log_format::json) ==
        R"({"time":"2026-02-03T04:05:06.007Z","level":"warning","id":"c17","message":"connect failed",)"
        R"("error":"connection \"refused\"","n":3})"
        "\n");
}

TEST_CASE("log: a record is one line of printable text, whatever it holds", "[cli][log][fault-L29]") {
  const std::string hostile = "a\nb\r\x1b[2J \xff \xe2\x80\xae =\"\\";
  const std::array<log_field, 2> fields{{{"name", hostile}, {"empty", ""}}};
  const std::string text = line_of(hostile, hostile, fields, log_format::text);
  CHECK(text.find_first_of("\r\x1b\xff") == text.npos);
  CHECK(text.find('\n') == text.size() - 1);
  CHECK(text.find(R"( name="a\010b\013\027[2J \255 \226\128\174 =\"\\" empty="")") != text.npos);

  const std::string line = line_of(hostile, hostile, fields, log_format::json);
  CHECK(line.find('\n') == line.size() - 1);
  const auto object = boost::json::parse(line).as_object();
  CHECK(object.at("name").as_string() == R"(a\010b\013\027[2J \255 \226\128\174 ="\\)");
}

TEST_CASE("log: journald gets a priority and adds the time itself", "[cli][log]") {
  const pipe_reader reader;
  struct stat status {};
  REQUIRE(::fstat(reader.ends[1], &status) == 0);
  const std::string own = fmt::format("{}:{}", status.st_dev, status.st_ino);
  const test::scoped_environment variables{{"JOURNAL_STREAM", own}};
  CHECK(is_journal(reader.ends[1]));
  CHECK_FALSE(is_journal(-1));

  logger({.format = log_format::text}, reader.ends[1]).write(log_level::error, "c1", "broken");
  CHECK(reader.text() == "<3>[c1] broken\n");
  logger({.format = log_format::json}, reader.ends[1]).write(log_level::error, "c1", "broken");
  CHECK(reader.text().rfind("{\"time\":\"", 0) == 0);
}

TEST_CASE("log: lines below the threshold are not written", "[cli][log]") {
  const pipe_reader reader;
  const logger log({.threshold = log_level::warning}, reader.ends[1]);
  CHECK_FALSE(is_journal(reader.ends[1]));
  CHECK(log.is_enabled(log_level::error));
  CHECK_FALSE(log.is_enabled(log_level::info));
  log.write(log_level::info, "", "quiet");
  log.write(log_level::warning, "", "loud", {{"n", 1u}});
  CHECK(reader.text().find("Z warning loud n=1\n") == 24 - 1);
}

TEST_CASE("log: a reader that is gone or full stops nothing", "[cli][log]") {
  const pipe_reader reader;
  const logger log({}, reader.ends[1]);
  const std::string much(60000, 'x');
  for (int i = 0; i < 3; ++i) log.write(log_level::info, "", much);
  logger({}, -1).write(log_level::info, "", "nowhere");
}
