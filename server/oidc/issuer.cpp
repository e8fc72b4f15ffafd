#include "server/oidc/issuer.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace chiploc {
namespace {

std::string_view reason_of(JwkSetFault fault) {
  switch (fault) {
    case JwkSetFault::kNoJson:
      return "its key set is no JSON object of 64 KiB at most";
    case JwkSetFault::kNoKeys:
      return "its key set has no array of keys";
    case JwkSetFault::kTooMany:
      return "its key set has more than 64 keys";
  }
  return "";
}

}  // namespace

struct Issuer::State : std::enable_shared_from_this<Issuer::State> {
  State(IssuerOptions how, HttpFetch& by, std::function<SteadyTime()> now, OidcLog lines)
      : options{std::move(how)},
        fetch{by},
        clock{std::move(now)},
        log{std::move(lines)},
        cache{options.cache} {}

  const IssuerOptions options;
  HttpFetch& fetch;
  const std::function<SteadyTime()> clock;
  const OidcLog log;

  std::mutex mutex;
  // Behind the lock:
  KeyCache cache;
  std::shared_ptr<const IssuerFacts> known;
  bool fetching = false;
  std::vector<Told> waiting;
  IssuerCounts counts;

  [[nodiscard]] std::shared_ptr<const IssuerFacts> usable() {
    return cache.usable(clock()) ? known : nullptr;
  }

  void ask(const std::optional<std::string>& kid, Told told) {
    std::shared_ptr<const IssuerFacts> now_known;
    bool start = false;
    {
      const std::scoped_lock lock{mutex};
      const SteadyTime now = clock();
      const bool unknown = kid && known && !known->keys.has(*kid);
      bool wait = fetching && (unknown || !cache.usable(now) || cache.due(now));
      if (!fetching && (cache.due(now) || (unknown && cache.take_unknown(now))))
        wait = start = fetching = true;
      if (wait && waiting.size() >= options.waiting_most) {
        ++counts.not_queued;
        wait = false;
      }
      now_known = usable();
      if (wait) waiting.push_back(std::exchange(told, nullptr));
    }
    if (start) fetch_document();
    if (told) told(std::move(now_known));
  }

  void fetch_document() {
    const bool sent = fetch.fetch(
        {.url = discovery_url(options.issuer)}, [self = shared_from_this()](FetchOutcome outcome) {
          const std::string problem = problem_with(outcome);
          if (!problem.empty()) return self->end_failed("its discovery document: " + problem);
          auto document =
              parse_issuer_document(outcome->body, self->options.issuer, self->options.plain_loopback);
          if (!document) return self->end_failed("its discovery document: " + document.error());
          self->fetch_keys(*std::move(document));
        });
    if (!sent) end_failed("too many requests to it wait already");
  }
  void fetch_keys(IssuerDocument document) {
    const std::string url = document.jwks_uri;
    const bool sent = fetch.fetch({.url = url}, [self = shared_from_this(), document = std::move(document)](
                                                    FetchOutcome outcome) mutable {
      const std::string problem = problem_with(outcome);
      if (!problem.empty()) return self->end_failed("its keys: " + problem);
      auto keys = JwkSet::parse(outcome->body);
      if (!keys) return self->end_failed(std::string{reason_of(keys.error())});
      if (keys->size() == 0) return self->end_failed("none of its keys is of use here");
      self->end_good({std::move(document), *std::move(keys)}, max_age_of(outcome->cache_control));
    });
    if (!sent) end_failed("too many requests to it wait already");
  }
  /// Empty: a good answer.
  static std::string problem_with(const FetchOutcome& outcome) {
    if (!outcome) return outcome.error();
    return outcome->status == 200 ? "" : "it answers with status " + std::to_string(outcome->status);
  }

  void end_good(IssuerFacts facts, std::optional<Nanoseconds> max_age) {
    const std::size_t keys = facts.keys.size(), skipped = facts.keys.skipped();
    log(false, "oidc.keys_fetched keys=" + std::to_string(keys) + " skipped=" + std::to_string(skipped));
    end([&] {
      ++counts.fetched;
      counts.keys_skipped = skipped;
      known = std::make_shared<const IssuerFacts>(std::move(facts));
      cache.fetched(clock(), max_age);
    });
  }
  void end_failed(const std::string& why) {
    log(true, "oidc.keys_failed reason=\"" + why + "\"");
    end([&] {
      ++counts.failed;
      cache.failed(clock());
    });
  }
  template <class Note>
  void end(const Note& note) {
    std::vector<Told> told;
    std::shared_ptr<const IssuerFacts> now_known;
    {
      const std::scoped_lock lock{mutex};
      note();
      fetching = false;
      told.swap(waiting);
      now_known = usable();
    }
    for (const Told& one : told) one(now_known);
  }
};

Issuer::Issuer(IssuerOptions options, HttpFetch& fetch, std::function<SteadyTime()> clock, OidcLog log)
    : state_{std::make_shared<State>(std::move(options), fetch, std::move(clock), std::move(log))} {}
Issuer::~Issuer() {
  const std::scoped_lock lock{state_->mutex};
  state_->waiting.clear();
}

void Issuer::ask(const std::optional<std::string>& kid, Told told) { state_->ask(kid, std::move(told)); }

std::shared_ptr<const IssuerFacts> Issuer::facts(const std::optional<std::string>& kid) {
  struct Wait {
    std::mutex mutex;
    std::condition_variable changed;
    bool told = false;
    std::shared_ptr<const IssuerFacts> facts;
  };
  const auto wait = std::make_shared<Wait>();
  state_->ask(kid, [wait](std::shared_ptr<const IssuerFacts> facts) {
    const std::scoped_lock lock{wait->mutex};
    wait->told = true;
    wait->facts = std::move(facts);
    wait->changed.notify_all();
  });
  {
    std::unique_lock lock{wait->mutex};
    if (wait->changed.wait_for(lock, state_->options.wait_most, [&] { return wait->told; }))
      return wait->facts;
  }
  const std::scoped_lock lock{state_->mutex};
  ++state_->counts.timed_out;
  return state_->usable();
}

IssuerCounts Issuer::counts() const {
  const std::scoped_lock lock{state_->mutex};
  return state_->counts;
}

}  // namespace chiploc
