#include "server/evidence/log_audit.hpp"

#include <utility>

#include "server/evidence/text_lines.hpp"

namespace chiploc {
namespace {

const std::string* open_field(const Leaf& leaf, std::string_view name) {
  for (const LeafField& field : leaf.fields)
    if (!field.sealed && field.name == name) return &field.value;
  return nullptr;
}
std::optional<std::uint64_t> number_field(const Leaf& leaf, std::string_view name) {
  const std::string* value = open_field(leaf, name);
  return value == nullptr ? std::nullopt : decimal_in(*value);
}

}  // namespace

void LogAudit::problem(std::string text) {
  ++so_far_.problem_count;
  if (so_far_.problems.size() < kToldMax)
    so_far_.problems.push_back("entry " + std::to_string(so_far_.entries) + ": " + std::move(text));
}

void LogAudit::count(std::optional<std::uint64_t>& last, std::uint64_t number, const std::string& what) {
  if (last && number <= *last)
    return problem(what + " " + std::to_string(number) + " comes after " + std::to_string(*last));
  if (last && number != *last + 1) {
    ++so_far_.missing_count;
    if (so_far_.missing.size() < kToldMax) so_far_.missing.push_back({what, *last + 1, number - 1});
  }
  last = number;
}

void LogAudit::add_round(const Leaf& leaf, bool begins) {
  const auto number = number_field(leaf, "number");
  const std::string* round = open_field(leaf, "round");
  if (!number || round == nullptr) return problem("is of a round, and does not say of which");
  if (begins) {
    count(last_round_, *number, "round");
    open_.emplace(*number, UnendedRound{so_far_.entries, *number, *round, leaf.at});
    return;
  }
  if (*number < first_round_) return;  // begun before the log was
  const auto intent = open_.find(*number);
  if (intent == open_.end() || intent->second.round != *round)
    return problem("ends round " + std::to_string(*number) + ", which is not under way");
  open_.erase(intent);
}

void LogAudit::add(std::string_view entry) {
  const auto leaf = parse_leaf(entry);
  if (!leaf) {
    problem("is not to be read: " + leaf.error());
    ++so_far_.entries;
    return;
  }
  ++so_far_.of_kind[leaf->kind];
  if ((leaf->kind == "begin") != (so_far_.entries == 0))
    problem(so_far_.entries == 0 ? "is the first, and no begin" : "begins the log anew");
  if (leaf->kind == "begin") {
    first_round_ = number_field(*leaf, "next-round").value_or(1);
    if (first_round_ > 0) last_round_ = first_round_ - 1;
  } else if (leaf->kind == "intent") {
    add_round(*leaf, true);
  } else if (leaf->kind == "result" || leaf->kind == "abandoned") {
    add_round(*leaf, false);
  } else if (leaf->kind == "registry") {
    if (const auto number = number_field(*leaf, "version")) count(last_version_, *number, "registry version");
  } else if (leaf->kind == "policy") {
    if (const auto number = number_field(*leaf, "number")) count(last_policy_, *number, "policy");
  } else if (leaf->kind == "case") {
    const auto of = number_field(*leaf, "case");
    const auto line = number_field(*leaf, "line");
    if (of && line) {
      const auto found = last_lines_.find(*of);
      std::optional<std::uint64_t> last;
      if (found != last_lines_.end()) last = found->second;
      count(last, *line, "line of case " + std::to_string(*of));
      last_lines_[*of] = last.value_or(*line);
    }
  }
  ++so_far_.entries;
}

LogAudit::Report LogAudit::report(WallTime begun_by) const {
  Report out = so_far_;
  for (const auto& [number, round] : open_) {
    if (round.at.since_epoch > begun_by.since_epoch) {
      ++out.under_way;
      continue;
    }
    ++out.unended_count;
    if (out.unended.size() < kToldMax) out.unended.push_back(round);
  }
  return out;
}

}  // namespace chiploc
