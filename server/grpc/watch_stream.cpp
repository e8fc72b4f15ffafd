#include "server/grpc/watch_stream.hpp"

#include <mutex>
#include <optional>
#include <utility>

#include "server/grpc/status.hpp"

namespace chiploc {

struct WatchStream::State {
  std::mutex mutex;  // guards what follows
  std::shared_ptr<Watching> place;
  WatchedPiece piece;    // gRPC reads it until the write is done
  std::size_t next = 0;  // of its events
  std::optional<grpc::Status> end;
  CertificateGate::Stream entered;
  Reactor* reactor = nullptr;  // null before the call has one and after it is over
  bool writing = false;
  bool cancelled = false;
  bool finished = false;
};

class WatchStream::Reactor final : public grpc::ServerWriteReactor<v1::WatchEvent> {
 public:
  explicit Reactor(std::shared_ptr<WatchStream> stream) : stream_{std::move(stream)} {}
  void OnWriteDone(bool ok) override {
    std::shared_ptr<Watching> taken;
    {
      State& state = *stream_->state_;
      const std::lock_guard lock{state.mutex};
      state.writing = false;
      if (!ok) state.cancelled = true;
      if (state.piece && state.next == state.piece->events.size()) {
        state.piece = nullptr;
        taken = state.place;
      }
    }
    if (taken) taken->taken();
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
    std::shared_ptr<Watching> place;
    {
      State& state = *stream_->state_;
      const std::lock_guard lock{state.mutex};
      state.reactor = nullptr;
      left = std::move(state.entered);
      place = std::move(state.place);
    }
    if (place) place->leave();
    delete this;
  }

 private:
  std::shared_ptr<WatchStream> stream_;
};

WatchStream::WatchStream() : state_{std::make_unique<State>()} {}
WatchStream::~WatchStream() = default;

std::shared_ptr<WatchStream> WatchStream::make() { return std::shared_ptr<WatchStream>{new WatchStream}; }

grpc::ServerWriteReactor<v1::WatchEvent>* WatchStream::reactor() {
  auto* made = new Reactor{shared_from_this()};
  {
    const std::lock_guard lock{state_->mutex};
    state_->reactor = made;
  }
  pump();
  return made;
}

void WatchStream::start(std::shared_ptr<Watching> place) {
  {
    const std::lock_guard lock{state_->mutex};
    state_->place = place;
  }
  place->start(shared_from_this());
}

void WatchStream::send(WatchedPiece piece) {
  {
    const std::lock_guard lock{state_->mutex};
    if (state_->end || state_->finished || state_->cancelled) return;
    state_->piece = std::move(piece);
    state_->next = 0;
  }
  pump();
}

void WatchStream::end(const ApiFault& fault) { cut(to_status(fault)); }

void WatchStream::cut(const grpc::Status& status) {
  {
    const std::lock_guard lock{state_->mutex};
    if (!state_->end) state_->end = status;
  }
  pump();
}

void WatchStream::hold(CertificateGate::Stream entered) {
  const std::lock_guard lock{state_->mutex};
  state_->entered = std::move(entered);
}

/// Decides under the lock and acts outside it, as VerifyStream does, and for its reasons.
void WatchStream::pump() {
  Reactor* reactor = nullptr;
  std::optional<grpc::Status> end;
  const v1::WatchEvent* event = nullptr;
  {
    State& state = *state_;
    const std::lock_guard lock{state.mutex};
    if (state.reactor == nullptr || state.finished || state.writing) return;
    reactor = state.reactor;
    if (state.cancelled) {
      end = grpc::Status{grpc::StatusCode::CANCELLED, "the watcher went away"};
    } else if (state.end) {
      end = state.end;
    } else if (state.piece && state.next < state.piece->events.size()) {
      event = &state.piece->events[state.next++];
      state.writing = true;
    } else {
      return;
    }
    state.finished = end.has_value();
  }
  if (end) {
    reactor->Finish(*end);
  } else {
    reactor->StartWrite(event);
  }
}

}  // namespace chiploc
