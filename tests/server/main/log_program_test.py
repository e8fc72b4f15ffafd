#!/usr/bin/env python3
"""A real chiplocd and its evidence log: served, proved, killed at any moment, copied, and held against the wrong database.

    log_program_test.py BIN_DIR    exit 0 passed, 1 failed
"""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

import chiplocd_desk
from chiplocd_desk import PATIENCE_S

KILLS = 8


class LogProgram(chiplocd_desk.ChiplocdDesk):
    def setUp(self):
        super().setUp()
        self.configure(f'address = "127.0.0.1:{self.http}"\n')
        self.folder_of_log = self.at("c/evidence-log")
        self.imported = 0

    def log_command(self, *words, code=0):
        ran = subprocess.run([f"{chiplocd_desk.BIN}/chiploc", "log", *words], capture_output=True, text=True, cwd=self.folder)
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        return ran.stdout if code == 0 else ran.stdout + ran.stderr

    def json_of(self, command, *words, code=0):
        return json.loads(self.log_command(command, self.folder_of_log, "--key", "log.vkey", "-o", "json", *words, code=code))

    def change_something(self):
        self.imported += 1
        self.write("licences.csv", "id,holder,countries,valid_from,valid_to\n"
                   f"L-{self.imported},Holder GmbH,DE,2001-01-01,2099-12-31\n")
        self.chiploc("import", "--licences", self.at("licences.csv"))

    def served_size(self):
        return int(self.ask("/log/checkpoint", certificate=False)[2].split(b"\n")[1])

    def wait_for(self, size):
        end = time.monotonic() + PATIENCE_S
        while self.served_size() < size:
            self.assertLess(time.monotonic(), end, self.log())
            time.sleep(0.02)

    def keep_key(self):
        self.write("log.vkey", self.ask("/log/key", certificate=False)[2].decode())

    def end(self, program, how=signal.SIGTERM):
        program.send_signal(how)
        program.wait(PATIENCE_S)

    def entries(self):
        size = self.json_of("fsck")["entries"]
        return [self.log_command("show", self.folder_of_log, str(i), "--key", "log.vkey") for i in range(size)]

    def test_served_and_proved(self):
        program = self.start()
        self.keep_key()
        self.change_something()
        self.wait_for(2)
        with self.subTest("anybody reads it, and what is sealed is not there"):
            status, fields, head = self.ask("/log/checkpoint", certificate=False)
            self.assertEqual((status, fields["cache-control"]), (200, "no-cache"))
            self.assertTrue(head.startswith(b"chiploc/log/"), head)
            status, _, bundle = self.ask("/log/tile/entries/000.p/2", certificate=False)
            self.assertEqual(status, 200)
            self.assertIn(b"kind registry", bundle)
            self.assertNotIn(b"ada", bundle)
            self.assertNotIn(b"licences.csv", bundle)
            self.assertEqual(self.ask("/log/log.key", certificate=False)[0], 404)
            self.assertEqual(self.ask("/log/checkpoint", "POST", certificate=False, body="{}")[0], 405)
        with self.subTest("readiness and metrics speak of it"):
            self.assertIn(b"log", self.ask("/readyz")[2])
            self.assertRegex(self.ask("/metrics")[2].decode(), r"(?m)^chiploc_log_entries_total 2(\.0)?$")
        with self.subTest("a copy of what is served is as good"):
            os.makedirs(self.at("copy/tile/0/000.p"))
            os.makedirs(self.at("copy/tile/entries/000.p"))
            for path in ("checkpoint", "tile/0/000.p/2", "tile/entries/000.p/2"):
                with open(self.at("copy/" + path), "wb") as out:
                    out.write(self.ask("/log/" + path, certificate=False)[2])
            self.log_command("fsck", "copy", "--key", "log.vkey")
            proof = self.log_command("proof", "copy", "1", "--key", "log.vkey")
            self.assertTrue(proof.startswith("c2sp.org/tlog-proof@v1\nindex 1\n"), proof)
        with self.subTest("each byte of a file that changes is found"):
            with open(self.at("copy/tile/entries/000.p/2"), "r+b") as file:
                file.seek(40)
                byte = file.read(1)
                file.seek(40)
                file.write(bytes([byte[0] ^ 1]))
            self.assertIn("NOT right", self.log_command("fsck", "copy", "--key", "log.vkey", code=18))
            self.log_command("audit", "copy", "--key", "log.vkey", code=18)
        with self.subTest("wrong words"):
            self.log_command("fsck", "nowhere", "--key", "log.vkey", code=66)
            self.assertIn("is no verifier key", self.log_command("fsck", "copy", "--key", "none", code=78))
            self.log_command("show", self.folder_of_log, "7", "--key", "log.vkey", code=66)
            self.log_command("audit", self.folder_of_log, "--key", "log.vkey", "--older-than", "soon", code=64)
        self.end(program)
        self.assertEqual(program.returncode, 0)
        self.assertEqual(self.json_of("audit")["of_kind"], {"begin": 1, "registry": 1})

    def test_killed_at_any_moment(self):
        dice = random.Random(21)
        program = self.start()
        self.keep_key()
        before = []
        for _ in range(KILLS):
            for _ in range(3):
                self.change_something()
            self.wait_for(dice.randint(1, self.imported + 1))  # where between two batches it is killed differs
            self.end(program, signal.SIGKILL)
            program = self.start()
            committed = self.imported + 1
            self.wait_for(committed)  # what was told to be done is in the log
            entries = self.entries()
            self.assertEqual(entries[:len(before)], before)
            self.assertEqual(len(entries), committed)
            before = entries
        self.end(program)
        self.assertTrue(self.json_of("audit")["all_there"])
        with self.subTest("a lost folder comes back to the byte"):
            shutil.rmtree(self.folder_of_log)
            self.end(self.start())
            self.assertEqual(self.entries(), before)

    def witness(self, log_key):
        """A real witness of this log; returns its verifier key, its port, and the process."""
        port = chiplocd_desk.free_port()
        made = subprocess.run([f"{chiplocd_desk.BIN}/chiploc-witness", "init", "--name", "witness.example/w1", "--folder", "w1"],
                              cwd=self.folder, check=True, capture_output=True, text=True)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=w1",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-keyout", "w1/tls.key", "-out", "w1/tls.pem"],
                       cwd=self.folder, check=True, capture_output=True)
        os.chmod(self.at("w1/tls.key"), 0o600)
        with open(self.at("w1/witness.toml"), encoding="utf-8") as sample:
            text = sample.read().replace("0.0.0.0:7445", f"127.0.0.1:{port}")
        self.assertIn(str(port), text)
        self.write("w1/witness.toml", text + f'[[log]]\nkey = "{log_key}"\n')
        process = subprocess.Popen([f"{chiplocd_desk.BIN}/chiploc-witness", "--config", self.at("w1/witness.toml")],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (process.kill(), process.wait()))
        return made.stdout.split("\n")[0], port, process

    def ask_witnesses(self, key, port):
        self.write("c/witnesses.policy", f"witness w1 {key} https://127.0.0.1:{port}/\nquorum w1\n")
        with open(self.at("c/chiplocd.toml"), encoding="utf-8") as config:
            text = config.read()
        changed = text.replace('witnesses = ""', 'witnesses = "witnesses.policy"').replace('witness_ca = ""', 'witness_ca = "../w1/tls.pem"')
        self.assertNotEqual(changed, text)
        self.write("c/chiplocd.toml", changed)

    def wait_for_cosignature(self, size):
        end = time.monotonic() + PATIENCE_S
        while True:
            head = self.ask("/log/checkpoint", certificate=False)[2].decode()
            if int(head.split("\n")[1]) >= size and "\u2014 witness.example/w1 " in head:
                return
            self.assertLess(time.monotonic(), end, self.log())
            time.sleep(0.02)

    def test_witnessed(self):
        program = self.start()
        self.keep_key()
        self.end(program)
        with open(self.at("log.vkey"), encoding="utf-8") as file:
            key, port, witness = self.witness(file.read().strip())
        self.ask_witnesses(key, port)
        program = self.start()
        self.change_something()
        self.wait_for_cosignature(2)
        with self.subTest("without its witness the log goes on, and says so"):
            self.end(witness, signal.SIGKILL)
            self.change_something()
            self.wait_for(3)
            end = time.monotonic() + PATIENCE_S
            while b"log.witness_failing" not in self.log():
                self.assertLess(time.monotonic(), end, self.log())
                time.sleep(0.02)
            self.end(program)
        with self.subTest("a policy without witnesses that can be asked is no start"):
            self.write("c/witnesses.policy", "quorum none\n")
            ran = subprocess.run(self.command(), capture_output=True, text=True)
            self.assertEqual(ran.returncode, 69)
            self.assertIn("no witness in it has a URL", ran.stderr)

    def test_the_wrong_database(self):
        program = self.start()
        self.keep_key()
        self.change_something()
        self.end(program)
        shutil.copy(self.at("c/chiploc.db"), self.at("older.db"))
        program = self.start()
        self.change_something()
        self.end(program)
        shutil.copy(self.at("c/chiploc.db"), self.at("newest.db"))
        with self.subTest("one that is older than its log"):
            shutil.copy(self.at("older.db"), self.at("c/chiploc.db"))
            ran = subprocess.run(self.command(), capture_output=True, text=True)
            self.assertEqual(ran.returncode, 69)
            self.assertIn("it is older than its log; restore the newest backup", ran.stderr)
        with self.subTest("one that somebody rewrote"):
            shutil.copy(self.at("newest.db"), self.at("c/chiploc.db"))
            with sqlite3.connect(self.at("c/chiploc.db")) as db:
                db.execute("UPDATE imports SET reason = 'another' WHERE version = 2")
            ran = subprocess.run(self.command(), capture_output=True, text=True)
            self.assertEqual(ran.returncode, 69)
            self.assertIn("do not belong together", ran.stderr)
        with self.subTest("one from which an entry was taken, under a log made anew: the gap stays"):
            shutil.copy(self.at("newest.db"), self.at("c/chiploc.db"))
            with sqlite3.connect(self.at("c/chiploc.db")) as db:
                self.assertRaises(sqlite3.IntegrityError, db.execute, "DELETE FROM leaves WHERE leaf_no = 2")
                db.execute("DROP TRIGGER leaves_stay")
                db.execute("DROP TRIGGER leaves_are_not_rewritten")
                db.execute("DELETE FROM leaves WHERE leaf_no = 2")
            shutil.rmtree(self.folder_of_log)
            ran = subprocess.run(self.command(), capture_output=True, text=True)
            self.assertEqual(ran.returncode, 69)
            self.assertIn("entry 1 of the log is missing", ran.stderr)
        shutil.rmtree(self.folder_of_log, ignore_errors=True)
        shutil.copy(self.at("newest.db"), self.at("c/chiploc.db"))
        self.end(self.start())
        self.assertTrue(self.json_of("audit")["all_there"])


if __name__ == "__main__":
    chiplocd_desk.BIN = os.path.abspath(sys.argv.pop(1))
    unittest.main()
