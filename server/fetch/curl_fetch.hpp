#pragma once
#include <filesystem>
#include <memory>

#include "proto/base/time.hpp"
#include "server/fetch/http_fetch.hpp"

namespace chiploc {

struct FetchLimits {
  Nanoseconds connect = std::chrono::seconds{3};
  Nanoseconds whole = std::chrono::seconds{8};
  std::size_t header_bytes = 16'384;
  std::size_t body_bytes = 131'072;  ///< a longer answer is none
  std::size_t waiting_most = 32;     ///< requests accepted and not ended
};

/// HttpFetch by libcurl on a thread of its own, several at once. TLS 1.2 at least, the certificate verified for the name
/// against `ca` alone (empty: the system's); no redirect, no proxy, no cookie, no .netrc. What was sent and what came is
/// wiped.
class CurlFetch : public HttpFetch {
 public:
  CurlFetch(std::filesystem::path ca, bool plain_loopback, const FetchLimits& limits);
  /// What is in flight is cut, and nobody is told.
  ~CurlFetch() override;
  CurlFetch(const CurlFetch&) = delete;
  CurlFetch& operator=(const CurlFetch&) = delete;
  [[nodiscard]] bool fetch(FetchRequest request, std::function<void(FetchOutcome)> ended) override;

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace chiploc
