#pragma once
// What of an import takes or gives more than its counts say: for people who read only those.

#include "server/registry/import_preview.hpp"

namespace chiploc {

/// A warning for each place that comes onto the prohibited list or leaves it, with one before them if nothing is
/// left, and for each registered anchor whose place changes: from where to where, and how far. A list's first
/// entries are no change. Then for each registered entity that comes onto the watch list or leaves it, each model with
/// another ECCN, licence that licenses more places or has another end user, order with another end user than before
/// or than its licence, or that names a watched entity, for what is now for fewer chips than it has, and for chips of
/// models that their maker has not registered. The first `most`, all of them counted. `plan` must be ok(), made from
/// `base`.
[[nodiscard]] Shortened<ImportWarning> change_warnings(const Registry& base, const ImportPlan& plan,
                                                       std::size_t most);

}  // namespace chiploc
