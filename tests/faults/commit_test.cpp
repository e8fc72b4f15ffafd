// A full disk, one that does not write and one that does not sync, under each thing that chiplocd commits: what is refused
// leaves nothing behind, and once the disk is mended it is done, once. The shim is linked into this test.
#include <cerrno>
#include <cstring>

#include "tests/faults/fault_plan.hpp"
#include "tests/server/follow_up/commit_steps.hpp"

namespace chiploc::faults {
namespace {

using test::CommitSide;
using test::CommitStep;
using test::PlayedCommits;

struct DiskFault {
  const char* name;
  std::int32_t write_error;
  std::int64_t room;
  std::int32_t sync_error;
};
constexpr DiskFault kDiskFaults[] = {{"full", ENOSPC, 0, 0},
                                     {"full within the commit", ENOSPC, 6'000, 0},
                                     {"does not write", EIO, 0, 0},
                                     {"does not write the rest", EIO, 9'000, 0},
                                     {"does not sync", 0, 0, EIO}};

/// The disk under a folder has this fault for as long as this is there.
struct Struck {
  Struck(const test::Folder& folder, const DiskFault& fault) {
    FaultPlan& plan = fault_plan();
    std::strncpy(plan.match, folder.path().c_str(), sizeof plan.match - 1);
    plan.write_faults = 0;
    plan.sync_faults = 0;
    plan.room = fault.room;
    plan.sync_error = fault.sync_error;
    plan.write_error = fault.write_error;
  }
  ~Struck() {
    FaultPlan& plan = fault_plan();
    plan.write_error = 0;
    plan.sync_error = 0;
    plan.match[0] = '\0';
  }
  Struck(const Struck&) = delete;
  Struck& operator=(const Struck&) = delete;
  [[nodiscard]] static bool hit() { return fault_plan().write_faults + fault_plan().sync_faults > 0; }
};

TEST_CASE("commits: on a disk that fails nothing is half there, and once it is mended all is, once",
          "[faults]") {
  const PlayedCommits played;
  for (const DiskFault& fault : kDiskFaults) {
    std::size_t refused = 0;
    for (std::size_t i = 0; i < played.steps.size(); ++i) {
      const CommitStep& step = played.steps[i];
      INFO(step.name << ", on a disk that is, or " << fault.name);
      const auto folder = played.before(i);
      {
        CommitSide side{*folder, true};
        REQUIRE(side.store);
        bool done = false;
        {
          const Struck struck{*folder, fault};
          done = step.work(side);
          CHECK((done || Struck::hit()));
        }
        if (!done) {
          ++refused;
          const bool nothing = step.in_parts || played.now_in(*folder) == played.contents[i];
          CHECK(nothing);
          CHECK(step.work(side));
        }
      }
      const bool all_once = played.now_in(*folder) == played.contents[i + 1];
      CHECK(all_once);
    }
    INFO(fault.name);
    // Small ones fit into what room there is.
    CHECK(refused > (fault.room > 0 ? 0 : played.steps.size() - 1));
  }
}

}  // namespace
}  // namespace chiploc::faults
