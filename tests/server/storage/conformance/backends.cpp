#include "tests/server/storage/conformance/backend.hpp"

namespace chiploc::test {
namespace {

/// `durable` decides about flushes alone: everything else has to be the same without them.
template <bool durable>
class SqliteBackend final : public Backend {
 public:
  std::unique_ptr<Store> open() override {
    auto store = open_sqlite_store(options());
    INFO((store ? "" : store.error().text));
    REQUIRE(store);
    return std::move(*store);
  }
  std::unique_ptr<StoreReader> open_reader() override {
    auto reader = open_sqlite_reader(options());
    INFO((reader ? "" : reader.error().text));
    REQUIRE(reader);
    return std::move(*reader);
  }

 private:
  SqliteOptions options() const {
    SqliteOptions options = folder_.options();
    options.durable = durable;
    return options;
  }
  const Folder folder_;
};

template <class SomeBackend>
std::unique_ptr<Backend> make() {
  return std::make_unique<SomeBackend>();
}

}  // namespace

const std::vector<Implementation>& implementations() {
  static const std::vector<Implementation> all{{"SQLite", make<SqliteBackend<true>>},
                                               {"SQLite of a simulation", make<SqliteBackend<false>>}};
  return all;
}

std::unique_ptr<Backend> each_backend() {
  const std::size_t i = GENERATE(range(std::size_t{0}, implementations().size()));
  UNSCOPED_INFO("implementation: " << implementations()[i].name);
  return implementations()[i].make();
}

}  // namespace chiploc::test
