#include "server/verifier/evidence.hpp"

#include <algorithm>
#include <bit>
#include <set>

#include "proto/base/joined.hpp"
#include "server/verifier/certificate_standing.hpp"
#include "server/verifier/report_check.hpp"

namespace chiploc {
namespace {

Reason reason(std::string code, std::string text) { return {std::move(code), std::move(text)}; }

/// What there is to say of an anchor's report unless the statement covers it.
const char* note_of(const CheckedReport& report, bool answered) {
  if (!report.sessions.empty())
    return answered ? "the chip's statement does not cover it" : "the session did not finish";
  if (report.not_yet_valid || report.expired)
    return "the chip did not open a session; its ticket's time was refused: look at the clocks";
  if (report.other_version)
    return "the chip did not open a session; it speaks another version of the protocol";
  return "the chip did not open a session";
}

Reason statement_reason(StatementFault fault) {
  switch (fault) {
    case StatementFault::kBadSignature:
    case StatementFault::kWrongAlgorithm:
      return reason("statement_signature", "The statement is not signed with the chip's registered key.");
    case StatementFault::kWrongCertificate:
      return reason("statement_certificate",
                    "The statement is signed with the chip's key, but names another certificate "
                    "over it than the registered one.");
    case StatementFault::kTooLarge:
    case StatementFault::kMalformed:
    case StatementFault::kNotDeterministic:
    case StatementFault::kUnexpectedHeader:
    case StatementFault::kWrongProfile:
    case StatementFault::kMissingClaim:
    case StatementFault::kUnknownClaim:
    case StatementFault::kClaimOutOfRange:
      break;
  }
  return reason("statement_malformed",
                "The statement is not well-formed (" + std::string{name_of(fault)} + ").");
}

Reason before_its_order() {
  return reason("statement_replay", "The statement came before the order that it has to answer.");
}

Reason rollback(const Statement& statement, const CounterMark& last, bool first_words) {
  const std::string counters = " (round counter " + std::to_string(statement.round_counter) + " after " +
                               std::to_string(last.round_counter) + ", boot count " +
                               std::to_string(statement.boot_count) + " after " +
                               std::to_string(last.boot_count) + ")";
  if (first_words) {
    return reason("counter_rollback", "The chip's counters went back" + counters +
                                          ": its state was restored, or its key is in two places.");
  }
  return reason("counter_rollback",
                "The chip's counters did not go on from the last answer that counted" + counters +
                    ": its state folder was restored or replaced, or another holder of its key answers with "
                    "counters of its own. Find out which. If the folder was, and by whom is known: chiploc "
                    "chip restart-counters CHIP --reason WHY lets them begin anew; else take the key for "
                    "copied.");
}

/// The checks of a signed statement that need no report.
std::optional<Reason> check_claims(const Statement& statement, const RoundEvidenceBytes& evidence,
                                   const CloseOrder& order) {
  if (statement.chip != evidence.chip || statement.coordinator != evidence.coordinator) {
    return reason("statement_identity", "The statement is another chip's, or for another coordinator.");
  }
  if (statement.round != evidence.round || statement.nonce != order.nonce) {
    return reason("statement_replay", "The statement answers another round: an old one was sent again.");
  }
  std::uint64_t mask = 0;
  for (const auto& entry : statement.transcripts) mask |= std::uint64_t{1} << entry.anchor_index;
  if ((mask & ~order.mask) != 0) {
    return reason("transcript_set", "The statement names an anchor that is not in the close order.");
  }
  if (const auto& last = evidence.last_accepted;
      last && (statement.round_counter <= last->round_counter || statement.boot_count < last->boot_count)) {
    return rollback(statement, *last, evidence.first_words);
  }
  if (statement.debug_state == DebugState::kEnabled) {
    return reason("debug_enabled",
                  "The chip says that its debug interface is open: its key may not have stayed inside.");
  }
  return std::nullopt;
}

struct Signed {
  Statement statement;
  Digest sha256;  ///< of its bytes
};

/// The first of each set of session keys. More than one: two holders of one key answered one round.
std::vector<const Signed*> holders_among(const std::vector<Signed>& by_key) {
  std::vector<const Signed*> out;
  for (const Signed& one : by_key) {
    const bool known = std::any_of(out.begin(), out.end(), [&](const Signed* other) {
      return other->statement.transcripts == one.statement.transcripts;
    });
    if (!known) out.push_back(&one);
  }
  return out;
}

struct Judged {
  std::vector<Signed> accepted;
  std::vector<Signed> renewed;    ///< right in all but the certificate that they name
  std::optional<Reason> refused;  ///< of the first other statement that failed
};

/// With the claims judged, too: an old round's statement is replayed under another certificate as well.
Result<Statement, Reason> judge_statement(Bytes raw, const RoundEvidenceBytes& evidence, bool& renewed) {
  renewed = false;
  auto statement = check_statement(raw, evidence.device_key, evidence.device_certificate);
  if (!statement && statement.error() == StatementFault::kWrongCertificate) {
    const auto unchecked =
        parse_unchecked_statement(raw);  // its signature was verified before its certificate
    if (!unchecked) return Fail{statement_reason(unchecked.error())};
    renewed = true;
    statement = unchecked->statement;
  }
  if (!statement) return Fail{statement_reason(statement.error())};
  if (!evidence.close_order) return Fail{before_its_order()};
  if (const auto fault = check_claims(*statement, evidence, *evidence.close_order)) return Fail{*fault};
  return *statement;
}

Judged judge_statements(const RoundEvidenceBytes& evidence) {
  Judged out;
  for (const ByteVector& raw : evidence.statements) {
    bool renewed = false;
    const auto statement = judge_statement(raw, evidence, renewed);
    if (statement) {
      (renewed ? out.renewed : out.accepted).push_back({*statement, sha256(raw)});
    } else if (!out.refused) {
      out.refused = statement.error();
    }
  }
  return out;
}

class Checker {
 public:
  explicit Checker(const RoundEvidenceBytes& evidence)
      : evidence_{evidence}, reports_(evidence.tickets.size()) {}

  CheckedEvidence run() {
    take_anchors();
    take_reports();
    if (evidence_.statements.empty() || !evidence_.close_order) return silent();
    Judged judged = judge_statements(evidence_);
    std::vector<Signed> signed_by_key = judged.accepted;
    signed_by_key.insert(signed_by_key.end(), judged.renewed.begin(), judged.renewed.end());
    if (const auto holders = holders_among(signed_by_key); holders.size() > 1) {
      for (const Signed* const holder : holders) add_holder(*holder);
      return invalid(reason("cloned_key",
                            "Two holders of the chip's key answered the same round, each with a valid "
                            "signature of its own: the key was copied."));
    }
    if (judged.accepted.empty())
      return judged.refused ? invalid(*judged.refused)
                            : unvouched(statement_reason(StatementFault::kWrongCertificate));
    match_transcripts(judged.accepted.front().statement);
    if (mismatched_.size() > evidence_.accused_beyond()) {
      return invalid(reason(
          "transcript_mismatch",
          "More anchors than the fault budget allows saw exchanges that the chip did not sign: somebody "
          "else answered in its place, or several anchors lie."));
    }
    if (mismatched_.size() > evidence_.fault_budget) return disputed();
    out_.statement = std::move(judged.accepted.front().statement);
    out_.outcome = EvidenceOutcome::kMeasured;
    if (evidence_.counters_begun) out_.reasons.push_back(*evidence_.counters_begun);
    return std::move(out_);
  }

 private:
  void take_anchors() {
    std::vector<const AnchorFacts*> facts;
    for (const IssuedTicket& issued : evidence_.tickets) {
      out_.anchors.push_back(AnchorFinding{.anchor = issued.anchor, .note = "no report"});
      facts.push_back(&issued.anchor);
    }
    const auto numbers = number_perspectives(facts);
    for (std::size_t i = 0; i < numbers.size(); ++i) out_.anchors[i].perspective = numbers[i];
  }

  void take_reports() {
    OpeningJudge openings{evidence_.device_key};
    for (const auto& arrived : evidence_.reports) {  // clang 14 captures no structured bindings
      const AnchorId& sender = arrived.first;
      const ByteVector& raw = arrived.second;
      const auto issued = std::find_if(evidence_.tickets.begin(), evidence_.tickets.end(),
                                       [&](const IssuedTicket& t) { return t.anchor.id == sender; });
      if (issued == evidence_.tickets.end()) continue;  // not of this round: the coordinator counts it
      const auto index = static_cast<std::size_t>(issued - evidence_.tickets.begin());
      AnchorFinding& finding = out_.anchors[index];
      if (finding.reported)
        continue;  // the first report counts; a later, different one is stored as conflicting
      finding.reported = true;
      auto report = check_report(raw, *issued, openings, evidence_.realm);
      if (!report) {
        finding.note = report.error().text;
        out_.reasons.push_back(report.error());
        continue;
      }
      finding.answered = std::any_of(report->sessions.begin(), report->sessions.end(),
                                     [](const CheckedSession& s) { return s.finished; });
      finding.note = note_of(*report, finding.answered);
      reports_[index] = std::move(*report);
    }
  }

  [[nodiscard]] const CheckedSession* session_of(const Statement::AnchorTranscript& entry) const {
    const auto& report = reports_[entry.anchor_index];
    if (!report) return nullptr;
    const auto& sessions = report->sessions;
    const auto found = std::find_if(sessions.begin(), sessions.end(), [&](const CheckedSession& s) {
      return s.transcript == entry.transcript;
    });
    return found == sessions.end() ? nullptr : &*found;
  }

  /// check_claims() held the indexes against the order's mask; reports were dropped, or never arrived.
  [[nodiscard]] bool reported(const Statement::AnchorTranscript& entry) const {
    return entry.anchor_index < reports_.size() && reports_[entry.anchor_index].has_value();
  }

  static void use(const CheckedSession& session, AnchorFinding& finding) {
    finding.samples = session.samples;
    if (!session.counted) return;
    const CountedSample& counted = *session.counted;
    finding.used = true;
    finding.note.clear();
    finding.rtt_min = counted.rtt;
    finding.source = counted.source;
    finding.counted_sequence = counted.sequence;
    finding.rtt_least = counted.least;
    finding.rtt_next = counted.next;
  }

  /// What the anchors saw of one of two holders: the sessions that it signed.
  void add_holder(const Signed& holder) {
    const Statement& statement = holder.statement;
    HolderEvidence& out = out_.holders.emplace_back(
        HolderEvidence{holder.sha256, statement.boot_count, statement.round_counter, out_.anchors});
    for (const auto& entry : statement.transcripts) {
      const CheckedSession* const session = reported(entry) ? session_of(entry) : nullptr;
      if (session != nullptr) use(*session, out.anchors[entry.anchor_index]);
    }
  }

  void match_transcripts(const Statement& statement) {
    for (const auto& entry : statement.transcripts) {
      if (!reported(entry)) continue;
      AnchorFinding& finding = out_.anchors[entry.anchor_index];
      const CheckedSession* const session = session_of(entry);
      if (session == nullptr) {
        finding.note = "its transcript is not the one that the chip signed";
        out_.reasons.push_back(reason("transcript_dropped", "The report of " + finding.anchor.name +
                                                                " was left out: " + finding.note + "."));
        mismatched_.insert(finding.perspective);
        continue;
      }
      use(*session, finding);
      if (session->counted) continue;
      finding.note = session->counted.error();
      if (session->samples > 0) {
        out_.reasons.push_back(reason("not_borne_out", "The round trips to " + finding.anchor.name +
                                                           " were left out: " + finding.note + "."));
      }
    }
  }

  CheckedEvidence silent() {
    const bool any_session = std::any_of(reports_.begin(), reports_.end(),
                                         [](const auto& r) { return r && !r->sessions.empty(); });
    out_.reasons.push_back(any_session ? reason("no_statement",
                                                "The chip answered pings but never signed for them: "
                                                "unsigned answers prove nothing.")
                                       : reason("no_answer", "The chip did not answer before the deadline."));
    if (!any_session) give_hints();
    out_.outcome = EvidenceOutcome::kSilent;
    return std::move(out_);
  }

  void give_hints() {
    const auto any = [this](bool CheckedReport::*what) {
      return std::any_of(reports_.begin(), reports_.end(), [what](const auto& r) { return r && (*r).*what; });
    };
    const std::string look =
        " by more than the skew that is allowed: look at the clocks. (A hint that anybody could have sent.)";
    if (any(&CheckedReport::not_yet_valid)) {
      out_.reasons.push_back(
          reason("ticket_not_yet_valid",
                 "The ticket was refused as not yet valid: the clock of the chip, or of an anchor, "
                 "is behind the coordinator's" +
                     look));
    }
    if (any(&CheckedReport::expired)) {
      out_.reasons.push_back(
          reason("ticket_expired",
                 "The ticket was refused as expired: the clock of the chip, or of an anchor, is "
                 "ahead of the coordinator's" +
                     look));
    }
    if (any(&CheckedReport::other_version)) {
      out_.reasons.push_back(reason(
          "protocol_version", "The chip's agent speaks another version of the protocol than the anchors (" +
                                  std::to_string(kProtocolVersion) +
                                  "): update the older of the two. (A hint that anybody could have sent.)"));
    }
  }

  /// A renewed certificate reaches registry and chip one after the other: no fault of the chip's.
  CheckedEvidence unvouched(Reason why) {
    out_.reasons.insert(out_.reasons.begin(), std::move(why));
    out_.would_resolve.emplace_back(
        "Give the chip's agent the certificate that is registered, or import the one "
        "that it has, and measure again.");
    out_.outcome = EvidenceOutcome::kUnvouched;
    return std::move(out_);
  }

  /// Neither side is believed: no round trip counts, for the chip or against it.
  CheckedEvidence disputed() {
    std::vector<std::string> names;
    for (AnchorFinding& finding : out_.anchors) {
      if (mismatched_.contains(finding.perspective) && !finding.used && finding.reported)
        names.push_back(finding.anchor.name);
      if (!finding.used) continue;
      finding.used = false;
      finding.note = "left out: too many others saw exchanges that the chip did not sign";
    }
    const std::string seen = std::to_string(mismatched_.size());
    out_.reasons.insert(
        out_.reasons.begin(),
        reason("transcript_disputed",
               seen + " perspective(s) saw exchanges that the chip did not sign. That is more than the " +
                   std::to_string(evidence_.fault_budget) +
                   " that may be wrong for a measurement to count, and no more than the " +
                   std::to_string(evidence_.accused_beyond()) +
                   " that may be wrong before a chip is accused (faults_to_accuse): nothing was measured, "
                   "and nothing is held against the chip."));
    out_.would_resolve.emplace_back(
        "Another round. If it comes again: find out who answers in the chip's "
        "place, or what is wrong with " +
        joined(names, ", ") + ".");
    out_.outcome = EvidenceOutcome::kUnvouched;
    return std::move(out_);
  }

  CheckedEvidence invalid(Reason why) {
    out_.reasons.insert(out_.reasons.begin(), std::move(why));
    out_.outcome = EvidenceOutcome::kInvalid;
    return std::move(out_);
  }

  const RoundEvidenceBytes& evidence_;
  std::vector<std::optional<CheckedReport>> reports_;
  std::set<std::uint32_t> mismatched_;  ///< perspectives that saw exchanges the chip did not sign
  CheckedEvidence out_;
};

}  // namespace

CheckedEvidence check_evidence(const RoundEvidenceBytes& evidence) {
  CheckedEvidence checked = Checker{evidence}.run();
  if (evidence.certificate_fault) hold_against_certificate(*evidence.certificate_fault, checked);
  return checked;
}

std::optional<Reason> refuse_statement(Bytes raw, const RoundEvidenceBytes& evidence) {
  if (!evidence.close_order) return before_its_order();
  bool renewed = false;
  const auto statement = judge_statement(raw, evidence, renewed);
  if (!statement) return statement.error();
  return renewed ? std::optional{statement_reason(StatementFault::kWrongCertificate)} : std::nullopt;
}

}  // namespace chiploc
