// Policies that were put in force.
#include "proto/crypto/digest.hpp"
#include "tests/server/storage/conformance/backend.hpp"

namespace chiploc::test {
namespace {

PolicyActivation policy_of(const std::string& toml, std::int64_t seconds) {
  return {.number = 77,  // the store gives its own
          .at = at(seconds),
          .by = {"ada", sha256(bytes_of("certificate"))},
          .reason = "since ticket 4711",
          .sha256 = sha256(bytes_of(toml)),
          .toml = toml};
}

}  // namespace

TEST_CASE("policies: numbered as they come, to the byte, newest first", "[storage][conformance]") {
  const auto backend = each_backend();
  const std::string text = "# strict\n[policy]\r\nfaults = 2  # two\n";
  {
    const auto store = backend->open();
    CHECK(store->policies().policies(10)->empty());
    CHECK(store->policies().activate(policy_of(text, 10))->number == 1);
    PolicyActivation second = policy_of("[policy]\n", 5);  // by a clock that went back
    second.by = "nobody's certificate";
    const auto kept = store->policies().activate(second);
    REQUIRE(kept);
    CHECK(kept->number == 2);
    CHECK(kept->toml == second.toml);
  }
  const auto store = backend->open();
  const auto all = backend->open_reader()->policies().policies(10);
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK((*all)[0].number == 2);
  CHECK_FALSE((*all)[0].by.certificate);
  const PolicyActivation& first = (*all)[1];
  CHECK(first.number == 1);
  CHECK(first.toml == text);
  CHECK(first.at == at(10));
  CHECK(first.by.name == "ada");
  CHECK(first.by.certificate == sha256(bytes_of("certificate")));
  CHECK(first.reason == "since ticket 4711");
  CHECK(first.sha256 == sha256(bytes_of(text)));
  REQUIRE(store->policies().policies(1)->size() == 1);
  CHECK(store->policies().policies(1)->front().number == 2);
}

TEST_CASE("policies: a text that is too long is refused, and one of a batch that is undone is not there",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  CHECK(store->policies().activate(policy_of(std::string((64U << 10U) + 1, '#'), 1)).error().code ==
        StoreFaultCode::kInvalid);
  CHECK(store->policies().activate(policy_of(std::string(64U << 10U, '#'), 1)));
  REQUIRE(store->begin_batch());
  CHECK(store->policies().activate(policy_of("[policy]\n", 2))->number == 2);
  store->roll_back_batch();
  CHECK(store->policies().policies(10)->size() == 1);
}

}  // namespace chiploc::test
