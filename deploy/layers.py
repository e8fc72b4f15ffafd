#!/usr/bin/env python3
"""What the tree promises about itself, checked in every file: which folder may include which, what a pure folder must
never reach, where each source has its tests, how wide a table's cell is; and that no name means two types.

    deploy/layers.py                        all of it, for the tree that this file lies in
    deploy/layers.py arrows tests cells names     only these
    deploy/layers.py --root DIR arrows      for another tree
    deploy/layers.py --table                the table of arrows, for people

Exit code 0 if all holds, 1 with a line for each fault, 2 for a wrong call. The standard library alone.

An arrow is an #include. LAYERS lists the folders bottom first, and a folder includes only what it names, which stands
above it in the list: so no two folders can need each other. What a file must not reach (BANS) is looked for in every
header of ours that it reaches, however many steps away; a fault tells them all.
"""

import argparse
import fnmatch
import os
import re
import sys
from dataclasses import dataclass, field

# ---------------------------------------------------------------------------------------------------------------------
# Headers of others, by what they bring. Patterns as in a shell.

SOCKETS = ("sys/socket.h", "sys/un.h", "netinet/*", "net/*", "arpa/*", "poll.h", "sys/poll.h", "sys/epoll.h", "sys/select.h",
           "sys/ioctl.h", "sys/timerfd.h", "linux/*", "systemd/*", "boost/beast*")
ASIO = ("asio.hpp", "asio/*", "boost/asio*")
THREADS = ("thread", "mutex", "shared_mutex", "condition_variable", "future", "stop_token", "semaphore", "latch", "barrier",
           "pthread.h", "semaphore.h")
CLOCKS = ("time.h", "ctime", "sys/time.h", "sys/timex.h")
FILES = ("unistd.h", "fcntl.h", "sys/stat.h", "sys/file.h", "sys/mman.h", "fstream")
DATABASES = ("sqlite3*", "libpq*", "postgresql/*")
GRPC = ("grpc/*", "grpcpp/*", "grpc++/*")
PROTOBUF = ("google/protobuf/*",)
LOGS = ("spdlog/*", "fmt/*")

STANDARD = frozenset("""
algorithm any array atomic barrier bit bitset cassert ccomplex cctype cerrno cfenv cfloat charconv chrono cinttypes ciso646
climits clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdalign cstdarg
cstdbool cstddef cstdint cstdio cstdlib cstring ctgmath ctime cuchar cwchar cwctype deque exception execution filesystem
format forward_list fstream functional future initializer_list iomanip ios iosfwd iostream istream iterator latch limits
list locale map memory memory_resource mutex new numbers numeric optional ostream queue random ranges ratio regex
scoped_allocator semaphore set shared_mutex source_location span sstream stack stdexcept stop_token streambuf string
string_view syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility
valarray variant vector version""".split())

# Reading a clock, or dice that nobody handed in. Looked for outside comments and texts.
CLOCK_READ = re.compile(r"\b\w*(?:[cC]lock|Clock)\s*::\s*now\s*\(|\bclock_gettime\b|\bgettimeofday\b|\btimespec_get\b"
                        r"|\btime\s*\(\s*(?:nullptr|NULL|0)\s*\)|\bstd::clock\s*\(")
DICE = re.compile(r"\brandom_device\b|\bgetrandom\b|\bgetentropy\b|\bRAND_(?:priv_)?bytes\b")


@dataclass(frozen=True)
class Ban:
    """Headers, folders of ours and words that a file must not reach, itself or through a header of ours."""
    rule: str
    headers: tuple = ()          # patterns of outside headers
    folders: tuple = ()          # layers of ours
    words: tuple = ()            # expressions in the code
    standard_only: bool = False  # every outside header must be the standard library's
    but: tuple = ()              # (file, header) that is fine all the same, with its reason beside it


PURE = Ban("pure code knows no socket, thread, file, database, log or gRPC",
           headers=SOCKETS + ASIO + THREADS + CLOCKS + FILES + DATABASES + GRPC + LOGS,
           but=(("server/registry/records.cpp", "arpa/inet.h"),   # inet_ntop: numbers to text, no socket
                ("server/registry/fields.cpp", "arpa/inet.h")))   # inet_pton: text to numbers, no socket
NO_CLOCK = Ban("pure code reads no clock: times come in as arguments", words=(CLOCK_READ,))
NO_DICE = Ban("pure code rolls no dice of its own: randomness is handed in", words=(DICE,))
NO_PROTOBUF = Ban("no protobuf here", headers=PROTOBUF, folders=("proto/v1",))
NO_GRPC = Ban("no gRPC here: only the edge knows it", headers=GRPC)
NO_DATABASE = Ban("no database here: only its own folder knows it", headers=DATABASES)
NO_ESTIMATE = Ban("a proof reaches no estimate", folders=("geo/estimate", "server/detect", "server/verifier: resolution", "server/verifier: explain"))
NO_STORE = Ban("the engine has a Journal, no store", folders=("server/storage/sqlite",))
STANDARD_ONLY = Ban("the standard library alone", standard_only=True)

# ---------------------------------------------------------------------------------------------------------------------
# The table: bottom first. A name with a colon is a part of a folder: the files that its globs name.


@dataclass(frozen=True)
class Layer:
    name: str
    may: tuple = ()      # layers that its files include, besides its own
    bans: tuple = ()
    files: tuple = ()    # globs, for a part of a folder; else every file of the folder that no part names


BASE = ("proto/base",)
WIRE = BASE + ("proto/wire",)
CRYPTO = WIRE + ("proto/crypto",)
GEO = ("geo", "geo/borders", "geo/area")
RECORDS = ("server/tables", "server/registry", "server/policy")
JUDGED = ("server/verifier", "server/verifier: resolution", "server/verifier: explain")
SAMPLES = ("server/anchor: samples",)
STATUS = ("server/status", "server/status: kept")
FOLLOWED = ("server/notices", "server/cases", "server/cases: kept", "server/orders", "server/follow_up")

LAYERS = (
    Layer("proto/base: machine", may=BASE, files=("proto/base/process_secrets.*", "proto/base/realtime.*", "proto/base/new_folder.*")),
    Layer("proto/base: with libraries", may=BASE, files=("proto/base/log_guard.hpp", "proto/base/toml.hpp")),
    Layer("proto/base", bans=(STANDARD_ONLY, PURE, NO_CLOCK, NO_DICE)),
    Layer("proto/wire", may=BASE, bans=(STANDARD_ONLY, PURE, NO_CLOCK, NO_DICE)),
    Layer("proto/crypto", may=WIRE + ("proto/base: machine",), bans=(NO_GRPC, NO_DATABASE, NO_PROTOBUF, NO_CLOCK)),
    Layer("proto/v1"),  # generated

    Layer("geo", bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF)),
    Layer("geo/borders", may=("geo",), bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF)),
    Layer("geo/area", may=("geo", "geo/borders"), bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF)),
    Layer("geo/estimate", may=("geo", "geo/borders"), bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF)),
    Layer("geo/borders/build", may=("geo", "geo/borders"), bans=(NO_PROTOBUF,)),  # a tool that makes the table
    Layer("geo/estimate/cities_build", may=("geo", "geo/borders", "geo/estimate"), bans=(NO_PROTOBUF,)),

    Layer("agent: protocol", may=CRYPTO, bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF),
          files=("agent/responder*", "agent/session_table.*", "agent/knocker.*", "agent/packet_handler.hpp", "agent/rate_limit.hpp",
                 "agent/seams.hpp", "agent/ticket_gate.hpp")),
    Layer("agent", may=CRYPTO + ("proto/base: machine", "proto/base: with libraries", "agent: protocol"),
          bans=(NO_GRPC, NO_PROTOBUF, NO_DATABASE)),
    Layer("agent/rogue", may=CRYPTO + ("proto/base: machine", "agent: protocol", "agent"), bans=(NO_GRPC, NO_PROTOBUF, NO_DATABASE)),

    Layer("server/config", may=BASE + ("proto/base: with libraries",), bans=(NO_GRPC, NO_PROTOBUF)),
    Layer("server/net", may=CRYPTO),
    # What handlers and every rule of HTTP see: no socket, no thread.
    Layer("server/http: message", may=BASE, bans=(PURE, NO_CLOCK, NO_DICE),
          files=("server/http/http_message.*", "server/http/http_fault.*", "server/http/http_target.*", "server/http/http_head.*",
                 "server/http/chunk_decoder.*", "server/http/reply_head.*", "server/http/http_limits.hpp", "server/http/request_rates.hpp")),
    Layer("server/http: static files", may=CRYPTO + ("server/http: message",), bans=(NO_GRPC, NO_PROTOBUF, NO_DATABASE, NO_CLOCK, NO_DICE),
          files=("server/http/static_files.*",)),
    # The server: Boost.Beast and Boost.Asio stay in its sources and in the header of one connection.
    Layer("server/http", may=BASE + ("server/net", "server/http: message"), bans=(NO_GRPC, NO_PROTOBUF, NO_DATABASE)),
    # libcurl is here: what asks others over HTTP.
    Layer("server/fetch", may=CRYPTO, bans=(NO_GRPC, NO_PROTOBUF, NO_DATABASE, NO_CLOCK, NO_DICE)),
    Layer("server/pki", may=CRYPTO + ("server/net",), bans=(NO_GRPC, NO_PROTOBUF, NO_DATABASE, NO_CLOCK)),
    Layer("server/tables", may=BASE, bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF)),
    Layer("server/registry", may=CRYPTO + GEO + ("server/tables",), bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF)),
    # Estimates of what delays suggest of a diversion: nothing that judges may include them.
    Layer("server/detect", may=BASE + ("geo", "geo/estimate"), bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF)),
    Layer("server/policy", may=CRYPTO + ("proto/v1", "geo", "geo/borders", "server/registry"), bans=(PURE, NO_CLOCK, NO_DICE)),
    Layer("server/anchor: samples", may=WIRE, bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF),
          files=("server/anchor/sample.*", "server/anchor/borne_out.*")),
    Layer("server/verifier: proof", may=CRYPTO + GEO, bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF, NO_ESTIMATE),
          files=("server/verifier/dependent_codes.*", "server/verifier/territory*", "server/verifier/reason.hpp",
                 "server/verifier/proof_certificate.*")),
    Layer("server/verifier: resolution", may=BASE + GEO + ("geo/estimate", "server/verifier: proof"),
          bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF),
          files=("server/verifier/resolution.*", "server/verifier/resolution_places.*", "server/verifier/resolution_text.*")),
    Layer("server/verifier", may=CRYPTO + GEO + SAMPLES + ("proto/v1", "server/policy", "server/registry", "server/verifier: proof"),
          bans=(PURE, NO_CLOCK, NO_DICE, NO_ESTIMATE)),
    Layer("server/verifier: explain",
          may=CRYPTO + GEO + SAMPLES + ("geo/estimate", "proto/v1", "server/policy", "server/registry", "server/verifier: proof",
                                        "server/verifier: resolution", "server/verifier"),
          bans=(PURE, NO_CLOCK, NO_DICE), files=("server/verifier/explain*", "server/verifier/suggestion*", "server/verifier/replay*", "server/verifier/policy_trial.*",
                                                "server/verifier/verdict_record.*", "server/verifier/resolution_before.*",
                                                "server/verifier/known_anchor.hpp",
                                                "server/verifier/cohort_suspicion.*", "server/verifier/learnt_places.*",
                                                "server/verifier/silence*",
                                                "server/verifier/calibration_record.*")),
    Layer("server/status", may=BASE, bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF, NO_ESTIMATE)),
    Layer("server/notices", may=CRYPTO + ("server/status",), bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF, NO_ESTIMATE)),
    Layer("server/cases", may=BASE + ("server/status",), bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF, NO_ESTIMATE)),
    Layer("server/orders", may=BASE + ("server/status",), bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF, NO_ESTIMATE)),
    # A policy as a whole: what the folders above call their rules, read from a file.
    Layer("server/policy: file",
          may=CRYPTO + ("geo", "geo/borders", "server/config", "server/policy", "server/status", "server/cases", "server/orders"),
          bans=(PURE, NO_CLOCK, NO_DICE), files=("server/policy/policy_file.*", "server/policy/rules*")),
    Layer("server/storage", may=CRYPTO + ("geo", "server/registry", "server/policy", "server/notices"), bans=(NO_GRPC, NO_DATABASE, NO_PROTOBUF)),
    # Stories as they are kept: of the store the interface alone, and no clock.
    Layer("server/status: kept", may=CRYPTO + ("proto/v1", "server/policy", "server/status", "server/storage"),
          bans=(PURE, NO_CLOCK, NO_DICE, NO_STORE, NO_ESTIMATE),
          files=("server/status/story_record.*", "server/status/status_keeper.*")),
    Layer("server/cases: kept", may=BASE + ("proto/v1", "server/policy", "server/status", "server/cases"), bans=(PURE, NO_CLOCK, NO_DICE),
          files=("server/cases/case_record.*", "server/cases/mute_record.*")),
    # What is told, from facts: a mute is looked up, times are handed in.
    Layer("server/notices: post", may=CRYPTO + STATUS + ("server/notices", "server/cases", "server/cases: kept", "server/registry", "server/storage"),
          bans=(PURE, NO_CLOCK, NO_DICE, NO_STORE, NO_ESTIMATE), files=("server/notices/post.*",)),
    Layer("server/notices: config", may=CRYPTO + ("server/status", "server/notices", "server/config"), bans=(NO_GRPC, NO_PROTOBUF, NO_DATABASE),
          files=("server/notices/sink_config.*",)),
    Layer("server/notices: sender", may=CRYPTO + ("server/status", "server/notices", "server/registry", "server/storage"),
          bans=(NO_GRPC, NO_PROTOBUF, NO_DATABASE, NO_CLOCK, NO_DICE),
          files=("server/notices/dispatcher.*", "server/notices/http_sender.*", "server/notices/http_transfer.*")),
    Layer("server/orders: kept", may=BASE + ("proto/v1", "server/policy", "server/status", "server/orders"), bans=(PURE, NO_CLOCK, NO_DICE),
          files=("server/orders/order_record.*",)),
    # Over all of these, what follows from a status: of the store the interface alone, and no clock.
    Layer("server/follow_up",
          may=CRYPTO + STATUS + ("proto/v1", "server/policy", "server/registry", "server/notices", "server/cases", "server/cases: kept",
                                 "server/orders", "server/orders: kept", "server/storage"),
          bans=(PURE, NO_CLOCK, NO_DICE, NO_STORE, NO_ESTIMATE)),
    # Of the store it knows the interface alone: its Journal takes work that is done on a Store, wherever that lives.
    Layer("server/rounds",
          may=CRYPTO + GEO + RECORDS + JUDGED + ("geo/estimate", "proto/v1", "server/verifier: proof", "server/storage"),
          bans=(PURE, NO_CLOCK, NO_DICE, NO_STORE)),
    Layer("server/storage/sqlite", may=CRYPTO + ("geo", "server/registry", "server/notices", "server/storage"), bans=(NO_GRPC, NO_PROTOBUF)),
    Layer("server/evidence: files", may=CRYPTO + ("server/evidence",), files=("server/evidence/log_files.*", "server/evidence/log_folder.*"), bans=(NO_CLOCK, NO_DICE, NO_PROTOBUF, NO_ESTIMATE)),
    Layer("server/evidence", may=CRYPTO, bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF, NO_ESTIMATE)),
    # Who witnesses logs. What it keeps and judges has no clock; the server around it has HTTP; what asks witnesses has neither.
    Layer("server/witness: client", may=CRYPTO + ("server/evidence", "server/fetch"), bans=(NO_CLOCK, NO_DICE, NO_PROTOBUF, NO_GRPC, NO_DATABASE),
          files=("server/witness/cosign_*",)),
    Layer("server/witness", may=CRYPTO + ("proto/base: machine", "server/config", "server/net", "server/http: message", "server/http", "server/evidence",
                                          "server/evidence: files"),
          bans=(NO_CLOCK, NO_DICE, NO_PROTOBUF, NO_GRPC, NO_DATABASE, NO_ESTIMATE)),
    # What the database's facts become in the log, and who puts them there.
    Layer("server/logbook", may=CRYPTO + ("geo", "server/registry", "server/notices", "server/storage", "server/evidence", "server/evidence: files",
                                          "server/http: message"),
          bans=(NO_GRPC, NO_DATABASE, NO_PROTOBUF, NO_STORE, NO_ESTIMATE, NO_CLOCK, NO_DICE)),
    Layer("server/picture", may=CRYPTO + ("geo", "geo/borders"), bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF)),
    Layer("server/reports", may=CRYPTO + ("geo", "server/config", "server/tables", "server/status", "server/orders", "server/cases", "server/notices",
                                          "server/picture"),
          bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF, NO_ESTIMATE)),
    Layer("server/service", may=CRYPTO + GEO + RECORDS + JUDGED + STATUS + FOLLOWED + ("proto/v1", "server/policy: file", "server/verifier: proof", "server/rounds", "server/storage",
                                                                            "server/orders", "server/cases", "server/reports", "server/pki"),
          bans=(NO_GRPC, NO_DATABASE)),
    # People by tokens of an OpenID provider: what is judged is pure; the shell asks the issuer and answers browsers.
    Layer("server/oidc", may=CRYPTO + ("server/tables", "server/http: message", "server/service"),
          bans=(PURE, NO_CLOCK, NO_DICE, NO_GRPC)),
    Layer("server/oidc: shell", may=CRYPTO + ("server/config", "server/tables", "server/http: message", "server/fetch", "server/service", "server/oidc"),
          bans=(NO_GRPC, NO_DATABASE, NO_CLOCK, NO_DICE),
          files=("server/oidc/bearer.*", "server/oidc/issuer.*", "server/oidc/login.*", "server/oidc/oidc.*",
                 "server/oidc/oidc_config.*", "server/oidc/oidc_counters.hpp", "server/oidc/page_sessions.*")),
    Layer("server/coordinator",
          may=CRYPTO + GEO + RECORDS + JUDGED + STATUS + FOLLOWED + ("server/notices: post", "server/notices: config", "server/notices: sender",
                                                 "geo/estimate", "proto/v1", "server/verifier: proof", "server/rounds",
                                                 "server/policy: file", "server/storage", "server/service", "server/net", "server/evidence", "server/config", "proto/base: machine", "server/pki",
                                                 "server/http: message", "server/fetch", "server/oidc", "server/oidc: shell"),
          bans=(NO_GRPC, NO_DATABASE)),
    # The API over HTTP, without sockets: server/http has them.
    Layer("server/rest",
          may=CRYPTO + FOLLOWED + ("proto/v1", "server/tables", "server/http: message", "server/service"),
          bans=(NO_GRPC, NO_DATABASE)),
    # Certificates for tokens and for certificates, over HTTP.
    Layer("server/enrol",
          may=CRYPTO + ("proto/v1", "server/tables", "server/http: message", "server/pki", "server/storage", "server/service", "server/rest"),
          bans=(NO_GRPC, NO_DATABASE)),
    Layer("server/grpc",
          may=CRYPTO + RECORDS + ("proto/v1", "server/storage", "server/service", "server/coordinator", "server/net"), bans=(NO_DATABASE,)),

    Layer("server/anchor: protocol", may=CRYPTO + SAMPLES, bans=(PURE, NO_CLOCK, NO_PROTOBUF),
          files=("server/anchor/prober*", "server/anchor/anchor_session.*", "server/anchor/knock_desk.*", "server/anchor/knock_tally.*",
                 "server/anchor/mesh.*",
                 "server/anchor/open_desk.*", "server/anchor/path_probe.hpp", "server/anchor/random_pool.*", "server/anchor/replay_window.hpp",
                 "server/anchor/timer_heap.hpp", "server/anchor/token_bucket.hpp")),
    Layer("server/anchor",
          may=CRYPTO + SAMPLES + ("proto/base: machine", "proto/base: with libraries", "proto/v1", "server/anchor: protocol", "server/net",
                                  "server/config"),
          bans=(NO_DATABASE,)),

    Layer("server/text", may=BASE + ("server/tables",), bans=(NO_GRPC, NO_PROTOBUF, NO_DATABASE, NO_CLOCK)),
    Layer("server/cli", may=CRYPTO + ("proto/v1", "proto/base: machine", "server/evidence", "server/evidence: files", "geo", "server/config", "server/net", "server/pki", "server/text",
                                      "server/tables", "server/picture", "server/policy", "server/policy: file", "server/reports", "server/service"),
          bans=(NO_DATABASE,)),
    Layer("server/eval",
          may=CRYPTO + GEO + SAMPLES + ("proto/base: machine", "geo/estimate", "server/tables", "server/registry",
                                         "server/verifier: proof", "server/verifier: resolution", "server/text", "server/picture"),
          bans=(NO_GRPC, NO_PROTOBUF, NO_DATABASE)),
    Layer("server/sim",
          may=CRYPTO + GEO + RECORDS + JUDGED + SAMPLES + ("geo/estimate", "proto/v1", "agent: protocol", "agent", "agent/rogue",
                                                           "server/verifier: proof", "server/rounds", "server/storage", "server/service",
                                                           "server/coordinator", "server/anchor: protocol", "server/anchor"),
          bans=(NO_GRPC, NO_DATABASE)),
    # Networks of simulated worlds: functions of their arguments.
    Layer("server/sim/paths", may=BASE + ("geo", "server/config"), bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF)),
    Layer("server/sim/fit", may=CRYPTO + GEO + ("server/tables", "server/registry", "server/picture", "server/text", "server/eval",
                                                "server/sim/paths"),
          bans=(NO_GRPC, NO_PROTOBUF, NO_DATABASE, NO_CLOCK)),
    Layer("server/lab",
          may=CRYPTO + GEO + JUDGED + ("geo/estimate", "proto/v1", "proto/base: machine", "proto/base: with libraries", "agent: protocol",
                                       "agent", "agent/rogue", "server/config", "server/net", "server/pki", "server/registry", "server/policy",
                                       "server/verifier: proof", "server/rounds", "server/storage", "server/storage/sqlite", "server/service",
                                       "server/coordinator", "server/sim", "server/sim/paths", "server/sim/fit", "server/eval", "server/text"),
          bans=(NO_DATABASE,)),
    # A fleet of millions: draws in place of datagrams, the production verdict and status on each.
    Layer("server/fleet: core",
          may=CRYPTO + GEO + JUDGED + ("server/config", "server/registry", "server/policy", "server/policy: file", "server/status",
                                       "server/verifier: proof", "server/lab"),
          bans=(PURE, NO_CLOCK, NO_DICE, NO_ESTIMATE, NO_STORE),
          files=("server/fleet/fleet_*", "server/fleet/heard.*", "server/fleet/ping_law.*", "server/fleet/status_run.*",
                 "server/fleet/verdict_tree.*")),
    # What a round weighs, from a simulated world with a real store.
    Layer("server/fleet",
          may=CRYPTO + GEO + RECORDS + JUDGED + ("proto/v1", "server/storage", "server/storage/sqlite", "server/rounds", "server/sim", "server/fleet: core"),
          bans=(NO_GRPC, NO_DATABASE, NO_CLOCK, NO_DICE)),
    # What it costs to get round a policy: the status machine tells how long what goes unseen.
    Layer("server/cost: core",
          may=CRYPTO + ("geo", "geo/borders", "server/config", "server/policy", "server/policy: file", "server/status"),
          bans=(PURE, NO_CLOCK, NO_DICE),
          files=("server/cost/answer.*", "server/cost/assumptions.*", "server/cost/policy_facts.*", "server/cost/ways.*")),
    Layer("server/cost",
          may=CRYPTO + ("geo", "server/policy", "server/policy: file", "server/status", "server/text", "server/cost: core"),
          bans=(NO_GRPC, NO_DATABASE, NO_CLOCK, NO_DICE)),
    # A scenario is a lab, and verdicts told on by the status machine: of a store it knows nothing.
    Layer("server/scenario",
          may=CRYPTO + GEO + ("geo/estimate", "proto/v1", "proto/base: with libraries", "server/config", "server/detect", "server/lab", "server/status",
                              "server/policy", "server/policy: file", "server/text", "server/picture", "server/eval", "server/verifier: proof",
                              "server/fleet: core", "server/fleet", "server/sim/fit", "server/cost"),
          bans=(NO_GRPC, NO_DATABASE)),
    Layer("server/plan: core", may=BASE + GEO + ("geo/estimate", "server/tables", "server/registry", "server/verifier: proof"),
          bans=(PURE, NO_CLOCK, NO_DICE, NO_PROTOBUF),
          files=("server/plan/plan.*", "server/plan/plan_problem.hpp", "server/plan/plan_bound.*", "server/plan/plan_reasons.*",
                 "server/plan/site_judge.*", "server/plan/delay_guess.*", "server/plan/plan_files.*", "server/plan/place_lists.*")),
    Layer("server/plan",
          may=CRYPTO + GEO + ("geo/estimate", "server/tables", "server/registry", "server/verifier: proof", "server/verifier", "server/text",
                              "server/picture", "server/eval", "server/plan: core"),
          bans=(NO_GRPC, NO_PROTOBUF, NO_DATABASE)),
    Layer("server/main",
          may=CRYPTO + ("proto/base: machine", "proto/base: with libraries", "proto/v1", "server/net", "server/config", "server/policy",
                        "server/evidence", "server/evidence: files", "server/logbook", "server/storage", "server/storage/sqlite", "server/follow_up", "server/service", "server/grpc", "server/coordinator",
                        "server/http: message", "server/http: static files", "server/http", "server/oidc", "server/oidc: shell", "server/rest", "server/enrol",
                        "server/anchor", "server/witness: client", "server/witness", "server/text", "server/cli", "server/eval", "server/plan",
                        "server/sim", "server/lab", "server/scenario", "server/notices: post")),
)

# Arrows (file, header) that are wrong and known, each with what takes it away. None is the aim.
KNOWN_FAULTS = frozenset()
# Single files that must keep more than their folder does.
STRICTER = (
    (("server/verifier/proof_certificate.*", "server/verifier/decide.*"), (NO_PROTOBUF,)),
    (("proto/crypto/mac_key.*",), (PURE,)),  # inside the timed window
)

SKIPPED_AT_THE_TOP = {"tests", "build", "node_modules"}  # tests may include everything
GENERATED = re.compile(r"^proto/v1/\w+(\.grpc)?\.pb\.h$")

# ---------------------------------------------------------------------------------------------------------------------


@dataclass
class Source:
    """One file of ours: what it includes, and its code without comments and texts, line by line."""
    path: str
    includes: list = field(default_factory=list)  # (line, header, "ours" in quotes or not)
    code: list = field(default_factory=list)


TOKEN = re.compile(r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<raw>R"(?P<mark>[^\s()\\"]{0,16})\(.*?\)(?P=mark)")
  | (?P<text>"(?:\\.|[^"\\\n])*"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+')
""", re.VERBOSE | re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def read_source(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        text = file.read()
    bare = TOKEN.sub(lambda match: "\n" * match.group().count("\n") or (" " if match["comment"] else '""'), text)
    source = Source(path, code=bare.split("\n"))
    # The names of headers are texts, so they come from the file itself; lines that a comment holds do not count.
    for number, (line, code) in enumerate(zip(text.split("\n"), source.code), 1):
        match = INCLUDE.match(line)
        if match and code.lstrip().startswith("#"):
            source.includes.append((number, match[2], match[1] == '"'))
    return source


def find_sources(root):
    found = {}
    for folder, names, files in os.walk(root):
        if folder == root:
            names[:] = [name for name in names if name not in SKIPPED_AT_THE_TOP]
        names[:] = sorted(name for name in names if not name.startswith(".") and name != "node_modules")
        for file in sorted(files):
            if file.endswith((".cpp", ".hpp", ".h", ".cc")):
                path = os.path.relpath(os.path.join(folder, file), root)
                found[path] = read_source(root, path)
    return found


def layer_of(path):
    """The part of a folder that names the file, else its folder, else nothing."""
    if GENERATED.match(path):
        return "proto/v1"
    for layer in LAYERS:
        if any(fnmatch.fnmatchcase(path, pattern) for pattern in layer.files):
            return layer.name
    folder = os.path.dirname(path)
    return folder if any(layer.name == folder and not layer.files for layer in LAYERS) else None


def is_ours(header, sources):
    return header in sources or bool(GENERATED.match(header))


def chain_text(chain):
    """a.cpp:3 -> b.hpp:7 -> <thread>"""
    steps = [f"{path}:{line}" for path, line, _ in chain]
    last = chain[-1][2]
    return " -> ".join(steps + [last])


def check_table():
    faults = []
    names = [layer.name for layer in LAYERS]
    for place, layer in enumerate(LAYERS):
        for other in layer.may:
            if other not in names:
                faults.append(f"deploy/layers.py: {layer.name} may include {other}, which is no layer")
            # A part lies within its folder, and may include the rest of it; the rest includes the part only if it says so.
            elif names.index(other) > place and not other == layer.name.split(":")[0]:
                faults.append(f"deploy/layers.py: {layer.name} stands below {other} in the table and may include it: up")
    for name in names:
        if names.count(name) > 1:
            faults.append(f"deploy/layers.py: {name} stands in the table twice")
    graph = {layer.name: [other for other in layer.may if other in names] for layer in LAYERS}
    for cycle in cycles_of(graph):
        faults.append("deploy/layers.py: layers in a circle: " + " -> ".join(cycle))
    return faults


def cycles_of(graph):
    """One cycle for each knot of the graph, as the names along it with the first one again at the end."""
    state, path, found = {}, [], []

    def visit(node):
        state[node] = "open"
        path.append(node)
        for other in graph.get(node, ()):
            if state.get(other) == "open":
                cycle = path[path.index(other):] + [other]
                if not any(set(cycle) & set(known) for known in found):
                    found.append(cycle)
            elif other not in state:
                visit(other)
        path.pop()
        state[node] = "done"

    for node in graph:
        if node not in state:
            visit(node)
    return found


def check_arrows(sources):
    """Every #include of ours: named by the table, and of a file that is there."""
    faults = []
    table = {layer.name: layer for layer in LAYERS}
    for path, source in sources.items():
        name = layer_of(path)
        if name is None:
            faults.append(f"{path}:1: its folder is not in the table of deploy/layers.py: say what it may include")
            continue
        for line, header, quoted in source.includes:
            if not is_ours(header, sources):
                if quoted:
                    faults.append(f'{path}:{line}: includes "{header}", which is no file of ours: name it from the root, or in <>')
                continue
            other = layer_of(header)
            if other is None or other == name or other in table[name].may or (path, header) in KNOWN_FAULTS:
                continue
            may = ", ".join(table[name].may) or "nothing else of ours"
            faults.append(f'{path}:{line}: includes "{header}": {name} must not include {other} (it may: {may})')
    return faults


def check_header_cycles(sources):
    lines = {}
    graph = {}
    for path, source in sources.items():
        graph[path] = [header for _, header, _ in source.includes if header in sources]
        for line, header, _ in source.includes:
            lines[path, header] = line
    faults = []
    for cycle in cycles_of(graph):
        steps = [f"{here}:{lines[here, there]}" for here, there in zip(cycle, cycle[1:])]
        faults.append(f"{steps[0]}: headers in a circle: " + " -> ".join(steps + [cycle[-1]]))
    return faults


def matches(header, patterns):
    return any(fnmatch.fnmatchcase(header, pattern) for pattern in patterns)


def reached_from(path, sources):
    """Every (file of ours, chain to it) that the file reaches, itself first, each once by a shortest chain."""
    seen = {path}
    queue = [(path, [])]
    for here, chain in queue:
        yield here, chain
        if here not in sources:
            continue  # generated
        for line, header, _ in sources[here].includes:
            if is_ours(header, sources) and header not in seen and (here, header) not in KNOWN_FAULTS:
                seen.add(header)
                queue.append((header, chain + [(here, line, header)]))


def check_bans(sources):
    """Each offence once for each layer that reaches it, by the shortest chain, with the number of files that have it."""
    found = {}
    table = {layer.name: layer for layer in LAYERS}
    for path in sources:
        name = layer_of(path)
        bans = table[name].bans if name else ()
        for files, more in STRICTER:
            bans += more if matches(path, files) else ()
        if not bans:
            continue
        for here, chain in reached_from(path, sources):
            for ban in bans:
                for full in offences(here, chain, ban, sources):
                    found.setdefault((name, ban.rule, full[-1]), []).append(full)
    faults = []
    for (_, rule, (_, _, what)), chains in found.items():
        chain = min(chains, key=len)
        others = f"; {len(chains) - 1} more files reach it" if len(chains) > 1 else ""
        faults.append(f"{chain[0][0]}:{chain[0][1]}: reaches {what} ({chain_text(chain)}{others}): {rule}")
    return faults


def offences(here, chain, ban, sources):
    """Chains to what the ban names in `here`, which the chain leads to: another layer, a header, a word in the code."""
    if chain and layer_of(here) in ban.folders:
        return [chain]
    if here not in sources:  # generated: it brings protobuf, and the services' gRPC
        brings = ["grpcpp/grpcpp.h"] if here.endswith(".grpc.pb.h") else ["google/protobuf/message.h"]
        return [chain] if ban.standard_only or any(matches(header, ban.headers) for header in brings) else []
    out = []
    for line, header, _ in sources[here].includes:
        if is_ours(header, sources) or (here, header) in ban.but:
            continue
        if matches(header, ban.headers) or (ban.standard_only and header not in STANDARD):
            out.append(chain + [(here, line, f"<{header}>")])
    for number, code in enumerate(sources[here].code, 1):
        for words in ban.words:
            match = words.search(code)
            if match:
                out.append(chain + [(here, number, f"`{match.group().strip()}`")])
    return out


# ---------------------------------------------------------------------------------------------------------------------
# Where each source has its tests.


def named_in(readme):
    """Every path that the text has between backticks; folder/{a,b}.cpp names two."""
    paths = set()
    for word in re.findall(r"`([^`\s]+/[^`\s]+)`", readme):
        braces = re.match(r"^(.*)\{([^}]*)\}(.*)$", word)
        paths |= {braces[1] + name + braces[3] for name in braces[2].split(",")} if braces else {word}
    return paths


def check_tests(root, sources):
    """Each .cpp has a test of its name, or tests/README.md says where its tests are; and what it names is there."""
    readme = os.path.join(root, "tests", "README.md")
    named = set()
    if os.path.exists(readme):
        with open(readme, encoding="utf-8") as file:
            named = named_in(file.read())
    faults = []
    for path in sources:
        own = "tests/" + path[: -len(".cpp")] + "_test.cpp"
        if path.endswith(".cpp") and path not in named and not os.path.exists(os.path.join(root, own)):
            faults.append(f"{path}:1: has no {own}, and tests/README.md does not say where its tests are")
    for path in sorted(named):
        if path.endswith((".cpp", ".hpp", ".sh", ".py")):
            places = [os.path.join(root, above, path) for above in ("", "tests", "tests/server")]
            if not any(os.path.exists(place) for place in places):
                faults.append(f"tests/README.md:1: `{path}` is no file")
    return faults


# ---------------------------------------------------------------------------------------------------------------------
# A cell of a table holds a phrase, not a paragraph.

CELL_MAX = 160


def check_cells(root):
    faults = []
    for folder, names, files in os.walk(root):
        if folder == root:
            names[:] = [name for name in names if name != "build"]
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in ("node_modules", "shared"))
        for file in sorted(files):
            if file.endswith(".md"):
                path = os.path.relpath(os.path.join(folder, file), root)
                with open(os.path.join(root, path), encoding="utf-8") as text:
                    faults += wide_cells(path, text.read().split("\n"))
    return faults


def wide_cells(path, lines):
    faults, fenced = [], False
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        if fenced or not line.lstrip().startswith("|"):
            continue
        for cell in re.split(r"(?<!\\)\|", line.strip().strip("|")):
            if len(cell.strip()) > CELL_MAX:
                start = cell.strip()[:40]
                faults.append(f"{path}:{number}: a cell of {len(cell.strip())} characters ({start}...): past {CELL_MAX} it is a list or a section")
    return faults


# ---------------------------------------------------------------------------------------------------------------------


NAMESPACE = re.compile(r"^\s*(?:inline\s+)?namespace(?:\s+([\w:]+))?\s*\{")
TYPE = re.compile(r"^(?:struct|class|union|enum(?: class| struct)?) ([\w:]*\w)(?: final)?(?:\s*:[^;:][^;]*)?\s*\{")


def types_in(source):
    """(full name, line) of the types that a file defines in a named namespace. Two of them of one name in a program are
    one symbol with two meanings: the linker takes either's destructor, and says nothing."""
    found, spaces, depth = [], [], 0  # spaces: (name, or None for one without; the depth inside)
    for number, line in enumerate(source.code, 1):
        space = NAMESPACE.match(line)
        at_level = depth == (spaces[-1][1] if spaces else 0)
        if space and at_level:
            spaces.append((space[1], depth + 1))
        elif at_level and spaces and all(name for name, _ in spaces):
            kind = TYPE.match(line)
            if kind:
                found.append(("::".join(name for name, _ in spaces) + "::" + kind[1], number))
        depth += line.count("{") - line.count("}")
        while spaces and depth < spaces[-1][1]:
            spaces.pop()
    return found


def check_names(sources):
    first, faults = {}, []
    for path, source in sorted(sources.items()):
        for name, number in types_in(source):
            if name in first:
                faults.append(f"{path}:{number}: {name} is a type of {first[name]} too: one symbol with two meanings where both are linked; give one another name")
            first.setdefault(name, f"{path}:{number}")
    return faults


def print_table():
    for layer in LAYERS:
        print(f"{layer.name:28} -> {', '.join(layer.may) or '-'}")
        for ban in layer.bans:
            print(f"{'':28}    {ban.rule}")


def main():
    parser = argparse.ArgumentParser(description="Checks what the tree promises about itself.")
    parser.add_argument("--root", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    parser.add_argument("--table", action="store_true", help="print the table of arrows and end")
    parser.add_argument("checks", nargs="*", metavar="CHECK", help="arrows, tests, cells, names; none: all of them")
    arguments = parser.parse_args()
    if arguments.table:
        print_table()
        return 0
    checks = arguments.checks or ["arrows", "tests", "cells", "names"]
    unknown = [check for check in checks if check not in ("arrows", "tests", "cells", "names")]
    if unknown:
        parser.error(f"no check {unknown[0]}; there are: arrows, tests, cells, names")
    root = os.path.normpath(arguments.root)
    sources = find_sources(root)
    faults = []
    if "arrows" in checks:
        faults += check_table() + check_arrows(sources) + check_header_cycles(sources) + check_bans(sources)
    if "tests" in checks:
        faults += check_tests(root, sources)
    if "cells" in checks:
        faults += check_cells(root)
    if "names" in checks:
        faults += check_names(sources)
    for fault in faults:
        print(fault)
    if faults:
        print(f"layers: {len(faults)} faults")
        return 1
    print(f"layers hold ({', '.join(checks)}): {len(sources)} files, {len(LAYERS)} layers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
