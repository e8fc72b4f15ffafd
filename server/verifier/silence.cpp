// From what was seen to the likeliest causes: one table of rules, in likely_causes(). What rounds of before said
// stands beside it, for they are judged again to the byte (RoundContext::explained_by).
#include "server/verifier/silence.hpp"

#include <algorithm>

#include "server/verifier/certificate_standing.hpp"

namespace chiploc {
namespace {

std::string seconds(Nanoseconds d) {
  const auto tenths = d / std::chrono::milliseconds{100};
  std::string out = std::to_string(tenths / 10);
  if (tenths < 100 && tenths % 10 != 0) out += "." + std::to_string(tenths % 10);
  return out + " s";
}

// ------------------------------------------------------------------------------------------------- causes
Reason coordinator_unknown(const SilenceSeen& seen) {
  return {
      "coordinator_unknown",
      "Its agent does not know this coordinator and refuses the tickets. In its agent.toml, "
      "[[coordinator]] needs public_key = \"" +
          seen.coordinator_key +
          "\"; chiploc-agent --show-identity says which it knows, its log (ticket.refused) by their ids."};
}
Reason clock_of_chip(bool behind) {
  return {"clock",
          std::string{"The chip's clock is "} + (behind ? "behind" : "ahead of") +
              " the coordinator's by more than the tickets' validity and its clock_skew_s allow. Set the "
              "clock of its host; its log says by about how much it differs (ticket.refused)."};
}
Reason clock_of_anchor(bool behind) {
  return {"clock",
          std::string{"The clock of an anchor is "} + (behind ? "behind" : "ahead of") +
              " the coordinator's by more than 300 s, or the coordinator's own is wrong. Compare date -u on "
              "each of them; whose note under Anchors speaks of the ticket's time is the one."};
}
Reason protocol_version() {
  return {"protocol_version",
          "Its agent speaks another version of the protocol (this one is " +
              std::to_string(kProtocolVersion) +
              "). Update the older of the two: chiploc-agent --version, chiploc-anchor --version."};
}
Reason other_chip() {
  return {"other_chip",
          "The agent that answers is another chip's. Compare the id with chip= in its log line "
          "agent.started: its [key] certificate is another chip's, or the registered address is."};
}
Reason table_full() {
  return {"table_full",
          "Its agent holds as many sessions as it may. Raise sessions of [limits] in its agent.toml, or let "
          "fewer coordinators measure it at once."};
}
Reason other_key() {
  return {
      "other_key",
      "Who knocks or opens in its name has another key than the registered certificate. Import the "
      "certificate that its agent has now (chiploc import --chips), or give it the key that is registered."};
}
Reason no_rendezvous(const SilenceSeen& seen) {
  const std::string why =
      seen.explained_by > kExplainedFirst
          ? " Why one is not, its own log says: stopped, its certificate has ended, or no "
            "way to the coordinator."
          : "";
  return {"no_rendezvous",
          "The chip knocks, and no rendezvous anchor was attached to be knocked at. Look at chiploc anchor "
          "list: one with rendezvous has to be connected." +
              why};
}
Reason rendezvous_key() {
  return {
      "rendezvous_key",
      "It knocks at an anchor by another anchor's key. In its agent.toml, public_key of that [[rendezvous]] "
      "has to be that of the anchor at the address (chiploc-anchor --config anchor.toml --show-identity)."};
}
Reason knocks_rarely(const SilenceSeen& seen) {
  return {"knocks_rarely", "It knocks about every " + seconds(seen.contact.every) +
                               ", and the round waited " + seconds(seen.contact.wait) +
                               ". Lower mean_interval_ms of [knock] in its agent.toml, or raise "
                               "knock_wait_ms of [policy] in chiplocd.toml (now " +
                               seconds(seen.contact.limit) + ")."};
}
Reason anchor_twice(const SilenceSeen& seen) {
  const std::size_t number = seen.heard.anchors_twice.size();
  return {
      "anchor_twice",
      (number == 1 ? std::string{"An anchor that it should be heard by runs"}
                   : std::to_string(number) + " anchors that it should be heard by run") +
          " twice: two processes with one name and key take each other's place, and what the chip sends "
          "reaches the one that knows nothing of the round. chiploc anchor list says which and where; stop "
          "one of the two, or give it a name and key of its own (chiploc-anchor init)."};
}
Reason agent_stopped(const SilenceSeen& seen, bool heard, bool knocks) {
  const std::string gone =
      seen.explained_by > kExplainedFirst ? ", or its agent.toml has no [[rendezvous]] any more" : "";
  const std::string moved = knocks ? "its [[rendezvous]] names another address or port now" + gone
                                   : "it listens at another address or port than is registered now";
  const std::string before =
      "It was heard before and is not any more: its agent has stopped, its host is down, or " + moved + ". ";
  return {"agent_stopped",
          (heard ? before : "Its agent has stopped, or its host is down. ") +
              "Look there: systemctl status chiploc-agent, the last lines of its log, agent.toml."};
}
/// `heard`: at some time, somewhere.
Reason agent_not_knocking(const SilenceSeen& seen, bool heard) {
  const bool first = seen.explained_by <= kExplainedFirst;
  const std::string why =
      first
          ? "Nothing was ever heard of it: its agent does not run, or its agent.toml has no [[rendezvous]] or "
      : heard ? "It does not knock where it should: its agent.toml has no [[rendezvous]] of that anchor, or "
              : "It has not knocked since chiplocd started, and no answer of it is on record: its agent does "
                "not run, or its agent.toml has no [[rendezvous]] or ";
  return {
      "agent_not_knocking",
      why +
          "one with a wrong address or port. Compare with address in chiploc anchor list; after SIGUSR1 its "
          "log has knocks= (agent.counters)."};
}
Reason udp_blocked() {
  return {"udp_blocked",
          "A firewall between chip and anchors drops UDP. Its host has to be able to send UDP to the address "
          "and port of each anchor (chiploc anchor list) and to get the answers."};
}
Reason replies_blocked() {
  return {"replies_blocked",
          "It is heard, but what anchors answer does not reach it: a firewall or a NAT on its side drops UDP "
          "that comes back. Allow answers to what its host sent, for a minute at least."};
}
Reason other_identity() {
  return {"other_identity",
          "The agent runs with another chip's certificate, and so under another id. Compare the id with "
          "chip= in its log line agent.started."};
}
Reason anchor_addresses() {
  return {"anchor_address",
          "It has its tickets, but what it sends to the addresses in them does not arrive: an anchor's "
          "registered address or port is not the one where it listens. Compare chiploc anchor list with "
          "listen in each anchor.toml."};
}
Reason anchors_blocked() {
  return {"udp_blocked",
          "A firewall lets the chip reach the rendezvous anchors alone. Its host has to be able to send UDP "
          "to every anchor of the round (chiploc anchor list)."};
}
Reason inbound_blocked() {
  return {"inbound_blocked",
          "A NAT or a firewall keeps the tickets from its registered address. Let it knock: reach \"knock\" "
          "in the registry and [[rendezvous]] in its agent.toml; or let UDP through to it."};
}
Reason inbound_address() {
  return {"inbound_address",
          "Nothing listens at its registered address: the agent does not run, or address or port are wrong. "
          "Compare reach in chiploc chip show with listen in its agent.toml."};
}
Reason agent_failing() {
  return {"agent_failing",
          "Its agent could not sign: its state folder takes no writes (full disk, read-only), or its key is "
          "gone. The log line agent.failed says which."};
}
Reason cut_short() {
  return {"cut_short",
          "Its agent was stopped, or its line was cut, in the middle of the round. Measure again; if it "
          "stays so, look at its log."};
}
Reason path_lossy() {
  return {"path_lossy",
          "Too many datagrams are lost between chip and anchors, or a firewall allows only so many. Compare "
          "pings sent and answered; measure when the line is idle."};
}
Reason anchors_lost() {
  return {"anchors_lost",
          "No anchor reported: they have stopped or lost the coordinator in the middle of the round. Look at "
          "chiploc anchor list and at their logs."};
}

// -------------------------------------------------------------------------------------------------- rules
class Causes {
 public:
  explicit Causes(const SilenceSeen& seen) : seen_{seen} {}

  std::vector<Reason> run() {
    by_rejects();
    if (told_of_today() && !seen_.heard.anchors_twice.empty()) add(anchor_twice(seen_));
    const std::size_t said = out_.size();
    by_step();
    if (told_of_today() && knocks_elsewhere()) put_rendezvous_key(said);
    if (const auto& fault = seen_.certificate_fault) put_certificate(*fault);
    if (out_.size() > kCausesShown) out_.resize(kCausesShown);
    return std::move(out_);
  }

 private:
  void add(Reason cause) {
    const bool there =
        std::any_of(out_.begin(), out_.end(), [&](const Reason& r) { return r.code == cause.code; });
    if (!there) out_.push_back(std::move(cause));
  }
  [[nodiscard]] bool told_of_today() const { return seen_.explained_by > kExplainedFirst; }
  [[nodiscard]] bool knocks_elsewhere() const {
    return seen_.heard.elsewhere > 0 || (told_of_today() && anchor_said(RejectReason::kNotForMe));
  }
  [[nodiscard]] bool chip_said(RejectReason reason) const { return seen_.by_chip.count(reason) != 0; }
  [[nodiscard]] bool anchor_said(RejectReason reason) const { return seen_.by_anchors.count(reason) != 0; }

  void by_rejects() {
    if (chip_said(RejectReason::kUnknownCoordinator)) add(coordinator_unknown(seen_));
    if (chip_said(RejectReason::kNotYetValid)) add(clock_of_chip(/*behind=*/true));
    if (chip_said(RejectReason::kExpired)) add(clock_of_chip(/*behind=*/false));
    if (anchor_said(RejectReason::kNotYetValid)) add(clock_of_anchor(/*behind=*/true));
    if (anchor_said(RejectReason::kExpired)) add(clock_of_anchor(/*behind=*/false));
    if (chip_said(RejectReason::kUnsupportedVersion) || anchor_said(RejectReason::kUnsupportedVersion))
      add(protocol_version());
    if (chip_said(RejectReason::kNotForMe)) add(other_chip());
    if (chip_said(RejectReason::kTableFull)) add(table_full());
    // Stale cookies are refused proofs too, and happen to the honest; a wrong signature does not.
    if (anchor_said(RejectReason::kBadSignature) || seen_.heard.proofs_refused > 0) add(other_key());
  }

  void by_step() {
    switch (reached(seen_)) {
      case SilenceStep::kTickets:
        return seen_.contact.knocks ? no_knock() : nothing_inbound();
      case SilenceStep::kKnock:
        add(replies_blocked());
        add(agent_failing());
        return add(agent_stopped(seen_, true, seen_.contact.knocks));
      case SilenceStep::kDelivered:
        add(anchor_addresses());
        add(anchors_blocked());
        return add(replies_blocked());
      case SilenceStep::kOpen:
        add(replies_blocked());
        add(path_lossy());
        return add(cut_short());
      case SilenceStep::kPings:
        add(path_lossy());
        add(cut_short());
        return add(agent_failing());
      case SilenceStep::kClose:
        add(agent_failing());
        add(cut_short());
        return add(path_lossy());
    }
  }

  /// It knocks, and did not, as far as anybody here knows.
  void no_knock() {
    if (seen_.contact.rendezvous == 0) add(no_rendezvous(seen_));
    if (knocks_elsewhere()) add(rendezvous_key());
    if (seen_.reported == 0) add(anchors_lost());
    const bool heard = seen_.last_knock().since_epoch.count() != 0 ||
                       seen_.last_proof().since_epoch.count() != 0 || seen_.answered_before;
    // Its gaps reach twice their mean, which is some 2.4 times their median.
    if (heard && seen_.contact.every > seen_.contact.wait / 2) add(knocks_rarely(seen_));
    // A knock that was refused is one all the same: then it has not stopped, and goes by its own name.
    const bool refused =
        told_of_today() && (knocks_elsewhere() || anchor_said(RejectReason::kUnsupportedVersion));
    if (!heard && !refused) add(agent_not_knocking(seen_, false));
    if (heard && !refused) add(agent_stopped(seen_, true, true));
    add(udp_blocked());
    if (!heard && !refused) add(other_identity());
    add(agent_not_knocking(seen_, true));
    add(agent_failing());
  }

  void nothing_inbound() {
    if (seen_.reported == 0) add(anchors_lost());
    if (seen_.answered_before) {
      add(agent_stopped(seen_, true, false));
      add(inbound_blocked());
    } else {
      add(inbound_blocked());
    }
    add(inbound_address());
    add(agent_stopped(seen_, false, false));
  }

  /// Behind one of the `said` causes at most. A knock that was good says nothing against it: a chip has several
  /// [[rendezvous]], and a single late knock at a right one made the round look for what drops the answers.
  void put_rendezvous_key(std::size_t said) {
    const auto at = std::find_if(out_.begin(), out_.end(),
                                 [](const Reason& cause) { return cause.code == "rendezvous_key"; });
    if (at != out_.end() && at - out_.begin() <= 1) return;
    if (at != out_.end()) out_.erase(at);
    out_.insert(out_.begin() + std::min<std::ptrdiff_t>(1, static_cast<std::ptrdiff_t>(said)),
                rendezvous_key());
  }

  void put_certificate(const CertificateFault& fault) {
    Reason cause = certificate_reason(fault);
    cause.text += " An agent may not start with it.";
    // Where what is said for sure and a knock by another key stand before it, both stay there.
    const bool third = told_of_today() && out_.size() > 1 && out_[1].code == "rendezvous_key";
    out_.insert(
        out_.begin() + std::min<std::ptrdiff_t>(third ? 2 : 1, static_cast<std::ptrdiff_t>(out_.size())),
        std::move(cause));
  }

  const SilenceSeen& seen_;
  std::vector<Reason> out_;
};

}  // namespace

std::string_view name_of(SilenceStep step) {
  switch (step) {
    case SilenceStep::kTickets:
      return "tickets";
    case SilenceStep::kKnock:
      return "knock";
    case SilenceStep::kDelivered:
      return "delivered";
    case SilenceStep::kOpen:
      return "open";
    case SilenceStep::kPings:
      return "pings";
    case SilenceStep::kClose:
      break;
  }
  return "close";
}

SilenceStep reached(const SilenceSeen& seen) {
  if (seen.close_order) return SilenceStep::kClose;
  if (seen.answers > 0) return SilenceStep::kPings;
  if (seen.opens > 0 || seen.sessions > 0) return SilenceStep::kOpen;
  if (seen.proofs > 0 || !seen.by_chip.empty()) return SilenceStep::kDelivered;
  if (seen.knocks > 0 || seen.proofs_refused > 0) return SilenceStep::kKnock;
  return SilenceStep::kTickets;
}

std::vector<Reason> likely_causes(const SilenceSeen& seen) { return Causes{seen}.run(); }

}  // namespace chiploc
