"""Verdicts or changes of status as CSV: python3 -m chiploc verdicts [--since 2026-12-01] [--licence L-1] > verdicts.csv"""

import argparse
import csv
import datetime
import sys

import grpc

from . import connect, table


def moment(text):
    """A day or a time in ISO 8601; UTC where it says nothing else."""
    time = datetime.datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)


def main():
    parser = argparse.ArgumentParser(prog="python3 -m chiploc", description=__doc__)
    parser.add_argument("what", choices=("verdicts", "changes"))
    parser.add_argument("--config", help="a cli.toml (default: as the command line's)")
    parser.add_argument("--since", type=moment, help="2026-12-01, 2026-12-01T12:30")
    parser.add_argument("--chip", default="", help="serial number or id")
    parser.add_argument("--licence", default="")
    words = parser.parse_args()
    asked = {"chip": words.chip, "licence": words.licence, "since": words.since}
    try:
        with connect(words.config) as coordinator:
            if words.what == "verdicts":
                columns, rows = table.VERDICT_COLUMNS, map(table.verdict_row, coordinator.verdicts(**asked))
            else:
                columns, rows = table.CHANGE_COLUMNS, map(table.change_row, coordinator.status_changes(**asked))
            out = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
            out.writeheader()
            out.writerows(rows)
    except (OSError, ValueError) as fault:  # a configuration
        sys.exit(f"chiploc: {fault}")
    except grpc.RpcError as fault:
        sys.exit(f"chiploc: {fault.details()}")


if __name__ == "__main__":
    main()
