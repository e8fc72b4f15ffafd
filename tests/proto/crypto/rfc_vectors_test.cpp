// The examples that RFC 8032 and RFC 9052 print, against the functions that the protocol uses.
#include "proto/crypto/cose.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/keys.hpp"
#include "tests/proto/crypto/hex.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::rfc_vectors_test {

namespace {

void check_ed25519(const char* seed, const char* key, const ByteVector& message, const char* signature) {
  const auto signer = key_from_ed25519_seed(hex(seed));
  REQUIRE(signer);
  CHECK(to_hex(*(*signer)->public_key().raw_ed25519()) == key);
  const auto made = (*signer)->sign(message);
  REQUIRE(made);
  CHECK(to_hex(*made) == signature);
  const auto public_key = PublicKey::from_raw_ed25519(hex(key));
  REQUIRE(public_key);
  CHECK(public_key->verify(message, hex(signature)));
  ByteVector other = message;
  other.back() ^= 1U;
  CHECK_FALSE(public_key->verify(other, hex(signature)));
}

constexpr const char* kMessage1024 =
    "08b8b2b733424243760fe426a4b54908632110a66c2f6591eabd3345e3e4eb98fa6e264bf09efe12ee50f8f5"
    "4e9f77b1e355f6c50544e23fb1433ddf73be84d879de7c0046dc4996d9e773f4bc9efe5738829adb26c81b37"
    "c93a1b270b20329d658675fc6ea534e0810a4432826bf58c941efb65d57a338bbd2e26640f89ffbc1a858efc"
    "b8550ee3a5e1998bd177e93a7363c344fe6b199ee5d02e82d522c4feba15452f80288a821a579116ec6dad2b"
    "3b310da903401aa62100ab5d1a36553e06203b33890cc9b832f79ef80560ccb9a39ce767967ed628c6ad573c"
    "b116dbefefd75499da96bd68a8a97b928a8bbc103b6621fcde2beca1231d206be6cd9ec7aff6f6c94fcd7204"
    "ed3455c68c83f4a41da4af2b74ef5c53f1d8ac70bdcb7ed185ce81bd84359d44254d95629e9855a94a7c1958"
    "d1f8ada5d0532ed8a5aa3fb2d17ba70eb6248e594e1a2297acbbb39d502f1a8c6eb6f1ce22b3de1a1f40cc24"
    "554119a831a9aad6079cad88425de6bde1a9187ebb6092cf67bf2b13fd65f27088d78b7e883c8759d2c4f5c6"
    "5adb7553878ad575f9fad878e80a0c9ba63bcbcc2732e69485bbc9c90bfbd62481d9089beccf80cfe2df16a2"
    "cf65bd92dd597b0707e0917af48bbb75fed413d238f5555a7a569d80c3414a8d0859dc65a46128bab27af87a"
    "71314f318c782b23ebfe808b82b0ce26401d2e22f04d83d1255dc51addd3b75a2b1ae0784504df543af8969b"
    "e3ea7082ff7fc9888c144da2af58429ec96031dbcad3dad9af0dcbaaaf268cb8fcffead94f3c7ca495e056a9"
    "b47acdb751fb73e666c6c655ade8297297d07ad1ba5e43f1bca32301651339e22904cc8c42f58c30c04aafdb"
    "038dda0847dd988dcda6f3bfd15c4b4c4525004aa06eeff8ca61783aacec57fb3d1f92b0fe2fd1a85f672451"
    "7b65e614ad6808d6f6ee34dff7310fdc82aebfd904b01e1dc54b2927094b2db68d6f903b68401adebf5a7e08"
    "d78ff4ef5d63653a65040cf9bfd4aca7984a74d37145986780fc0b16ac451649de6188a7dbdf191f64b5fc5e"
    "2ab47b57f7f7276cd419c17a3ca8e1b939ae49e488acba6b965610b5480109c8b17b80e1b7b750dfc7598d5d"
    "5011fd2dcc5600a32ef5b52a1ecc820e308aa342721aac0943bf6686b64b2579376504ccc493d97e6aed3fb0"
    "f9cd71a43dd497f01f17c0e2cb3797aa2a2f256656168e6c496afc5fb93246f6b1116398a346f1a641f3b041"
    "e989f7914f90cc2c7fff357876e506b50d334ba77c225bc307ba537152f3f1610e4eafe595f6d9d90d11faa9"
    "33a15ef1369546868a7f3a45a96768d40fd9d03412c091c6315cf4fde7cb68606937380db2eaaa707b4c4185"
    "c32eddcdd306705e4dc1ffc872eeee475a64dfac86aba41c0618983f8741c5ef68d3a101e8a3b8cac60c905c"
    "15fc910840b94c00a0b9d0";

}  // namespace

TEST_CASE("RFC 8032, section 7.1: TEST 1024", "[crypto][rfc]") {
  const ByteVector message = hex(kMessage1024);
  REQUIRE(message.size() == 1023);
  check_ed25519("f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
                "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e", message,
                "0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350"
                "aa5371b1508f9f4528ecea23c436d94b5e8fcd4f681e30a6ac00a9704a188a03");
}

TEST_CASE("RFC 8032, section 7.1: TEST SHA(abc)", "[crypto][rfc]") {
  check_ed25519("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
                "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
                hex("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
                "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
                "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704");
}

TEST_CASE("RFC 9052, appendix C.2.1: the Sig_structure is ours, and its signature verifies",
          "[crypto][rfc]") {
  const ByteVector header = hex("a10126");  // {1: -7}
  const Bytes payload = bytes_of("This is the content.");
  const ByteVector to_be_signed = sig_structure(header, payload);
  CHECK(to_hex(to_be_signed) ==
        "846a5369676e61747572653143a101264054546869732069732074686520636f6e74656e742e");
  const auto key =
      PublicKey::from_spki_der(hex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"
                                   "bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff"
                                   "20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e"));
  REQUIRE(key);
  const ByteVector signature =
      hex("8eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e"
          "2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36");
  CHECK(key->verify(to_be_signed, signature));
}

TEST_CASE("RFC 9052, appendix C.2.1: as a message it is not a statement, since ours allow less",
          "[crypto][rfc]") {
  const auto key = generate_key(SignatureAlgorithm::kEs256)->public_key();
  // 18([h'a10126', {4: h'3131'}, 'This is the content.', signature])
  const ByteVector message =
      hex("d28443a10126a10442313154546869732069732074686520636f6e74656e742e58408eb33e4ca31d1c465ab05aac34cc"
          "6b23d58fef5c083106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345ca"
          "cb36");
  const auto refused = check_statement(message, key, Digest{});
  REQUIRE_FALSE(refused);
  // The key id stands in the unprotected map: nothing may stand outside the signature.
  CHECK(refused.error() == StatementFault::kUnexpectedHeader);
}

}  // namespace chiploc::rfc_vectors_test
