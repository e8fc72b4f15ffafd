"""The connection: mutual TLS as cli.toml says, and lists as iterators over all of their pages."""

import datetime
import os
import pathlib
import tomllib

import grpc

from .v1 import evidence_pb2, operator_service_pb2, operator_service_pb2_grpc

PAGE = 500  # the most of the list that takes least


def config_file():
    """Where the command line looks: $CHIPLOC_CONFIG, else the XDG folder, else ~/.config."""
    named = os.environ.get("CHIPLOC_CONFIG")
    if named:
        return pathlib.Path(named)
    home = os.environ.get("XDG_CONFIG_HOME") or pathlib.Path.home() / ".config"
    return pathlib.Path(home) / "chiploc" / "cli.toml"


def unix_ns(time):
    """Of an aware datetime; 0 of None."""
    if time is None:
        return 0
    if time.tzinfo is None:
        raise ValueError(f"{time} has no time zone; use datetime.now(timezone.utc) or add tzinfo")
    since = time - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1_000


def connect(config=None, timeout_s=30.0):
    """A Coordinator by a configuration file of the command line (server, server_name, ca, certificate, tls_key)."""
    path = pathlib.Path(config) if config else config_file()
    with open(path, "rb") as file:
        said = tomllib.load(file)
    missing = [key for key in ("ca", "certificate", "tls_key") if key not in said]
    if missing:
        raise ValueError(f"{path}: {missing[0]}: missing; name the file, as for the command line")

    def read(key):
        return (path.parent / said[key]).read_bytes()

    channel = grpc.secure_channel(
        said.get("server", "127.0.0.1:7443"),
        grpc.ssl_channel_credentials(read("ca"), read("tls_key"), read("certificate")),
        [("grpc.ssl_target_name_override", said.get("server_name", "chiplocd")),
         ("grpc.max_receive_message_length", 64 << 20)])
    return Coordinator(channel, timeout_s)


class Coordinator:
    """Calls of one coordinator. A fault is a grpc.RpcError, whose details() is the sentence that the coordinator said."""

    def __init__(self, channel, timeout_s=30.0):
        self.channel, self.timeout_s = channel, timeout_s
        self.stub = operator_service_pb2_grpc.OperatorServiceStub(channel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def pages(self, call, request, rows):
        """All rows of a list: asks page after page. A page may be empty before the last."""
        request.page_size = PAGE
        while True:
            answer = call(request, timeout=self.timeout_s)
            yield from getattr(answer, rows)
            if not answer.next_page_token:
                return
            request.page_token = answer.next_page_token

    def verdicts(self, chip="", states=(), licence="", holder="", since=None, until=None, oldest_first=False):
        """Verdicts, newest first. `states` by name ("VERIFIED"); `since` and `until` are aware datetimes."""
        return self.pages(self.stub.ListVerdicts, operator_service_pb2.ListVerdictsRequest(
            chip=chip, states=[evidence_pb2.VerdictState.Value(state) for state in states], licence=licence,
            holder=holder, since_unix_ns=unix_ns(since), until_unix_ns=unix_ns(until), oldest_first=oldest_first), "verdicts")

    def status_changes(self, chip="", licence="", since=None):
        """What became of chips, newest first."""
        return self.pages(self.stub.ListStatusChanges, operator_service_pb2.ListStatusChangesRequest(
            chip=chip, licence=licence, since_unix_ns=unix_ns(since)), "changes")
