#include "server/service/case_views.hpp"

#include "server/service/case_json.hpp"
#include "tests/server/cases/case_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

TEST_CASE("case views: every kind, state and end has a name in JSON that leads back", "[service][cases]") {
  for (std::size_t i = 0; i < kCaseKinds; ++i) {
    const auto kind = static_cast<CaseKind>(i);
    CaseDays days{kind};
    const v1::Case one = view_of(7, days.story(), hour(1), false);
    CHECK(case_kind_name(one.kind()) == name_of(kind));
    CHECK(case_kind_named(name_of(kind)) == one.kind());
  }
  for (const CaseState state : {CaseState::kOpen, CaseState::kDisputed, CaseState::kResolved})
    CHECK(case_state_name(case_state_named(name_of(state))) == name_of(state));
  for (std::size_t i = 0; i < kCaseEnds; ++i) {
    const std::string name{name_of(static_cast<CaseEnd>(i))};
    CHECK(case_end_name(case_end_named(name)) == name);
  }
  for (const OrderState state : {OrderState::kOpen, OrderState::kHold, OrderState::kLifted})
    CHECK(order_state_name(order_state_named(name_of(state))) == name_of(state));
  CHECK(case_kind_name(static_cast<v1::CaseKind>(99)) == "unknown");
  CHECK(case_kind_named("other") == v1::CASE_KIND_UNSPECIFIED);
}

TEST_CASE("case views: what persons wrote is sealed, what was decided is open", "[service][cases]") {
  const auto view = [](CaseEntryKind kind, const std::string& who) {
    CaseEntryRecord entry;
    entry.number = 1;
    entry.kind = static_cast<std::uint32_t>(kind);
    entry.who = who;
    entry.text = "words";
    return view_of(entry, false).value();
  };
  for (const CaseEntryKind kind :
       {CaseEntryKind::kComment, CaseEntryKind::kDisputed, CaseEntryKind::kEvidence, CaseEntryKind::kAssigned,
        CaseEntryKind::kUserStated}) {
    CHECK(view(kind, "ann").text().empty());
    CHECK(view(kind, "ann").said() == "words");
  }
  for (const CaseEntryKind kind :
       {CaseEntryKind::kResolved, CaseEntryKind::kDisputeEnded, CaseEntryKind::kReopened})
    CHECK(view(kind, "ann").text() == "words");
  CHECK(view(CaseEntryKind::kOpened, "").text() == "words");
  CHECK(view(CaseEntryKind::kWeighed, "").text().empty());
  CaseEntryRecord disputed;  // a registrar of nobody's holder may have written them: sealed for holders too
  disputed.kind = static_cast<std::uint32_t>(CaseEntryKind::kDisputed);
  disputed.who = "reg";
  disputed.text = "words";
  CHECK(view_of(disputed, true)->text().empty());
  CaseEntryRecord weighed;
  weighed.kind = static_cast<std::uint32_t>(CaseEntryKind::kWeighed);
  CHECK_FALSE(view_of(weighed, true));
  weighed.kind = 99;
  CHECK_FALSE(view_of(weighed, false));
}

TEST_CASE("case views: a case's JSON has every key, known or not", "[service][cases]") {
  CaseDays days{CaseKind::kElsewhere};
  days.accused(1, 1, 3);
  v1::Case one = view_of(7, days.story(), hour(2), false);
  add_details(days.story(), Registry{}, hour(2), false, one);
  google::protobuf::RepeatedPtrField<v1::CaseEntry> timeline;
  const Json out = json_of(one, timeline);
  CHECK(out.at("case") == "C-7");
  CHECK(out.at("kind") == "elsewhere");
  CHECK(out.at("assignee").is_null());
  CHECK(out.at("resolved_as").is_null());
  CHECK(out.at("chips_shown").size() == 2);
  CHECK(out.at("chips_shown").at(0).at("serial").is_null());
  CHECK(out.at("priority_reasons").size() == static_cast<std::size_t>(one.priority_reasons_size()));
  CHECK(json_of(v1::OrderHold{}).at("hold") == "unknown");
}

}  // namespace chiploc::test
