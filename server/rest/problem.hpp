#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "server/http/http_message.hpp"
#include "server/service/fault.hpp"

namespace chiploc {

/// What this edge itself refuses, before a use case hears of it.
enum class RestFault : std::uint8_t {
  kBadRequest,        ///< 400: a parameter, a key, a value, or JSON that is none
  kNoRoute,           ///< 404
  kMethodNotAllowed,  ///< 405, with Allow
  kNotAcceptable,     ///< 406
  kInProgress,        ///< 409: the first request with this Idempotency-Key still runs
  kTooLarge,          ///< 413
  kMediaType,         ///< 415
  kKeyReused,         ///< 422: this Idempotency-Key came with another request
  kRateLimited,       ///< 429, with Retry-After
};

/// An answer that is none, as RFC 9457 has it. `type` is urn:chiploc:problem:CODE.
struct Problem {
  int status = 500;
  std::string_view code;   ///< stable, for programs
  std::string_view title;  ///< the same for every problem of the code
  std::string detail;      ///< a sentence: what was wrong, what to do
  std::string field{};     ///< which parameter, or the JSON pointer into the body; empty: not known
  HttpFields fields{};     ///< of the reply
};

// Faults become problems here and nowhere else.
//
//     kNoCertificate  401 unauthenticated    kExhausted    429 exhausted
//     kWrongRole      403 wrong_role         kNotReady     503 not_ready
//     kBadField       400 bad_field          kUnavailable  503 unavailable, Retry-After: 1
//     kNotFound       404 not_found          kDamaged      500 damaged
//     kConflict       409 conflict           kInternal     500 internal
[[nodiscard]] Problem problem_of(const ApiFault& fault);
/// kBadRequest 400 bad_request, kNoRoute 404 no_route, kMethodNotAllowed 405 method_not_allowed, ...
[[nodiscard]] Problem problem_of(RestFault fault, std::string detail, std::string field = {});

[[nodiscard]] HttpReply reply_of(const Problem& problem);
/// Its body: {"type", "title", "status", "detail", "code", "field" where it is known}.
[[nodiscard]] std::string problem_json(const Problem& problem);

}  // namespace chiploc
