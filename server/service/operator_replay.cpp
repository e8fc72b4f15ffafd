// The use case that has a stored round judged again: ReplayVerdict.
#include <memory>
#include <utility>

#include "server/service/operator_use_cases.hpp"
#include "server/service/sent_policy.hpp"
#include "server/service/stored_round.hpp"
#include "server/service/verdict_lookup.hpp"
#include "server/verifier/replay.hpp"
#include "server/verifier/verdict_view.hpp"

namespace chiploc {
namespace {

v1::ReplayOutcome view_of(ReplayOutcome::Kind kind) {
  switch (kind) {
    case ReplayOutcome::Kind::kSame:
      return v1::REPLAY_SAME;
    case ReplayOutcome::Kind::kWrongDigest:
      return v1::REPLAY_WRONG_DIGEST;
    case ReplayOutcome::Kind::kDiffers:
      return v1::REPLAY_DIFFERS;
    case ReplayOutcome::Kind::kOtherPolicy:
      return v1::REPLAY_OTHER_POLICY;
    case ReplayOutcome::Kind::kCannotBeJudged:
      return v1::REPLAY_CANNOT;
  }
  return v1::REPLAY_OUTCOME_UNSPECIFIED;
}

v1::ReplayVerdictResponse view_of(const ReplayOutcome& outcome, const VerdictId& verdict) {
  v1::ReplayVerdictResponse out;
  out.set_verdict_id(string_of(verdict.bytes));
  out.set_outcome(view_of(outcome.kind));
  for (const std::string& what : outcome.wrong) out.add_wrong_digests(what);
  for (const std::string& where : outcome.differences) out.add_differences(where);
  out.set_cannot_because(outcome.why);
  out.set_software_version(outcome.software_version);
  out.set_other_software(outcome.other_software);
  if (outcome.judged) *out.mutable_verdict() = to_verdict(*outcome.judged);
  return out;
}

}  // namespace

void OperatorUseCases::replay_verdict(const v1::ReplayVerdictRequest& request, const Caller& caller,
                                      const Completion<v1::ReplayVerdictResponse>& done) {
  const auto text = check_text("verdict", request.verdict(), parts_.limits);
  if (!text) return done(Fail{text.error()});
  std::optional<Policy> policy;
  if (request.has_policy()) {
    auto sent = sent_policy(request.policy(), parts_.limits);
    if (!sent) return done(Fail{sent.error()});
    policy = *std::move(sent);
  }
  const Registry::Snapshot registry = registry_for(caller);
  const auto verdict = find_verdict(*text, *registry, parts_.reader, chips_of(*registry, caller));
  if (!verdict) return done(Fail{verdict.error()});
  auto round = read_stored_round(*verdict, parts_.reader.rounds());
  if (!round) return done(Fail{fault_of(round.error())});
  const auto shared = std::make_shared<const StoredRound>(std::move(*round));
  const bool accepted = replays_.post([shared, done, policy, id = verdict->id] {
    done(view_of(replay(*shared, own_borders(), policy), id));
  });
  if (accepted) return;
  done(Fail{ApiFault{ApiFaultCode::kExhausted,
                     "several rounds are waiting to be judged again; try again when they are through"}});
}

}  // namespace chiploc
