#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"

namespace chiploc {

struct SpoolOptions {
  std::filesystem::path folder;
  /// Messages kept at once. At some 3 kB a report this is 300 MB, and hours of an absent coordinator.
  std::size_t messages = 100'000;
  /// A segment is closed at this size; it is deleted when all its messages are acknowledged.
  std::size_t segment_bytes = 8U << 20U;
};

enum class SpoolPriority : std::uint8_t {
  kEvidence,  ///< reports, statements, knock proofs: may use the whole spool
  kRoutine,   ///< the mesh: may use half, so that a long absence of the coordinator never crowds out evidence
};

struct SpoolEntry {
  std::uint64_t id = 0;
  ByteVector payload;
};

/// Messages on disk until they are acknowledged. Append-only segments, records with checksums;
/// acknowledgements are records too, so a restart redelivers little. One thread; every call may block on the
/// disk.
///
/// Ids        Grow for ever, also over restarts, crashes and a folder that was deleted: they start at the
///            highest of the block reserved on disk (`next-id`, replaced by rename), the ids in the segments,
///            and the wall clock in microseconds at open().
/// Durability append() writes, sync() makes durable (fdatasync; the folder too when a segment is new). The
///            caller syncs once for a batch and sends nothing before. Acknowledgements are not synced: a lost
///            one costs a second delivery, which the coordinator recognises by its id.
/// Full       A full spool refuses the newest: the older messages are evidence of rounds that were run, and
///            while the coordinator is away no new rounds begin. Each refusal is counted.
/// Damage     A record that does not check out ends its segment: what follows in that file is left out, with
///            one log line that names file, offset and size. Nothing is ever appended to an old segment.
class Spool {
 public:
  /// Tells what open() had to leave out. One line, `spool.event key=value`.
  using Warn = std::function<void(const std::string& line)>;
  /// Fails with a sentence: folder cannot be made or is locked by another process, id file unreadable.
  [[nodiscard]] static Result<std::unique_ptr<Spool>, std::string> open(const SpoolOptions& options,
                                                                        WallTime now, const Warn& warn);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// The message's id. Fails with a sentence (full, disk error, larger than kMessageMax); the message is then
  /// lost and counted.
  [[nodiscard]] Result<std::uint64_t, std::string> append(Bytes payload, SpoolPriority priority);
  /// On a failure nothing is lost: the messages stay readable, and the next call writes them to a new file.
  [[nodiscard]] Result<Done, std::string> sync();
  /// Forgets the message. Unknown ids are ignored: an acknowledgement may come twice.
  void acknowledge(std::uint64_t id);
  /// Up to `count` messages with ids above `after`, in order. One that cannot be read back is dropped and
  /// counted.
  [[nodiscard]] std::vector<SpoolEntry> read(std::uint64_t after, std::size_t count);

  [[nodiscard]] std::size_t size() const { return index_.size(); }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  static constexpr std::size_t kMessageMax = 1U << 20U;

 private:
  struct Segment;
  struct Place {
    Segment* segment = nullptr;
    std::uint64_t offset = 0;  ///< of the payload
    std::uint32_t size = 0;
  };
  Spool(SpoolOptions options, int lock);
  void load(const std::filesystem::path& file, const Warn& warn);
  [[nodiscard]] Result<Done, std::string> reserve_ids(std::uint64_t from);
  [[nodiscard]] Result<Done, std::string> new_segment();
  [[nodiscard]] Result<Done, std::string> ready_to_write();
  [[nodiscard]] Result<std::uint64_t, std::string> write_record(std::uint8_t kind, std::uint64_t id,
                                                                Bytes payload);
  [[nodiscard]] Result<Done, std::string> write_again();
  void forget(std::map<std::uint64_t, Place>::iterator message);
  void delete_if_empty(Segment& segment);

  SpoolOptions options_;
  int lock_;
  std::uint64_t next_id_ = 1;
  std::uint64_t reserved_until_ = 0;
  std::uint64_t dropped_ = 0;
  std::map<std::filesystem::path, std::unique_ptr<Segment>> segments_;
  Segment* active_ = nullptr;
  bool folder_dirty_ = false;
  bool suspect_ = false;  ///< a write or sync failed: what is unsynced may be in no file
  std::vector<std::uint64_t> unsynced_;
  std::map<std::uint64_t, Place> index_;
};

}  // namespace chiploc
