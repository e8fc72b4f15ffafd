// Paths as makers build them: authorities of one name, device CAs, other keys, extensions that are critical.
#include "tests/support/catch.hpp"
#include "tests/support/certificate_maker.hpp"

namespace chiploc::test::certificate_path_test {
namespace {

using Code = CertificateFault::Code;
constexpr WallTime kNow = wall_from_unix_seconds(1'795'000'000);
const std::string kId = "000102030405060708090a0b0c0d0e0f";

MadeCertificate device_of(const MadeCertificate& issuer, const Extensions& more = {},
                          const std::string& id = kId) {
  CertificateOrder order;
  order.common_name = "chip";
  order.serial_number = id;
  order.extensions.insert(order.extensions.end(), more.begin(), more.end());
  return make_certificate(order, &issuer);
}
MadeCertificate device_ca_of(const MadeCertificate& issuer, const std::string& id) {
  CertificateOrder order;
  order.common_name = "device identity";
  order.serial_number = id;
  order.extensions = kCaExtensions;
  return make_certificate(order, &issuer);
}
std::vector<Certificate> all(std::initializer_list<MadeCertificate> made) {
  std::vector<Certificate> out;
  for (const MadeCertificate& one : made) out.push_back(one.certificate);
  return out;
}
Code fault_of(const Result<Done, CertificateFault>& result) {
  REQUIRE_FALSE(result);
  INFO(result.error().text);
  return result.error().code;
}

}  // namespace

TEST_CASE(
    "verify_device: of two authorities with one name the one with the right key vouches, in either order",
    "[crypto]") {
  const auto old_ca = make_ca("Maker CA");
  const auto new_ca = make_ca("Maker CA");
  for (const auto& trusted : {all({old_ca, new_ca}), all({new_ca, old_ca})}) {
    CHECK(verify_device(device_of(old_ca).certificate, {}, trusted, kNow));
    CHECK(verify_device(device_of(new_ca).certificate, {}, trusted, kNow));
  }
  CHECK(fault_of(verify_device(device_of(make_ca("Maker CA")).certificate, {}, all({old_ca, new_ca}),
                               kNow)) == Code::kBadSignature);
}

TEST_CASE("verify_device: who does not say that it is a CA is none, as an authority or between", "[crypto]") {
  // OpenSSL takes these for CAs of before basic constraints: a key that may sign certificates, and nothing at
  // all.
  for (const Extensions& ancient : {Extensions{{"keyUsage", "critical,keyCertSign,digitalSignature"}},
                                    Extensions{{"nsCertType", "sslCA"}}}) {
    CertificateOrder order;
    order.common_name = "Old CA";
    order.extensions = ancient;
    const auto root = make_certificate(order);
    CHECK(fault_of(verify_device(device_of(root).certificate, {}, all({root}), kNow)) == Code::kNotACa);
    const auto maker = make_ca("Maker CA");
    order.key = {};
    const auto between = make_certificate(order, &maker);
    CHECK(fault_of(verify_device(device_of(between).certificate, all({between}), all({maker}), kNow)) ==
          Code::kNotACa);
  }
}

TEST_CASE("verify_device: key identifiers decide nothing, neither for nor against an authority", "[crypto]") {
  CertificateOrder order;
  order.common_name = "Maker CA";
  order.extensions = kCaExtensions;
  order.extensions.emplace_back("subjectKeyIdentifier", "AABBCC");
  const auto ca = make_certificate(order);
  order.extensions.back().second = "DDEEFF";
  order.key = {};
  const auto liar = make_certificate(order);  // of the same name; it has the identifier that the device names
  const Extensions names_liar{{"2.5.29.35", "DER:30:05:80:03:DD:EE:FF"}};
  const auto device = device_of(ca, names_liar);
  CHECK(verify_device(device.certificate, {}, all({ca}), kNow));
  CHECK(verify_device(device.certificate, {}, all({liar, ca}), kNow));
  CHECK_FALSE(verify_device(device.certificate, {}, all({liar}), kNow));
}

TEST_CASE("verify_device: a key that was certified twice is good by either certificate", "[crypto]") {
  const auto key = ec_key("P-384");
  const auto root = make_ca("Root");
  CertificateOrder expired;
  expired.common_name = "Plant CA";
  expired.key = key;
  expired.extensions = kCaExtensions;
  expired.to = kNow - std::chrono::hours{1};
  const auto old_plant = make_certificate(expired, &root);
  const auto new_plant = make_ca("Plant CA", key, &root);
  const auto device = device_of(new_plant);
  for (const auto& intermediates : {all({old_plant, new_plant}), all({new_plant, old_plant})})
    CHECK(verify_device(device.certificate, intermediates, all({root}), kNow));
  CHECK(fault_of(verify_device(device.certificate, all({old_plant}), all({root}), kNow)) == Code::kExpired);
  CHECK(verify_device(device.certificate, {}, all({old_plant, new_plant}), kNow));
}

TEST_CASE("verify_device: authorities may have RSA of 2048 to 4096 bits, or P-521", "[crypto]") {
  for (const auto& key : {rsa_key(2048), rsa_key(4096), ec_key("P-521"), ec_key("P-384")}) {
    const auto ca = make_ca("Maker CA", key);
    const auto device = device_of(ca);
    const auto verified = verify_device(device.certificate, {}, all({ca}), kNow);
    INFO((verified ? "" : verified.error().text));
    CHECK(verified);
    const RevocationList list = make_list(ca, {.revoked = {device.certificate}});
    CHECK(list.signed_by(ca.certificate));
    CHECK(fault_of(verify_device(device.certificate, {}, all({ca}), kNow, {&list, 1})) == Code::kRevoked);
  }
  CertificateOrder pss;
  pss.common_name = "chip";
  pss.serial_number = kId;
  pss.pss = true;
  const auto ca = make_ca("Maker CA", rsa_key(3072));
  CHECK(verify_device(make_certificate(pss, &ca).certificate, {}, all({ca}), kNow));
}

TEST_CASE("verify_device: authorities with weaker or other keys are refused, and devices with an authority's",
          "[crypto]") {
  for (const auto& key : {rsa_key(1024), ec_key("secp256k1"), ec_key("brainpoolP384r1")}) {
    const auto ca = make_ca("Maker CA", key);
    CHECK_FALSE(verify_device(device_of(ca).certificate, {}, all({ca}), kNow));
  }
  const auto big = make_ca("Maker CA", rsa_key(4104));
  CHECK(fault_of(verify_device(device_of(big).certificate, {}, all({big}), kNow)) == Code::kUnsupportedKey);
  const auto ca = make_ca("Maker CA");
  for (const auto& key : {rsa_key(2048), ec_key("P-521")}) {
    CertificateOrder order;
    order.common_name = "chip";
    order.serial_number = kId;
    order.key = key;
    CHECK(fault_of(verify_device(make_certificate(order, &ca).certificate, {}, all({ca}), kNow)) ==
          Code::kUnsupportedKey);
  }
}

TEST_CASE("verify_device: the critical extensions of DICE are taken, on devices and on device CAs",
          "[crypto]") {
  const auto ca = make_ca("Maker CA");
  for (const std::string_view oid : known_critical_extensions()) {
    const auto device = device_of(ca, {{std::string{oid}, "critical,DER:30:03:83:01:01"}});
    INFO(oid);
    CHECK(verify_device(device.certificate, {}, all({ca}), kNow));
  }
  CertificateOrder order;
  order.common_name = "device identity";
  order.serial_number = kId;
  order.extensions = kCaExtensions;
  order.extensions.emplace_back("2.23.133.5.4.5", "critical,DER:30:00");
  const auto identity = make_certificate(order, &ca);
  CHECK(verify_device(device_of(identity).certificate, all({identity}), all({ca}), kNow));
}

TEST_CASE("verify_device: any other critical extension is refused by its number", "[crypto]") {
  const auto ca = make_ca("Maker CA");
  for (const std::string oid : {"1.2.3.4", "2.23.133.5.4.10", "2.23.133.5.4", "2.23.133.5.4.1.1"}) {
    const Extensions strange{{"2.23.133.5.4.1", "critical,DER:30:00"}, {oid, "critical,DER:05:00"}};
    const auto verified = verify_device(device_of(ca, strange).certificate, {}, all({ca}), kNow);
    REQUIRE_FALSE(verified);
    CHECK(verified.error().code == Code::kUntrusted);
    CHECK_THAT(verified.error().text, Catch::Contains("critical extension " + oid + " is not known"));
    CHECK(
        verify_device(device_of(ca, {{oid, "DER:05:00"}}).certificate, {}, all({ca}), kNow));  // not critical
  }
  CertificateOrder order;
  order.common_name = "Maker CA";
  order.extensions = kCaExtensions;
  order.extensions.emplace_back("1.2.3.4", "critical,DER:05:00");
  const auto strange_ca = make_certificate(order);
  CHECK_FALSE(verify_device(device_of(strange_ca).certificate, {}, all({strange_ca}), kNow));
}

TEST_CASE("verify_device: a device CA issues for its own chip only", "[crypto]") {
  const auto ca = make_ca("Maker CA");
  const auto identity = device_ca_of(ca, kId);
  CHECK(verify_device(device_of(identity).certificate, all({identity}), all({ca}), kNow));
  const auto other = device_of(identity, {}, "ff0102030405060708090a0b0c0d0e0f");
  const auto verified = verify_device(other.certificate, all({identity}), all({ca}), kNow);
  REQUIRE_FALSE(verified);
  CHECK_THAT(verified.error().text, Catch::Contains("device CA of another chip, " + kId));
}

TEST_CASE("verify_device: a device CA needs no list of its own, but may be on its maker's", "[crypto]") {
  const auto ca = make_ca("Maker CA");
  const auto identity = device_ca_of(ca, kId);
  const auto alias = device_of(identity);
  const auto verified = [&](const ListOrder& order) {
    const RevocationList list = make_list(ca, order);
    return verify_device(alias.certificate, all({identity}), all({ca}), kNow, {&list, 1});
  };
  CHECK(verified({}));
  CHECK(fault_of(verified({.revoked = {identity.certificate}})) == Code::kRevoked);
  // A list for devices alone says nothing of a device CA.
  CHECK(fault_of(verified({.point = "onlyuser=TRUE"})) == Code::kCrlUnusable);
  CHECK(verified({.point = "onlyCA=TRUE"}));
  // An intermediate that is no chip's own has to give one.
  const auto plant = make_ca("Plant CA", {}, &ca);
  const RevocationList of_maker = make_list(ca, {});
  CHECK(fault_of(verify_device(device_of(plant).certificate, all({plant}), all({ca}), kNow,
                               {&of_maker, 1})) == Code::kCrlUnusable);
}

TEST_CASE("verify_device: a distribution point that limits nothing leaves a list what it is", "[crypto]") {
  const auto ca = make_ca("Maker CA");
  const auto device = device_of(ca);
  const std::string uri = "URI:http://crl.example/1.crl";
  for (const bool critical : {true, false}) {
    for (const std::string& point :
         {"fullname=" + uri, std::string{"onlyuser=TRUE"}, "fullname=" + uri + "\nonlyuser=TRUE"}) {
      INFO(point);
      const RevocationList empty = make_list(ca, {.point = point, .point_critical = critical});
      CHECK(empty.unusable().empty());
      CHECK(verify_device(device.certificate, {}, all({ca}), kNow, {&empty, 1}));
      const RevocationList names =
          make_list(ca, {.revoked = {device.certificate}, .point = point, .point_critical = critical});
      CHECK(fault_of(verify_device(device.certificate, {}, all({ca}), kNow, {&names, 1})) == Code::kRevoked);
    }
  }
}

TEST_CASE("verify_device: a limited list clears nobody beyond its limits", "[crypto]") {
  const auto ca = make_ca("Maker CA");
  const auto device = device_of(ca);
  for (const std::string point :
       {"onlyAA=TRUE", "indirectCRL=TRUE", "onlysomereasons=keyCompromise", "onlyCA=TRUE"}) {
    for (const bool critical : {true, false}) {
      INFO(point);
      const RevocationList list = make_list(ca, {.point = point, .point_critical = critical});
      CHECK(list.unusable().empty() == (point == "onlyCA=TRUE"));
      CHECK(fault_of(verify_device(device.certificate, {}, all({ca}), kNow, {&list, 1})) ==
            Code::kCrlUnusable);
    }
  }
  const RevocationList strange = make_list(ca, {.extensions = {{"1.2.3.4", "critical,DER:05:00"}}});
  CHECK_THAT(strange.unusable(), Catch::Contains("1.2.3.4"));
  const RevocationList entry = make_list(ca, {.revoked = {ca.certificate}, .critical_entry = true});
  CHECK_THAT(entry.unusable(), Catch::Contains("1.2.3.4.5"));
}

TEST_CASE("verify_device: lists of several places cover who names their place", "[crypto]") {
  const auto ca = make_ca("Maker CA");
  const std::string one = "URI:http://crl.example/1.crl";
  const std::string two = "URI:http://crl.example/2.crl";
  const auto device = device_of(ca, {{"crlDistributionPoints", two}});
  const RevocationList first = make_list(ca, {.point = "fullname=" + one});
  const RevocationList second = make_list(ca, {.point = "fullname=" + two});
  const RevocationList named = make_list(ca, {.revoked = {device.certificate}, .point = "fullname=" + two});
  CHECK_FALSE(first.overlaps(second));
  CHECK(second.overlaps(named));
  const auto verified = [&](std::vector<RevocationList> lists) {
    return verify_device(device.certificate, {}, all({ca}), kNow, lists);
  };
  CHECK(fault_of(verified({first})) == Code::kCrlUnusable);
  CHECK(verified({first, second}));
  CHECK(fault_of(verified({first, named})) == Code::kRevoked);
  CHECK(verified({make_list(ca, {})}));
}

TEST_CASE("verify_device: a list is chosen by the key that signed it, whichever comes first", "[crypto]") {
  const auto old_ca = make_ca("Maker CA");
  const auto new_ca = make_ca("Maker CA");
  const auto old_device = device_of(old_ca);
  const auto new_device = device_of(new_ca);
  const RevocationList by_old = make_list(old_ca, {.revoked = {old_device.certificate}});
  const RevocationList by_new = make_list(new_ca, {});
  for (const auto& lists : {std::vector{by_old, by_new}, std::vector{by_new, by_old}}) {
    CHECK(fault_of(verify_device(old_device.certificate, {}, all({new_ca, old_ca}), kNow, lists)) ==
          Code::kRevoked);
    CHECK(verify_device(new_device.certificate, {}, all({old_ca, new_ca}), kNow, lists));
  }
  CHECK(fault_of(verify_device(new_device.certificate, {}, all({old_ca, new_ca}), kNow, {&by_old, 1})) ==
        Code::kCrlUnusable);
}

TEST_CASE("verify_device: a trusted CA that another trusted one revoked vouches for nobody", "[crypto]") {
  const auto root = make_ca("Root");
  const auto plant = make_ca("Plant CA", {}, &root);
  const auto device = device_of(plant);
  const auto verified = [&](const ListOrder& of_root) {
    const std::vector<RevocationList> lists{make_list(root, of_root), make_list(plant, {})};
    return verify_device(device.certificate, {}, all({plant, root}), kNow, lists);
  };
  CHECK(verified({}));
  CHECK(fault_of(verified({.revoked = {plant.certificate}})) == Code::kRevoked);
  CHECK(fault_of(verified({.to = kNow - std::chrono::hours{1}})) == Code::kCrlStale);
}

TEST_CASE("DeviceId: 16 bytes are the name on the wire, more have a digest of theirs", "[crypto]") {
  CHECK(DeviceId::from_text(kId)->chip_id().hex() == kId);
  CHECK(DeviceId::from_text("00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F")->chip_id().hex() == kId);
  // printf 'chiploc chip id\0' | cat - <(xxd -r -p <<< 00112233445566778899aabbccddeeff00112233) | sha256sum
  CHECK(DeviceId::from_text("00112233445566778899aabbccddeeff00112233")->chip_id().hex() ==
        "cb5a99a808fef9a999e377bd84eb0ab6");
  CHECK(DeviceId::from_text(std::string(64, 'f')));
  for (const std::string& bad : {std::string(66, 'f'), std::string(30, 'f'), std::string(33, 'f'),
                                 std::string(32, 'g'), std::string{"00:01"}, kId + ":"})
    CHECK_FALSE(DeviceId::from_text(bad));
}

TEST_CASE("split_der: undoes join_der, and refuses what does not fit", "[crypto]") {
  const auto ca = make_ca("Maker CA");
  const ByteVector der(ca.certificate.der().begin(), ca.certificate.der().end());
  const ByteVector small{0x30, 0x01, 0x05};
  CHECK(split_der(join_der(std::vector{der, small, der})).value() == std::vector{der, small, der});
  CHECK(split_der({})->empty());
  for (const ByteVector& bad :
       {ByteVector{0x30}, ByteVector{0x30, 0x02, 0x05}, ByteVector{0x31, 0x00}, ByteVector{0x30, 0x80},
        ByteVector{0x30, 0x84, 0, 0, 0, 0}, ByteVector{0x30, 0x82, 0x01}})
    CHECK_FALSE(split_der(bad));
}

}  // namespace chiploc::test::certificate_path_test
