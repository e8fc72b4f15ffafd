#include "server/evidence/log_folder.hpp"

#include <map>
#include <utility>

namespace chiploc {
namespace {

namespace fs = std::filesystem;
using Code = LogFault::Code;

constexpr FileMode kPublicFile = 0644;
constexpr std::size_t kBundleBytesMax = kTileWidth * (kEntryBytesMax + 2);

Fail<LogFault> fault(Code code, std::string text) { return Fail{LogFault{code, std::move(text)}}; }

/// Which of a tile's files there is: the whole one, where the log has grown since, else the one of this width.
Logged<ByteVector> file_of(const fs::path& folder, const Tile& tile, bool entries, std::size_t most) {
  const auto name = [&](const Tile& one) { return folder / (entries ? bundle_path(one) : tile_path(one)); };
  auto found = bytes_in(name(tile), most);
  if (found || found.error().code != Code::kNotFound || tile.width == kTileWidth) return found;
  Tile whole = tile;
  whole.width = kTileWidth;
  auto larger = bytes_in(name(whole), most);
  return larger ? larger : found;
}

Logged<std::vector<ByteVector>> entries_in(const fs::path& folder, const Tile& tile) {
  const auto bytes = file_of(folder, tile, true, kBundleBytesMax);
  if (!bytes) return Fail{bytes.error()};
  // A whole bundle has more than a narrow one: as many as are asked for stand in front.
  ByteReader reader{*bytes};
  std::vector<ByteVector> out;
  while (out.size() < tile.width) {
    const Bytes entry = reader.bytes(reader.u16());
    if (!reader.ok())
      return fault(Code::kDamaged, (folder / bundle_path(tile)).string() + ": has not " +
                                       std::to_string(tile.width) + " entries");
    out.emplace_back(entry.begin(), entry.end());
  }
  return out;
}

Logged<SignedCheckpoint> checkpoint_in(const fs::path& folder, const NoteKey& key) {
  const fs::path file = folder / kCheckpointFile;
  const auto bytes = bytes_in(file, kNoteBytesMax);
  if (!bytes) return Fail{bytes.error()};
  auto read = parse_signed_checkpoint(string_of(*bytes));
  if (!read) return fault(Code::kDamaged, file.string() + ": " + read.error());
  const SignatureVerdict verdict = check_signature(*read, key).verdict;
  if (read->checkpoint.origin != key.name || verdict != SignatureVerdict::kGood) {
    return fault(Code::kDamaged, file.string() + ": is of log '" + read->checkpoint.origin +
                                     "', and the signature of '" + key.name + "' under it is " +
                                     std::string{name_of(verdict)});
  }
  return *std::move(read);
}

Tile last_bundle(std::uint64_t size) { return {0, size / kTileWidth, size % kTileWidth}; }

}  // namespace

Logged<ByteVector> log_file(const fs::path& folder, const std::string& path) {
  if (path == kCheckpointFile) return bytes_in(folder / path, kNoteBytesMax);
  const auto file = log_file_of(path);
  if (!file) return fault(Code::kNotFound, "a log has no file of that name");
  return bytes_in(folder / path, file->entries ? kBundleBytesMax : kTileBytes);
}

TileReader tiles_in(const fs::path& folder) {
  return [folder](const Tile& tile) -> Result<ByteVector, std::string> {
    auto bytes = file_of(folder, tile, false, kTileBytes);
    if (!bytes) return Fail{bytes.error().text};
    const std::size_t wanted = tile.width * Digest::kSize;
    if (bytes->size() < wanted)
      return Fail{(folder / tile_path(tile)).string() + ": has " + std::to_string(bytes->size()) +
                  " bytes, not " + std::to_string(wanted)};
    bytes->resize(wanted);
    return *std::move(bytes);
  };
}

Logged<Done> LogFolder::write(const std::string& path, Bytes bytes) const {
  return put_file(folder_ / path, bytes, kPublicFile);
}

Logged<SignedCheckpoint> LogFolder::sign(const NoteSigner& signer, std::int64_t unix_s,
                                         const TreeEdge& edge) const {
  if (!(signer.key() == key_))
    return fault(Code::kRefused, "the log '" + key_.name + "' is signed with another key");
  const Checkpoint head{key_.name, edge.size(), edge.root(), {}};
  auto signature = signer.sign(head, unix_s);
  if (!signature) return fault(Code::kKey, signature.error().text);
  return SignedCheckpoint{head, {checkpoint_text(head), {*std::move(signature)}}};
}

Logged<LogFolder> LogFolder::create(const fs::path& folder, const NoteSigner& signer, std::int64_t unix_s) {
  std::error_code error;
  if (fs::exists(folder / kCheckpointFile, error))
    return fault(Code::kRefused, folder.string() + ": has a log already; nothing is overwritten");
  LogFolder out{folder, signer.key()};
  auto head = out.sign(signer, unix_s, out.edge_);
  if (!head) return Fail{head.error()};
  out.head_ = *std::move(head);
  const auto written = out.write(kCheckpointFile, bytes_of(note_text(out.head_.note)));
  if (!written) return Fail{written.error()};
  return out;
}

Logged<LogFolder> LogFolder::open(const fs::path& folder, const NoteKey& key) {
  auto head = checkpoint_in(folder, key);
  if (!head) return Fail{head.error()};
  LogFolder out{folder, key};
  out.head_ = *std::move(head);
  const Checkpoint& tree = out.head_.checkpoint;
  auto edge = TreeEdge::at(tree.size, tiles_in(folder));
  if (!edge) return fault(Code::kDamaged, edge.error());
  if (edge->root() != tree.root)
    return fault(Code::kDamaged,
                 folder.string() + ": the tiles at the end of the log are not those of its checkpoint");
  out.edge_ = *std::move(edge);
  if (const Tile last = last_bundle(tree.size); last.width != 0) {
    const auto entries = entries_in(folder, last);
    if (!entries) return Fail{entries.error()};
    for (const ByteVector& entry : *entries) append_entry(out.bundle_, entry);
  }
  return out;
}

Logged<Done> LogFolder::append(std::span<const ByteVector> entries, const NoteSigner& signer,
                               std::int64_t unix_s) {
  for (const ByteVector& entry : entries) {
    if (entry.size() > kEntryBytesMax)
      return fault(Code::kRefused, "an entry has " + std::to_string(entry.size()) + " bytes, and " +
                                       std::to_string(kEntryBytesMax) + " at most fit into a log");
  }
  TreeEdge edge = edge_;
  ByteVector bundle = bundle_;
  std::map<std::string, ByteVector> files;
  std::vector<fs::path> narrow;  // files that whole ones replace
  const auto whole = [&](const Tile& tile, Bytes bytes) {
    files[tile_path(tile)] = {bytes.begin(), bytes.end()};
    narrow.push_back(folder_ / (tile_path(tile) + ".p"));
    if (tile.level != 0) return;
    files[bundle_path(tile)] = std::exchange(bundle, {});
    narrow.push_back(folder_ / (bundle_path(tile) + ".p"));
  };
  for (const ByteVector& entry : entries) {
    append_entry(bundle, entry);
    edge.add(leaf_hash(entry), whole);
  }
  edge.each_partial([&](const Tile& tile, Bytes bytes) {
    files[tile_path(tile)] = {bytes.begin(), bytes.end()};
  });
  if (!bundle.empty()) files[bundle_path(last_bundle(edge.size()))] = bundle;
  auto head = sign(signer, unix_s, edge);
  if (!head) return Fail{head.error()};
  for (const auto& [path, bytes] : files) {
    if (const auto written = write(path, bytes); !written) return written;
  }
  const auto written = write(kCheckpointFile, bytes_of(note_text(head->note)));
  if (!written) return written;
  head_ = *std::move(head);
  edge_ = std::move(edge);
  bundle_ = std::move(bundle);
  // Whoever reads by an older checkpoint finds the whole ones in their place.
  std::error_code ignored;
  for (const fs::path& one : narrow) fs::remove_all(one, ignored);
  return Done{};
}

Logged<Done> LogFolder::put_head(const SignedCheckpoint& head) {
  if (!(head.checkpoint == head_.checkpoint))
    return fault(Code::kRefused, "the signatures are of another tree than the newest of '" + key_.name + "'");
  if (check_signature(head, key_).verdict != SignatureVerdict::kGood)
    return fault(Code::kRefused, "the log's own signature is not among these");
  const auto written = write(kCheckpointFile, bytes_of(note_text(head.note)));
  if (!written) return written;
  head_ = head;
  return Done{};
}

Logged<TlogProof> LogFolder::prove(std::uint64_t index) const {
  if (index >= size())
    return fault(Code::kNoSuch, "the log has " + std::to_string(size()) + " entries, and none of number " +
                                    std::to_string(index));
  TiledNodes nodes{size(), tiles_in(folder_)};
  auto path = inclusion_proof(index, size(), nodes.reader());
  if (!path) return fault(Code::kDamaged, path.error());
  return TlogProof{{}, index, *std::move(path), head_};
}

Logged<ByteVector> LogFolder::entry(std::uint64_t index) const {
  if (index >= size())
    return fault(Code::kNoSuch, "the log has " + std::to_string(size()) + " entries, and none of number " +
                                    std::to_string(index));
  const Tile tile{0, index / kTileWidth, tile_width(0, index / kTileWidth, size())};
  auto entries = entries_in(folder_, tile);
  if (!entries) return Fail{entries.error()};
  return std::move((*entries)[index % kTileWidth]);
}

Logged<Done> LogFolder::each_entry(const std::function<void(Bytes)>& each) const {
  for (std::uint64_t first = 0; first < size(); first += kTileWidth) {
    const Tile tile{0, first / kTileWidth, tile_width(0, first / kTileWidth, size())};
    const auto entries = entries_in(folder_, tile);
    if (!entries) return Fail{entries.error()};
    for (const ByteVector& entry : *entries) each(entry);
  }
  return Done{};
}

Logged<MerkleProof> LogFolder::prove_growth(std::uint64_t old_size) const {
  if (old_size > size())
    return fault(Code::kNoSuch,
                 "the log has " + std::to_string(size()) + " entries, not " + std::to_string(old_size));
  TiledNodes nodes{size(), tiles_in(folder_)};
  auto proof = consistency_proof(old_size, size(), nodes.reader());
  if (!proof) return fault(Code::kDamaged, proof.error());
  return *std::move(proof);
}

LogCheck check_log(const fs::path& folder, const NoteKey& key) {
  LogCheck out;
  const auto note = [&](std::string text) {
    if (out.problems.size() < kLogProblemsMax) out.problems.push_back(std::move(text));
  };
  const auto head = checkpoint_in(folder, key);
  if (!head) {
    note(head.error().text);
    return out;
  }
  out.size = head->checkpoint.size;
  const TileReader read = tiles_in(folder);
  const auto compare = [&](const Tile& tile, Bytes bytes) {
    const auto kept = read(tile);
    if (!kept) return note(kept.error());
    if (same_bytes(*kept, bytes)) return;
    std::size_t at = 0;
    while (at < bytes.size() && (*kept)[at] == bytes[at]) ++at;
    note((folder / tile_path(tile)).string() + ": hash " + std::to_string(at / Digest::kSize) +
         " is not the one that follows from the entries");
  };
  TreeEdge edge;
  for (std::uint64_t first = 0; first < out.size; first += kTileWidth) {
    const Tile tile{0, first / kTileWidth, tile_width(0, first / kTileWidth, out.size)};
    const auto entries = entries_in(folder, tile);
    if (!entries) {
      note(entries.error().text);
      break;  // what stands behind it follows from nothing
    }
    for (const ByteVector& entry : *entries) edge.add(leaf_hash(entry), compare);
  }
  if (edge.size() != out.size) return out;
  edge.each_partial(compare);
  if (edge.root() != head->checkpoint.root)
    note((folder / kCheckpointFile).string() + ": its root is not the one that follows from the entries");
  return out;
}

}  // namespace chiploc
