#!/usr/bin/env python3
"""The Python package against the command line, with the real programs of a small lab behind both.

    python_package_test.py BIN_DIR SOURCE_DIR LAB_FILE    exit 0 passed, 1 failed, 77 there is no grpcio here
"""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

BIN = SOURCE = LAB = ""


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.kept.cleanup)
        cls.state, cls.packages = os.path.join(cls.kept.name, "lab"), os.path.join(cls.kept.name, "python")
        subprocess.run([f"{SOURCE}/deploy/python/build.sh", cls.packages], check=True, capture_output=True)
        cls.lab = subprocess.Popen([f"{BIN}/chiploc", "lab", "up", LAB, "--state", cls.state], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        cls.addClassCleanup(cls.end)
        for line in cls.lab.stdout:
            if line.startswith("The lab runs on"):
                return
        raise AssertionError("the lab ended")

    @classmethod
    def end(cls):
        cls.lab.send_signal(signal.SIGINT)
        cls.lab.wait()
        cls.lab.stdout.close()

    def environment(self):
        return {**os.environ, "PYTHONPATH": self.packages, "CHIPLOC_CONFIG": os.path.join(self.state, "cli.toml")}

    def rows(self, *words):
        ran = subprocess.run([sys.executable, "-m", "chiploc", *words], env=self.environment(), capture_output=True, text=True)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        return list(csv.DictReader(io.StringIO(ran.stdout)))

    def shown(self, *words):
        return json.loads(subprocess.run([f"{BIN}/chiploc", "-o", "json", *words], env=self.environment(), check=True,
                                         capture_output=True).stdout)

    def test_verdicts(self):
        rows, shown = self.rows("verdicts"), self.shown("verdict", "list", "--limit", "0")
        self.assertGreater(len(rows), 3)
        self.assertEqual(len(rows), len(shown))
        for row, verdict in zip(rows, shown):
            for key in ("decided_at", "expires_at", "verdict_id", "chip_id", "serial", "state", "licence"):
                self.assertEqual(row[key], verdict[key], key)
            region = verdict["region"]
            self.assertEqual(bool(row["radius_km"]), bool(region))
            if region:
                self.assertAlmostEqual(float(row["lat_deg"]), region["centre"]["lat_deg"], 6)
                self.assertAlmostEqual(float(row["radius_km"]), region["radius_km"], 6)
        one = rows[0]["serial"]
        self.assertEqual({row["serial"] for row in self.rows("verdicts", "--chip", one)}, {one})
        self.assertEqual(self.rows("verdicts", "--since", "2100-01-01"), [])

    def test_changes(self):
        rows, shown = self.rows("changes"), self.shown("chip", "changes", "--limit", "0")
        self.assertGreater(len(rows), 0)
        self.assertEqual([(row["at"], row["serial"], row["became"]) for row in rows],
                         [(change["at"], change["serial"], change["to"]) for change in shown])

    def test_faults_say_what_to_do(self):
        for words, said in (((["verdicts", "--chip", "none-such"]), "none-such"),
                            ((["verdicts", "--config", "/nonexistent.toml"]), "/nonexistent.toml")):
            ran = subprocess.run([sys.executable, "-m", "chiploc", *words], env=self.environment(), capture_output=True, text=True)
            self.assertEqual(ran.returncode, 1)
            self.assertIn(said, ran.stderr)
            self.assertNotIn("Traceback", ran.stderr)


if __name__ == "__main__":
    try:
        import grpc  # noqa: F401
        import google.protobuf  # noqa: F401
    except ImportError:
        print("skipped: there is no python3-grpcio here")
        sys.exit(77)
    BIN, SOURCE, LAB = (os.path.abspath(word) for word in sys.argv[1:4])
    unittest.main(argv=sys.argv[:1])
