#pragma once
#include <ostream>

#include "proto/v1/evidence.pb.h"

namespace chiploc {

/// Of a SILENT verdict: the likeliest causes, and how far the round came, step by step.
void write_silence(std::ostream& out, const v1::Silence& silence, bool colour);

}  // namespace chiploc
