#pragma once
#include <cstdint>
#include <string>

#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "proto/v1/evidence.pb.h"

namespace chiploc {

/// Of one session's samples, the one that counts, and what stands beside it.
struct CountedSample {
  std::uint32_t sequence = 0;
  Nanoseconds rtt{0};
  StampSource source{};
  Nanoseconds least{0};  ///< of all samples; equal to rtt, or shorter: then it stands alone
  Nanoseconds next{0};   ///< the next one after rtt, as long or longer; 0: none
};

/// By the rule and under the pause budget of server/anchor/borne_out.hpp.
///
/// Takes     a session whose samples have been checked one by one: sequences differ, round trips are above 0.
/// Fails     with what is wrong and what to do about it, for a person: no sample; one alone; samples that do
///           not say when they were in flight; all in flight at one moment.
[[nodiscard]] Result<CountedSample, std::string> count_samples(const v1::SessionReport& session);

}  // namespace chiploc
