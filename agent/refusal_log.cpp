#include "agent/refusal_log.hpp"

#include "agent/endpoint.hpp"
#include "proto/base/joined.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kTrustedShown = 8;

/// A ticket is signed when it is sent, and valid from then on: so far the two clocks are apart.
std::string clocks(const TicketRefusal& refusal) {
  const Nanoseconds apart = refusal.now - refusal.not_before;
  const bool ahead = apart > Nanoseconds{0};
  const auto seconds = (ahead ? apart : -apart) / std::chrono::seconds{1};
  return " clocks_apart_s=" + std::to_string(seconds) + "; this host's clock is about " +
         std::to_string(seconds) + " s " + (ahead ? "ahead of" : "behind") +
         " the coordinator's, or the ticket is an old one; set the clock (clock_skew_s in [limits] is what "
         "may be between them)";
}

}  // namespace

std::optional<std::string> RefusalLog::line(const TicketRefusal& refusal) {
  Told& told = told_[static_cast<std::size_t>(refusal.reason)];
  ++told.since;
  if (told.last && refusal.received - *told.last < kEvery) return std::nullopt;
  std::string out = "ticket.refused reason=" + std::string{name_of(refusal.reason)} +
                    " times=" + std::to_string(told.since) + " from=" + text_of(refusal.from) +
                    what_to_do(refusal);
  told = {refusal.received, 0};
  return out;
}

std::string RefusalLog::trusted() const {
  std::vector<std::string> ids;
  for (const CoordinatorId& id : trusted_) ids.push_back(id.hex());
  return first_joined(ids, ",", kTrustedShown);
}

std::string RefusalLog::what_to_do(const TicketRefusal& refusal) const {
  switch (refusal.reason) {
    case RejectReason::kUnknownCoordinator:
      return " coordinator=" + refusal.coordinator.hex() + " trusted=" + trusted() +
             "; if that coordinator may measure this chip, its public key has to stand in a [[coordinator]] "
             "of agent.toml: a coordinator's id is made of its key, so another id is another key";
    case RejectReason::kNotForMe:
      return " for_chip=" + refusal.chip.hex() + " this_chip=" + chip_.hex() +
             "; the registry has this agent's address for another chip, or [key] certificate is another "
             "chip's";
    case RejectReason::kNotYetValid:
    case RejectReason::kExpired:
      return " coordinator=" + refusal.coordinator.hex() + clocks(refusal);
    default:
      return "";
  }
}

}  // namespace chiploc
