#pragma once
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "proto/v1/anchor_service.grpc.pb.h"

namespace chiploc {

/// One Attach stream, from its start to its end. The functions given to it run on gRPC's threads, one at a
/// time per stream, and must only post. write() and cancel() may be called from any thread.
///
/// The owner calls wait() and then destroys it, never from one of those functions: the last callback stream
/// of a process takes gRPC's callback threads down with its channel, and on one of these it would wait for
/// itself (gRPC 1.51 then frees its queue under the thread that uses it).
class UplinkStream final : public grpc::ClientBidiReactor<v1::AnchorMessage, v1::CoordinatorMessage> {
 public:
  struct Events {
    std::function<void(v1::CoordinatorMessage message)> on_message;
    std::function<void(grpc::Status status)> on_end;  ///< the last call
  };
  UplinkStream(std::shared_ptr<grpc::Channel> channel, Events events);
  ~UplinkStream() override;
  UplinkStream(const UplinkStream&) = delete;
  UplinkStream& operator=(const UplinkStream&) = delete;
  void start();

  /// Queues the message. False if the stream has ended.
  bool write(v1::AnchorMessage message);
  /// Messages given to write() that gRPC has not taken yet.
  [[nodiscard]] std::size_t backlog() const;
  void cancel() { context_.TryCancel(); }
  /// Until gRPC has let go of the stream.
  void wait();

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;
  void write_next();  // under the lock

  Events events_;
  std::unique_ptr<v1::AnchorService::Stub> stub_;
  grpc::ClientContext context_;
  v1::CoordinatorMessage incoming_;

  mutable std::mutex mutex_;  ///< guards what follows
  std::condition_variable done_;
  std::deque<v1::AnchorMessage> queue_;  ///< its front is being written while writing_
  bool writing_ = false;
  bool ended_ = false;
  bool released_ = false;
};

}  // namespace chiploc
