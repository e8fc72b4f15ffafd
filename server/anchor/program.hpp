#pragma once
#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/anchor/config.hpp"
#include "server/net/certificate_check.hpp"

namespace chiploc {

/// A whole anchor, put together from its configuration: sockets, core, keeper, uplink. Built, run and
/// destroyed on the io_context's thread; the keeper and gRPC have threads of their own (README.md).
class AnchorProgram {
 public:
  /// Opens the key, checks the TLS files, binds, opens the spool. Fails with a sentence: the program cannot
  /// start.
  [[nodiscard]] static Result<std::unique_ptr<AnchorProgram>, std::string> open(asio::io_context& io,
                                                                                const AnchorConfig& config);
  virtual ~AnchorProgram() = default;
  AnchorProgram(const AnchorProgram&) = delete;
  AnchorProgram& operator=(const AnchorProgram&) = delete;

  virtual void start() = 0;
  /// The program is to end: reports all rounds with what there is. Give the uplink a moment, then stop().
  virtual void drain() = 0;
  /// Stops taking commands and datagrams at once. What was measured is on disk when the object is gone.
  virtual void stop() = 0;
  [[nodiscard]] virtual AnchorId id() const = 0;
  [[nodiscard]] virtual std::vector<Endpoint> endpoints() const = 0;
  [[nodiscard]] virtual bool attached() const = 0;

 protected:
  AnchorProgram() = default;
};

/// Our certificate as the coordinator will judge it: the files are read and checked, its CN is the anchor's
/// name. Fails with a sentence.
[[nodiscard]] Result<OwnCertificate, std::string> check_anchor_certificate(const AnchorConfig& config,
                                                                           WallTime now);

/// The key that signs reports. Fails with a sentence.
[[nodiscard]] Result<std::unique_ptr<Signer>, std::string> open_anchor_key(const AnchorConfig& config);

}  // namespace chiploc
