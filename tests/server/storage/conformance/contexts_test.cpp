// What a round is judged with, kept with its intent.
#include "proto/crypto/digest.hpp"
#include "tests/server/storage/conformance/backend.hpp"

namespace chiploc::test {
namespace {

KeptArea area_of(const std::string& geojson) { return {sha256(bytes_of(geojson)), geojson}; }
KeptCalibration calibration_of(std::string_view text) { return {sha256(bytes_of(text)), blob(text)}; }

}  // namespace

TEST_CASE("contexts: a round's comes back to the byte, with what it names by digest",
          "[storage][conformance]") {
  const auto backend = each_backend();
  RoundIntent began = intent(1);
  began.context = {0, 0xFF, 7, 0};
  began.areas = {area_of("campus"), area_of("island")};
  began.calibration = calibration_of("line");
  REQUIRE(backend->open()->rounds().log_intent(began));
  const auto store = backend->open();
  CHECK(store->rounds().context(id<RoundId>(1)).value() == began.context);
  CHECK(store->rounds().evidence(id<RoundId>(1)).value()->intent.context == began.context);
  CHECK(store->rounds().area(began.areas[1].sha256).value() == "island");
  CHECK(store->rounds().calibration(began.calibration->sha256).value() == blob("line"));
  CHECK(store->rounds().open_rounds()->front().intent.context.empty());
  CHECK(backend->open_reader()->rounds().area(began.areas[0].sha256).value() == "campus");
}

TEST_CASE("contexts: a round without one, and one that was never begun, have none",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  for (const std::uint64_t round : {1U, 2U}) {
    const auto context = store->rounds().context(id<RoundId>(round));
    REQUIRE(context);
    CHECK_FALSE(*context);
  }
  CHECK(store->rounds().evidence(id<RoundId>(1)).value()->intent.context.empty());
  CHECK_FALSE(store->rounds().area(id<Digest>(1)).value());
  CHECK_FALSE(store->rounds().calibration(id<Digest>(1)).value());
}

TEST_CASE("contexts: what many rounds name is kept once, and the first stays", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    RoundIntent began = intent(i);
    began.context = blob("context " + std::to_string(i));
    began.areas = {area_of("campus"), area_of("campus")};
    began.calibration = calibration_of("line");
    REQUIRE(store->rounds().log_intent(began));
  }
  CHECK(store->rounds().context(id<RoundId>(2)).value() == blob("context 2"));
  CHECK(store->rounds().area(area_of("campus").sha256).value() == "campus");
}

TEST_CASE("contexts: an area or calibration under another's digest is refused, and its round with it",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  RoundIntent began = intent(1);
  began.context = blob("context");
  if (GENERATE(false, true)) {
    began.areas = {area_of("campus"), {area_of("island").sha256, "not the island"}};
  } else {
    began.calibration = calibration_of("line");
    began.calibration->bytes[0] ^= 1;
  }
  CHECK(store->rounds().log_intent(began).error().code == StoreFaultCode::kInvalid);
  CHECK_FALSE(*store->rounds().evidence(id<RoundId>(1)));
  CHECK_FALSE(store->rounds().area(area_of("campus").sha256).value());
  CHECK(store->verdicts().standings(std::array{id<ChipId>(1)})->front().rounds == 0);
  CHECK(store->rounds().log_intent(intent(1)));  // the id is free again
}

TEST_CASE("contexts: a round that is refused leaves nothing that it named", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const bool batched = GENERATE(false, true);
  REQUIRE(store->rounds().log_intent(intent(1)));
  RoundIntent again = intent(1);
  again.context = blob("context");
  again.areas = {area_of("campus")};
  if (batched) REQUIRE(store->begin_batch());
  CHECK(store->rounds().log_intent(again).error().code == StoreFaultCode::kConflict);
  if (batched) REQUIRE(store->commit_batch());
  CHECK_FALSE(store->rounds().context(id<RoundId>(1)).value());
  CHECK_FALSE(store->rounds().area(area_of("campus").sha256).value());
}

TEST_CASE("verdicts: what their bytes are comes back with them", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint64_t i = 1; i <= 2; ++i) {
    REQUIRE(store->rounds().log_intent(intent(i)));
    VerdictRecord record = verdict(i, i, 1, 1, static_cast<std::int64_t>(i));
    record.format = static_cast<std::uint32_t>(i - 1);
    REQUIRE(store->verdicts().finish_round(record, std::nullopt));
  }
  CHECK(store->verdicts().verdict(id<VerdictId>(1)).value()->format == 0);
  CHECK(store->verdicts().verdict(id<VerdictId>(2)).value()->format == 1);
  CHECK(store->verdicts().newest_verdict(id<ChipId>(1)).value()->format == 1);
  CHECK(store->rounds().evidence(id<RoundId>(1)).value()->verdict_format == 0);
  CHECK(store->rounds().evidence(id<RoundId>(2)).value()->verdict_format == 1);
}

}  // namespace chiploc::test
