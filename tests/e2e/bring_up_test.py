#!/usr/bin/env python3
"""deploy/bring-up.md, word for word: its commands run as they stand there on three hosts, each with a network, a home
folder and an SSH server of its own, from nothing to a verdict.

    bring_up_test.py BIN_DIR [--document FILE]    exit 0 passed, 1 failed, 77 skipped (with the reason)

CHIPLOC_BRING_UPS=10 runs the whole of it ten times, each time from nothing. Asserted each time: at most twelve commands,
each a single one; every command ends with 0; the last prints VERIFIED, within five minutes of the first. Then once more as a
careful reader would: with the sample's own fault budget the same twelve must say UNRESOLVED, and what is missing.

What is not in the document: the programs are in PATH, SSH keys are exchanged, and of the two keys that people copy from what
the first commands printed ($COORDINATOR_KEY, $FRA1_KEY) the test copies the same 64 digits.
"""

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HOSTS = {"coordinator": "192.0.2.1", "fra1": "192.0.2.2", "chip": "192.0.2.3"}
COMMANDS_MAX = 12
SECONDS_MAX = 300
STEP = re.compile(r"^### (\d+)\. On (\w+): .*$")
COPIED = {"COORDINATOR_KEY": r"--coordinator-key ([0-9a-f]{64})\b", "FRA1_KEY": r"--rendezvous \S+=([0-9a-f]{64})\b"}


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def steps_of(document):
    """(host, command) of each numbered section, in order: exactly one block of shell in each, and none elsewhere."""
    steps, block, host = [], None, None
    with open(document, encoding="utf-8") as file:
        for line in file.read().split("\n"):
            match = STEP.match(line)
            if block is not None:
                if line == "```":
                    steps.append((host, "\n".join(block)))
                    block, host = None, None
                else:
                    block.append(line)
            elif match:
                if host:
                    raise Failed(f"{document}: the section before {line!r} has no block of shell")
                if int(match[1]) != len(steps) + 1 or match[2] not in HOSTS:
                    raise Failed(f"{document}: {line!r} is not step {len(steps) + 1} on one of {', '.join(HOSTS)}")
                host = match[2]
            elif line == "```sh":
                if not host:
                    raise Failed(f"{document}: a block of shell that belongs to no numbered step")
                block = []
    if not 0 < len(steps) <= COMMANDS_MAX:
        raise Failed(f"{document}: {len(steps)} commands instead of 1 to {COMMANDS_MAX}")
    for _, command in steps:
        first = command.split("<<", 1)[0].replace("\\\n", " ")
        if re.search(r"[;&|\n`]|\$\(", first):
            raise Failed(f"{document}: more than one command in one block:\n{command}")
    return steps


def is_server(command):
    return re.match(r"chiplocd --config|chiploc-anchor --config|chiploc-agent --config", command) is not None


class Host:
    """A network and mount namespace of its own, held by a process that waits for us to go."""

    def __init__(self, world, name):
        self.world, self.name, self.address = world, name, HOSTS[name]
        self.home = os.path.join(world.folder, name)
        os.makedirs(os.path.join(self.home, ".ssh"), mode=0o700)
        self.holder = subprocess.Popen(["unshare", "--net", "--mount", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        # cat answers once it runs, and with that the namespaces are there.
        self.holder.stdin.write(b"x")
        self.holder.stdin.flush()
        if self.holder.stdout.read(1) != b"x":
            raise Skipped("network and mount namespaces cannot be made here")
        self.servers = []

    def inside(self, command):
        return ["nsenter", f"--target={self.holder.pid}", "--net", "--mount", "--wdns=/root", "--"] + command

    def must(self, *command):
        done = subprocess.run(self.inside(list(command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise Failed(f"{self.name}: {' '.join(command)}: {done.stdout}")

    def set_up(self):
        pid = self.holder.pid
        subprocess.run(["ip", "link", "add", f"v-{self.name[:8]}", "type", "veth", "peer", "name", "eth0", "netns", str(pid)],
                       check=True)
        subprocess.run(["ip", "link", "set", f"v-{self.name[:8]}", "master", "br0", "up"], check=True)
        mount = subprocess.run(["nsenter", f"--target={pid}", "--net", "--mount", "--", "mount", "--bind", self.home, "/root"],
                               capture_output=True, text=True)
        if mount.returncode != 0:
            raise Skipped(f"a home folder cannot be mounted here: {mount.stderr.strip()}")
        self.must("ip", "address", "add", f"{self.address}/24", "dev", "eth0")
        self.must("ip", "link", "set", "eth0", "up")
        self.must("ip", "link", "set", "lo", "up")
        self.must("dropbearkey", "-t", "ed25519", "-f", "/root/.ssh/host_key")

    def start_ssh(self):
        self.ssh = subprocess.Popen(self.inside(["dropbear", "-F", "-E", "-s", "-p", f"{self.address}:22", "-r",
                                                 "/root/.ssh/host_key", "-P", "/root/.ssh/pid"]),
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.servers.append(self.ssh)

    def environment(self):
        return {"HOME": "/root", "PATH": f"{self.world.bin}:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "USER": "root",
                "LOGNAME": "root", **self.world.copied}

    def run(self, command):
        done = subprocess.run(self.inside(["bash", "-c", command]), env=self.environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS_MAX)
        return done.returncode, done.stdout

    def start(self, command):
        """Runs a server as a service manager does, until it says READY; an anchor also until it is attached."""
        path = os.path.join(self.home, f"notify-{len(self.servers)}")
        log = os.path.join(self.home, f"log-{len(self.servers)}")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(path)
            environment = {**self.environment(), "NOTIFY_SOCKET": path}
            process = subprocess.Popen(self.inside(["bash", "-c", "exec " + command]), env=environment, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.servers.append(process)
            os.set_blocking(process.stdout.fileno(), False)
            ready, text = False, ""
            attached = "chiploc-anchor" not in command
            deadline = time.monotonic() + 60
            while not (ready and attached):
                left = deadline - time.monotonic()
                readable, _, _ = select.select([notify, process.stdout], [], [], max(left, 0))
                if notify in readable:
                    ready = ready or b"READY=1" in notify.recv(4096)
                if process.stdout in readable:
                    piece = process.stdout.read()
                    text += piece or ""
                    attached = attached or "uplink.attached" in text
                    if piece == "":  # it ended
                        raise Failed(f"{self.name}: {command} ended with {process.wait()}:\n{text}")
                if not readable:
                    raise Failed(f"{self.name}: {command} is not ready within 60 s:\n{text}")
        # From here on its lines go to a file: nobody reads the pipe any more.
        self.world.drain(process, log, text)
        return text

    def stop(self):
        for process in reversed(self.servers):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.servers:
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.holder.stdin.close()
        self.holder.wait()


class World:
    """Three hosts on one switch, from nothing, and nothing left of them afterwards."""

    def __init__(self, bin_folder):
        self.bin = bin_folder
        self.folder = tempfile.mkdtemp(prefix="chiploc-bring-up-")
        self.copied = {}
        self.hosts = {}
        self.readers = []

    def drain(self, process, log, text):
        """cat takes over the pipe, so that the server never waits for a reader."""
        with open(log, "w", encoding="utf-8") as out:
            out.write(text)
        os.set_blocking(process.stdout.fileno(), True)
        with open(log, "a", encoding="utf-8") as out:
            self.readers.append(subprocess.Popen(["cat"], stdin=process.stdout, stdout=out))
        process.stdout.close()

    def __enter__(self):
        try:
            self.set_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def set_up(self):
        if subprocess.run(["ip", "link", "add", "br0", "type", "bridge"], capture_output=True).returncode != 0:
            raise Skipped("bridges cannot be made here")
        subprocess.run(["ip", "link", "set", "br0", "up"], check=True)
        for name in HOSTS:
            self.hosts[name] = Host(self, name)
            self.hosts[name].set_up()
        admin = self.hosts["coordinator"]
        admin.must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/.ssh/id_ed25519")
        with open(os.path.join(admin.home, ".ssh", "config"), "w", encoding="utf-8") as file:
            file.write("StrictHostKeyChecking accept-new\nLogLevel ERROR\n")
        for host in self.hosts.values():
            shutil.copy(os.path.join(admin.home, ".ssh", "id_ed25519.pub"), os.path.join(host.home, ".ssh", "authorized_keys"))
            host.start_ssh()
        for name in ("fra1", "chip"):  # until it answers
            for _ in range(100):
                code, text = admin.run(f"ssh -o ConnectionAttempts=10 {HOSTS[name]} true")
                if code == 0:
                    break
            else:
                raise Failed(f"the SSH server of {name} does not answer: {text}")

    def __exit__(self, *_):
        for host in self.hosts.values():
            host.stop()
        for reader in self.readers:
            reader.wait()
        subprocess.run(["ip", "link", "del", "br0"], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self):
        out = ""
        for host in self.hosts.values():
            for name in sorted(os.listdir(host.home)):
                if name.startswith("log-"):
                    with open(os.path.join(host.home, name), encoding="utf-8") as file:
                        out += f"--- {host.name} {name}\n" + "".join(file.readlines()[-20:])
        return out


def bring_up(bin_folder, steps, expected_code):
    """One whole run; returns what the last command printed and the seconds it all took."""
    with World(bin_folder) as world:
        begun = time.monotonic()
        for number, (host, command) in enumerate(steps, 1):
            last = number == len(steps)
            if is_server(command):
                text = world.hosts[host].start(command)
            else:
                code, text = world.hosts[host].run(command)
                if code != (expected_code if last else 0):
                    raise Failed(f"command {number} on {host} ended with {code}:\n{command}\n{text}\n{world.logs()}")
            for name, pattern in COPIED.items():
                found = re.search(pattern, text)
                if found and name not in world.copied:
                    world.copied[name] = found[1]
        seconds = time.monotonic() - begun
        if seconds > SECONDS_MAX:
            raise Failed(f"the verdict took {seconds:.0f} s")
        return text, seconds


def main():
    bin_folder, document = os.path.abspath(sys.argv[1]), os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../deploy/bring-up.md")
    if "--document" in sys.argv:
        document = sys.argv[sys.argv.index("--document") + 1]
    steps = steps_of(document)
    for program in ("ip", "nsenter", "unshare", "ssh", "scp", "dropbear", "dropbearkey"):
        if shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is None:
            raise Skipped(f"needs the command {program}")
    if os.geteuid() != 0:
        raise Skipped("namespaces with addresses of their own need root")
    for run in range(int(os.environ.get("CHIPLOC_BRING_UPS", "1"))):
        text, seconds = bring_up(bin_folder, steps, 0)
        if "VERIFIED" not in text:
            raise Failed(f"the last command printed no VERIFIED:\n{text}")
        print(f"run {run + 1}: {len(steps)} commands, VERIFIED after {seconds:.1f} s", flush=True)
    careful = [(host, command.replace(" --faults 0", "")) for host, command in steps]
    if careful == steps:
        raise Failed("no command has --faults 0, so there is nothing to be careful about; mend this test")
    text, seconds = bring_up(bin_folder, careful, 11)
    if "UNRESOLVED" not in text or not re.search(r"1 independent perspective.* at least 2 are needed", text):
        raise Failed(f"with the sample's fault budget the last command printed:\n{text}")
    print(f"with the sample's fault budget: UNRESOLVED after {seconds:.1f} s, and what is missing")


if __name__ == "__main__":
    try:
        if "CHIPLOC_OWN_NAMESPACES" not in os.environ:
            # A network and mounts of our own: nothing stays behind, and nothing outside is in the way.
            os.environ["CHIPLOC_OWN_NAMESPACES"] = "1"
            probe = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, text=True)
            if probe.returncode != 0:
                raise Skipped(f"namespaces cannot be made here: {probe.stderr.strip()}")
            os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, os.path.abspath(__file__), *sys.argv[1:]])
        main()
    except Skipped as reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    except Failed as reason:
        print(f"FAILED: {reason}")
        sys.exit(1)
