"""chiploc from Python: the coordinator's own calls, with the configuration of the command line.

    import chiploc
    with chiploc.connect() as coordinator:
        for verdict in coordinator.verdicts(states=["PROHIBITED"]):
            print(verdict.serial, verdict.licence)

What comes back are the protocol's messages (proto/v1); chiploc.table makes rows of them. Every other call is at
`coordinator.stub`, with requests from `chiploc.v1.operator_service_pb2`.
"""

from .client import Coordinator, connect

__all__ = ["Coordinator", "connect"]
