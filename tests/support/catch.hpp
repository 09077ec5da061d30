/// \file
/// Makes Catch2 able to print a result<T>. Precompiled and included first in every unit test.
#pragma once

#include <boost/system/result.hpp>
#include <catch2/catch.hpp>

#include <string>

/// Lets `REQUIRE(result)` compile for values without operator<<; a failure shows the error's
/// message.
template <typename T>
struct Catch::StringMaker<boost::system::result<T>> {
  static std::string convert(const boost::system::result<T>& r) {
    return r ? std::string("a value") : "error: " + r.error().message();
  }
};
