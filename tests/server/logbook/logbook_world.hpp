#pragma once
// A database whose log is begun, and a keeper of its log.

#include <fstream>

#include "proto/crypto/keys.hpp"
#include "server/evidence/log_audit.hpp"
#include "server/logbook/fact_leaf.hpp"
#include "server/logbook/log_keeper.hpp"
#include "tests/server/storage/fixture.hpp"

namespace chiploc::test {

inline constexpr const char* kLogName = "log.example/evidence";

struct LogWorld {
  Folder database{};
  std::unique_ptr<Store> store = database.open();
  std::unique_ptr<Signer> key = generate_key(SignatureAlgorithm::kEd25519);
  std::unique_ptr<StoreReader> reader{};
  std::filesystem::path folder = database.path() / "log";
  std::vector<std::string> told{};

  LogWorld() {
    REQUIRE(store->leaves().begin_log(id<Digest>(77), at(0)));
    auto opened = open_sqlite_reader(database.options());
    REQUIRE(opened);
    reader = std::move(*opened);
  }
  [[nodiscard]] LogOptions options() {
    LogOptions out;
    out.folder = folder;
    out.origin = kLogName;
    out.period = std::chrono::milliseconds{1};
    out.now = [] { return at(100); };
    out.told = [this](const std::string& problem) { told.push_back(problem); };
    return out;
  }
  [[nodiscard]] Result<std::unique_ptr<LogKeeper>, std::string> open() {
    return LogKeeper::open(options(), *key, *reader);
  }
  [[nodiscard]] std::unique_ptr<LogKeeper> opened() {
    auto keeper = open();
    INFO((keeper ? "" : keeper.error()));
    REQUIRE(keeper);
    return std::move(*keeper);
  }
  [[nodiscard]] NoteKey verifier_key() const {
    return NoteSigner::with_ed25519(kLogName, NoteSignatureType::kEd25519, *key)->key();
  }
  [[nodiscard]] LogFolder log() const {
    auto log = LogFolder::open(folder, verifier_key());
    INFO((log ? "" : log.error().text));
    REQUIRE(log);
    return std::move(*log);
  }
  /// All of the log's entries.
  [[nodiscard]] std::vector<std::string> entries() const {
    const LogFolder kept = log();
    std::vector<std::string> out;
    for (std::uint64_t i = 0; i < kept.size(); ++i) {
      const auto entry = kept.entry(i);
      REQUIRE(entry);
      out.emplace_back(entry->begin(), entry->end());
    }
    return out;
  }
};

}  // namespace chiploc::test
