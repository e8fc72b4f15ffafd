#include "server/service/sign_in_codes.hpp"

#include <set>

#include "tests/server/service/service_world.hpp"
#include "tests/support/certificate_maker.hpp"

namespace sign_in_codes_test {
using namespace chiploc;
using namespace std::chrono_literals;

constexpr WallTime kNow{1'000'000h};

SignInCodes::Dice counting() {
  return [next = std::uint32_t{0}](MutableBytes out) mutable {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>((++next * 2'654'435'761U) >> 24U);
  };
}
Caller holder_of(const std::string& name, Role role = Role::kReader, std::optional<std::string> entity = {}) {
  Caller out;
  out.name = name;
  out.role = role;
  out.holder = std::move(entity);
  test::CertificateOrder order;
  order.common_name = name;
  out.whole_certificate = std::make_shared<const Certificate>(test::make_certificate(order).certificate);
  out.certificate = out.whole_certificate->fingerprint();
  return out;
}
SignInCodes codes_of(const SignInCodeRules& rules = {}) {
  return SignInCodes{"https://127.0.0.1:7480/", rules, counting()};
}

TEST_CASE("sign-in codes: the holder of a certificate, once", "[service][sign-in]") {
  SignInCodes codes = codes_of();
  const Caller ann = holder_of("ann", Role::kRegistrar, "Acme");
  const auto code = codes.issue(ann, kNow);
  REQUIRE(code);
  CHECK(code->text.size() == 14);
  CHECK(code->text[4] == '-');
  CHECK(code->text[9] == '-');
  CHECK(code->until == kNow + 5min);
  const auto identity = codes.redeem(code->text, kNow + 1min);
  REQUIRE(identity);
  CHECK(identity->common_name == "ann");
  CHECK(identity->unit == "registrar");
  CHECK(identity->organizations == std::vector<std::string>{"holder:Acme"});
  CHECK(identity->certificate == ann.certificate);
  CHECK(identity->whole_certificate == ann.whole_certificate);
  CHECK_FALSE(codes.redeem(code->text, kNow + 1min));
}

TEST_CASE("sign-in codes: as people type them, and nothing near it", "[service][sign-in]") {
  SignInCodes codes = codes_of();
  const auto given = [&] { return codes.issue(holder_of("ann"), kNow)->text; };
  std::string lower = given();
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  CHECK(codes.redeem(" " + lower + " ", kNow));
  std::string letters = given();
  for (char& c : letters) c = c == '0' ? 'o' : c == '1' ? 'l' : c;
  std::erase(letters, '-');
  CHECK(codes.redeem(letters, kNow));
  const std::string code = given();
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] == '-') continue;
    std::string other = code;
    other[i] = code[i] == '7' ? '8' : '7';
    CHECK_FALSE(codes.redeem(other, kNow));
  }
  for (const std::string& other : {std::string{}, code.substr(1), code + "0", code.substr(0, 13) + "U",
                                   code.substr(0, 13) + "\xc3", std::string(1'000, ' ') + code})
    CHECK_FALSE(codes.redeem(other, kNow));
  CHECK(codes.redeem(code, kNow));  // wrong tries cost nobody a code
}

TEST_CASE("sign-in codes: too late, and by a clock that was set back", "[service][sign-in]") {
  SignInCodes codes = codes_of();
  const std::string late = codes.issue(holder_of("ann"), kNow)->text,
                    last = codes.issue(holder_of("ann"), kNow)->text,
                    back = codes.issue(holder_of("ann"), kNow)->text;
  CHECK_FALSE(codes.redeem(late, kNow + 5min));
  CHECK(codes.redeem(last, kNow + 5min - 1ns));
  CHECK_FALSE(codes.redeem(back, kNow - 1ns));
}

TEST_CASE("sign-in codes: not for a token or a session", "[service][sign-in]") {
  SignInCodes codes = codes_of();
  Caller by_token;
  by_token.name = "ann";
  by_token.account = TokenAccount{"https://issuer.example", "u-1"};
  Caller by_session = holder_of("ann");
  by_session.whole_certificate = nullptr;
  for (const Caller& caller : {by_token, by_session}) {
    const auto code = codes.issue(caller, kNow);
    REQUIRE_FALSE(code);
    CHECK(code.error().code == ApiFaultCode::kWrongRole);
  }
}

TEST_CASE("sign-in codes: bounded, and one certificate cannot push out another's", "[service][sign-in]") {
  SignInCodes codes = codes_of({.most = 4, .per_certificate = 2});
  const Caller ann = holder_of("ann"), bob = holder_of("bob"), cas = holder_of("cas");
  const std::string first = codes.issue(ann, kNow)->text;
  const std::string second = codes.issue(ann, kNow + 1s)->text, third = codes.issue(ann, kNow + 2s)->text;
  CHECK_FALSE(codes.redeem(first, kNow + 2s));
  const std::string bobs = codes.issue(bob, kNow + 2s)->text;
  REQUIRE(codes.issue(bob, kNow + 3s));
  const auto full = codes.issue(cas, kNow + 3s);
  REQUIRE_FALSE(full);
  CHECK(full.error().code == ApiFaultCode::kExhausted);
  CHECK(codes.issue(cas, kNow + 5min + 1s));  // ann's second is over
  CHECK_FALSE(codes.redeem(second, kNow + 5min + 1s));
  CHECK(codes.redeem(third, kNow + 5min + 1s));
  CHECK(codes.redeem(bobs, kNow + 5min + 1s));
}

TEST_CASE("CreateSignInCode: the code and where it counts; without a page a fault that says so",
          "[service][sign-in]") {
  test::ServiceWorld world;
  const Caller ann = holder_of("ann");
  const auto given = world.cases.create_sign_in_code({}, ann);
  REQUIRE(given);
  CHECK(given->page_address() == "https://chiploc.example/");
  CHECK(given->expires_unix_ns() == 1'790'000'300'000'000'000);
  CHECK(world.codes.redeem(given->code(), wall_from_unix_seconds(1'790'000'000))->common_name == "ann");
  CHECK(world.cases.create_sign_in_code({}, test::kReader).error().code == ApiFaultCode::kWrongRole);

  OperatorUseCases bare{OperatorParts{.registry = world.registry,
                                      .store = world.store,
                                      .reader = *world.reader,
                                      .rounds = world.rounds,
                                      .status = world.rounds,
                                      .policy = world.in_force,
                                      .known_country = {},
                                      .now = [] { return wall_from_unix_seconds(1'790'000'000); },
                                      .software_version = "0.1.0",
                                      .limits = {}}};
  const auto none = bare.create_sign_in_code({}, ann);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ApiFaultCode::kNotReady);
  CHECK(none.error().text.find("http.page") != std::string::npos);
}

}  // namespace sign_in_codes_test
