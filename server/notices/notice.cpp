#include "server/notices/notice.hpp"

#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

std::string_view prefix_of(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::kCaseOpened:
    case NoticeKind::kCaseUpdated:
    case NoticeKind::kCaseDisputed:
    case NoticeKind::kCaseResolved:
    case NoticeKind::kCaseReopened:
      return "case/";
    case NoticeKind::kOrderHeld:
    case NoticeKind::kOrderReleased:
      return "order/";
    case NoticeKind::kChipStatusChanged:
      return "chip/";
    case NoticeKind::kTest:
      return "test/";
  }
  return "";
}

constexpr std::uint64_t kCountMax = 1'000'000'000'000;  // below 2^53: whole in every reader of JSON

bool can_be_shown(std::string_view text) {
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (!point || acts_on_display(*point)) return false;
  }
  return true;
}

/// Collects the first thing that is wrong.
class NoticeCheck {
 public:
  void name(std::string_view what, std::string_view text, bool may_be_empty = false) {
    this->text(what, text, kNoticeNameMax, may_be_empty);
  }
  void sentence(std::string_view what, std::string_view text) {
    this->text(what, text, kNoticeSentenceMax, false);
  }
  void time(std::string_view what, WallTime at) {
    if (at.since_epoch.count() < 0) refuse(what, "is before 1970");
    if (at > wall_from_unix_seconds(UINT64_MAX)) refuse(what, "is after 2255");
  }
  void list(std::string_view what, std::size_t size, std::size_t most) {
    if (size > most)
      refuse(what, "has " + std::to_string(size) + " entries, and may have " + std::to_string(most));
  }
  void that(bool holds, std::string_view what, const std::string& problem) {
    if (!holds) refuse(what, problem);
  }

  void operator()(const CaseOpenedNotice& facts) {
    of(facts.facts);
    if (facts.due) time("due", *facts.due);
  }
  void operator()(const CaseUpdatedNotice& facts) {
    of(facts.facts);
    sentence("change", facts.change);
  }
  void operator()(const CaseDisputedNotice& facts) {
    of(facts.facts);
    time("until", facts.until);
  }
  void operator()(const CaseResolvedNotice& facts) {
    of(facts.facts);
    that(!name_of(facts.outcome).empty(), "outcome", "is none that there is");
  }
  void operator()(const CaseReopenedNotice& facts) {
    of(facts.facts);
    sentence("why", facts.why);
  }
  void operator()(const OrderHeld& facts) {
    of(facts.facts);
    name("because_of", facts.because_of, /*may_be_empty=*/true);
  }
  void operator()(const OrderReleased& facts) {
    of(facts.facts);
    time("held", facts.held);
  }
  void operator()(const ChipStatusChanged& facts) {
    sentence("why", facts.why);
    list("rests_on", facts.rests_on.size(), kNoticeVerdictsMax);
    that(static_cast<std::size_t>(facts.from) < kChipStates &&
             static_cast<std::size_t>(facts.to) < kChipStates,
         "state", "is none that there is");
  }
  void operator()(const NoticeTest& facts) { sentence("text", facts.text); }

  [[nodiscard]] const std::string& refusal() const { return refusal_; }

 private:
  void refuse(std::string_view what, const std::string& problem) {
    if (refusal_.empty()) refusal_ = std::string{what} + " " + problem;
  }
  void text(std::string_view what, std::string_view text, std::size_t most, bool may_be_empty) {
    if (text.empty() && !may_be_empty) return refuse(what, "is empty");
    if (text.size() > most)
      return refuse(what,
                    "has " + std::to_string(text.size()) + " bytes, and may have " + std::to_string(most));
    if (!can_be_shown(text)) refuse(what, "is no UTF-8 that can be shown");
  }
  void count(std::string_view what, std::uint64_t count) {
    if (count > kCountMax) refuse(what, "is more than JSON's readers count to");
  }
  void of(const CaseFacts& facts) {
    that(!name_of(facts.about).empty(), "about", "is none that there is");
    name("licence", facts.licence, /*may_be_empty=*/true);
    list("chips", facts.chips.size(), kNoticeChipsMax);
    that(facts.chips.size() <= facts.chips_count, "chips_count", "is less than the chips that are named");
    count("chips_count", facts.chips_count);
    time("opened", facts.opened);
    sentence("summary", facts.summary);
  }
  void of(const OrderFacts& facts) {
    name("licence", facts.licence);
    count("chips_count", facts.chips_count);
    sentence("summary", facts.summary);
  }
  std::string refusal_;
};

}  // namespace

std::string subject_of(const Notice& notice) { return std::string{prefix_of(notice.kind())} + notice.name; }

NoticeId id_of(const Notice& notice) {
  // Fixed-width parts around the only one whose length varies: no two facts have the same bytes.
  constexpr std::string_view kDomain = "chiploc notice v1";
  ByteArray<1 + 8 + 8> numbers{};
  ByteWriter out{numbers};
  out.u8(static_cast<std::uint8_t>(notice.kind()));
  out.u64(notice.change);
  out.u64(notice.name.size());
  const Digest digest = sha256_of({bytes_of(kDomain), Bytes{numbers}, bytes_of(notice.name)});
  return *NoticeId::from_bytes(Bytes{digest.bytes}.first(NoticeId::kSize));
}

std::string refusal_of(const Notice& notice) {
  NoticeCheck check;
  check.name("name", notice.name);
  check.that(notice.change > 0, "change", "is 0; changes are counted from 1");
  if (notice.kind() == NoticeKind::kChipStatusChanged) {
    const auto chip = ChipId::from_hex_text(notice.name);
    check.that(chip && chip->hex() == notice.name, "name", "is no chip's id");
  }
  check.time("at", notice.at);
  std::visit(check, notice.facts);
  return check.refusal();
}

}  // namespace chiploc
