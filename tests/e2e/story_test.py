#!/usr/bin/env python3
"""From a delivery to a signed report: one story on the real programs, driven by the chiploc command alone.

    story_test.py BIN_DIR [--keep]    exit 0 passed, 1 failed

Two makers, three licences, five orders, 200 chips (story.toml). A quarter of one order moves abroad, another stalls, one
falls silent. Asserted, a line each: who is held for what and since when, which cases are open, what may be delivered, what
other systems were told and in which order while their receiver was killed, what a dispute and a re-measurement do, and that
reports verify. A step waits for a state and has a deadline; no step takes a time for granted.
"""

import base64
import calendar
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # nothing beside the sources
from story_receiver import events_in  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
CADENCE_S, ROUND_S = 30, 9       # of story.toml
UNPROVEN_S, SILENT_S = 90, 72
CHIPS, MOVED = 40, 10             # of an order; of O-1
TAKES_S = 0.002                  # times are told in milliseconds


class Failed(Exception):
    pass


class TooSlow(Exception):
    """Real programs in real time: where this machine has not measured 200 chips once in the time for three rounds of each,
    there is nothing to be seen of the rest."""


# ---- the stage -----------------------------------------------------------------------------------------------------

def seconds_of(text):
    """"2026-12-01T12:00:00.123Z" -> seconds since 1970."""
    match = re.fullmatch(r"(\d+-\d+-\d+T\d+:\d+:\d+)(\.\d+)?Z", text)
    return calendar.timegm(time.strptime(match[1], "%Y-%m-%dT%H:%M:%S")) + float(match[2] or 0)


class Story:
    def __init__(self, bin_folder, folder):
        self.bin, self.folder = bin_folder, folder
        self.state = os.path.join(folder, "state")
        self.begun = time.monotonic()
        self.processes = []
        self.moved_at = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def say(self, line):
        print(f"[{time.monotonic() - self.begun:6.1f} s] {line}", flush=True)

    def start(self, command, log):
        out = open(self.path(log), "ab")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        out.close()
        self.processes.append(process)
        return process

    def chiploc(self, *words, code=0, config=None):
        """Runs the command; its answer as JSON where it is asked for."""
        line = [os.path.join(self.bin, "chiploc"), "--config", config or os.path.join(self.state, "cli.toml"), *words]
        done = subprocess.run(line, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if code is not None and done.returncode != code:
            raise Failed(f"{' '.join(words)} ended with {done.returncode} instead of {code}:\n{done.stdout}{done.stderr}")
        if "json" in words and done.stdout.strip():
            return json.loads(done.stdout)
        return done

    def ask(self, *words, config=None, code=0):
        return self.chiploc("-o", "json", *words, config=config, code=code)

    def until(self, what, look, patience):
        """Looks until `look` gives something; each look asks the programs."""
        deadline = time.monotonic() + patience
        while True:
            self.watch()
            found = look()
            if found:
                return found
            if time.monotonic() > deadline:
                raise Failed(f"not within {patience} s: {what}")
            time.sleep(0.5)  # not to keep the machine from what is waited for

    def watch(self):
        if self.lab.poll() is not None:
            raise Failed(f"the lab ended with {self.lab.returncode}:\n{self.log('lab.log')}")

    def log(self, name):
        with open(self.path(name), encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-30:])

    def events(self):
        """How many changes of the file the lab has carried out."""
        with open(self.path("lab.log"), encoding="utf-8", errors="replace") as file:
            return sum("from now on" in line for line in file)

    def counts(self):
        return {name: count for name, count in self.ask("status")["chips_by_status"].items() if count}

    def statuses(self, order):
        """What its chips are held for, by serial number."""
        return {row["serial"]: row for row in self.ask("chip", "status") if row["serial"].startswith(order + "-")}

    def receiver(self, *more):
        return self.start([sys.executable, os.path.join(HERE, "story_receiver.py"), self.path("port"), self.path("story.secret"),
                           self.path("ids"), *more], "receiver.log")

    def received(self):
        return events_in(self.path("ids"))

    def up(self):
        with os.fdopen(os.open(self.path("story.secret"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
        self.desk = self.receiver("--die-at", "org.chiploc.case.opened.v1")
        deadline = time.monotonic() + 20
        while not os.path.exists(self.path("port")):
            if time.monotonic() > deadline or self.desk.poll() is not None:
                raise Failed(f"the receiver does not start:\n{self.log('receiver.log')}")
            time.sleep(0.05)
        with open(self.path("port"), encoding="utf-8") as file:
            port = file.read()
        with open(os.path.join(HERE, "story.toml"), encoding="utf-8") as file:
            text = file.read()
        if text.count(":18443/") != 1:
            raise Failed("story.toml names no port 18443; mend this test")
        with open(self.path("story.toml"), "w", encoding="utf-8") as file:
            file.write(text.replace(":18443/", f":{port}/"))
        checked = subprocess.run([os.path.join(self.bin, "chiploc"), "lab", "check", self.path("story.toml")],
                                 capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if checked.returncode != 0:
            raise Failed(f"lab check:\n{checked.stdout}{checked.stderr}")
        self.lab = self.start([os.path.join(self.bin, "chiploc"), "lab", "up", self.path("story.toml"), "--state", self.state],
                              "lab.log")

    def down(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGINT if process is getattr(self, "lab", None) else signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def names_of(order):
    return [f"{order}-{number:0{len(str(CHIPS))}}" for number in range(1, CHIPS + 1)]


def check(condition, what):
    if not condition:
        raise Failed(what)


# ---- the story -----------------------------------------------------------------------------------------------------

def delivered(story):
    def ready():
        done = story.chiploc("-o", "json", "status", code=None)
        return done.returncode == 0 if hasattr(done, "returncode") else done["anchors_connected"] == 6 and done

    story.until("the coordinator and six anchors", ready, 90)
    chips, models = story.ask("chip", "list", "--limit", "0"), story.ask("model", "list")
    orders, licences = story.ask("order", "list"), story.ask("licence", "list")["licences"]
    check({model["maker"] for model in models} == {"Acme Silicon", "Borealis Compute"}, f"models: {models}")
    check({chip["maker"] for chip in chips} == {model["maker"] for model in models}, "chips are of other makers")
    check(len(licences) == 3 and len(orders) == 5 and len(chips) == 5 * CHIPS,
          f"{len(licences)} licences, {len(orders)} orders, {len(chips)} chips")
    check(all(order["delivered"] == order["chips"] == CHIPS for order in orders), f"orders: {orders}")
    story.say(f"2 makers, 3 licences, 5 orders, {5 * CHIPS} chips are registered and delivered")
    check(story.ask("notice", "test", "desk")["http_status"] == 204, "the receiver does not take a test")
    story.say("the receiver of notices takes a signed test")


def proved(story):
    def all_proved():
        rows = story.ask("chip", "changes", "--limit", "0")
        proved_ones = {row["serial"] for row in rows if row["to"] == "compliant"}
        if story.events() != 0:
            raise TooSlow(f"{len(proved_ones)} of {5 * CHIPS} chips had been proved when the first ones changed")
        return len(proved_ones) == 5 * CHIPS

    story.until("all chips proved at their sites", all_proved, 150)
    story.say(f"all {5 * CHIPS} chips have been proved where they may be: compliant")


def changed(story):
    """Waits until the lab has carried out its events; from then on the story's clock runs."""
    story.until("the lab's events", story.events, 150)
    story.moved_at = time.time()
    story.until("all of the lab's events", lambda: story.events() == 2 * CHIPS + MOVED, 60)
    ends = time.time() + 60
    until = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ends))
    story.absent_until = calendar.timegm(time.strptime(until, "%Y-%m-%dT%H:%M:%S"))
    names = sorted(story.statuses("O-5"))
    check(len(names) == CHIPS, f"chips of O-5: {names}")
    holder = os.path.join(story.state, "holders", "L-MAIN", "cli.toml")
    rows = story.ask("chip", "absent", *names, "--until", until, "--kind", "maintenance", "--reason", "new cooling", config=holder)
    story.declared_at = time.time()
    # A proof that is still in force is stronger: those chips are compliant until it ends.
    states = {row["state"] for row in rows}
    check(len(rows) == CHIPS and states <= {"absent", "compliant"}, f"{len(rows)} rows, {states}")
    story.say(f"{MOVED} chips of O-1 went abroad, O-3 stalls, O-5 is silent; its holder declares O-5 absent for a minute")


def drifted(story):
    story.until("O-1's chips abroad are drifted", lambda: story.counts().get("drifted") == MOVED, 6 * CADENCE_S)
    case = next(iter(story.ask("case", "list", "--order", "O-1")), None)
    check(case and case["kind"] == "elsewhere" and case["state"] == "open", f"case of O-1: {case}")
    after = seconds_of(case["opened"]) - story.moved_at
    check(after <= CADENCE_S + ROUND_S, f"the case was opened {after:.1f} s after the chips moved")
    story.case = case["case"]
    history = story.ask("chip", "history", names_of("O-1")[-1])
    check(history[0]["to"] == "drifted" and history[0]["rests_on"], f"history of the last chip: {history}")
    story.say(f"{case['case']} (elsewhere, O-1) is open {after:.1f} s after the move, within one cadence of {CADENCE_S} s")
    hold = story.until("O-1 is on hold", lambda: story.ask("order", "hold", "O-1")["hold"] == "hold" and
                       story.ask("order", "hold", "O-1"), 60)
    check(hold["cause"] == "drifted", f"hold of O-1: {hold}")
    story.say("O-1 is on hold: a quarter of it is accused")


def refused(story):
    """A delivery of the order on hold is refused; the same of another one comes in."""
    for order, code in (("O-1", 65), ("O-2", 0)):
        name = story.path(f"delivery-{order}.csv")
        with open(name, "w", encoding="utf-8") as file:
            file.write(f"id,order,site,date,quantity\n{order}-D2,{order},frankfurt,2026-01-02,8\n")
        answer = story.ask("import", "--deliveries", name, code=code)
        if code:
            check("hold" in answer["faults"][0]["problem"] and answer["faults"][0]["line"] == 2, f"refusal: {answer}")
        else:
            check(answer["added"] == 1, f"import: {answer}")
    story.say("a delivery under O-1 is refused because of the hold; the same under O-2 comes in")


def killed(story):
    story.until("the receiver died at the first case", lambda: story.desk.poll() is not None, 60)
    check(story.desk.returncode == -signal.SIGKILL, f"the receiver ended with {story.desk.returncode}")
    kept = [event for event in story.received() if event["type"].startswith("org.chiploc.case.opened")]
    check(len(kept) == 1, f"the killed receiver kept {kept}")
    sinks = story.until("a notice waits", lambda: [sink for sink in story.ask("notice", "sinks") if sink["waiting"] > 0], 60)
    check(sinks[0]["dead"] == 0, f"sinks: {sinks}")
    story.desk = story.receiver()
    story.say("the receiver was killed between keeping case.opened and answering, and is started again")


def unproven(story):
    story.until("O-3 is unproven", lambda: all(row["state"] == "unproven" for row in story.statuses("O-3").values()),
                12 * CADENCE_S)
    for serial in names_of("O-3")[:3]:
        rows = {row["to"]: row for row in reversed(story.ask("chip", "history", serial))}
        waited = seconds_of(rows["unproven"]["at"]) - seconds_of(rows["pending"]["at"])
        check(rows["pending"]["from"] == "compliant" and abs(waited - UNPROVEN_S) <= TAKES_S,
              f"{serial} is unproven {waited} s after its proof ended: {rows}")
    story.say(f"O-3 is unproven, each chip {UNPROVEN_S} s after its proof had ended, to the millisecond")
    opened = [case for case in story.ask("case", "list", "--order", "O-3")]
    first = min(seconds_of(row["since"]) for row in story.statuses("O-3").values())
    check(len(opened) == 1 and opened[0]["kind"] == "unproven", f"cases of O-3: {opened}")
    check(abs(seconds_of(opened[0]["opened"]) - first) <= TAKES_S, f"opened {opened[0]['opened']}, first {first}")
    check(opened[0]["chips"] == CHIPS, f"case of O-3: {opened[0]}")
    story.say(f"{opened[0]['case']} (unproven, O-3) is open since its first chip's clock ran out")


def silent(story):
    story.until("O-5 is silent", lambda: all(row["state"] == "silent" for row in story.statuses("O-5").values()), 12 * CADENCE_S)
    for serial, row in story.statuses("O-5").items():
        after = seconds_of(row["since"]) - story.absent_until
        # Of its silence counts what was before the absence was declared, and what came after it.
        before = story.declared_at - story.moved_at
        check(after >= SILENT_S - before - TAKES_S, f"{serial} is silent {after} s after its absence ended")
    ends = [row for serial in names_of("O-5")[:10] for row in story.ask("chip", "history", serial) if row["from"] == "absent"]
    check(ends and all(abs(seconds_of(row["at"]) - story.absent_until) <= TAKES_S for row in ends), f"end of the absence: {ends}")
    story.say(f"O-5's absence ended at its time, and its clock stood still meanwhile: silent after {SILENT_S} s of silence beside it")
    cases = story.ask("case", "list", "--state", "open,disputed,resolved", "--limit", "0")
    found = sorted((case["order"], case["kind"]) for case in cases)
    check(found == [("O-1", "elsewhere"), ("O-3", "unproven"), ("O-5", "unproven")], f"cases: {found}")
    story.say("three cases in all, one for each of these orders; none of an honest one")


def disputed(story):
    """The licence is amended, the operator disputes with it, and what is measured then clears the chips."""
    evidence, licence = story.path("amendment.txt"), story.path("licence.csv")
    with open(evidence, "w", encoding="utf-8") as file:
        file.write("L-RHEIN is for the United States as well.\n")
    with open(licence, "w", encoding="utf-8") as file:
        file.write("id,holder,countries,valid_from,valid_to\nL-RHEIN,Rhein Cloud,europe US,2020-01-01,2099-12-31\n")
    holder = os.path.join(story.state, "holders", "L-RHEIN", "cli.toml")
    story.chiploc("case", "dispute", story.case, "--statement", "moved with an amended licence", "--evidence", evidence,
                  config=holder)
    case = story.ask("case", "show", story.case)
    check(case["state"] == "disputed", f"case: {case['state']}")
    states = {serial: row["state"] for serial, row in story.statuses("O-1").items()}
    check(sum(state == "disputed" for state in states.values()) == MOVED, f"chips of O-1: {states}")
    hidden = story.ask("case", "list", config=os.path.join(story.state, "holders", "L-MAIN", "cli.toml"))
    check(all(case["order"] in ("O-3", "O-5") for case in hidden), f"another holder sees {hidden}")
    story.say(f"the holder disputes {story.case}; its {MOVED} chips are disputed, and no other holder sees the case")
    check(story.ask("import", "--licences", licence, "--reason", "amendment 1")["changed"] == 1, "the licence did not change")
    names = names_of("O-1")[-MOVED:]

    def cleared():
        story.chiploc("verify", "--parallel", "5", *names, code=None)
        return story.ask("case", "show", story.case)["chips"] == 0

    story.until("the chips abroad are proved where they may be now", cleared, 10 * CADENCE_S)
    case = story.ask("case", "show", story.case, "--limit", "0")
    check(case["state"] == "open" and any(entry["kind"] == "dispute_ended" for entry in case["timeline"]), f"case: {case}")
    story.chiploc("case", "resolve", story.case, "--as", "moved_back", "--reason", "licensed and proved")
    check(story.ask("case", "show", story.case)["resolved_as"] == "moved_back", "the case is not resolved")
    story.until("O-1 is not on hold", lambda: story.ask("order", "hold", "O-1")["hold"] == "open", 60)
    answer = story.ask("import", "--deliveries", story.path("delivery-O-1.csv"))
    check(answer["added"] == 1, f"import: {answer}")
    story.say(f"measured again under the amended licence the chips are compliant: dispute ended, {story.case} closed as moved_back, "
              "the hold is over, and the delivery comes in")


def told(story):
    """Every notice that chiploc sent is with the receiver, once, and those of one subject in order."""
    def complete():
        log = story.ask("notice", "log", "--sink", "desk", "--limit", "0")
        return {row["notice_id"] for row in log} == {event["id"] for event in story.received()} and log

    log = story.until("the receiver has what notice log has", complete, 120)
    events = story.received()
    check(len(events) == len({event["id"] for event in events}), "an id is kept twice")
    last = {}
    for event in events:
        before = last.get(event["subject"])
        check(before is None or before < event["sequence"], f"out of order: {event} behind {before}")
        last[event["subject"]] = event["sequence"]
    for subject in (f"case/{story.case}",):
        kinds = [event["type"].split(".")[2:4] for event in events if event["subject"] == subject]
        flat = [".".join(kind) for kind in kinds]
        check(flat[0] == "case.opened" and flat[-1] == "case.resolved" and "case.disputed" in flat, f"{subject}: {flat}")
    again = sum(row["attempt"] > 1 for row in log)
    check(again > 0, "nothing was sent again, though the receiver was killed")
    story.say(f"{len(events)} notices, each once by its id and those of one subject in order; {again} of the attempts came after the kill")


def reported(story):
    keys = story.path("report-keys.toml")
    story.chiploc("report", "keys", "--out", keys)
    holder = os.path.join(story.state, "holders", "L-RHEIN", "cli.toml")
    files = [(["act", "--case", story.case], "act.pdf", None), (["act", "--case", story.case], "act.json", None),
             (["fleet"], "fleet.csv", None), (["fleet"], "fleet.geojson", None), (["order", "O-1"], "order.pdf", None),
             (["operator"], "operator.json", holder)]
    for words, name, config in files:
        story.chiploc("report", *words, "--out", story.path(name), config=config)
        check(story.ask("report", "verify", story.path(name), "--keys", keys)["proved"] is True, f"{name} does not verify")
    with open(story.path("operator.json"), encoding="utf-8") as file:
        own = json.load(file)["chips"]
    check(len(own) == 2 * CHIPS, f"the holder's report has {len(own)} chips")
    with open(story.path("fleet.csv"), "ab") as file:
        file.write(b"\n")
    story.chiploc("report", "verify", story.path("fleet.csv"), "--keys", keys, code=18)
    story.say(f"{len(files)} reports are signed and verify offline; one that was touched does not")


STEPS = (delivered, proved, changed, drifted, refused, killed, unproven, silent, disputed, told, reported)


def main():
    bin_folder = os.path.abspath(sys.argv[1])
    folder = tempfile.mkdtemp(prefix="chiploc-story-")
    story = Story(bin_folder, folder)
    try:
        story.up()
        for step in STEPS:
            step(story)
        story.say("the end")
    except Failed:
        for name in ("lab.log", "receiver.log"):
            if os.path.exists(story.path(name)):
                print(f"--- {name}\n{story.log(name)}")
        raise
    finally:
        story.down()
        if "--keep" in sys.argv:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except Failed as reason:
        print(f"FAILED: {reason}")
        sys.exit(1)
    except TooSlow as reason:
        print(f"skipped: the machine is too slow for 200 chips beside what else it does: {reason}")
        sys.exit(77)
