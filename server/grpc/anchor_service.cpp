#include "server/grpc/anchor_service.hpp"

#include <deque>
#include <mutex>
#include <optional>

#include "server/grpc/peer.hpp"
#include "server/grpc/status.hpp"
#include "server/net/tls.hpp"

namespace chiploc {
namespace {

using Reactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

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

/// "127.0.0.1:41024", "[::1]:41024" of gRPC's "ipv4:127.0.0.1:41024", "ipv6:%5B::1%5D:41024".
std::string address_in(std::string peer) {
  if (peer.rfind("ipv4:", 0) == 0 || peer.rfind("ipv6:", 0) == 0) peer.erase(0, 5);
  for (const auto& [escaped, plain] : {std::pair{"%5B", "["}, std::pair{"%5D", "]"}}) {
    if (const std::size_t at = peer.find(escaped); at != std::string::npos) peer.replace(at, 3, plain);
  }
  return peer;
}

class StreamReactor;

/// What the coordinator holds of a stream. It may outlive the reactor, which gRPC deletes when the stream is
/// done.
class StreamLink final : public AnchorLink {
 public:
  StreamLink(StreamReactor* reactor, std::string peer) : peer_{std::move(peer)}, reactor_{reactor} {}
  [[nodiscard]] std::string peer() const override { return peer_; }
  bool send(const v1::CoordinatorMessage& message) override;
  void end(LinkEnd end, const std::string& text) override;
  void handled() override;
  /// Ends the stream for a reason that is not the coordinator's.
  void cut(const grpc::Status& status);
  /// Called by the reactor before it goes away.
  void forget() {
    const std::scoped_lock lock{mutex_};
    reactor_ = nullptr;
  }

 private:
  const std::string peer_;
  std::mutex mutex_;
  StreamReactor* reactor_;
};

class StreamReactor final : public Reactor {
 public:
  StreamReactor(Coordinator& coordinator, std::string anchor, std::string peer,
                std::optional<CertificateLife> certificate, std::shared_ptr<AnchorService::Readings> readings)
      : coordinator_{coordinator},
        anchor_{std::move(anchor)},
        certificate_{certificate},
        readings_{std::move(readings)},
        link_{std::make_shared<StreamLink>(this, std::move(peer))} {
    StartRead(&incoming_);
  }

  /// Registers it where it can be cut; before gRPC has it.
  void enter(CertificateGate& gate, const grpc::AuthContext& context) {
    entered_ = gate.enter(context, [link = link_](const grpc::Status& status) { link->cut(status); });
  }

  bool send(const v1::CoordinatorMessage& message) {
    grpc::ByteBuffer bytes;
    bool own_buffer = false;
    if (!grpc::SerializationTraits<v1::CoordinatorMessage>::Serialize(message, &bytes, &own_buffer).ok())
      return false;
    const std::scoped_lock lock{mutex_};
    if (finishing_ || queue_.size() >= AnchorService::kQueueMax) return false;
    queue_.push_back(std::move(bytes));
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
    const std::size_t bytes = incoming_.Length();
    if (bytes > AnchorLimits::kMessageBytes) {
      return end({grpc::StatusCode::RESOURCE_EXHAUSTED,
                  "a message of " + std::to_string(bytes) + " bytes; at most " +
                      std::to_string(AnchorLimits::kMessageBytes) + " are taken"});
    }
    v1::AnchorMessage message;
    if (!grpc::SerializationTraits<v1::AnchorMessage>::Deserialize(&incoming_, &message).ok())
      return end({grpc::StatusCode::INVALID_ARGUMENT, "a message that does not parse"});
    incoming_.Clear();
    if (!attached_) {
      if (!message.has_hello() || message.ByteSizeLong() > bytes_max(v1::AnchorMessage::kHello)) {
        return end({grpc::StatusCode::INVALID_ARGUMENT, "the first message of a stream must be Hello"});
      }
      attached_ = true;
      coordinator_.attach(link_, message.hello(), anchor_, certificate_);
      StartRead(&incoming_);
      return;
    }
    {
      const std::scoped_lock lock{mutex_};
      window_.taken(bytes);
      if (window_.messages() > readings_->waiting_most) readings_->waiting_most = window_.messages();
    }
    coordinator_.on_message(link_, std::move(message));  // may call handled() before it returns
    const std::scoped_lock lock{mutex_};
    paused_ = window_.full();
    if (paused_) ++readings_->pauses;
    if (!paused_ && !finishing_) StartRead(&incoming_);
  }

  void handled() {
    const std::scoped_lock lock{mutex_};
    window_.handled();
    if (!paused_ || window_.full() || finishing_) return;
    paused_ = false;
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
  const std::optional<CertificateLife> certificate_;
  CertificateGate::Stream entered_;
  const std::shared_ptr<AnchorService::Readings> readings_;
  std::shared_ptr<StreamLink> link_;
  grpc::ByteBuffer incoming_;
  bool attached_ = false;               ///< by the reading callbacks only
  std::mutex mutex_;                    ///< guards what follows
  std::deque<grpc::ByteBuffer> queue_;  ///< the front one is being written
  ReadWindow window_;
  bool paused_ = false;  ///< no read is under way until something was handled
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

void StreamLink::cut(const grpc::Status& status) {
  const std::scoped_lock lock{mutex_};
  if (reactor_ != nullptr) reactor_->end(status);
}

void StreamLink::handled() {
  const std::scoped_lock lock{mutex_};
  if (reactor_ != nullptr) reactor_->handled();
}

/// A stream that is refused before anything was read from it.
class RefusedReactor final : public Reactor {
 public:
  explicit RefusedReactor(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

void ReadWindow::taken(std::size_t bytes) {
  sizes_.push_back(bytes);
  bytes_ += bytes;
}

void ReadWindow::handled() {
  if (sizes_.empty()) return;
  bytes_ -= sizes_.front();
  sizes_.pop_front();
}

bool ReadWindow::full() const {
  return sizes_.size() >= AnchorLimits::kPendingMessages || bytes_ >= AnchorLimits::kPendingBytes;
}

Reactor* AnchorService::Attach(grpc::CallbackServerContext* context) {
  const auto anchor = caller_of(*context->auth_context(), *v1::AnchorMessage::descriptor());
  if (!anchor) return new RefusedReactor{to_status(anchor.error())};
  const auto certificate = peer_certificate(*context->auth_context());
  std::optional<CertificateLife> life;
  if (certificate) life = CertificateLife{certificate->not_before(), certificate->not_after()};
  auto* reactor = new StreamReactor{coordinator_, anchor->name, address_in(context->peer()), life, readings_};
  if (gate_ != nullptr) reactor->enter(*gate_, *context->auth_context());
  return reactor;
}

}  // namespace chiploc
