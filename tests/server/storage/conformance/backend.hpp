#pragma once
// What every implementation of Store has to do is in this folder, and says so once. An implementation joins
// by a factory in backends.cpp; what is true of one alone (files, locks, query plans) is tested beside this
// folder.

#include <memory>
#include <vector>

#include "server/storage/store.hpp"
#include "tests/server/storage/fixture.hpp"

namespace chiploc::test {

/// One database of one implementation, empty at first; goes away with this.
class Backend {
 public:
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  /// The writer; one at a time. Opened anew it has what was committed before.
  [[nodiscard]] virtual std::unique_ptr<Store> open() = 0;
  /// After the first open().
  [[nodiscard]] virtual std::unique_ptr<StoreReader> open_reader() = 0;
};

struct Implementation {
  const char* name;
  std::unique_ptr<Backend> (*make)();
};
[[nodiscard]] const std::vector<Implementation>& implementations();

/// Runs the test case that calls it once for each implementation.
[[nodiscard]] std::unique_ptr<Backend> each_backend();

}  // namespace chiploc::test
