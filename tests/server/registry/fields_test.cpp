#include "server/registry/fields.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::fields_test {

TEST_CASE("fields: names are short and need no quoting", "[registry]") {
  for (const auto* good : {"a", "fra1", "L-2026/17", "SN:00+1.a_b"}) CHECK(parse_name(good));
  for (const auto* bad : {"", "-a", ".a", "a b", "a\nb", "\xC3\xA4", "a;b", "a\"b"})
    CHECK_FALSE(parse_name(bad));
  CHECK(parse_name(std::string(kNameMax, 'a')));
  CHECK_FALSE(parse_name(std::string(kNameMax + 1, 'a')));
}

TEST_CASE("fields: texts are UTF-8 without control characters", "[registry]") {
  for (const auto* good : {"a", "M\xC3\xBCller & S\xC3\xB6hne", "\xE6\xB7\xB1", "\xF0\x9F\x94\x92"})
    CHECK(parse_text(good));
  for (const auto* bad : {"", " a", "a ", "a\nb", "a\x7F", "\xC2\x85", "\xC0\xAF", "\xED\xA0\x80",
                          "\xF4\x90\x80\x80", "\xE6\xB7", "\xFF"})
    CHECK_FALSE(parse_text(bad));
  CHECK_FALSE(parse_text(std::string(kTextMax + 1, 'a')));
}

TEST_CASE("fields: ids and keys are exact runs of hex digits", "[registry]") {
  CHECK(parse_device_id("00112233445566778899aabbccddeeFF")->hex() == "00112233445566778899aabbccddeeff");
  CHECK(parse_device_id("00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:FF")->hex() ==
        "00112233445566778899aabbccddeeff");
  CHECK(parse_device_id(std::string(64, 'a')));
  for (const auto& bad :
       {std::string{}, std::string{"0011"}, std::string{"00112233445566778899aabbccddeeff0"},
        std::string{"00112233445566778899aabbccddeefg"}, std::string(66, 'a'),
        std::string{"0:01122334455667788:99aabbccddeeff:0"},
        std::string{"00:112233445566778899aabbccddeeff"}})
    CHECK_FALSE(parse_device_id(bad));
  CHECK(parse_public_key(std::string(64, 'a')));
  CHECK_FALSE(parse_public_key(std::string(63, 'a')));
}

TEST_CASE("fields: dates exist", "[registry]") {
  for (const auto* good : {"1970-01-01", "2024-02-29", "2199-12-31"})
    CHECK(to_text(*parse_date(good)) == good);
  for (const auto* bad : {"", "2026-2-1", "2023-02-29", "2026-13-01", "2026-00-10", "1969-12-31",
                          "2200-01-01", "2026/01/01", "2026-01-0x", "20260101", "2026-01-01 "}) {
    CHECK_FALSE(parse_date(bad));
  }
}

TEST_CASE("fields: addresses are numbers with a port", "[registry]") {
  for (const auto* good : {"192.0.2.1:7411", "[2001:db8::1]:1", "255.255.255.255:65535"})
    CHECK(to_text(*parse_address(good)) == good);
  CHECK(to_text(*parse_address("[::ffff:192.0.2.1]:7411")) == "192.0.2.1:7411");
  for (const auto* bad :
       {"", "192.0.2.1", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:+1",
        "192.0.2.1:7 ", "host:7411", "2001:db8::1:7411", "[192.0.2.1]:7411", "[fe80::1%eth0]:7411",
        "192.0.2.256:1", "0.0.0.0:7411", "[::]:7411", " 192.0.2.1:7411"}) {
    INFO(bad);
    CHECK_FALSE(parse_address(bad));
  }
  CHECK_FALSE(parse_address(std::string_view{"192.0.2.1\0x:7411", 16}));
}

TEST_CASE("fields: a chip knocks or is reached at one address", "[registry]") {
  CHECK(to_text(*parse_reach("knock")) == "knock");
  CHECK(to_text(*parse_reach("inbound 192.0.2.7:7400")) == "inbound 192.0.2.7:7400");
  for (const auto* bad : {"", "Knock", "inbound", "inbound ", "inbound host:1", "outbound 192.0.2.7:7400"})
    CHECK_FALSE(parse_reach(bad));
}

TEST_CASE("fields: numbers stay in their range", "[registry]") {
  CHECK(*parse_number("-90", -90, 90) == -90.0);
  CHECK(*parse_number("1e1", -90, 90) == 10.0);
  for (const auto* bad : {"", "90.0001", "-91", "nan", "inf", "1,5", "1.5 ", " 1.5", "0x10", "+1"})
    CHECK_FALSE(parse_number(bad, -90, 90));
}

TEST_CASE("fields: a decimal comma is named", "[registry]") {
  CHECK_THAT(parse_number("48,85", -90, 90).error(), Catch::Contains("use a point before the decimals"));
  CHECK_THAT(parse_number("-0,5", -90, 90).error(), Catch::Contains("use a point"));
  CHECK_THAT(parse_number("99", -90, 90).error(), !Catch::Contains("point"));
  CHECK_THAT(parse_number("north, 3", -90, 90).error(), !Catch::Contains("point"));
}

TEST_CASE("fields: countries are sorted, known and not repeated", "[registry]") {
  const KnownCountry known = [](CountryCode code) { return code.view() != "QQ"; };
  const auto codes = parse_countries("FR DE;DE ; IT", known);
  REQUIRE(codes);
  std::string text;
  for (const auto code : *codes) text += code.text();
  CHECK(text == "DEFRIT");
  for (const auto* bad : {"", " ; ", "de", "DEU", "D", "DE QQ", "DE,FR"})
    CHECK_FALSE(parse_countries(bad, known));
}

TEST_CASE("fields: UK and EL are answered with the codes that are meant", "[registry]") {
  const KnownCountry known = [](CountryCode code) { return code.view() != "UK" && code.view() != "EL"; };
  CHECK_THAT(parse_country("UK", known).error(), Catch::Contains("give GB for the United Kingdom"));
  CHECK_THAT(parse_countries("DE EL", known).error(), Catch::Contains("give GR for Greece"));
  CHECK_THAT(parse_places("UK", known).error(), Catch::Contains("give GB"));
  CHECK_THAT(parse_country("QQ", [](CountryCode) { return false; }).error(),
             Catch::Contains("give a code of ISO 3166-1, e.g. DE"));
}

TEST_CASE("fields: PEM splits into its blocks and nothing else", "[registry]") {
  const std::string block = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  CHECK(split_pem("\n" + block + "\r\n" + block)->size() == 2);
  CHECK(split_pem("-----BEGIN CERTIFICATE-----\r\nAAAA\r\n-----END CERTIFICATE-----")->front() == block);
  CHECK_FALSE(split_pem(""));
  CHECK_FALSE(split_pem("junk" + block));
  CHECK_FALSE(split_pem("# kept for 2027 " + block));
  CHECK_FALSE(split_pem(block.substr(0, 40)));
  CHECK_FALSE(split_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
}

TEST_CASE("fields: a bundle may have comments, any line ends and any blanks", "[registry]") {
  const std::string begin = "-----BEGIN CERTIFICATE-----";
  const std::string end = "-----END CERTIFICATE-----";
  const std::string block = begin + "\nAAAA\n" + end + "\n";
  for (const std::string& text : std::vector<std::string>{
           "# Solo CA\n# Not Valid After : 2056\n" + block, "\xEF\xBB\xBF" + block,
           "Root 1\n======\n" + block + "\n\n# end\n",
           "Certificate:\n    Data:\n        Version: 3 (0x2)\n        Signature "
           "Algorithm: ecdsa-with-SHA256\n" +
               block,
           begin + "\r" + "AA\rAA\r" + end, "  " + begin + "\n\t AA \n\n AA\n  " + end + "  ",
           begin + " AAAA " + end, "# see " + begin + " below\n" + block,
           "# between " + begin + " and " + end + " stand the digits of Acme2026\n" + block,
           begin +
               "\n\xC2\xA0"
               "AA\xC2\xA0\n\xE2\x80\x8B"
               "AA\xE3\x80\x80\n" +
               end + "\xC2\xA0\n",
           begin +
               "\xE2\x80\xA8"
               "AAAA\xC2\x85" +
               end,
           "\xC2\xA0" + block, "-----BEGIN X509 CERTIFICATE-----\nAAAA\n-----END X509 CERTIFICATE-----\n",
           "# " + begin + "\n# BBBB\n# " + end + "\n" + block, "-------------\n" + block}) {
    INFO(text);
    const auto blocks = split_pem(text);
    REQUIRE(blocks);
    CHECK(*blocks == std::vector<std::string>{block});
  }
  CHECK(split_pem(begin + " AAAA " + end + " " + begin + " AAAA " + end)->size() == 2);
  CHECK(split_pem(block + "\xEF\xBB\xBF" + block)->size() == 2);
}

TEST_CASE("fields: what looks like a piece of a certificate is no comment", "[registry]") {
  const std::string begin = "-----BEGIN CERTIFICATE-----";
  const std::string end = "-----END CERTIFICATE-----";
  const std::string digits = "MIIB3DCCAWGgAwIBAgIUY/aNEURxSeR7zHPvDXrm2VT3u/gwCgYIKoZIzj0EAwMw";
  const std::string block = begin + "\n" + digits + "\n" + end + "\n";
  for (const std::string& text : std::vector<std::string>{
           block + "----BEGIN CERTIFICATE-----\n" + digits + "\n" + end + "\n", block + digits + "\n",
           "# " + begin + "\n" + digits + "\n# " + end + "\n" + block,
           "# " + begin + " " + digits + " " + end + "\n" + block, block + begin + "\n" + digits,
           begin + "\n" + digits + "!\n" + end,
           begin + "\n" + digits + "\n" + begin + "\n" + digits + "\n" + end,
           block + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
           std::string{"-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n-----END TRUSTED CERTIFICATE-----\n"},
           std::string{"# nothing but a comment\n"}}) {
    INFO(text);
    CHECK_FALSE(split_pem(text));
  }
  CHECK(split_pem(block + "\n\n" + digits).error().find("line 6 of the text") != std::string::npos);
}

TEST_CASE("fields: classification numbers as the export rules write them", "[registry][orders]") {
  for (const std::string good : {"3A090", "3A090.a", "4A090.b.1", "5A992.c", "EAR99", "3E001"})
    CHECK(parse_eccn(good).value() == good);
  for (const std::string bad :
       {"", "3A09", "3a090", "3F090", "A3090", "3A090.", "3A090..a", "3A090a", "3A090.A", "EAR-99", "ear99",
        "3A0900", "3A090.a.b.c.d.e.f.g.h.i.j.k", "3.00E+01"}) {
    INFO(bad);
    CHECK_FALSE(parse_eccn(bad));
  }
  CHECK(parse_eccn("3.00E+01").error().find("spreadsheet") != std::string::npos);  // 3E001, once
}

TEST_CASE("fields: quantities, shares, roles, conditions and digests", "[registry][orders]") {
  CHECK(parse_quantity("1").value() == 1);
  CHECK(parse_quantity("100000000").value() == kQuantityMax);
  for (const char* bad :
       {"", "0", "-1", "+1", "1.0", "1,000", " 1", "100000001", "99999999999999999999", "0x1"}) {
    INFO(bad);
    CHECK_FALSE(parse_quantity(bad));
  }
  CHECK(parse_share("0.5").value() == 0.5);
  CHECK(parse_share("100").value() == 100.0);
  for (const char* bad : {"0", "-1", "100.1", "", "nan", "5%"}) CHECK_FALSE(parse_share(bad));
  CHECK(parse_roles("operator;exporter operator").value() ==
        std::vector{EntityRole::kExporter, EntityRole::kOperator});
  CHECK_FALSE(parse_roles(" ; "));
  CHECK_FALSE(parse_roles("exporter thief"));
  for (const auto kind :
       {ConditionKind::kThirdPartyTest, ConditionKind::kVolumeCap, ConditionKind::kRemoteAccess})
    CHECK(parse_condition_kind(to_text(kind)).value() == kind);
  CHECK_FALSE(parse_condition_kind("VOLUME_CAP"));
  CHECK(parse_sha256(std::string(64, 'F')).value().hex() == std::string(64, 'f'));
  CHECK_FALSE(parse_sha256(std::string(63, 'f')));
}

TEST_CASE("fields: what is shown in a message cannot disturb a terminal", "[registry]") {
  CHECK(shown("a\x1B[31m") == "\"a?[31m\"");
  CHECK(shown(std::string(1000, 'x')).size() <= 45);
  CHECK(shown("\xFF") == "\"?\"");
}

}  // namespace chiploc::fields_test
