/// \file
/// The one place where Boost.JSON is compiled; no Boost library has to be linked.

#include <boost/json/src.hpp>
