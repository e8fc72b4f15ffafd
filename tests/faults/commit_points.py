#!/usr/bin/env python3
"""Where server/ begins or ends a transaction, or hands the store a unit of work; and which test kills chiploc there.

    commit_points.py list     every such place, as the code has it: file, function, what is called, what is written
    commit_points.py check    the list in commit_points.csv names each of them and no other, with a test that is there

A row's `test` is the source of a test and `names` is something that must stand in it, or in a header beside it that it
includes: how the test comes to that place. A row without a test says in `note` why; with one, what the test leaves out.
"""
import csv
import os
import re
import sys

TREE = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
LIST = "tests/faults/commit_points.csv"
COLUMNS = ["file", "function", "calls", "written", "test", "names", "note"]

CALLS = [("unit", re.compile(r"\batomically\(\[")),
         ("unit", re.compile(r"[.>]as_one\(")),
         ("unit", re.compile(r"\batomically\(\[&\] \{ return work\(\); \}")),
         ("batch", re.compile(r"[.>](?:begin|commit)_batch\(")),
         ("transaction", re.compile(r"\"(?:BEGIN|COMMIT|SAVEPOINT|RELEASE)\b(?! C| X)")),
         ("post", re.compile(r"\b(?:journal|store)_?(?:\.|->)post\(")),
         ("post", re.compile(r"\b(?:on_store|record_or_abandon|record_message)(?:<[\w:]+>)?\("))]
# What is no function, though it stands in the first column and has a bracket.
NO_FUNCTION = re.compile(r"^(?:namespace|using|template|struct|class|enum|extern|static_assert|#|//|\}|\)|:)")
WRITES = re.compile(r"\b(INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) ([a-z_]+)")
STORES = re.compile(r"\b(registry|rounds|verdicts|mesh|statuses|outbox|policies|order_stories|cases)\(\)\s*\.(\w+)\(")
READS = re.compile(r"^(find|list|due|newest|last|load|chip_counters|status$|followed$|timeline|stands_in|standing|signs|not_|"
                   r"open_rounds|evidence|intent|context|changes|imports|mutes|policies|sink|order_story|case|dead|delivery|"
                   r"notice|counts|fo)")


def sources(root):
    for folder, folders, files in os.walk(os.path.join(root, "server")):
        folders.sort()
        for name in sorted(files):
            if name.endswith((".cpp", ".hpp")):
                yield os.path.relpath(os.path.join(folder, name), root)


def function_of(line):
    """The name of the function that this line of the first column begins, or of a member that a class defines in place."""
    if not NO_FUNCTION.match(line):
        found = re.match(r"^[\w\[].*?([\w~]+(?:::[\w~]+)*)\(", line)
        if found and not line.rstrip().endswith(";"):
            return found.group(1)
    found = re.match(r"^  auto (\w+)\(", line)
    if found:
        return found.group(1)
    found = re.match(r"^  (?! )(?:\[\[\w+\]\] )?[\w:<>,*& ]+[ &*]([\w~]+)\([^;]*\{", line)
    return found.group(1) if found else None


def without_comments(line):
    return re.sub(r"//.*$", "", line)


def points_of(root):
    """{(file, function): (kinds of calls, what is written)}"""
    found = {}
    for path in sources(root):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            lines = [without_comments(line.rstrip("\n")) for line in file]
        function, bodies, kinds = "", {}, {}
        for line in lines:
            function = function_of(line) or function
            bodies.setdefault(function, []).append(line)
            for kind, call in CALLS:
                if call.search(line) and not re.match(r"^\s*(?:virtual|///)", line) and not declares(line, call):
                    kinds.setdefault(function, set()).add(kind)
        for name, calls in kinds.items():
            text = "\n".join(bodies[name])
            written = {table for _, table in WRITES.findall(text)}
            written |= {f"{store}.{call}" for store, call in STORES.findall(text) if not READS.match(call)}
            found[(path, name)] = ("+".join(sorted(calls)), " ".join(sorted(written)))
    return found


def declares(line, call):
    """The definition of one of these functions itself, which is no call."""
    found = call.search(line)
    return bool(re.match(r"^[\w<>:,&* ]+[ &*]\w+(?:::\w+)*$", line[: found.end()].rstrip("(")) and
                not re.search(r"[.>=(]|return", line[: found.end() - 1]))


def text_of(root, test):
    """Of a test and of the headers of tests that it includes itself."""
    with open(os.path.join(root, test), encoding="utf-8") as file:
        text = file.read()
    for header in re.findall(r'^#include "(tests/[^"]+)"', text, re.MULTILINE):
        path = os.path.join(root, header)
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                text += file.read()
    return text


def rows_of(root):
    with open(os.path.join(root, LIST), encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            raise SystemExit(f"{LIST}:1: has columns {reader.fieldnames}, these are wanted: {','.join(COLUMNS)}")
        return [(reader.line_num, row) for row in reader]


def faults_of(root):
    points = points_of(root)
    listed, faults = set(), []
    for number, row in rows_of(root):
        place, where = (row["file"], row["function"]), f"{LIST}:{number}: "
        if place in listed:
            faults.append(where + f"{place[0]} {place[1]} stands in the list twice")
        listed.add(place)
        if place not in points:
            faults.append(where + f"{place[0]} has no commit point in {place[1]} any more; take the row out")
            continue
        for column, have in zip(("calls", "written"), points[place]):
            if row[column] != have:
                faults.append(where + f"{place[1]}: {column} is '{row[column]}', the code has '{have}'; look whether the test "
                                      "still reaches it")
        if not row["test"]:
            if not row["note"]:
                faults.append(where + f"{place[1]} needs a test that kills there, or a note why none does")
            continue
        test = os.path.join(root, row["test"])
        if not os.path.isfile(test):
            faults.append(where + f"there is no {row['test']}")
            continue
        text = text_of(root, row["test"])
        if not row["names"] or row["names"] not in text:
            faults.append(where + f"{row['test']} says nothing of '{row['names']}', by which it came to {place[1]}")
        if "SIGKILL" not in text and "kill" not in os.path.basename(test):
            faults.append(where + f"{row['test']} kills nothing")
    for file, name in sorted(points.keys() - listed):
        faults.append(f"{file}: {name} commits ({points[(file, name)][0]}) and stands in no row of {LIST}: have a test "
                      "kill it there, then name it")
    return faults


def main(arguments):
    if arguments == ["list"]:
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(COLUMNS[:4])
        for (file, name), (calls, written) in sorted(points_of(TREE).items()):
            out.writerow([file, name, calls, written])
        return 0
    if arguments != ["check"]:
        print(__doc__, file=sys.stderr)
        return 64
    faults = faults_of(TREE)
    for fault in faults:
        print(fault)
    print(f"commit points: {len(points_of(TREE))}, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
