// What a witness keeps is found again as it was, or refused: never begun anew.
#include "server/witness/witness_store.hpp"

#include <sys/stat.h>

#include "tests/server/witness/witness_world.hpp"

namespace chiploc::test {
namespace witness_store_test {

namespace fs = std::filesystem;
using Code = LogFault::Code;

struct World {
  TempDir top;
  fs::path folder = top / "state";
  WitnessKey witness;
  WitnessedLog log;

  World() { REQUIRE(WitnessStore::create(folder, witness.signer.key())); }
  std::unique_ptr<WitnessStore> opened() {
    auto store = WitnessStore::open(folder, witness.signer.key());
    INFO((store ? "" : store.error().text));
    REQUIRE(store);
    return std::move(store).value();
  }
  LogFault refused() {
    const auto store = WitnessStore::open(folder, witness.signer.key());
    REQUIRE_FALSE(store);
    return store.error();
  }
  SignedCheckpoint cosigned(std::uint64_t size) { return cosigned(log, size); }
  SignedCheckpoint cosigned(WitnessedLog& of, std::uint64_t size) {
    SignedCheckpoint tree = of.shown(0, size).checkpoint;
    tree.note.signatures.push_back(witness.signer.sign(tree.checkpoint, kWitnessNow).value());
    return tree;
  }
  fs::path tree_file() const {
    for (const auto& one : fs::directory_iterator{folder / "trees"}) return one.path();
    FAIL("no tree");
    return {};
  }
};

TEST_CASE("witness store: what was kept is there for the next one, each log by itself", "[witness]") {
  World world;
  WitnessedLog other{"other.example"};
  const SignedCheckpoint first = world.cosigned(7), second = world.cosigned(20);
  {
    const auto store = world.opened();
    CHECK_FALSE(store->latest("log.example"));
    REQUIRE(store->keep(first));
    CHECK(store->latest("log.example") == WitnessedTree{7, first.checkpoint.root});
    REQUIRE(store->keep(second));
    REQUIRE(store->keep(world.cosigned(other, 3)));
    CHECK(store->logs() == 2);
  }
  const auto store = world.opened();
  CHECK(store->latest("log.example") == WitnessedTree{20, second.checkpoint.root});
  CHECK(store->latest("other.example")->size == 3);
  CHECK_FALSE(store->latest("third.example"));
  for (const auto& one : fs::recursive_directory_iterator{world.folder}) {
    if (!one.is_regular_file()) continue;
    INFO(one.path().string());
    CHECK(fs::status(one.path()).permissions() == fs::perms{0600});
  }
  CHECK(WitnessStore::create(world.folder, world.witness.signer.key()).error().code == Code::kRefused);
}

TEST_CASE("witness store: another process, another witness's folder, and none", "[witness]") {
  World world;
  const auto store = world.opened();
  const LogFault second = world.refused();
  CHECK(second.code == Code::kRefused);
  CHECK(second.text.find("/lock: another process is this witness") != std::string::npos);
  const WitnessKey stranger;
  const TempDir elsewhere;
  REQUIRE(WitnessStore::create(elsewhere / "state", stranger.signer.key()));
  const auto mixed = WitnessStore::open(elsewhere / "state", world.witness.signer.key());
  REQUIRE_FALSE(mixed);
  CHECK(mixed.error().text.find("is the folder of another witness or key") != std::string::npos);
  const auto empty = WitnessStore::open(elsewhere.path(), world.witness.signer.key());
  REQUIRE_FALSE(empty);
  CHECK(empty.error().code == Code::kNotFound);
  CHECK(empty.error().text.find("/witness: is not there") != std::string::npos);
}

TEST_CASE("witness store: any changed bit of a tree, one cut and one taken away are refused by name",
          "[witness]") {
  World world;
  REQUIRE(world.opened()->keep(world.cosigned(20)));
  const fs::path file = world.tree_file();
  const std::string text = read_file(file);
  const auto put = [&](const std::string& other) {
    world.top.write("state/trees/" + file.filename().string(), other);
  };
  const auto refused_by_name = [&] {
    const LogFault fault = world.refused();
    INFO(fault.text);
    CHECK(fault.code == Code::kDamaged);
    CHECK(fault.text.starts_with(file.string() + ": "));
  };
  // The log's signature is for people: it alone may be another one. Our own goes over the rest.
  const std::size_t own = text.find("\n\n") + 2;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at >= own && at < text.find("witness.example")) continue;
    INFO(at);
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    put(changed);
    refused_by_name();
  }
  for (const std::size_t length : {std::size_t{0}, text.size() / 2, text.size() - 1}) {
    put(text.substr(0, length));
    refused_by_name();
  }
  fs::remove(file);
  refused_by_name();
  CHECK(world.refused().text.ends_with("is missing: it had the newest tree cosigned of 'log.example'"));
  put(text);
  CHECK(world.opened()->latest("log.example")->size == 20);
  // What a killed process leaves beside it is nothing.
  world.top.write("state/trees/" + file.filename().string() + ".new", "half a tr");
  CHECK(world.opened()->latest("log.example")->size == 20);
  // A good tree of ours under another log's name.
  fs::rename(file, file.parent_path() / std::string(64, 'a'));
  CHECK(world.refused().text.find("is of another log than its name says") != std::string::npos);
}

TEST_CASE("witness store: a list of names that was changed is refused", "[witness]") {
  World world;
  REQUIRE(world.opened()->keep(world.cosigned(20)));
  const std::string text = read_file(world.folder / "witness");
  for (const std::string& other :
       {std::string{}, text.substr(0, text.size() - 1), "x" + text, text + "\n", text + "more.example\n"}) {
    INFO(other);
    world.top.write("state/witness", other);
    CHECK(world.refused().code == Code::kDamaged);
  }
  world.top.write("state/witness", text);
  CHECK(world.opened()->logs() == 1);
}

TEST_CASE("witness store: what it could not read again it does not keep", "[witness]") {
  World world;
  const auto store = world.opened();
  const SignedCheckpoint bare = world.log.shown(0, 5).checkpoint;
  CHECK(store->keep(bare).error().code == Code::kRefused);
  SignedCheckpoint wide = bare;
  wide.checkpoint.extensions.emplace_back(kNoteBytesMax, 'x');
  wide.note = {checkpoint_text(wide.checkpoint), {world.witness.signer.sign(wide.checkpoint, 1).value()}};
  CHECK(store->keep(wide).error().code == Code::kRefused);
  CHECK_FALSE(store->latest("log.example"));
  CHECK(store->logs() == 0);
}

TEST_CASE("witness store: of a log that forks the first other tree is kept", "[witness]") {
  World world;
  const auto store = world.opened();
  const auto liar = world.log.forked();
  const SignedCheckpoint first = liar->shown(0, 20).checkpoint, second = liar->shown(0, 21).checkpoint;
  REQUIRE(store->keep_fork(first));
  REQUIRE(store->keep_fork(second));
  std::vector<fs::path> files{fs::directory_iterator{world.folder / "forks"}, {}};
  REQUIRE(files.size() == 1);
  CHECK(read_file(files[0]) == note_text(first.note));
}

TEST_CASE("witness store: a folder that cannot be written loses nothing", "[witness]") {
  World world;
  const auto store = world.opened();
  REQUIRE(store->keep(world.cosigned(7)));
  const fs::path file = world.tree_file();
  fs::create_directory(file.string() + ".new");  // in the way, for root as well
  CHECK(store->keep(world.cosigned(20)).error().code == Code::kDisk);
  CHECK(store->latest("log.example")->size == 7);
  fs::remove(file.string() + ".new");
  REQUIRE(store->keep(world.cosigned(20)));
  CHECK(store->latest("log.example")->size == 20);
}

}  // namespace witness_store_test
}  // namespace chiploc::test
