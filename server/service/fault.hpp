#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"
#include "server/registry/registry.hpp"
#include "server/service/round_starter.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

/// Why a call was not answered, as far as the caller's next step differs. Each edge has one status of its own
/// for each of these.
enum class ApiFaultCode : std::uint8_t {
  kNoCertificate,  ///< no client certificate that says who is asking
  kWrongRole,      ///< the certificate's role may not do this
  kBadField,       ///< a field out of its limits, or a text that fits several
  kNotFound,       ///< unknown chip, round or verdict
  kConflict,       ///< a round of that chip runs already; a registry that moved on
  kExhausted,      ///< a limit is reached, or the disk is full
  kNotReady,       ///< no anchor connected; a database of another version or owner
  kUnavailable,    ///< shutting down, store busy: try again
  kDamaged,        ///< the store is damaged, or gave bytes that are no message of ours
  kInternal,       ///< the disk failed, a round could not be recorded
};
struct ApiFault {
  ApiFaultCode code{};
  std::string text;  ///< one sentence: what was wrong, what to do
};

/// What a use case gives back.
template <class T>
using Answer = Result<T, ApiFault>;

// Reasons of the parts below become faults of the API here and nowhere else.
[[nodiscard]] ApiFault fault_of(const StoreFault& fault);
[[nodiscard]] ApiFault fault_of(RoundFault fault);
/// `chip` is what the person typed. An ambiguous text is answered with the ids that it may mean.
[[nodiscard]] ApiFault fault_of(ChipLookupFault fault, std::string_view chip, const Registry& registry);

}  // namespace chiploc
