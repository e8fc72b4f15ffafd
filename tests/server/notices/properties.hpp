#pragma once
// Properties with RapidCheck: the same cases in every run, unless RC_PARAMS says otherwise ("seed=7
// max_success=100000"). What fails is shrunk and printed with what repeats it.

#include <rapidcheck.h>

#include <cstdlib>

#include "tests/support/catch.hpp"

namespace chiploc::test {

/// Runs the property that many times.
template <class Property>
void holds(const char* what, Property property) {
  ::setenv("RC_PARAMS", "seed=20261201 max_success=300", /*overwrite=*/0);
  INFO(what);
  CHECK(rc::check(what, std::move(property)));
}

}  // namespace chiploc::test
