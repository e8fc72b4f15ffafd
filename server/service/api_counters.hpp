#pragma once
#include <atomic>
#include <cstdint>

#include "server/service/fault.hpp"

namespace chiploc {

/// What the API refused or dropped since the start, over all its edges, what failed beside it, and how certificates
/// stand; GetStatus shows it. Thread-safe.
struct ApiCounters {
  std::atomic<std::uint64_t> refused_role{0};
  std::atomic<std::uint64_t> refused_request{0};
  std::atomic<std::uint64_t> progress_dropped{0};
  std::atomic<std::uint64_t> refused_revoked{0};  ///< calls with a revoked certificate
  std::atomic<std::uint64_t> streams_revoked{0};  ///< streams that were cut when theirs was

  std::atomic<std::uint64_t> looks{0};  ///< answers with what is sealed, each an entry of the audit log

  std::atomic<std::uint64_t> watchers{0};              ///< of what is committed, now
  std::atomic<std::uint64_t> watchers_refused{0};      ///< beyond how many may, of all or of one caller
  std::atomic<std::uint64_t> watchers_slow{0};         ///< cut: they did not take what they were sent
  std::atomic<std::uint64_t> enrolled{0};              ///< certificates that were given for a token
  std::atomic<std::uint64_t> enrolment_refused{0};     ///< tokens that did not count, and who tried too often
  std::atomic<std::uint64_t> certificates_renewed{0};  ///< for one that counted

  std::atomic<std::uint64_t> status_failures{0};  ///< a chip's status could not be told on (StatusClock)

  // How our certificates stand now.
  std::atomic<std::uint64_t> certificate_days_left{0};         ///< of chiplocd's own
  std::atomic<std::uint64_t> revocation_list_certificates{0};  ///< on the list in force
  std::atomic<std::uint64_t> revocation_list_stale{0};         ///< 1: it should have been signed anew
  std::atomic<std::uint64_t> revocation_list_refused{0};  ///< 1: the file has another one, which is no good

  /// An edge is about to answer with this.
  void count(const ApiFault& fault) {
    if (fault.code == ApiFaultCode::kWrongRole) ++refused_role;
    if (fault.code == ApiFaultCode::kBadField) ++refused_request;
  }
};

}  // namespace chiploc
