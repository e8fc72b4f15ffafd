// What the shells themselves offer, typed as a person types. Those that are not here are skipped, and said.
#include <algorithm>
#include <filesystem>
#include <sstream>

#include "server/cli/completion.hpp"
#include "tests/server/cli/cli_process.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

using Words = std::vector<std::string>;

/// In place of chiploc: some names, whatever coordinator is asked; and it notes what it was asked with.
constexpr const char* kNames = R"(#!/bin/sh
printf '%s\n' "$*" >>"$ASKED"
for word; do case $word in --prefix=*) prefix=${word#--prefix=} ;; esac; done
case $2 in
  chips) set -- LAB-0001 LAB-0002 "it's odd" ;;
  holders) set -- 'Kanto Cloud' 'Southern Data' ;;
  *) set -- 'a:b' ;;
esac
for name; do case $name in "$prefix"*) printf '%s\n' "$name" ;; esac; done
)";

/// A terminal with a zsh that notes every candidate, a line typed into it, and a tab.
constexpr const char* kZsh = R"(
zmodload zsh/zpty || exit 77
zpty shell 'zsh -f -i'
zpty -w shell 'source ./inner.zsh'
zpty -w -n shell "$1"$'\t'
while zpty -r shell piece; do shown+=$piece; done
print -r -- "$shown" >&2
)";
constexpr const char* kZshInner = R"(
PROMPT= RPROMPT=
autoload -Uz compinit
compinit -u -D
source ./completion.zsh
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a __noted  # a name that no caller has for its own array
  builtin compadd -A __noted "$@"
  (( $#__noted )) && print -rl -- "${__noted[@]}" >>./offered
  builtin compadd "$@"
}
finish() { exit }
comppostfuncs=(finish)
bindkey '^I' complete-word
)";

class Shell {
 public:
  explicit Shell(const std::string& name) : name_{name} {
    const CommandTree tree;
    folder_.write("completion." + name, completion_script(tree, name));
    folder_.write("outer.zsh", kZsh);
    folder_.write("inner.zsh", kZshInner);
    folder_.write("makers.json", "");
    std::filesystem::create_directories(folder_ / "bin");
    std::filesystem::permissions(folder_.write("bin/chiploc", kNames), std::filesystem::perms::owner_all);
    environment_ = {{"HOME", folder_.path().string()},
                    {"PATH", (folder_ / "bin").string() + ":/usr/bin:/bin"},
                    {"ASKED", (folder_ / "asked").string()},
                    {"TERM", "dumb"}};
  }
  [[nodiscard]] bool is_here() const { return run_process({name_, "-c", "true"}, {}).exit_code == 0; }

  /// What is offered for this line, sorted; quoting that zsh adds is taken off.
  Words offered(const std::string& line) {
    CAPTURE(name_, line);
    std::filesystem::remove(folder_ / "asked");
    const std::string here = "cd " + folder_.path().string() + " && ";
    ProcessResult result;
    if (name_ == "zsh") {
      std::filesystem::remove(folder_ / "offered");
      result = run_process({"sh", "-c", here + "exec zsh -f ./outer.zsh \"$0\"", line}, environment_);
      result.out = read_file(folder_ / "offered");
      result.out.erase(std::remove(result.out.begin(), result.out.end(), '\\'), result.out.end());
    } else {
      const std::string ask = "source ./completion.fish; complete -C $argv[1]";
      result = run_process({"sh", "-c", here + "exec fish --no-config -c '" + ask + "' -- \"$0\"", line},
                           environment_);
      CHECK(result.err.empty());
    }
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    Words out;
    std::istringstream lines{result.out};
    for (std::string one; std::getline(lines, one);) out.push_back(one.substr(0, one.find('\t')));
    std::sort(out.begin(), out.end());
    // fish 4 also gives what only has the letters in order; on the screen it ranks that behind what begins so.
    const std::string typed = line.substr(line.rfind(' ') + 1);
    const auto other = [&](const std::string& word) { return word.rfind(typed, 0) != 0; };
    if (name_ == "fish" && !std::all_of(out.begin(), out.end(), other))
      out.erase(std::remove_if(out.begin(), out.end(), other), out.end());
    return out;
  }
  /// What chiploc was asked with for the last line.
  [[nodiscard]] std::string asked() const { return read_file(folder_ / "asked"); }
  [[nodiscard]] std::string home(const std::string& file) const { return (folder_ / file).string(); }

 private:
  std::string name_;
  TempDir folder_;
  std::map<std::string, std::string> environment_;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("completion: zsh and fish offer the same as the tree holds", "[cli][completion]") {
  for (const std::string name : {"zsh", "fish"}) {
    Shell shell{name};
    if (!shell.is_here()) {
      WARN("skipped: no " << name << " here");
      continue;
    }
    CAPTURE(name);
    CHECK(shell.offered("chiploc ver") == Words{"verdict", "verify", "version"});
    CHECK(shell.offered("chiploc verdict ") == Words{"list", "map", "replay", "show"});
    CHECK(shell.offered("chiploc -o json verdict l") == Words{"list"});
    CHECK(shell.offered("chiploc --output=json verdict l") == Words{"list"});
    CHECK(shell.offered("chiploc --server verdict chip ") == Words{"absent", "back", "changes", "history",
                                                                   "list", "overdue", "restart-counters",
                                                                   "show", "status"});
    CHECK(shell.offered("chiploc verdict list --st") == Words{"--state"});
    CHECK(shell.offered("chiploc verdict list --state S") == Words{"SILENT"});
    CHECK(shell.offered("chiploc chip list --serv") == Words{"--server", "--server-name"});
    CHECK(shell.offered("chiploc chip list -o n") == Words{"ndjson"});
    CHECK(shell.offered("chiploc --color ") == Words{"always", "auto", "never"});
    CHECK(shell.offered("chiploc import --makers mak") == Words{"makers.json"});
    // fish gives back the whole word, zsh what stands behind the sign.
    const std::string before = name == "fish" ? "--output=" : "";
    CHECK(shell.offered("chiploc chip list --output=g") == Words{before + "geojson"});
  }
}

TEST_CASE("completion: zsh and fish ask for names as they are meant, not as they are typed",
          "[cli][completion]") {
  for (const std::string name : {"zsh", "fish"}) {
    Shell shell{name};
    if (!shell.is_here()) {
      WARN("skipped: no " << name << " here");
      continue;
    }
    CAPTURE(name);
    CHECK(shell.offered("chiploc verify ") == Words{"LAB-0001", "LAB-0002", "it's odd"});
    CHECK(shell.offered("chiploc verify LAB") == Words{"LAB-0001", "LAB-0002"});
    CHECK(has(shell.asked(), "complete chips "));
    CHECK(has(shell.asked(), "--prefix=LAB"));
    for (const std::string typed : {R"(Kanto\ Cl)", R"("Kanto Cl)", R"('Kanto Cl)"}) {
      CAPTURE(typed);
      CHECK(shell.offered("chiploc verdict list --holder " + typed) == Words{"Kanto Cloud"});
      CHECK(has(shell.asked(), "--prefix=Kanto Cl"));
    }
    CHECK(shell.offered("chiploc verdict list --holder=Kan") ==
          Words{(name == "fish" ? "--holder=" : "") + std::string{"Kanto Cloud"}});
    CHECK(has(shell.asked(), "--prefix=Kan"));
    CHECK(shell.offered("chiploc licence show a") == Words{"a:b"});
    CHECK(shell.offered("~/bin/chiploc --config ~/my.toml verify LAB") == Words{"LAB-0001", "LAB-0002"});
    CHECK(has(shell.asked(), "--config " + shell.home("my.toml")));
    CHECK(shell.offered("chiploc --config 'two words' verify LAB") == Words{"LAB-0001", "LAB-0002"});
    CHECK(has(shell.asked(), "--config two words"));
  }
}

TEST_CASE("completion: bash, too, asks for names as they are meant", "[cli][completion]") {
  const TempDir folder;
  const CommandTree tree;
  const auto script = folder.write("completion.bash", completion_script(tree, "bash"));
  std::filesystem::create_directories(folder / "bin");
  std::filesystem::permissions(folder.write("bin/chiploc", kNames), std::filesystem::perms::owner_all);
  // The words as bash hands them over: quotes, backslashes and tildes are still in them.
  const auto offered = [&](const Words& words) {
    std::vector<std::string> argv{"bash", "--norc", "-c",
                                  "source " + script.string() +
                                      "; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _chiploc; "
                                      "printf '%s\\n' \"${COMPREPLY[@]}\"",
                                  "bash"};
    argv.insert(argv.end(), words.begin(), words.end());
    const ProcessResult result = run_process(argv, {{"HOME", folder.path().string()},
                                                    {"PATH", (folder / "bin").string() + ":/usr/bin:/bin"},
                                                    {"ASKED", (folder / "asked").string()}});
    CHECK(result.err.empty());
    return result.out;
  };
  CHECK(offered({"chiploc", "verify", "it"}) == "it\\'s\\ odd\n");
  CHECK(offered({"chiploc", "verdict", "list", "--holder", "Kanto\\ Cl"}) == "Kanto\\ Cloud\n");
  // Behind an open quote bash puts in what it gets.
  CHECK(offered({"chiploc", "verdict", "list", "--holder", "\"Kanto Cl"}) == "Kanto Cloud\n");
  CHECK(offered({"chiploc", "verdict", "list", "--holder", "'Kanto Cl"}) == "Kanto Cloud\n");
  CHECK(offered({"~/bin/chiploc", "--config", "~/my.toml", "verify", "LAB"}) == "LAB-0001\nLAB-0002\n");
  const std::string asked = read_file(folder / "asked");
  CHECK(has(asked, "--prefix=Kanto Cl "));
  CHECK(has(asked, "--config " + (folder / "my.toml").string()));
  CHECK(offered({"chiploc", "--config", "'two words'", "verify", "LAB"}) == "LAB-0001\nLAB-0002\n");
  CHECK(has(read_file(folder / "asked"), "--config two words"));
}

}  // namespace
}  // namespace chiploc::test
