// Who looked at what is sealed.
#include "proto/crypto/digest.hpp"
#include "tests/server/storage/conformance/backend.hpp"

namespace chiploc::test {
namespace {

AuditEntry look_of(const std::string& name, std::int64_t seconds, const std::string& subject = "SN-1") {
  AuditEntry out;
  out.number = 77;  // the store gives its own
  out.at = at(seconds);
  out.by = name;
  out.role = "regulator";
  out.issuer = "https://issuer.example";
  out.account = "u-1";
  out.method = "chiploc.v1.OperatorService.GetChip";
  out.subject = subject;
  out.reason = "case C-17";
  out.records = 3;
  return out;
}
std::vector<std::uint64_t> numbers(AuditReader& reader, const AuditQuery& query) {
  const auto entries = reader.audit_entries(query);
  REQUIRE(entries);
  std::vector<std::uint64_t> out;
  for (const AuditEntry& one : *entries) out.push_back(one.number);
  return out;
}

}  // namespace

TEST_CASE("audit: entries come back as they were noted, newest first", "[storage][conformance]") {
  const auto backend = each_backend();
  AuditEntry second = look_of("bob", 5);  // by a clock that went back
  second.by.certificate = sha256(bytes_of("certificate"));
  second.issuer = second.account = second.reason = "";
  {
    const auto store = backend->open();
    CHECK(numbers(store->audit(), {}).empty());
    CHECK(store->audit().note(look_of("ann", 10)).value() == 1);
    CHECK(store->audit().note(second).value() == 2);
  }
  const auto store = backend->open();
  const auto all = backend->open_reader()->audit().audit_entries({});
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  const AuditEntry &newest = (*all)[0], &first = (*all)[1];
  CHECK(newest.number == 2);
  CHECK(newest.by.name == "bob");
  CHECK(newest.by.certificate == sha256(bytes_of("certificate")));
  CHECK(newest.issuer.empty());
  CHECK(newest.reason.empty());
  CHECK(first.number == 1);
  CHECK(first.at == at(10));
  CHECK(first.by.name == "ann");
  CHECK_FALSE(first.by.certificate);
  CHECK(first.role == "regulator");
  CHECK(first.issuer == "https://issuer.example");
  CHECK(first.account == "u-1");
  CHECK(first.method == "chiploc.v1.OperatorService.GetChip");
  CHECK(first.subject == "SN-1");
  CHECK(first.reason == "case C-17");
  CHECK(first.records == 3);
}

TEST_CASE("audit: pages by number, of one person, since a time", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->begin_batch());
  for (int i = 1; i <= 1'100; ++i) REQUIRE(store->audit().note(look_of(i % 100 == 0 ? "bob" : "ann", i)));
  REQUIRE(store->commit_batch());
  AuditReader& audit = store->audit();
  CHECK(numbers(audit, {.limit = 3}) == std::vector<std::uint64_t>{1'100, 1'099, 1'098});
  CHECK(numbers(audit, {.before = 1'098, .limit = 2}) == std::vector<std::uint64_t>{1'097, 1'096});
  CHECK(numbers(audit, {.before = 1}).empty());
  CHECK(numbers(audit, {.before = UINT64_MAX, .limit = 1}) == std::vector<std::uint64_t>{1'100});
  CHECK(numbers(audit, {.limit = 5'000}).size() == 1'000);
  CHECK(numbers(audit, {.limit = 0}).empty());
  CHECK(numbers(audit, {.name = "bob", .limit = 2}) == std::vector<std::uint64_t>{1'100, 1'000});
  CHECK(numbers(audit, {.name = "bob", .before = 1'000}).size() == 9);
  CHECK(numbers(audit, {.name = "eve"}).empty());
  CHECK(numbers(audit, {.since = at(1'099)}) == std::vector<std::uint64_t>{1'100, 1'099});
  CHECK(numbers(audit, {.name = "bob", .since = at(1'099)}) == std::vector<std::uint64_t>{1'100});
}

TEST_CASE("audit: what says nothing or too much is refused, and one of a batch that is undone is not there",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const auto refused = [&](const std::function<void(AuditEntry&)>& change) {
    AuditEntry entry = look_of("ann", 1);
    change(entry);
    const auto noted = store->audit().note(entry);
    return !noted && noted.error().code == StoreFaultCode::kInvalid;
  };
  CHECK(refused([](AuditEntry& entry) { entry.by = ""; }));
  CHECK(refused([](AuditEntry& entry) { entry.role = ""; }));
  CHECK(refused([](AuditEntry& entry) { entry.method = ""; }));
  CHECK(refused([](AuditEntry& entry) { entry.account = ""; }));
  CHECK(refused([](AuditEntry& entry) { entry.reason.assign(kAuditTextMax + 1, 'r'); }));
  CHECK(refused([](AuditEntry& entry) { entry.subject.assign(kAuditTextMax + 1, 's'); }));
  CHECK(refused([](AuditEntry& entry) { entry.by = std::string(kAuditNameMax + 1, 'n'); }));
  CHECK_FALSE(refused([](AuditEntry& entry) { entry.reason.assign(kAuditTextMax, 'r'); }));
  REQUIRE(store->begin_batch());
  CHECK(store->audit().note(look_of("ann", 2)).value() == 2);
  store->roll_back_batch();
  CHECK(numbers(store->audit(), {}) == std::vector<std::uint64_t>{1});
}

}  // namespace chiploc::test
