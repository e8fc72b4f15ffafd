#include "server/verifier/replay.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "proto/crypto/digest.hpp"
#include "server/policy/canonical.hpp"
#include "server/verifier/calibration_record.hpp"
#include "server/verifier/verdict_record.hpp"

namespace chiploc {
namespace {

using Kind = ReplayOutcome::Kind;

constexpr std::size_t kDifferenceMax = 300;  // an outline may have thousands of corners

bool is_digest_of(const std::string& sha256_text, Bytes bytes) {
  return same_bytes(bytes_of(sha256_text), sha256(bytes).bytes);
}

std::vector<std::string> differing_fields(const v1::VerdictRecord& stored, const v1::VerdictRecord& judged) {
  std::string text;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&text);
  differencer.Compare(stored, judged);
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, std::min(end - at, kDifferenceMax));
    if (end - at > kDifferenceMax) line += " ...";
    out.push_back(std::move(line));
    at = end + 1;
  }
  return out;
}

class Replay {
 public:
  Replay(const StoredRound& round, const ReplayBorders& borders, const std::optional<Policy>& other)
      : round_{round}, borders_{borders}, other_{other} {}

  ReplayOutcome run() {
    if (round_.context.empty() && round_.record.empty())
      return cannot("the round is of before contexts were stored: what it was judged by is not on record");
    if (!parse(round_.record, record_)) return cannot("its record cannot be read");
    if (round_.context.empty() || !is_digest_of(record_.context_sha256(), round_.context)) wrong("context");
    if (round_.context.empty()) return wrongs();
    if (!parse(round_.context, kept_))
      return out_.wrong.empty() ? cannot("its context cannot be read") : wrongs();
    out_.software_version = kept_.software_version();
    out_.other_software = out_.software_version != CHIPLOC_VERSION;
    check_what_is_kept_by_digest();
    find_evidence();
    if (!out_.wrong.empty()) return wrongs();
    auto context = parse_context(round_.context,
                                 [this](const std::string&, const Digest& digest) { return area(digest); });
    if (!context) return cannot("its context does not fit: " + context.error());
    const auto calibration = parse_calibration(round_.calibration);
    if (!calibration) return cannot("its calibration does not fit: " + calibration.error());
    if (const auto why = read_evidence(*context)) return cannot(*why);
    return judge(*std::move(context), *calibration);
  }

 private:
  static bool parse(const ByteVector& bytes, google::protobuf::Message& out) {
    return out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  }
  ReplayOutcome cannot(std::string why) {
    out_.kind = Kind::kCannotBeJudged;
    out_.why = std::move(why);
    return std::move(out_);
  }
  ReplayOutcome wrongs() {
    out_.kind = Kind::kWrongDigest;
    return std::move(out_);
  }
  void wrong(std::string what) {
    if (std::find(out_.wrong.begin(), out_.wrong.end(), what) == out_.wrong.end())
      out_.wrong.push_back(std::move(what));
  }

  void check_what_is_kept_by_digest() {
    if (!is_digest_of(kept_.policy_sha256(), canonical_bytes(kept_.policy()))) wrong("policy");
    if (!same_bytes(bytes_of(kept_.borders_sha256()), borders_.sha256.bytes)) wrong("borders");
    if (!is_digest_of(kept_.calibration_sha256(), round_.calibration)) wrong("calibration");
    for (const auto* areas : {&kept_.claim().licensed_areas(), &kept_.claim().prohibited_areas()}) {
      for (const v1::NamedDigest& named : *areas) {
        const auto digest = Digest::from_bytes(bytes_of(named.sha256()));
        const auto found = digest ? round_.areas.find(*digest) : round_.areas.end();
        if (!digest || found == round_.areas.end() || sha256(bytes_of(found->second)) != *digest)
          wrong("area " + named.name());
      }
    }
  }

  std::shared_ptr<const Area> area(const Digest& digest) {
    const auto found = round_.areas.find(digest);
    if (found == round_.areas.end()) return nullptr;
    return drawn_as_stored(found->second);
  }

  [[nodiscard]] std::string anchor_name(const std::string& id) const {
    for (const v1::RoundContext::Anchor& anchor : kept_.anchors()) {
      if (anchor.id() == id) return anchor.name();
    }
    return to_hex(bytes_of(id));
  }

  /// Of all that is stored, what was judged, in its order.
  void find_evidence() {
    const v1::EvidenceIndex& index = record_.judged();
    for (int i = 0; i < index.tickets_size(); ++i) {
      const auto found =
          std::find_if(round_.tickets.begin(), round_.tickets.end(),
                       [&](const ByteVector& raw) { return is_digest_of(index.tickets(i), raw); });
      if (found == round_.tickets.end()) {
        wrong("ticket " + std::to_string(i + 1));
      } else {
        tickets_.push_back(&*found);
      }
    }
    if (!index.close_order().empty() && !is_digest_of(index.close_order(), round_.close_order))
      wrong("close order");
    for (const v1::EvidenceIndex::Report& report : index.reports()) {
      const auto found = std::find_if(round_.reports.begin(), round_.reports.end(), [&](const auto& stored) {
        return same_bytes(bytes_of(report.anchor_id()), stored.anchor.bytes) &&
               is_digest_of(report.sha256(), stored.bytes);
      });
      if (found == round_.reports.end()) {
        wrong("report of anchor " + anchor_name(report.anchor_id()));
      } else {
        evidence_.reports.emplace_back(found->anchor, found->bytes);
      }
    }
    for (int i = 0; i < index.statements_size(); ++i) {
      const auto found =
          std::find_if(round_.statements.begin(), round_.statements.end(),
                       [&](const ByteVector& raw) { return is_digest_of(index.statements(i), raw); });
      if (found == round_.statements.end()) {
        wrong("statement " + std::to_string(i + 1));
      } else {
        evidence_.statements.push_back(*found);
      }
    }
  }

  std::optional<std::string> read_evidence(const RoundContext& context) {
    for (const ByteVector* raw : tickets_) {
      const auto ticket = parse_ticket(*raw);
      if (!ticket) return "a ticket cannot be read";
      const bool known = std::any_of(context.anchors.begin(), context.anchors.end(),
                                     [&](const AnchorFacts& a) { return a.id == ticket->anchor; });
      if (!known) return "a ticket is for an anchor that its context does not name";
      evidence_.tickets.push_back(*ticket);
    }
    if (record_.judged().close_order().empty()) return std::nullopt;
    const auto order = parse_close_order(round_.close_order);
    if (!order) return "its close order cannot be read";
    evidence_.close_order = *order;
    return std::nullopt;
  }

  ReplayOutcome judge(RoundContext context, const KeptLine& calibration) {
    const auto verdict_id = Id<struct ReplayedTag, 16>::from_bytes(bytes_of(record_.verdict_id()));
    if (!verdict_id) return cannot("its record has no verdict's id");
    const auto context_sha256 = sha256(round_.context);
    if (other_) {
      context.policy = *other_;
      context.policy_sha256 = digest_of(*other_);
    }
    const Decision decision =
        decide(context, evidence_, borders_.borders, WallTime{Nanoseconds{record_.decided_unix_ns()}});
    const bool left_out = record_.explanation().posterior_left_out();
    LearntPlaces places;
    if (!left_out && worth_suggesting(decision)) places = learn_places(calibration.mesh, borders_.borders);
    Explanation explanation =
        explain(decision, context, borders_.borders, calibration.line, places.model.get(), calibration.known);
    explanation.posterior_left_out = left_out;
    explanation.silence =
        explain_silence(decision, context, evidence_, heard_from(record_.explanation().heard()));
    out_.judged = to_record(decision, explanation, names_of(context, verdict_id->bytes, context_sha256));
    const bool same = record_bytes(*out_.judged) == round_.record;
    if (!same) out_.differences = differing_fields(record_, *out_.judged);
    out_.kind = same ? Kind::kSame : Kind::kDiffers;
    if (other_) out_.kind = Kind::kOtherPolicy;
    return std::move(out_);
  }

  const StoredRound& round_;
  const ReplayBorders& borders_;
  const std::optional<Policy>& other_;
  v1::VerdictRecord record_;
  v1::RoundContext kept_;
  std::vector<const ByteVector*> tickets_;
  RoundEvidence evidence_;
  ReplayOutcome out_;
};

}  // namespace

std::shared_ptr<const Area> drawn_as_stored(const std::string& geojson) {
  auto parsed = Area::from_geojson(geojson);
  return std::make_shared<const Area>(parsed.area ? std::move(*parsed.area) : Area::unknown());
}

ReplayBorders own_borders() { return {Borders::world(), borders_digest()}; }

std::string_view name_of(ReplayOutcome::Kind kind) {
  switch (kind) {
    case Kind::kSame:
      return "same";
    case Kind::kWrongDigest:
      return "wrong digest";
    case Kind::kDiffers:
      return "differs";
    case Kind::kOtherPolicy:
      return "other policy";
    case Kind::kCannotBeJudged:
      break;
  }
  return "cannot be judged again";
}

ReplayOutcome replay(const StoredRound& round, const ReplayBorders& borders,
                     const std::optional<Policy>& other_policy) {
  return Replay{round, borders, other_policy}.run();
}

}  // namespace chiploc
