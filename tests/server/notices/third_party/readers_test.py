#!/usr/bin/env python3
"""Others read what chiploc sends: the npm packages standardwebhooks, cloudevents and ajv in a receiver that is killed and
started again, Debian's Alertmanager and its amtool. Real processes, loopback and a temporary folder.

    readers_test.py BIN READERS [NAME..]

READERS is the build folder with node_modules and an unpacked Alertmanager; one in PATH will do. Exit code 77 and the reason
where a reader is missing."""

import base64
import http.server
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
BIN, READERS = sys.argv[1], sys.argv[2]
MODULES = os.path.join(READERS, "node_modules")
os.environ["PATH"] = os.path.join(READERS, "usr", "bin") + os.pathsep + os.environ["PATH"]
SHARED = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
# RFC 8032, section 7.1, test 1.
PRIVATE = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
PUBLIC = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def readme_code(language):
    """The block of server/notices/README.md in this language."""
    with open(os.path.join(HERE, "..", "..", "..", "..", "server", "notices", "README.md"), encoding="utf-8") as file:
        return file.read().split(f"```{language}\n")[1].split("```")[0]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Folder:
    """Files of one test, and what it starts; both gone at its end."""

    def __init__(self, test):
        self.path = tempfile.mkdtemp(prefix="chiploc-readers-")
        test.addCleanup(shutil.rmtree, self.path, ignore_errors=True)
        self.test = test

    def write(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def sink(self, port, secret="secret", name="siem", **more):
        keys = {"name": name, "url": f"http://127.0.0.1:{port}/hook", "allow_http": True, "allow_private": True, **more}
        if secret:
            keys["secret"] = secret
        return "[[notices]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())

    def start(self, *command):
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "NODE_PATH": MODULES})
        self.test.addCleanup(lambda: (child.kill(), child.wait(), child.stdout.close()))
        return child

    def receiver(self, port, secret, *more):
        child = self.start("node", os.path.join(HERE, "receiver.cjs"), self.path, str(port), secret, *more)
        line = child.stdout.readline().split()
        assert line and line[0] == "port", line
        return child, int(line[1])

    def pump_command(self, config, *what):
        return os.path.join(BIN, "notice_pump"), os.path.join(self.path, "outbox.db"), config, *what

    def pump(self, config, *what):
        done = subprocess.run(self.pump_command(config, *what), capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def received(self):
        try:
            with open(os.path.join(self.path, "received"), encoding="utf-8") as file:
                return [line.split() for line in file]
        except FileNotFoundError:
            return []


class Webhooks(unittest.TestCase):
    def setUp(self):
        if not shutil.which("node") or not os.path.isdir(os.path.join(MODULES, "standardwebhooks")):
            self.skipTest("no node, or its packages are not installed")
        self.folder = Folder(self)
        self.folder.write("secret", SHARED + "\n")

    def each_kind_arrives(self, reads_with, **keys):
        receiver, port = self.folder.receiver(0, reads_with)
        config = self.folder.write("sinks.toml", self.folder.sink(port, **keys))
        self.assertEqual(self.folder.pump(config, "each"), "sent, dead 0")
        lines = [receiver.stdout.readline().split() for _ in range(9)]
        self.assertEqual({line[0] for line in lines}, {"204"}, lines)
        self.assertEqual(len({line[4] for line in lines}), 9, "nine types")
        self.assertEqual(self.folder.pump(config, "each"), "sent, dead 0")  # they are there: nothing is sent again
        self.assertEqual(len(self.folder.received()), 9)

    def test_standardwebhooks_and_cloudevents_accept_each_kind(self):
        self.each_kind_arrives(SHARED)

    def test_an_ed25519_signature_is_good_for_who_has_the_public_key(self):
        self.folder.write("private", PRIVATE)
        self.each_kind_arrives(PUBLIC, secret="private")

    def test_while_a_secret_is_replaced_both_are_good(self):
        self.folder.write("old", OTHER)
        self.folder.write("private", PRIVATE)
        for secret in (SHARED, OTHER):
            folder = Folder(self)
            for name in ("secret", "old"):
                shutil.copy2(os.path.join(self.folder.path, name), folder.path)
            _, port = folder.receiver(0, secret)
            config = folder.write("sinks.toml", folder.sink(port, old_secret="old", old_secret_until="2255-01-01T00:00:00Z"))
            self.assertEqual(folder.pump(config, "each"), "sent, dead 0")
            self.assertEqual(len(folder.received()), 9)

    def test_another_secret_or_one_that_has_ended_is_not_accepted(self):
        self.folder.write("old", OTHER)
        receiver, port = self.folder.receiver(0, OTHER)
        config = self.folder.write("sinks.toml", self.folder.sink(port, old_secret="old", old_secret_until="2026-01-01T00:00:00Z"))
        pump = self.folder.start(*self.folder.pump_command(config, "notice.test"))
        self.assertIn("401 No matching signature found", receiver.stdout.readline())
        self.assertIn("401", receiver.stdout.readline())  # and it is tried again
        pump.kill()
        self.assertEqual(self.folder.received(), [])

    def test_the_readmes_python_is_a_receiver(self):
        code = {}
        exec(readme_code("python"), code)  # noqa: S102
        good, bad = [], []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                good.append(code["event_of"](self.headers, body, SHARED)["id"])
                for wrong in ((self.headers, body + b" ", SHARED), (self.headers, body, OTHER), ({**self.headers, "webhook-timestamp": "7"}, body, SHARED)):
                    try:
                        bad.append(code["event_of"](*wrong))
                    except ValueError:
                        pass
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = self.folder.write("sinks.toml", self.folder.sink(server.server_port))
        self.assertEqual(self.folder.pump(config, "each"), "sent, dead 0")
        self.assertEqual((len(set(good)), bad), (9, []))

    def test_the_readmes_javascript_is_a_receiver(self):
        code = readme_code("js").replace(".listen(8443)", ".listen(0, '127.0.0.1', function () { console.log(this.address().port); })")
        script = self.folder.write("receiver.js", "const keep = (id, subject) => console.log(id, subject);\n" + code)
        os.environ["CHIPLOC_SECRET"] = SHARED
        receiver = self.folder.start("node", script)
        config = self.folder.write("sinks.toml", self.folder.sink(receiver.stdout.readline().strip()))
        self.assertEqual(self.folder.pump(config, "each"), "sent, dead 0")
        self.assertEqual(len({receiver.stdout.readline() for _ in range(9)}), 9)

    def test_what_a_receiver_refuses_is_dead_and_the_next_of_its_subject_goes_on(self):
        receiver, port = self.folder.receiver(0, SHARED, "fail=422")
        config = self.folder.write("sinks.toml", self.folder.sink(port, kinds=["order.held", "order.released"]))
        self.assertEqual(self.folder.pump(config, "each"), "sent, dead 2")
        lines = [receiver.stdout.readline().split() for _ in range(6)]
        self.assertEqual([line[1] for line in lines], [lines[0][1]] * 3 + [lines[3][1]] * 3, "three tries each, one after the other")

    def test_killed_and_started_again_the_receiver_has_each_once_by_id_and_in_order(self):
        dice = random.Random(int(os.environ.get("CHIPLOC_SEED", "20261201")))
        count, subjects = 300, 7
        port = free_port()
        config = self.folder.write("sinks.toml", self.folder.sink(port))
        command = self.folder.pump_command(config, str(count), str(subjects))
        pump = self.folder.start(*command)
        receivers = pumps = 0
        while len({line[0] for line in self.folder.received()}) < count and receivers < 200:
            receiver, _ = self.folder.receiver(port, SHARED)
            receivers += 1
            for _ in range(dice.randrange(1, 40)):
                if not receiver.stdout.readline() or len({line[0] for line in self.folder.received()}) == count:
                    break
            receiver.send_signal(signal.SIGKILL)
            receiver.wait()
            if dice.randrange(3) == 0:
                pump.kill()
                pump.wait()
                pump = self.folder.start(*command)
                pumps += 1
        _ = self.folder.receiver(port, SHARED)  # for the last one whose answer was cut
        self.assertEqual(pump.wait(timeout=60), 0)
        first = {}
        for notice, sequence, subject in self.folder.received():
            self.assertEqual(first.setdefault(notice, (sequence, subject)), (sequence, subject))
        self.assertEqual(len(first), count)
        for number in range(subjects):
            order = [int(sequence) for sequence, subject in first.values() if subject == f"case/C-{number}"]
            self.assertEqual(order, list(range(1, len(order) + 1)), f"case/C-{number}")
        self.assertGreater(receivers, 5)
        self.assertGreater(pumps, 1)
        print(f"{count} notices, {receivers} receivers and {pumps} senders killed, {len(self.folder.received()) - count} came twice")


# Debian's Alertmanager reads it from there and nowhere else; without it there is no start.
TEMPLATE = "share/prometheus/alertmanager/default.tmpl"


def with_template():
    """What to put before the command, so that it finds its template: where it is not installed, what the package has is laid over
    /usr/share in a mount namespace. None: that may not be done here."""
    if os.path.exists("/usr/" + TEMPLATE):
        return []
    if not os.path.exists(os.path.join(READERS, "usr", TEMPLATE)):
        return None
    over = f'mount -t overlay overlay -o "lowerdir={READERS}/usr/share:/usr/share" /usr/share && exec "$@"'
    before = ["unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-c", over, "sh"]
    tried = subprocess.run([*before, "true"], capture_output=True, check=False) if shutil.which("unshare") else None
    return before if tried is not None and tried.returncode == 0 else None


class Alertmanager(unittest.TestCase):
    def setUp(self):
        if not shutil.which("prometheus-alertmanager") or not shutil.which("amtool"):
            self.skipTest("no Alertmanager here")
        before = with_template()
        if before is None:
            self.skipTest("Alertmanager is not installed, and its template cannot be laid over /usr/share here")
        self.folder = Folder(self)
        config = self.folder.write("alertmanager.yml", "route: {receiver: none}\nreceivers: [{name: none}]\n")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        log = open(os.path.join(self.folder.path, "alertmanager.log"), "w", encoding="utf-8")  # noqa: SIM115
        self.addCleanup(log.close)
        child = subprocess.Popen(
            [*before, "prometheus-alertmanager", f"--config.file={config}", f"--storage.path={self.folder.path}/data", "--cluster.listen-address=",
             f"--web.listen-address=127.0.0.1:{self.port}"], stdout=log, stderr=log)
        self.addCleanup(lambda: (child.kill(), child.wait()))
        for _ in range(600):
            try:
                urllib.request.urlopen(self.url + "/-/ready", timeout=5).close()
                return
            except (urllib.error.URLError, ConnectionError):
                self.assertIsNone(child.poll(), "Alertmanager ended")
                signal.sigtimedwait([], 0.05)
        self.fail("Alertmanager is not ready")

    def send(self, what):
        text = self.folder.sink(self.port, secret=None, name="pager", format="alertmanager").replace("/hook", "/api/v2/alerts")
        self.assertEqual(self.folder.pump(self.folder.write("sinks.toml", text), what), "sent, dead 0")

    def listed(self):
        done = subprocess.run(["amtool", f"--alertmanager.url={self.url}", "alert", "query", "-o", "json"], capture_output=True, text=True, check=True)
        return {alert["labels"]["alertname"]: alert for alert in json.loads(done.stdout)}

    def test_a_case_is_shown_and_goes_when_it_is_resolved(self):
        self.send("case.opened")
        self.send("order.held")
        alerts = self.listed()
        self.assertEqual(set(alerts), {"ChiplocCase", "ChiplocOrderHeld"})
        case = alerts["ChiplocCase"]
        self.assertEqual(case["labels"], {"alertname": "ChiplocCase", "subject": "case/C-17", "severity": "critical",
                                          "about": "elsewhere", "coordinator": "c0" * 16})
        self.assertEqual(case["annotations"]["summary"], "2 chips of L-JP are proved outside their licence")
        self.assertEqual(case["status"]["state"], "active")
        self.send("case.disputed")
        self.assertIn("disputed_until", self.listed()["ChiplocCase"]["annotations"])
        self.send("case.resolved")
        self.send("order.released")
        self.assertEqual(self.listed(), {})
        self.send("case.reopened")
        self.assertEqual(set(self.listed()), {"ChiplocCase"})
        self.send("notice.test")
        self.assertEqual(self.listed()["ChiplocTest"]["labels"]["severity"], "informational")


if __name__ == "__main__":
    outcome = unittest.main(argv=[sys.argv[0], *sys.argv[3:]], exit=False, verbosity=1).result
    sys.exit(1 if not outcome.wasSuccessful() else 77 if outcome.skipped else 0)
