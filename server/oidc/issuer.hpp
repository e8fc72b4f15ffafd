#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/fetch/http_fetch.hpp"
#include "server/oidc/issuer_document.hpp"
#include "server/oidc/jwk_set.hpp"
#include "server/oidc/key_cache.hpp"

namespace chiploc {

/// A line for the log, "oidc.keys_failed reason=..": never with a part of a token, a secret or a code in it. `warn`: for
/// whoever runs this; else it came of what a stranger sent and belongs to the debug level.
using OidcLog = std::function<void(bool warn, const std::string& line)>;

struct IssuerOptions {
  std::string issuer;
  bool plain_loopback = false;  ///< refusal_of_endpoint
  KeyCacheRules cache{};
  Nanoseconds wait_most = std::chrono::seconds{3};  ///< so long facts() waits for a fetch, and no longer
  std::size_t waiting_most = 256;  ///< who may wait for one at a time; others get what there is
};

/// What is known of an issuer at a time. Shared and immutable.
struct IssuerFacts {
  IssuerDocument document;
  JwkSet keys;
};

struct IssuerCounts {
  std::uint64_t fetched = 0, failed = 0;  ///< fetches of document and keys together
  std::uint64_t keys_skipped = 0;         ///< of the last set: of no use here
  std::uint64_t timed_out = 0;            ///< facts() that did not get an answer in time
  std::uint64_t not_queued = 0;           ///< too many waited
};

/// An issuer's document and keys: fetched when they are wanted, one fetch at a time, by KeyCache's rules. Thread-safe; has
/// no thread of its own: it goes on with whoever asks and with the fetcher's. The
/// fetcher goes away first, so that nothing comes back to what is gone.
class Issuer {
 public:
  Issuer(IssuerOptions options, HttpFetch& fetch, std::function<SteadyTime()> clock, OidcLog log);
  /// Who still waits is not told.
  ~Issuer();
  Issuer(const Issuer&) = delete;
  Issuer& operator=(const Issuer&) = delete;

  using Told = std::function<void(std::shared_ptr<const IssuerFacts>)>;
  /// Tells at once, or, where a fetch is due or `kid` is unknown and may be asked for, when that has ended. Null: there are
  /// none that count. Never waits.
  void ask(const std::optional<std::string>& kid, Told told);
  /// The same for who can wait: at most options.wait_most, then what there is.
  [[nodiscard]] std::shared_ptr<const IssuerFacts> facts(const std::optional<std::string>& kid);
  [[nodiscard]] IssuerCounts counts() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace chiploc
