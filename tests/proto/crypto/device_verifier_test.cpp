// DeviceVerifier against verify_device(): the same answer in the same words, whatever the certificates are.
#include "proto/crypto/device_verifier.hpp"

#include <random>

#include "tests/support/catch.hpp"
#include "tests/support/certificate_maker.hpp"

namespace chiploc::test::device_verifier_test {
namespace {

constexpr WallTime kNow = wall_from_unix_seconds(1'795'000'000);
const std::string kId = "000102030405060708090a0b0c0d0e0f";

std::string text_of(const Result<Done, CertificateFault>& answer) {
  return answer ? "accepted" : std::string{name_of(answer.error().code)} + ": " + answer.error().text;
}

MadeCertificate chip_of(const MadeCertificate& issuer,
                        const std::function<void(CertificateOrder&)>& change = {}) {
  static int number = 0;
  CertificateOrder order;
  order.common_name = "chip " + std::to_string(++number);
  order.serial_number = kId;
  order.key = ec_key("P-256");
  if (change) change(order);
  return make_certificate(std::move(order), &issuer);
}
MadeCertificate ca_of(const std::string& name, const Extensions& extensions,
                      const MadeCertificate* issuer = nullptr,
                      const std::function<void(CertificateOrder&)>& change = {}) {
  CertificateOrder order;
  order.common_name = name;
  order.extensions = extensions;
  if (change) change(order);
  return make_certificate(std::move(order), issuer);
}

std::optional<Certificate> with_byte(const Certificate& certificate, std::size_t at, std::uint8_t value) {
  ByteVector der(certificate.der().begin(), certificate.der().end());
  der.at(at) = value;
  auto read = Certificate::from_der(der);
  return read ? std::optional{*std::move(read)} : std::nullopt;
}

Extensions with(Extensions base, const Extensions& more) {
  base.insert(base.end(), more.begin(), more.end());
  return base;
}

/// Devices of an issuer that are right, and that are wrong in every way that there is.
std::vector<Certificate> devices_of(const MadeCertificate& issuer, const MadeCertificate& namesake) {
  std::vector<Certificate> out;
  const auto add = [&](const std::function<void(CertificateOrder&)>& change) {
    out.push_back(chip_of(issuer, change).certificate);
  };
  const auto extended = [&](const Extensions& more) {
    add([&](CertificateOrder& order) { order.extensions = with(order.extensions, more); });
  };
  add({});
  add([](auto& order) { order.key = ec_key("P-384"); });
  add([](auto& order) {
    order.key = SharedKey{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free};
  });
  for (const char* curve : {"P-521", "secp256k1"}) add([&](auto& order) { order.key = ec_key(curve); });
  add([](auto& order) { order.key = rsa_key(2048); });
  add([](auto& order) { order.serial_number = ""; });
  add([](auto& order) { order.serial_number = "0011"; });
  add([](auto& order) { order.to = kNow; });
  add([](auto& order) { order.to = kNow - std::chrono::seconds{1}; });
  add([](auto& order) { order.from = kNow; });
  add([](auto& order) { order.from = kNow + std::chrono::seconds{1}; });
  add([](auto& order) { order.extensions = {}; });
  add([](auto& order) { order.extensions = kCaExtensions; });
  add([](auto& order) { order.extensions = {{"keyUsage", "critical,keyEncipherment"}}; });
  add([](auto& order) { order.extensions = {{"nsCertType", "sslCA"}}; });
  add([&](auto& order) { order.common_name = "Maker CA", order.serial_number = ""; });  // names itself
  extended({{"extendedKeyUsage", "serverAuth"}});
  extended({{"extendedKeyUsage", "clientAuth"}});
  extended({{"extendedKeyUsage", "2.23.133.8.3"}});
  extended({{"basicConstraints", "critical,CA:FALSE"}});
  extended({{"basicConstraints", "CA:FALSE,pathlen:0"}});
  extended({{"subjectAltName", "DNS:chip.example"}});
  extended({{"subjectAltName", "critical,URI:urn:chip"}});
  extended({{"certificatePolicies", "1.2.3.4"}});
  extended({{"nameConstraints", "permitted;DNS:example"}});
  extended({{"sbgp-ipAddrBlock", "critical,IPv4:10.0.0.0/8"}});
  extended({{"proxyCertInfo", "critical,language:id-ppl-anyLanguage,pathlen:0"}});
  extended({{"1.2.3.4.5", "DER:05:00"}});
  extended({{"1.2.3.4.5", "critical,DER:05:00"}});
  extended({{"2.23.133.5.4.1", "critical,DER:30:03:83:01:01"}});
  extended({{"2.23.133.5.4.1", "critical,DER:30:00"}, {"1.2.3.4.5", "critical,DER:05:00"}});
  extended({{"2.5.29.35", "DER:30:05:80:03:DD:EE:FF"}});
  extended({{"2.5.29.35", "DER:05:00"}});                 // a key identifier that is none
  extended({{"2.5.29.15", "critical,DER:03:02:07:80"}});  // key usage twice
  extended({{"crlDistributionPoints", "URI:http://crl.example/1.crl"}});
  add([&](auto& order) { order.pss = EVP_PKEY_get_base_id(issuer.key.get()) == EVP_PKEY_RSA; });
  out.push_back(chip_of(namesake).certificate);  // another key under the issuer's name
  add({});                                       // and a good one again
  // One byte off, anywhere.
  const Certificate good = chip_of(issuer).certificate;
  std::mt19937 random{20261201};
  for (int i = 0; i < 120; ++i) {
    const std::size_t at = random() % good.der().size();
    const auto bit = static_cast<std::uint8_t>(1U << (random() % 8));
    if (auto changed = with_byte(good, at, good.der()[at] ^ bit)) out.push_back(*std::move(changed));
  }
  return out;
}

/// Asks both, twice over, so that what was kept of the first round answers in the second. How many went the short way.
std::size_t compared(const std::vector<Certificate>& devices, std::span<const Certificate> intermediates,
                     std::span<const Certificate> trusted, std::span<const RevocationList> lists,
                     WallTime now = kNow) {
  const DeviceVerifier verifier{trusted, now, lists};
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < devices.size(); ++i) {
      const std::string said = text_of(verifier.verify(devices[i], intermediates));
      const std::string wanted = text_of(verify_device(devices[i], intermediates, trusted, now, lists));
      INFO("device " << i << ", round " << round);
      REQUIRE(said == wanted);
    }
  }
  return verifier.plain_ones();
}

std::vector<Certificate> all(std::initializer_list<MadeCertificate> made) {
  std::vector<Certificate> out;
  for (const MadeCertificate& one : made) out.push_back(one.certificate);
  return out;
}

}  // namespace

TEST_CASE("DeviceVerifier: answers as verify_device does, below authorities of every kind of key",
          "[crypto][verifier]") {
  const auto ed25519 = SharedKey{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free};
  for (const auto& key : {ec_key("P-256"), ec_key("P-521"), rsa_key(2048), ed25519, ec_key("secp256k1")}) {
    const auto ca = make_ca("Maker CA", key);
    const auto other = make_ca("Maker CA");
    const auto devices = devices_of(ca, other);
    const bool taken = verify_device(devices.front(), {}, all({ca}), kNow).has_value();
    CHECK((compared(devices, {}, all({ca}), {}) > 20) == taken);
    CHECK((compared(devices, {}, all({other, ca, make_ca("Other CA")}), {}) > 20) == taken);
    CHECK(compared(devices, {}, all({other}), {}) <= 2);
    CHECK(compared(devices, {}, {}, {}) == 0);
  }
}

TEST_CASE("DeviceVerifier: what an authority asks of those below it is asked", "[crypto][verifier]") {
  const auto ask = [&](const Extensions& more, const std::function<void(CertificateOrder&)>& change = {}) {
    const auto ca = ca_of("Maker CA", with(kCaExtensions, more), nullptr, change);
    return compared(devices_of(ca, make_ca("Maker CA")), {}, all({ca}), {});
  };
  CHECK(ask({}) > 20);
  CHECK(ask({{"nameConstraints", "permitted;DNS:example"}}) == 0);
  CHECK(ask({{"nameConstraints", "excluded;DNS:example"}}) == 0);
  CHECK(ask({{"sbgp-ipAddrBlock", "critical,IPv4:11.0.0.0/8"}}) == 0);
  CHECK(ask({{"policyConstraints", "requireExplicitPolicy:0"}}) == 0);
  CHECK(ask({{"1.2.3.4.5", "critical,DER:05:00"}}) == 0);
  CHECK(ask({}, [](auto& order) { order.to = kNow - std::chrono::hours{1}; }) == 0);
  CHECK(ask({}, [](auto& order) {
          order.extensions = {{"basicConstraints", "critical,CA:TRUE,pathlen:0"}};
        }) > 20);
  CHECK(ask({}, [](auto& order) {
          order.extensions = {{"basicConstraints", "critical,CA:TRUE"}, {"keyUsage", "critical,cRLSign"}};
        }) == 0);
  CHECK(ask({}, [](auto& order) { order.extensions = {{"keyUsage", "critical,keyCertSign"}}; }) == 0);
}

TEST_CASE("DeviceVerifier: device CAs between are part of what is kept", "[crypto][verifier]") {
  const auto root = make_ca("Root");
  const auto other_root = make_ca("Root");
  const auto plant = make_ca("Plant CA", {}, &root);
  const auto line = make_ca("Line CA", {}, &plant);
  const auto devices = devices_of(plant, make_ca("Plant CA"));
  CHECK(compared(devices, all({plant}), all({root}), {}) > 20);
  CHECK(compared(devices, all({plant}), all({other_root, root}), {}) > 20);
  CHECK(compared(devices, {}, all({root}), {}) == 0);
  CHECK(compared(devices, all({plant}), all({other_root}), {}) == 0);
  CHECK(compared(devices_of(line, plant), all({line, plant}), all({root}), {}) > 20);
  CHECK(compared(devices_of(line, plant), all({plant, line}), all({root}), {}) > 20);
  // Those of a chip alone: with its id, and with another's.
  for (const std::string& id : {kId, std::string(32, 'f')}) {
    const auto own =
        ca_of("device identity", kCaExtensions, &root, [&](auto& order) { order.serial_number = id; });
    CHECK(compared(devices_of(own, plant), all({own}), all({root}), {}) == 0);
  }
  const auto short_root = ca_of("Root", {{"basicConstraints", "critical,CA:TRUE,pathlen:0"}});
  const auto below = make_ca("Plant CA", {}, &short_root);
  CHECK(compared(devices_of(below, plant), all({below}), all({short_root}), {}) == 0);
  // One asked with several sets of device CAs keeps them apart.
  const auto trusted = all({root});
  const DeviceVerifier verifier{trusted, kNow};
  const auto with_plant = all({plant}), with_line = all({line});
  for (int i = 0; i < 2; ++i) {
    const Certificate device = chip_of(plant).certificate;
    CHECK(verifier.verify(device, with_plant));
    CHECK_FALSE(verifier.verify(device, {}));
    CHECK_FALSE(verifier.verify(device, with_line));
  }
  CHECK(verifier.plain_ones() == 1);
}

TEST_CASE("DeviceVerifier: revocation is asked of each, at the time given", "[crypto][verifier]") {
  const auto root = make_ca("Root");
  const auto plant = make_ca("Plant CA", {}, &root);
  std::vector<Certificate> devices;
  for (int i = 0; i < 4; ++i) devices.push_back(chip_of(plant).certificate);
  ListOrder order{.revoked = {devices[2]}};
  const auto of_plant = make_list(plant, order);
  const auto of_root = make_list(root, {});
  order.to = kNow - std::chrono::hours{1};
  const auto stale = make_list(plant, order);
  order.to = kNow + std::chrono::hours{1};
  order.point = "onlyCA=TRUE";
  const auto elsewhere = make_list(plant, order);
  const auto of_stranger = make_list(make_ca("Plant CA"), {});
  using Lists = std::vector<RevocationList>;
  const auto trusted = all({root}), between = all({plant}), both = all({root, plant});
  CHECK(compared(devices, between, trusted, Lists{of_plant, of_root}) ==
        5);  // of 2 x 3, the first the long way
  for (const Lists& lists : {Lists{stale, of_root}, Lists{of_root}, Lists{of_plant},
                             Lists{elsewhere, of_root}, Lists{of_stranger, of_root}}) {
    CHECK(compared(devices, between, trusted, lists) == 0);
    (void)compared(devices, {}, both, lists);
  }
  CHECK(compared(devices, {}, both, Lists{of_plant, of_root}) == 5);
  CHECK(compared({devices[0]}, {}, both, {}, kNow + std::chrono::hours{24 * 365 * 40}) == 0);
}

TEST_CASE("Certificate: its fields are read without its key, and are those of OpenSSL's own reading",
          "[crypto]") {
  const auto ca = make_ca("Maker CA");
  auto devices = devices_of(ca, make_ca("Maker CA"));
  devices.push_back(ca.certificate);
  devices.push_back(ca_of("Old CA", {}).certificate);
  devices.push_back(ca_of("Old CA", {{"nsCertType", "sslCA"}}).certificate);
  for (const Certificate& one : devices) {
    X509* whole = one.native();
    X509* fields = one.native_without_key();
    CHECK(one.is_authority() == (X509_check_ca(whole) != 0));
    CHECK(X509_cmp(whole, fields) == 0);
    constexpr std::uint32_t kToldByTheKey = EXFLAG_SS;
    CHECK((X509_get_extension_flags(whole) & ~kToldByTheKey) ==
          (X509_get_extension_flags(fields) & ~kToldByTheKey));
    CHECK(X509_get_key_usage(whole) == X509_get_key_usage(fields));
    CHECK(X509_get_extended_key_usage(whole) == X509_get_extended_key_usage(fields));
    CHECK(X509_get0_pubkey(fields) == nullptr);
    CHECK(one.issued_by(ca.certificate) ==
          (X509_NAME_cmp(X509_get_issuer_name(whole), X509_get_subject_name(ca.certificate.native())) == 0 &&
           X509_verify(whole, ca.key.get()) == 1));
  }
  // What is taken is what d2i_X509 takes and gives back.
  const Bytes good = devices.front().der();
  std::mt19937 random{7};
  for (int i = 0; i < 400; ++i) {
    ByteVector der(good.begin(), good.end());
    der[random() % der.size()] ^= static_cast<std::uint8_t>(1U << (random() % 8));
    const std::uint8_t* at = der.data();
    const std::unique_ptr<X509, decltype(&X509_free)> read{
        d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free};
    std::uint8_t* again = nullptr;
    const int size = read ? i2d_X509(read.get(), &again) : 0;
    const bool same =
        read && at == der.data() + der.size() && size > 0 && ByteVector(again, again + size) == der;
    OPENSSL_free(again);
    const auto mine = Certificate::from_der(der);
    INFO(i << " " << (mine ? "" : mine.error().text));
    // The validity has to be a time beside that.
    CHECK((mine.has_value() == same || (same && mine.error().text.find("validity") != std::string::npos)));
  }
}

}  // namespace chiploc::test::device_verifier_test
