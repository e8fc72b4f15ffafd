#include "server/http/static_files.hpp"

#include <sys/stat.h>

#include <fstream>

#include "server/http/http_target.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace chiploc::static_files_test {
namespace {

struct Page {
  TempFolder folder;
  std::filesystem::path root = folder / "page";
  Page() { std::filesystem::create_directories(root / "assets"); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream{root / name, std::ios::binary} << text;
  }
  [[nodiscard]] StaticFiles load(const StaticFileLimits& limits = {}) const {
    auto loaded = StaticFiles::load(root, limits);
    INFO((loaded ? std::string{} : loaded.error()));
    REQUIRE(loaded);
    return *std::move(loaded);
  }
  [[nodiscard]] std::string fault(const StaticFileLimits& limits = {}) const {
    const auto loaded = StaticFiles::load(root, limits);
    return loaded ? "loaded" : loaded.error();
  }
};

HttpRequest get(const std::string& target, HttpFields fields = {}, const std::string& method = "GET") {
  const auto parsed = parse_http_target(target);
  REQUIRE(parsed);
  return {.method = method, .path = parsed->path, .segments = parsed->segments, .fields = std::move(fields)};
}
std::string body(const std::optional<HttpReply>& reply) { return reply ? *reply->shared : "none"; }
std::string field(const std::optional<HttpReply>& reply, const std::string& name) {
  REQUIRE(reply);
  for (const auto& [key, value] : reply->fields)
    if (key == name) return value;
  return "";
}

TEST_CASE("static files: by their names, with type, tag and what a browser may keep", "[http]") {
  const Page page;
  page.write("index.html", "<html>");
  page.write("assets/app-1a2b.js", "js");
  page.write("favicon.ico", "icon");
  page.write("strange.xyz", "?");
  const StaticFiles files = page.load();
  CHECK(files.files() == 4);
  CHECK(files.bytes() == 6 + 2 + 4 + 1);
  const auto index = files.answer(get("/"));
  CHECK(body(index) == "<html>");
  CHECK(index->status == 200);
  CHECK(field(index, "content-type") == "text/html; charset=utf-8");
  CHECK(field(index, "cache-control") == "no-cache");
  // printf '<html>' | sha256sum
  CHECK(field(index, "etag") == "\"b7d082ee12e91b756ea22e8513b8594eebcf5d39fab813da3cb55794dc888ad7\"");
  CHECK(field(index, "vary").empty());
  CHECK(body(files.answer(get("/index.html"))) == "<html>");
  const auto script = files.answer(get("/assets/app-1a2b.js?v=1"));
  CHECK(field(script, "content-type") == "text/javascript; charset=utf-8");
  CHECK(field(script, "cache-control") == "public, max-age=31536000, immutable");
  CHECK(field(files.answer(get("/strange.xyz")), "content-type") == "application/octet-stream");
  CHECK(files.answer(get("/favicon.ico", {}, "POST"))->status == 405);
  CHECK(field(files.answer(get("/favicon.ico", {}, "DELETE")), "allow") == "GET, HEAD");
}

TEST_CASE("static files: nothing but them", "[http]") {
  const Page page;
  page.write("index.html", "x");
  page.write("assets/a.css", "a");
  page.write(".secret", "s");
  std::filesystem::create_directories(page.root / ".git");
  page.write(".git/config", "c");
  std::ofstream{page.folder / "outside"} << "o";
  const StaticFiles files = page.load();
  for (const char* target : {"/assets", "/assets/", "/.secret", "/.git/config", "/outside", "/nothing",
                             "/index.html/", "/assets%2Fa.css", "/INDEX.HTML", "/index.html%2F"}) {
    INFO(target);
    CHECK_FALSE(files.answer(get(target)));
  }
  // What the parser of targets would never let through is no file here either.
  HttpRequest climbing{.method = "GET", .path = "/../outside", .segments = {"..", "outside"}};
  CHECK_FALSE(files.answer(climbing));
}

TEST_CASE("static files: what was compressed before, for who accepts it", "[http]") {
  const Page page;
  page.write("index.html", "plain");
  page.write("index.html.gz", "gz");
  page.write("index.html.br", "br");
  page.write("only.css", "css");
  page.write("only.css.gz", "cssgz");
  page.write("archive.gz", "lonely");
  const StaticFiles files = page.load();
  const auto with = [&](const std::string& accept) {
    return files.answer(get("/", {{"accept-encoding", accept}}));
  };
  CHECK(body(with("gzip, deflate, br, zstd")) == "br");
  CHECK(field(with("br"), "content-encoding") == "br");
  CHECK(field(with("br"), "content-type") == "text/html; charset=utf-8");
  CHECK(body(with("gzip")) == "gz");
  CHECK(body(with("GZIP;q=0.5")) == "gz");
  CHECK(body(with("*")) == "br");
  CHECK(body(with("br;q=0, *")) == "gz");
  CHECK(body(with("identity")) == "plain");
  CHECK(body(with("br;q=0,gzip;q=0.000")) == "plain");
  CHECK(body(files.answer(get("/"))) == "plain");
  CHECK(field(files.answer(get("/")), "vary") == "accept-encoding");
  CHECK(field(files.answer(get("/")), "content-encoding").empty());
  CHECK(field(with("br"), "etag") != field(with("gzip"), "etag"));
  CHECK(body(files.answer(get("/only.css", {{"accept-encoding", "br, gzip"}}))) == "cssgz");
  CHECK(body(files.answer(get("/archive.gz"))) == "lonely");
  CHECK_FALSE(files.answer(get("/index.html.gz")));
}

TEST_CASE("static files: weights of codings", "[http]") {
  for (const char* yes :
       {"br", " br ", "gzip,br", "br;q=1", "br;q=1.000", "br; q=0.001", "br;Q=0.1", "*;q=0.5", "*;q=0,br"}) {
    INFO(yes);
    CHECK(accepts_coding(yes, "br"));
  }
  for (const char* no : {"", "gzip", "br;q=0", "br;q=0.", "*;q=0", "br;q=0.000", "br;q=x",
                         "br;q=", "br;level=1", "br;q=2", "br;q=0.0001", "brr", "br,gzip;q=a"}) {
    INFO(no);
    CHECK_FALSE(accepts_coding(no, "br"));
  }
}

TEST_CASE("static files: links and what is no file are refused when loading", "[http]") {
  const Page page;
  page.write("index.html", "x");
  std::ofstream{page.folder / "outside"} << "o";
  SECTION("a link inside is what it names") {
    std::filesystem::create_symlink("index.html", page.root / "start.html");
    CHECK(body(page.load().answer(get("/start.html"))) == "x");
  }
  SECTION("a link out of the folder") {
    std::filesystem::create_symlink("../outside", page.root / "in.html");
    CHECK(page.fault() ==
          (page.root / "in.html").string() + ": leads out of the folder; copy the file instead");
  }
  SECTION("a link to a neighbour whose name begins alike") {
    std::filesystem::create_directories(page.folder / "page2");
    std::ofstream{page.folder / "page2/x"} << "o";
    std::filesystem::create_symlink("../page2/x", page.root / "x");
    CHECK_THAT(page.fault(), Catch::Contains("leads out of the folder"));
  }
  SECTION("a link to a folder inside") {
    std::filesystem::create_symlink("assets", page.root / "more");
    CHECK_THAT(page.fault(), Catch::Contains("links to a folder"));
  }
  SECTION("a link to nothing") {
    std::filesystem::create_symlink("nothing", page.root / "x");
    CHECK_THAT(page.fault(), Catch::Contains("cannot be followed"));
  }
  SECTION("a pipe") {
    REQUIRE(::mkfifo((page.root / "pipe").c_str(), 0600) == 0);
    CHECK_THAT(page.fault(), Catch::Contains("is neither a file nor a folder"));
  }
  SECTION("no folder") {
    CHECK_THAT(StaticFiles::load(page.root / "none").error(),
               Catch::Contains("is no folder that can be read"));
    CHECK_THAT(StaticFiles::load(page.root / "index.html").error(),
               Catch::Contains("is no folder that can be read"));
  }
}

TEST_CASE("static files: no more than fits", "[http]") {
  const Page page;
  page.write("index.html", std::string(60, 'x'));
  page.write("a", std::string(40, 'x'));
  CHECK(page.load({.bytes = 100, .files = 2}).bytes() == 100);
  CHECK_THAT(page.fault({.bytes = 99, .files = 2}), Catch::Contains("has more than 2 files or 99 bytes"));
  CHECK_THAT(page.fault({.bytes = 100, .files = 1}), Catch::Contains("has more than 1 files"));
}

}  // namespace
}  // namespace chiploc::static_files_test
