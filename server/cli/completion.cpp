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
  std::vector<std::string> argument_choices;
};

void collect(const CommandTree& tree, const CLI::App& app, const std::string& path, std::vector<Node>& out) {
  Node node{path, {}, {}, {}};
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    node.commands.emplace_back(command->get_name(), command->get_description());
  }
  for (const CLI::Option* option : app.get_options()) {
    const auto hint = tree.hints.find(option);
    const CompletionHint known = hint == tree.hints.end() ? CompletionHint{} : hint->second;
    OptionInfo info{{}, option->get_description(), option->get_items_expected_max() > 0, known};
    for (const std::string& name : option->get_lnames()) info.names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) info.names.push_back("-" + name);
    if (info.names.empty()) {
      node.argument_choices = known.choices;  // a positional argument
    } else {
      node.options.push_back(std::move(info));
    }
  }
  out.push_back(std::move(node));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    collect(tree, *command, path + " " + command->get_name(), out);
  }
}

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

std::string bash_script(const std::vector<Node>& nodes) {
  std::ostringstream out;
  out << "# bash completion for chiploc; made by: chiploc completion bash\n"
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
    words.insert(words.end(), node.argument_choices.begin(), node.argument_choices.end());
    out << "    \"" << node.path << "\") words=\"" << joined(words, " ") << "\"";
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

std::string zsh_script(const std::vector<Node>& nodes) {
  const auto item = [](const std::string& name, std::string_view text) {
    return " " + quoted(name + ":" + std::string{text}, "'\\''");
  };
  std::ostringstream out;
  out << "#compdef chiploc\n# made by: chiploc completion zsh\n"
      << "_chiploc() {\n"
      << "  local at=chiploc skip= word prev=${words[CURRENT-1]}\n"
      << "  local -a candidates options\n"
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
      }
      out << "return ;;\n";
    }
  }
  out << "  esac\n  case \"$at\" in\n";
  for (const Node& node : nodes) {
    out << "    \"" << node.path << "\") candidates=(";
    for (const auto& [name, text] : node.commands) out << item(name, text);
    for (const std::string& choice : node.argument_choices) out << " " << choice;
    out << " ); options=(";
    for (const OptionInfo& option : node.options) {
      for (const std::string& name : option.names) out << item(name, option.text);
    }
    out << " ) ;;\n";
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
      << "complete -c chiploc -f\n";
  for (const Node& node : nodes) {
    const std::string here = " -n \"__chiploc_at '" + node.path + "'\"";
    for (const auto& [name, text] : node.commands) {
      out << "complete -c chiploc" << here << " -a " << name << " -d " << quoted(text, "\\'") << "\n";
    }
    if (!node.argument_choices.empty()) {
      out << "complete -c chiploc" << here << " -a '" << joined(node.argument_choices, " ") << "'\n";
    }
    for (const OptionInfo& option : node.options) {
      out << "complete -c chiploc" << (node.path == "chiploc" ? "" : here);
      for (const std::string& name : option.names) {
        out << (name.compare(0, 2, "--") == 0 ? " -l " + name.substr(2) : " -s " + name.substr(1));
      }
      if (option.takes_value) out << (option.hint.files || option.hint.folders ? " -r -F" : " -x");
      if (!option.hint.choices.empty()) out << " -a '" << joined(option.hint.choices, " ") << "'";
      out << " -d " << quoted(option.text, "\\'") << "\n";
    }
  }
  return out.str();
}

}  // namespace

std::string completion_script(const CommandTree& tree, std::string_view shell) {
  std::vector<Node> nodes;
  collect(tree, tree.app, "chiploc", nodes);
  if (shell == "bash") return bash_script(nodes);
  if (shell == "zsh") return zsh_script(nodes);
  if (shell == "fish") return fish_script(nodes);
  return {};
}

}  // namespace chiploc
