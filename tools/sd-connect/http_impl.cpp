/// \file
/// The one place where Beast and Asio's TLS streams are compiled: 24 s a file becomes 10 s in the files that use
/// them.

#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
