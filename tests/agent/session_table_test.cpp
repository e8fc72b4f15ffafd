#include "agent/session_table.hpp"

#include <map>

#include "proto/crypto/digest.hpp"
#include "tests/agent/agent_world.hpp"
#include "tests/support/catch.hpp"

using namespace chiploc;
using std::chrono::seconds;

TEST_CASE("AgentSessionTable: finds what is in it and nothing else, over many generations",
          "[agent][property]") {
  const auto seed = GENERATE(range<std::uint64_t>(1, 6));
  CAPTURE(seed);
  SeededRandom random{seed};
  AgentSessionTable table{64};
  std::map<SessionId, SteadyTime> model;
  SteadyTime now{seconds{1}};
  for (int step = 0; step < 3000; ++step) {
    ByteArray<4> dice{};
    random.fill(dice);
    if (dice[0] < 200) {
      Ticket ticket;
      random.fill(ticket.round.bytes);
      ticket.round.bytes[0] &= 3U;
      for (std::size_t i = 1; i < ticket.round.bytes.size(); ++i) ticket.round.bytes[i] = 0;
      ticket.anchor_index = dice[1] & 63U;
      ticket.anchor_count = 64;
      SessionId id;
      random.fill(id.bytes);
      // Few distinct hashes, so that runs of occupied places grow long.
      for (std::size_t i = 1; i < 7; ++i) id.bytes[i] = 0;
      id.bytes[0] &= 7U;
      AgentSession* const session = table.insert(ticket, id);
      if (model.size() == 64 || model.count(id) != 0) {
        REQUIRE(session == nullptr);
      } else {
        REQUIRE(session != nullptr);
        session->expires_at = now + seconds{dice[2]};
        model[id] = session->expires_at;
        CHECK(table.round_of(*session).round == ticket.round);
      }
    } else {
      now = now + seconds{dice[3]};
      std::size_t gone = 0;
      for (auto it = model.begin(); it != model.end();) {
        if (it->second > now) {
          ++it;
        } else {
          it = model.erase(it);
          ++gone;
        }
      }
      CHECK(table.expire(now) == gone);
    }
    CHECK(table.used() == model.size());
    for (const auto& [id, expiry] : model) {
      AgentSession* const found = table.find(id);
      REQUIRE(found != nullptr);
      CHECK(found->id == id);
    }
    SessionId stranger;
    random.fill(stranger.bytes);
    CHECK(table.find(stranger) == nullptr);
  }
}

TEST_CASE("AgentRateLimit: allows so many a second and not one more", "[agent]") {
  AgentRateLimit limit{10};
  SteadyTime now{seconds{100}};
  int allowed = 0;
  for (int i = 0; i < 1000; ++i) allowed += limit.allow(now) ? 1 : 0;
  CHECK(allowed == 10);
  now = now + std::chrono::milliseconds{100};
  CHECK(limit.allow(now));
  CHECK_FALSE(limit.allow(now));
  now = now + seconds{3600};  // a long rest saves up no more than one second's worth
  allowed = 0;
  for (int i = 0; i < 1000; ++i) allowed += limit.allow(now) ? 1 : 0;
  CHECK(allowed == 10);
  AgentRateLimit none{0};
  CHECK_FALSE(none.allow(now));
}
