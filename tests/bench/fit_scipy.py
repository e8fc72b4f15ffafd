#!/usr/bin/python3
"""Fits the inputs of `chiploc-geo-figures --dump FILE` with SciPy and prints microseconds of processor time a fit."""
import sys
import time

try:
    import numpy as np
    from scipy.optimize import least_squares
except ImportError:
    print(0)
    sys.exit(0)

RADIUS_KM = 6367.4447


def fit(rows):
    lat, lon = np.radians(rows[:, 0]), np.radians(rows[:, 1])
    anchors = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    distance, sigma = rows[:, 2], rows[:, 3]
    mean = (anchors / np.maximum(distance, 1.0)[:, None] ** 2).sum(axis=0)
    start = [np.arctan2(mean[2], np.hypot(mean[0], mean[1])), np.arctan2(mean[1], mean[0]), 0.0]

    def residuals(x):
        place = np.array([np.cos(x[0]) * np.cos(x[1]), np.cos(x[0]) * np.sin(x[1]), np.sin(x[0])])
        return (distance - 1000.0 * x[2] - RADIUS_KM * np.arccos(np.clip(anchors @ place, -1.0, 1.0))) / sigma

    return least_squares(residuals, start, method="trf", loss="huber", f_scale=1.345,
                         bounds=([-np.inf, -np.inf, -1e-12], [np.inf, np.inf, np.inf]))


problems = [np.array(line.split(), dtype=float).reshape(-1, 4) for line in open(sys.argv[1])]
fit(problems[0])
best = float("inf")
for _ in range(2):
    start = time.process_time()
    for problem in problems:
        fit(problem)
    best = min(best, (time.process_time() - start) / len(problems))
print(f"{1e6 * best:.1f}")
