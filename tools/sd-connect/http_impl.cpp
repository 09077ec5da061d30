/// \file
/// The one place where Beast is compiled: 24 s a file becomes 10 s in the files that use it.

#include <boost/beast/src.hpp>
