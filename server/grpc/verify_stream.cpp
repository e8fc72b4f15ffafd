#include "server/grpc/verify_stream.hpp"

#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "proto/base/bytes.hpp"
#include "server/grpc/status.hpp"
#include "server/service/views.hpp"

namespace chiploc {

struct VerifyStream::State {
  explicit State(std::atomic<std::uint64_t>& count) : dropped{count} {}
  std::atomic<std::uint64_t>& dropped;
  std::mutex mutex;  // guards what follows
  std::deque<v1::VerifyEvent> queue;
  v1::VerifyEvent sending;  // gRPC reads it until the write is done
  std::optional<grpc::Status> end;
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
    {
      State& state = *stream_->state_;
      const std::lock_guard lock{state.mutex};
      state.reactor = nullptr;
    }
    delete this;
  }

 private:
  std::shared_ptr<VerifyStream> stream_;
};

VerifyStream::VerifyStream(std::atomic<std::uint64_t>& dropped) : state_{std::make_unique<State>(dropped)} {}
VerifyStream::~VerifyStream() = default;

std::shared_ptr<VerifyStream> VerifyStream::make(std::atomic<std::uint64_t>& dropped) {
  return std::shared_ptr<VerifyStream>{new VerifyStream{dropped}};
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
    if (state_->finished || state_->cancelled) return;  // nobody is watching any more
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

RoundObserver VerifyStream::observer() {
  const auto self = shared_from_this();
  RoundObserver observer;
  observer.started = [self](RoundId round, const std::vector<std::string>& anchors) {
    v1::VerifyEvent event;
    event.mutable_started()->set_round_id(string_of(round.bytes));
    for (const std::string& anchor : anchors) event.mutable_started()->add_anchors(anchor);
    self->push(std::move(event), /*may_drop=*/false);
  };
  observer.progress = [self](const AnchorProgress& progress) {
    v1::VerifyEvent event;
    *event.mutable_progress() = view_of(progress);
    self->push(std::move(event), /*may_drop=*/true);
  };
  observer.verdict = [self](const v1::Verdict& verdict) {
    v1::VerifyEvent event;
    *event.mutable_verdict() = verdict;
    self->push(std::move(event), /*may_drop=*/false);
    self->finish(grpc::Status::OK);
  };
  observer.abandoned = [self](RoundFault fault) { self->finish(to_status(fault)); };
  return observer;
}

}  // namespace chiploc
