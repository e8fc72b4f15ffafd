#pragma once
#include <ostream>

#include "proto/v1/evidence.pb.h"

namespace chiploc {

/// Where a key has two holders: for each what it signed, where it was proved to be, and the round trips to it.
/// Nothing where the verdict has none.
void write_holders(std::ostream& out, const v1::Verdict& verdict, bool colour);

}  // namespace chiploc
