#!/usr/bin/env python3
"""Keeps what a running lab answers, as the files that the tests of the page are served.

    chiploc lab up tests/server/dashboard/lab.toml --state LAB       (some four minutes, until chips have drifted)
    CHIPLOC_CONFIG=LAB/cli.toml tests/server/dashboard/record.py BIN tests/server/dashboard/fixtures

BIN is the folder of the programs. Every answer is what `chiploc ... -o json` prints; lists get the envelope that REST gives
them. Evidence is what `chiploc verdict show --evidence` writes.
"""
import json
import pathlib
import shutil
import subprocess
import sys


def main() -> int:
    chiploc, out = pathlib.Path(sys.argv[1]) / "chiploc", pathlib.Path(sys.argv[2])

    def ask(*words: str):
        return json.loads(subprocess.run([chiploc, "-o", "json", *words], check=True, capture_output=True).stdout)

    def keep(path: str, value) -> None:
        file = out / "v1" / f"{path}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n")

    def listed(name: str, values) -> dict:
        return {name: values, "next_page_token": ""}

    shutil.rmtree(out, ignore_errors=True)
    keep("summary", ask("summary"))
    keep("status", ask("status"))
    chips = ask("chip", "list")
    features = json.loads(subprocess.run([chiploc, "-o", "geojson", "chip", "list"], check=True,
                                         capture_output=True).stdout)["features"]
    regions = {f["properties"]["chip_id"]: f["geometry"] for f in features}
    for chip in chips:
        verdict = chip["last_verdict"]
        if verdict and verdict["region"]:
            verdict["region"]["geometry"] = regions.get(chip["chip_id"])
    keep("chips", listed("chips", chips))
    for chip in chips:
        keep(f"chips/{chip['chip_id']}", ask("chip", "show", chip["chip_id"]))
        verdicts = ask("verdict", "list", "--chip", chip["chip_id"], "--limit", "6")
        keep(f"verdicts/of/{chip['chip_id']}", listed("verdicts", verdicts))
        keep(f"status-changes/of/{chip['chip_id']}", listed("changes", ask("chip", "history", chip["chip_id"])))
        for verdict in verdicts[:2]:
            keep(f"verdicts/{verdict['verdict_id']}", ask("verdict", "show", verdict["verdict_id"]))
    keep("statuses", listed("chips", ask("chip", "status")))
    keep("status-changes", listed("changes", ask("chip", "changes", "--limit", "200")))
    cases = ask("case", "list")
    keep("cases", listed("cases", cases))
    for case in cases:
        keep(f"cases/{case['case']}", ask("case", "show", case["case"]))
    orders = ask("order", "list")
    keep("orders", listed("orders", orders))
    for order in orders:
        keep(f"orders/{order['order']}", ask("order", "show", order["order"]))
    keep("anchors", listed("anchors", ask("anchor", "list")))
    keep("licences", ask("licence", "list"))
    drawing = subprocess.run([chiploc, "-o", "geojson", "territory", "show", "hesse-park"], check=True, capture_output=True)
    keep("territories/hesse-park", {**ask("territory", "show", "hesse-park"), "geojson": json.loads(drawing.stdout)})
    keep("policy", ask("policy", "show"))
    keep("policies", listed("policies", ask("policy", "list")))

    # Evidence: a proof, and the round in which two holders of a key showed.
    newest = ask("verdict", "list", "--limit", "0")
    kinds = {
        "verified": lambda v: v["state"] == "VERIFIED" and v["serial"] != "O-4-4",
        "two-holders": lambda v: v["serial"] == "O-4-4",
        "silent": lambda v: v["state"] == "SILENT",
    }
    for name, fits in kinds.items():
        found = next((v for v in newest if fits(v)), None)
        if found is None:
            print(f"record.py: no verdict for '{name}' yet; wait, and try again", file=sys.stderr)
            return 1
        subprocess.run([chiploc, "verdict", "show", found["verdict_id"], "--evidence", out / "evidence" / name],
                       check=True, stdout=subprocess.DEVNULL)
    if not (out / "evidence" / "two-holders" / "statement-2.cose").exists():
        print("record.py: the newest round of O-4-4 heard one holder of its key alone; try again", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
