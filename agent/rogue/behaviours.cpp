#include "agent/rogue/behaviours.hpp"

#include <algorithm>

namespace chiploc {

/// Keeps the PONGs that the honest agent sends and passes on the rest.
class StallingHandler::Sieve final : public AgentOutbox {
 public:
  Sieve(StallingHandler& owner, SteadyTime now, AgentOutbox& out) : owner_{owner}, now_{now}, out_{out} {}
  void send(const Endpoint& to, Bytes datagram) override {
    const auto type = read_header(datagram);
    if (!type || *type != DatagramType::kPong || datagram.size() != Pong::kSize) {
      out_.send(to, datagram);
      return;
    }
    if (owner_.held_.size() >= kHeldMax) return;
    Held held{now_ + owner_.delay_, to, {}};
    std::copy(datagram.begin(), datagram.end(), held.pong.begin());
    owner_.held_.push_back(held);
  }

 private:
  StallingHandler& owner_;
  SteadyTime now_;
  AgentOutbox& out_;
};

void StallingHandler::on_datagram(Bytes datagram, const Endpoint& from, SteadyTime received, WallTime now,
                                  AgentOutbox& out) {
  Sieve sieve{*this, received, out};
  honest_.on_datagram(datagram, from, received, now, sieve);
}

void StallingHandler::on_timer(SteadyTime now, WallTime wall, AgentOutbox& out) {
  while (!held_.empty() && held_.front().due <= now) {
    out.send(held_.front().to, held_.front().pong);
    held_.pop_front();
  }
  Sieve sieve{*this, now, out};
  honest_.on_timer(now, wall, sieve);
}

std::optional<SteadyTime> StallingHandler::next_deadline() const {
  auto next = honest_.next_deadline();
  // One delay for all: the oldest is due first, up to the jitter of two sockets' arrival stamps.
  if (!held_.empty() && (!next || held_.front().due < *next)) next = held_.front().due;
  return next;
}

Result<ByteVector, KeyFault> ReplayingIssuer::issue(const Statement& claims) {
  if (previous_.empty()) {
    Statement older = claims;
    random_.fill(older.nonce.bytes);
    random_.fill(older.round.bytes);
    older.round_counter -= 1;
    auto made = honest_.issue(older);
    if (!made) return made;
    previous_ = std::move(*made);
  }
  auto fresh = honest_.issue(claims);
  if (!fresh) return fresh;
  ByteVector replayed = std::move(previous_);
  previous_ = std::move(*fresh);
  return replayed;
}

}  // namespace chiploc
