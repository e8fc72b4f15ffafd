#include "server/rounds/judging.hpp"

namespace chiploc {

Judgement judge(const JudgingTask& task, const Borders& borders) {
  RoundEvidence evidence{.tickets = {},
                         .close_order = task.evidence.close_order,
                         .reports = task.evidence.reports,
                         .statements = task.evidence.statements};
  for (const IssuedTicket& issued : task.evidence.tickets) evidence.tickets.push_back(issued.ticket);
  Decision decision = decide(*task.context, evidence, borders, task.now);
  Explanation explanation =
      explain(decision, *task.context, borders, task.calibration->line, nullptr, task.calibration->known);
  explanation.silence = explain_silence(decision, *task.context, evidence, task.heard);
  return {std::move(decision), std::move(explanation)};
}

}  // namespace chiploc
