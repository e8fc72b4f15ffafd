#pragma once
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <optional>

#include "server/net/certificate_check.hpp"
#include "server/net/revocations.hpp"
#include "server/service/api_counters.hpp"

namespace chiploc {

/// Looks after chiplocd's certificates while it runs: takes up another revocation list within kPollInterval,
/// and says once a day, and at the start, what will end soon. Counters show the same all the time.
///
/// Threads   the one that runs `io`.
class CertificateWatch {
 public:
  static constexpr std::chrono::seconds kPollInterval{2};

  /// `revocations` may be null: nobody is revoked. `on_list` is called when another list is in force.
  CertificateWatch(asio::io_context& io, OwnCertificate own, Revocations* revocations, ApiCounters& counters,
                   std::function<void()> on_list);
  /// Looks now, and from then on until stop().
  void start();
  void stop() { timer_.cancel(); }
  /// One look at this time; start() calls it.
  void look(WallTime now);

 private:
  void poll_list();
  void speak(WallTime now);

  asio::steady_timer timer_;
  OwnCertificate own_;
  Revocations* revocations_;
  ApiCounters& counters_;
  std::function<void()> on_list_;
  std::optional<WallTime> spoke_;
};

}  // namespace chiploc
