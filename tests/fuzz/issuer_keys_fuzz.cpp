// What an issuer publishes: its key set and its document. Keys that are taken are within the rules, of one name at most, and
// verify nothing that is no signature; addresses that are taken may be asked.
#include "server/oidc/issuer_document.hpp"
#include "server/oidc/jwk_set.hpp"
#include "server/oidc/key_cache.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto set = JwkSet::parse(text)) {
    fuzz::demand(set->size() + set->skipped() <= JwkSet::kKeysMax);
    const ByteVector none(64, 0);
    for (const char* kid : {"ed", "ec", "rsa"}) {
      for (const JwsAlgorithm algorithm :
           {JwsAlgorithm::kRs256, JwsAlgorithm::kPs256, JwsAlgorithm::kEs256, JwsAlgorithm::kEdDsa}) {
        const Jwk* const key = set->find(std::string{kid}, algorithm);
        if (key == nullptr) continue;
        fuzz::demand(set->has(kid) && key->fits(algorithm) && key->kid() == kid);
        fuzz::demand(!key->verify(algorithm, bytes_of("a.b"), none));
      }
    }
  }
  for (const bool plain : {false, true}) {
    const auto document = parse_issuer_document(text, "https://i.example", plain);
    if (!document) {
      fuzz::demand(!document.error().empty());
      continue;
    }
    fuzz::demand(document->issuer == "https://i.example" &&
                 refusal_of_endpoint(document->jwks_uri, plain).empty());
    fuzz::demand(document->authorization_endpoint.empty() == document->token_endpoint.empty());
  }
  if (refusal_of_endpoint(text, false).empty())
    fuzz::demand(text.starts_with("https://") && refusal_of_endpoint(text, true).empty());
  if (const auto age = max_age_of(text))
    fuzz::demand(age->count() >= 0 && *age < std::chrono::seconds{1'000'000'000});
  return 0;
}
