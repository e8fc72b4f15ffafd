#include "agent/knock_log.hpp"

#include <algorithm>

#include "agent/endpoint.hpp"

namespace chiploc {

std::optional<std::string> KnockLog::unanswered(const UnansweredKnocks& knocks) {
  auto told = std::find_if(told_.begin(), told_.end(),
                           [&](const auto& one) { return one.first == knocks.rendezvous; });
  if (told == told_.end()) {
    told = told_.insert(told_.end(), {knocks.rendezvous, {}});
  } else if (knocks.now - told->second.last < kEvery) {
    return std::nullopt;
  }
  told->second = {knocks.now, true};
  return "knock.unanswered rendezvous=" + text_of(knocks.rendezvous) +
         " knocks=" + std::to_string(knocks.number) +
         " for_s=" + std::to_string((knocks.now - knocks.since) / std::chrono::seconds{1}) +
         "; no anchor answers there. Look whether it runs (chiploc anchor list), whether address and public_key of "
         "this [[rendezvous]] in agent.toml are that anchor's (chiploc-anchor --show-identity), and whether a "
         "firewall keeps UDP from it, or its answers from here";
}

std::optional<std::string> KnockLog::answered(const Endpoint& rendezvous) {
  for (auto& [where, told] : told_) {
    if (where == rendezvous && std::exchange(told.open, false))
      return "knock.answered rendezvous=" + text_of(rendezvous);
  }
  return std::nullopt;
}

}  // namespace chiploc
