#include "server/cases/case_queue.hpp"

#include "tests/server/cases/case_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

CaseStory story_of(CaseKind kind, const std::string& order, double opened, unsigned chips = 1) {
  CaseStory story = begin_case({{kind, order, "", "campus"}, 1}, "L-" + order, hour(opened));
  for (unsigned n = 0; n < chips; ++n)
    apply(story, {hour(opened), ChipAccused{case_chip(n), ChipState::kDrifted, {}, "Not there."}}, {});
  return story;
}

std::string orders_of(const std::vector<QueuedCase>& queue) {
  std::string out;
  for (const QueuedCase& queued : queue) out += queued.story->ref.key.order + " ";
  return out;
}

TEST_CASE("queue: the most urgent first, of equals the one that waits longest") {
  const CaseStory a = story_of(CaseKind::kElsewhere, "A", 5), b = story_of(CaseKind::kElsewhere, "B", 3),
                  c = story_of(CaseKind::kUnproven, "C", 1), d = story_of(CaseKind::kTampering, "D", 9),
                  e = story_of(CaseKind::kElsewhere, "E", 3), f = story_of(CaseKind::kElsewhere, "F", 20, 40);
  const auto queue = work_queue({&a, &e, &c, &b, &f, &d}, {}, hour(20));
  CHECK(orders_of(queue) == "F D B E A C ");
  CHECK(queue.front().priority == priority_of(f, hour(20)));
}

TEST_CASE("queue: a filter takes what fits in all that it states") {
  CaseStory a = story_of(CaseKind::kElsewhere, "A", 1), b = story_of(CaseKind::kUnproven, "B", 2),
            c = story_of(CaseKind::kTampering, "C", 3);
  apply(b, {hour(3), CaseAssigned{"Ann", "Bob"}}, {});
  apply(c, {hour(3), CaseDisputed{"Op", "No.", {}, false}}, {});
  c.ref.key.site = "north";
  const auto taken = [&](const CaseFilter& filter) {
    return orders_of(work_queue({&a, &b, &c}, filter, hour(4)));
  };
  CHECK(taken({}) == "C A B ");
  CHECK(taken({.kinds = {CaseKind::kUnproven, CaseKind::kTampering}}) == "C B ");
  CHECK(taken({.states = {CaseState::kDisputed}}) == "C ");
  CHECK(taken({.states = {CaseState::kResolved}}).empty());
  CHECK(taken({.assignee = "Bob"}) == "B ");
  CHECK(taken({.assignee = ""}) == "C A ");
  CHECK(taken({.order = "B"}) == "B ");
  CHECK(taken({.licence = "L-A"}) == "A ");
  CHECK(taken({.site = "north"}) == "C ");
  CHECK(taken({.priority_least = 32}) == "C A ");
  CHECK(taken({.priority_least = 33}) == "C ");
  CHECK(taken({.opened_from = hour(2)}) == "C B ");
  CHECK(taken({.opened_before = hour(2)}) == "A ");
  CHECK(taken({.kinds = {CaseKind::kUnproven}, .site = "north"}).empty());
  CHECK(fits({.order = "A", .priority_least = 32}, a, hour(4)));
  CHECK(!fits({.order = "A", .priority_least = 33}, a, hour(4)));
  CHECK(!fits({.order = "B"}, a, hour(4)));
}

}  // namespace
}  // namespace chiploc
