// What a witness answers is read by its signature alone, and each refusal says whose it is and what to do.
#include "server/witness/cosign_answer.hpp"

#include "tests/server/witness/witness_world.hpp"

namespace chiploc::test {
namespace cosign_answer_test {

using Code = CosignFault::Code;

struct World {
  WitnessKey witness, stranger{"stranger.example"};
  WitnessedLog log;
  SignedCheckpoint head = log.shown(0, 20).checkpoint;

  [[nodiscard]] CosignAnswer read(int status, const std::string& body,
                                  const std::string& type = "text/plain") const {
    return read_cosign_reply({status, type, body}, head, witness.signer.key());
  }
  [[nodiscard]] CosignFault fault(int status, const std::string& body,
                                  const std::string& type = "text/plain") const {
    const CosignAnswer answer = read(status, body, type);
    REQUIRE(std::holds_alternative<CosignFault>(answer));
    const auto& out = std::get<CosignFault>(answer);
    CHECK(out.text.starts_with("witness 'witness.example/w1' "));
    return out;
  }
  [[nodiscard]] std::string line(const WitnessKey& by, const Checkpoint& over) const {
    return signature_line(by.signer.sign(over, kWitnessNow).value());
  }
};

TEST_CASE("cosign answer: its own good signature counts, whatever stands beside it", "[witness]") {
  const World world;
  const std::string own = world.line(world.witness, world.head.checkpoint);
  const std::string others = world.line(world.stranger, world.head.checkpoint);
  for (const std::string& body : {own, others + own, own + others}) {
    const CosignAnswer answer = world.read(200, body);
    REQUIRE(std::holds_alternative<NoteSignature>(answer));
    CHECK(signature_line(std::get<NoteSignature>(answer)) == own);
  }
}

TEST_CASE("cosign answer: 200 without its good signature is none", "[witness]") {
  const World world;
  Checkpoint other = world.head.checkpoint;
  ++other.size;
  const std::string own = world.line(world.witness, world.head.checkpoint);
  const auto log_key =
      NoteSigner::with_ed25519("witness.example/w1", NoteSignatureType::kEd25519, *world.witness.key);
  const std::string without_time = signature_line(log_key->sign(world.head.checkpoint, 0).value());
  for (const std::string& body :
       {std::string{}, std::string{"nonsense"}, own.substr(0, own.size() - 1), own + "\n",
        world.line(world.stranger, world.head.checkpoint), world.line(world.witness, other),
        own + world.line(world.witness, other), without_time}) {
    INFO(body);
    CHECK(world.fault(200, body).code == Code::kBadAnswer);
  }
}

TEST_CASE("cosign answer: 409 with a size asks for a proof, and no larger one than there is", "[witness]") {
  const World world;
  for (const std::uint64_t size : std::vector<std::uint64_t>{0, 7, 20}) {
    const CosignAnswer answer = world.read(409, std::to_string(size) + "\n", "text/x.tlog.size");
    REQUIRE(std::holds_alternative<ProveFrom>(answer));
    CHECK(std::get<ProveFrom>(answer).size == size);
  }
  const CosignFault ahead = world.fault(409, "21\n", "text/x.tlog.size");
  CHECK(ahead.code == Code::kAhead);
  CHECK(ahead.text.find("a tree of 21 entries of this log, which has 20") != std::string::npos);
  for (const char* body : {"", "7", "07\n", "-7\n", "7\n7\n", "99999999999999999999\n"})
    CHECK(world.fault(409, body, "text/x.tlog.size").code == Code::kBadAnswer);
  CHECK(world.fault(409, "7\n").code == Code::kForked);
}

TEST_CASE("cosign answer: each status has its meaning, and a stranger's text is made safe", "[witness]") {
  const World world;
  const std::vector<std::pair<int, Code>> meanings{
      {400, Code::kRefused}, {403, Code::kSignature}, {404, Code::kUnknownLog}, {413, Code::kRefused},
      {422, Code::kProof},   {429, Code::kBusy},      {500, Code::kOwnTrouble}, {502, Code::kOwnTrouble},
      {503, Code::kBusy},    {301, Code::kRefused},   {204, Code::kRefused}};
  for (const auto& [status, code] : meanings) {
    INFO(status);
    const CosignFault fault = world.fault(status, "a\n\x1b[31mred");
    CHECK(name_of(fault.code) == name_of(code));
    CHECK(fault.text.find('\n') == std::string::npos);
    CHECK(fault.text.find('\x1b') == std::string::npos);
  }
}

}  // namespace cosign_answer_test
}  // namespace chiploc::test
