#!/usr/bin/env python3
"""A receiver of notices on loopback, as server/notices/README.md asks for: checks each signature, writes what is new into a
file before it answers, and writes no id twice. Tests kill it.

    notice_receiver.py PORT SECRET_FILE FILE [ANSWER]

FILE gets "ID SUBJECT SEQUENCE TYPE" a line. ANSWER: a status for all that is good, or "never": no answer at all.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import time

PORT, SECRET_FILE, FILE = int(sys.argv[1]), sys.argv[2], sys.argv[3]
ANSWER = sys.argv[4] if len(sys.argv) > 4 else "204"
with open(SECRET_FILE, encoding="ascii") as secret_file:
    SECRET = base64.b64decode(secret_file.readline().strip().removeprefix("whsec_"))
known = set()
if os.path.exists(FILE):
    with open(FILE, encoding="ascii") as before:
        known = {line.split()[0] for line in before}


def is_good(headers, body):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    good = "v1," + base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(good, one) for one in headers["webhook-signature"].split(" "))


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not is_good(self.headers, body):
            self.answer(401)
            return
        while ANSWER == "never":
            time.sleep(1)
        event = json.loads(body)
        if event["id"] not in known:
            known.add(event["id"])
            with open(FILE, "a", encoding="ascii") as kept:
                kept.write(f"{event['id']} {event['subject']} {event['sequence']} {event['type']}\n")
                kept.flush()
                os.fsync(kept.fileno())
        self.answer(int(ANSWER))

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
