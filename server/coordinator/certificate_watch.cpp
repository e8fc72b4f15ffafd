#include "server/coordinator/certificate_watch.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "proto/base/safe_text.hpp"
#include "proto/base/time_text.hpp"
#include "server/coordinator/clocks.hpp"

namespace chiploc {

CertificateWatch::CertificateWatch(asio::io_context& io, OwnCertificate own, Revocations* revocations,
                                   ApiCounters& counters, std::function<void()> on_list)
    : timer_{io},
      own_{std::move(own)},
      revocations_{revocations},
      counters_{counters},
      on_list_{std::move(on_list)} {}

void CertificateWatch::start() {
  look(wall_now());
  timer_.expires_after(kPollInterval);
  timer_.async_wait([this](const asio::error_code& error) {
    if (!error) start();
  });
}

void CertificateWatch::look(WallTime now) {
  if (revocations_ != nullptr) poll_list();
  counters_.certificate_days_left = static_cast<std::uint64_t>(days_left(own_.life, now));
  if (revocations_ != nullptr) {
    counters_.revocation_list_certificates = revocations_->list().size();
    counters_.revocation_list_stale = revocations_->stale(now) ? 1 : 0;
  }
  constexpr std::chrono::hours kDay{24};
  // Also where the clock was set back: silence for as long as it was ahead would be wrong.
  if (spoke_ && now - *spoke_ < kDay && now >= *spoke_) return;
  spoke_ = now;
  speak(now);
}

void CertificateWatch::poll_list() {
  switch (revocations_->poll()) {
    case Revocations::News::kNone:
      return;
    case Revocations::News::kRefused:
      counters_.revocation_list_refused = 1;
      spdlog::error("tls.revocations_refused reason=\"{}\" doing=\"the list before stays in force\"",
                    log_text(revocations_->problem(), 500));
      return;
    case Revocations::News::kTaken:
      counters_.revocation_list_refused = 0;
      spdlog::info("tls.revocations_taken number={} certificates={}", revocations_->list().number(),
                   revocations_->list().size());
      on_list_();
      return;
  }
}

void CertificateWatch::speak(WallTime now) {
  if (const std::string text = near_end_text(own_, now); !text.empty())
    spdlog::warn("tls.certificate_ending problem=\"{}\"", log_text(text, 500));
  if (revocations_ != nullptr && revocations_->stale(now)) {
    spdlog::warn(
        "tls.revocations_stale next_update=\"{}\" doing=\"it stays in force, but what was revoked since is not "
        "known here: sign it anew with 'chiploc pki revoke' and put crl.pem here\"",
        utc_text(revocations_->list().next_update().value_or(WallTime{})));
  }
}

}  // namespace chiploc
