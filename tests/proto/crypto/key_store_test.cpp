#include "proto/crypto/key_store.hpp"

#include "tests/proto/crypto/hex.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::key_store_test {
using Code = KeyFault::Code;

namespace {

KeyFault fault_of(const KeyOptions& options) {
  const auto signer = open_signer(options);
  REQUIRE_FALSE(signer);
  INFO(signer.error().text);
  return signer.error();
}

}  // namespace

TEST_CASE("open_signer: a PEM file of each algorithm, by path and by file: URI", "[crypto]") {
  const TempDir folder;
  const auto algorithm =
      GENERATE(SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384);
  const auto key = generate_key(algorithm);
  REQUIRE(write_private_key(folder / "chip.key", *key));
  const std::string path = (folder / "chip.key").string();
  for (const auto& uri : {path, "file:" + path, "file://" + path, "file://localhost" + path,
                          std::string{"chip.key"}, std::string{"file:chip.key"}}) {
    KeyOptions options;
    options.uri = uri;
    options.base_folder = folder.path();
    const auto signer = open_signer(options);
    INFO(uri);
    REQUIRE(signer);
    CHECK((*signer)->public_key() == key->public_key());
    const auto signature = (*signer)->sign(bytes_of("m"));
    REQUIRE(signature);
    CHECK(key->public_key().verify(bytes_of("m"), *signature));
  }
}

TEST_CASE("open_signer: a key in a library context of its own outlives the call", "[crypto]") {
  const TempDir folder;
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  REQUIRE(write_private_key(folder / "chip.key", *key));
  KeyOptions options;
  options.uri = (folder / "chip.key").string();
  options.providers = {"default", "base"};
  const auto signer = open_signer(options);
  REQUIRE(signer);
  CHECK(key->public_key().verify(bytes_of("m"), *(*signer)->sign(bytes_of("m"))));
}

TEST_CASE("open_signer: an owner's read-only file is strict enough; one that others may read is not",
          "[crypto]") {
  const TempDir folder;
  const auto pem = generate_key(SignatureAlgorithm::kEs256)->private_pem();
  KeyOptions options;
  options.uri = folder.write("chip.key", pem, std::filesystem::perms{0400}).string();
  CHECK(open_signer(options).has_value());
  for (const unsigned mode : {0640U, 0604U, 0644U, 0620U, 0700U}) {
    std::filesystem::permissions(options.uri, std::filesystem::perms{mode});
    const auto fault = fault_of(options);
    CHECK(fault.code == Code::kPermissions);
    CHECK(fault.text.find(options.uri) != std::string::npos);
    CHECK(fault.text.find("chmod 600") != std::string::npos);
  }
  std::filesystem::permissions(options.uri, std::filesystem::perms{0644});
  CHECK(fault_of(options).text.find("0644") != std::string::npos);
}

TEST_CASE("open_signer: a missing file, a folder, noise and a public key are told apart", "[crypto]") {
  const TempDir folder;
  KeyOptions options;
  options.uri = (folder / "missing.key").string();
  CHECK(fault_of(options).code == Code::kUnreadable);
  CHECK(fault_of(options).text.find("missing.key") != std::string::npos);
  options.uri = folder.path().string();
  CHECK(fault_of(options).code == Code::kUnreadable);
  options.uri = folder.write("noise.key", "noise").string();
  CHECK(fault_of(options).code == Code::kNoPrivateKey);
  options.uri =
      folder.write("public.key", generate_key(SignatureAlgorithm::kEs256)->public_key().pem()).string();
  CHECK(fault_of(options).code == Code::kNoPrivateKey);
  options.uri = folder.write("empty.key", "").string();
  CHECK(fault_of(options).code == Code::kNoPrivateKey);
}

TEST_CASE("open_signer: a key of another algorithm is refused", "[crypto]") {
  const TempDir folder;
  KeyOptions options;
  options.uri = folder
                    .write("x25519.key",
                           "-----BEGIN PRIVATE KEY-----\n"
                           "MC4CAQAwBQYDK2VuBCIEIHcHbQpzGKV9PBbBclGyZkXfTC+H68CZKrF3+6UduSwq\n"
                           "-----END PRIVATE KEY-----\n")
                    .string();
  CHECK(fault_of(options).code == Code::kUnsupportedAlgorithm);
}

TEST_CASE("open_signer: an encrypted file needs its passphrase", "[crypto]") {
  // openssl genpkey -algorithm ed25519 -aes-256-cbc -pass pass:swordfish
  const TempDir folder;
  KeyOptions options;
  options.uri = folder
                    .write("chip.key",
                           "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                           "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAio3Pa6UVmsPQICCAAw\n"
                           "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEECgKBEOtWwVWpCpi1WShQV0EQKbk\n"
                           "ey/MsXOSIBnRAJaLU6mo5j6TZjXu3prndCwM5bCJ7AXL5m37jFttq4fSmQPjXGqC\n"
                           "8w8iYyKyXTce8SjheVc=\n"
                           "-----END ENCRYPTED PRIVATE KEY-----\n")
                    .string();
  CHECK(fault_of(options).code == Code::kBadPin);
  CHECK(fault_of(options).text.find("pin_file") != std::string::npos);
  options.pin_file = folder.write("pin", "wrong\n");
  CHECK(fault_of(options).code == Code::kBadPin);
  options.pin_file = folder.write("pin", "swordfish\nsecond line\n");
  const auto signer = open_signer(options);
  REQUIRE(signer);
  CHECK((*signer)->algorithm() == SignatureAlgorithm::kEd25519);
  options.pin_file = folder / "no-pin";
  CHECK(fault_of(options).code == Code::kUnreadable);
}

TEST_CASE("open_signer: an unknown scheme or provider is named", "[crypto]") {
  KeyOptions options;
  options.uri = "vault:secret/chip";
  CHECK(fault_of(options).code == Code::kUnreadable);
  CHECK(fault_of(options).text.find("vault:secret/chip") != std::string::npos);
  options.providers = {"no-such-provider"};
  CHECK(fault_of(options).code == Code::kProvider);
  CHECK(fault_of(options).text.find("no-such-provider") != std::string::npos);
}

}  // namespace chiploc::key_store_test
