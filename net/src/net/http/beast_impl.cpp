/// \file
/// The one place where Beast is compiled, for the library and the program alike: 24 s a file
/// becomes 10 s in the files that use it.

#include <boost/beast/src.hpp>
