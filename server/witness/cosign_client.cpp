#include "server/witness/cosign_client.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "proto/base/safe_text.hpp"
#include "server/evidence/witness.hpp"
#include "server/fetch/curl_fetch.hpp"

namespace chiploc {
namespace {

using Code = CosignFault::Code;

constexpr std::size_t kUrlMax = 1'000;

bool is_https(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  return url.starts_with(kScheme) && url.size() > kScheme.size() && url.size() <= kUrlMax &&
         url.find_first_of("@?# \\") == std::string_view::npos &&
         std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

namespace cosign_client {

/// Answers on their way from libcurl's thread to the one that waits. What comes after that has gone is dropped with it.
struct Inbox {
  std::mutex mutex;
  std::condition_variable changed;
  // Behind the lock:
  std::map<std::size_t, FetchOutcome> come;
  bool stopped = false;
};

}  // namespace cosign_client

using cosign_client::Inbox;

struct CosignClient::Inside {
  struct Witness {
    WitnessPlace place;
    std::uint64_t cosigned = 0;  ///< the size of the newest tree that it has cosigned, as far as we know
  };
  /// One question to one witness.
  struct Round {
    const SignedCheckpoint& head;
    const GrowthProver& prove;
    std::vector<std::optional<CosignAnswer>> answers;
    std::vector<std::uint8_t> told_size;  ///< whether it has said from where it goes on
    std::size_t open = 0;
  };

  std::vector<Witness> witnesses;
  std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>();
  std::mutex inbox_mutex;  ///< guards which inbox it is
  bool stopped = false;    ///< likewise
  CurlFetch fetch;         // goes first

  explicit Inside(const CosignOptions& options)
      : fetch{options.ca, false,
              FetchLimits{.connect = options.connect,
                          .whole = options.whole,
                          .body_bytes = kAnswerBytesMax,
                          .waiting_most = 4 * kWitnessesMax}} {}

  [[nodiscard]] CosignFault fault(std::size_t i, Code code, const std::string& text) const {
    return {code, "witness '" + log_text(witnesses[i].place.key.name) + "' " + text};
  }

  /// Sends a submission from `old_size` on; an answer is there at once where that cannot be.
  void send(Round& round, std::size_t i, std::uint64_t old_size) {
    Submission submission{old_size, {}, round.head};
    if (old_size != 0 && old_size != round.head.checkpoint.size) {
      auto proof = round.prove(old_size);
      if (!proof) {
        round.answers[i] = fault(i, Code::kNoProof,
                                 "was not asked: the log cannot prove its growth from " +
                                     std::to_string(old_size) + " entries: " + proof.error());
        return;
      }
      submission.proof = *std::move(proof);
    }
    FetchRequest request{.url = witnesses[i].place.url + "/add-checkpoint",
                         .content_type = "text/plain; charset=utf-8",
                         .body = submission_text(submission),
                         .accept = "text/plain, text/x.tlog.size"};
    const bool sent = fetch.fetch(std::move(request), [box = inbox, i](FetchOutcome outcome) {
      const std::scoped_lock lock{box->mutex};
      box->come.emplace(i, std::move(outcome));
      box->changed.notify_all();
    });
    if (sent) {
      ++round.open;
    } else {
      round.answers[i] = fault(i, Code::kUnreachable, "was not asked: too many answers are waited for");
    }
  }

  void take(Round& round, std::size_t i, const FetchOutcome& outcome) {
    --round.open;
    if (!outcome) {
      round.answers[i] = fault(i, Code::kUnreachable,
                               "does not answer (" + outcome.error() + "); check its URL and the network");
      return;
    }
    CosignAnswer answer = read_cosign_reply({outcome->status, outcome->content_type, outcome->body},
                                            round.head, witnesses[i].place.key);
    if (const auto* from = std::get_if<ProveFrom>(&answer)) {
      witnesses[i].cosigned = from->size;
      if (std::exchange(round.told_size[i], 1) == 0) return send(round, i, from->size);
      answer = fault(i, Code::kMoved,
                     "was shown another tree of this log meanwhile; one process alone submits a log");
    }
    if (std::holds_alternative<NoteSignature>(answer)) witnesses[i].cosigned = round.head.checkpoint.size;
    round.answers[i] = std::move(answer);
  }

  [[nodiscard]] std::vector<Cosigning> outcomes(const Round& round) const {
    std::vector<Cosigning> out;
    for (std::size_t i = 0; i < witnesses.size(); ++i) {
      const auto& answer = round.answers[i];
      const std::string& name = witnesses[i].place.key.name;
      if (!answer) {
        out.push_back({name, Fail{fault(i, Code::kStopped, "was not waited for: this process ends")}});
      } else if (const auto* signature = std::get_if<NoteSignature>(&*answer)) {
        out.push_back({name, *signature});
      } else {
        out.push_back({name, Fail{std::get<CosignFault>(*answer)}});
      }
    }
    return out;
  }
};

Result<std::unique_ptr<CosignClient>, std::string> CosignClient::open(std::vector<WitnessPlace> witnesses,
                                                                      const CosignOptions& options) {
  if (witnesses.size() > kWitnessesMax)
    return Fail{"more than " + std::to_string(kWitnessesMax) + " witnesses"};
  auto inside = std::make_unique<Inside>(options);
  for (WitnessPlace& place : witnesses) {
    const std::string name = "witness '" + log_text(place.key.name) + "': ";
    while (place.url.ends_with('/')) place.url.pop_back();
    if (!is_https(place.url))
      return Fail{name + "\"" + log_text(place.url) + "\" is no address; write https://HOST[:PORT][/PATH]"};
    const NoteAlgorithm* algorithm = note_algorithm(place.key.type);
    if (algorithm == nullptr || !algorithm->timed)
      return Fail{name + "its key is none of a witness's; ask who runs it for the verifier key"};
    for (const auto& other : inside->witnesses)
      if (other.place.key == place.key) return Fail{name + "is named twice"};
    inside->witnesses.push_back({std::move(place), 0});
  }
  return std::unique_ptr<CosignClient>{new CosignClient{std::move(inside)}};
}

CosignClient::CosignClient(std::unique_ptr<Inside> inside) : inside_{std::move(inside)} {}
CosignClient::~CosignClient() = default;

std::vector<Cosigning> CosignClient::ask(const SignedCheckpoint& head, const GrowthProver& prove_growth) {
  Inside& all = *inside_;
  bool stopped = false;
  {
    const std::scoped_lock lock{all.inbox_mutex};
    all.inbox = std::make_shared<Inbox>();  // answers to what was given up go nowhere
    all.inbox->stopped = stopped = all.stopped;
  }
  const std::size_t count = all.witnesses.size();
  Inside::Round round{head, prove_growth, {}, std::vector<std::uint8_t>(count), 0};
  round.answers.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t cosigned = all.witnesses[i].cosigned;
    // Where it has seen a larger tree than this, it says so itself.
    if (!stopped) all.send(round, i, cosigned <= head.checkpoint.size ? cosigned : 0);
  }
  Inbox& inbox = *all.inbox;
  while (round.open != 0) {
    std::map<std::size_t, FetchOutcome> come;
    {
      std::unique_lock lock{inbox.mutex};
      inbox.changed.wait(lock, [&] { return inbox.stopped || !inbox.come.empty(); });
      come.swap(inbox.come);
      if (come.empty()) break;
    }
    for (const auto& [i, outcome] : come) all.take(round, i, outcome);
  }
  return all.outcomes(round);
}

void CosignClient::stop() {
  const std::scoped_lock lock{inside_->inbox_mutex};
  inside_->stopped = true;
  const std::scoped_lock inner{inside_->inbox->mutex};
  inside_->inbox->stopped = true;
  inside_->inbox->changed.notify_all();
}

SignedCheckpoint with_cosignatures(const SignedCheckpoint& head, const std::vector<Cosigning>& outcomes) {
  SignedCheckpoint out = head;
  auto& signatures = out.note.signatures;
  for (const Cosigning& one : outcomes) {
    if (!one.outcome) continue;
    std::erase_if(signatures, [&](const NoteSignature& old) {
      return old.name == one.outcome->name && old.id == one.outcome->id;
    });
    if (signatures.size() < kNoteSignaturesMax) signatures.push_back(*one.outcome);
  }
  return out;
}

}  // namespace chiploc
