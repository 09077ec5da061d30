#include "sdconnect/connect/probe.hpp"

#include "connect/probe/probe_kinds.hpp"
#include "net/tls/tls_client.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect {

using namespace detail;
namespace {

namespace asio = boost::asio;

struct probe_row {
  probe_kind kind;
  std::string_view text;
  std::shared_ptr<probe_operation> (*make)(probe_operation::task given);
};

constexpr probe_row table[] = {
    {probe_kind::tcp, "tcp", &make_tcp_probe},
    {probe_kind::http, "http", &make_http_probe},
    {probe_kind::tls, "tls", &make_tls_probe},
    {probe_kind::exec, "exec", &make_exec_probe},
};

const probe_row& row_of(probe_kind kind) noexcept { return *std::ranges::find(table, kind, &probe_row::kind); }

std::shared_ptr<const prober::plan> prepare(probe_options options) {
  auto made = std::make_shared<prober::plan>();
  made->options = std::move(options);
  const probe_options& with = made->options;
  if (with.kind == probe_kind::tls || (with.kind == probe_kind::http && with.over_tls)) {
    tls_options trust;
    trust.ca_file = with.ca_file;
    result<std::shared_ptr<asio::ssl::context>> context = make_tls_context(trust);
    if (context)
      made->tls = std::move(*context);
    else
      made->tls_error = context.error();
  }
  return made;
}

}  // namespace

std::string_view to_string(probe_kind kind) noexcept { return row_of(kind).text; }

prober::prober(probe_options options) : plan_(prepare(std::move(options))) {}

const probe_options& prober::options() const noexcept { return plan_->options; }

void prober::start(std::shared_ptr<const plan> prepared, asio::any_io_executor executor, const endpoint& where,
                   std::chrono::steady_clock::time_point deadline,
                   asio::any_completion_handler<void(error_code, probe_result)> handler) {
  probe_operation::completion_type done(std::move(handler), executor);
  const auto make = row_of(prepared->options.kind).make;
  make({std::move(executor), std::move(prepared), where, deadline, std::move(done)})->start();
}

}  // namespace sdconnect
