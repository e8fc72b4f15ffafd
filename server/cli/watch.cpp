#include "server/cli/watch.hpp"

#include <algorithm>
#include <numeric>
#include <sstream>

#include "server/cli/verdict_text.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

std::string rtt_text(const v1::AnchorProgress& progress) {
  return progress.rtt_min_ns() == 0 ? "-" : number_text(static_cast<double>(progress.rtt_min_ns()) / 1e6, 3);
}

std::string refused_text(std::uint64_t refusals, const std::string& refusal) {
  return std::to_string(refusals) + (refusal.empty() ? "" : " (" + printable(refusal) + ")");
}

/// With what hinders it beside its stage.
std::string stage_text(const v1::AnchorProgress& progress) {
  std::string text = printable(progress.stage());
  if (progress.refusals() > 0) text += ", refused " + refused_text(progress.refusals(), progress.refusal());
  if (progress.twice()) text += ", runs twice";
  return text;
}

Colour colour_of_stage(const v1::AnchorProgress& progress) {
  if (progress.twice()) return Colour::kRed;
  if (progress.stage() == "reported") return Colour::kGreen;
  if (progress.stage() == "absent" || progress.refusals() > 0) return Colour::kYellow;
  return Colour::kDim;
}

}  // namespace

void RoundWatch::on_event(const v1::VerifyEvent& event) {
  switch (event.body_case()) {
    case v1::VerifyEvent::kStarted:
      out_ << "round " << hex_of(event.started().round_id());
      // A role that sees no places is not told which anchors measure, nor how they get on.
      if (event.started().anchors_size() > 0) out_ << ": " << event.started().anchors_size() << " anchors";
      out_ << '\n';
      if (event.started().knock_wait_ms() > 0) {
        out_ << "waits up to " << number_text(event.started().knock_wait_ms() / 1000.0, 0)
             << " s for the chip's knock: " << printable(event.started().knock_note()) << '\n';
      }
      anchors_.clear();
      for (const auto& name : event.started().anchors()) {
        anchors_.emplace_back().set_anchor(name);
        anchors_.back().set_stage("preparing");
      }
      if (redraws()) draw();
      break;
    case v1::VerifyEvent::kProgress: {
      const auto& progress = event.progress();
      const auto known = std::find_if(anchors_.begin(), anchors_.end(), [&](const auto& anchor) {
        return anchor.anchor() == progress.anchor();
      });
      if (known == anchors_.end()) {
        anchors_.push_back(progress);
      } else {
        *known = progress;
      }
      if (redraws()) {
        draw();
      } else {
        out_ << printable(progress.anchor()) << ": " << stage_text(progress) << ", "
             << progress.pongs_received() << " of " << progress.pings_sent() << " pings answered, rtt min "
             << rtt_text(progress) << " ms\n";
      }
      break;
    }
    case v1::VerifyEvent::kVerdict:
    case v1::VerifyEvent::BODY_NOT_SET:
      break;
  }
  out_.flush();
}

void RoundWatch::draw() {
  const std::vector<Column> columns{
      {"", "ANCHOR", ""}, {"", "STAGE", ""}, {"", "PINGS", "", true}, {"", "RTT MIN MS", "", true}};
  std::vector<std::vector<Cell>> rows;
  for (const auto& anchor : anchors_) {
    rows.push_back({{printable(anchor.anchor())},
                    {stage_text(anchor), colour_of_stage(anchor)},
                    {std::to_string(anchor.pongs_received()) + "/" + std::to_string(anchor.pings_sent())},
                    {rtt_text(anchor)}});
  }
  std::ostringstream block;
  write_table(block, columns, rows, colour_);
  // Up to where the last block began, and clear from there: the block never scrolls away from itself.
  if (lines_drawn_ > 0) out_ << "\x1b[" << lines_drawn_ << "A\x1b[J";
  out_ << block.str();
  lines_drawn_ = rows.size() + 1;
}

void RoundWait::on_event(const v1::VerifyEvent& event, WallTime now) {
  if (event.has_started() && event.started().knock_wait_ms() > 0) {
    const std::chrono::milliseconds wait{event.started().knock_wait_ms()};
    until_ = short_time((now + wait).since_epoch.count());
    out_ << "waits for the chip's knock until " << until_ << " at the latest ("
         << number_text(event.started().knock_wait_ms() / 1000.0, 0)
         << " s): " << printable(event.started().knock_note()) << '\n';
  } else if (event.has_progress()) {
    on_progress(event.progress());
  }
  out_.flush();
}

void RoundWait::on_progress(const v1::AnchorProgress& progress) {
  const std::string name = printable(progress.anchor());
  if (progress.twice() && twice_.insert(name).second)
    out_ << name << " runs twice, and the round may fail by it; 'chiploc anchor list' says where\n";
  refusals_[name] = progress.refusals();
  const auto sum = std::accumulate(refusals_.begin(), refusals_.end(), std::uint64_t{0},
                                   [](std::uint64_t total, const auto& one) { return total + one.second; });
  if (sum == 0 || sum < 2 * told_) return;
  told_ = sum;
  out_ << "the chip seems to refuse its tickets: " << refused_text(sum, progress.refusal())
       << "; anybody can send a refusal, so the round goes on" << (until_.empty() ? "" : " until " + until_)
       << ", and its verdict says what to do\n";
}

}  // namespace chiploc
