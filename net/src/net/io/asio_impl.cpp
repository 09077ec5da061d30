/// \file
/// The one place where Asio itself and its TLS streams are compiled. With
/// BOOST_ASIO_SEPARATE_COMPILATION every other file sees declarations only, which halves its build
/// time. Users of the library inherit that definition and link this copy.

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
