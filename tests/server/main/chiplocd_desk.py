"""A coordinator's folder, made by `chiplocd init`, and the programs around it: for tests of real programs."""

import http.client
import os
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

BIN = ""         # where the programs are; said by the test's main
PATIENCE_S = 60  # only a broken program comes near it


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Asker(http.client.HTTPSConnection):
    """chiplocd by its name, at an address that is not in its certificate."""

    def __init__(self, port, folder, with_certificate):
        context = ssl.create_default_context(cafile=os.path.join(folder, "ada/ca.pem"))
        if with_certificate:
            who = "ada" if with_certificate is True else with_certificate
            context.load_cert_chain(os.path.join(folder, who, "tls.pem"), os.path.join(folder, who, "tls.key"))
        super().__init__("127.0.0.1", port, context=context, timeout=PATIENCE_S)
        self._tls = context

    def connect(self):
        self.sock = self._tls.wrap_socket(socket.create_connection((self.host, self.port), PATIENCE_S),
                                          server_hostname="chiplocd")


class ChiplocdDesk(unittest.TestCase):
    def setUp(self):
        self.kept = tempfile.TemporaryDirectory()
        self.addCleanup(self.kept.cleanup)
        self.folder = self.kept.name
        self.grpc, self.http = free_port(), free_port()
        self.run_in_folder("chiplocd", "init", "--dir", "c", "--listen", f"127.0.0.1:{self.grpc}", "--authority", "ca", "--admin",
                           "ada")
        with open(self.at("c/chiplocd.toml"), encoding="utf-8") as sample:
            self.sample = sample.read()

    def at(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.at(name), "w", encoding="utf-8") as out:
            out.write(text)

    def run_in_folder(self, program, *words):
        subprocess.run([f"{BIN}/{program}", *words], cwd=self.folder, check=True, capture_output=True)

    def configure(self, http):
        """Returns the line of the first key of [http]."""
        before, rest = self.sample.split("[http]\n")
        behind = rest[rest.index("[enrol]"):]
        self.write("c/chiplocd.toml", before + "[http]\n" + http + "\n" + behind)
        return before.count("\n") + 2

    def command(self, *more):
        return [f"{BIN}/chiplocd", "--config", self.at("c/chiplocd.toml"), *more]

    def start(self):
        log = open(self.at("log"), "wb")
        self.addCleanup(log.close)
        program = subprocess.Popen(self.command(), stdout=log, stderr=subprocess.STDOUT)
        self.addCleanup(lambda: (program.kill(), program.wait()))
        end = time.monotonic() + PATIENCE_S
        while b"chiplocd.ready" not in self.log():
            self.assertIsNone(program.poll(), self.log())
            self.assertLess(time.monotonic(), end, self.log())
            time.sleep(0.02)
        return program

    def log(self):
        with open(self.at("log"), "rb") as log:
            return log.read()

    def ask(self, path, method="GET", certificate=True, body=None, fields=None):
        asker = Asker(self.http, self.folder, certificate)
        try:
            asker.request(method, path, body, {**({"content-type": "application/json"} if body else {}),
                                               **(fields or {})})
            answer = asker.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            asker.close()

    def issue(self, role, name):
        self.run_in_folder("chiploc", "pki", "issue", "--dir", "ca", role, name)

    def chiploc(self, *words):
        ran = subprocess.run([f"{BIN}/chiploc", "--config", self.at("ada/cli.toml"), *words], check=True,
                             capture_output=True)
        return ran.stdout
