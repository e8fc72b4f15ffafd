#include "server/witness/witness_init.hpp"

#include "proto/base/new_folder.hpp"
#include "proto/base/safe_text.hpp"
#include "proto/base/sample_text.hpp"
#include "server/witness/witness_store.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

Fail<WitnessInitFault> not_made(std::string text) { return Fail{WitnessInitFault{false, std::move(text)}}; }

/// A folder that says whose it is, whole or not at all.
Result<Done, std::string> make_state(const fs::path& state, const NoteKey& key) {
  auto folder = NewFolder::begin(state);
  if (!folder) return Fail{folder.error()};
  if (const auto made = WitnessStore::create(folder->path(), key); !made) return Fail{made.error().text};
  return folder->finish();
}

}  // namespace

Result<NoteSigner, std::string> witness_signer(const std::string& name, const Signer& key) {
  auto signer = NoteSigner::with_ed25519(name, NoteSignatureType::kCosignature, key);
  if (!signer) return Fail{"witness.key: " + signer.error().text + "; make one with chiploc-witness init"};
  return *std::move(signer);
}

Result<WitnessInitReport, WitnessInitFault> init_witness(const WitnessInitOptions& options) {
  if (!is_note_name(options.name)) {
    return Fail{WitnessInitFault{
        true,
        "--name \"" + log_text(options.name) +
            "\" is no name of a cosigner; use 1 to 255 bytes without blanks and without +, such as witness.example/w1"}};
  }
  auto folder = NewFolder::begin(options.dir);
  if (!folder) return not_made(folder.error());
  const auto key = generate_key(SignatureAlgorithm::kEd25519);
  const auto signer = witness_signer(options.name, *key);
  if (!signer) return not_made(signer.error());
  if (const auto written = write_private_key(folder->path() / "witness.key", *key); !written)
    return not_made(written.error().text);
  SampleText sample{sample_witness_toml()};
  sample.set("witness", "name", toml_quoted(options.name));
  std::error_code ignored;
  if (!options.state_dir.empty())
    sample.set("witness", "state_dir", toml_quoted(fs::absolute(options.state_dir, ignored).string()));
  WitnessInitReport out;
  out.vkey = vkey_text(signer->key());
  for (const auto& [name, text] :
       {std::pair{"witness.toml", sample.text()}, std::pair{"witness.vkey", out.vkey + "\n"}}) {
    if (const auto put = folder->write(name, text, NewFolder::Readers::kAll); !put)
      return not_made(put.error());
  }
  // The state before the key that it is of: a key without its state does not cosign, and is made again.
  const fs::path state = options.state_dir.empty() ? folder->path() / "state" : options.state_dir;
  if (const auto made = make_state(state, signer->key()); !made) return not_made(made.error());
  if (const auto finished = folder->finish(); !finished) return not_made(finished.error());
  const std::string dir = options.dir.string();
  out.text = "made " + dir + " for the witness " + options.name +
             "\n  witness.key   cosigns: private, never in two places\n"
             "  witness.vkey  its verifier key: for the logs, and for whoever believes them\n"
             "  witness.toml  its configuration\n"
             "next:\n  put a certificate for HTTPS as " +
             (options.dir / "tls.pem").string() + " and its key as " + (options.dir / "tls.key").string() +
             " (0600),\n  name the logs in " + (options.dir / "witness.toml").string() +
             " ([[log]]), then:\n    chiploc-witness --config " + (options.dir / "witness.toml").string() +
             "\n";
  return out;
}

}  // namespace chiploc
