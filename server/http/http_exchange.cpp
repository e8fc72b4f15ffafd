#include "server/http/http_exchange.hpp"

#include "server/http/http_fault.hpp"

namespace chiploc {

bool HttpPostBox::post(std::function<void()> work) {
  const std::scoped_lock lock{mutex_};
  if (!post_) return false;
  post_(std::move(work));
  return true;
}

void HttpPostBox::close() {
  const std::scoped_lock lock{mutex_};
  post_ = nullptr;
}

HttpStreamState::HttpStreamState(std::shared_ptr<HttpShared> shared, std::shared_ptr<HttpPostBox> box,
                                 std::weak_ptr<HttpConnectionSide> connection)
    : shared_{std::move(shared)}, box_{std::move(box)}, connection_{std::move(connection)} {}

void HttpStreamState::wake() {
  const bool posted = box_->post([connection = connection_] {
    if (const auto there = connection.lock()) there->flush_stream();
  });
  if (!posted) finish();
}

bool HttpStreamState::has_room(std::size_t bytes) {
  if (bytes <= shared_->stream_bytes)
    return waiting_.size() + in_flight_ - long_ + bytes <= shared_->stream_bytes;
  // No reader is at fault that an event is long. One may wait beside the others, as long as all such have room.
  if (long_ != 0 || bytes > shared_->event_bytes) return false;
  if (shared_->long_bytes.fetch_add(bytes) + bytes > shared_->events_bytes) {
    shared_->long_bytes -= bytes;
    return false;
  }
  long_ = bytes;
  return true;
}

bool HttpStreamState::send(std::string event) {
  {
    const std::scoped_lock lock{mutex_};
    if (closed_ || closing_ || overrun_) return false;
    overrun_ = !has_room(event.size());
    if (!overrun_) {
      waiting_ += event;
      sent_ = true;
      if (std::exchange(woken_, true)) return true;
    }
  }
  wake();
  const std::scoped_lock lock{mutex_};
  return !overrun_ && !closed_;
}

void HttpStreamState::close() {
  {
    const std::scoped_lock lock{mutex_};
    if (closed_ || std::exchange(closing_, true)) return;
  }
  wake();
}

void HttpStreamState::on_closed(std::function<void()> closed) {
  {
    const std::scoped_lock lock{mutex_};
    if (!closed_) {
      on_closed_ = std::move(closed);
      return;
    }
  }
  closed();
}

void HttpStreamState::on_drained(std::function<void()> drained) {
  const std::scoped_lock lock{mutex_};
  if (!closed_) on_drained_ = std::move(drained);
}

void HttpStreamState::drained() {
  std::function<void()> told;
  {
    const std::scoped_lock lock{mutex_};
    if (closed_ || !waiting_.empty() || !std::exchange(sent_, false)) return;
    told = on_drained_;
  }
  if (told) told();
}

std::string HttpStreamState::take() {
  const std::scoped_lock lock{mutex_};
  woken_ = false;
  if (long_in_flight_) give_room_back();
  long_in_flight_ = long_ != 0;
  in_flight_ = waiting_.size();
  return std::exchange(waiting_, {});
}

bool HttpStreamState::ending() const {
  const std::scoped_lock lock{mutex_};
  return closing_;
}

bool HttpStreamState::overrun() const {
  const std::scoped_lock lock{mutex_};
  return overrun_;
}

void HttpStreamState::finish() {
  std::function<void()> told, dropped;
  {
    const std::scoped_lock lock{mutex_};
    if (std::exchange(closed_, true)) return;
    waiting_ = {};
    give_room_back();
    dropped = std::exchange(on_drained_, nullptr);
    told = std::exchange(on_closed_, nullptr);
  }
  --shared_->counters.streams_open;
  if (told) told();
}

namespace {

/// What a handler holds: gone without close(), the stream ends all the same.
class Stream final : public HttpEventStream {
 public:
  explicit Stream(std::shared_ptr<HttpStreamState> state) : state_{std::move(state)} {}
  ~Stream() override { state_->close(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  bool send(std::string event) override { return state_->send(std::move(event)); }
  void close() override { state_->close(); }
  void on_drained(std::function<void()> drained) override { state_->on_drained(std::move(drained)); }
  void on_closed(std::function<void()> closed) override { state_->on_closed(std::move(closed)); }

 private:
  std::shared_ptr<HttpStreamState> state_;
};

class Exchange final : public HttpExchange {
 public:
  Exchange(HttpRequest request, bool head_only, std::shared_ptr<HttpShared> shared,
           std::shared_ptr<HttpPostBox> box, std::weak_ptr<HttpConnectionSide> connection)
      : request_{std::move(request)},
        head_only_{head_only},
        shared_{std::move(shared)},
        box_{std::move(box)},
        connection_{std::move(connection)} {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() override {
    if (answered_) return;
    ++shared_->counters.handler_failed;
    reply(problem_reply(
        {500, "http.unanswered", "the server has no answer to this request; try again, and report it"}));
  }

  const HttpRequest& request() const override { return request_; }

  void reply(HttpReply reply) override {
    if (answered_.exchange(true)) return;
    box_->post([connection = connection_, kept = std::make_shared<HttpReply>(std::move(reply))] {
      if (const auto there = connection.lock()) there->answer(std::move(*kept));
    });
  }

  std::shared_ptr<HttpEventStream> stream(HttpFields fields) override {
    if (answered_ || connection_.expired()) return nullptr;
    fields.insert(fields.begin(), {"content-type", "text/event-stream"});
    if (head_only_) {
      HttpReply head;
      head.fields = std::move(fields);
      reply(std::move(head));
      return nullptr;
    }
    if (++shared_->counters.streams_open > shared_->streams_max) {
      --shared_->counters.streams_open;
      ++shared_->counters.streams_refused;
      HttpReply full =
          problem_reply({503, "http.many_streams", "too many streams of events are open; try again later"});
      full.fields.emplace_back("retry-after", "30");
      reply(std::move(full));
      return nullptr;
    }
    auto state = std::make_shared<HttpStreamState>(shared_, box_, connection_);
    if (answered_.exchange(true)) {
      state->finish();
      return nullptr;
    }
    ++shared_->counters.streams_opened;
    const bool posted = box_->post([connection = connection_, state, fields = std::move(fields)]() mutable {
      if (const auto there = connection.lock())
        there->begin_stream(state, std::move(fields));
      else
        state->finish();
    });
    if (!posted) {
      state->finish();
      return nullptr;
    }
    return std::make_shared<Stream>(std::move(state));
  }

 private:
  const HttpRequest request_;
  const bool head_only_;
  const std::shared_ptr<HttpShared> shared_;
  const std::shared_ptr<HttpPostBox> box_;
  const std::weak_ptr<HttpConnectionSide> connection_;
  std::atomic<bool> answered_ = false;
};

}  // namespace

std::shared_ptr<HttpExchange> make_exchange(HttpRequest request, bool head_only,
                                            std::shared_ptr<HttpShared> shared,
                                            std::shared_ptr<HttpPostBox> box,
                                            std::weak_ptr<HttpConnectionSide> connection) {
  return std::make_shared<Exchange>(std::move(request), head_only, std::move(shared), std::move(box),
                                    std::move(connection));
}

}  // namespace chiploc
