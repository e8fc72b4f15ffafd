#!/usr/bin/env python3
"""A real chiplocd over HTTP: the API beside the command line, the page, and who gets neither.

    http_program_test.py BIN_DIR    exit 0 passed, 1 failed
"""

import json
import os
import signal
import socket
import subprocess
import sys
import unittest

import chiplocd_desk
from chiplocd_desk import PATIENCE_S, Asker


class HttpProgram(chiplocd_desk.ChiplocdDesk):
    def setUp(self):
        super().setUp()
        os.makedirs(self.at("c/page/assets"))
        self.write("c/page/index.html", "<!doctype html><title>chiploc</title>")
        self.write("c/page/assets/app-1.js", "export {};")

    def problem(self, answer, status, code):
        self.assertEqual(answer[0], status, answer)
        self.assertEqual(answer[1]["content-type"], "application/problem+json")
        problem = json.loads(answer[2])
        self.assertEqual(problem["code"], code, problem)
        return problem

    def test_api_and_page(self):
        self.configure(f'address = "127.0.0.1:{self.http}"\npage = "page"\n')
        program = self.start()
        licences = "id,holder,countries,valid_from,valid_to\nL-1,Holder GmbH,DE,2001-01-01,2099-12-31\n"

        with self.subTest("the API answers as the command line does"):
            body = json.dumps({"files": [{"kind": "licences", "name": "licences.csv", "format": "csv",
                                          "content": licences}],
                               "reason": "test"})
            status, _, text = self.ask("/v1/imports", "POST", body=body)
            self.assertEqual(status, 200, text)
            status, fields, text = self.ask("/v1/licences")
            self.assertEqual(status, 200, text)
            self.assertEqual(json.loads(text)["licences"], json.loads(self.chiploc("licence", "list", "-o", "json"))["licences"])
            self.assertEqual(len(json.loads(text)["licences"]), 1)
            again = self.ask("/v1/licences", fields={"if-none-match": fields["etag"]})
            self.assertEqual((again[0], again[2]), (304, b""))
        with self.subTest("who has no certificate sees the page alone"):
            for path in ("/v1/chips", "/v1/licences"):
                problem = self.problem(self.ask(path, certificate=False), 401, "unauthenticated")
                self.assertNotIn("Holder", json.dumps(problem))
            status, fields, text = self.ask("/", certificate=False)
            self.assertEqual((status, b"chiploc" in text), (200, True))
            self.assertIn("default-src 'self'", fields["content-security-policy"])
            self.assertIn("frame-ancestors 'none'", fields["content-security-policy"])
            self.assertIn("max-age", self.ask("/assets/app-1.js", certificate=False)[1]["cache-control"])
        with self.subTest("the API describes itself"):
            self.assertIn("/v1/chips/{chip}", json.loads(self.ask("/openapi.json")[2])["paths"])
        with self.subTest("what is not there"):
            self.problem(self.ask("/v1/nothing"), 404, "no_route")
            self.problem(self.ask("/nothing.html"), 404, "no_route")
            self.problem(self.ask("/v1/chips/SN-1"), 404, "not_found")
        with self.subTest("a certificate that a browser shows for another site changes nothing"):
            body = json.dumps({"files": [], "reason": "test"})
            for site in ("cross-site", "same-site", "none"):
                answer = self.ask("/v1/imports", "POST", body=body, fields={"sec-fetch-site": site})
                self.problem(answer, 403, "wrong_role")
            self.assertEqual(self.ask("/v1/imports", "POST", body=body, fields={"sec-fetch-site": "same-origin"})[0], 400)
        with self.subTest("a code of the command line signs its certificate's holder in, once"):
            self.assertEqual(json.loads(self.ask("/auth/me", certificate=False)[2])["ways"], ["code"])
            self.assertEqual(self.ask("/auth/me")[0], 404)
            given = json.loads(self.chiploc("page", "-o", "json"))
            self.assertEqual(given["page"], f"https://127.0.0.1:{self.http}/")
            ours = {"origin": given["page"][:-1], "sec-fetch-site": "same-origin"}
            code = json.dumps({"code": given["code"]})
            self.assertEqual(self.ask("/auth/code", "POST", False, code, {**ours, "origin": "https://evil.example"})[0], 403)
            status, fields, text = self.ask("/auth/code", "POST", False, code, ours)
            self.assertEqual(status, 200, text)
            self.assertEqual(self.ask("/auth/code", "POST", False, code, ours)[0], 403)
            mine = {**ours, "cookie": fields["set-cookie"].split(";")[0]}
            me = json.loads(self.ask("/auth/me", certificate=False, fields=mine)[2])
            self.assertEqual((me["name"], me["role"]), ("ada", "admin"))
            self.assertEqual(len(json.loads(self.ask("/v1/licences", certificate=False, fields=mine)[2])["licences"]), 1)
            body = json.dumps({"files": [], "reason": "test"})
            self.problem(self.ask("/v1/imports", "POST", False, body, mine), 403, "wrong_role")
            # Whoever is signed in is who they signed in as, whatever certificate the browser shows besides.
            self.problem(self.ask("/v1/imports", "POST", True, body, mine), 403, "wrong_role")
            mine["x-csrf-token"] = me["csrf_token"]
            self.assertEqual(self.ask("/v1/imports", "POST", False, body, mine)[0], 400)
            self.problem(self.ask("/v1/sign-in-codes", "POST", False, "{}", mine), 403, "wrong_role")
            self.assertEqual(self.ask("/auth/logout", "POST", False, "{}", mine)[0], 200)
            self.problem(self.ask("/v1/licences", certificate=False, fields=mine), 401, "unauthenticated")
            self.assertNotIn(given["code"].encode(), self.log())
        with self.subTest("it is ready by its parts, and counts who came in"):
            status, _, text = self.ask("/readyz", certificate=False)
            self.assertEqual((status, json.loads(text)), (200, {"ready": True, "checks": {"database": True, "store": True, "log": True}}))
            lines = self.ask("/metrics")[2].decode().splitlines()
            for line in ("chiploc_page_codes_good_total 1", "chiploc_page_codes_refused_total 2",
                         "chiploc_oidc_tokens_good_total 0"):
                self.assertIn(line, lines)
        with self.subTest("a researcher is answered, with a key that is the coordinator's alone"):
            self.issue("researcher", "rhea")
            status, _, text = self.ask("/v1/verdicts", certificate="rhea")
            self.assertEqual((status, json.loads(text).get("verdicts")), (200, []), text)
            self.problem(self.ask("/v1/licences", certificate="rhea"), 403, "wrong_role")
            self.problem(self.ask("/v1/verdicts?licence=L-1", certificate="rhea"), 403, "wrong_role")
            self.assertEqual(os.stat(self.at("c/pseudonyms.key")).st_mode & 0o777, 0o600)
        with self.subTest("whoever watches is told at once from where, and who may not is refused"):
            watcher = Asker(self.http, self.folder, True)
            watcher.request("GET", "/v1/watch")
            answer = watcher.getresponse()
            self.assertEqual((answer.status, answer.getheader("content-type")), (200, "text/event-stream"))
            lines = []
            while not any(line.startswith(b"id:") for line in lines):
                lines.append(answer.readline())
                self.assertTrue(lines[-1], lines)
            watcher.close()
            self.problem(self.ask("/v1/watch", certificate="rhea"), 403, "wrong_role")
            self.problem(self.ask("/v1/watch?after=nothing"), 400, "bad_field")
        with self.subTest("what is sealed is in no log"):
            site = "name,operator,place,address\nS-1,,DE,Sealed Street 7\n"
            body = json.dumps({"files": [{"kind": "sites", "name": "sites.csv", "format": "csv", "content": site}],
                               "reason": "sealed-reason"})
            status, _, text = self.ask("/v1/imports", "POST", body=body)
            self.assertEqual((status, json.loads(text)["faults_total"]), (200, 0), text)
            self.assertIn(b"Sealed Street 7", self.ask("/v1/sites/S-1")[2])
            self.issue("reader", "bob")
            self.assertNotIn(b"Sealed Street 7", self.ask("/v1/sites/S-1", certificate="bob")[2])
            for word in (b"Sealed Street", b"sealed-reason"):
                self.assertNotIn(word, self.log())
        with self.subTest("it ends in order"):
            program.send_signal(signal.SIGTERM)
            self.assertEqual(program.wait(PATIENCE_S), 0, self.log())

    def test_people_without_a_page(self):
        """The page may be served elsewhere: who signs in at an issuer is asked all the same."""
        self.configure(f'address = "127.0.0.1:{self.http}"\npublic_url = "https://chiploc.example"\n[oidc]\n'
                       'issuer = "https://127.0.0.1:1"\naudience = "https://chiploc.example/api"\n[oidc.groups]\n'
                       '"desk" = "reader"\n[oidc.login]\nclient_id = "page"\n')
        self.start()
        status, _, text = self.ask("/auth/me", certificate=False)
        self.assertEqual((status, json.loads(text)["ways"]), (401, ["issuer"]))
        refused = subprocess.run([f"{chiplocd_desk.BIN}/chiploc", "--config", self.at("ada/cli.toml"), "page"], capture_output=True, text=True)
        self.assertIn("serves no page", refused.stderr)
        self.assertNotEqual(refused.returncode, 0)

    def test_limits(self):
        self.configure(f'address = "127.0.0.1:{self.http}"\nrequests_per_caller = 7\nburst_per_caller = 77\n'
                       'requests_per_address = 1\nburst_per_address = 9\nstreams = 2\nwatchers_per_caller = 1\n'
                       'connections_per_address = 4\n')
        self.start()
        held, streams = [], []  # a stream that is dropped ends
        self.addCleanup(lambda: [one.close() for one in held + streams])

        def watch(who):
            held.append(Asker(self.http, self.folder, who))
            held[-1].request("GET", "/v1/watch")
            streams.append(held[-1].getresponse())
            return streams[-1]

        for name in ("bob", "eve"):
            self.issue("reader", name)
        answer = watch("ada")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.getheader("ratelimit-policy"), '"caller";q=77;w=11')  # 77 come back in 11 s at 7
        answer = watch("ada")
        self.assertEqual((answer.status, json.loads(answer.read())["detail"][:21]), (429, "this caller watches 1"))
        self.assertEqual(watch("bob").status, 200)
        answer = watch("eve")
        self.assertEqual((answer.status, json.loads(answer.read())["code"]), (429, "exhausted"))
        with self.assertRaises(OSError):
            self.ask("/v1/licences")  # a fifth connection
        for _ in range(100):  # nine at once, and one a second
            held[1].request("GET", "/v1/licences")
            answer = held[1].getresponse()
            text = answer.read()
            if answer.status != 200:
                break
        self.assertEqual((answer.status, json.loads(text)["detail"][:12]), (429, "this address"))

    def test_no_http(self):
        self.start()
        with self.assertRaises(OSError):
            self.ask("/", certificate=False)

    def refused(self, http, code, words, *more):
        line = self.configure(http)
        ran = subprocess.run(self.command(*more), capture_output=True, text=True, timeout=PATIENCE_S)
        self.assertEqual(ran.returncode, code, ran.stderr)
        self.assertIn(words.replace("LINE", str(line)), ran.stdout + ran.stderr)

    def test_faults(self):
        self.refused('page = "page"\n', 78, "chiplocd.toml:LINE: http.page: is served by HTTP; give http.address")
        self.refused('address = "localhost"\n', 78, "chiplocd.toml:LINE: http.address: 'localhost' is no address")
        self.refused(f'address = "127.0.0.1:{self.grpc}"\n', 78, "is coordinator.grpc's")
        self.refused('adress = "127.0.0.1:1"\n', 78, "http.adress")
        for url in ("http://127.0.0.1:1", "https://127.0.0.1:1/page"):
            self.refused(f'public_url = "{url}"\naddress = "127.0.0.1:1"\n', 78, "chiplocd.toml:LINE: http.public_url: ")
        self.refused('address = "0.0.0.0:1"\npage = "page"\n', 78, "chiplocd.toml:LINE: http.address: '0.0.0.0:1' does not say where browsers")
        self.refused('public_url = "https://c.example"\n', 78, "chiplocd.toml:LINE: http.public_url: ")
        self.refused('address = "192.0.2.1:1"\n', 69, "http.address: ", "--check-config")
        self.refused(f'address = "127.0.0.1:{self.http}"\npage = "gone"\n', 69, "http.page in ")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.refused(f'address = "127.0.0.1:{taken.getsockname()[1]}"\n', 69, "http.address: ")
        self.assertFalse(os.path.exists(self.at("c/chiploc.db")) and os.path.getsize(self.at("c/chiploc.db")) == 0)


if __name__ == "__main__":
    chiplocd_desk.BIN = os.path.abspath(sys.argv.pop(1))
    unittest.main()
