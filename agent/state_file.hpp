#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "agent/seams.hpp"

namespace chiploc {

/// Boot count and round counter in `state_dir/agent.state`, a text file of four lines whose last is a SHA-256
/// of the others. Each change is written to a new file, synced, renamed over the old one, and the folder
/// synced: a power cut leaves the old numbers or the new ones, never neither. A lock on `state_dir/lock`
/// keeps a second agent away, since two agents with one counter would look like a cloned key. One thread.
class StateFile final : public StateStore {
 public:
  /// Creates the folder (0700; its parent has to exist) and starts from zero if there is no file, then counts
  /// this boot. A damaged file is refused rather than started over: counters that fall make the coordinator
  /// call the chip's evidence invalid. Fails with a sentence that names the file and says what to do.
  [[nodiscard]] static Result<std::unique_ptr<StateFile>, std::string> open(
      const std::filesystem::path& state_dir);
  /// The same checks, but nothing is created, counted or locked.
  [[nodiscard]] static Result<Done, std::string> check(const std::filesystem::path& state_dir);
  ~StateFile() override;

  [[nodiscard]] std::uint64_t boot_count() const override { return boot_count_; }
  [[nodiscard]] std::uint64_t round_counter() const override { return round_counter_; }
  [[nodiscard]] Result<std::uint64_t, std::string> next_round_counter() override;

 private:
  explicit StateFile(std::filesystem::path folder) : folder_{std::move(folder)} {}
  [[nodiscard]] Result<Done, std::string> load();
  [[nodiscard]] Result<Done, std::string> store(std::uint64_t boot_count, std::uint64_t round_counter);
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "agent.state"; }

  std::filesystem::path folder_;
  int lock_ = -1;
  std::uint64_t boot_count_ = 0;
  std::uint64_t round_counter_ = 0;
};

}  // namespace chiploc
