/// \file
/// The only file that compiles Beast, for the library and the program: files that use Beast compile
/// in 10 s instead of 24 s.

#include <boost/beast/src.hpp>
