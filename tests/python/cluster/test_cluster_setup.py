"""The commands of the page for those who set up clusters make clusters that run queries."""

from __future__ import annotations

import configparser
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import yaml  # type: ignore[import-untyped]
from planwire import SessionContext, col, udf

from support.clusters import without_floor

pytestmark = pytest.mark.timeout(120)

ROOT = Path(__file__).parents[3]
FILES = ROOT / "examples" / "cluster"
PAGE = (ROOT / "docs" / "cluster-setup.md").read_text(encoding="utf-8")

# Seconds that something may take that is about to happen.
PATIENCE = 30

# A command as it stands in a file, and the address of its machine if it asks for that.
Command = tuple[list[str], str]


def units() -> list[Command]:
    """The commands of the services of systemd."""
    found = []
    for text in re.findall(r"^```ini\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        unit = configparser.ConfigParser(interpolation=None)
        unit.optionxform = str  # type: ignore[assignment, method-assign]
        unit.read_string(text)
        assert unit["Service"]["Restart"] == "always"
        found.append(unit["Service"]["ExecStart"])
    scheduler, executor = (line.replace("/opt/planwire/bin/", "") for line in found)
    assert PAGE.count("`--bind 10.0.0.3`") == 1
    third = executor.replace("--bind 10.0.0.2", "--bind 10.0.0.3")
    # Machines of this one.
    lines = [re.sub(r"10\.0\.0\.", "127.50.0.", line) for line in (scheduler, executor, third)]
    return [(line.split(), "127.50.0.1") for line in lines]


def containers() -> list[Command]:
    """The commands of the services of Compose, as a container runs them."""
    services = yaml.safe_load((FILES / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert list(services) == ["scheduler", "executor"]
    return [
        (in_container(services[name]), f"127.50.1.{number}")
        for number, name in enumerate(["scheduler", "executor", "executor"], start=1)
    ]


def in_container(service: dict[str, Any]) -> list[str]:
    assert service["entrypoint"] == ["sh", "-c"]
    [command] = service["command"]
    # Compose takes two dollars for one.
    return ["sh", "-c", command.replace("$$", "$").replace("//scheduler:", "//127.50.1.1:")]


def pods() -> list[Command]:
    """The commands of the pods of Kubernetes."""
    text = (FILES / "kubernetes.yaml").read_text(encoding="utf-8")
    scheduler, service, executor = yaml.safe_load_all(text)
    assert service["spec"]["selector"] == scheduler["spec"]["template"]["metadata"]["labels"]
    name = service["metadata"]["name"]
    commands = []
    for number, deployment in enumerate([scheduler, executor, executor], start=1):
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        address = f"127.50.2.{number}"
        arguments = [
            argument.replace("$(POD_IP)", address).replace(name, "127.50.2.1")
            for argument in container["args"]
        ]
        probed = container["readinessProbe"]["tcpSocket"]["port"]
        assert str(probed) in (arguments if "executor" in arguments else "50050")
        commands.append((["planwire", *arguments], address))
    return commands


@contextmanager
def running(commands: list[Command], folder: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """The processes of commands, which find `planwire` and `hostname` in a directory."""
    script(folder / "planwire", f'exec {sys.executable} -m planwire "$@"')
    script(folder / "hostname", "echo $ADDRESS")
    env = without_floor() | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    processes = []
    try:
        for command, address in commands:
            process = subprocess.Popen(
                command,
                env=env | {"ADDRESS": address, "TMPDIR": str(folder)},
                stdout=subprocess.PIPE,
                text=True,
            )
            processes.append(process)
            if process is processes[0]:
                assert process.stdout is not None
                assert "listening at" in process.stdout.readline()
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def catches(process: subprocess.Popen[str], number: signal.Signals) -> bool:
    """Whether a process has begun to do something about a signal."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    [caught] = re.findall(r"^SigCgt:\s*(\w+)$", status, re.MULTILINE)
    return bool(int(caught, 16) >> (number - 1) & 1)


def script(path: Path, command: str) -> None:
    path.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.inline
@pytest.mark.parametrize(
    "commands", [units(), containers(), pods()], ids=["units", "compose", "k8s"]
)
def test_commands_of_the_files_make_a_cluster(commands: list[Command], tmp_path: Path) -> None:
    address = commands[0][1]
    double = udf(lambda a: pc.multiply(a, 2), pa.int64(), pa.int64(), "immutable", "double")
    with running(commands, tmp_path) as processes:
        cluster = SessionContext.cluster(f"df://{address}:50050")
        frame = cluster.from_pydict({"a": [1, 2]}).select(double(col("a")).alias("b"))
        assert frame.to_pydict() == {"b": [2, 4]}
        scheduler, *executors = processes
        for process in [*executors, scheduler]:
            while not catches(process, signal.SIGTERM):
                time.sleep(0.02)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
    # Nothing is left of the rows.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hostname", "planwire"]


def test_command_that_asks_for_health_fails_without_a_cluster(tmp_path: Path) -> None:
    [command] = re.findall(r'^(python -c "import planwire; .*")$', PAGE, re.MULTILINE)
    asked = command.replace("python ", f"{sys.executable} ").replace("10.0.0.1", "127.50.9.1")
    begin = time.monotonic()
    ended = subprocess.run(
        ["sh", "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "the scheduler at df://127.50.9.1:50050 does not answer: " in ended.stderr
    assert time.monotonic() - begin < PATIENCE


def test_image_has_the_directory_in_which_rows_are_kept() -> None:
    lines = (FILES / "Dockerfile").read_text(encoding="utf-8").splitlines()
    instructions = dict(line.split(" ", 1) for line in lines if not line.startswith("#"))
    directory = instructions["ENV"].removeprefix("TMPDIR=")
    assert f"install -d -o planwire {directory}" in (FILES / "Dockerfile").read_text("utf-8")
    compose = yaml.safe_load((FILES / "compose.yaml").read_text(encoding="utf-8"))
    assert directory in [volume["target"] for volume in compose["services"]["executor"]["volumes"]]
    *_, executor = yaml.safe_load_all((FILES / "kubernetes.yaml").read_text(encoding="utf-8"))
    [container] = executor["spec"]["template"]["spec"]["containers"]
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == [directory]
    assert instructions["ENTRYPOINT"] == '["planwire"]'
