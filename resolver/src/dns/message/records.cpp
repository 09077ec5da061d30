#include "sdconnect/dns/records.hpp"

namespace sdconnect {

std::string to_string(rr_type type) {
  switch (type) {
    case rr_type::a: return "A";
    case rr_type::ns: return "NS";
    case rr_type::cname: return "CNAME";
    case rr_type::soa: return "SOA";
    case rr_type::ptr: return "PTR";
    case rr_type::txt: return "TXT";
    case rr_type::aaaa: return "AAAA";
    case rr_type::srv: return "SRV";
    case rr_type::dname: return "DNAME";
    case rr_type::opt: return "OPT";
  }
  return "TYPE" + std::to_string(static_cast<unsigned>(type));
}

std::string to_string(rr_class rclass) {
  switch (rclass) {
    case rr_class::in: return "IN";
  }
  return "CLASS" + std::to_string(static_cast<unsigned>(rclass));
}

std::string to_string(rcode code) {
  switch (code) {
    case rcode::noerror: return "NOERROR";
    case rcode::formerr: return "FORMERR";
    case rcode::servfail: return "SERVFAIL";
    case rcode::nxdomain: return "NXDOMAIN";
    case rcode::notimp: return "NOTIMP";
    case rcode::refused: return "REFUSED";
    case rcode::notauth: return "NOTAUTH";
    case rcode::badvers: return "BADVERS";
  }
  return "RCODE" + std::to_string(static_cast<unsigned>(code));
}

std::string to_string(const question& q) { return q.qname.to_text() + ' ' + to_string(q.type); }

}  // namespace sdconnect
