"""Verdicts and changes of status as rows: plain values, one column each. What is sealed from the caller is empty."""

import datetime

from .v1 import evidence_pb2, operator_service_pb2

VERDICT_COLUMNS = ("decided_at", "expires_at", "verdict_id", "chip_id", "serial", "state", "licence", "licence_holder", "countries",
                   "lat_deg", "lon_deg", "radius_km", "fault_budget", "policy_version", "why")
CHANGE_COLUMNS = ("at", "chip_id", "serial", "licence", "was", "became", "why", "rests_on")


def iso(unix_ns):
    """"2026-11-21T19:54:41.123Z", rounded down, as the command line has it; empty for 0."""
    if not unix_ns:
        return ""
    seconds, ns = divmod(unix_ns, 1_000_000_000)
    whole = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{ns // 1_000_000:03d}Z"


def verdict_row(verdict):
    """Of a Verdict, by VERDICT_COLUMNS. The place is the middle of a proved region and means nothing without its radius."""
    placed = verdict.HasField("region_centre")
    return {
        "decided_at": iso(verdict.decided_unix_ns), "expires_at": iso(verdict.expires_unix_ns),
        "verdict_id": verdict.verdict_id.hex(), "chip_id": verdict.chip_id.hex(), "serial": verdict.serial,
        "state": evidence_pb2.VerdictState.Name(verdict.state), "licence": verdict.licence,
        "licence_holder": verdict.licence_holder, "countries": " ".join(verdict.countries),
        "lat_deg": verdict.region_centre.lat_deg if placed else "", "lon_deg": verdict.region_centre.lon_deg if placed else "",
        "radius_km": verdict.region_radius_km if placed else "", "fault_budget": verdict.fault_budget,
        "policy_version": verdict.policy_version, "why": verdict.reasons[0].text if verdict.reasons else "",
    }


def change_row(change):
    """Of a ChipStatusChange, by CHANGE_COLUMNS. States are those of `chiploc chip status`."""
    def word(state):
        return operator_service_pb2.ChipState.Name(state).removeprefix("CHIP_").removeprefix("STATE_").lower()

    return {
        "at": iso(change.at_unix_ns), "chip_id": change.chip_id.hex(), "serial": change.serial, "licence": change.licence,
        "was": word(getattr(change, "from")), "became": word(change.to), "why": change.why,
        "rests_on": " ".join(one.hex() for one in change.rests_on),
    }
