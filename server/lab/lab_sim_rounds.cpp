#include "server/lab/lab_sim_rounds.hpp"

#include <optional>

#include "proto/base/bytes.hpp"
#include "proto/crypto/digest.hpp"
#include "server/service/stored_round.hpp"
#include "server/storage/store.hpp"

namespace chiploc {
namespace {

class Reading {
 public:
  explicit Reading(bool judge_again) : judge_again_{judge_again} {}

  void add(const VerdictRecord& verdict, const StoredRound& round) {
    ++out_.rounds;
    add(round.context);
    add_all(round.tickets);
    add(round.close_order);
    number(round.reports.size());
    for (const StoredRound::Report& report : round.reports) {
      digest_.update(report.anchor.bytes);
      add(report.bytes);
    }
    add_all(round.statements);
    add(round.record);
    if (judge_again_) judge(verdict, round);
  }
  SimRounds take() {
    out_.sha256 = digest_.finish();
    return std::move(out_);
  }

 private:
  void number(std::uint64_t value) {
    ByteArray<8> raw{};
    ByteWriter{raw}.u64(value);
    digest_.update(raw);
  }
  void add(Bytes bytes) {
    number(bytes.size());
    digest_.update(bytes);
  }
  void add_all(const std::vector<ByteVector>& all) {
    number(all.size());
    for (const ByteVector& bytes : all) add(bytes);
  }
  void judge(const VerdictRecord& verdict, const StoredRound& round) {
    if (!borders_) borders_.emplace(own_borders());
    const ReplayOutcome outcome = replay(round, *borders_);
    if (outcome.kind == ReplayOutcome::Kind::kSame) {
      ++out_.same;
      return;
    }
    if (++out_.otherwise > 1) return;
    out_.first = "round " + verdict.round.hex() + ": " + std::string{name_of(outcome.kind)};
    for (const auto* details : {&outcome.wrong, &outcome.differences}) {
      if (!details->empty()) out_.first += ", " + details->front();
    }
    if (!outcome.why.empty()) out_.first += ", " + outcome.why;
  }

  bool judge_again_;
  std::optional<ReplayBorders> borders_;
  Sha256 digest_;
  SimRounds out_;
};

}  // namespace

Result<SimRounds, std::string> rounds_of_simulation(Store& store, bool judge_again) {
  Reading reading{judge_again};
  VerdictQuery query{.limit = 1'000, .oldest_first = true};
  while (true) {
    const auto page = store.verdicts().list_verdicts(query);
    if (!page) return Fail{page.error().text};
    for (const VerdictRow& row : page->rows) {
      const auto verdict = store.verdicts().verdict(row.id);
      if (!verdict) return Fail{verdict.error().text};
      if (!*verdict) return Fail{"verdict " + row.id.hex() + " is gone"};
      const auto round = read_stored_round(**verdict, store.rounds());
      if (!round) return Fail{round.error().text};
      reading.add(**verdict, *round);
    }
    if (!page->next) break;
    query.after = page->next;
  }
  return reading.take();
}

}  // namespace chiploc
