#include "proto/crypto/keys.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "proto/crypto/digest.hpp"
#include "tests/proto/crypto/hex.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::keys_test {
using Code = KeyFault::Code;

namespace {

constexpr SignatureAlgorithm kAll[] = {SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256,
                                       SignatureAlgorithm::kEs384};

Code fault_of_spki(Bytes der) {
  const auto key = PublicKey::from_spki_der(der);
  REQUIRE_FALSE(key);
  CHECK_FALSE(key.error().text.empty());
  return key.error().code;
}
Code fault_of_raw(Bytes raw) {
  const auto key = PublicKey::from_raw_ed25519(raw);
  REQUIRE_FALSE(key);
  return key.error().code;
}

}  // namespace

TEST_CASE("Ed25519: tests 1 to 3 of RFC 8032, section 7.1", "[crypto]") {
  struct Known {
    const char *seed, *key, *message, *signature;
  };
  const auto known =
      GENERATE(Known{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e397"
                     "01cf9b46bd25bf5f0595bbe24655141438e7a100b"},
               Known{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f361"
                     "3d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
               Known{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f76"
                     "0984dc6594a7c15e9716ed28dc027beceea1ec40a"});
  const auto signer = key_from_ed25519_seed(hex(known.seed));
  REQUIRE(signer);
  CHECK(to_hex(*(*signer)->public_key().raw_ed25519()) == known.key);
  const auto signature = (*signer)->sign(hex(known.message));
  REQUIRE(signature);
  CHECK(to_hex(*signature) == known.signature);
  CHECK((*signer)->public_key().verify(hex(known.message), *signature));
}

TEST_CASE("Signer: each algorithm signs in its fixed size and only its own message verifies", "[crypto]") {
  const auto algorithm = GENERATE(from_range(std::begin(kAll), std::end(kAll)));
  const auto signer = generate_key(algorithm);
  CHECK(signer->algorithm() == algorithm);
  const auto signature = signer->sign(bytes_of("message"));
  REQUIRE(signature);
  CHECK(signature->size() == signature_size_of(algorithm));
  const auto key = PublicKey::from_spki_der(signer->spki_der());
  REQUIRE(key);
  CHECK(key->verify(bytes_of("message"), *signature));
  CHECK_FALSE(key->verify(bytes_of("messagf"), *signature));
  CHECK_FALSE(generate_key(algorithm)->public_key().verify(bytes_of("message"), *signature));
  for (std::size_t bit = 0; bit < signature->size() * 8; ++bit) {
    REQUIRE_FALSE(key->verify(bytes_of("message"), with_flipped_bit(*signature, bit)));
  }
}

TEST_CASE("PublicKey: a signature one byte short or long does not verify", "[crypto]") {
  const auto algorithm = GENERATE(from_range(std::begin(kAll), std::end(kAll)));
  const auto signer = generate_key(algorithm);
  auto signature = *signer->sign(bytes_of("message"));
  CHECK_FALSE(signer->public_key().verify(bytes_of("message"), Bytes{signature}.first(signature.size() - 1)));
  signature.push_back(0);
  CHECK_FALSE(signer->public_key().verify(bytes_of("message"), signature));
  CHECK_FALSE(signer->public_key().verify(bytes_of("message"), {}));
}

TEST_CASE("PublicKey: ECDSA numbers outside [1, n-1] do not verify", "[crypto]") {
  const auto signer = generate_key(SignatureAlgorithm::kEs256);
  const auto signature = *signer->sign(bytes_of("message"));
  const auto replaced = [&signature](std::size_t at, std::string_view number) {
    ByteVector out = signature;
    const auto bytes = hex(number);
    std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
    return out;
  };
  const std::string zero(64, '0');
  constexpr std::string_view kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
  for (const std::size_t at : {0U, 32U}) {
    CHECK_FALSE(signer->public_key().verify(bytes_of("message"), replaced(at, zero)));
    CHECK_FALSE(signer->public_key().verify(bytes_of("message"), replaced(at, kOrder)));
  }
}

TEST_CASE("PublicKey: Ed25519 with S + L is not a second signature", "[crypto]") {
  const auto signer = generate_key(SignatureAlgorithm::kEd25519);
  auto signature = *signer->sign(bytes_of("message"));
  const auto order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned>(signature[32 + i]) + order[i];
    signature[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8U;
  }
  CHECK_FALSE(signer->public_key().verify(bytes_of("message"), signature));
}

TEST_CASE("PublicKey: every encoding of an Ed25519 point of small order is refused", "[crypto]") {
  // y = 1, -1, 0 and the two of order 8, with either sign bit.
  for (const char* y : {"0100000000000000000000000000000000000000000000000000000000000000",
                        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                        "0000000000000000000000000000000000000000000000000000000000000000",
                        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"}) {
    auto raw = hex(y);
    CHECK(fault_of_raw(raw) == Code::kSmallOrder);
    raw[31] |= 0x80;
    CHECK(fault_of_raw(raw) == Code::kSmallOrder);
  }
}

TEST_CASE("PublicKey: an Ed25519 y coordinate from p upward is refused", "[crypto]") {
  for (unsigned low = 0xed; low <= 0xff; ++low) {
    ByteVector raw(32, 0xff);
    raw[0] = static_cast<std::uint8_t>(low);
    CHECK(fault_of_raw(raw) == Code::kNonCanonical);
    raw[31] = 0x7f;
    CHECK(fault_of_raw(raw) == Code::kNonCanonical);
  }
}

TEST_CASE("PublicKey: Ed25519 points off the curve are refused, and half of all numbers are", "[crypto]") {
  int off = 0;
  for (std::uint8_t i = 2; i < 202; ++i) {
    ByteVector raw(32, 0);
    raw[0] = i;
    const auto key = PublicKey::from_raw_ed25519(raw);
    if (key) continue;
    CHECK(key.error().code == Code::kPointOffCurve);
    ++off;
  }
  CHECK(off > 60);
  CHECK(off < 140);
  CHECK(fault_of_raw(hex("0200000000000000000000000000000000000000000000000000000000000000")) ==
        Code::kPointOffCurve);
}

TEST_CASE("PublicKey: a raw Ed25519 key has 32 bytes", "[crypto]") {
  CHECK(fault_of_raw(ByteVector(31, 1)) == Code::kMalformed);
  CHECK(fault_of_raw(ByteVector(33, 1)) == Code::kMalformed);
}

TEST_CASE("PublicKey: every cut or prolonged SubjectPublicKeyInfo is refused", "[crypto]") {
  const auto algorithm = GENERATE(from_range(std::begin(kAll), std::end(kAll)));
  const auto signer = generate_key(algorithm);
  ByteVector der(signer->spki_der().begin(), signer->spki_der().end());
  for (std::size_t size = 0; size < der.size(); ++size) {
    CHECK(fault_of_spki(Bytes{der}.first(size)) == Code::kMalformed);
  }
  der.push_back(0);
  CHECK(fault_of_spki(der) == Code::kTrailingData);
}

TEST_CASE("PublicKey: a P-256 or P-384 point off its curve is refused", "[crypto]") {
  const auto algorithm = GENERATE(SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384);
  const auto signer = generate_key(algorithm);
  ByteVector der(signer->spki_der().begin(), signer->spki_der().end());
  der.back() ^= 1;
  CHECK(fault_of_spki(der) == Code::kPointOffCurve);
  std::fill(der.end() - static_cast<std::ptrdiff_t>(signature_size_of(algorithm)), der.end(),
            std::uint8_t{0xff});
  CHECK(fault_of_spki(der) == Code::kPointOffCurve);
}

TEST_CASE("PublicKey: other curves, other kinds and compressed points are refused by name", "[crypto]") {
  // secp256k1, P-256 compressed, and X25519, as OpenSSL writes them.
  CHECK(fault_of_spki(hex(
            "3056301006072a8648ce3d020106052b8104000a0342000479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28"
            "d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")) ==
        Code::kUnsupportedAlgorithm);
  CHECK(fault_of_spki(hex(
            "3039301306072a8648ce3d020106082a8648ce3d030107032200036b17d1f2e12c4247f8bce6e563a440f277037d81"
            "2deb33a0f4a13945d898c296")) == Code::kUnsupportedAlgorithm);
  CHECK(fault_of_spki(hex(
            "302a300506032b656e0321008520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")) ==
        Code::kUnsupportedAlgorithm);
  const auto signer = generate_key(SignatureAlgorithm::kEs256);
  ByteVector hybrid(signer->spki_der().begin(), signer->spki_der().end());
  hybrid[26] = static_cast<std::uint8_t>(6 | (hybrid.back() & 1));
  CHECK(fault_of_spki(hybrid) == Code::kUnsupportedAlgorithm);
}

TEST_CASE("PublicKey: PEM goes out and in; anything around it is refused", "[crypto]") {
  const auto algorithm = GENERATE(from_range(std::begin(kAll), std::end(kAll)));
  const auto signer = generate_key(algorithm);
  const std::string pem = signer->public_key().pem();
  const auto again = PublicKey::from_pem("\n " + pem + "\n");
  REQUIRE(again);
  CHECK(*again == signer->public_key());
  for (const auto& bad : {pem + pem, "x" + pem, pem + "x", std::string{}, pem.substr(0, pem.size() / 2),
                          signer->private_pem()}) {
    const auto key = PublicKey::from_pem(bad);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == Code::kMalformed);
  }
}

TEST_CASE("write_private_key: makes a file of mode 0600, once, that reads back", "[crypto]") {
  const TempDir folder;
  const auto algorithm = GENERATE(from_range(std::begin(kAll), std::end(kAll)));
  const auto key = generate_key(algorithm);
  const auto file = folder / "chip.key";
  REQUIRE(write_private_key(file, *key));
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0600);
  const auto again = key_from_private_pem(read_file(file));
  REQUIRE(again);
  CHECK((*again)->public_key() == key->public_key());
  const auto twice = write_private_key(file, *generate_key(algorithm));
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == Code::kNotWritable);
  CHECK(read_file(file) == key->private_pem());
  const auto nowhere = write_private_key(folder / "missing/chip.key", *key);
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().text.find("missing/chip.key") != std::string::npos);
}

TEST_CASE("key_from_private_pem: refuses noise, trailing bytes and other algorithms", "[crypto]") {
  const auto fault = [](std::string_view pem) {
    const auto key = key_from_private_pem(pem);
    REQUIRE_FALSE(key);
    return key.error().code;
  };
  CHECK(fault("") == Code::kMalformed);
  CHECK(fault("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n") == Code::kMalformed);
  const auto pem = generate_key(SignatureAlgorithm::kEs256)->private_pem();
  CHECK(fault(pem + "more") == Code::kTrailingData);
  // An X25519 key.
  CHECK(fault("-----BEGIN PRIVATE KEY-----\n"
              "MC4CAQAwBQYDK2VuBCIEIHcHbQpzGKV9PBbBclGyZkXfTC+H68CZKrF3+6UduSwq\n"
              "-----END PRIVATE KEY-----\n") == Code::kUnsupportedAlgorithm);
}

TEST_CASE("anchor_id_of: only Ed25519 keys name anchors and coordinators", "[crypto]") {
  const auto key = generate_key(SignatureAlgorithm::kEd25519);
  CHECK(*anchor_id_of(key->public_key()) == anchor_id_of(*key->public_key().raw_ed25519()));
  CHECK(*coordinator_id_of(key->public_key()) == coordinator_id_of(*key->public_key().raw_ed25519()));
  const auto refused = anchor_id_of(generate_key(SignatureAlgorithm::kEs256)->public_key());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kWrongAlgorithm);
}

TEST_CASE("SignatureAlgorithm: COSE ids and names go both ways", "[crypto]") {
  for (const auto algorithm : kAll) CHECK(algorithm_from_cose_id(cose_id_of(algorithm)) == algorithm);
  CHECK(name_of(SignatureAlgorithm::kEd25519) == "EdDSA");
  CHECK(cose_id_of(SignatureAlgorithm::kEs384) == -35);
  CHECK_FALSE(algorithm_from_cose_id(-36));
}

}  // namespace chiploc::keys_test
