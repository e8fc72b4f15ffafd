#pragma once
#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "server/net/revocations.hpp"
#include "server/service/api_counters.hpp"

namespace grpc {
class AuthContext;
}

namespace chiploc {

/// Refuses revoked certificates with words (UNAUTHENTICATED, revoked_text): every call of every service before
/// it is read, also over a connection that was open before, and the streams that are open when the list changes.
///
/// Threads   any. Owns nothing; what it is made from outlives it, and it outlives the server.
class CertificateGate {
 public:
  CertificateGate(const Revocations& revocations, ApiCounters& counters)
      : revocations_{revocations}, counters_{counters} {}

  /// OK, or why the holder of this certificate may not go on.
  [[nodiscard]] grpc::Status check(const grpc::AuthContext& context) const;
  /// For the server's credentials: it asks this at the beginning of each call.
  [[nodiscard]] std::shared_ptr<grpc::AuthMetadataProcessor> processor() const;

  using End = std::function<void(const grpc::Status&)>;

 private:
  struct Open {
    Certificate certificate;
    End end;
  };
  /// Shared with the streams, which gRPC may keep a moment longer than the server.
  struct Table {
    std::mutex mutex;  ///< guards what follows
    std::map<std::uint64_t, Open> open;
    std::uint64_t entered = 0;
  };

 public:
  /// A stream that may be cut, until destroyed.
  class Stream {
   public:
    Stream() = default;
    Stream(std::shared_ptr<Table> table, std::uint64_t number) : table_{std::move(table)}, number_{number} {}
    Stream(Stream&& other) noexcept = default;
    Stream& operator=(Stream&& other) noexcept;
    ~Stream();

   private:
    std::shared_ptr<Table> table_;
    std::uint64_t number_ = 0;
  };
  /// Calls `end` at once if the certificate was revoked meanwhile, else when it is. Once at most, outside all
  /// locks; it may still be running when the Stream is gone, so it holds what it needs.
  [[nodiscard]] Stream enter(const grpc::AuthContext& context, End end);
  /// The list is another: ends what it revokes.
  void list_changed();

 private:
  [[nodiscard]] grpc::Status status_of(const Certificate& certificate) const;
  const Revocations& revocations_;
  ApiCounters& counters_;
  std::shared_ptr<Table> table_ = std::make_shared<Table>();
};

}  // namespace chiploc
