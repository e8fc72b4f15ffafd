#include "server/cases/case_kind.hpp"

#include <algorithm>
#include <array>

namespace chiploc {
namespace {

constexpr std::array<std::string_view, kCaseKinds> kCaseKindNames{
    "elsewhere", "another_user", "tampering", "spoofing", "blocking", "misleading", "unproven"};
constexpr std::array<std::string_view, kCaseKinds> kHeadings{
    "Chips are not where they are licensed to be",
    "Chips are said to have gone to another user",
    "Chips were tampered with",
    "Somebody answers in the name of chips without their keys",
    "The way of accused chips to the anchors is cut",
    "Keys of chips answer from places that cannot both be theirs",
    "Nothing is proved of chips any more"};

struct ReasonSign {
  std::string_view reason;
  AttemptSign sign;
};
constexpr std::string_view kCut = "The rounds went as they go where the chip's way to the anchors is cut.";
constexpr std::array<ReasonSign, 9> kSigns{
    {{"statement_signature",
      {CaseKind::kSpoofing, true, "Statements came in the chip's name that its key did not sign."}},
     {"statement_malformed",
      {CaseKind::kSpoofing, true, "What came in the chip's name is no statement that a chip makes."}},
     {"statement_identity",
      {CaseKind::kSpoofing, true,
       "Statements of another chip, or to another coordinator, came in its place."}},
     {"statement_replay", {CaseKind::kSpoofing, true, "Statements of other rounds were played again."}},
     {"impossible_travel",
      {CaseKind::kMisleading, true,
       "The key answered from two places, and nothing travels between them in that time."}},
     {"cohort_outlier",
      {CaseKind::kMisleading, false, "Its round trips differ from those of the other chips of its site."}},
     {"udp_blocked", {CaseKind::kBlocking, false, kCut}},
     {"replies_blocked", {CaseKind::kBlocking, false, kCut}},
     {"inbound_blocked", {CaseKind::kBlocking, false, kCut}}}};

}  // namespace

std::string_view name_of(CaseKind kind) { return kCaseKindNames.at(static_cast<std::size_t>(kind)); }

std::optional<CaseKind> case_kind_of(std::string_view name) {
  const auto* const found = std::find(kCaseKindNames.begin(), kCaseKindNames.end(), name);
  if (found == kCaseKindNames.end()) return std::nullopt;
  return static_cast<CaseKind>(found - kCaseKindNames.begin());
}

bool is_attempt(CaseKind kind) {
  return kind == CaseKind::kSpoofing || kind == CaseKind::kBlocking || kind == CaseKind::kMisleading;
}

bool accused_by_status(CaseKind kind) { return kind == CaseKind::kElsewhere || kind == CaseKind::kTampering; }

bool follows_status(CaseKind kind) { return accused_by_status(kind) || kind == CaseKind::kUnproven; }

std::string_view heading_of(CaseKind kind) { return kHeadings.at(static_cast<std::size_t>(kind)); }

CaseKey case_key(CaseKind kind, const std::string& order, const std::string& licence,
                 const std::string& site) {
  return {kind, order, order.empty() ? licence : std::string{}, site};
}

std::string text_of(const CaseRef& ref) {
  const CaseKey& key = ref.key;
  const auto part = [](const std::string& name) { return name.empty() ? std::string{"-"} : name; };
  const std::string of =
      key.order.empty() && !key.licence.empty() ? "licence " + key.licence : part(key.order);
  return std::string{name_of(key.kind)} + "/" + of + "/" + part(key.site) + "#" + std::to_string(ref.number);
}

std::optional<AttemptSign> attempt_of(std::string_view reason) {
  const auto* const found = std::find_if(kSigns.begin(), kSigns.end(),
                                         [&](const ReasonSign& sign) { return sign.reason == reason; });
  if (found == kSigns.end()) return std::nullopt;
  return found->sign;
}

}  // namespace chiploc
