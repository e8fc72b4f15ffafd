#pragma once
#include "proto/v1/evidence.pb.h"
#include "proto/v1/records.pb.h"

namespace chiploc {

/// The API's flat message of a stored verdict, field for field as it was before there were records of three
/// parts. Its reasons are the finding's, then the explanation's suspicions.
[[nodiscard]] v1::Verdict to_verdict(const v1::VerdictRecord& record);

/// Reads stored bytes of either format (storage's VerdictRecord::format): 0 is a v1::Verdict of before, 1 a
/// v1::VerdictRecord. False: they are neither.
[[nodiscard]] bool read_verdict(const std::string& bytes, unsigned format, v1::Verdict& out);

}  // namespace chiploc
