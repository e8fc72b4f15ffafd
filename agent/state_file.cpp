#include "agent/state_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>
#include <string_view>

#include "proto/base/free_space.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kTitle = "chiploc agent state 1\n";
constexpr std::size_t kSizeMax = 512;

std::string system_error(const std::filesystem::path& path, std::string_view verb) {
  const int error = errno;
  std::string text = path.string() + ": cannot " + std::string{verb} + ": " + std::strerror(error);
  text += write_remedy(error, path);
  if (error == EIO) text += "; the disk fails, look at it";
  return text;
}

std::string text_of_state(std::uint64_t boot_count, std::uint64_t round_counter) {
  std::string text{kTitle};
  text +=
      "boot_count " + std::to_string(boot_count) + "\nround_counter " + std::to_string(round_counter) + "\n";
  return text + "sha256 " + sha256(bytes_of(text)).hex() + "\n";
}

bool take(std::string_view& text, std::string_view expected) {
  if (text.substr(0, expected.size()) != expected) return false;
  text.remove_prefix(expected.size());
  return true;
}

bool take_number(std::string_view& text, std::string_view name, std::uint64_t& out) {
  if (!take(text, name)) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return take(text, "\n");
}

/// Closes on the way out, whatever the way.
struct Descriptor {
  int fd;
  explicit Descriptor(int opened) : fd{opened} {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

StateFile::~StateFile() {
  if (lock_ >= 0) ::close(lock_);
}

Result<std::unique_ptr<StateFile>, std::string> StateFile::open(const std::filesystem::path& state_dir) {
  auto state = std::unique_ptr<StateFile>{new StateFile{state_dir}};
  if (::mkdir(state_dir.c_str(), 0700) != 0 && errno != EEXIST) {
    return Fail{system_error(state_dir, "create the state folder") +
                "; create it, owned by the agent's user"};
  }
  const auto lock = state_dir / "lock";
  state->lock_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (state->lock_ < 0)
    return Fail{system_error(lock, "open") + "; the agent's user needs to own the folder"};
  if (::flock(state->lock_, LOCK_EX | LOCK_NB) != 0) {
    return Fail{lock.string() + ": another agent uses this state folder; stop it, or give this one its own"};
  }
  if (const auto loaded = state->load(); !loaded) return Fail{loaded.error()};
  if (state->boot_count_ == std::numeric_limits<std::uint64_t>::max()) {
    return Fail{state->file().string() + ": the boot count cannot grow any more"};
  }
  if (const auto stored = state->store(state->boot_count_ + 1, state->round_counter_); !stored) {
    return Fail{stored.error()};
  }
  return state;
}

Result<Done, std::string> StateFile::check(const std::filesystem::path& state_dir) {
  return StateFile{state_dir}.load();
}

Result<Done, std::string> StateFile::load() {
  const Descriptor in{::open(file().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (in.fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return Done{};
    return Fail{system_error(file(), "read") + "; the agent's user needs to own it"};
  }
  ByteArray<kSizeMax> buffer{};
  const ssize_t size = ::read(in.fd, buffer.data(), buffer.size());
  if (size < 0) return Fail{system_error(file(), "read")};
  const std::string text = string_of(Bytes{buffer}.first(static_cast<std::size_t>(size)));
  std::string_view rest = text;
  std::uint64_t boots = 0;
  std::uint64_t rounds = 0;
  // Whatever was read has to be what would be written for the same numbers, to the last byte.
  if (!take(rest, kTitle) || !take_number(rest, "boot_count ", boots) ||
      !take_number(rest, "round_counter ", rounds) || text != text_of_state(boots, rounds)) {
    return Fail{
        file().string() +
        ": the state file is damaged; restore it from a copy that is not older than the chip's last round "
        "(remove it only if the coordinator has been told that this chip's counters start over)"};
  }
  boot_count_ = boots;
  round_counter_ = rounds;
  return Done{};
}

Result<Done, std::string> StateFile::store(std::uint64_t boot_count, std::uint64_t round_counter) {
  const auto fresh = folder_ / "agent.state.new";
  ::unlink(fresh.c_str());  // left by a power cut; not ours to trust
  {
    const Descriptor out{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (out.fd < 0) return Fail{system_error(fresh, "create") + "; the agent's user needs to own the folder"};
    if (!write_all(out.fd, text_of_state(boot_count, round_counter)) || ::fsync(out.fd) != 0) {
      return Fail{system_error(fresh, "write")};
    }
  }
  if (::rename(fresh.c_str(), file().c_str()) != 0) return Fail{system_error(file(), "replace")};
  const Descriptor folder{::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.fd < 0 || ::fsync(folder.fd) != 0) return Fail{system_error(folder_, "sync")};
  boot_count_ = boot_count;
  round_counter_ = round_counter;
  return Done{};
}

Result<std::uint64_t, std::string> StateFile::next_round_counter() {
  if (round_counter_ == std::numeric_limits<std::uint64_t>::max()) {
    return Fail{file().string() + ": the round counter cannot grow any more"};
  }
  if (const auto stored = store(boot_count_, round_counter_ + 1); !stored) return Fail{stored.error()};
  return round_counter_;
}

}  // namespace chiploc
