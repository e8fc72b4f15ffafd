#include "server/anchor/uplink_stream.hpp"

#include <utility>

namespace chiploc {

UplinkStream::UplinkStream(std::shared_ptr<grpc::Channel> channel, Events events)
    : events_{std::move(events)}, stub_{v1::AnchorService::NewStub(std::move(channel))} {}

UplinkStream::~UplinkStream() = default;

void UplinkStream::start() {
  stub_->async()->Attach(&context_, this);
  // Writes are started from outside gRPC's callbacks; the hold keeps OnDone away until OnReadDone tells of
  // the end.
  AddHold();
  StartRead(&incoming_);
  StartCall();
}

bool UplinkStream::write(v1::AnchorMessage message) {
  const std::lock_guard lock{mutex_};
  if (ended_) return false;
  queue_.push_back(std::move(message));
  if (!writing_) write_next();
  return true;
}

void UplinkStream::write_next() {
  writing_ = true;
  // More is waiting: gRPC may gather, and messages share TLS records and system calls instead of having one
  // each.
  grpc::WriteOptions options;
  if (queue_.size() > 1) options.set_buffer_hint();
  StartWrite(&queue_.front(), options);
}

std::size_t UplinkStream::backlog() const {
  const std::lock_guard lock{mutex_};
  return queue_.size();
}

void UplinkStream::OnWriteDone(bool ok) {
  const std::lock_guard lock{mutex_};
  queue_.pop_front();
  writing_ = false;
  if (!ok) ended_ = true;
  if (!ended_ && !queue_.empty()) write_next();
}

void UplinkStream::OnReadDone(bool ok) {
  if (ok) {
    events_.on_message(std::move(incoming_));
    incoming_.Clear();
    StartRead(&incoming_);
    return;
  }
  {
    const std::lock_guard lock{mutex_};
    ended_ = true;
  }
  RemoveHold();
}

void UplinkStream::OnDone(const grpc::Status& status) {
  events_.on_end(status);
  // The last touch: whoever waits may destroy this as soon as the lock is free.
  const std::lock_guard lock{mutex_};
  released_ = true;
  done_.notify_all();
}

void UplinkStream::wait() {
  std::unique_lock lock{mutex_};
  done_.wait(lock, [this] { return released_; });
}

}  // namespace chiploc
