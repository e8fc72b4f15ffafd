#include "server/notices/webhook_signature.hpp"

#include <openssl/hmac.h>

#include "proto/base/base64.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/key_store.hpp"

namespace chiploc {
namespace {

using Code = KeyFault::Code;

constexpr std::string_view kSharedPrefix = "whsec_";
constexpr std::string_view kPrivatePrefix = "whsk_";
constexpr std::string_view kPublicPrefix = "whpk_";
constexpr std::size_t kSharedBytesMin = 24;  // the specification's bounds: 192 and 512 bits
constexpr std::size_t kSharedBytesMax = 64;
constexpr std::size_t kSeedBytes = 32;

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

Fail<KeyFault> malformed_secret(std::string text) {
  return Fail{KeyFault{Code::kMalformed, std::move(text)}};
}

/// The raw public key: the last 32 bytes of its SubjectPublicKeyInfo (RFC 8410).
Bytes raw_ed25519(const Signer& key) { return key.spki_der().last(32); }

}  // namespace

struct WebhookKey::Secret {
  SecretBytes<kSharedBytesMax> shared;
  std::size_t shared_size = 0;
  std::unique_ptr<SoftwareKey> ed25519;  ///< instead of the shared one
};

WebhookKey::WebhookKey(std::unique_ptr<Secret> secret) : secret_{std::move(secret)} {}
WebhookKey::~WebhookKey() = default;
WebhookKey::WebhookKey(WebhookKey&&) noexcept = default;
WebhookKey& WebhookKey::operator=(WebhookKey&&) noexcept = default;

Result<WebhookKey, KeyFault> WebhookKey::from_text(std::string_view text) {
  auto secret = std::make_unique<Secret>();
  const bool is_shared = begins_with(text, kSharedPrefix);
  if (!is_shared && !begins_with(text, kPrivatePrefix)) {
    return malformed_secret("no webhook secret: it begins with whsec_ (shared) or whsk_ (Ed25519)" +
                            std::string{begins_with(text, kPublicPrefix) ? "; this is a public key" : ""});
  }
  const auto size = base64_decode(text.substr(is_shared ? kSharedPrefix.size() : kPrivatePrefix.size()),
                                  secret->shared.writable());
  if (is_shared) {
    if (!size || *size < kSharedBytesMin)
      return malformed_secret("no webhook secret: after whsec_ stands the base64 of 24 to 64 bytes");
    secret->shared_size = *size;
    return WebhookKey{std::move(secret)};
  }
  if (!size || (*size != kSeedBytes && *size != 2 * kSeedBytes))
    return malformed_secret(
        "no webhook key: after whsk_ stands the base64 of an Ed25519 key of 32 or 64 bytes");
  auto key = key_from_ed25519_seed(secret->shared.bytes().first(kSeedBytes));
  if (!key) return Fail{key.error()};
  if (*size > kSeedBytes && !same_bytes(raw_ed25519(**key), secret->shared.bytes().last(kSeedBytes)))
    return malformed_secret("no webhook key: its second half is not the public key of its first");
  secret->ed25519 = std::move(*key);
  wipe(secret->shared.writable());
  return WebhookKey{std::move(secret)};
}

Result<std::string, KeyFault> WebhookKey::sign(Bytes content) const {
  if (secret_->ed25519) {
    const auto signature = secret_->ed25519->sign(content);
    if (!signature) return Fail{signature.error()};
    return "v1a," + base64_text(*signature);
  }
  ByteArray<32> mac{};
  unsigned size = 0;
  const auto* done =
      HMAC(EVP_sha256(), secret_->shared.bytes().data(), static_cast<int>(secret_->shared_size),
           content.data(), content.size(), mac.data(), &size);
  if (done == nullptr || size != mac.size())
    return Fail{KeyFault{Code::kSigningFailed, "OpenSSL computed no HMAC of a notice"}};
  return "v1," + base64_text(mac);
}

std::string WebhookKey::public_text() const {
  if (!secret_->ed25519) return {};
  return std::string{kPublicPrefix} + base64_text(raw_ed25519(*secret_->ed25519));
}

Result<WebhookKey, KeyFault> read_webhook_key(const std::filesystem::path& file) {
  const auto line = read_secret_line(file);
  if (!line) return Fail{line.error()};
  auto key = WebhookKey::from_text(line->text());
  if (!key) return Fail{KeyFault{key.error().code, file.string() + ": " + key.error().text}};
  return key;
}

Result<WebhookHeaders, KeyFault> webhook_headers(const std::vector<WebhookKeyInUse>& keys, const NoticeId& id,
                                                 WallTime now, std::string_view body) {
  WebhookHeaders headers{id.hex(), std::to_string(unix_seconds(now)), {}};
  const std::string content = headers.id + "." + headers.timestamp + "." + std::string{body};
  for (const WebhookKeyInUse& use : keys) {
    if (use.until && now >= *use.until) continue;
    const auto signature = use.key.sign(bytes_of(content));
    if (!signature) return Fail{signature.error()};
    headers.signature += (headers.signature.empty() ? "" : " ") + *signature;
  }
  if (headers.signature.empty())
    return Fail{KeyFault{Code::kNoPrivateKey, "no secret of this sink is in force any more; name a new one"}};
  return headers;
}

}  // namespace chiploc
