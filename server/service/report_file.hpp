#pragma once
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace chiploc {

/// Bytes on disk in a file without a name: gone with this, also when the program is killed. What is written is told by
/// ok(), once, at the end. One thread at a time.
class ReportFile {
 public:
  /// Null: there can be none now (no room, no right); errno says why.
  [[nodiscard]] static std::unique_ptr<ReportFile> make();

  void append(std::string_view bytes);
  /// All of it can be read back.
  [[nodiscard]] bool ok();
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// From `offset` on, `most` bytes or what is left; nullopt: it cannot be read.
  [[nodiscard]] bool read(std::uint64_t offset, std::size_t most, std::string& out);
  /// From the beginning, line by line: rewind() first. False: that was the last, or it cannot be read (ok()).
  void rewind();
  [[nodiscard]] bool next_line(std::string& line);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  explicit ReportFile(std::FILE* file) : file_{file} {}
  std::unique_ptr<std::FILE, Close> file_;
  std::uint64_t size_ = 0;
  bool failed_ = false;
};

}  // namespace chiploc
