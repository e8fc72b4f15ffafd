#pragma once
// The only place that includes Catch2, so that moving to its next major version touches one file.
#include <catch2/catch.hpp>
