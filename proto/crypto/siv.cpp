#include "proto/crypto/siv.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {
namespace {

using CipherPtr = OpensslPtr<EVP_CIPHER, EVP_CIPHER_free>;
using CipherContextPtr = OpensslPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

const EVP_CIPHER* cipher() {
  static const CipherPtr kFetched{EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr)};
  return kFetched.get();
}

[[noreturn]] void give_up() {
  std::fputs("chiploc: OpenSSL cannot encrypt with AES-256-SIV\n", stderr);
  std::abort();
}

/// A context with key and purpose set; null: the library cannot.
CipherContextPtr begin(Bytes key, std::string_view purpose, bool encrypt) {
  CipherContextPtr context{EVP_CIPHER_CTX_new()};
  int size = 0;
  if (cipher() == nullptr || !context ||
      EVP_CipherInit_ex2(context.get(), cipher(), key.data(), nullptr, encrypt ? 1 : 0, nullptr) != 1 ||
      EVP_CipherUpdate(context.get(), nullptr, &size, reinterpret_cast<const std::uint8_t*>(purpose.data()),
                       static_cast<int>(purpose.size())) != 1)
    return nullptr;
  return context;
}

}  // namespace

bool SivKey::available() { return cipher() != nullptr; }

ByteVector SivKey::seal(std::string_view purpose, Bytes plain) const {
  if (plain.empty()) return {};
  const CipherContextPtr context = begin(key_.bytes(), purpose, true);
  ByteVector out(kTagSize + plain.size());
  int size = 0;
  if (!context ||
      EVP_CipherUpdate(context.get(), out.data() + kTagSize, &size, plain.data(),
                       static_cast<int>(plain.size())) != 1 ||
      size != static_cast<int>(plain.size()) ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, out.data()) != 1)
    give_up();
  return out;
}

std::optional<ByteVector> SivKey::open(std::string_view purpose, Bytes sealed) const {
  if (sealed.size() <= kTagSize) return std::nullopt;
  const CipherContextPtr context = begin(key_.bytes(), purpose, false);
  if (!context) give_up();
  ByteArray<kTagSize> tag{};
  std::copy_n(sealed.begin(), kTagSize, tag.begin());
  const Bytes body = sealed.subspan(kTagSize);
  ByteVector out(body.size());
  int size = 0;
  // SIV decrypts in one call, which says whether the tag fits; nothing of `out` is shown if not.
  const bool good =
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1 &&
      EVP_CipherUpdate(context.get(), out.data(), &size, body.data(), static_cast<int>(body.size())) == 1 &&
      size == static_cast<int>(body.size());
  ERR_clear_error();
  if (!good) return std::nullopt;
  return out;
}

}  // namespace chiploc
