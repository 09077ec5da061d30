#include "option_table.hpp"

#include <algorithm>
#include <array>

namespace sdconnect::cli {
namespace {

constexpr std::string_view finding_or_browsing = "relay get resolve browse pick exec watch check";
constexpr std::string_view finding = "relay get resolve pick exec watch check";

constexpr option_spec option_specs[] = {
    {.name = "zone",
     .letter = 'z',
     .value = "ZONE",
     .help = "the domain to look in; with -s and -p in place of SERVICE",
     .commands = finding_or_browsing},
    {.name = "service",
     .letter = 's',
     .value = "NAME",
     .help = "service label, e.g. http",
     .commands = finding_or_browsing},
    {.name = "protocol",
     .letter = 'p',
     .value = "PROTO",
     .help = "tcp or udp",
     .commands = finding_or_browsing,
     .choices = "tcp|udp"},
    {.name = "service-version",
     .letter = 'v',
     .value = "VERSION",
     .help = "the instance whose first label is VERSION or _VERSION",
     .commands = finding_or_browsing},
    {.name = "instance",
     .value = "LABEL",
     .help = "only the instance with this label",
     .commands = finding_or_browsing},
    {.name = "subtype", .value = "NAME", .help = "only instances of this subtype", .commands = finding_or_browsing},
    {.name = "txt",
     .value = "KEY[=VALUE]",
     .help = "only instances whose TXT record has this; repeatable, all must match",
     .commands = finding_or_browsing,
     .repeatable = true},
    {.name = "default-port",
     .value = "N",
     .help = "without SRV and PTR records use the name's own addresses with port N",
     .commands = finding},

    {.name = "check",
     .value = "KIND",
     .help = "what to try: a connection, an HTTP request, a TLS handshake, or the COMMAND behind -- (default tcp)",
     .commands = "check",
     .choices = "tcp|http|tls|exec"},
    {.name = "path", .value = "PATH", .help = "request this of --check http (default /)", .commands = "check"},
    {.name = "head", .help = "send HEAD instead of GET", .commands = "check"},
    {.name = "expect",
     .value = "STATUS",
     .help = "HTTP statuses that are good, e.g. 200, 200-299,404 (default 200-399)",
     .commands = "check"},
    {.name = "tls", .help = "speak HTTPS; the certificate is checked against the target", .commands = "get check"},
    {.name = "tls-name",
     .value = "NAME",
     .help = "check the certificate against NAME instead",
     .commands = "get check"},
    {.name = "header",
     .letter = 'H',
     .value = "'NAME: VALUE'",
     .help = "send this header field too; repeatable",
     .commands = "get check",
     .repeatable = true},
    {.name = "include", .help = "print the response's status and header too", .commands = "get"},
    {.name = "count", .letter = 'n', .value = "N", .help = "choose N times and count", .commands = "pick"},
    {.name = "count", .letter = 'n', .value = "N", .help = "end after N changes", .commands = "watch"},
    {.name = "min-interval",
     .value = "TIME",
     .help = "ask no more often than this for records with a shorter TTL (default 5s)",
     .commands = "watch",
     .in_config = true},
    {.name = "domains",
     .help = "list the browsing and registration domains of the zone, or without one of this host's networks",
     .commands = "browse"},
    {.name = "once", .help = "run the demonstration once and end", .commands = "demo"},
    {.name = "zone", .value = "FILE", .help = "serve this zone file instead of the built-in one", .commands = "demo"},

    {.name = "server",
     .value = "ADDR",
     .help = "ask this name server: 192.0.2.1, [2001:db8::1]#53, tls://192.0.2.1@dns.example, file:PATH; repeatable",
     .repeatable = true,
     .in_config = true},
    {.name = "ca",
     .value = "FILE",
     .help = "trust the certificates in FILE (PEM) instead of the system's, for tls:// servers, --tls and --check tls",
     .in_config = true},
    {.name = "tls-pin",
     .value = "PIN",
     .help = "sha256//BASE64 of a key that tls:// servers must have; repeatable",
     .repeatable = true,
     .in_config = true},
    {.name = "tcp", .help = "ask over TCP only", .in_config = true},
    {.name = "randomize-case",
     .help = "vary the letter case of questions, and take only replies that repeat it (DNS 0x20)",
     .in_config = true},
    {.name = "require-authenticated",
     .help = "refuse what DNSSEC does not prove: answers without the AD bit of a trusted name server",
     .in_config = true},
    {.name = "ipv4", .letter = '4', .help = "use IPv4 addresses only", .in_config = true},
    {.name = "ipv6", .letter = '6', .help = "use IPv6 addresses only", .in_config = true},
    {.name = "timeout",
     .value = "TIME",
     .help = "for discovery and connecting, e.g. 5s, 500ms, 2m (default 5s)",
     .in_config = true},
    {.name = "connect-timeout", .value = "TIME", .help = "for each attempt to connect (default 2s)", .in_config = true},
    {.name = "policy",
     .value = "POLICY",
     .help = "how to choose within a priority tier (default rfc2782)",
     .choices = "rfc2782|weighted|ordered|least-loaded|hash",
     .in_config = true},
    {.name = "hash-key",
     .value = "TEXT",
     .help = "what policy hash goes by, e.g. a user or a session; without it a fresh key for each choice",
     .in_config = true},
    {.name = "same-domain", .help = "refuse targets and instances outside the asked domain", .in_config = true},
    {.name = "seed", .value = "N", .help = "make the choices reproducible", .in_config = true},
    {.name = "output",
     .letter = 'o',
     .value = "FORMAT",
     .help = "form of the data on stdout (default table)",
     .choices = "table|json|csv|short",
     .in_config = true},
    {.name = "json", .help = "the same as -o json", .in_config = true},
    {.name = "explain", .help = "tell on stderr how everything was found; as JSON with --json", .in_config = true},
    {.name = "color", .value = "WHEN", .help = "color output", .choices = "auto|always|never", .in_config = true},
    {.name = "quiet", .letter = 'q', .help = "no warnings", .in_config = true},
    {.name = "verbose", .help = "more about what is done, on stderr", .in_config = true},
    {.name = "config", .value = "FILE", .help = "read this configuration file"},
    {.name = "help", .letter = 'h', .help = "print this text"},
    {.name = "version", .help = "print the version"},
};

constexpr std::array<std::string_view, 2> later_commands{"forward", "proxy"};

bool has_word(std::string_view words, std::string_view word) noexcept {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

}  // namespace

std::span<const option_spec> option_table() noexcept { return option_specs; }

bool applies_to(const option_spec& spec, std::string_view command) noexcept {
  return spec.commands.empty() || has_word(spec.commands, command);
}

const option_spec* find_option(std::string_view name) noexcept {
  const auto* found = std::ranges::find(option_specs, name, &option_spec::name);
  return found == std::ranges::end(option_specs) ? nullptr : found;
}

bool is_later_command(std::string_view name) noexcept {
  return std::ranges::find(later_commands, name) != later_commands.end();
}

}  // namespace sdconnect::cli
