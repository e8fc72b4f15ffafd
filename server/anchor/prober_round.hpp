#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "proto/crypto/x25519.hpp"
#include "server/anchor/anchor_session.hpp"
#include "server/anchor/prober.hpp"
#include "server/anchor/timer_heap.hpp"
#include "server/anchor/token_bucket.hpp"

namespace chiploc {

/// What the prober keeps of one round. Private to prober*.cpp.
struct Prober::Round {
  enum class State : std::uint8_t { kPrepared, kAssigned, kReported };

  Round(const RoundId& round_id, const ChipId& chip_id, X25519Pair pair, SteadyTime end,
        std::uint32_t wrong_opens_per_second)
      : id{round_id},
        chip{chip_id},
        key{std::move(pair)},
        expires{end},
        wrong_opens{wrong_opens_per_second} {}

  RoundId id;
  ChipId chip;
  X25519Pair key;
  SteadyTime expires;
  State state = State::kPrepared;
  TimerHook timer;
  SteadyTime last_looked{};  ///< when its timer last ran: moments before that need no further timer

  std::optional<PublicKey> chip_key;  ///< who may open; there from kAssigned on
  TokenBucket wrong_opens;            ///< that came without a cookie
  Ticket ticket;
  ByteArray<Ticket::kSize> ticket_bytes{};
  Digest digest;
  Nanoseconds ping_interval{0};
  Nanoseconds linger{0};
  SteadyTime deadline{};
  SteadyTime finish_from{};  ///< no pings of sessions with answers from here on
  std::optional<Endpoint> inbound;
  std::optional<Endpoint> handed_to;  ///< where the tickets went that a knock fetched
  std::optional<SteadyTime> next_ticket;
  Nanoseconds ticket_delay{0};
  std::uint32_t tickets_sent = 0;

  std::vector<std::unique_ptr<AnchorSession>> sessions;
  SteadyTime first_open{};
  SteadyTime last_progress{};
  RejectCounts rejects{};
  std::uint32_t refusals = 0;  ///< REJECTs that came
  std::uint8_t refusal = 0;    ///< the last of them
  RoundTrail trail;
};

struct Prober::Timers {
  TimerHeap<Round, &Round::timer> heap;
};

}  // namespace chiploc
