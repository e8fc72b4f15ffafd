// Texts and files of an evidence log: what is read would be written the same, and what is judged of them ends.
#include "server/evidence/leaf.hpp"
#include "server/evidence/tiles.hpp"
#include "server/evidence/tlog_proof.hpp"
#include "server/evidence/trust_policy.hpp"
#include "server/evidence/witness.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto note = parse_note(text)) fuzz::demand(note_text(*note) == text);
  if (const auto head = parse_signed_checkpoint(text))
    fuzz::demand(checkpoint_text(head->checkpoint) == head->note.text);
  if (const auto proof = parse_tlog_proof(text)) {
    fuzz::demand(tlog_proof_text(*proof) == text);
    static_cast<void>(proves_entry(*proof, empty_root()));
  }
  if (const auto key = parse_vkey(text)) fuzz::demand(vkey_text(*key) == text);
  if (const auto lines = parse_signature_lines(text)) {
    std::string again;
    for (const NoteSignature& one : *lines) again += signature_line(one);
    fuzz::demand(again == text);
  }
  if (const auto policy = TrustPolicy::parse(text)) {
    SignedCheckpoint head{{"a", 1, empty_root(), {}}, {}};
    head.note.text = checkpoint_text(head.checkpoint);
    for (const auto& witness : policy->witnesses())
      head.note.signatures.push_back({witness.key.name, witness.key.id, ByteVector(72)});
    const TrustVerdict verdict = policy->judge(head);
    fuzz::demand(!verdict.believed || verdict.why.empty());
  }
  if (const auto submission = parse_submission(text)) {
    fuzz::demand(submission_text(*submission) == text);
    const NoteKey key =
        make_note_key(submission->checkpoint.checkpoint.origin, NoteSignatureType::kEd25519, ByteVector(32));
    fuzz::demand(!judge_submission(*submission, {key}, WitnessedTree{1, empty_root()}).cosign);
  }
  if (auto leaf = parse_leaf(text)) {
    // Without what is sealed, whose digests come of values that nobody has here, it would be written so.
    bool sealed = false;
    for (const LeafField& one : leaf->fields) sealed = sealed || one.sealed;
    if (!sealed) fuzz::demand(leaf_text(*leaf, LeafSeed{}).value() == text);
  }
  if (const auto file = log_file_of(text))
    fuzz::demand((file->entries ? bundle_path(file->tile) : tile_path(file->tile)) == text);
  if (size != 0) {
    const auto entries = entries_of({data + 1, size - 1}, data[0]);
    if (entries) {
      ByteVector again;
      for (const Bytes entry : *entries) append_entry(again, entry);
      fuzz::demand(same_bytes(again, {data + 1, size - 1}));
    }
  }
  return 0;
}
