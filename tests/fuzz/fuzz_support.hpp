#pragma once
// What several fuzz targets share. `demand` is an assertion that stays in every build.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace chiploc::fuzz {

inline void demand(bool holds) {
  if (!holds) std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// A folder in memory where the machine has such a file system, gone with the process if it ends in order.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::error_code failed;
    const bool memory = std::filesystem::is_directory("/dev/shm", failed);
    std::string name = std::string{memory ? "/dev/shm" : "/tmp"} + "/chiploc-fuzz-XXXXXX";
    demand(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Writes the file anew and returns its path: for readers that take a path only.
  std::filesystem::path write(const std::string& name, std::string_view content) const {
    const auto file = path_ / name;
    std::ofstream out{file, std::ios::binary | std::ios::trunc};
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.close();
    demand(out.good());
    return file;
  }

 private:
  std::filesystem::path path_;
};

/// Every fault names the file and says something more.
template <class Faults>
void demand_faults_of(const Faults& faults, const std::filesystem::path& file) {
  demand(!faults.empty());
  const std::string head = file.string() + ":";
  for (const std::string& fault : faults)
    demand(fault.compare(0, head.size(), head) == 0 && fault.size() > head.size());
}

}  // namespace chiploc::fuzz
