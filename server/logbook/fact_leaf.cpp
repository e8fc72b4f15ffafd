#include "server/logbook/fact_leaf.hpp"

#include <algorithm>
#include <utility>

#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kSeedLabel{"chiploc leaf seed v1\0", 21};

class Writer {
 public:
  Writer(std::string kind, WallTime at) {
    leaf_.kind = std::move(kind);
    leaf_.at = {std::max(at.since_epoch, Nanoseconds{0})};  // a clock of before 1970 stops nobody's log
  }
  Writer& open(std::string name, std::string value) {
    leaf_.fields.push_back({std::move(name), std::move(value), false});
    return *this;
  }
  Writer& open(std::string name, std::uint64_t value) { return open(std::move(name), std::to_string(value)); }
  Writer& sealed(std::string name, std::string value) {
    leaf_.fields.push_back({std::move(name), std::move(value), true});
    return *this;
  }
  Writer& sealed(std::string name, std::uint64_t value) {
    return sealed(std::move(name), std::to_string(value));
  }
  Writer& sealed(std::string name, const ByteVector& value) {
    return sealed(std::move(name), std::string{value.begin(), value.end()});
  }
  /// Left out where there is none.
  template <class Value>
  Writer& sealed_if(std::string name, const Value& value) {
    return value.empty() ? *this : sealed(std::move(name), value);
  }
  Writer& requester(const std::string& name, const std::optional<Digest>& certificate) {
    sealed("by", name);
    return certificate ? sealed("by-certificate", certificate->hex()) : *this;
  }
  [[nodiscard]] Leaf take() { return std::move(leaf_); }

 private:
  Leaf leaf_;
};

ByteVector joined_bytes(const std::vector<ByteVector>& parts) {
  ByteVector out;
  for (const ByteVector& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

std::string anchor_lines(const std::vector<IntentAnchor>& anchors) {
  std::string out;
  for (const IntentAnchor& one : anchors)
    out.append(one.id.hex())
        .append(" ")
        .append(to_hex(one.public_key))
        .append(" ")
        .append(one.name)
        .append("\n");
  return out;
}

/// What came in, each message by itself: report-1, report-2, ..
void add_messages(Writer& out, const RoundEvidenceRecord& evidence) {
  out.sealed_if("tickets", joined_bytes(evidence.tickets));
  std::size_t number = 0;
  for (const StoredReport& one : evidence.reports)
    out.sealed("report-" + std::to_string(++number), one.bytes);
  number = 0;
  for (const StoredStatement& one : evidence.statements)
    out.sealed("statement-" + std::to_string(++number), one.bytes);
  out.sealed_if("close-order", evidence.close_order);
}

struct LeafMaker {
  Leaf operator()(const LogBegin& one) const {
    return Writer{"begin", one.at}.open("next-round", one.next_round).take();
  }
  Leaf operator()(const RoundIntended& one) const {
    const RoundIntent& intent = one.intent;
    Writer out{"intent", intent.intent};
    out.open("round", intent.round.hex()).open("number", one.number);
    out.open("coordinator-key", to_hex(intent.coordinator_public));
    out.sealed("chip", intent.chip.hex()).requester(intent.requested_by, intent.requested_with);
    out.sealed("anchors", anchor_lines(intent.anchors));
    out.sealed("certificate", intent.device_certificate)
        .sealed_if("issuers", joined_bytes(intent.device_issuers));
    out.sealed_if("certificate-standing", intent.certificate_standing);
    return out.sealed_if("context", intent.context).take();
  }
  Leaf operator()(const RoundJudged& one) const {
    Writer out{"result", one.verdict.decided};
    out.open("round", one.verdict.round.hex())
        .open("number", one.number)
        .open("verdict", one.verdict.id.hex());
    out.sealed("chip", one.verdict.chip.hex()).sealed("state", one.verdict.state);
    out.sealed("expires", std::to_string(one.verdict.expires.since_epoch.count()));
    out.sealed("record", one.verdict.bytes);
    add_messages(out, one.evidence);
    return out.take();
  }
  Leaf operator()(const RoundGivenUp& one) const {
    Writer out{"abandoned", one.at};
    out.open("round", one.evidence.intent.round.hex()).open("number", one.number);
    out.sealed("chip", one.evidence.intent.chip.hex()).sealed("reason", one.evidence.abandoned_because);
    add_messages(out, one.evidence);
    return out.take();
  }
  Leaf operator()(const RegistryMade& one) const {
    const ImportJournalEntry& made = one.import;
    Writer out{"registry", made.stamp.at};
    out.open("version", made.version).requester(made.stamp.by, made.stamp.with);
    out.sealed("reason", made.stamp.reason).sealed("added", made.added).sealed("changed", made.changed);
    out.sealed("unchanged", made.unchanged).sealed("removed", made.removed);
    std::string files;
    for (const ImportJournalEntry::File& file : made.files)
      files += std::to_string(file.kind) + " " + file.sha256.hex() + " " + std::to_string(file.rows) + " " +
               file.name + "\n";
    return out.sealed_if("files", files).sealed("changes", one.changes.hex()).take();
  }
  Leaf operator()(const PolicyActivation& one) const {
    Writer out{"policy", one.at};
    out.open("number", one.number).requester(one.by.name, one.by.certificate);
    return out.sealed("reason", one.reason)
        .sealed("sha256", one.sha256.hex())
        .sealed("toml", one.toml)
        .take();
  }
  Leaf operator()(const CaseLine& one) const {
    const CaseEntryRecord& line = one.entry;
    Writer out{"case", line.at};
    out.open("case", one.of_case).open("line", std::uint64_t{line.number});
    out.sealed("of-kind", one.key.kind).sealed("order", one.key.order).sealed("key-licence", one.key.licence);
    out.sealed("site", one.key.site).sealed("licence", one.licence);
    out.sealed("line-kind", line.kind)
        .sealed("state", line.state)
        .sealed("who", line.who)
        .sealed("text", line.text);
    if (line.chip) out.sealed("chip", line.chip->hex());
    std::string verdicts;
    for (const VerdictId& id : line.verdicts) verdicts += id.hex() + "\n";
    out.sealed_if("verdicts", verdicts);
    if (line.file) out.sealed("file", line.file->hex());
    return out.take();
  }
  Leaf operator()(const CounterStart& one) const {
    Writer out{"counters", one.at};
    out.sealed("chip", one.chip.hex())
        .sealed("key", one.signer.hex())
        .sealed("by", one.by)
        .sealed("reason", one.reason);
    if (one.before) {
      out.sealed("before-boot-count", one.before->boot_count);
      out.sealed("before-round-counter", one.before->round_counter);
    }
    return out.take();
  }
};

}  // namespace

Leaf leaf_of(const StoredLeaf& fact) { return std::visit(LeafMaker{}, fact.what); }

LeafSeed leaf_seed_at(const Digest& log_seed, std::uint64_t index) {
  ByteArray<8> place{};
  for (std::size_t i = 0; i < place.size(); ++i)
    place[i] = static_cast<std::uint8_t>(index >> (8 * (place.size() - 1 - i)));
  return sha256_of({bytes_of(kSeedLabel), log_seed.bytes, place}).bytes;
}

Result<std::string, std::string> entry_of(const StoredLeaf& fact, const Digest& log_seed) {
  return leaf_text(leaf_of(fact), leaf_seed_at(log_seed, fact.index));
}

}  // namespace chiploc
