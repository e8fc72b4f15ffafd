#!/usr/bin/env python3
"""Real programs: an anchor and a site that have nothing but a token and ca.pem end up with what they need.

    enrol_program_test.py BIN_DIR    exit 0 passed, 1 failed
"""

import glob
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

BIN = ""
PATIENCE_S = 60  # only a broken program comes near it
REFUSED = "this token is unknown, used, revoked or over; ask whoever gave it to you for another"


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(type=kind) as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class EnrolProgram(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = kept.name
        self.grpc, self.http = free_port(), free_port()
        self.run_(["chiplocd", "init", "--dir", "c", "--listen", f"127.0.0.1:{self.grpc}", "--authority", "ca", "--admin", "ada"])
        with open(self.at("c/chiplocd.toml"), encoding="utf-8") as sample:
            self.sample = sample.read()

    def at(self, name):
        return os.path.join(self.folder, name)

    def run_(self, words, code=0, given=None):
        ran = subprocess.run([f"{BIN}/{words[0]}", *words[1:]], cwd=self.folder, capture_output=True, input=given, text=True)
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        return ran.stdout if code == 0 else ran.stderr

    def admin(self, *words, code=0):
        return self.run_(["chiploc", "--config", "ada/cli.toml", *words], code)

    def redeem(self, *words, code=0, given=None):
        return self.run_(["chiploc", "enrol", "redeem", "--coordinator", f"127.0.0.1:{self.http}", "--server-name", "chiplocd",
                          *words], code, given)

    def configure(self, authority):
        text = self.sample.replace('[http]\naddress = ""', f'[http]\naddress = "127.0.0.1:{self.http}"')
        text = text.replace('[enrol]\nauthority = ""', f'[enrol]\nauthority = "{authority}"')
        self.assertIn(f'authority = "{authority}"', text)
        self.assertNotEqual(text, self.sample)
        with open(self.at("c/chiplocd.toml"), "w", encoding="utf-8") as out:
            out.write(text)

    def start(self, words, until):
        name = self.at(f"log{len(glob.glob(self.at('log*')))}")
        log = open(name, "wb")
        self.addCleanup(log.close)
        program = subprocess.Popen([f"{BIN}/{words[0]}", *words[1:]], cwd=self.folder, stdout=log, stderr=subprocess.STDOUT)
        self.addCleanup(lambda: (program.kill(), program.wait()))
        self.wait(lambda: until in self.log() or program.poll() is not None, until)
        self.assertIsNone(program.poll(), self.log())
        return program

    def coordinator(self):
        before = self.log().count("chiplocd.ready")
        program = self.start(["chiplocd", "--config", "c/chiplocd.toml", "--log-level", "trace"], "chiplocd.ready")
        self.wait(lambda: self.log().count("chiplocd.ready") > before, "ready")
        return program

    def wait(self, held, what):
        end = time.monotonic() + PATIENCE_S
        while not held():
            self.assertLess(time.monotonic(), end, f"{what}\n{self.log()}")
            time.sleep(0.02)

    def log(self):
        text = ""
        for name in sorted(glob.glob(self.at("log*"))):
            with open(name, encoding="utf-8", errors="replace") as log:
                text += log.read()
        return text

    def token(self, kind, name, *more):
        made = json.loads(self.admin("enrol", "token", kind, name, "--reason", "a new one", "-o", "json", *more))
        return made["token"], made["enrolment"]["number"]

    def test_without_an_authority(self):
        self.coordinator_without = self.start(["chiplocd", "--config", "c/chiplocd.toml"], "chiplocd.ready")
        said = self.admin("enrol", "token", "anchor", "fra1", "--reason", "r", code=69)
        self.assertIn("[enrol] authority", said)

    def test_a_chip_registers_itself_without_an_authority(self):
        self.configure("")
        coordinator = self.coordinator()
        for chip, serial in (("chip", "SN-7"), ("other", "SN-8")):
            self.run_(["chiploc-agent", "init", "--dir", chip, "--trial", "--serial", serial, "--model", "LAB-100", "--licence", "L-1",
                       "--coordinator-key", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "--inbound", "127.0.0.1:7400"])
        with open(self.at("chip/makers.csv"), encoding="utf-8") as makers:
            maker = makers.read().split("\n")[1].split(",")[0].strip('"')
        with open(self.at("licences.csv"), "w", encoding="utf-8") as licences:
            licences.write("id,holder,countries,valid_from,valid_to\nL-1,Example SA,DE,2020-01-01,2099-12-31\n")
        words = ["--reason", "rack 7", "--maker", maker, "--model", "LAB-100", "--licence", "L-1"]
        self.assertIn("maker", self.admin("enrol", "token", "agent", "SN-7", *words, code=66))
        self.admin("import", "--makers", "chip/makers.csv", "--licences", "licences.csv")
        self.admin("enrol", "token", "agent", "SN-7", *words, "--out", "chip.token")
        redeem = ["--ca", "ca/ca.pem", "--request", "chip/chip.csr", "--token-file", "chip.token"]
        mine = ["--chip-certificate", "chip/chip.pem", "--inbound", "127.0.0.1:7400"]
        with self.subTest("what is wrong costs the token nothing but that its key is known"):
            self.assertIn("certificate", self.redeem(*redeem, code=65))
            self.assertIn("of another key", self.redeem(*redeem, "--chip-certificate", "other/chip.pem", code=65))
            self.assertIn("reach", self.redeem(*redeem, *mine[:3], "localhost", code=65))
            self.assertEqual(json.loads(self.admin("chip", "list", "-o", "json")), [])
        with self.subTest("killed on the way, the same command finds its end"):
            coordinator.send_signal(signal.SIGKILL)
            coordinator.wait()
            self.coordinator()
            self.assertIn("registered as SN-7 under licence L-1", self.redeem(*redeem, *mine))
            self.assertIn("registered as SN-7", self.redeem(*redeem, *mine))
            [chip] = json.loads(self.admin("chip", "list", "-o", "json"))
            self.assertEqual((chip["serial"], chip["licence"], chip["reach"]), ("SN-7", "L-1", "inbound 127.0.0.1:7400"))
        with self.subTest("the journal and the token's story say how"):
            [last, *_] = json.loads(self.admin("imports", "-o", "json"))
            self.assertIn("enrolment 1, redeemed from", last["reason"])
            self.assertEqual(last["by"], "ada")
            [one] = json.loads(self.admin("enrol", "list", "-o", "json"))
            self.assertEqual((one["kind"], one["maker"], one["licence"]), ("agent", maker, "L-1"))
        with self.subTest("another chip's maker is not vouched for, and its key not this token's"):
            self.assertIn(REFUSED, self.redeem("--ca", "ca/ca.pem", "--request", "other/chip.csr", "--chip-certificate", "other/chip.pem",
                                               "--token-file", "chip.token", code=77))
            self.admin("enrol", "token", "agent", "SN-8", *words, "--out", "other.token")
            said = self.redeem("--ca", "ca/ca.pem", "--request", "other/chip.csr", "--chip-certificate", "other/chip.pem",
                               "--token-file", "other.token", code=65)
            self.assertIn("certificate_pem", said)

    def test_an_authority_that_nobody_believes(self):
        self.run_(["chiploc", "pki", "init", "--dir", "other", "--no-passphrase"])
        self.configure("../other")
        self.assertIn("enrol.authority: ", self.run_(["chiplocd", "--config", "c/chiplocd.toml", "--check-config"], 69))

    def test_from_a_token_to_an_anchor_and_a_site(self):
        self.configure("../ca")
        self.assertIn("is right", self.run_(["chiplocd", "--config", "c/chiplocd.toml", "--check-config"]))
        coordinator = self.coordinator()
        udp = free_port(socket.SOCK_DGRAM)
        with self.subTest("an anchor with a token and ca.pem gets its certificate"):
            self.run_(["chiploc-anchor", "init", "--dir", "fra1", "--name", "fra1", "--coordinator", f"127.0.0.1:{self.grpc}",
                       "--position", "50.12,8.68", "--uncertainty-km", "0.5", "--operator", "Net", "--network", "AS64496",
                       "--address", f"127.0.0.1:{udp}"])
            said = self.admin("enrol", "token", "anchor", "fra1", "--reason", "Frankfurt", "--out", "fra1.token")
            self.assertIn("enrolment  1: anchor fra1", said)
            self.assertEqual(os.stat(self.at("fra1.token")).st_mode & 0o777, 0o600)
            with open(self.at("fra1.token"), encoding="utf-8") as file:
                secret = file.read().strip()
            self.assertNotIn(secret, said)
            words = ["--ca", "ca/ca.pem", "--dir", "fra1", "--request", "fra1/tls.csr", "--token-file", "fra1.token"]
            self.assertIn("not the certificate", self.redeem(*words, "--ca-sha256", "0" * 64, code=77))
            said = self.redeem("--ca", "nowhere.pem", *words[2:], code=66)
            self.assertIn("nowhere.pem: no such file; name the coordinator's ca.pem with --ca", said)
            self.assertIn("anchor fra1: certificate", self.redeem(*words))
        with self.subTest("killed behind the token's use, the same command finds its end, and another key none"):
            coordinator.send_signal(signal.SIGKILL)
            coordinator.wait()
            coordinator = self.coordinator()
            os.remove(self.at("fra1/tls.pem"))
            self.assertIn("issued already", self.redeem(*words))
            self.assertIn(REFUSED, self.redeem("--ca", "ca/ca.pem", "--dir", "thief", "--name", "fra1", "--token-file", "fra1.token",
                                               code=77))
        with self.subTest("it attaches"):
            self.admin("import", "--anchors", "fra1/anchors.csv")
            self.start(["chiploc-anchor", "--config", "fra1/anchor.toml"], "anchor.")
            self.wait(lambda: json.loads(self.admin("anchor", "list", "-o", "json"))[0]["connected"], "attached")
        with self.subTest("a site sees its holder's rows alone"):
            given, _ = self.token("site", "olga", "--holder", "Example SA")
            self.redeem("--ca", "ca/ca.pem", "--dir", "olga", "--name", "olga", given=given.lower() + "\n")
            self.assertEqual(os.stat(self.at("olga/tls.key")).st_mode & 0o777, 0o600)
            own = ["chiploc", "--server", f"127.0.0.1:{self.grpc}", "--ca", "olga/ca.pem", "--certificate", "olga/tls.pem",
                   "--tls-key", "olga/tls.key"]
            identity = self.run_([*own, "--show-identity"])
            self.assertIn("operator", identity)
            self.run_([*own, "chip", "list"])
            self.assertIn("may not", self.run_([*own, "enrol", "list"], 77))
        with self.subTest("it renews, once an hour"):
            renew = ["chiploc", "enrol", "renew", "--coordinator", f"127.0.0.1:{self.http}", "--server-name", "chiplocd"]
            self.assertIn("issued already", self.run_([*renew, "--dir", "olga"]))
            self.assertIn("no certificate", self.run_([*renew, "--dir", "ca"], 66))
        with self.subTest("what is revoked is refused in the same words as what never was"):
            given, number = self.token("anchor", "ams1", "--valid", "1h")
            self.assertIn("revoked", self.admin("enrol", "revoke", str(number)))
            for typed in (given, given[:-1] + ("A" if given[-1] != "A" else "B"), "x"):
                self.assertIn(REFUSED, self.redeem("--ca", "ca/ca.pem", "--dir", "ams1", "--name", "ams1", given=typed + "\n",
                                                   code=77))
            self.assertIn("only an open one", self.admin("enrol", "revoke", str(number), code=69))
            self.assertIn("there is no enrolment", self.admin("enrol", "revoke", "99", code=66))
        with self.subTest("the story of each stands in the list, and a token nowhere"):
            listed = self.admin("enrol", "list", "-o", "json")
            steps = {one["number"]: [step["step"] for step in one["steps"]] for one in json.loads(listed)}
            self.assertEqual(steps, {1: ["made", "used", "repeated", "refused"], 2: ["made", "used"],
                                     3: ["made", "revoked", "refused"]})
            everything = listed + self.log() + self.admin("audit", "list", "-o", "json")
            for name in glob.glob(self.at("c/*.db*")):
                with open(name, "rb") as file:
                    everything += file.read().decode("latin-1")
            for shape in (secret, secret.replace("-", "")):
                self.assertNotIn(shape, everything)
        with self.subTest("over HTTP as well"):
            context = ssl.create_default_context(cafile=self.at("ca/ca.pem"))
            context.check_hostname = False
            asker = http.client.HTTPSConnection("127.0.0.1", self.http, context=context, timeout=PATIENCE_S)
            for fields, status in (({}, 401), ({"sec-fetch-site": "cross-site"}, 403)):
                with open(self.at("fra1/tls.csr"), encoding="utf-8") as request:
                    asker.request("POST", "/v1/certificate", json.dumps({"request": request.read()}),
                                  {"content-type": "application/json", **fields})
                answer = asker.getresponse()
                self.assertEqual((answer.status, answer.read() and ""), (status, ""))
            asker.close()


if __name__ == "__main__":
    BIN = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
