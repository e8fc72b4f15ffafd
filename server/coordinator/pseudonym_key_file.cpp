#include "server/coordinator/pseudonym_key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace chiploc {
namespace {

namespace fs = std::filesystem;
using Key = SecretBytes<SivKey::kSize>;

constexpr const char* kAndThen = "; until then no researcher is answered";

class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_{fd} {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

std::string failed(const fs::path& file, const char* what) {
  return file.string() + " cannot be " + what + ": " + std::strerror(errno) +
         "; mend that and start chiplocd again" + kAndThen;
}

Result<SivKey, std::string> read_key(const fs::path& file, int fd) {
  struct stat is {};
  if (::fstat(fd, &is) != 0) return Fail{failed(file, "read")};
  if ((is.st_mode & 077) != 0)
    return Fail{file.string() + " is open to others; chmod 600 it and start chiplocd again" + kAndThen};
  Key key;
  if (is.st_size != static_cast<off_t>(SivKey::kSize) ||
      ::read(fd, key.writable().data(), SivKey::kSize) != static_cast<ssize_t>(SivKey::kSize)) {
    return Fail{file.string() +
                " is not 64 bytes long; restore it from the backup, or remove it for new pseudonyms" +
                kAndThen};
  }
  return SivKey{std::move(key)};
}

/// Whole under its name or not there at all, whatever ends the process.
Result<SivKey, std::string> make_key(const fs::path& file) {
  Key key;
  random_bytes_or_abort(key.writable());
  const fs::path part = file.string() + ".part";
  ::unlink(part.c_str());
  const OpenFile out{::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (out.fd() < 0 ||
      ::write(out.fd(), key.bytes().data(), SivKey::kSize) != static_cast<ssize_t>(SivKey::kSize) ||
      ::fsync(out.fd()) != 0 || ::rename(part.c_str(), file.c_str()) != 0)
    return Fail{failed(file, "written")};
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path{"."};
  const OpenFile held{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (held.fd() < 0 || ::fsync(held.fd()) != 0) return Fail{failed(file, "written")};
  return SivKey{std::move(key)};
}

}  // namespace

fs::path pseudonym_key_file_of(const fs::path& database) { return database.parent_path() / "pseudonyms.key"; }

Result<SivKey, std::string> open_pseudonym_key(const fs::path& file) {
  const OpenFile in{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (in.fd() >= 0) return read_key(file, in.fd());
  return errno == ENOENT ? make_key(file) : Fail{failed(file, "read")};
}

}  // namespace chiploc
