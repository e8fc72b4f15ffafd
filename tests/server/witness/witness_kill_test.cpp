// A witness that is killed behind each of the steps in which it keeps a tree: durable before it is answered, or not at all.
#include <sys/mman.h>

#include "tests/faults/fault_plan.hpp"
#include "tests/server/witness/witness_process.hpp"

namespace chiploc::test {
namespace witness_kill_test {

/// The plan of a process that is yet to start, shared with it.
class SharedPlan {
 public:
  explicit SharedPlan(const std::string& match) : file_{folder_ / "plan"} {
    const int fd = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(::ftruncate(fd, sizeof(faults::FaultPlan)) == 0);
    void* const memory =
        ::mmap(nullptr, sizeof(faults::FaultPlan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    REQUIRE(memory != MAP_FAILED);
    plan_ = new (memory) faults::FaultPlan;
    match.copy(plan_->match, sizeof plan_->match - 1);
  }
  ~SharedPlan() { ::munmap(plan_, sizeof(faults::FaultPlan)); }
  SharedPlan(const SharedPlan&) = delete;
  SharedPlan& operator=(const SharedPlan&) = delete;
  [[nodiscard]] Environment environment() const {
    return {{"LD_PRELOAD", program_path("libchiploc_fault_shim.so")}, {"CHIPLOC_FAULT_PLAN", file_.string()}};
  }
  faults::FaultPlan& operator*() { return *plan_; }

 private:
  TempDir folder_;
  std::filesystem::path file_;
  faults::FaultPlan* plan_;
};

/// What one kill leaves: `kept`, whether the tree that was never answered is what the witness stands at.
struct Left {
  bool killed = false;
  bool kept = false;
};

/// A witness that stands at `old` (0: nowhere) is shown `size`, and is killed at the `step`-th call that touches its state.
Left killed_at(std::int64_t step, std::uint64_t old, std::uint64_t size) {
  CAPTURE(step, old);
  WitnessedLog log;
  const auto liar = log.forked();
  WitnessProcess witness{{log.key()}};
  SharedPlan plan{witness.state().string()};
  witness.start(plan.environment());
  if (old != 0) REQUIRE(witness.submit(log.shown(0, old)).status == 200);
  const Submission shown = log.shown(old, size);
  (*plan).kill_at = step;
  const FetchOutcome answer = witness.send_body(submission_text(shown)).get();
  Left left;
  left.killed = !answer;
  if (answer) {
    CHECK(witness.cosigns(*answer, shown.checkpoint));
    (*plan).kill_at = 0;
    witness.kill();
  } else {
    REQUIRE(witness.process().wait(60'000) == 128 + SIGKILL);
  }
  witness.start();
  // Nothing that was answered is behind what is kept; where it stands it says itself.
  Submission asking = log.shown(size + 1, size + 2);
  asking.proof.clear();
  const FetchReply stands = witness.submit(asking);
  REQUIRE(stands.status == 409);
  left.kept = stands.body == std::to_string(size) + "\n";
  CHECK((left.kept || stands.body == std::to_string(old) + "\n"));
  if (answer) CHECK(left.kept);
  const std::uint64_t at = left.kept ? size : old;
  // No rollback, no fork, from there on.
  if (at != 0) {
    CHECK(witness.submit(liar->shown(at, at)).status == 409);
    CHECK(witness.submit(liar->shown(at, size + 10)).status == 422);
    CHECK(witness.submit(liar->shown(0, size + 10)).body == std::to_string(at) + "\n");
  }
  // And the true log goes on, whether it knows of its lost answer or not.
  auto head = log.shown(old, size + 2).checkpoint;
  const auto outcome =
      witness.client()->ask(head, [&](std::uint64_t from) -> Result<MerkleProof, std::string> {
        return log.files().prove_growth(from).value();
      });
  INFO((outcome[0].outcome ? "" : outcome[0].outcome.error().text));
  CHECK(outcome[0].outcome);
  return left;
}

TEST_CASE("witness: killed at any step of keeping a tree it has the old one or the new, and forgets none",
          "[witness]") {
  // Of a known log: write, sync, rename, sync of the folder. Then it is answered.
  std::string known;
  for (std::int64_t step = 1; step <= 5; ++step) {
    const Left left = killed_at(step, 10, 20);
    known += left.killed ? (left.kept ? "new " : "old ") : "answered";
  }
  CHECK(known == "old old new new answered");
  // Of a first tree: the folder is made durable in the state, the tree as above, then its name in the list likewise.
  std::string first;
  for (std::int64_t step = 1; step <= 10; ++step) {
    const Left left = killed_at(step, 0, 20);
    first += left.killed ? (left.kept ? "new " : "old ") : "answered";
  }
  CHECK(first == "old old old new new new new new new answered");
}

TEST_CASE("witness: its answer is lost after the tree is kept, and it stands by what it has signed",
          "[witness]") {
  WitnessedLog log;
  const auto liar = log.forked();
  WitnessProcess witness{{log.key()}};
  SharedPlan plan{witness.state().string()};
  witness.start(plan.environment());
  REQUIRE(witness.submit(log.shown(0, 10)).status == 200);
  const Submission lost = log.shown(10, 20);
  (*plan).kill_at = 4;  // the folder's sync: all is durable, and nobody was answered
  REQUIRE_FALSE(witness.send_body(submission_text(lost)).get());
  REQUIRE(witness.process().wait(60'000) == 128 + SIGKILL);
  witness.start();
  CHECK(witness.submit(lost).body == "20\n");
  CHECK(witness.submit(liar->shown(10, 20)).body == "20\n");
  CHECK(witness.submit(liar->shown(20, 20)).status == 409);
  Submission again = log.shown(20, 20);
  CHECK(witness.cosigns(witness.submit(again), again.checkpoint));
}

}  // namespace witness_kill_test
}  // namespace chiploc::test
