#!/usr/bin/env python3
"""Breaks each rule of a list in a copy of the tree and watches its test fail.

  tests/support/mutations.py LIST... [--only TEXT]... [--scratch FOLDER] [--with COMMAND] [--jobs N] [--preset NAME]
                             [--results FILE [--again]] [--limit-minutes N]
  tests/support/mutations.py LIST... --lines     builds nothing; only looks whether each line, and each test, is there

LIST is tests/attacks/defences.toml or a rules.toml of tests/server: what each takes out of the code, and by what. The copy
is made in FOLDER (default: a new one, removed at the end). First the named tests must pass there. Then, for each entry:
the lines are changed, the test's program is built, the test runs and must fail, the lines come back. COMMAND stands before
each build, for example "nice". With FILE each outcome is appended to it, and what stands there is not tried again; with
--again what was not caught is. Prints one line an entry. Exit codes: 0 every test failed as it should, 1 one did not, 2 the
copy cannot be built, or a line or a test cannot be found, 3 the minutes were over before all were tried."""
import argparse
import hashlib
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEST_SECONDS = 120


def stop(text):
    print(f"mutations: {text}", file=sys.stderr)
    sys.exit(2)


class Mutation:
    def __init__(self, name, program, test, edits):
        self.name, self.program, self.test, self.edits = name, program, test, edits
        text = json.dumps([name, program, test, edits], sort_keys=True)
        self.key = hashlib.sha256(text.encode()).hexdigest()[:16]  # another edit is another mutation

    def __str__(self):
        return f'{self.name} | {self.edits[0]["file"]}: {" ".join(self.edits[0]["find"].split())}'


def mutations_of(path):
    """A list of defences names a file for each edit; one of rules has them under their file, most with a single edit."""
    document = tomllib.loads(path.read_text())
    for one in document.get("defence", []):
        yield Mutation(one["attack"], one.get("program", "attacks_test"), one["test"], one["edits"])
    for file in document.get("file", []):
        for one in file["broken"]:
            edits = one.get("edits") or [{"find": one["find"], "replace": one["replace"]}]
            yield Mutation(one["rule"], one.get("program", file["program"]), one["test"],
                           [{"file": file["path"], **edit} for edit in edits])


def changed_files(folder, edits):
    """The changed files' contents, by path. Edits of one file add up."""
    changed = {}
    for edit in edits:
        path = folder / edit["file"]
        text = changed.get(path) or path.read_text()
        find, replace = edit["find"], edit["replace"]
        if text.count(find) != 1:
            stop(f'{edit["file"]} has {text.count(find)} times, not once:\n{find}')
        if find == replace:
            stop(f'{edit["file"]}: nothing changes:\n{find}')
        changed[path] = text.replace(find, replace)
    return changed


def tests_of_programs():
    """The names of the test cases of each program; long ones stand in pieces."""
    out = {}
    for lists in (ROOT / "tests").rglob("CMakeLists.txt"):
        for program, rest in re.findall(r"chiploc_test\((\w+)([^)]*)\)", lists.read_text()):
            names = out.setdefault(program, set())
            for source in re.findall(r"(?<![\w/.}])[\w/.]+\.cpp", rest):
                text = (lists.parent / source).read_text()
                for pieces in re.findall(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', text):
                    names.add("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', pieces)))
    return out


def look(chosen):
    tests = tests_of_programs()
    for mutation in chosen:
        changed_files(ROOT, mutation.edits)
        if mutation.test not in tests.get(mutation.program, ()):
            stop(f'{mutation.name}: {mutation.program} has no test "{mutation.test}"')
    print(f"{len(chosen)} entries, each line is there once, and each test")


def copy_tree(target):
    """What git knows or would take, as it lies here: commits are not needed to try a change."""
    names = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                           check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if not (ROOT / name).is_file():
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if not (target / name).exists() or (target / name).read_bytes() != (ROOT / name).read_bytes():
            shutil.copy(ROOT / name, target / name)


class Copy:
    def __init__(self, folder, prefix, jobs, preset):
        self.folder, self.prefix, self.jobs, self.preset = folder, prefix, jobs, preset
        self.programs = {}

    def run(self, *command):
        return subprocess.run([*command], cwd=self.folder, capture_output=True, text=True)

    def configure(self):
        done = self.run(*self.prefix, "cmake", "--preset", self.preset)
        if done.returncode != 0:
            stop("the copy cannot be configured:\n" + done.stdout + done.stderr)

    def build(self, program):
        done = self.run(*self.prefix, "cmake", "--build", "--preset", self.preset, "-j", str(self.jobs), "--target", program)
        return None if done.returncode == 0 else done.stdout + done.stderr

    def program(self, name):
        if name not in self.programs:
            found = [p for p in (self.folder / "build" / self.preset).rglob(name) if p.is_file()]
            self.programs[name] = found[0] if found else stop(f"{name} was built nowhere")
        return self.programs[name]

    def passes(self, program, tests):
        """Whether the tests ran and passed; a crash or a hang is a failure like any other."""
        names = ",".join(test.replace(",", "\\,") for test in tests)  # a comma parts two patterns
        try:
            done = subprocess.run([self.program(program), names], cwd=self.folder, capture_output=True, text=True,
                                  timeout=TEST_SECONDS * len(tests))
        except subprocess.TimeoutExpired:
            return False
        if "No test cases matched" in done.stdout:
            stop(f"{program} has no test {tests}")
        return done.returncode == 0

    def outcome(self, mutation):
        """"caught", "SURVIVED" or "NOT BUILT", and what the build said."""
        changed = changed_files(self.folder, mutation.edits)
        kept = {path: path.read_text() for path in changed}
        try:
            for path, text in changed.items():
                path.write_text(text)
            if fault := self.build(mutation.program):
                return "NOT BUILT", fault
            return ("SURVIVED" if self.passes(mutation.program, [mutation.test]) else "caught"), None
        finally:
            for path, text in kept.items():
                path.write_text(text)

    def prove(self, program, chosen):
        """That the tests pass while nothing is broken: or their failing would say nothing."""
        if fault := self.build(program):
            stop("the copy cannot be built:\n" + fault)
        tests = sorted({mutation.test for mutation in chosen if mutation.program == program})
        if not self.passes(program, tests):
            stop(f"{program} fails with nothing broken; one of: {tests}")


def earlier(path):
    """What is on record, by key; the last word counts."""
    if path is None or not path.exists():
        return {}
    return dict(line.split(" ", 1) for line in path.read_text().splitlines())


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("lists", nargs="+", type=pathlib.Path, metavar="LIST")
    options.add_argument("--only", action="append", default=[], help="entries whose name, program or file has this text")
    options.add_argument("--scratch", type=pathlib.Path, help="where the copy lies; kept")
    options.add_argument("--with", dest="prefix", default="", help="stands before each build")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--preset", default="check", help="by which the copy is built (default: check)")
    options.add_argument("--results", type=pathlib.Path, help="outcomes are appended here")
    options.add_argument("--again", action="store_true", help="what FILE has as not caught is tried again")
    options.add_argument("--limit-minutes", type=float, help="none is begun after that")
    options.add_argument("--lines", action="store_true", help="build nothing; only look for lines and tests")
    given = options.parse_args()
    began = time.monotonic()
    chosen = [mutation for path in given.lists for mutation in mutations_of(path)]
    if given.only:
        chosen = [m for m in chosen if any(t in text for t in given.only for text in (str(m), m.program))]
    if not chosen:
        stop(f"nothing contains {given.only}")
    look(chosen)
    if given.lines:
        return 0

    known = earlier(given.results)
    chosen = [m for m in chosen if m.key not in known or (given.again and not known[m.key].startswith("caught"))]
    with tempfile.TemporaryDirectory(prefix="chiploc-mutations-") as temporary:
        folder = (given.scratch or pathlib.Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if folder == ROOT:
            stop("the copy would be the tree itself")
        copy_tree(folder)
        copy = Copy(folder, shlex.split(given.prefix), given.jobs, given.preset)
        copy.configure()
        proved, tried, missed = set(), 0, 0
        for mutation in chosen:
            if given.limit_minutes and time.monotonic() - began > given.limit_minutes * 60:
                break
            if mutation.program not in proved:
                copy.prove(mutation.program, chosen)
                proved.add(mutation.program)
            outcome, fault = copy.outcome(mutation)
            print(f"{outcome} | {mutation}", flush=True)
            if fault:
                print(fault[-2000:], file=sys.stderr)
            if given.results:
                with given.results.open("a") as file:
                    file.write(f"{mutation.key} {outcome} | {mutation}\n")
            tried += 1
            missed += outcome != "caught"
    print(f"{tried} tried, {tried - missed} caught, {missed} not, {len(chosen) - tried} left")
    return 1 if missed else 3 if tried < len(chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
