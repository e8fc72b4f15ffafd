// A fuzz target as an ordinary test: every file of the folders named, through LLVMFuzzerTestOneInput, and the
// empty input. Found inputs stay in tests/fuzz/corpus, so each is tried in every build, by every compiler. A
// fault aborts.
//
//     NAME_replay FOLDER...      exit code 0 if all were read, 64 without a folder, 66 if a folder holds
//                                nothing
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FOLDER...\n", argv[0]);
    return 64;
  }
  const std::uint8_t nothing = 0;
  LLVMFuzzerTestOneInput(&nothing, 0);
  std::size_t inputs = 1;
  for (int i = 1; i < argc; ++i) {
    std::vector<std::filesystem::path> files;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator{argv[i], failed}) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      std::ifstream in{file, std::ios::binary};
      const std::vector<char> bytes{std::istreambuf_iterator<char>{in}, {}};
      std::printf("%s\n", file.c_str());
      std::fflush(stdout);  // the last line names the input, should it be the end
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.empty() ? "" : bytes.data()),
                             bytes.size());
      ++inputs;
    }
  }
  if (inputs == 1) {
    std::fprintf(stderr, "%s and the like hold no input; are the names right?\n", argv[1]);
    return 66;
  }
  std::printf("%zu inputs\n", inputs);
  return 0;
}
