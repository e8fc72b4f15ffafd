#include "server/notices/notice.hpp"

#include <set>

#include "tests/server/notices/notice_maker.hpp"

namespace chiploc::test {
namespace {

Notice opened() { return one_of_each().front(); }
template <class Change>
std::string refused(Change change) {
  Notice notice = opened();
  change(notice, std::get<CaseOpenedNotice>(notice.facts));
  return refusal_of(notice);
}

}  // namespace

TEST_CASE("notice: each kind has a name, and the name leads back", "[notices]") {
  std::set<std::string> seen;
  for (std::size_t number = 1; number <= kNoticeKinds; ++number) {
    const auto kind = static_cast<NoticeKind>(number);
    CHECK(notice_kind_of(name_of(kind)) == kind);
    CHECK(event_type_of(kind) == "org.chiploc." + std::string{name_of(kind)} + ".v1");
    CHECK(data_schema_of(kind) == "urn:chiploc:schema:" + std::string{name_of(kind)} + ":v1");
    seen.insert(event_type_of(kind));
    CHECK(one_of_each()[number - 1].kind() == kind);
  }
  CHECK(seen.size() == kNoticeKinds);
  CHECK(name_of(NoticeKind::kChipStatusChanged) == "chip.status_changed");
  CHECK(name_of(NoticeKind{0}).empty());
  CHECK(name_of(NoticeKind{10}).empty());
  CHECK_FALSE(notice_kind_of("case"));
  CHECK_FALSE(notice_kind_of(""));
}

TEST_CASE("notice: the subject says what it is about, and is the same for all changes of it", "[notices]") {
  std::vector<std::string> subjects;
  for (const Notice& notice : one_of_each()) subjects.push_back(subject_of(notice));
  const std::string chip = "chip/11111111111111111111111111111111";
  CHECK(subjects == std::vector<std::string>{"case/C-17", "case/C-17", "case/C-17", "case/C-17", "case/C-17",
                                             "order/O-0004", "order/O-0004", chip, "test/siem"});
}

TEST_CASE("notice: what the Act names is critical, the rest a warning", "[notices]") {
  for (const auto about : {NoticeSubject::kSpoofing, NoticeSubject::kBlocking, NoticeSubject::kMisleading,
                           NoticeSubject::kUnproven})
    CHECK(severity_of(about) == NoticeSeverity::kWarning);
  for (const auto about : {NoticeSubject::kElsewhere, NoticeSubject::kAnotherUser, NoticeSubject::kTampering})
    CHECK(severity_of(about) == NoticeSeverity::kCritical);
}

TEST_CASE("notice: the id follows from kind, name and change, and from nothing else", "[notices]") {
  const NoticeId id = id_of(opened());
  // Kept: receivers know these ids. SHA-256("chiploc notice v1" 01 0000000000000001 0000000000000004
  // "C-17").
  CHECK(id.hex() == "0dffa4a31c88056e589ba28ee8a7348c");
  Notice later = opened();
  later.at = noon(999);
  std::get<CaseOpenedNotice>(later.facts).facts.summary = "in other words";
  CHECK(id_of(later) == id);
  Notice other = opened();
  other.change = 2;
  CHECK(id_of(other) != id);
  other = opened();
  other.name += "0";
  CHECK(id_of(other) != id);
  other = opened();
  other.facts = CaseReopenedNotice{std::get<CaseOpenedNotice>(opened().facts).facts, "so"};
  CHECK(id_of(other) != id);
}

TEST_CASE("notice: different facts have different ids", "[notices][property]") {
  holds("ids differ", [] {
    const Notice a = any_notice();
    const Notice b = any_notice();
    const bool same = a.kind() == b.kind() && a.name == b.name && a.change == b.change;
    RC_ASSERT((id_of(a) == id_of(b)) == same);
  });
}

TEST_CASE("notice: what may be sent, and each reason why not", "[notices]") {
  for (const Notice& notice : every_word()) CHECK(refusal_of(notice).empty());
  CHECK(refusal_of(largest_notice()).empty());
  using N = Notice;
  using O = CaseOpenedNotice;
  CHECK(refused([](N& n, O&) { n.name.clear(); }) == "name is empty");
  CHECK(refused([](N& n, O&) { n.name.assign(201, 'x'); }) == "name has 201 bytes, and may have 200");
  CHECK(refused([](N& n, O&) { n.name = "a\nb"; }) == "name is no UTF-8 that can be shown");
  CHECK(refused([](N& n, O&) { n.name = "a\xff"; }) == "name is no UTF-8 that can be shown");
  CHECK(refused([](N& n, O&) { n.name = "a\u202e"; }) == "name is no UTF-8 that can be shown");
  CHECK(refused([](N& n, O&) { n.change = 0; }) == "change is 0; changes are counted from 1");
  CHECK(refused([](N& n, O&) { n.at = {Nanoseconds{-1}}; }) == "at is before 1970");
  CHECK(refused([](N& n, O&) { n.at = {Nanoseconds::max()}; }) == "at is after 2255");
  CHECK(refused([](N&, O& o) { o.due = WallTime{Nanoseconds{-1}}; }) == "due is before 1970");
  CHECK(refused([](N&, O& o) { o.facts.opened = {Nanoseconds{-1}}; }) == "opened is before 1970");
  CHECK(refused([](N&, O& o) { o.facts.about = NoticeSubject{7}; }) == "about is none that there is");
  CHECK(refused([](N&, O& o) { o.facts.licence.assign(201, 'x'); }) ==
        "licence has 201 bytes, and may have 200");
  CHECK(refused([](N&, O& o) { o.facts.licence.clear(); }).empty());
  CHECK(refused([](N&, O& o) { o.facts.chips.resize(65); }) == "chips has 65 entries, and may have 64");
  CHECK(refused([](N&, O& o) { o.facts.chips_count = 1; }) ==
        "chips_count is less than the chips that are named");
  CHECK(refused([](N&, O& o) { o.facts.chips_count = 1'000'000'000'001; }) ==
        "chips_count is more than JSON's readers count to");
  CHECK(refused([](N&, O& o) { o.facts.summary.clear(); }) == "summary is empty");
  CHECK(refused([](N&, O& o) { o.facts.summary.assign(601, 'x'); }) ==
        "summary has 601 bytes, and may have 600");
}

TEST_CASE("notice: each kind's own facts are held to their limits", "[notices]") {
  const auto all = one_of_each();
  const auto refused_with = [&](std::size_t i, auto change) {
    Notice notice = all[i];
    change(notice);
    return refusal_of(notice);
  };
  CHECK(refused_with(1, [](Notice& n) { std::get<CaseUpdatedNotice>(n.facts).change.clear(); }) ==
        "change is empty");
  CHECK(refused_with(1, [](Notice& n) { std::get<CaseUpdatedNotice>(n.facts).facts.summary.clear(); }) ==
        "summary is empty");
  CHECK(refused_with(2, [](Notice& n) { std::get<CaseDisputedNotice>(n.facts).until = {Nanoseconds{-1}}; }) ==
        "until is before 1970");
  CHECK(refused_with(2, [](Notice& n) { std::get<CaseDisputedNotice>(n.facts).facts.summary.clear(); }) ==
        "summary is empty");
  CHECK(refused_with(3, [](Notice& n) {
          std::get<CaseResolvedNotice>(n.facts).outcome = NoticeOutcome{5};
        }) == "outcome is none that there is");
  CHECK(refused_with(3, [](Notice& n) { std::get<CaseResolvedNotice>(n.facts).facts.summary.clear(); }) ==
        "summary is empty");
  CHECK(refused_with(4, [](Notice& n) { std::get<CaseReopenedNotice>(n.facts).why.clear(); }) ==
        "why is empty");
  CHECK(refused_with(4, [](Notice& n) { std::get<CaseReopenedNotice>(n.facts).facts.summary.clear(); }) ==
        "summary is empty");
  CHECK(refused_with(5, [](Notice& n) { std::get<OrderHeld>(n.facts).because_of.clear(); }).empty());
  CHECK(refused_with(5, [](Notice& n) { std::get<OrderHeld>(n.facts).facts.licence.clear(); }) ==
        "licence is empty");
  CHECK(refused_with(5, [](Notice& n) { std::get<OrderHeld>(n.facts).facts.chips_count = UINT64_MAX; }) ==
        "chips_count is more than JSON's readers count to");
  CHECK(refused_with(6, [](Notice& n) { std::get<OrderReleased>(n.facts).held = {Nanoseconds{-1}}; }) ==
        "held is before 1970");
  CHECK(refused_with(6, [](Notice& n) { std::get<OrderReleased>(n.facts).facts.summary.clear(); }) ==
        "summary is empty");
  CHECK(refused_with(7, [](Notice& n) { n.name = "SN-0007"; }) == "name is no chip's id");
  CHECK(refused_with(7, [](Notice& n) { n.name = std::string(32, 'A'); }) == "name is no chip's id");
  CHECK(refused_with(7, [](Notice& n) { std::get<ChipStatusChanged>(n.facts).why.clear(); }) ==
        "why is empty");
  CHECK(refused_with(7, [](Notice& n) { std::get<ChipStatusChanged>(n.facts).rests_on.resize(17); }) ==
        "rests_on has 17 entries, and may have 16");
  for (const bool from : {true, false}) {
    CHECK(refused_with(7, [&](Notice& n) {
            auto& facts = std::get<ChipStatusChanged>(n.facts);
            (from ? facts.from : facts.to) = ChipState{10};
          }) == "state is none that there is");
  }
  CHECK(refused_with(8, [](Notice& n) { std::get<NoticeTest>(n.facts).text.clear(); }) == "text is empty");
}

}  // namespace chiploc::test
