#include "server/anchor/spool.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

#include "proto/base/free_space.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

constexpr std::uint32_t kRecordMagic = 0x434C5350;  // "CLSP"
constexpr std::uint8_t kMessage = 1;
constexpr std::uint8_t kAcknowledged = 2;
constexpr std::size_t kRecordHead = 4 + 4 + 8 + 4;  // magic | kind, zeros | id | size
constexpr std::size_t kChecksum = 8;                // of SHA-256 over head and payload
/// Ids promised to the disk at once: at 10,000 messages a second one rename in 100 seconds.
constexpr std::uint64_t kIdBlock = 1'000'000;
/// What lies above can only be damage: at 10,000 messages a second this many ids last 14 million years.
constexpr std::uint64_t kIdMax = std::uint64_t{1} << 62U;

std::string because(const std::filesystem::path& file, const char* what) {
  const int error = errno;
  return file.string() + ": " + what + ": " + std::strerror(error) + write_remedy(error, file);
}

bool write_all(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

bool read_all(int fd, std::uint64_t offset, MutableBytes out) {
  while (!out.empty()) {
    const ssize_t n = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    offset += static_cast<std::uint64_t>(n);
    out = out.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

bool sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  errno = error;
  return synced;
}

std::optional<std::uint64_t> read_number(const std::filesystem::path& file, bool& there) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  there = fd >= 0 || errno != ENOENT;
  if (fd < 0) return std::nullopt;
  char text[32] = {};
  const ssize_t n = ::read(fd, text, sizeof text);
  ::close(fd);
  if (n <= 0) return std::nullopt;
  std::uint64_t value = 0;
  const char* const end = text + n;
  const auto [stop, failed] = std::from_chars(text, end, value);
  if (failed != std::errc{} || value > kIdMax || std::string_view(stop, end) != "\n") return std::nullopt;
  return value;
}

}  // namespace

struct Spool::Segment {
  std::filesystem::path file;
  int fd = -1;
  std::uint64_t size = 0;
  std::size_t live = 0;
  ~Segment() {
    if (fd >= 0) ::close(fd);
  }
};

Spool::Spool(SpoolOptions options, int lock) : options_{std::move(options)}, lock_{lock} {}
Spool::~Spool() { ::close(lock_); }

Result<std::unique_ptr<Spool>, std::string> Spool::open(const SpoolOptions& options, WallTime now,
                                                        const Warn& warn) {
  std::error_code failed;
  std::filesystem::create_directories(options.folder, failed);
  if (failed) {
    errno = failed.value();
    return Fail{because(options.folder, "cannot be made")};
  }
  const auto lock_file = options.folder / "lock";
  const int lock = ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return Fail{because(lock_file, "cannot be opened")};
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return Fail{lock_file.string() +
                ": another process uses this folder; give each anchor its own state_dir"};
  }
  std::unique_ptr<Spool> spool{new Spool{options, lock}};

  const auto id_file = options.folder / "next-id";
  bool there = false;
  const auto reserved = read_number(id_file, there);
  if (there && !reserved) {
    return Fail{id_file.string() +
                ": holds no number; write one above every id this anchor ever used, or delete the file: ids "
                "then start at the clock's microseconds"};
  }
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.since_epoch).count();
  spool->next_id_ = std::max({std::uint64_t{1}, reserved.value_or(0),
                              static_cast<std::uint64_t>(std::max<std::int64_t>(0, micros))});

  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{options.folder, failed}) {
    if (entry.path().extension() == ".seg") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) spool->load(file, warn);
  std::vector<Segment*> loaded;
  for (const auto& [file, segment] : spool->segments_) loaded.push_back(segment.get());
  for (Segment* segment : loaded) spool->delete_if_empty(*segment);
  if (const auto done = spool->reserve_ids(spool->next_id_); !done) return Fail{done.error()};
  return spool;
}

void Spool::load(const std::filesystem::path& file, const Warn& warn) {
  auto made = std::make_unique<Segment>();
  Segment& segment = *made;
  segment.file = file;
  segment.fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (segment.fd < 0 || ::fstat(segment.fd, &info) != 0) {
    warn("spool.unreadable file=" + file.string() + " reason=\"" + std::strerror(errno) + "\"");
    return;
  }
  segment.size = static_cast<std::uint64_t>(info.st_size);
  segments_.emplace(file, std::move(made));

  ByteVector record;
  std::uint64_t at = 0;
  while (at < segment.size) {
    record.resize(kRecordHead);
    bool good = segment.size - at >= kRecordHead + kChecksum && read_all(segment.fd, at, record);
    ByteReader head{record};
    const std::uint32_t magic = head.u32();
    const std::uint32_t kind = head.u32() >> 24U;
    const std::uint64_t id = head.u64();
    const std::uint32_t size = head.u32();
    good = good && magic == kRecordMagic && id < kIdMax && size <= kMessageMax &&
           segment.size - at - kRecordHead - kChecksum >= size;
    if (good) {
      record.resize(kRecordHead + size + kChecksum);
      good = read_all(segment.fd, at, record);
      const Bytes all{record};
      good = good && same_bytes(all.last(kChecksum),
                                Bytes{sha256(all.first(kRecordHead + size)).bytes}.first(kChecksum));
    }
    if (!good) {
      warn("spool.damaged file=" + file.string() + " offset=" + std::to_string(at) +
           " bytes_ignored=" + std::to_string(segment.size - at));
      break;
    }
    next_id_ = std::max(next_id_, id + 1);
    if (kind == kMessage) {
      if (index_.emplace(id, Place{&segment, at + kRecordHead, size}).second) ++segment.live;
    } else if (const auto found = index_.find(id); found != index_.end()) {
      --found->second.segment->live;
      index_.erase(found);
    }
    at += record.size();
  }
}

Result<Done, std::string> Spool::reserve_ids(std::uint64_t from) {
  const auto file = options_.folder / "next-id";
  const auto temporary = options_.folder / "next-id.tmp";
  const std::uint64_t until = from + kIdBlock;
  const std::string text = std::to_string(until) + "\n";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return Fail{because(temporary, "cannot be written")};
  const bool written = write_all(fd, bytes_of(text)) && ::fsync(fd) == 0;
  ::close(fd);
  if (!written || ::rename(temporary.c_str(), file.c_str()) != 0)
    return Fail{because(file, "cannot be written")};
  if (!sync_folder(options_.folder)) return Fail{because(options_.folder, "cannot be made durable")};
  reserved_until_ = until;
  return Done{};
}

Result<Done, std::string> Spool::new_segment() {
  if (next_id_ >= reserved_until_) {
    if (const auto done = reserve_ids(next_id_); !done) return Fail{done.error()};
  }
  char name[40] = {};
  std::snprintf(name, sizeof name, "spool-%016llx.seg", static_cast<unsigned long long>(next_id_));
  ++next_id_;  // a number of its own: a segment may hold nothing but acknowledgements
  auto made = std::make_unique<Segment>();
  made->file = options_.folder / name;
  made->fd = ::open(made->file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (made->fd < 0) return Fail{because(made->file, "cannot be created")};
  Segment* const old = active_;
  active_ = made.get();
  segments_.emplace(made->file, std::move(made));
  folder_dirty_ = true;
  if (old != nullptr) {
    if (::fdatasync(old->fd) != 0) suspect_ = true;
    delete_if_empty(*old);
  }
  return Done{};
}

Result<Done, std::string> Spool::ready_to_write() {
  if (active_ == nullptr || active_->size >= options_.segment_bytes) {
    if (const auto done = new_segment(); !done) return Fail{done.error()};
  }
  return next_id_ < reserved_until_ ? Result<Done, std::string>{Done{}} : reserve_ids(next_id_);
}

Result<std::uint64_t, std::string> Spool::write_record(std::uint8_t kind, std::uint64_t id, Bytes payload) {
  ByteVector record(kRecordHead + payload.size() + kChecksum);
  ByteWriter out{record};
  out.u32(kRecordMagic);
  out.u8(kind);
  out.zeros(3);
  out.u64(id);
  out.u32(static_cast<std::uint32_t>(payload.size()));
  out.bytes(payload);
  out.bytes(Bytes{sha256(out.written()).bytes}.first(kChecksum));
  const std::uint64_t offset = active_->size + kRecordHead;
  if (!write_all(active_->fd, record)) {
    // Part of a record may be in the file: cut it off, or leave the file if even that fails.
    const std::string reason = because(active_->file, "cannot be written");
    if (::ftruncate(active_->fd, static_cast<off_t>(active_->size)) != 0) {
      active_ = nullptr;
      suspect_ = true;
    }
    return Fail{reason};
  }
  active_->size += record.size();
  return offset;
}

Result<std::uint64_t, std::string> Spool::append(Bytes payload, SpoolPriority priority) {
  const std::size_t room = priority == SpoolPriority::kEvidence ? options_.messages : options_.messages / 2;
  const auto refuse = [this](std::string reason) {
    ++dropped_;
    return Fail{std::move(reason)};
  };
  if (payload.size() > kMessageMax)
    return refuse("a message of " + std::to_string(payload.size()) + " bytes: too large");
  if (index_.size() >= room) {
    return refuse("the spool is full (" + std::to_string(index_.size()) +
                  " messages): is the coordinator away?");
  }
  if (const auto done = ready_to_write(); !done) return refuse(done.error());
  const std::uint64_t id = next_id_++;
  const auto offset = write_record(kMessage, id, payload);
  if (!offset) return refuse(offset.error());
  index_.emplace(id, Place{active_, *offset, static_cast<std::uint32_t>(payload.size())});
  ++active_->live;
  unsynced_.push_back(id);
  return id;
}

Result<Done, std::string> Spool::sync() {
  if (suspect_) {
    if (const auto done = write_again(); !done) return done;
  }
  if (active_ != nullptr && ::fdatasync(active_->fd) != 0) {
    suspect_ = true;
    return Fail{because(active_->file, "cannot be made durable")};
  }
  if (folder_dirty_ && !sync_folder(options_.folder)) {
    return Fail{because(options_.folder, "cannot be made durable")};
  }
  folder_dirty_ = false;
  suspect_ = false;
  unsynced_.clear();
  return Done{};
}

// After a failed fdatasync Linux calls the pages clean: the next one would succeed and write nothing
// ("fsyncgate", PostgreSQL, 2018). So what is not known to be on the disk goes into a file that never failed.
Result<Done, std::string> Spool::write_again() {
  Segment* const before = active_;
  if (const auto done = new_segment(); !done) return done;
  std::vector<Segment*> left;
  if (before != nullptr) left.push_back(before);
  for (const std::uint64_t id : unsynced_) {
    const auto found = index_.find(id);
    if (found == index_.end() || found->second.segment == active_) continue;
    Place& place = found->second;
    ByteVector payload(place.size);
    if (!read_all(place.segment->fd, place.offset, payload)) continue;  // read() will drop and count it
    const auto offset = write_record(kMessage, id, payload);
    if (!offset) return Fail{offset.error()};
    --place.segment->live;
    left.push_back(place.segment);
    place.segment = active_;
    place.offset = *offset;
    ++active_->live;
  }
  std::sort(left.begin(), left.end());
  left.erase(std::unique(left.begin(), left.end()), left.end());
  for (Segment* segment : left) delete_if_empty(*segment);
  return Done{};
}

void Spool::acknowledge(std::uint64_t id) {
  const auto found = index_.find(id);
  if (found == index_.end()) return;
  // If this record is lost the message is delivered again, which harms nobody.
  if (ready_to_write()) (void)write_record(kAcknowledged, id, {});
  forget(found);
}

void Spool::forget(std::map<std::uint64_t, Place>::iterator message) {
  Segment& segment = *message->second.segment;
  index_.erase(message);
  --segment.live;
  delete_if_empty(segment);
}

void Spool::delete_if_empty(Segment& segment) {
  if (segment.live != 0 || &segment == active_) return;
  std::error_code ignored;
  std::filesystem::remove(segment.file, ignored);
  segments_.erase(std::filesystem::path{segment.file});
}

std::vector<SpoolEntry> Spool::read(std::uint64_t after, std::size_t count) {
  std::vector<SpoolEntry> out;
  for (auto at = index_.upper_bound(after); at != index_.end() && out.size() < count;) {
    SpoolEntry entry{at->first, ByteVector(at->second.size)};
    if (!read_all(at->second.segment->fd, at->second.offset, entry.payload)) {
      ++dropped_;
      forget(at++);
      continue;
    }
    out.push_back(std::move(entry));
    ++at;
  }
  return out;
}

}  // namespace chiploc
