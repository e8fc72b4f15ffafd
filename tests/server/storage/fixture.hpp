#pragma once
// A database in a folder of its own that goes away with the test.

#include <filesystem>
#include <memory>
#include <string>

#include "server/storage/sqlite/store.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

inline WallTime at(std::int64_t seconds) { return {std::chrono::seconds{1'790'000'000 + seconds}}; }

template <class SomeId>
SomeId id(std::uint64_t number) {
  SomeId out;
  for (std::size_t i = 0; i < 8; ++i) out.bytes[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  return out;
}
inline ByteVector blob(std::string_view text) { return {text.begin(), text.end()}; }

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "chiploc-storage-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] SqliteOptions options() const { return {(path_ / "chiploc.db").string(), 2'000, 0}; }
  [[nodiscard]] std::unique_ptr<Store> open() const {
    auto store = open_sqlite_store(options());
    INFO((store ? "" : store.error().text));
    REQUIRE(store);
    return std::move(*store);
  }
  [[nodiscard]] std::filesystem::path path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline RoundIntent intent(std::uint64_t round, std::uint64_t chip = 1, std::int64_t seconds = 0) {
  RoundIntent out;
  out.round = id<RoundId>(round);
  out.chip = id<ChipId>(chip);
  out.requested_by = "ada";
  out.requested_with = id<Digest>(21);
  out.intent = at(seconds);
  out.anchors = {{id<AnchorId>(11), "fra1", {1, 2, 3}}, {id<AnchorId>(12), "par1", {4, 5, 6}}};
  out.device_certificate = blob("der");
  out.coordinator_public = {7, 8, 9};
  out.certificate_standing = "revoked";
  out.certificate_problem = "certificate \"CN=chip\": certificate revoked";
  return out;
}
inline VerdictRecord verdict(std::uint64_t number, std::uint64_t round, std::uint64_t chip,
                             std::uint32_t state, std::int64_t seconds) {
  return {id<VerdictId>(number),
          id<RoundId>(round),
          id<ChipId>(chip),
          state,
          at(seconds),
          at(seconds + 86'400),
          blob("whole " + std::to_string(number)),
          blob("summary " + std::to_string(number))};
}
/// A finished round with its verdict; all numbers the same.
inline void add_verdict(Store& store, std::uint64_t number, std::uint64_t chip, std::uint32_t state,
                        std::int64_t seconds) {
  REQUIRE(store.rounds().log_intent(intent(number, chip, seconds)));
  REQUIRE(store.verdicts().finish_round(verdict(number, number, chip, state, seconds), std::nullopt));
}

}  // namespace chiploc::test
