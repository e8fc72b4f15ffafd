#!/usr/bin/env python3
"""The receiver of webhooks in story_test.py, a process of its own: keeps each event durably before it answers.

    story_receiver.py PORT_FILE SECRET_FILE IDS_FILE [--die-at TYPE]

A port that PORT_FILE has is taken again. With --die-at it kills itself at the first event of that type, kept and not answered.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import signal
import sys
import time


def event_of(headers, body, secret):
    """The event, if it is signed by that secret: Standard Webhooks 1.0."""
    if abs(time.time() - int(headers["webhook-timestamp"])) > 300:
        raise ValueError("too old or too new")
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    good = "v1," + base64.b64encode(mac).decode()
    if not any(hmac.compare_digest(good, one) for one in headers["webhook-signature"].split(" ")):
        raise ValueError("no matching signature")
    event = json.loads(body)
    if event["id"] != headers["webhook-id"]:
        raise ValueError("the id of the event is not that of the request")
    return event


def events_in(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.endswith("\n")]


def receive(port_file, secret_file, ids_file, die_at):
    with open(secret_file, encoding="utf-8") as file:
        secret = file.read().strip()
    known = {event["id"] for event in events_in(ids_file)}
    kept = open(ids_file, "a", encoding="utf-8")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            try:
                event = event_of(self.headers, body, secret)
            except (ValueError, KeyError, TypeError):
                return self.answer(401)
            if event["id"] not in known:
                kept.write(json.dumps({key: event[key] for key in ("id", "subject", "sequence", "type")}) + "\n")
                kept.flush()
                os.fsync(kept.fileno())
                known.add(event["id"])
            if die_at and event["type"] == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return self.answer(204)

        def answer(self, code):
            self.send_response(code)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    port = 0
    if os.path.exists(port_file):  # started again: the sender knows the port
        with open(port_file, encoding="utf-8") as file:
            port = int(file.read())
    server = http.server.HTTPServer(("127.0.0.1", port), Handler)
    with open(port_file + ".new", "w", encoding="utf-8") as file:
        file.write(str(server.server_address[1]))
    os.rename(port_file + ".new", port_file)
    server.serve_forever()


if __name__ == "__main__":
    receive(*sys.argv[1:4], sys.argv[5] if "--die-at" in sys.argv else None)
