#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "proto/base/time.hpp"
#include "server/enrol/signing.hpp"
#include "server/http/http_message.hpp"
#include "server/rest/rate_limits.hpp"
#include "server/service/api_counters.hpp"
#include "server/service/enrolment.hpp"
#include "server/service/fault.hpp"
#include "server/service/work_thread.hpp"
#include "server/storage/store_thread.hpp"

namespace chiploc::v1 {
class Chip;
}

namespace chiploc {

inline constexpr std::string_view kEnrolPath = "/v1/enrol";
inline constexpr std::string_view kRenewPath = "/v1/certificate";
/// Of a body: a token and a request of at most 22 KiB of text.
inline constexpr std::size_t kEnrolBodyMax = std::size_t{32} << 10;
/// The one answer to every token that does not count, whatever is wrong with it.
inline constexpr std::string_view kTokenRefused =
    "this token is unknown, used, revoked or over; ask whoever gave it to you for another";

/// How a chip's registration ended.
using ChipRegistered = std::function<void(Answer<v1::Chip>)>;

struct EnrolParts {
  std::optional<EnrolAuthority> authority{};  ///< nullopt: it gives no certificates
  /// Registers a chip (OperatorUseCases::enrol_chip). May call back on any thread.
  std::function<void(const Enrolment&, const ArrivedChip&, const ChipRegistered&)> chips;
  StoreThread& store;
  ApiCounters& counters;
  std::function<WallTime()> now;
  std::function<SteadyTime()> steady;
  RateLimit by_address{0.2, 10};  ///< of all that comes here
  std::size_t waiting_most = 32;  ///< certificates to be signed; beyond it 429
};

/// Where newcomers get their first certificate, or their chip's row, and holders the next certificate, over HTTP.
///
///     POST /v1/enrol        {token, request}  whoever comes; the server alone has shown a certificate
///     POST /v1/enrol        {token, request, certificate, reach}  an agent: its maker's certificate of the request's key
///     POST /v1/certificate  {request}         with the certificate that is to be renewed
///
/// They answer {certificate, authority, serial, until, again}; an agent {chip}. A token is used up on disk, with the public
/// key of the request, before anything is signed or registered: whoever is cut off comes again with the same request; another key
/// is refused.
///
/// Threads   handle() on any; tokens are looked up on the store's, certificates are signed on one of its own.
/// Stopping  the server, then the store's thread, then this.
class EnrolDesk {
 public:
  explicit EnrolDesk(EnrolParts parts);
  EnrolDesk(const EnrolDesk&) = delete;
  EnrolDesk& operator=(const EnrolDesk&) = delete;

  [[nodiscard]] static bool is_for(const HttpRequest& request) {
    return request.path == kEnrolPath || request.path == kRenewPath;
  }
  void handle(const std::shared_ptr<HttpExchange>& exchange);

 private:
  struct Job;
  void enrol(const std::shared_ptr<Job>& job, const Digest& token);
  void on_redeemed(const std::shared_ptr<Job>& job, const Stored<Redemption>& redeemed);
  void add_chip(const std::shared_ptr<Job>& job, const Redemption& redeemed);
  void renew(const std::shared_ptr<Job>& job);
  /// Signs on the desk's thread and answers.
  using SigningWork = std::function<PkiResult<Issued>(const EnrolAuthority&, WallTime)>;
  void sign(const std::shared_ptr<Job>& job, SigningWork work, bool renewal);

  const EnrolParts parts_;
  RateLimits addresses_;
  WorkThread signers_;  // last: it ends first
};

}  // namespace chiploc
