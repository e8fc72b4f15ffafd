#pragma once
#include "server/anchor/self_test.hpp"

namespace chiploc {

/// What every interface that is up claims of stamps.
[[nodiscard]] std::vector<InterfaceClaim> interface_claims();
/// The kernel's clock discipline and the programs that are known to steer clocks, as far as they can be seen
/// without privileges: processes by name, units that run, files that they leave.
[[nodiscard]] Discipline clock_discipline();

}  // namespace chiploc
