#include "server/cli/completion.hpp"

#include <sstream>

#include "tests/server/cli/cli_process.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

/// What bash offers for these words, the last of which is being typed.
std::vector<std::string> offered(const std::vector<std::string>& words) {
  const TempDir folder;
  const CommandTree tree;
  const auto script = folder.write("chiploc.bash", completion_script(tree, "bash"));
  std::string list;
  for (const std::string& word : words) list += " '" + word + "'";
  const std::string command = "source " + script.string() + "; COMP_WORDS=(chiploc" + list +
                              "); COMP_CWORD=" + std::to_string(words.size()) +
                              "; _chiploc; printf '%s\\n' \"${COMPREPLY[@]}\"";
  const ProcessResult result = run_process({"bash", "--norc", "-c", command}, {});
  CHECK(result.err.empty());
  std::vector<std::string> out;
  std::istringstream in{result.out};
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

using Words = std::vector<std::string>;

TEST_CASE("completion: bash offers what the tree holds, at each place in it", "[cli][completion]") {
  CHECK(offered({""}) == Words{"chip",       "licence",  "anchor", "territory", "remove", "export",
                               "imports",    "model",    "entity", "site",      "order",  "delivery",
                               "condition",  "registry", "case",   "import",    "verify", "verdict",
                               "watch",      "notice",   "mute",   "policy",    "audit",  "report",
                               "log",        "enrol",    "pki",    "summary",   "page",   "status",
                               "completion", "eval",     "lab",    "plan",      "sim",    "version"});
  CHECK(offered({"order", ""}) == Words{"list", "show", "hold", "lift", "override", "decide"});
  CHECK(offered({"entity", ""}) == Words{"list", "show"});
  CHECK(offered({"delivery", ""}) == Words{"list"});
  CHECK(offered({"condition", "list", "--u"}) == Words{"--unmet"});
  CHECK(offered({"registry", "history", "o"}) == Words{"order"});
  CHECK(offered({"remove", "en"}) == Words{"entity"});
  CHECK(offered({"export", "--table", "con"}) == Words{"conditions"});
  CHECK(offered({"import", "--de"}) == Words{"--deliveries"});
  CHECK(offered({"ver"}) == Words{"verify", "verdict", "version"});
  CHECK(offered({"verdict", ""}) == Words{"list", "show", "map", "replay"});
  CHECK(offered({"policy", ""}) == Words{"show", "check", "diff", "replay", "activate", "list"});
  CHECK(offered({"-o", "json", "verdict", "l"}) == Words{"list"});
  CHECK(offered({"--server", "verdict", "chip", ""}) == Words{"list", "show", "restart-counters", "status",
                                                              "overdue", "history", "changes", "absent",
                                                              "back"});  // a value is no command
  CHECK(offered({"verdict", "list", "--st"}) == Words{"--state"});
  CHECK(offered({"verdict", "list", "--state", "S"}) == Words{"SILENT"});
  CHECK(offered({"chip", "list", "-o", "n"}) == Words{"ndjson"});
  CHECK(offered({"chip", "status", "--state", "t"}) == Words{"tampered"});
  CHECK(offered({"chip", "absent", "--kind", ""}) == Words{"maintenance", "storage", "transit"});
  CHECK(offered({"--output", "=", "g"}) == Words{"geojson"});
  CHECK(offered({"--color", ""}) == Words{"auto", "always", "never"});
  CHECK(offered({"completion", ""}) == Words{"bash", "zsh", "fish"});
  CHECK(offered({"chip", "list", "--serv"}) == Words{"--server", "--server-name"});
  CHECK(offered({"watch", "--kinds", ""}) == Words{"cases", "statuses", "verdicts"});
  CHECK(offered({"verify", "--dead"}) == Words{"--deadline"});
}

TEST_CASE("completion: files are offered where files are wanted", "[cli][completion]") {
  const TempDir folder;
  folder.write("makers.json", "");
  const std::string typed = (folder / "mak").string();
  CHECK(offered({"import", "--makers", typed}) == Words{(folder / "makers.json").string()});
}

TEST_CASE("completion: every command and option of the tree is in every script", "[cli][completion]") {
  const CommandTree tree;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion_script(tree, shell);
    for (const std::string word :
         {"licence", "verdict", "map", "evidence", "dry-run", "prohibited", "revocations", "territories",
          "PROHIBITED", "geojson", "deadline", "tls-key", "check-config"}) {
      INFO(shell << " " << word);
      CHECK(script.find(word) != std::string::npos);
    }
  }
  CHECK(completion_script(tree, "tcsh").empty());
}

TEST_CASE("completion: each shell that is here accepts its script", "[cli][completion]") {
  const TempDir folder;
  const CommandTree tree;
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const auto script = folder.write("script." + shell, completion_script(tree, shell));
    if (run_process({shell, "-c", "true"}, {}).exit_code != 0) {
      WARN("skipped: no " << shell << " here");
      continue;
    }
    const ProcessResult result =
        run_process({shell, "-n", script.string()}, {{"HOME", folder.path().string()}});
    INFO(shell << ": " << result.err);
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
  }
}

}  // namespace
}  // namespace chiploc::test
