// A log as files: it grows, is found again as it was, proves what is in it, and a look at it finds whatever was changed.
#include "server/evidence/log_folder.hpp"

#include <fstream>
#include <sstream>

#include "proto/crypto/digest.hpp"
#include "tests/server/evidence/log_world.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {
namespace log_folder_test {

namespace fs = std::filesystem;
constexpr std::int64_t kNow = 1'796'126'400;

ByteVector entry_of(std::uint64_t i) {
  const std::string text = "entry " + std::to_string(i);
  return {text.begin(), text.end()};
}
std::vector<ByteVector> entries_of(std::uint64_t first, std::uint64_t end) {
  std::vector<ByteVector> out;
  for (std::uint64_t i = first; i < end; ++i) out.push_back(entry_of(i));
  return out;
}
std::string text_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}
void put(const fs::path& file, const std::string& text) {
  std::ofstream out{file, std::ios::binary | std::ios::trunc};
  out << text;
  REQUIRE(out.flush());
}
std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto& one : fs::recursive_directory_iterator{folder})
    if (one.is_regular_file()) out.push_back(one.path());
  return out;
}

struct World {
  TempDir top{};
  fs::path folder = top / "log";
  std::unique_ptr<SoftwareKey> key = generate_key(SignatureAlgorithm::kEd25519);
  NoteSigner signer = NoteSigner::with_ed25519("log.example", NoteSignatureType::kEd25519, *key).value();

  LogFolder made(std::uint64_t size) {
    auto log = LogFolder::create(folder, signer, kNow);
    INFO((log ? "" : log.error().text));
    REQUIRE(log);
    if (size != 0) REQUIRE(log->append(entries_of(0, size), signer, kNow));
    return std::move(log).value();
  }
  LogFolder opened() {
    auto log = LogFolder::open(folder, signer.key());
    INFO((log ? "" : log.error().text));
    REQUIRE(log);
    return std::move(log).value();
  }
};

TEST_CASE("log folder: it grows by any steps to the tree that is defined, and proves each entry",
          "[evidence]") {
  World world;
  LogFolder log = world.made(0);
  CHECK(log.head().checkpoint.root == empty_root());
  const auto leaves = leaves_of(1'300);
  Digest old_root = empty_root();
  std::uint64_t old = 0;
  for (const std::uint64_t size : std::vector<std::uint64_t>{1, 2, 250, 256, 257, 600, 1'024, 1'300}) {
    INFO(size);
    REQUIRE(log.append(entries_of(old, size), world.signer, kNow));
    CHECK(log.size() == size);
    const Digest root = log.head().checkpoint.root;
    CHECK(root == defined_root(std::span{leaves}.first(size)));
    for (const std::uint64_t index : {std::uint64_t{0}, size / 2, size - 1}) {
      const auto proof = log.prove(index);
      REQUIRE(proof);
      CHECK(proves_entry(*proof, leaf_hash(log.entry(index).value())));
      CHECK(log.entry(index).value() == entry_of(index));
    }
    CHECK(proves_consistency(old, size, log.prove_growth(old).value(), old_root, root) == (old != 0));
    CHECK(check_log(world.folder, world.signer.key()).problems.empty());
    if (size != 600) log = world.opened();  // whoever opens it goes on as the one before
    old = size;
    old_root = root;
  }
  CHECK(log.prove(1'300).error().code == LogFault::Code::kNoSuch);
  CHECK(log.entry(1'300).error().code == LogFault::Code::kNoSuch);
  CHECK(log.prove_growth(1'301).error().code == LogFault::Code::kNoSuch);
  CHECK_FALSE(fs::exists(world.folder / "tile/0/000.p"));
  CHECK(fs::exists(world.folder / "tile/0/005.p/20"));
  CHECK(fs::exists(world.folder / "tile/entries/005.p/20"));
  CHECK(fs::exists(world.folder / "tile/1/000.p/5"));
  CHECK(LogFolder::create(world.folder, world.signer, kNow).error().code == LogFault::Code::kRefused);
}

TEST_CASE("log folder: cut off before its checkpoint, the same entries give the same files", "[evidence]") {
  World world;
  LogFolder log = world.made(300);
  const std::string before = text_of(world.folder / "checkpoint");
  REQUIRE(log.append(entries_of(300, 700), world.signer, kNow));
  std::map<fs::path, std::string> whole;
  for (const fs::path& file : files_in(world.folder)) whole[file] = text_of(file);
  put(world.folder / "checkpoint",
      before);  // all files of the larger tree are there, and not what names them
  LogFolder again = world.opened();
  CHECK(again.size() == 300);
  CHECK(check_log(world.folder, world.signer.key()).problems.empty());
  REQUIRE(again.append(entries_of(300, 700), world.signer, kNow));
  for (const auto& [file, text] : whole) CHECK(text_of(file) == text);
  CHECK(files_in(world.folder).size() == whole.size());
}

TEST_CASE("log folder: a look finds a flipped bit of any file, and any that is missing", "[evidence]") {
  World world;
  world.made(600);
  const auto files = files_in(world.folder);
  CHECK(files.size() == 8);  // three tiles and one above, three bundles, the checkpoint
  for (const fs::path& file : files) {
    INFO(file.string());
    const std::string text = text_of(file);
    for (const std::size_t at : {std::size_t{0}, text.size() / 2, text.size() - 1}) {
      std::string changed = text;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      put(file, changed);
      CHECK_FALSE(check_log(world.folder, world.signer.key()).problems.empty());
    }
    put(file, text.substr(0, text.size() - 1));
    CHECK_FALSE(check_log(world.folder, world.signer.key()).problems.empty());
    fs::remove(file);
    const auto missing = check_log(world.folder, world.signer.key()).problems;
    REQUIRE_FALSE(missing.empty());
    CHECK(missing.front().find(file.filename() == "600" ? "" : "is not there") != std::string::npos);
    put(file, text);
    CHECK(check_log(world.folder, world.signer.key()).problems.empty());
  }
}

TEST_CASE("log folder: a leaf taken away, one out of order, and a forked head are found", "[evidence]") {
  World world;
  LogFolder log = world.made(20);
  const fs::path bundle = world.folder / "tile/entries/000.p/20", tile = world.folder / "tile/0/000.p/20";
  const std::string entries = text_of(bundle), hashes = text_of(tile);
  const auto problems = [&] { return check_log(world.folder, world.signer.key()).problems; };
  ByteVector other;
  for (std::uint64_t i = 0; i < 20; ++i) append_entry(other, entry_of(i == 3 ? 4 : i == 4 ? 3 : i));
  put(bundle, string_of(other));
  REQUIRE(problems().size() == 2);
  CHECK(problems()[0].ends_with("tile/0/000.p/20: hash 3 is not the one that follows from the entries"));
  CHECK(problems()[1].ends_with("checkpoint: its root is not the one that follows from the entries"));
  std::string swapped = hashes;
  std::swap_ranges(swapped.begin() + 3 * 32, swapped.begin() + 4 * 32, swapped.begin() + 4 * 32);
  put(tile, swapped);  // and its hashes with it: then the root tells
  REQUIRE(problems().size() == 1);
  CHECK(problems()[0].ends_with("checkpoint: its root is not the one that follows from the entries"));
  put(tile, hashes);
  other.clear();
  for (std::uint64_t i = 0; i < 20; ++i)
    if (i != 7) append_entry(other, entry_of(i));
  put(bundle, string_of(other));
  REQUIRE_FALSE(problems().empty());
  CHECK(problems()[0].ends_with("tile/entries/000.p/20: has not 20 entries"));
  put(bundle, entries);
  // The log's own key signs another tree of this size.
  const Checkpoint forked{"log.example", 20, leaf_of(1), {}};
  const std::string head = text_of(world.folder / "checkpoint");
  put(world.folder / "checkpoint",
      note_text({checkpoint_text(forked), {world.signer.sign(forked, kNow).value()}}));
  REQUIRE(problems().size() == 1);
  CHECK(problems()[0].ends_with("checkpoint: its root is not the one that follows from the entries"));
  CHECK(LogFolder::open(world.folder, world.signer.key()).error().code == LogFault::Code::kDamaged);
  // Another's key, or another's name, under the same tree.
  const auto thief_key = generate_key(SignatureAlgorithm::kEd25519);
  const auto thief = NoteSigner::with_ed25519("log.example", NoteSignatureType::kEd25519, *thief_key).value();
  const Checkpoint tree = log.head().checkpoint;
  put(world.folder / "checkpoint", note_text({checkpoint_text(tree), {thief.sign(tree, kNow).value()}}));
  REQUIRE(problems().size() == 1);
  CHECK(problems()[0].find("the signature of 'log.example' under it is absent") != std::string::npos);
  put(world.folder / "checkpoint", head);
  CHECK(problems().empty());
}

TEST_CASE("log folder: what may not be appended leaves it as it was", "[evidence]") {
  World world;
  LogFolder log = world.made(5);
  const std::string head = text_of(world.folder / "checkpoint");
  const std::vector<ByteVector> long_one{entry_of(5), ByteVector(kEntryBytesMax + 1)};
  CHECK(log.append(long_one, world.signer, kNow).error().code == LogFault::Code::kRefused);
  const auto other_key = generate_key(SignatureAlgorithm::kEd25519);
  const auto other = NoteSigner::with_ed25519("log.example", NoteSignatureType::kEd25519, *other_key).value();
  CHECK(log.append(entries_of(5, 6), other, kNow).error().code == LogFault::Code::kRefused);
  CHECK(log.size() == 5);
  CHECK(text_of(world.folder / "checkpoint") == head);
  REQUIRE(log.append(entries_of(5, 6), world.signer, kNow));
  CHECK(world.opened().size() == 6);
}

TEST_CASE("log folder: cosignatures are put beside the log's own, and never in its place", "[evidence]") {
  World world;
  LogFolder log = world.made(5);
  const auto witness_key = generate_key(SignatureAlgorithm::kEd25519);
  const auto witness =
      NoteSigner::with_ed25519("w.example", NoteSignatureType::kCosignature, *witness_key).value();
  SignedCheckpoint head = log.head();
  head.note.signatures.push_back(witness.sign(head.checkpoint, kNow).value());
  REQUIRE(log.put_head(head));
  CHECK(check_signature(world.opened().head(), witness.key()).verdict == SignatureVerdict::kGood);
  CHECK(check_signature(log.prove(2)->checkpoint, witness.key()).verdict == SignatureVerdict::kGood);
  SignedCheckpoint without = head;
  without.note.signatures.erase(without.note.signatures.begin());
  CHECK(log.put_head(without).error().code == LogFault::Code::kRefused);
  SignedCheckpoint larger = head;
  ++larger.checkpoint.size;
  CHECK(log.put_head(larger).error().code == LogFault::Code::kRefused);
}

TEST_CASE("log folder: there is none, or it is no log's", "[evidence]") {
  World world;
  CHECK(LogFolder::open(world.folder, world.signer.key()).error().code == LogFault::Code::kNotFound);
  CHECK(check_log(world.folder, world.signer.key()).problems.size() == 1);
  fs::create_directories(world.folder);
  put(world.folder / "checkpoint", "nonsense");
  CHECK(LogFolder::open(world.folder, world.signer.key()).error().code == LogFault::Code::kDamaged);
  put(world.folder / "checkpoint", std::string(kNoteBytesMax + 1, 'a'));
  CHECK(LogFolder::open(world.folder, world.signer.key()).error().code == LogFault::Code::kDamaged);
  put(world.top / "file", "");
  CHECK(LogFolder::create(world.top / "file" / "log", world.signer, kNow).error().code ==
        LogFault::Code::kDisk);
}

}  // namespace log_folder_test
}  // namespace chiploc::test
