#pragma once
// A real log on disk, what it would show a witness, and what a liar with its key would.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "proto/crypto/keys.hpp"
#include "server/evidence/log_folder.hpp"
#include "server/evidence/witness.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {

inline constexpr std::int64_t kWitnessNow = 1'796'126'400;

/// Two logs with other entries from number 8 on can have one key and one name: a fork.
class WitnessedLog {
 public:
  explicit WitnessedLog(std::string name = "log.example", std::shared_ptr<SoftwareKey> key = {},
                        std::string entries = "entry ")
      : key_{key ? std::move(key) : std::shared_ptr<SoftwareKey>{generate_key(SignatureAlgorithm::kEd25519)}},
        signer_{NoteSigner::with_ed25519(std::move(name), NoteSignatureType::kEd25519, *key_).value()},
        entries_{std::move(entries)},
        files_{LogFolder::create(top_ / "log", signer_, kWitnessNow).value()} {}
  /// The same name and key, another history from entry 8 on.
  [[nodiscard]] std::unique_ptr<WitnessedLog> forked() const {
    return std::make_unique<WitnessedLog>(signer_.key().name, key_, "other ");
  }
  [[nodiscard]] const NoteKey& key() const { return signer_.key(); }
  [[nodiscard]] const NoteSigner& signer() const { return signer_; }
  [[nodiscard]] LogFolder& files() { return files_; }

  /// Grows to `size`, and says what a witness is shown that has cosigned `old`.
  [[nodiscard]] Submission shown(std::uint64_t old, std::uint64_t size) {
    std::vector<ByteVector> more;
    for (std::uint64_t i = files_.size(); i < size; ++i) {
      const std::string text = (i < 8 ? std::string{"entry "} : entries_) + std::to_string(i);
      more.emplace_back(text.begin(), text.end());
    }
    REQUIRE(files_.append(more, signer_, kWitnessNow));
    REQUIRE(files_.size() == size);
    Submission out{old, {}, files_.head()};
    if (old <= size) out.proof = files_.prove_growth(old).value();
    return out;
  }

 private:
  TempDir top_;
  std::shared_ptr<SoftwareKey> key_;
  NoteSigner signer_;
  std::string entries_;
  LogFolder files_;
};

/// A witness's key and signer.
struct WitnessKey {
  explicit WitnessKey(const std::string& name = "witness.example/w1")
      : signer{NoteSigner::with_ed25519(name, NoteSignatureType::kCosignature, *key).value()} {}
  std::unique_ptr<SoftwareKey> key = generate_key(SignatureAlgorithm::kEd25519);
  NoteSigner signer;
};

}  // namespace chiploc::test
