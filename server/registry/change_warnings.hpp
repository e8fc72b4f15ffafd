#pragma once
// What of an import takes or gives more than its counts say: for people who read only those.

#include "server/registry/import_preview.hpp"

namespace chiploc {

/// A warning for each place that comes onto the prohibited list or leaves it, with one before them if nothing is
/// left, and for each registered anchor whose place changes: from where to where, and how far. A list's first
/// entries are no change. The first `most`, all of them counted. `plan` must be ok(), made from `base`.
[[nodiscard]] Shortened<ImportWarning> change_warnings(const Registry& base, const ImportPlan& plan,
                                                       std::size_t most);

}  // namespace chiploc
