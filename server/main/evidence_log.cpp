#include "server/main/evidence_log.hpp"

#include <spdlog/spdlog.h>

#include <map>
#include <utility>

#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/evidence/log_files.hpp"
#include "server/evidence/trust_policy.hpp"
#include "server/logbook/log_key_file.hpp"

namespace chiploc {
namespace {

/// The log's name is for ever: it follows from what never changes of a coordinator.
Result<std::string, std::string> origin_of(const LogConfig& config, const PublicKey& coordinator) {
  if (!config.origin.empty()) return config.origin;
  const auto raw = coordinator.raw_ed25519();
  if (!raw) return Fail{std::string{"log.origin: give the log a name; the coordinator's key gives none"}};
  return "chiploc/log/" + coordinator_id_of(*raw).hex();
}

void tell(const std::string& problem) {
  if (problem.empty())
    return spdlog::info("log.well problem=\"\" doing=\"entries go into the evidence log again\"");
  spdlog::error(
      "log.failing problem=\"{}\" doing=\"rounds go on; what they leave goes in when this is mended\"",
      log_text(problem));
}

std::string sentence_of(const Cosigning& one) {
  return one.outcome ? std::string{}
                     : std::string{name_of(one.outcome.error().code)} + ": " + one.outcome.error().text;
}

/// Tells of each witness when it stops to cosign, or stops for another reason, and when it does again.
class WitnessNews {
 public:
  void tell(const std::vector<Cosigning>& outcomes) {
    for (const Cosigning& one : outcomes) {
      const std::string said = sentence_of(one);
      std::string& before = said_[one.witness];
      if (said == before || (!one.outcome && one.outcome.error().code == CosignFault::Code::kStopped))
        continue;
      before = said;
      if (said.empty()) {
        spdlog::info("log.witness_well witness=\"{}\"", log_text(one.witness));
      } else {
        spdlog::warn(
            "log.witness_failing witness=\"{}\" problem=\"{}\" doing=\"it is asked again with the next tree\"",
            log_text(one.witness), log_text(said));
      }
    }
  }

 private:
  std::map<std::string, std::string> said_;
};

/// Of a policy every witness that says where it is. nullptr: nobody is to be asked.
Result<std::unique_ptr<CosignClient>, std::string> open_witnesses(const LogConfig& config) {
  if (config.witnesses.empty()) return std::unique_ptr<CosignClient>{};
  const auto bytes = bytes_in(config.witnesses, TrustPolicy::kBytesMax);
  if (!bytes) return Fail{bytes.error().text};
  const auto policy = TrustPolicy::parse(string_of(*bytes));
  if (!policy) return Fail{config.witnesses.string() + ": " + policy.error()};
  std::vector<WitnessPlace> places;
  for (const TrustPolicy::Witness& one : policy->witnesses())
    if (!one.url.empty()) places.push_back({one.url, one.key});
  if (places.empty()) return Fail{config.witnesses.string() + ": no witness in it has a URL"};
  auto client = CosignClient::open(std::move(places), {.ca = config.witness_ca});
  if (!client) return Fail{config.witnesses.string() + ": " + client.error()};
  return std::move(*client);
}

AskWitnesses asking(CosignClient& client) {
  return [&client, news = std::make_shared<WitnessNews>()](
             const SignedCheckpoint& head, const auto& prove_growth) -> std::vector<NoteSignature> {
    const auto outcomes =
        client.ask(head, [&prove_growth](std::uint64_t old_size) -> Result<MerkleProof, std::string> {
          auto proof = prove_growth(old_size);
          if (!proof) return Fail{proof.error().text};
          return std::move(*proof);
        });
    news->tell(outcomes);
    std::vector<NoteSignature> came;
    for (const Cosigning& one : outcomes)
      if (one.outcome) came.push_back(*one.outcome);
    return came;
  };
}

}  // namespace

void EvidenceLog::stop() {
  if (witnesses) witnesses->stop();
  keeper->stop();
}

Result<EvidenceLog, std::string> open_evidence_log(const DaemonConfig& config, const SqliteOptions& database,
                                                   Store& store, const PublicKey& coordinator) {
  const auto origin = origin_of(config.log, coordinator);
  if (!origin) return Fail{origin.error()};
  const auto seed = store.leaves().leaf_seed();
  if (!seed) return Fail{seed.error().text};
  if (!*seed) {
    Digest fresh;
    random_bytes_or_abort(fresh.bytes);
    if (const auto begun = store.leaves().begin_log(fresh, wall_now()); !begun)
      return Fail{begun.error().text};
  }
  EvidenceLog out;
  out.folder = config.log.folder;
  auto key = open_log_key(log_key_file_of(config.database));
  if (!key) return Fail{"the evidence log's key: " + key.error()};
  out.key = std::move(*key);
  auto reader = open_sqlite_reader(database);
  if (!reader) return Fail{reader.error().text};
  out.reader = std::move(*reader);
  LogOptions options{.folder = config.log.folder, .origin = *origin, .now = wall_now, .told = tell};
  auto keeper = LogKeeper::open(std::move(options), *out.key, *out.reader);
  if (!keeper) return Fail{"the evidence log: " + keeper.error()};
  out.keeper = std::move(*keeper);
  auto witnesses = open_witnesses(config.log);
  if (!witnesses) return Fail{"log.witnesses: " + witnesses.error()};
  out.witnesses = std::move(*witnesses);
  if (out.witnesses) out.keeper->ask_witnesses(asking(*out.witnesses));
  if (const auto brought = out.keeper->integrate(); !brought)
    return Fail{"the evidence log: " + brought.error()};
  return out;
}

}  // namespace chiploc
