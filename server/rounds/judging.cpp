#include "server/rounds/judging.hpp"

namespace chiploc {

Judgement judge(const JudgingTask& task, const Policy& policy, const Borders& borders) {
  CheckedEvidence checked = check_evidence(task.evidence);
  Verdict verdict = decide(checked, task.claim, policy, borders, task.calibration->line, task.now);
  return {std::move(checked), std::move(verdict)};
}

}  // namespace chiploc
