#include "server/cli/replay_command.hpp"

#include <sstream>

#include "server/service/json_view.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

v1::ReplayVerdictResponse replay_of(v1::ReplayOutcome outcome) {
  v1::ReplayVerdictResponse out;
  out.set_verdict_id("\xE0\x01");
  out.set_outcome(outcome);
  return out;
}

std::string text_of(const v1::ReplayVerdictResponse& replay) {
  std::ostringstream out;
  write_replay(out, replay);
  return out.str();
}

TEST_CASE("verdict replay: each outcome has its sentence, its name in JSON and its exit code", "[cli]") {
  auto same = replay_of(v1::REPLAY_SAME);
  same.mutable_verdict()->set_state(v1::OUTSIDE);
  CHECK(text_of(same) == "verdict e001 follows again, to the byte: OUTSIDE\n");
  CHECK(json_of(same)["outcome"] == "same");
  CHECK(json_of(same)["verdict"]["state"] == "OUTSIDE");
  CHECK(exit_code_of(v1::REPLAY_SAME) == ExitCode::kFine);

  auto wrong = replay_of(v1::REPLAY_WRONG_DIGEST);
  wrong.add_wrong_digests("borders");
  wrong.add_wrong_digests("area m\x1b[2Joon");
  CHECK(
      text_of(wrong) ==
      "verdict e001: what is stored is not what was judged; the digest is wrong of\n  borders\n  area m?[2Joon\n");
  CHECK(json_of(wrong)["wrong_digests"].size() == 2);
  CHECK(json_of(wrong)["verdict"].is_null());
  CHECK(static_cast<int>(exit_code_of(v1::REPLAY_WRONG_DIGEST)) == 16);

  auto differs = replay_of(v1::REPLAY_DIFFERS);
  differs.add_differences("modified: finding.margin_km: 3 -> 4");
  differs.set_software_version("0.0.9");
  differs.set_other_software(true);
  CHECK(text_of(differs) ==
        "verdict e001: the same evidence leads to another record now\n  modified: finding.margin_km: 3 -> 4\n"
        "judged by software 0.0.9, and now by another version\n");
  CHECK(json_of(differs)["outcome"] == "differs");
  CHECK(json_of(differs)["software_version"] == "0.0.9");
  CHECK(static_cast<int>(exit_code_of(v1::REPLAY_DIFFERS)) == 16);

  auto other = replay_of(v1::REPLAY_OTHER_POLICY);
  CHECK(text_of(other) == "verdict e001: that policy says the same\n");
  other.add_differences("modified: finding.state: CLEARED -> VERIFIED");
  CHECK(text_of(other) ==
        "verdict e001: by that policy it would differ\n  modified: finding.state: CLEARED -> VERIFIED\n");
  CHECK(exit_code_of(v1::REPLAY_OTHER_POLICY) == ExitCode::kFine);

  auto cannot = replay_of(v1::REPLAY_CANNOT);
  cannot.set_cannot_because("its context cannot be read");
  CHECK(text_of(cannot) == "verdict e001 cannot be judged again: its context cannot be read\n");
  CHECK(json_of(cannot)["cannot_because"] == "its context cannot be read");
  CHECK(json_of(cannot)["software_version"].is_null());
  CHECK(static_cast<int>(exit_code_of(v1::REPLAY_CANNOT)) == 17);

  const auto newer = static_cast<v1::ReplayOutcome>(99);
  CHECK(text_of(replay_of(newer)) == "verdict e001: the coordinator is newer than this program; update it\n");
  CHECK(json_of(replay_of(newer))["outcome"] == "unknown");
  CHECK(exit_code_of(newer) == ExitCode::kInternal);
}

}  // namespace
}  // namespace chiploc::test
