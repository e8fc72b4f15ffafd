#pragma once
// The witness as its callers meet it: HTTPS, bounds, a queue, counters.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "server/http/http_server.hpp"
#include "server/witness/witness_desk.hpp"

namespace chiploc {

struct WitnessLimits {
  std::size_t connections = 1'000;  ///< open at once
  std::size_t connections_per_address = 64;
  std::uint32_t requests_per_second = 100;  ///< of all callers; 429 beyond
  std::uint32_t requests_per_second_and_address = 20;
  std::size_t waiting = 64;  ///< submissions read and not judged; 503 beyond
};

struct WitnessServerOptions {
  std::string address;  ///< "HOST:PORT"; port 0: any
  TlsMaterial tls;
  WitnessLimits limits{};
  std::function<WallTime()> wall_now;
  std::function<SteadyTime()> steady_now;
};

/// POST /add-checkpoint for everybody, GET /metrics for this machine alone; anything else is 404. There is no certificate to
/// show: a submission is believed by the log's signature under it.
///
/// Threads   HTTP's two count and queue; one of its own judges, writes and signs, so submissions are taken one after another.
/// Log       A line for each refusal, but no more than one a second in the long run; the next one tells how many had none.
class WitnessServer {
 public:
  /// Fails with a sentence: the address, the certificate.
  [[nodiscard]] static Result<std::unique_ptr<WitnessServer>, std::string> start(WitnessServerOptions options,
                                                                                 WitnessDesk desk);
  ~WitnessServer();
  WitnessServer(const WitnessServer&) = delete;
  WitnessServer& operator=(const WitnessServer&) = delete;

  [[nodiscard]] int port() const;
  /// Prometheus' text.
  [[nodiscard]] std::string metrics() const;
  /// What is judged is answered, for as long as `grace`; then it ends. Idempotent.
  void stop(std::chrono::milliseconds grace);

 private:
  struct Inside;
  explicit WitnessServer(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace chiploc
