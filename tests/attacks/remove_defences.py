#!/usr/bin/env python3
"""Takes each defence of defences.toml out of a copy of the tree and watches its test fail.

  tests/attacks/remove_defences.py [--only TEXT]... [--scratch FOLDER] [--with COMMAND] [--jobs N]
  tests/attacks/remove_defences.py --lines     only looks whether each line, and each test, is there (ctest: attacks_defences)

The copy is made in FOLDER (default: a new one, removed at the end) and built with the preset "dev". First all
attack tests must pass there. Then, for each defence: the lines go, the test program is built, the named test runs
and must fail, the lines come back. COMMAND stands before each build, for example "nice".
Prints one line a defence; exit code 0 when every test failed as it should, 1 when one did not, 2 when the copy
cannot be built or a line cannot be found."""
import argparse
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = "attacks_test"
TEST_SECONDS = 120


def stop(text):
    print(f"remove_defences: {text}", file=sys.stderr)
    sys.exit(2)


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
    def __init__(self, folder, prefix, jobs):
        self.folder, self.prefix, self.jobs = folder, prefix, jobs

    def run(self, *command):
        return subprocess.run([*command], cwd=self.folder, capture_output=True, text=True)

    def configure(self):
        done = self.run(*self.prefix, "cmake", "--preset", "dev")
        if done.returncode != 0:
            stop("the copy cannot be configured:\n" + done.stdout + done.stderr)

    def build(self, *programs):
        done = self.run(*self.prefix, "cmake", "--build", "--preset", "dev", "-j", str(self.jobs), "--target", *programs)
        return None if done.returncode == 0 else done.stdout + done.stderr

    def program(self, name):
        found = [p for p in (self.folder / "build/dev").rglob(name) if p.is_file()]
        return found[0] if found else stop(f"{name} was built nowhere")

    def passes(self, program, test):
        """Whether the test ran and passed; a crash or a hang is a failure like any other."""
        try:
            # A comma would part two patterns.
            done = subprocess.run([self.program(program), test.replace(",", "\\,")], cwd=self.folder, capture_output=True, text=True,
                                  timeout=TEST_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        if "No test cases matched" in done.stdout:
            stop(f'{program} has no test "{test}"')
        return done.returncode == 0


def without(folder, edits):
    """The changed files' contents, by path. Edits of one file add up."""
    changed = {}
    for edit in edits:
        path = folder / edit["file"]
        text = changed.get(path) or path.read_text()
        find, replace = edit["find"], edit["replace"]
        if text.count(find) != 1:
            stop(f'{edit["file"]} has {text.count(find)} times, not once:\n{find}')
        changed[path] = text.replace(find, replace)
    return changed


def named_tests():
    """The names of all test cases; long ones stand in pieces."""
    names = set()
    for path in (ROOT / "tests").rglob("*.cpp"):
        for pieces in re.findall(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', path.read_text()):
            names.add("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', pieces)))
    return names


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", action="append", default=[], help="the defences whose attack contains this text; may be repeated")
    options.add_argument("--scratch", type=pathlib.Path, help="where the copy lies; kept")
    options.add_argument("--with", dest="prefix", default="", help="stands before each build")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--lines", action="store_true", help="build nothing; only look for the lines")
    given = options.parse_args()
    defences = tomllib.loads((ROOT / "tests/attacks/defences.toml").read_text())["defence"]
    chosen = [d for d in defences if not given.only or any(text in d["attack"] for text in given.only)]
    if not chosen:
        stop(f'no attack contains {given.only}')
    if given.lines:
        tests = named_tests()
        for defence in chosen:
            without(ROOT, defence["edits"])
            if defence["test"] not in tests:
                stop(f'{defence["attack"]}: no test is called "{defence["test"]}"')
        print(f"{len(chosen)} defences, each line is there once, and each test")
        return 0

    with tempfile.TemporaryDirectory(prefix="chiploc-defences-") as temporary:
        folder = (given.scratch or pathlib.Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        copy_tree(folder)
        for defence in chosen:
            without(folder, defence["edits"])  # every line is there before anything is built
        copy = Copy(folder, shlex.split(given.prefix), given.jobs)
        copy.configure()
        programs = sorted({d.get("program", PROGRAM) for d in chosen})
        if fault := copy.build(*programs):
            stop("the copy cannot be built:\n" + fault)
        for program in programs:
            if not copy.passes(program, "*"):
                stop(f"{program} fails with all defences in place")

        bad = 0
        print("attack | line removed | test failed", flush=True)
        for defence in chosen:
            program = defence.get("program", PROGRAM)
            kept = {path: path.read_text() for path in without(folder, defence["edits"])}
            try:
                for path, text in without(folder, defence["edits"]).items():
                    path.write_text(text)
                fault = copy.build(program)
                failed = fault is None and not copy.passes(program, defence["test"])
            finally:
                for path, text in kept.items():
                    path.write_text(text)
            line = " ".join(defence["edits"][0]["find"].split())
            outcome = "yes" if failed else "NO" if fault is None else "NOT BUILT"
            print(f'{defence["attack"]} | {defence["edits"][0]["file"]}: {line} | {outcome}', flush=True)
            if fault:
                print(fault[-2000:], file=sys.stderr)
            bad += not failed
        print(f"{len(chosen)} defences, {len(chosen) - bad} tests failed without theirs, {bad} did not")
        return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
