/// \file
/// The kinds of probes, each in its own file. To add one, add a file, a line here and a row of the
/// table in probe.cpp.
#pragma once

#include "connect/probe/probe_operation.hpp"

#include <memory>

namespace sdconnect::detail {

[[nodiscard]] std::shared_ptr<probe_operation> make_tcp_probe(probe_operation::task given);
[[nodiscard]] std::shared_ptr<probe_operation> make_http_probe(probe_operation::task given);
[[nodiscard]] std::shared_ptr<probe_operation> make_tls_probe(probe_operation::task given);
[[nodiscard]] std::shared_ptr<probe_operation> make_exec_probe(probe_operation::task given);

}  // namespace sdconnect::detail
