// Keys that never leave a token: PKCS#11 (SoftHSM) and TPM 2.0 (swtpm), through the same store as files.
#include "proto/crypto/cose.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/key_store.hpp"
#include "tests/proto/crypto/statement_sample.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/leaks_allowed.hpp"
#include "tests/support/softhsm.hpp"
#include "tests/support/swtpm.hpp"
#include "tests/support/temp_dir.hpp"

using namespace chiploc;

namespace {

/// Signs something and a statement, checked with a public key that knows nothing of the token.
void check_signs(const Signer& signer) {
  const auto key = PublicKey::from_spki_der(signer.spki_der());
  REQUIRE(key);
  const auto signature = signer.sign(bytes_of("a message"));
  REQUIRE(signature);
  CHECK(key->verify(bytes_of("a message"), *signature));
  CHECK_FALSE(key->verify(bytes_of("another message"), *signature));
  const Digest certificate = sha256(bytes_of("certificate"));
  const auto cose = sign_statement(sample_statement(), certificate, signer);
  REQUIRE(cose);
  const auto statement = check_statement(*cose, *key, certificate);
  REQUIRE(statement);
  CHECK(*statement == sample_statement());
}

/// One token per process: libp11 and SoftHSM read their environment once.
struct Token {
  TempDir folder;
  SoftHsm hsm{folder.path()};
  Token() { hsm.set_in_this_process(); }
};
Token& the_token() {
  static Token token;
  return token;
}

bool no_softhsm() {
  if (const auto missing = SoftHsm::missing()) {
    WARN("skipped: " << *missing << " is not installed");
    return true;
  }
  return false;
}

bool no_swtpm() {
  if (const auto missing = Swtpm::missing()) {
    WARN("skipped: " << *missing << " is not installed");
    return true;
  }
  return false;
}

KeyOptions tpm_options(std::uint32_t handle) {
  KeyOptions options;
  options.uri = Swtpm::key_uri(handle);
  options.providers = {"tpm2", "default"};
  options.properties = "?provider=tpm2";
  return options;
}

}  // namespace

// First in this file: libp11 stays logged in for the rest of the process once a PIN was right.
TEST_CASE("open_signer: a PKCS#11 key without its PIN, or with a wrong one, says so", "[crypto][token]") {
  if (no_softhsm()) return;
  const SoftHsm& hsm = the_token().hsm;
  REQUIRE(hsm.ok());
  REQUIRE(hsm.generate("chip-pin", "EC:prime256v1"));
  KeyOptions options;
  options.uri = hsm.key_uri("chip-pin");
  const auto without = open_signer(options);
  REQUIRE_FALSE(without);
  INFO(without.error().text);
  CHECK(without.error().code == KeyFault::Code::kBadPin);
  CHECK(without.error().text.find("pin_file") != std::string::npos);

  options.pin_file = the_token().folder.write("wrong-pin", "1111\n");
  const auto wrong = open_signer(options);
  REQUIRE_FALSE(wrong);
  INFO(wrong.error().text);
  // Through the provider a wrong PIN and a wrong name look the same; the text then names both.
  if (wrong.error().code != KeyFault::Code::kBadPin) {
    CHECK(wrong.error().code == KeyFault::Code::kNoPrivateKey);
    CHECK(wrong.error().text.find("or the token refuses the PIN") != std::string::npos);
  }

  options.pin_file = the_token().folder.write("open-pin", "582913\n", std::filesystem::perms{0644});
  const auto readable = open_signer(options);
  REQUIRE_FALSE(readable);
  CHECK(readable.error().code == KeyFault::Code::kPermissions);
}

TEST_CASE("open_signer: a P-256 key inside a PKCS#11 token signs statements", "[crypto][token]") {
  if (no_softhsm()) return;
  const SoftHsm& hsm = the_token().hsm;
  REQUIRE(hsm.ok());
  REQUIRE(hsm.generate("chip256", "EC:prime256v1"));
  KeyOptions options;
  options.uri = hsm.key_uri("chip256");
  options.pin_file = hsm.pin_file();
  const auto signer = open_signer(options);
  INFO((signer ? "" : signer.error().text));
  REQUIRE(signer);
  CHECK((*signer)->algorithm() == SignatureAlgorithm::kEs256);
  check_signs(**signer);
}

TEST_CASE("open_signer: a P-384 key imported into a PKCS#11 token keeps its public key", "[crypto][token]") {
  if (no_softhsm()) return;
  const SoftHsm& hsm = the_token().hsm;
  REQUIRE(hsm.ok());
  const auto key = generate_key(SignatureAlgorithm::kEs384);
  const auto file = the_token().folder.write("import.pem", key->private_pem());
  REQUIRE(hsm.import_key("chip384", file));
  KeyOptions options;
  options.uri = hsm.key_uri("chip384");
  options.pin_file = hsm.pin_file();
  const auto signer = open_signer(options);
  INFO((signer ? "" : signer.error().text));
  REQUIRE(signer);
  CHECK((*signer)->public_key() == key->public_key());
  check_signs(**signer);
}

TEST_CASE("open_signer: a PKCS#11 key needs its PIN, its name and an algorithm of ours", "[crypto][token]") {
  if (no_softhsm()) return;
  const SoftHsm& hsm = the_token().hsm;
  REQUIRE(hsm.ok());
  REQUIRE(hsm.generate("chip-faults", "EC:prime256v1"));
  REQUIRE(hsm.generate("chip-rsa", "rsa:2048"));
  KeyOptions options;
  options.uri = hsm.key_uri("no-such-object");
  options.pin_file = hsm.pin_file();
  const auto nameless = open_signer(options);
  REQUIRE_FALSE(nameless);
  CHECK(nameless.error().code == KeyFault::Code::kNoPrivateKey);

  options.uri = hsm.key_uri("chip-rsa");
  const auto rsa = open_signer(options);
  REQUIRE_FALSE(rsa);
  CHECK(rsa.error().code == KeyFault::Code::kUnsupportedAlgorithm);

  options.uri = hsm.key_uri("chip-faults") + "?module-path=/nowhere/module.so";
  const auto other_module = open_signer(options);
  REQUIRE_FALSE(other_module);
  CHECK(other_module.error().code == KeyFault::Code::kProvider);
}

TEST_CASE("open_signer: a TPM 2.0 handle signs statements and leaves digests alone", "[crypto][token]") {
  if (no_swtpm()) return;
  const TempDir folder;
  const Swtpm tpm{folder.path()};
  REQUIRE(tpm.ok());
  tpm.set_in_this_process();
  REQUIRE(tpm.create_key(0x81000001));
  const auto signer = open_signer(tpm_options(0x81000001));
  INFO((signer ? "" : signer.error().text));
  REQUIRE(signer);
  CHECK((*signer)->algorithm() == SignatureAlgorithm::kEs256);
  check_signs(**signer);
  CHECK(sha256(bytes_of("abc")).hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

  SECTION("another handle holds no key") {
    const auto other = open_signer(tpm_options(0x81000002));
    REQUIRE_FALSE(other);
    CHECK(other.error().code == KeyFault::Code::kNoPrivateKey);
  }
  SECTION("without the provider the handle means nothing") {
    auto options = tpm_options(0x81000001);
    options.providers = {"default"};
    options.properties = "";
    const auto other = open_signer(options);
    REQUIRE_FALSE(other);
    CHECK(other.error().code == KeyFault::Code::kUnreadable);
  }
  SECTION("a provider that does not exist is named") {
    auto options = tpm_options(0x81000001);
    options.providers = {"tpm3"};
    const auto other = open_signer(options);
    REQUIRE_FALSE(other);
    CHECK(other.error().code == KeyFault::Code::kProvider);
    CHECK(other.error().text.find("tpm3") != std::string::npos);
  }
}

TEST_CASE("open_signer: a TPM that is gone is an error, not a wait", "[crypto][token]") {
  if (no_swtpm()) return;
  const TempDir folder;
  {
    const Swtpm tpm{folder.path()};
    REQUIRE(tpm.ok());
    tpm.set_in_this_process();
  }
  const LeaksAllowed of_the_provider;  // tpm2-openssl 1.3.0 (Debian 13) forgets 96 bytes when it finds no TPM
  const auto signer = open_signer(tpm_options(0x81000001));
  REQUIRE_FALSE(signer);
  INFO(signer.error().text);
  CHECK((signer.error().code == KeyFault::Code::kProvider ||
         signer.error().code == KeyFault::Code::kUnreadable));
}
