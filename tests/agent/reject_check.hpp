#pragma once
// What every REJECT has to be.

#include "tests/agent/agent_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {

/// One REJECT, with this reason, about this request, and no longer than it.
inline void check_reject(const std::vector<SentDatagram>& sent, RejectReason reason,
                         const ByteVector& request) {
  REQUIRE(sent.size() == 1);
  const auto reject = parse_reject(sent[0].bytes);
  REQUIRE(reject);
  CHECK(reject->reason == reason);
  CHECK(reject->rejected_type == request[3]);
  CHECK(reject->version_supported == kProtocolVersion);
  CHECK(sent[0].bytes.size() <= request.size());
}

}  // namespace chiploc
