#include "server/coordinator/report_key_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace chiploc {
namespace {

namespace fs = std::filesystem;

/// Written beside it, made durable, and put in its place: the old one or the new one, whole.
bool replace_file(const fs::path& file, const std::string& text) {
  const fs::path part = file.string() + ".part";
  const int out = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (out < 0) return false;
  const bool written =
      ::write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(out) == 0;
  const int error = errno;
  const bool closed = ::close(out) == 0;
  if (!written || !closed || ::rename(part.c_str(), file.c_str()) != 0) {
    if (!written) errno = error;
    return false;
  }
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path{"."};
  const int held = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool durable = held >= 0 && ::fsync(held) == 0;
  if (held >= 0) ::close(held);
  return durable;
}

}  // namespace

fs::path report_key_file_of(const fs::path& database) { return database.parent_path() / "report-keys.toml"; }

ReportSigning open_report_signing(const fs::path& file, std::unique_ptr<Signer> key, WallTime now) {
  ReportSigning out;
  out.key = std::move(key);
  const std::string and_then =
      "; mend it, or restore it from the backup, and start chiplocd again: until then no report "
      "can be made";
  std::error_code failed;
  if (fs::exists(file, failed)) {
    std::ifstream in{file, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in) {
      out.unusable = file.string() + " cannot be read: " + std::strerror(errno) + and_then;
      return out;
    }
    auto keys = parse_report_keys(text, file);
    if (!keys) {
      out.unusable = keys.error() + and_then;
      return out;
    }
    out.keys = std::move(*keys);
  }
  if (take_key(out.keys, out.key->public_key(), now) && !replace_file(file, report_keys_text(out.keys)))
    out.unusable = file.string() + " cannot be written: " + std::strerror(errno) + and_then;
  if (out.unusable.empty() && out.keys.in_force() == nullptr)
    out.unusable = file.string() +
                   ": its last key, which is the coordinator's, has an end; no report is made with a key " +
                   "that somebody ended: give the coordinator a new one";
  return out;
}

}  // namespace chiploc
