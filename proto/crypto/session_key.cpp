#include "proto/crypto/session_key.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {
namespace {

using KdfContextPtr = OpensslPtr<EVP_KDF_CTX, EVP_KDF_CTX_free>;

OSSL_PARAM octets(const char* name, Bytes value) {
  // The parameter list is not const-correct; a derivation only reads it. It wants a pointer even for nothing.
  static constexpr std::uint8_t kNothing = 0;
  const std::uint8_t* data = value.empty() ? &kNothing : value.data();
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(data), value.size());
}

template <std::size_t N>
SecretBytes<N> derive(const SharedSecret& secret, Bytes salt, Bytes info) {
  SecretBytes<N> out;
  if (!hkdf_sha256(secret.bytes(), salt, info, out.writable())) {
    std::fputs("chiploc: OpenSSL cannot derive keys with HKDF; check the providers in openssl.cnf\n", stderr);
    std::abort();
  }
  return out;
}

/// Cuts fields off the front of derived bytes.
class Cutter {
 public:
  explicit Cutter(Bytes from) : from_{from} {}
  void into(MutableBytes out) {
    std::copy_n(from_.begin(), out.size(), out.begin());
    from_ = from_.subspan(out.size());
  }

 private:
  Bytes from_;
};

}  // namespace

bool hkdf_sha256(Bytes secret, Bytes salt, Bytes info, MutableBytes out) {
  static EVP_KDF* const kMethod = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  const KdfContextPtr context{EVP_KDF_CTX_new(kMethod)};
  if (context == nullptr) return false;
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                                   octets(OSSL_KDF_PARAM_KEY, secret), octets(OSSL_KDF_PARAM_SALT, salt),
                                   octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  const bool derived = EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) == 1;
  if (!derived) ERR_clear_error();
  return derived;
}

SessionKeys derive_session(const SharedSecret& secret, const SessionContext& context) {
  constexpr std::string_view kLabel{"chiploc session v1\0", 19};
  ByteArray<kLabel.size() + 16 + 16 + 32 + 32> info;
  ByteWriter writer{info};
  writer.bytes(bytes_of(kLabel));
  writer.bytes(context.chip.bytes);
  writer.bytes(context.anchor.bytes);
  writer.bytes(context.agent_public.bytes);
  writer.bytes(context.anchor_public.bytes);
  assert(writer.ok() && writer.size() == info.size());

  const auto derived = derive<32 + 32 + 8>(secret, context.ticket.bytes, info);
  SessionKeys keys;
  Cutter cutter{derived.bytes()};
  cutter.into(keys.to_anchor.writable());
  cutter.into(keys.to_agent.writable());
  cutter.into(keys.session.bytes);
  return keys;
}

MeshKeys derive_mesh(const SharedSecret& secret, MeshContext context) {
  assert(context.low != context.high);
  if (context.high < context.low) {
    std::swap(context.low, context.high);
    std::swap(context.low_public, context.high_public);
  }
  constexpr std::string_view kLabel{"chiploc mesh v1\0", 16};
  ByteArray<kLabel.size() + 16 + 16 + 32 + 32> info;
  ByteWriter writer{info};
  writer.bytes(bytes_of(kLabel));
  writer.bytes(context.low.bytes);
  writer.bytes(context.high.bytes);
  writer.bytes(context.low_public.bytes);
  writer.bytes(context.high_public.bytes);
  assert(writer.ok() && writer.size() == info.size());

  const auto derived = derive<32 + 32 + 8 + 8>(secret, {}, info);
  MeshKeys keys;
  Cutter cutter{derived.bytes()};
  cutter.into(keys.to_high.writable());
  cutter.into(keys.to_low.writable());
  cutter.into(keys.low_pings.bytes);
  cutter.into(keys.high_pings.bytes);
  return keys;
}

}  // namespace chiploc
