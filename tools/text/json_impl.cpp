/// \file
/// The only file that compiles Boost.JSON, so that no Boost library has to be linked.

#include <boost/json/src.hpp>
