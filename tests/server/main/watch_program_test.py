#!/usr/bin/env python3
"""Whoever watches a real chiplocd hears of each event once, though it is killed and started again; and is cut once revoked.

    watch_program_test.py BIN_DIR    exit 0 passed, 1 failed
"""

import json
import os
import signal
import subprocess
import sys
import unittest

import chiplocd_desk
from chiplocd_desk import PATIENCE_S, Asker


class Events:
    """GET /v1/watch as a browser reads it."""

    def __init__(self, desk, who=True, last=None):
        self.asker = Asker(desk.http, desk.folder, who)
        desk.addCleanup(self.asker.close)
        self.asker.request("GET", "/v1/watch", headers={"last-event-id": last} if last else {})
        self.answer = self.asker.getresponse()
        desk.assertEqual((self.answer.status, self.answer.getheader("content-type")), (200, "text/event-stream"))

    def next(self):
        """Fields of the next event; None: the stream has ended."""
        fields = {}
        while True:
            try:
                line = self.answer.readline().decode().rstrip("\n")
            except OSError:  # killed, or cut
                return None
            if not line and fields:
                return fields
            if not line and self.answer.isclosed():
                return None
            if line and line != ":":
                name, fields[name] = line.split(": ", 1)[0], line.split(": ", 1)[1]


class WatchProgram(chiplocd_desk.ChiplocdDesk):
    def setUp(self):
        super().setUp()
        self.configure(f'address = "127.0.0.1:{self.http}"\n')
        self.program = self.start()
        self.write("licences.csv", "id,holder,countries,valid_from,valid_to\nL-1,Holder GmbH,DE,2001-01-01,2099-12-31\n")
        key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"  # of nobody
        self.run_in_folder("chiploc-agent", "init", "--serial", "SN-1", "--model", "LAB-100", "--coordinator-key", key,
                           "--rendezvous", f"192.0.2.2:7411={key}", "--trial", "--licence", "L-1")
        self.chiploc("import", "--makers", self.at("agent/makers.csv"), "--licences", self.at("licences.csv"), "--chips",
                     self.at("agent/chips.csv"))
        self.chiploc("chip", "absent", "SN-1", "--until", "7d", "--kind", "transit", "--reason", "test")

    def change(self):
        """The chip's state, twice."""
        self.chiploc("chip", "back", "SN-1")
        self.chiploc("chip", "absent", "SN-1", "--until", "7d", "--kind", "transit", "--reason", "test")

    def kill(self):
        self.program.send_signal(signal.SIGKILL)
        self.program.wait()

    def told(self):
        """All of it, as the API tells it now."""
        newest = Events(self).next()["id"]
        events, out = Events(self, last="0"), []
        while not out or out[-1]["id"] != newest:
            out.append(json.loads(events.next()["data"]))
        return [event for event in out if event["event"] != "at"]

    def test_the_command_line_over_a_killed_chiplocd(self):
        watching = subprocess.Popen([f"{chiplocd_desk.BIN}/chiploc", "--config", self.at("ada/cli.toml"), "watch", "-o", "ndjson"],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (watching.kill(), watching.communicate()))
        def heard():
            return json.loads(watching.stdout.readline())
        begin = heard()
        self.assertEqual(begin["event"], "at")
        got = []
        for _ in range(2):
            self.change()
            got += [heard(), heard()]
            self.kill()
            said = watching.stderr.readline()
            self.assertIn(f"broke off; goes on behind event {got[-1]['id']} as soon as it can", said)
            # What it misses while it cannot come back is told when it can.
            watching.send_signal(signal.SIGSTOP)
            self.program = self.start()
            self.change()
            watching.send_signal(signal.SIGCONT)
            got += [heard(), heard()]
            said = watching.stderr.readline()
            while said != "chiploc: it goes on\n":
                self.assertIn(f"goes on behind event {got[-3]['id']} as soon as it can", said)
                said = watching.stderr.readline()
        ids = [int(event["id"]) for event in got]
        self.assertEqual(ids, list(range(int(begin["id"]) + 1, int(begin["id"]) + 9)))
        self.assertEqual(got, self.told()[-8:])
        watching.send_signal(signal.SIGINT)
        self.assertEqual(watching.wait(PATIENCE_S), 130)
        self.assertIn(f"chiploc watch --after {ids[-1]}", watching.stderr.read())

    def test_events_over_a_killed_chiplocd(self):
        events = Events(self)
        last = begin = int(events.next()["id"])
        got = []
        for _ in range(2):
            self.change()
            got += [events.next(), events.next()]
            self.kill()
            self.assertIsNone(events.next())
            self.program = self.start()
            self.change()
            last = int(got[-1]["id"])
            events = Events(self, last=str(last))
            where = events.next()
            self.assertEqual((where["event"], where["id"]), ("at", str(last)))
            got += [events.next(), events.next()]
        self.assertEqual([int(event["id"]) for event in got], list(range(begin + 1, begin + 9)))
        for event in got:
            self.assertEqual((event["event"], json.loads(event["data"])["id"]), ("status", event["id"]))

    def test_who_is_revoked_is_cut(self):
        self.issue("reader", "bob")
        revoked, other = Events(self, "bob"), Events(self)
        self.assertEqual((revoked.next()["event"], other.next()["event"]), ("at", "at"))
        self.run_in_folder("chiploc", "pki", "revoke", "bob", "--dir", "ca")
        self.assertIsNone(revoked.next())
        self.change()
        self.assertEqual(other.next()["event"], "status")
        self.assertEqual(self.ask("/v1/watch", certificate="bob")[0], 403)
        lines = self.ask("/metrics")[2].decode().splitlines()
        self.assertIn("chiploc_watchers 1", lines)


if __name__ == "__main__":
    chiplocd_desk.BIN = os.path.abspath(sys.argv.pop(1))
    unittest.main()
