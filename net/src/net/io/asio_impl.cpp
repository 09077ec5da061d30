/// \file
/// The only file that compiles Asio and its TLS streams. With BOOST_ASIO_SEPARATE_COMPILATION every
/// other file sees only declarations, which halves its build time. Users of the library inherit
/// that definition and link this copy.

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
