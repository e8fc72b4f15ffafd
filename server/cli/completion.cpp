#include "server/cli/completion.hpp"

#include <sstream>
#include <utility>

#include "proto/base/joined.hpp"

namespace chiploc {
namespace {

struct OptionInfo {
  std::vector<std::string> names;  // with their dashes
  std::string text;
  bool takes_value = false;
  CompletionHint hint;
};

/// One place in the tree: "chiploc verdict".
struct Node {
  std::string path;
  std::vector<std::pair<std::string, std::string>> commands;  // name, text
  std::vector<OptionInfo> options;
  CompletionHint arguments;  // what a positional argument may be
};

/// What CLI11 itself knows of an option's values: "TEXT:{a,b}", FILE, DIR.
CompletionHint hint_of_type(const std::string& type) {
  CompletionHint hint;
  hint.files = type == "FILE";
  hint.folders = type == "DIR";
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return hint;
  std::istringstream words{type.substr(open + 1, close - open - 1)};
  for (std::string word; std::getline(words, word, ',');) hint.choices.push_back(word);
  return hint;
}

void merge(const CompletionHint& hint, CompletionHint& into) {
  into.choices.insert(into.choices.end(), hint.choices.begin(), hint.choices.end());
  into.files = into.files || hint.files;
  into.folders = into.folders || hint.folders;
  if (hint.names != NameHint::kNone) into.names = hint.names;
}

struct Collector {
  const CompletionHints& hints;
  const std::map<std::string, LineOf>& own;
  std::vector<Node> nodes{};

  void collect(const CLI::App& app, const std::string& path) {
    Node node{path, {}, {}, {}};
    const auto shown = app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); });
    for (const CLI::App* command : shown)
      node.commands.emplace_back(command->get_name(), command->get_description());
    for (const CLI::Option* option : app.get_options()) {
      const auto known = hints.find(option);
      const CompletionHint hint =
          known == hints.end() ? hint_of_type(option->get_type_name()) : known->second;
      OptionInfo info{{}, option->get_description(), option->get_items_expected_max() > 0, hint};
      for (const std::string& name : option->get_lnames()) info.names.push_back("--" + name);
      for (const std::string& name : option->get_snames()) info.names.push_back("-" + name);
      if (info.names.empty()) {
        merge(hint, node.arguments);
      } else {
        node.options.push_back(std::move(info));
      }
    }
    nodes.push_back(std::move(node));
    for (const CLI::App* command : shown) {
      const auto line = path == "chiploc" ? own.find(command->get_name()) : own.end();
      const std::string below = path + " " + command->get_name();
      if (line == own.end() || !line->second) {
        collect(*command, below);
      } else {
        line->second([&](const CLI::App& its) { collect(its, below); });
      }
    }
  }
};

/// Inside single quotes of any of the three shells.
std::string quoted(std::string_view text, std::string_view escaped_quote) {
  std::string out{"'"};
  for (const char c : text) {
    if (c == '\'') {
      out += escaped_quote;
    } else {
      out.push_back(c);
    }
  }
  return out + "'";
}

/// "chiploc verdict list:--state|chiploc verdict list:-s": patterns of a `case` in bash and zsh. Options of
/// the root count everywhere.
std::string patterns(const Node& node, const OptionInfo& option) {
  std::vector<std::string> out;
  for (const std::string& name : option.names) {
    out.push_back(node.path == "chiploc" ? "*:" + name : "\"" + node.path + ":" + name + "\"");
  }
  return joined(out, "|");
}

/// The loop of bash and zsh that finds out which command the words so far have named.
std::string walk(const std::vector<Node>& nodes, std::string_view words) {
  std::ostringstream out;
  out << "  for word in " << words << "; do\n"
      << "    if [ -n \"$skip\" ]; then skip=; continue; fi\n"
      << "    case \"$at $word\" in\n";
  for (const Node& node : nodes) {
    if (node.path != "chiploc")
      out << "      \"" << node.path << "\") at=\"" << node.path << "\"; continue ;;\n";
  }
  out << "    esac\n    case \"$at:$word\" in\n";
  for (const Node& node : nodes) {
    for (const OptionInfo& option : node.options) {
      if (option.takes_value) out << "      " << patterns(node, option) << ") skip=1 ;;\n";
    }
  }
  out << "    esac\n  done\n";
  return out.str();
}

/// Options that say which coordinator is asked, as patterns.
constexpr std::string_view kConnection = "--config|--server|--server-name|--ca|--certificate|--tls-key";

std::string bash_arguments(const CompletionHint& hint) {
  if (hint.names != NameHint::kNone) return "__chiploc_names " + std::string{word_of(hint.names)};
  if (hint.files) return "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\"))";
  if (hint.folders) return "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- \"$cur\"))";
  return {};
}

std::string bash_script(const std::vector<Node>& nodes) {
  std::ostringstream out;
  out << "# bash completion for chiploc; made by: chiploc completion bash\n"
      // Names have blanks; a coordinator that does not answer has none.
      // What is typed comes as it stands there: with its quotes and its tilde.
      << "__chiploc_plain() {\n"
      << "  local word=$1\n"
      << "  case \"$word\" in\n"
      << "    \\\"*|\\'*) word=${word#?}; word=${word%[\\\"\\']} ;;\n"
      << "    '~/'*) word=$HOME/${word#??} ;;\n"
      << "  esac\n"
      << "  printf '%s' \"${word//\\\\/}\"\n"
      << "}\n"
      << "__chiploc_names() {\n"
      << "  local i form='%q\\n' typed; local -a how=()\n"
      << "  for ((i = 1; i < COMP_CWORD - 1; i++)); do\n"
      << "    case \"${COMP_WORDS[i]}\" in\n"
      << "      " << kConnection
      << ") how+=(\"${COMP_WORDS[i]}\" \"$(__chiploc_plain \"${COMP_WORDS[i+1]}\")\") ;;\n"
      << "    esac\n"
      << "  done\n"
      << "  typed=$(__chiploc_plain \"$cur\")\n"
      << "  case \"$cur\" in \\\"*|\\'*) form='%s\\n' ;; esac\n"
      << "  mapfile -t COMPREPLY < <(\"$(__chiploc_plain \"${COMP_WORDS[0]}\")\" complete \"$1\" "
         "${typed:+\"--prefix=$typed\"} --timeout 1 \"${how[@]}\" 2>/dev/null |\n"
      << "    while IFS= read -r word; do printf \"$form\" \"$word\"; done)\n"
      << "}\n"
      << "_chiploc() {\n"
      << "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at=chiploc skip= word\n"
      << "  # bash splits --output=json at the sign.\n"
      << "  if [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
      << "  if [ \"$cur\" = = ]; then cur=; fi\n"
      << "  COMPREPLY=()\n"
      << walk(nodes, "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"") << "  case \"$at:$prev\" in\n";
  for (const Node& node : nodes) {
    for (const OptionInfo& option : node.options) {
      if (!option.takes_value) continue;
      out << "    " << patterns(node, option) << ") ";
      if (option.hint.files) {
        out << "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\")); ";
      } else if (option.hint.folders) {
        out << "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- \"$cur\")); ";
      } else if (!option.hint.choices.empty()) {
        out << "COMPREPLY=($(compgen -W \"" << joined(option.hint.choices, " ") << "\" -- \"$cur\")); ";
      } else if (option.hint.names != NameHint::kNone) {
        out << "__chiploc_names " << word_of(option.hint.names) << "; ";
      }
      out << "return ;;\n";
    }
  }
  out << "  esac\n  local words=\n  case \"$at\" in\n";
  const auto option_words = [](const Node& node) {
    std::vector<std::string> words;
    for (const OptionInfo& option : node.options)
      words.insert(words.end(), option.names.begin(), option.names.end());
    return joined(words, " ");
  };
  for (const Node& node : nodes) {
    std::vector<std::string> words;
    for (const auto& command : node.commands) words.push_back(command.first);
    words.insert(words.end(), node.arguments.choices.begin(), node.arguments.choices.end());
    out << "    \"" << node.path << "\") words=\"" << joined(words, " ") << "\"";
    if (const std::string more = bash_arguments(node.arguments); !more.empty())
      out << "; if [ \"${cur:0:1}\" != - ]; then " << more << "; return; fi";
    if (node.path != "chiploc") {
      out << "; if [ \"${cur:0:1}\" = - ]; then words=\"" << option_words(node) << "\"; fi";
    }
    out << " ;;\n";
  }
  out << "  esac\n"
      << "  if [ \"${cur:0:1}\" = - ]; then words=\"$words " << option_words(nodes.front()) << "\"; fi\n"
      << "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      << "}\n"
      << "complete -F _chiploc chiploc\n";
  return out.str();
}

std::string zsh_arguments(const CompletionHint& hint) {
  if (hint.names != NameHint::kNone) return "__chiploc_names " + std::string{word_of(hint.names)};
  if (hint.files) return "_files";
  return hint.folders ? "_files -/" : "";
}

std::string zsh_script(const std::vector<Node>& nodes) {
  const auto item = [](const std::string& name, std::string_view text) {
    return " " + quoted(name + ":" + std::string{text}, "'\\''");
  };
  std::ostringstream out;
  out << "#compdef chiploc\n# made by: chiploc completion zsh\n"
      << "__chiploc_names() {\n"
      << "  local -a how=() found=(); local i\n"
      << "  for ((i = 2; i < CURRENT - 1; i++)); do\n"
      << "    case \"${words[i]}\" in\n"
      << "      " << kConnection << ") how+=(\"${words[i]}\" \"${${(Q)words[i+1]}/#\\~\\//$HOME/}\") ;;\n"
      << "    esac\n"
      << "  done\n"
      // What is typed comes as it stands there: with its quotes and its tilde.
      << "  local typed=${(Q)PREFIX} program=${${(Q)words[1]}/#\\~\\//$HOME/}\n"
      << "  found=(\"${(@f)$(\"$program\" complete \"$1\" ${typed:+--prefix=$typed} --timeout 1 \"${how[@]}\" "
         "2>/dev/null)}\")\n"
      << "  found=(\"${(@)found:#}\")\n"
      << "  compadd -U -a found\n"
      << "}\n"
      << "_chiploc() {\n"
      << "  local at=chiploc skip= word prev=${words[CURRENT-1]}\n"
      << "  local -a candidates options\n"
      // --output=json is one word here.
      << "  if [[ \"$PREFIX\" == --*=* ]]; then prev=${PREFIX%%=*}; compset -P 1 '*='; fi\n"
      << walk(nodes, "\"${(@)words[2,CURRENT-1]}\"") << "  case \"$at:$prev\" in\n";
  for (const Node& node : nodes) {
    for (const OptionInfo& option : node.options) {
      if (!option.takes_value) continue;
      out << "    " << patterns(node, option) << ") ";
      if (option.hint.files) {
        out << "_files; ";
      } else if (option.hint.folders) {
        out << "_files -/; ";
      } else if (!option.hint.choices.empty()) {
        out << "compadd -- " << joined(option.hint.choices, " ") << "; ";
      } else if (option.hint.names != NameHint::kNone) {
        out << "__chiploc_names " << word_of(option.hint.names) << "; ";
      }
      out << "return ;;\n";
    }
  }
  out << "  esac\n  case \"$at\" in\n";
  for (const Node& node : nodes) {
    out << "    \"" << node.path << "\") candidates=(";
    for (const auto& [name, text] : node.commands) out << item(name, text);
    for (const std::string& choice : node.arguments.choices) out << " " << choice;
    out << " ); options=(";
    for (const OptionInfo& option : node.options) {
      for (const std::string& name : option.names) out << item(name, option.text);
    }
    out << " )";
    if (const std::string more = zsh_arguments(node.arguments); !more.empty())
      out << "; if [[ \"$PREFIX\" != -* ]]; then " << more << "; return; fi";
    out << " ;;\n";
  }
  out << "  esac\n  if [ \"$at\" != chiploc ]; then options+=(";
  for (const OptionInfo& option : nodes.front().options) {
    for (const std::string& name : option.names) out << item(name, option.text);
  }
  out << " ); fi\n"
      << "  if [[ \"$PREFIX\" == -* ]]; then _describe -o option options; else "
         "_describe command candidates; fi\n"
      << "}\n"
      << "if [ \"$funcstack[1]\" = _chiploc ]; then _chiploc \"$@\"; else compdef _chiploc chiploc; fi\n";
  return out.str();
}

std::string fish_script(const std::vector<Node>& nodes) {
  std::ostringstream out;
  out << "# fish completion for chiploc; made by: chiploc completion fish\n"
      << "function __chiploc_at\n"
      << "  set -l at chiploc\n  set -l skip 0\n"
      << "  for word in (commandline -opc)[2..-1]\n"
      << "    if test $skip = 1\n      set skip 0\n      continue\n    end\n"
      << "    switch \"$at $word\"\n";
  for (const Node& node : nodes) {
    if (node.path != "chiploc")
      out << "      case " << quoted(node.path, "\\'") << "\n        set at \"$at $word\"\n";
  }
  for (const Node& node : nodes) {
    for (const OptionInfo& option : node.options) {
      for (const std::string& name : option.names) {
        if (option.takes_value) {
          out << "      case " << quoted((node.path == "chiploc" ? "*" : node.path) + " " + name, "\\'")
              << "\n        set skip 1\n";
        }
      }
    }
  }
  out << "    end\n  end\n  test \"$at\" = \"$argv[1]\"\nend\n"
      << "function __chiploc_names\n"
      << "  set -l how\n  set -l words (commandline -opc)\n"
      << "  for i in (seq 2 (math (count $words) - 1))\n"
      << "    switch $words[$i]\n"
      << "      case --config --server --server-name --ca --certificate --tls-key\n"
      << "        set how $how $words[$i] (string replace -r '^~/' \"$HOME/\" -- $words[(math $i + 1)])\n"
      << "    end\n  end\n"
      // Without its quotes, and of --holder=NAME the name alone.
      << "  set -l typed (string replace -r -- '^--[a-z-]+=' '' (commandline -ct))\n"
      << "  set -l quote (string match -r -- '^[\"\\']' $typed)\n"
      << "  set typed (string unescape -- \"$typed$quote\")\n"
      << "  if test -n \"$typed\"\n    set how $how --prefix=$typed\n  end\n"
      << "  set words[1] (string replace -r '^~/' \"$HOME/\" -- $words[1])\n"
      << "  command $words[1] complete $argv[1] --timeout 1 $how 2>/dev/null\n"
      << "end\n"
      << "complete -c chiploc -f\n";
  for (const Node& node : nodes) {
    const std::string here = " -n \"__chiploc_at '" + node.path + "'\"";
    for (const auto& [name, text] : node.commands) {
      out << "complete -c chiploc" << here << " -a " << name << " -d " << quoted(text, "\\'") << "\n";
    }
    if (!node.arguments.choices.empty()) {
      out << "complete -c chiploc" << here << " -a '" << joined(node.arguments.choices, " ") << "'\n";
    }
    if (node.arguments.names != NameHint::kNone) {
      out << "complete -c chiploc" << here << " -a '(__chiploc_names " << word_of(node.arguments.names)
          << ")'\n";
    }
    if (node.arguments.files || node.arguments.folders) out << "complete -c chiploc" << here << " -F\n";
    for (const OptionInfo& option : node.options) {
      out << "complete -c chiploc" << (node.path == "chiploc" ? "" : here);
      for (const std::string& name : option.names) {
        out << (name.compare(0, 2, "--") == 0 ? " -l " + name.substr(2) : " -s " + name.substr(1));
      }
      if (option.takes_value) out << (option.hint.files || option.hint.folders ? " -r -F" : " -x");
      if (!option.hint.choices.empty()) out << " -a '" << joined(option.hint.choices, " ") << "'";
      if (option.hint.names != NameHint::kNone)
        out << " -a '(__chiploc_names " << word_of(option.hint.names) << ")'";
      out << " -d " << quoted(option.text, "\\'") << "\n";
    }
  }
  return out.str();
}

}  // namespace

std::string_view word_of(NameHint hint) {
  switch (hint) {
    case NameHint::kNone:
      return "";
    case NameHint::kChips:
      return "chips";
    case NameHint::kLicences:
      return "licences";
    case NameHint::kHolders:
      return "holders";
    case NameHint::kAnchors:
      return "anchors";
    case NameHint::kTerritories:
      return "territories";
    case NameHint::kMakers:
      return "makers";
    case NameHint::kModels:
      return "models";
    case NameHint::kEntities:
      return "entities";
    case NameHint::kSites:
      return "sites";
    case NameHint::kOrders:
      return "orders";
    case NameHint::kDeliveries:
      return "deliveries";
    case NameHint::kConditions:
      return "conditions";
    case NameHint::kCases:
      return "cases";
  }
  return "";
}

std::string completion_script(const CommandTree& tree, std::string_view shell,
                              const std::map<std::string, LineOf>& own) {
  Collector collector{tree.hints, own};
  collector.collect(tree.app, "chiploc");
  if (shell == "bash") return bash_script(collector.nodes);
  if (shell == "zsh") return zsh_script(collector.nodes);
  if (shell == "fish") return fish_script(collector.nodes);
  return {};
}

}  // namespace chiploc
