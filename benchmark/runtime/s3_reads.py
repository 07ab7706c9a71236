# SPDX-License-Identifier: Apache-2.0
"""How many tile reads from S3 are in flight: a real S3 server (versitygw, over a temporary folder) behind a proxy that delays every request by
50 ms, as a server far away does. `canopy bench reads` reads tiles of 200 kB one at a time, then with as many in flight as training has. Reads per
second over those of one at a time is the number that are truly in flight (Little's law).
"""
import asyncio
import contextlib
import hashlib
import json
import os
import pathlib
import random
import sys
import threading

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tests/system"))
NAME, DELAY_S, TILES, TILE_BYTES = "store.s3_reads_in_flight", 0.05, 64, 200_000
AGAINST = "one read at a time, 50 ms away, tiles of 200 kB; value = reads per second over its"


async def read_message(reader):
    """One HTTP message as bytes; empty at the end of a connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    return head + (await reader.readexactly(length) if length else b"")


async def pass_on(client, client_writer, port):
    server, server_writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while request := await read_message(client):
            await asyncio.sleep(DELAY_S)
            server_writer.write(request)
            client_writer.write(await read_message(server))
            await client_writer.drain()
    server_writer.close()
    client_writer.close()


@contextlib.contextmanager
def far_away(port):
    """A proxy on a thread of its own -> its port."""
    loop, ready = asyncio.new_event_loop(), threading.Event()

    def run():
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(asyncio.start_server(lambda r, w: pass_on(r, w, port), "127.0.0.1", 0, limit=1 << 22, backlog=256))
        run.port = server.sockets[0].getsockname()[1]
        ready.set()
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    yield run.port
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def measure(bench):
    os.environ.setdefault("CANOPY_ROOT", str(pathlib.Path(__file__).resolve().parents[2]))
    from s3_server import PROGRAM, S3Server
    if not PROGRAM.exists():
        return [bench.figure(NAME, None, AGAINST, None, reason="the S3 server is not there; run 'tools/bootstrap test'")]
    server = S3Server()
    try:
        tiles, rng = server.bucket("tiles"), random.Random(1)
        for i in range(TILES):
            name = hashlib.sha256(str(i).encode()).hexdigest()
            (tiles / name[:2]).mkdir(exist_ok=True)
            (tiles / name[:2] / f"{name[2:]}.example.gz").write_bytes(rng.randbytes(TILE_BYTES))
        with far_away(server.port) as port:
            os.environ.update(server.environment(AWS_ENDPOINT_URL_S3=f"http://127.0.0.1:{port}"))
            rows = json.loads(bench.run([bench.canopy, "bench", "reads", "--url", "s3://tiles", "--reads", 10 * bench.rounds, "--json"])[0])["rows"]
    finally:
        server.close()
    one, most = rows[0], rows[-1]
    ratio = round(most["times_one"], 1)
    return [{"name": NAME, "value": ratio, "unit": "reads", "against": f"{AGAINST} ({most['in_flight']} asked for)",
             "against_value": round(one["reads_per_second"], 1), "ratio": ratio, "command": "benchmark/runtime/bench.py --only s3_reads"}]
