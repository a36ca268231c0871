"""What is left of a key in the memory of a process, once its keyring is gone."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

from planwire import guard

from test_guard import each_algorithm

HOLDING = """
import sys
from planwire import guard
keyring = guard.Keyring.from_file(sys.argv[1])
guard.open(guard.seal(b"data", keyring, audience="a"), keyring, audience="a")
for step in (lambda: None, keyring.reload):
    step()
    print(*keyring.key_ids, flush=True)
    sys.stdin.readline()
del keyring, step
print("dropped", flush=True)
sys.stdin.readline()
"""


def remembered(process: int, secret: bytes) -> bool:
    """Whether half of a secret is anywhere in what another process can write."""
    needles = [secret[:16], secret[16:], base64.b64encode(secret)[:21]]
    with (
        open(f"/proc/{process}/maps", encoding="ascii") as regions,
        open(f"/proc/{process}/mem", "rb", 0) as memory,
    ):
        for region in regions:
            bounds, rights, *_ = region.split()
            if rights.startswith("rw"):
                start, end = (int(bound, 16) for bound in bounds.split("-"))
                memory.seek(start)
                held = memory.read(end - start)
                if any(needle in held for needle in needles):
                    return True
    return False


@each_algorithm
def test_keys_are_wiped_with_their_keyring_and_when_it_is_read_again(
    algorithm: str, tmp_path: Path
) -> None:
    lines = [guard.generate_key(algorithm, name)[0] for name in ("old", "new")]
    old, new = (base64.b64decode(line.split()[-1]) for line in lines)
    keys = tmp_path / "keys"
    keys.touch(mode=0o600)
    keys.write_text(lines[0])
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(keys)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin
        assert child.stdout
        held = []
        for _ in range(3):
            told = child.stdout.readline().strip()
            held.append((told, remembered(child.pid, old), remembered(child.pid, new)))
            keys.write_text(lines[1])
            child.stdin.write("\n")
            child.stdin.flush()
    assert held == [("old", True, False), ("new", False, True), ("dropped", False, False)]
