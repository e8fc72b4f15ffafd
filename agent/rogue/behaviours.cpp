#include "agent/rogue/behaviours.hpp"

#include <algorithm>
#include <cmath>

namespace chiploc {

Nanoseconds stall_of(const Stall& stall, AgentRandom& random) {
  if (stall.law == StallLaw::kFixed) return stall.least;
  ByteArray<8> dice{};
  random.fill(dice);
  std::uint64_t bits = 0;
  for (const auto byte : dice) bits = bits << 8U | static_cast<std::uint8_t>(byte);
  const double u = static_cast<double>(bits >> 11U) * 0x1.0p-53;  // [0, 1)
  const double share = stall.law == StallLaw::kUniform ? u : -std::log1p(-u);
  return stall.least + Nanoseconds{std::llround(share * static_cast<double>(stall.spread.count()))};
}

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
    Held held{to, {}};
    std::copy(datagram.begin(), datagram.end(), held.pong.begin());
    owner_.held_.emplace(now_ + stall_of(owner_.stall_, owner_.random_), held);
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
  while (!held_.empty() && held_.begin()->first <= now) {
    out.send(held_.begin()->second.to, held_.begin()->second.pong);
    held_.erase(held_.begin());
  }
  Sieve sieve{*this, now, out};
  honest_.on_timer(now, wall, sieve);
}

std::optional<SteadyTime> StallingHandler::next_deadline() const {
  auto next = honest_.next_deadline();
  if (!held_.empty() && (!next || held_.begin()->first < *next)) next = held_.begin()->first;
  return next;
}

/// Passes everything on, and behind each PONG the answers to what has not been asked.
class EarlyHandler::Echo final : public AgentOutbox {
 public:
  Echo(EarlyHandler& owner, AgentOutbox& out) : owner_{owner}, out_{out} {}
  void send(const Endpoint& to, Bytes datagram) override {
    out_.send(to, datagram);
    const auto pong = parse_pong(datagram);
    if (!pong) return;
    for (std::uint32_t n = 1; n <= owner_.ahead_; ++n) {
      Pong guess = *pong;
      guess.sequence += n;
      owner_.random_.fill(guess.nonce.bytes);
      owner_.random_.fill(guess.mac.bytes);
      ByteArray<Pong::kSize> bytes{};
      encode(guess, bytes);
      out_.send(to, bytes);
    }
  }

 private:
  EarlyHandler& owner_;
  AgentOutbox& out_;
};

void EarlyHandler::on_datagram(Bytes datagram, const Endpoint& from, SteadyTime received, WallTime now,
                               AgentOutbox& out) {
  Echo echo{*this, out};
  honest_.on_datagram(datagram, from, received, now, echo);
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
