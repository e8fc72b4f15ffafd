#pragma once
#include <atomic>
#include <cstdint>

#include "server/service/fault.hpp"

namespace chiploc {

/// What the API refused or dropped since the start, over all its edges; GetStatus shows it. Thread-safe.
struct ApiCounters {
  std::atomic<std::uint64_t> refused_role{0};
  std::atomic<std::uint64_t> refused_request{0};
  std::atomic<std::uint64_t> progress_dropped{0};

  /// An edge is about to answer with this.
  void count(const ApiFault& fault) {
    if (fault.code == ApiFaultCode::kWrongRole) ++refused_role;
    if (fault.code == ApiFaultCode::kBadField) ++refused_request;
  }
};

}  // namespace chiploc
