#include "helper/route/srv_ports.hpp"

#include "sdconnect/dns/service_name.hpp"

namespace sdconnect::helper {
namespace {

using cli::value_fault;

constexpr const char* port_form = "default, or PORT=NAME,... like 443=https,8443=https";

}  // namespace

const srv_ports& default_srv_ports() {
  static const srv_ports table{
      {22, "ssh"},
      {25, "smtp"},
      {80, "http"},
      {88, "kerberos"},
      {110, "pop3"},
      {119, "nntp"},
      {143, "imap"},
      {389, "ldap"},
      {443, "https"},
      {464, "kpasswd"},
      {465, "submissions"},
      {587, "submission"},
      {631, "ipp"},
      {636, "ldaps"},
      {749, "kerberos-adm"},
      {853, "domain-s"},
      {993, "imaps"},
      {995, "pop3s"},
      {1883, "mqtt"},
      {3306, "mysql"},
      {4190, "sieve"},
      {5060, "sip"},
      {5061, "sips"},
      {5222, "xmpp-client"},
      {5223, "xmpps-client"},
      {5269, "xmpp-server"},
      {5270, "xmpps-server"},
      {5432, "postgresql"},
      {5671, "amqps"},
      {5672, "amqp"},
      {6379, "redis"},
      {8448, "matrix-fed"},
      {8883, "secure-mqtt"},
      {27017, "mongodb"},
  };
  return table;
}

cli::parsed<srv_ports> srv_ports_from_text(std::string_view text) {
  srv_ports out;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view entry = text.substr(0, comma);
    if (entry == "default") {
      srv_ports known = default_srv_ports();
      known.merge(out);
      known.swap(out);
    } else {
      const std::size_t equals = entry.find('=');
      const auto port = cli::number_from_text(entry.substr(0, equals), 1, 65535);
      if (!port || equals == std::string_view::npos) return value_fault{"not PORT=NAME", port_form};
      std::string_view label = entry.substr(equals + 1);
      if (label.starts_with('_')) label.remove_prefix(1);
      if (const std::string fault = service_label_fault("_" + std::string(label)); !fault.empty())
        return value_fault{"the service name " + fault, port_form};
      out[static_cast<std::uint16_t>(*port)] = std::string(label);
    }
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace sdconnect::helper
