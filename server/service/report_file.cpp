#include "server/service/report_file.hpp"

#include <cstring>

namespace chiploc {

std::unique_ptr<ReportFile> ReportFile::make() {
  std::FILE* const file = std::tmpfile();
  return file == nullptr ? nullptr : std::unique_ptr<ReportFile>{new ReportFile{file}};
}

void ReportFile::append(std::string_view bytes) {
  if (failed_ || std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) {
    failed_ = true;
    return;
  }
  size_ += bytes.size();
}

bool ReportFile::ok() {
  failed_ = failed_ || std::fflush(file_.get()) != 0 || std::ferror(file_.get()) != 0;
  return !failed_;
}

bool ReportFile::read(std::uint64_t offset, std::size_t most, std::string& out) {
  out.resize(most);
  if (std::fseek(file_.get(), static_cast<long>(offset), SEEK_SET) != 0) return false;
  const std::size_t got = std::fread(out.data(), 1, most, file_.get());
  out.resize(got);
  return got == most || offset + got == size_;
}

void ReportFile::rewind() { std::rewind(file_.get()); }

bool ReportFile::next_line(std::string& line) {
  line.clear();
  char part[4'096];
  while (std::fgets(part, sizeof part, file_.get()) != nullptr) {
    line += part;
    if (line.back() != '\n') continue;
    line.pop_back();
    return true;
  }
  return false;
}

}  // namespace chiploc
