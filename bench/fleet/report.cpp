#include "bench/fleet/report.hpp"

#include "bench/support/goals.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace sdconnect::bench {
namespace {

std::string optional_text(const std::optional<double>& value) {
  return value ? fmt::format("{:.3g}", *value) : std::string("-");
}

}  // namespace

fleet_report::fleet_report(std::filesystem::path folder) : folder_(std::move(folder)) {
  if (!folder_.empty()) std::filesystem::create_directories(folder_);
  fmt::print("{:30}{:>8}{:>10}{:>8}{:>9}{:>10}{:>8}{:>9}{:>9}{:>9}{:>8}{:>8}{:>9}\n", "", "clients", "requests",
             "failed", "retries", "attempts", "DNS/s", "DNS peak", "peak, %", "converge", "over-", "p50", "p99");
  fmt::print("{:30}{:>8}{:>10}{:>8}{:>9}{:>10}{:>8}{:>9}{:>9}{:>9}{:>8}{:>8}{:>9}\n", "", "", "", "", "", "/request",
             "", "second", "clients", "s", "load x", "ms", "ms");
}

void fleet_report::add(const fleet_row& row, const fleet_meters& meters, fleet_meters::window in) {
  const auto clients = static_cast<double>(row.clients);
  const auto requests = static_cast<double>(meters.sum(&fleet_second::requests, in));
  const auto attempts = static_cast<double>(meters.sum(&fleet_second::attempts, in));
  const auto queries = static_cast<double>(meters.sum(&fleet_second::dns_queries, in));
  const double peak = meters.peak(&fleet_second::dns_queries, in);
  fmt::print("{:30}{:8}{:10}{:8}{:9}{:10.3f}{:8.0f}{:9.0f}{:9.2f}{:>9}{:>8}{:8.2f}{:9.2f}\n", row.name, row.clients,
             requests, meters.sum(&fleet_second::failed, in), meters.sum(&fleet_second::retries, in),
             requests > 0 ? attempts / requests : 0, queries / static_cast<double>(in.to - in.from), peak,
             peak / clients * 100, optional_text(row.converged), optional_text(row.overload),
             meters.percentile(0.5, in), meters.percentile(0.99, in));
  std::fflush(stdout);
}

void fleet_report::goal(std::string_view name, double value, double most) {
  figures_.push_back({std::string(name), value, most});
}

void fleet_report::note(std::string_view name, double value) { figures_.push_back({std::string(name), value, {}}); }

void fleet_report::plot(std::string_view file, const chart& drawn) const {
  if (folder_.empty()) return;
  const std::filesystem::path path = folder_ / file;
  std::ofstream out(path);
  out << to_svg(drawn);
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path.string());
}

void fleet_report::print_goals() const {
  std::printf("\n");
  for (const figure& each : figures_) {
    if (each.most) {
      print_goal(each.name, each.value, "<=", *each.most);
    } else {
      std::printf("%s %.4g\n", each.name.c_str(), each.value);
    }
  }
}

}  // namespace sdconnect::bench
