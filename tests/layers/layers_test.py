#!/usr/bin/env python3
"""deploy/layers.py finds what it is there for: small trees with one thing planted in each, and this tree, which is clean."""

import os
import subprocess
import sys
import tempfile
import unittest

TREE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SCRIPT = os.path.join(TREE, "deploy", "layers.py")

CLEAN = {
    "proto/base/time.hpp": "#pragma once\n#include <chrono>\n",
    "proto/wire/ticket.hpp": '#pragma once\n#include "proto/base/time.hpp"\n',
    "geo/units.hpp": "#pragma once\n#include <cmath>\n",
    "geo/region.hpp": '#pragma once\n#include "geo/units.hpp"\n',
    "geo/region.cpp": '#include "geo/region.hpp"\n\n#include <algorithm>\n',
    "geo/estimate/fit.hpp": '#pragma once\n#include <Eigen/Dense>\n#include "geo/region.hpp"\n',
    "server/storage/store.hpp": '#pragma once\n#include "proto/base/time.hpp"\n',
    "server/rounds/round.hpp": '#pragma once\n#include "proto/wire/ticket.hpp"\n',
    "server/verifier/decide.cpp": '#include "geo/region.hpp"\n',
    "server/verifier/context.cpp": '#include "proto/v1/records.pb.h"\n',
    "server/verifier/explain.cpp": '#include "geo/estimate/fit.hpp"\n',
    "server/main/chiplocd_main.cpp": '#include "server/storage/store.hpp"\n',
}


def layers(root, *checks):
    done = subprocess.run([sys.executable, SCRIPT, "--root", root, *checks], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        for path, text in CLEAN.items():
            self.write(path, text)

    def write(self, path, text):
        full = os.path.join(self.folder.name, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def holds(self, *checks):
        code, said = layers(self.folder.name, *(checks or ("arrows",)))
        self.assertEqual(code, 0, said)

    def fails(self, *parts, checks=("arrows",)):
        """One fault and no more, and its line has all of the parts."""
        code, said = layers(self.folder.name, *checks)
        self.assertEqual(code, 1, said)
        lines = said.strip().split("\n")
        self.assertEqual(lines[-1], "layers: 1 faults", said)
        for part in parts:
            self.assertIn(part, lines[0])


class Arrows(Tree):
    def test_a_clean_tree_holds(self):
        self.holds()

    def test_an_arrow_up_is_named_with_file_and_line(self):
        self.write("geo/travel.cpp", '#include "geo/units.hpp"\n#include "server/rounds/round.hpp"\n')
        self.fails('geo/travel.cpp:2: includes "server/rounds/round.hpp": geo must not include server/rounds')

    def test_an_arrow_sideways_is_one_too(self):
        self.write("agent/system.cpp", '#include "server/rounds/round.hpp"\n')
        self.fails("agent/system.cpp:1:", "agent must not include server/rounds")
        self.write("agent/system.cpp", "")
        self.write("agent/system.hpp", "#pragma once\n")
        self.write("server/coordinator/claim.cpp", '#include "agent/system.hpp"\n')
        self.fails("server/coordinator/claim.cpp:1:", "server/coordinator must not include agent")

    def test_a_folder_that_the_table_does_not_name_is_a_fault(self):
        self.write("server/cellar/wine.cpp", "int wine = 0;\n")
        self.fails("server/cellar/wine.cpp:1:", "not in the table")
        os.remove(os.path.join(self.folder.name, "server/cellar/wine.cpp"))
        self.write("server/loose.cpp", "")
        self.fails("server/loose.cpp:1:", "not in the table")

    def test_a_header_of_ours_that_is_not_there_is_a_fault(self):
        self.write("geo/travel.cpp", '#include "units.hpp"\n')
        self.fails("geo/travel.cpp:1:", '"units.hpp"', "no file of ours")

    def test_headers_in_a_circle_are_a_fault(self):
        self.write("geo/units.hpp", '#pragma once\n#include "geo/lat_lon.hpp"\n')
        self.write("geo/lat_lon.hpp", '#pragma once\n\n#include "geo/region.hpp"\n')
        self.fails("headers in a circle:", "geo/units.hpp:2 -> ", "geo/lat_lon.hpp:3 -> ", "geo/region.hpp:2 -> ")

    def test_folders_in_a_circle_are_an_arrow_up(self):
        self.write("server/storage/records.hpp", '#pragma once\n#include "server/registry/registry.hpp"\n')
        self.write("server/registry/registry.hpp", '#pragma once\n#include "server/storage/store.hpp"\n')
        self.fails("server/registry/registry.hpp:2:", "server/registry must not include server/storage")

    def test_includes_in_comments_and_texts_do_not_count(self):
        self.write("geo/travel.cpp", '// #include "server/rounds/round.hpp"\n/*\n#include "server/rounds/round.hpp"\n*/\n'
                   'const char* text = R"(\n#include "server/rounds/round.hpp"\n)";\n')
        self.holds()

    def test_tests_may_include_everything(self):
        self.write("tests/geo/region_test.cpp", '#include "server/rounds/round.hpp"\n#include <thread>\n')
        self.holds()


class Bans(Tree):
    def test_a_pure_file_that_reaches_a_clock_through_a_header(self):
        self.write("geo/units.hpp", "#pragma once\n#include <chrono>\ninline auto now() { return std::chrono::steady_clock::now(); }\n")
        code, said = layers(self.folder.name, "arrows")
        self.assertEqual(code, 1)
        self.assertIn("geo/units.hpp:3: reaches `steady_clock::now(` (geo/units.hpp:3 -> `steady_clock::now(`; 2 more files reach it)", said)
        self.assertIn("server/verifier/decide.cpp:1: reaches `steady_clock::now(` (server/verifier/decide.cpp:1 -> geo/region.hpp:2 -> "
                      "geo/units.hpp:3 -> `steady_clock::now(`): pure code reads no clock", said)

    def test_the_chain_to_it_is_told(self):
        self.write("proto/crypto/keys.hpp", '#pragma once\n#include <mutex>\n#include "proto/wire/ticket.hpp"\n')
        self.write("server/rounds/engine.hpp", '#pragma once\n\n#include "proto/crypto/keys.hpp"\n')
        self.write("server/rounds/engine.cpp", '#include "server/rounds/engine.hpp"\n')
        self.fails("server/rounds/engine.hpp:3: reaches <mutex> (server/rounds/engine.hpp:3 -> proto/crypto/keys.hpp:2 -> <mutex>", "1 more files",
                   "pure code knows no socket")

    def test_each_kind_of_header_that_pure_code_must_not_reach(self):
        for header in ("sys/socket.h", "netinet/in.h", "asio.hpp", "asio/io_context.hpp", "thread", "mutex", "condition_variable", "sqlite3.h",
                       "grpcpp/grpcpp.h", "spdlog/spdlog.h", "time.h", "sys/time.h", "unistd.h", "poll.h", "systemd/sd-daemon.h", "libpq-fe.h",
                       "google/protobuf/message.h"):
            with self.subTest(header=header):
                self.write("geo/travel.cpp", f"#include <{header}>\n")
                self.fails("geo/travel.cpp:1: reaches <" + header + ">")

    def test_each_way_to_read_a_clock(self):
        for words in ("std::chrono::system_clock::now()", "using Clock = X; Clock::now()", "clock_gettime(0, nullptr)", "time(nullptr)",
                      "gettimeofday(nullptr, nullptr)"):
            with self.subTest(words=words):
                self.write("server/rounds/round.cpp", f"auto when = {words};\n")
                self.fails("server/rounds/round.cpp:1: reaches `", "reads no clock")
        self.write("server/rounds/round.cpp", '// steady_clock::now()\nconst char* text = "steady_clock::now()";\n')
        self.holds()

    def test_the_engine_rolls_no_dice_and_has_no_store(self):
        self.write("server/rounds/dice.cpp", "std::random_device dice;\n")
        self.fails("server/rounds/dice.cpp:1:", "rolls no dice")
        self.write("server/rounds/dice.cpp", '#include "server/storage/store.hpp"\n')  # the interface, for its Journal
        self.holds()
        self.write("server/storage/sqlite/store.hpp", "#pragma once\n")
        self.write("server/rounds/dice.cpp", '#include "server/storage/sqlite/store.hpp"\n')
        code, said = layers(self.folder.name, "arrows")
        self.assertEqual(code, 1)
        self.assertIn("server/rounds must not include server/storage/sqlite", said)
        self.assertIn("the engine has a Journal, no store", said)

    def test_a_proof_that_reaches_an_estimate(self):
        self.write("server/verifier/decide.cpp", '#include "geo/region.hpp"\n#include "geo/estimate/fit.hpp"\n')
        code, said = layers(self.folder.name, "arrows")
        self.assertEqual(code, 1)
        self.assertIn('server/verifier/decide.cpp:2: includes "geo/estimate/fit.hpp"', said)
        self.assertIn("a proof reaches no estimate", said)

    def test_single_files_keep_more_than_their_folder(self):
        self.write("server/verifier/decide.cpp", '#include "proto/v1/records.pb.h"\n')
        self.fails("server/verifier/decide.cpp:1: reaches proto/v1/records.pb.h", "no protobuf here")
        self.write("server/verifier/decide.cpp", "")
        self.write("proto/crypto/mac_key.cpp", "#include <mutex>\n")
        self.fails("proto/crypto/mac_key.cpp:1: reaches <mutex>")

    def test_wire_has_the_standard_library_alone(self):
        self.write("proto/wire/ticket.cpp", "#include <array>\n#include <openssl/evp.h>\n")
        self.fails("proto/wire/ticket.cpp:2: reaches <openssl/evp.h>", "the standard library alone")

    def test_gRPC_stays_at_the_edge_generated_code_too(self):
        self.write("server/service/verify.cpp", '#include "proto/v1/operator_service.pb.h"\n')
        self.holds()
        self.write("server/service/verify.cpp", '#include "proto/v1/operator_service.grpc.pb.h"\n')
        self.fails("server/service/verify.cpp:1:", "no gRPC here")

    def test_the_agent_has_neither_gRPC_nor_protobuf(self):
        self.write("agent/program.cpp", "#include <grpcpp/channel.h>\n")
        self.fails("agent/program.cpp:1: reaches <grpcpp/channel.h>", "no gRPC here")
        self.write("agent/program.cpp", "#include <google/protobuf/message.h>\n")
        self.fails("agent/program.cpp:1:", "no protobuf here")


class TestsAndCells(Tree):
    def setUp(self):
        super().setUp()
        for path in CLEAN:
            if path.endswith(".cpp"):
                self.write("tests/" + path.replace(".cpp", "_test.cpp"), "")

    def test_each_source_has_a_test_of_its_name_or_is_named(self):
        self.holds("tests")
        self.write("geo/travel.cpp", "")
        self.fails("geo/travel.cpp:1: has no tests/geo/travel_test.cpp", checks=("tests",))
        self.write("tests/README.md", "- `geo/region_test.cpp`: `geo/{outline,travel}.cpp`.\n")
        self.fails("tests/README.md:1: `geo/outline.cpp` is no file", checks=("tests",))
        self.write("tests/README.md", "- `geo/region_test.cpp`: `geo/{travel}.cpp`.\n")
        self.holds("tests")

    def test_a_cell_holds_a_phrase(self):
        self.write("geo/README.md", "| a | b |\n|---|---|\n| " + "x" * 160 + " | short |\n\n" + "prose " * 60 + "\n")
        self.holds("cells")
        self.write("geo/README.md", "# geo\n\n| a | b |\n|---|---|\n| short | " + "x" * 161 + " |\n")
        self.fails("geo/README.md:5: a cell of 161 characters", checks=("cells",))
        self.write("geo/README.md", "```\n| " + "x" * 161 + " |\n```\n")
        self.holds("cells")


    def test_a_name_means_one_type(self):
        self.write("geo/units.hpp", "#pragma once\nnamespace chiploc {\nclass Limit;\nstruct Limit {\n  int most;\n};\n}  // namespace chiploc\n")
        self.write("geo/region.hpp", "#pragma once\nnamespace chiploc {\nnamespace geo {\nstruct Limit {\n};\n}  // namespace geo\nclass Limit;\n}\n")
        self.write("geo/region.cpp", "namespace chiploc {\nnamespace {\nstruct Limit {\n};\n}  // namespace\nint f() { return 1; }\n}\n")
        self.holds("names")
        self.write("geo/travel.cpp", "namespace chiploc {\nint g() {\n  return 1;\n}\nenum class Limit : int { kNone };\n}\n")
        self.fails("geo/units.hpp:4: chiploc::Limit is a type of geo/travel.cpp:5 too", checks=("names",))
        self.write("geo/travel.cpp", "namespace chiploc::geo {\nclass Limit final : public Other {\n};\n}\n")
        self.fails("geo/travel.cpp:2: chiploc::geo::Limit is a type of geo/region.hpp:4 too", checks=("names",))


class ThisTree(unittest.TestCase):
    def test_holds(self):
        code, said = layers(TREE)
        self.assertEqual(code, 0, said)

    def test_a_wrong_call_says_what_there_is(self):
        code, said = layers(TREE, "colours")
        self.assertEqual(code, 2)
        self.assertIn("there are: arrows, tests, cells, names", said)


if __name__ == "__main__":
    unittest.main()
