#include "server/witness/witness_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "proto/crypto/digest.hpp"
#include "server/evidence/text_lines.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

constexpr FileMode kOwnerOnly = 0600;
constexpr const char* kNamesFile = "witness";
constexpr std::string_view kFresh = ".new";  // what put_file leaves where it was killed
/// The verifier key, and kLogsMax names.
constexpr std::size_t kNamesBytesMax = 4'096 + WitnessStore::kLogsMax * (kNoteNameMax + 1);

Fail<LogFault> store_fault(LogFault::Code code, const fs::path& file, const std::string& text) {
  return Fail{LogFault{code, file.string() + ": " + text}};
}

std::string file_name_of(const std::string& origin) { return to_hex(sha256(bytes_of(origin)).bytes); }

}  // namespace

Logged<Done> WitnessStore::create(const fs::path& folder, const NoteKey& own) {
  std::error_code ignored;
  if (fs::exists(folder / kNamesFile, ignored))
    return store_fault(LogFault::Code::kRefused, folder / kNamesFile,
                       "is there already; nothing is overwritten");
  return put_file(folder / kNamesFile, bytes_of(vkey_text(own) + "\n"), kOwnerOnly);
}

Logged<std::unique_ptr<WitnessStore>> WitnessStore::open(const fs::path& folder, const NoteKey& own) {
  std::error_code ignored;
  if (!fs::exists(folder / kNamesFile, ignored))
    return store_fault(
        LogFault::Code::kNotFound, folder / kNamesFile,
        "is not there: this is not the folder in which this witness keeps what it has cosigned. Find "
        "that; only a new witness, with a new key, begins with nothing (chiploc-witness init)");
  const fs::path lock_file = folder / "lock";
  const int lock = ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (lock < 0)
    return store_fault(LogFault::Code::kDisk, lock_file,
                       std::string{"cannot be opened: "} + std::strerror(errno));
  std::unique_ptr<WitnessStore> store{new WitnessStore{folder, own, lock}};
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0)
    return store_fault(LogFault::Code::kRefused, lock_file,
                       "another process is this witness; one key has one process and one folder");
  if (const auto read = store->read_names(); !read) return Fail{read.error()};
  if (const auto read = store->read_trees(); !read) return Fail{read.error()};
  return store;
}

WitnessStore::~WitnessStore() { ::close(lock_); }

Logged<Done> WitnessStore::read_names() {
  const fs::path file = folder_ / kNamesFile;
  const auto bytes = bytes_in(file, kNamesBytesMax);
  if (!bytes) return Fail{bytes.error()};
  const std::string whole = string_of(*bytes);
  std::string_view text = whole;
  const auto first = take_line(text);
  const auto key = first ? parse_vkey(*first) : Result<NoteKey, std::string>{Fail{std::string{"no line"}}};
  if (!key) return store_fault(LogFault::Code::kDamaged, file, "line 1: is no verifier key: " + key.error());
  if (!(*key == own_))
    return store_fault(LogFault::Code::kDamaged, file,
                       "is the folder of another witness or key, '" + key->name + "'");
  while (!text.empty()) {
    const auto name = take_line(text);
    if (!name || name->empty() || name->size() > kNoteNameMax)
      return store_fault(LogFault::Code::kDamaged, file, "was cut or changed: has a line that names no log");
    names_.emplace(*name);
  }
  return Done{};
}

Logged<Done> WitnessStore::read_trees() {
  const fs::path folder = folder_ / "trees";
  std::error_code error;
  fs::directory_iterator files{folder, error};
  if (error == std::errc::no_such_file_or_directory) error.clear();  // nothing was cosigned yet
  for (; !error && files != fs::directory_iterator{}; files.increment(error)) {
    const fs::path file = files->path();
    if (file.extension() == kFresh) continue;
    if (trees_.size() == kLogsMax)
      return store_fault(LogFault::Code::kDamaged, folder,
                         "has more than " + std::to_string(kLogsMax) + " trees");
    const auto bytes = bytes_in(file, kNoteBytesMax);
    if (!bytes) return Fail{bytes.error()};
    const auto kept = parse_signed_checkpoint(string_of(*bytes));
    if (!kept) return store_fault(LogFault::Code::kDamaged, file, "was cut or changed: " + kept.error());
    const Checkpoint& tree = kept->checkpoint;
    if (file.filename() != file_name_of(tree.origin))
      return store_fault(LogFault::Code::kDamaged, file,
                         "is of another log than its name says, '" + tree.origin + "'");
    if (const auto verdict = check_signature(*kept, own_).verdict; verdict != SignatureVerdict::kGood)
      return store_fault(LogFault::Code::kDamaged, file,
                         "was changed, or is another witness's: the signature of '" + own_.name +
                             "' under it is " + std::string{name_of(verdict)});
    trees_[tree.origin] = {tree.size, tree.root};
  }
  if (error) return store_fault(LogFault::Code::kDisk, folder, "cannot be read: " + error.message());
  for (const std::string& name : names_) {
    if (!trees_.contains(name))
      return store_fault(LogFault::Code::kDamaged, folder / file_name_of(name),
                         "is missing: it had the newest tree cosigned of '" + name + "'");
  }
  return Done{};
}

std::optional<WitnessedTree> WitnessStore::latest(const std::string& origin) const {
  const auto found = trees_.find(origin);
  return found == trees_.end() ? std::nullopt : std::optional{found->second};
}

Logged<Done> WitnessStore::write_names(const std::set<std::string>& names) const {
  std::string text = vkey_text(own_) + "\n";
  for (const std::string& name : names) text += name + "\n";
  return put_file(folder_ / kNamesFile, bytes_of(text), kOwnerOnly);
}

Logged<Done> WitnessStore::keep(const SignedCheckpoint& cosigned) {
  const Checkpoint& tree = cosigned.checkpoint;
  const fs::path file = folder_ / "trees" / file_name_of(tree.origin);
  const std::string text = note_text(cosigned.note);
  if (text.size() > kNoteBytesMax || cosigned.note.signatures.size() > kNoteSignaturesMax ||
      check_signature(cosigned, own_).verdict != SignatureVerdict::kGood)
    return store_fault(LogFault::Code::kRefused, file, "would be no tree that this witness can read again");
  if (trees_.size() >= kLogsMax && !trees_.contains(tree.origin))
    return store_fault(LogFault::Code::kRefused, file,
                       "would be one more than " + std::to_string(kLogsMax) + " logs");
  if (const auto put = put_file(file, bytes_of(text), kOwnerOnly); !put) return put;
  if (!names_.contains(tree.origin)) {
    // Behind the tree, so that a name without one is always a loss.
    std::set<std::string> names = names_;
    names.insert(tree.origin);
    if (const auto put = write_names(names); !put) return put;
    names_ = std::move(names);
  }
  trees_[tree.origin] = {tree.size, tree.root};
  return Done{};
}

Logged<Done> WitnessStore::keep_fork(const SignedCheckpoint& other) {
  const fs::path file = folder_ / "forks" / file_name_of(other.checkpoint.origin);
  std::error_code ignored;
  if (fs::exists(file, ignored)) return Done{};
  return put_file(file, bytes_of(note_text(other.note)), kOwnerOnly);
}

}  // namespace chiploc
