#include "server/grpc/verify_stream.hpp"

#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "server/grpc/status.hpp"
#include "server/service/redaction.hpp"

namespace chiploc {

struct VerifyStream::State {
  State(Caller who, std::atomic<std::uint64_t>& count) : caller{std::move(who)}, dropped{count} {}
  const Caller caller;
  std::atomic<std::uint64_t>& dropped;
  std::mutex mutex;  // guards what follows
  std::deque<v1::VerifyEvent> queue;
  v1::VerifyEvent sending;  // gRPC reads it until the write is done
  std::optional<grpc::Status> end;
  bool cut = false;
  CertificateGate::Stream entered;
  Reactor* reactor = nullptr;  // null before the call has one and after it is over
  bool writing = false;
  bool cancelled = false;
  bool finished = false;
};

class VerifyStream::Reactor final : public grpc::ServerWriteReactor<v1::VerifyEvent> {
 public:
  explicit Reactor(std::shared_ptr<VerifyStream> stream) : stream_{std::move(stream)} {}
  void OnWriteDone(bool ok) override {
    {
      State& state = *stream_->state_;
      const std::lock_guard lock{state.mutex};
      state.writing = false;
      if (!ok) state.cancelled = true;
    }
    stream_->pump();
  }
  void OnCancel() override {
    {
      State& state = *stream_->state_;
      const std::lock_guard lock{state.mutex};
      state.cancelled = true;
    }
    stream_->pump();
  }
  void OnDone() override {
    CertificateGate::Stream left;
    {
      State& state = *stream_->state_;
      const std::lock_guard lock{state.mutex};
      state.reactor = nullptr;
      left = std::move(state.entered);
    }
    delete this;
  }

 private:
  std::shared_ptr<VerifyStream> stream_;
};

VerifyStream::VerifyStream(Caller caller, std::atomic<std::uint64_t>& dropped)
    : state_{std::make_unique<State>(std::move(caller), dropped)} {}
VerifyStream::~VerifyStream() = default;

std::shared_ptr<VerifyStream> VerifyStream::make(Caller caller, std::atomic<std::uint64_t>& dropped) {
  return std::shared_ptr<VerifyStream>{new VerifyStream{std::move(caller), dropped}};
}

grpc::ServerWriteReactor<v1::VerifyEvent>* VerifyStream::reactor() {
  auto* made = new Reactor{shared_from_this()};
  {
    const std::lock_guard lock{state_->mutex};
    state_->reactor = made;
  }
  pump();
  return made;
}

void VerifyStream::push(v1::VerifyEvent event, bool may_drop) {
  {
    const std::lock_guard lock{state_->mutex};
    if (state_->finished || state_->cancelled || state_->cut) return;  // nobody is watching any more
    if (may_drop && state_->queue.size() >= kQueueMax) {
      ++state_->dropped;
      return;
    }
    state_->queue.push_back(std::move(event));
  }
  pump();
}

void VerifyStream::finish(const grpc::Status& status) {
  {
    const std::lock_guard lock{state_->mutex};
    if (!state_->end) state_->end = status;
  }
  pump();
}

void VerifyStream::cut(const grpc::Status& status) {
  {
    const std::lock_guard lock{state_->mutex};
    state_->cut = true;
    state_->queue.clear();
    state_->end = status;
  }
  pump();
}

void VerifyStream::hold(CertificateGate::Stream entered) {
  const std::lock_guard lock{state_->mutex};
  state_->entered = std::move(entered);
}

/// Decides under the lock and acts outside it: gRPC may run a reaction inside StartWrite or Finish. Only one
/// thread can be between the two, because `writing` and `finished` are set before the lock is let go; and the
/// reactor outlives that, because it is deleted only after a Finish and the last write.
void VerifyStream::pump() {
  Reactor* reactor = nullptr;
  std::optional<grpc::Status> end;
  {
    const std::lock_guard lock{state_->mutex};
    if (state_->reactor == nullptr || state_->finished || state_->writing) return;
    reactor = state_->reactor;
    if (state_->cancelled) {
      end = grpc::Status{grpc::StatusCode::CANCELLED, "the watcher went away; the round goes on"};
    } else if (!state_->queue.empty()) {
      state_->sending = std::move(state_->queue.front());
      state_->queue.pop_front();
      state_->writing = true;
    } else if (state_->end) {
      end = state_->end;
    } else {
      return;
    }
    state_->finished = end.has_value();
  }
  if (end) {
    reactor->Finish(*end);
  } else {
    reactor->StartWrite(&state_->sending);
  }
}

VerifyWatcher VerifyStream::watcher() {
  const auto self = shared_from_this();
  VerifyWatcher watcher;
  watcher.event = [self](v1::VerifyEvent event) {
    const bool may_drop = event.has_progress();
    redact(self->state_->caller, event);
    if (event.body_case() == v1::VerifyEvent::BODY_NOT_SET) return;  // all of it was sealed
    self->push(std::move(event), may_drop);
  };
  watcher.end = [self](const std::optional<ApiFault>& fault) {
    self->finish(fault ? to_status(*fault) : grpc::Status::OK);
  };
  return watcher;
}

}  // namespace chiploc
