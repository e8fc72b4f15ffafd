#include "server/evidence/trust_policy.hpp"

#include <algorithm>

#include "server/evidence/text_lines.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kNobody = "none";

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  std::size_t at = 0;
  for (;;) {
    at = line.find_first_not_of(" \t", at);
    if (at == std::string_view::npos) return out;
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    out.push_back(line.substr(at, end - at));
    at = end;
  }
}

bool is_policy_text(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    constexpr unsigned char kFirstShown = 0x20, kDelete = 0x7F;
    return c == '\t' || (byte >= kFirstShown && byte != kDelete);
  });
}

bool signs_logs(const NoteKey& key) {
  return key.type == static_cast<std::uint8_t>(NoteSignatureType::kEd25519) ||
         key.type == static_cast<std::uint8_t>(NoteSignatureType::kMlDsa44);
}
bool cosigns(const NoteKey& key) {
  const NoteAlgorithm* algorithm = note_algorithm(key.type);
  return algorithm != nullptr && algorithm->timed;
}

}  // namespace

class TrustPolicy::Reader {
 public:
  using Step = Result<Done, std::string>;

  Result<TrustPolicy, std::string> read(std::string_view text) {
    std::size_t number = 0;
    while (!text.empty()) {
      ++number;
      const auto line = take_line(text);
      const Step step = line ? take(*line) : Step{Fail{std::string{"does not end"}}};
      if (!step) return Fail{"line " + std::to_string(number) + ": " + step.error()};
    }
    if (!has_quorum_)
      return Fail{std::string{"has no line 'quorum': write 'quorum none' if no witness is needed"}};
    return std::move(out_);
  }

 private:
  static Fail<std::string> no(std::string text) { return Fail{std::move(text)}; }

  Step take(std::string_view line) {
    if (!is_policy_text(line)) return no("has a control character");
    const auto words = words_of(line);
    if (words.empty() || words.front().starts_with('#')) return Done{};
    if (words.front() == "log") return log(words);
    if (words.front() == "witness") return witness(words);
    if (words.front() == "group") return group(words);
    if (words.front() == "quorum") return quorum(words);
    return no("begins with none of log, witness, group and quorum");
  }

  Step log(const std::vector<std::string_view>& words) {
    if (words.size() < 2 || words.size() > 3) return no("is not: log VKEY [URL]");
    auto key = parse_vkey(words[1]);
    if (!key) return no("the log's key " + key.error());
    if (note_algorithm(key->type) != nullptr && !signs_logs(*key))
      return no("the key is a witness's, not a log's");
    for (const Log& one : out_.logs_)
      if (one.key.material == key->material) return no("this log's key stands in the file already");
    if (out_.logs_.size() == kEntriesMax) return no("is one log too many");
    out_.logs_.push_back({*std::move(key), words.size() == 3 ? std::string{words[2]} : std::string{}});
    return Done{};
  }

  Step witness(const std::vector<std::string_view>& words) {
    if (words.size() < 3 || words.size() > 4) return no("is not: witness NAME VKEY [URL]");
    auto key = parse_vkey(words[2]);
    if (!key) return no("the witness's key " + key.error());
    if (note_algorithm(key->type) != nullptr && !cosigns(*key))
      return no("the key is no witness's: its type is not that of a cosignature");
    for (const Witness& one : out_.witnesses_)
      if (one.key.material == key->material) return no("this witness's key stands in the file already");
    if (out_.witnesses_.size() == kEntriesMax) return no("is one witness too many");
    const Step named = define({std::string{words[1]}, out_.witnesses_.size(), 1, {}});
    if (!named) return named;
    out_.witnesses_.push_back(
        {std::string{words[1]}, *std::move(key), words.size() == 4 ? std::string{words[3]} : std::string{}});
    return Done{};
  }

  Step group(const std::vector<std::string_view>& words) {
    if (words.size() < 4) return no("is not: group NAME all|any|K NAME...");
    Node node{std::string{words[1]}, {}, 0, {}};
    for (std::size_t i = 3; i < words.size(); ++i) {
      const auto member = find(words[i]);
      if (!member) return no("'" + std::string{words[i]} + "' is not defined above");
      if (is_member_[*member]) return no("'" + std::string{words[i]} + "' is in a group already");
      is_member_[*member] = true;
      node.members.push_back(*member);
    }
    const auto count = words[2] == "all"   ? std::optional<std::uint64_t>{node.members.size()}
                       : words[2] == "any" ? std::optional<std::uint64_t>{1}
                                           : decimal_in(words[2]);
    if (!count || *count == 0 || *count > node.members.size())
      return no("needs 'all', 'any', or a number from 1 to that of its members");
    node.needed = static_cast<std::size_t>(*count);
    return define(std::move(node));
  }

  Step quorum(const std::vector<std::string_view>& words) {
    if (words.size() != 2) return no("is not: quorum NAME");
    if (has_quorum_) return no("is a second quorum");
    has_quorum_ = true;
    if (words[1] == kNobody) return Done{};
    out_.quorum_ = find(words[1]);
    if (!out_.quorum_) return no("'" + std::string{words[1]} + "' is not defined above");
    return Done{};
  }

  Step define(Node node) {
    if (node.name == kNobody) return no("'none' is nobody's name");
    if (find(node.name)) return no("'" + node.name + "' is defined already");
    if (out_.nodes_.size() == kEntriesMax * 2) return no("is one name too many");
    out_.nodes_.push_back(std::move(node));
    is_member_.push_back(false);
    return Done{};
  }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
    for (std::size_t i = 0; i < out_.nodes_.size(); ++i)
      if (out_.nodes_[i].name == name) return i;
    return std::nullopt;
  }

  TrustPolicy out_;
  std::vector<bool> is_member_;
  bool has_quorum_ = false;
};

Result<TrustPolicy, std::string> TrustPolicy::parse(std::string_view text) {
  if (text.size() > kBytesMax) return Fail{"is longer than " + std::to_string(kBytesMax) + " bytes"};
  return Reader{}.read(text);
}

TrustVerdict TrustPolicy::judge(const SignedCheckpoint& checkpoint) const {
  TrustVerdict out;
  const std::string& origin = checkpoint.checkpoint.origin;
  bool spoilt = false, named = false;
  const auto note_problem = [&](const std::string& who, SignatureVerdict verdict) {
    if (verdict == SignatureVerdict::kBad) {
      spoilt = true;
      out.problems.push_back(who + ": the signature is bad");
    } else if (verdict == SignatureVerdict::kUnsupported) {
      out.problems.push_back(who + ": this machine cannot check the signature (ML-DSA needs OpenSSL 3.5)");
    }
  };
  for (const Log& one : logs_) {
    if (one.key.name != origin) continue;
    named = true;
    const CheckedSignature checked = check_signature(checkpoint, one.key);
    note_problem("log " + one.key.name, checked.verdict);
    if (checked.verdict == SignatureVerdict::kGood) out.log = one.key.name;
  }
  std::vector<std::size_t> met(nodes_.size(), 0);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (node.witness) {
      const Witness& witness = witnesses_[*node.witness];
      const CheckedSignature checked = check_signature(checkpoint, witness.key);
      note_problem("witness " + witness.name, checked.verdict);
      if (checked.verdict != SignatureVerdict::kGood) continue;
      met[i] = 1;
      out.witnesses.push_back(witness.name);
    } else {
      std::size_t members = 0;
      for (const std::size_t member : node.members) members += met[member];
      met[i] = members >= node.needed ? 1 : 0;
    }
  }
  if (spoilt) {
    out.why = out.problems.front();
  } else if (!named) {
    out.why = "the policy knows no log '" + origin + "'";
  } else if (out.log.empty()) {
    out.why = "no signature of log '" + origin + "' under it counts";
  } else if (quorum_ && met[*quorum_] == 0) {
    out.why = "too few witnesses have seen it: quorum '" + nodes_[*quorum_].name + "' is not met by " +
              std::to_string(out.witnesses.size()) + " of " + std::to_string(witnesses_.size());
  } else {
    out.believed = true;
  }
  return out;
}

}  // namespace chiploc
