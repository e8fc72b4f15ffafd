#pragma once
#include <ostream>

#include "proto/v1/operator_service.pb.h"
#include "server/text/records.hpp"

namespace chiploc {

/// What an import was understood to say, as tables for people: old and new values, areas, anchors, what
/// licences permit that is prohibited, warnings. After a real import the warnings alone.
void write_import_text(std::ostream& out, const v1::ImportResponse& response, bool dry_run, bool colour);

}  // namespace chiploc
