#include "server/api/anchor_service.hpp"

#include <deque>
#include <mutex>

#include "server/net/tls.hpp"

namespace chiploc {
namespace {

using Reactor = grpc::ServerBidiReactor<v1::AnchorMessage, v1::CoordinatorMessage>;

grpc::StatusCode code_of(LinkEnd end) {
  switch (end) {
    case LinkEnd::kUnsupportedVersion:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case LinkEnd::kNotRegistered:
    case LinkEnd::kWrongCertificate:
      return grpc::StatusCode::PERMISSION_DENIED;
    case LinkEnd::kReplaced:
      return grpc::StatusCode::ABORTED;
    case LinkEnd::kProtocol:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case LinkEnd::kShuttingDown:
      return grpc::StatusCode::UNAVAILABLE;
  }
  return grpc::StatusCode::INTERNAL;
}

class StreamReactor;

/// What the coordinator holds of a stream. It may outlive the reactor, which gRPC deletes when the stream is
/// done.
class StreamLink final : public AnchorLink {
 public:
  explicit StreamLink(StreamReactor* reactor) : reactor_{reactor} {}
  bool send(const v1::CoordinatorMessage& message) override;
  void end(LinkEnd end, const std::string& text) override;
  /// Called by the reactor before it goes away.
  void forget() {
    const std::scoped_lock lock{mutex_};
    reactor_ = nullptr;
  }

 private:
  std::mutex mutex_;
  StreamReactor* reactor_;
};

class StreamReactor final : public Reactor {
 public:
  StreamReactor(Coordinator& coordinator, std::string anchor)
      : coordinator_{coordinator}, anchor_{std::move(anchor)}, link_{std::make_shared<StreamLink>(this)} {
    StartRead(&incoming_);
  }

  bool send(const v1::CoordinatorMessage& message) {
    const std::scoped_lock lock{mutex_};
    if (finishing_ || queue_.size() >= AnchorService::kQueueMax) return false;
    queue_.push_back(message);
    if (queue_.size() == 1) write_front();
    return true;
  }

  void end(const grpc::Status& status) {
    const std::scoped_lock lock{mutex_};
    if (finishing_) return;
    finishing_ = true;
    status_ = status;
    if (queue_.empty()) Finish(status_);  // else after the write that is under way
  }

  void OnReadDone(bool ok) override {
    if (!ok) return end(grpc::Status::OK);
    if (!attached_) {
      if (!incoming_.has_hello()) {
        return end({grpc::StatusCode::INVALID_ARGUMENT, "the first message of a stream must be Hello"});
      }
      attached_ = true;
      coordinator_.attach(link_, incoming_.hello(), anchor_);
    } else {
      coordinator_.on_message(link_, std::move(incoming_));
    }
    incoming_.Clear();
    StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    const std::scoped_lock lock{mutex_};
    queue_.pop_front();
    if (finishing_) {
      Finish(status_);
    } else if (ok && !queue_.empty()) {
      write_front();
    }
  }

  void OnCancel() override { end({grpc::StatusCode::CANCELLED, "the anchor went away"}); }

  void OnDone() override {
    link_->forget();
    if (attached_) coordinator_.detach(link_);
    delete this;
  }

 private:
  void write_front() {  // under the lock
    // More is waiting: gRPC may gather, and messages share TLS records and system calls.
    grpc::WriteOptions options;
    if (queue_.size() > 1) options.set_buffer_hint();
    StartWrite(&queue_.front(), options);
  }

  Coordinator& coordinator_;
  const std::string anchor_;  ///< CN of the client certificate
  std::shared_ptr<StreamLink> link_;
  v1::AnchorMessage incoming_;
  bool attached_ = false;                     ///< by the reading callbacks only
  std::mutex mutex_;                          ///< guards what follows
  std::deque<v1::CoordinatorMessage> queue_;  ///< the front one is being written
  bool finishing_ = false;
  grpc::Status status_;
};

bool StreamLink::send(const v1::CoordinatorMessage& message) {
  const std::scoped_lock lock{mutex_};
  return reactor_ != nullptr && reactor_->send(message);
}

void StreamLink::end(LinkEnd end, const std::string& text) {
  const std::scoped_lock lock{mutex_};
  if (reactor_ != nullptr) reactor_->end({code_of(end), text});
}

/// A stream that is refused before anything was read from it.
class RefusedReactor final : public Reactor {
 public:
  explicit RefusedReactor(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

Reactor* AnchorService::Attach(grpc::CallbackServerContext* context) {
  const auto peer = peer_identity(*context->auth_context());
  if (!peer) return new RefusedReactor{{grpc::StatusCode::UNAUTHENTICATED, peer.error()}};
  if (peer->unit != "anchor") {
    return new RefusedReactor{{grpc::StatusCode::PERMISSION_DENIED,
                               "the client certificate of '" + peer->common_name + "' has the role '" +
                                   peer->unit + "'; only 'anchor' may attach"}};
  }
  return new StreamReactor{coordinator_, peer->common_name};
}

}  // namespace chiploc
