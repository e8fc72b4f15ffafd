// The use cases about policies: GetPolicy and ReplayPolicy.
#include <map>
#include <memory>
#include <utility>

#include "server/policy/policy_file.hpp"
#include "server/registry/fields.hpp"
#include "server/service/name_lookup.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/sent_policy.hpp"
#include "server/service/stored_round.hpp"
#include "server/service/verdict_lookup.hpp"
#include "server/verifier/policy_trial.hpp"

namespace chiploc {
namespace {

// A page takes a second or less: some 0.2 ms a round, and some 10 ms for each that only a replay decides.
constexpr std::uint32_t kTrialPage = 1'000;
constexpr std::uint32_t kTrialPageMax = 5'000;
constexpr unsigned kReplaysMax = 100;

/// Where one activated text differs from the one before it. Of a section that only one of them has chiplocd.toml had
/// the other, which is not on record.
std::vector<std::string> differences_of_texts(const std::string& from, const std::string& to) {
  const PolicyFile was = parse_policy(from, "policy");
  const PolicyFile is = parse_policy(to, "policy");
  std::vector<std::string> out = differences(was.policy, is.policy);
  PolicyRules before = is.rules;
  for (const RuleSection section : was.has) {
    if (is.has.contains(section)) before = in_force(before, was.rules, {section});
  }
  for (std::string& phrase : differences(before, is.rules)) out.push_back(std::move(phrase));
  for (std::string& phrase : moved_sections(was.has, is.has)) out.push_back(std::move(phrase));
  return out;
}

/// The same of what was in force and what is.
std::vector<std::string> differences_in_force(const PolicyInForce& was, const PolicyInForce& is) {
  std::vector<std::string> out = differences(was.policy, is.policy);
  for (std::string& phrase : differences(was.rules, is.rules)) out.push_back(std::move(phrase));
  for (std::string& phrase : moved_sections(was.has, is.has)) out.push_back(std::move(phrase));
  return out;
}

/// One page of stored rounds, held against a policy.
class TrialPage {
 public:
  TrialPage(const Policy& policy, const Registry& registry, StoreReader& reader)
      : registry_{registry},
        reader_{reader},
        trial_{policy, own_borders(), [&reader](const Digest& digest) -> std::optional<std::string> {
                 auto area = reader.rounds().area(digest);
                 return area ? std::move(*area) : std::nullopt;
               }} {
    response_.set_sha256(string_of(digest_of(policy).bytes));
    response_.set_version(policy.version);
  }

  Answer<v1::ReplayPolicyResponse> run(const VerdictQuery& query) {
    const auto page = reader_.verdicts().judged_rounds(query);
    if (!page) return Fail{fault_of(page.error())};
    std::optional<VerdictCursor> next = page->next;
    for (const JudgedRound& round : page->rows) {
      const auto outcome = judge(round);
      if (!outcome) return Fail{outcome.error()};
      add(round, *outcome);
      if (replays_ < kReplaysMax || &round == &page->rows.back()) continue;
      next = VerdictCursor{round.decided, round.id, page->next ? page->next->begins : 0};
      break;
    }
    for (const auto& [states, rounds] : moved_) {
      v1::ReplayPolicyResponse::Moved& moved = *response_.add_moved();
      moved.set_was(static_cast<v1::VerdictState>(states.first));
      moved.set_is(static_cast<v1::VerdictState>(states.second));
      moved.set_rounds(rounds);
    }
    for (const auto& [why, rounds] : unjudged_) {
      v1::ReplayPolicyResponse::Unjudged& unjudged = *response_.add_unjudged();
      unjudged.set_why(why);
      unjudged.set_rounds(rounds);
    }
    if (next) response_.set_next_page_token(verdict_token(*next));
    return std::move(response_);
  }

 private:
  Answer<TrialOutcome> judge(const JudgedRound& round) {
    if (round.format != VerdictRecord::kRecord) return trial_.judge({}, {});
    TrialOutcome outcome = trial_.judge(round.context, round.record);
    if (outcome.kind != TrialOutcome::Kind::kNeedsEvidence) return outcome;
    ++replays_;
    VerdictRecord verdict;
    verdict.id = round.id;
    verdict.round = round.round;
    verdict.bytes = round.record;
    verdict.format = round.format;
    const auto stored = read_stored_round(verdict, reader_.rounds());
    if (!stored) return Fail{fault_of(stored.error())};
    return PolicyTrial::outcome_of(round.record, replay(*stored, own_borders(), trial_.policy()));
  }

  void add(const JudgedRound& round, const TrialOutcome& outcome) {
    if (outcome.kind != TrialOutcome::Kind::kJudged) {
      ++unjudged_[outcome.why];
      return;
    }
    ++moved_[{outcome.was, outcome.is}];
    if (outcome.was == outcome.is) return;
    v1::ReplayPolicyResponse::Change& change = *response_.add_changes();
    change.set_chip_id(string_of(round.chip.bytes));
    if (const ChipRecord* chip = registry_.chip(round.chip)) change.set_serial(chip->serial);
    change.set_verdict_id(string_of(round.id.bytes));
    change.set_decided_unix_ns(round.decided.since_epoch.count());
    change.set_was(static_cast<v1::VerdictState>(outcome.was));
    change.set_is(static_cast<v1::VerdictState>(outcome.is));
    change.set_reason(outcome.reason);
  }

  const Registry& registry_;
  StoreReader& reader_;
  PolicyTrial trial_;
  unsigned replays_ = 0;
  std::map<std::pair<VerdictState, VerdictState>, std::uint64_t> moved_;
  std::map<std::string, std::uint64_t> unjudged_;
  v1::ReplayPolicyResponse response_;
};

}  // namespace

Answer<v1::GetPolicyResponse> OperatorUseCases::get_policy(const v1::GetPolicyRequest& /*request*/,
                                                           const Caller& caller) {
  v1::GetPolicyResponse response;
  const PolicyInForce now = parts_.policy.get();
  // By what its chips are judged is a holder's to know; when they are measured, and what is looked at, is not.
  response.set_toml(caller.holder ? policy_text(now.policy) : now.toml);
  for (const RuleSection section : kRuleSections) {
    if (caller.holder) break;
    v1::GetPolicyResponse::Section& one = *response.add_sections();
    one.set_name(std::string{name_of(section)});
    one.set_activated(now.has.contains(section));
    one.set_configured(section_text(now.configured, section));
  }
  response.set_sha256(string_of(digest_of(now.policy).bytes));
  response.set_version(now.policy.version);
  response.set_number(now.number);
  response.set_activated_unix_ns(now.since.since_epoch.count());
  return response;
}

Answer<v1::ListPoliciesResponse> OperatorUseCases::list_policies(const v1::ListPoliciesRequest& request,
                                                                 const Caller& /*caller*/) {
  const auto size =
      check_page_size(request.page_size(), parts_.limits.imports_page, parts_.limits.imports_page_max);
  if (!size) return Fail{size.error()};
  const auto kept = parts_.reader.policies().policies(*size + 1);
  if (!kept) return Fail{fault_of(kept.error())};
  v1::ListPoliciesResponse response;
  for (std::size_t i = 0; i < kept->size() && i < *size; ++i) {
    const PolicyActivation& one = (*kept)[i];
    v1::PolicyRecord& record = *response.add_policies();
    record.set_number(one.number);
    record.set_at_unix_ns(one.at.since_epoch.count());
    record.set_by(one.by.name);
    if (one.by.certificate) record.set_certificate_sha256(string_of(one.by.certificate->bytes));
    record.set_reason(one.reason);
    record.set_sha256(string_of(one.sha256.bytes));
    record.set_toml(one.toml);
    if (i + 1 == kept->size()) continue;  // the one before it is chiplocd.toml's, as that was then
    for (std::string& phrase : differences_of_texts((*kept)[i + 1].toml, one.toml))
      record.add_differences(std::move(phrase));
  }
  return response;
}

void OperatorUseCases::activate_policy(const v1::ActivatePolicyRequest& request, const Caller& caller,
                                       const Completion<v1::ActivatePolicyResponse>& done) {
  auto file = policy_to_activate(request.policy(), parts_.limits);
  if (!file) return done(Fail{file.error()});
  const auto reason = parse_text(request.reason());
  if (!reason)
    return done(
        Fail{ApiFault{ApiFaultCode::kBadField, "reason: " + reason.error() + "; it stays on record"}});
  const auto activated =
      std::make_shared<Stored<PolicyActivation>>(PolicyActivation{.at = parts_.now(),
                                                                  .by = {caller.name, caller.certificate},
                                                                  .reason = *reason,
                                                                  .sha256 = digest_of(file->policy),
                                                                  .toml = request.policy().content()});
  const bool accepted =
      parts_.store.post([activated](Store& store) { *activated = store.policies().activate(**activated); },
                        [this, activated, file = *std::move(file), done](const Stored<Done>& committed) {
                          if (!committed) return done(Fail{fault_of(committed.error())});
                          if (!*activated) return done(Fail{fault_of(activated->error())});
                          const PolicyActivation& kept = **activated;
                          v1::ActivatePolicyResponse response;
                          response.set_number(kept.number);
                          response.set_sha256(string_of(kept.sha256.bytes));
                          response.set_version(file.policy.version);
                          const PolicyInForce was = parts_.policy.get();
                          const PolicyInForce is{.policy = file.policy,
                                                 .toml = kept.toml,
                                                 .number = kept.number,
                                                 .since = kept.at,
                                                 .rules = in_force(was.configured, file.rules, file.has),
                                                 .has = file.has,
                                                 .configured = was.configured};
                          for (std::string& phrase : differences_in_force(was, is))
                            response.add_differences(std::move(phrase));
                          parts_.policy.replace(is);
                          parts_.rounds.adopt(is.policy, is.rules);
                          done(std::move(response));
                        });
  if (accepted) return;
  done(Fail{ApiFault{ApiFaultCode::kExhausted,
                     "chiplocd's store is busy; the policy in force is the one of before, try again"}});
}

void OperatorUseCases::replay_policy(const v1::ReplayPolicyRequest& request, const Caller& caller,
                                     const Completion<v1::ReplayPolicyResponse>& done) {
  const ApiLimits& limits = parts_.limits;
  auto policy = sent_policy(request.policy(), limits);
  if (!policy) return done(Fail{policy.error()});
  const auto size = check_page_size(request.page_size(), kTrialPage, kTrialPageMax);
  if (!size) return done(Fail{size.error()});
  const auto since = check_time("since_unix_ns", request.since_unix_ns());
  if (!since) return done(Fail{since.error()});
  const auto until = check_time("until_unix_ns", request.until_unix_ns());
  if (!until) return done(Fail{until.error()});
  const auto after = read_verdict_token(request.page_token());
  if (!after) return done(Fail{after.error()});
  const auto licence = check_text("licence", request.licence(), limits);
  if (!licence) return done(Fail{licence.error()});
  const Registry::Snapshot registry = registry_for(caller);
  VerdictQuery query{.after = *after,
                     .limit = *size,
                     .wanted = chips_of(*registry, caller),
                     .since = *since,
                     .until = *until,
                     .oldest_first = true};
  if (!licence->empty()) {
    const auto found = find_licence(*registry, *licence);
    if (!found) return done(Fail{found.error()});
    query.wanted = [&registry = *registry, id = (*found)->id](const ChipId& chip) {
      const ChipRecord* record = registry.chip(chip);
      return record != nullptr && record->licence == id;
    };
  }
  // `registry` outlives the query, which refers to it.
  const bool accepted = replays_.post([this, registry, done, policy = *std::move(policy), query] {
    done(TrialPage{policy, *registry, parts_.reader}.run(query));
  });
  if (accepted) return;
  done(Fail{ApiFault{ApiFaultCode::kExhausted,
                     "several rounds are waiting to be judged again; try again when they are through"}});
}

}  // namespace chiploc
