#include "server/grpc/report_stream.hpp"

#include <mutex>
#include <optional>
#include <utility>

namespace chiploc {

struct ReportStream::State {
  std::mutex mutex;  // guards what follows
  std::optional<MadeReport> report;
  std::uint64_t sent = 0;
  v1::ReportPiece sending;  // gRPC reads it until the write is done
  std::optional<grpc::Status> end;
  CertificateGate::Stream entered;
  Reactor* reactor = nullptr;  // null before the call has one and after it is over
  bool writing = false;
  bool cancelled = false;
  bool finished = false;
};

class ReportStream::Reactor final : public grpc::ServerWriteReactor<v1::ReportPiece> {
 public:
  explicit Reactor(std::shared_ptr<ReportStream> stream) : stream_{std::move(stream)} {}
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
    std::optional<MadeReport> sent;
    {
      State& state = *stream_->state_;
      const std::lock_guard lock{state.mutex};
      state.reactor = nullptr;
      left = std::move(state.entered);
      sent = std::move(state.report);
      state.report.reset();
    }
    delete this;
  }

 private:
  std::shared_ptr<ReportStream> stream_;
};

ReportStream::ReportStream() : state_{std::make_unique<State>()} {}
ReportStream::~ReportStream() = default;

std::shared_ptr<ReportStream> ReportStream::make() { return std::shared_ptr<ReportStream>{new ReportStream}; }

grpc::ServerWriteReactor<v1::ReportPiece>* ReportStream::reactor() {
  auto* made = new Reactor{shared_from_this()};
  {
    const std::lock_guard lock{state_->mutex};
    state_->reactor = made;
  }
  pump();
  return made;
}

void ReportStream::send(MadeReport report) {
  {
    const std::lock_guard lock{state_->mutex};
    if (!state_->end && !state_->cancelled) state_->report = std::move(report);
  }
  pump();
}

void ReportStream::finish(const grpc::Status& status) {
  {
    const std::lock_guard lock{state_->mutex};
    if (!state_->end) state_->end = status;
  }
  pump();
}

void ReportStream::cut(const grpc::Status& status) { finish(status); }

void ReportStream::hold(CertificateGate::Stream entered) {
  const std::lock_guard lock{state_->mutex};
  state_->entered = std::move(entered);
}

/// Decides under the lock and acts outside it, as VerifyStream does, and for its reasons.
void ReportStream::pump() {
  Reactor* reactor = nullptr;
  std::optional<grpc::Status> end;
  {
    State& state = *state_;
    const std::lock_guard lock{state.mutex};
    if (state.reactor == nullptr || state.finished || state.writing) return;
    reactor = state.reactor;
    if (state.cancelled) {
      end = grpc::Status{grpc::StatusCode::CANCELLED, "nobody waits for the report any more"};
    } else if (state.end) {
      end = state.end;
    } else if (state.report && !state.sending.signature().empty()) {
      end = grpc::Status::OK;  // the last piece is through
    } else if (state.report) {
      std::string& piece = *state.sending.mutable_content();
      if (state.report->file->read(state.sent, kPieceBytes, piece)) {
        state.sent += piece.size();
        if (state.sent == state.report->file->size()) state.sending.set_signature(state.report->signature);
        state.writing = true;
      } else {
        end = grpc::Status{grpc::StatusCode::INTERNAL,
                           "the report that was made cannot be read back; ask again"};
      }
    } else {
      return;
    }
    state.finished = end.has_value();
  }
  if (end) {
    reactor->Finish(*end);
  } else {
    reactor->StartWrite(&state_->sending);
  }
}

}  // namespace chiploc
