#pragma once
#include <string>

#include "server/notices/notice.hpp"

namespace chiploc {

/// A notice as one line for a SIEM: an OCSF 1.3.0 Detection Finding (class 2004) in JSON, without a line end.
/// https://schema.ocsf.io/1.3.0/classes/detection_finding
///
/// The finding is the case, order or chip: finding_info.uid is the notice's subject, metadata.uid its id, and the
/// activity says whether the finding was created, updated or closed by it. Chips are its resources. What OCSF has
/// no word for is in `unmapped`, under the names of the event's data.
///
/// | notice | activity | status |
/// |---|---|---|
/// | case.opened, case.reopened | Create, Update | New |
/// | case.updated, case.disputed | Update | In Progress |
/// | case.resolved | Close | Resolved; Suppressed where the case was a mistake |
/// | order.held, order.released | Create, Close | In Progress, Resolved |
/// | chip.status_changed | Create where it accuses, Close where it did before, else Update | New, Resolved, In Progress |
/// | notice.test | Create | New |
///
/// One notice has one line, byte for byte. Takes a notice that refusal_of() lets pass.
[[nodiscard]] std::string ocsf_line(const Notice& notice, const CoordinatorId& source);

}  // namespace chiploc
