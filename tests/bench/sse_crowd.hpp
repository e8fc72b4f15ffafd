#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "proto/base/result.hpp"
#include "server/net/tls.hpp"

namespace chiploc::bench {

/// Thousands who watch GET /v1/watch of one chiplocd, on one thread of this process: a TLS connection each, 500 from each of the
/// addresses 127.0.1.1, 127.0.1.2, .. Events have numbers without a gap, so each that comes has to be the next one.
class SseCrowd {
 public:
  struct Options {
    std::uint16_t port = 0;  ///< of 127.0.0.1
    TlsFiles tls;            ///< with which all of them come
    std::size_t watchers = 10'000;
  };
  struct Found {
    std::uint64_t events = 0;        ///< that all of them got together
    std::uint64_t lost = 0;          ///< who were cut, refused, or told anything but the next event
    std::string problem;             ///< of the first of these
    std::vector<double> spreads_ms;  ///< of each event: from the first who had it to the last
    double cpu_s = 0.0;              ///< of the crowd's thread
  };

  /// Fails with a sentence: the certificate, too few files.
  [[nodiscard]] static Result<std::unique_ptr<SseCrowd>, std::string> start(const Options& options);
  ~SseCrowd();
  SseCrowd(const SseCrowd&) = delete;
  SseCrowd& operator=(const SseCrowd&) = delete;

  /// How many have been told from where they watch and still do.
  [[nodiscard]] std::size_t watching() const { return watching_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  /// The last event that every one of them has; some tenths of a second old.
  [[nodiscard]] std::uint64_t all_have() const { return all_have_; }
  /// Ends all connections.
  [[nodiscard]] Found stop();

 private:
  class Loop;
  SseCrowd();
  std::atomic<std::size_t> watching_{0};
  std::atomic<std::uint64_t> events_{0}, lost_{0}, all_have_{0};
  std::atomic<bool> stopping_{false};
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace chiploc::bench
