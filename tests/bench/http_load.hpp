#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/lab/child_process.hpp"
#include "server/net/tls.hpp"

namespace chiploc::bench {

/// One answer of 127.0.0.1, over a connection of its own.
struct HttpAnswer {
  std::string body;
  std::string cipher;  ///< TLS_AES_256_GCM_SHA384
};
/// Fails with a sentence, also where the status is not 200.
[[nodiscard]] Result<HttpAnswer, std::string> get_once(std::uint16_t port, const TlsFiles& tls,
                                                       const std::string& path);

/// Whether a program can be found in PATH or where administrators' programs are.
[[nodiscard]] std::optional<std::string> program(const std::string& name);

/// Threads of a running program may use these processors alone; empty: all there are.
void keep_to(pid_t pid, const std::vector<int>& processors);

/// nginx in one process, TLS 1.3 alone, the same cipher, certificate and demand for the client's as chiplocd.
class Nginx {
 public:
  struct Options {
    std::filesystem::path folder;  ///< for its files; what is in its "root" is served
    TlsFiles tls;                  ///< its own certificate; the authority of clients'
    std::string cipher;
  };
  [[nodiscard]] static Result<Nginx, std::string> start(const Options& options);
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return child_.pid(); }

 private:
  Nginx(ChildProcess child, std::uint16_t port) : child_{std::move(child)}, port_{port} {}
  ChildProcess child_;
  std::uint16_t port_;
};

/// wrk: connections that are kept open, each with one request under way at a time.
struct WrkOptions {
  std::filesystem::path programs;  ///< where the preloaded library is
  std::filesystem::path folder;    ///< for its files
  TlsFiles tls;
  std::uint16_t port = 0;
  std::vector<std::string> paths{};  ///< asked for in turn
  pid_t server = 0;                  ///< whose processor time counts
  int connections = 32;
  int seconds = 4;
  std::optional<int> processor{};  ///< that it keeps to
};
struct WrkRun {
  double per_s = 0.0;
  double p50_ms = 0.0, p99_ms = 0.0;
  double cpu_us = 0.0;  ///< of the server, a request
};
/// Calls `meanwhile` over and over until it has ended. Fails with a sentence, also where any answer was no success.
[[nodiscard]] Result<WrkRun, std::string> run_wrk(const WrkOptions& options,
                                                  const std::function<void()>& meanwhile);

}  // namespace chiploc::bench
