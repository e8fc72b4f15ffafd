#!/usr/bin/env python3
"""What it costs that no round trip counts alone (server/anchor/borne_out.hpp), in km of an anchor's bound.

    tests/bench/least_cost.py SET [--pings 12] [--interval-ms 40] [--write FOLDER] [--rule least|counted] [--shape exponential|gamma]

No public set has single pings with the times of their flights, so sessions are drawn from what the sets do have: every pair's min_ms, avg_ms
and mdev_ms. A ping of a pair takes min_ms and an excess, which is either exponential with the mean avg_ms - min_ms (cautious: a few long ones
make the mean, and near the minimum pings lie closer together than this says), or of a gamma law with that mean and the deviation mdev_ms. The
session is the anchor's: two pings, three for each repeated OPEN after 250 and 1,000 ms, and once an answer is there one every 40 ms, each gap
0.5 to 1.5 of it. The cost of a session is the round trip that counts less the least of the session, times c / 2. Nothing is left to chance: the
seed is fixed.

--write makes a set of the drawn round trips, for `chiploc eval FOLDER`: with `--rule least` the least of each session, with `--rule counted` the
one that counts. A set with hourly.csv.gz (least round trip of each hour) is measured as it is besides: two hours are two samples.
"""
import argparse, csv, gzip, os, random, shutil

KM_PER_MS = 299792.458 / 2000


def borne_out(samples):
    """samples: (rtt, sent, received). The least that another one bears out, or None."""
    begin, end = float("-inf"), float("inf")
    for rtt, sent, received in sorted(samples):
        begin, end = max(begin, sent), min(end, received)
        if begin > end:
            return rtt
    return None


def session(draw, floor, pings, interval, dice):
    """Flights of one session, in ms, the last pings kept back as the anchor does."""
    samples, first_answer, at, credit, opens = [], float("inf"), interval / 2, 2, [250.0, 1000.0]
    kept = min(3, pings // 2)
    while len(samples) < pings:
        if at < first_answer and credit == 0:  # only another OPEN pays for more
            at = min(first_answer, opens[0] if opens else first_answer)
            if opens and at == opens[0]:
                opens.pop(0)
                credit = 3
            continue
        if at < first_answer and pings - len(samples) <= kept:
            at = first_answer
        credit -= 1
        rtt = floor + draw()
        samples.append((rtt, at, at + rtt))
        first_answer = min(first_answer, at + rtt)
        at += interval * (0.5 + dice.random())
        at = max(at, first_answer + 1e-6) if at > first_answer else at
    return samples


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))] if values else float("nan")


def say(what, costs_ms):
    km = [cost * KM_PER_MS for cost in costs_ms]
    print(f"{what}: {len(km)} costs, median {quantile(km, 0.5):.2f} km, p90 {quantile(km, 0.9):.2f} km, mean {sum(km) / len(km):.2f} km")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("set")
    parser.add_argument("--pings", type=int, default=12)
    parser.add_argument("--interval-ms", type=float, default=40)
    parser.add_argument("--write")
    parser.add_argument("--rule", choices=["least", "counted"], default="counted")
    parser.add_argument("--shape", choices=["exponential", "gamma"], default="exponential")
    asked = parser.parse_args()

    rows = list(csv.DictReader(open(os.path.join(asked.set, "rtt.csv"))))
    for shape in ["exponential", "gamma"]:
        dice = random.Random(1)
        near, far, unborne, written = [], [], 0, []
        for row in rows:
            floor, mean, sd = float(row["min_ms"]), float(row["avg_ms"]) - float(row["min_ms"]), float(row["mdev_ms"])
            if mean <= 0:
                draw = lambda: 0.0
            elif shape == "exponential" or sd <= 0:
                draw = lambda: dice.expovariate(1 / mean)
            else:
                draw = lambda: dice.gammavariate((mean / sd) ** 2, sd * sd / mean)
            samples = session(draw, floor, asked.pings, asked.interval_ms, dice)
            least, counted = min(samples)[0], borne_out(samples)
            if counted is None:
                unborne += 1
                continue
            (near if least <= 100 else far).append(counted - least)
            written.append({"src": row["src"], "dst": row["dst"], "min_ms": f"{least if asked.rule == 'least' else counted:.6f}"})
        print(f"{shape} excess, {asked.pings} pings every {asked.interval_ms:g} ms; sessions in which nothing counts: {unborne}")
        say("  all pairs", near + far)
        if near: say("  round trips up to 100 ms", near)
        if far: say("  longer ones", far)
        if asked.write and shape == asked.shape:
            os.makedirs(asked.write, exist_ok=True)
            for name in ["nodes.csv", "subsets.csv"]:
                if os.path.exists(os.path.join(asked.set, name)): shutil.copy(os.path.join(asked.set, name), asked.write)
            with open(os.path.join(asked.write, "rtt.csv"), "w", newline="") as out:
                writer = csv.DictWriter(out, ["src", "dst", "min_ms"])
                writer.writeheader()
                writer.writerows(written)

    hourly = os.path.join(asked.set, "hourly.csv.gz")
    if os.path.exists(hourly):
        hours = {}
        for row in csv.DictReader(gzip.open(hourly, "rt")):
            hours.setdefault((row["src"], row["dst"]), []).append(float(row["min_ms"]))
        say("measured: second least hour of the week less the least", [sorted(h)[1] - min(h) for h in hours.values() if len(h) > 1])
        say("measured: the longer of two hours in a row less the shorter", [abs(a - b) for h in hours.values() for a, b in zip(h[::2], h[1::2])])


main()
