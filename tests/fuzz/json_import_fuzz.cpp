#include "tests/fuzz/import_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return chiploc::fuzz_import(data, size, chiploc::ImportFormat::kJson);
}
