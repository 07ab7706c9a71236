# SPDX-License-Identifier: Apache-2.0
"""How many tile reads from S3 are in flight: a real S3 server (versitygw, over a temporary folder) behind a proxy that delays every request by
50 ms, as a server far away does. `canopy bench reads` reads tiles of 200 kB one at a time, then with as many in flight as training has. Reads per
second over those of one at a time is the number that are truly in flight (Little's law).
"""
import hashlib
import json
import os
import pathlib
import random
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tests/system"))
NAME, DELAY_S, TILES, TILE_BYTES = "store.s3_reads_in_flight", 0.05, 64, 200_000
AGAINST = "one read at a time, 50 ms away, tiles of 200 kB; value = reads per second over its"


def measure(bench):
    os.environ.setdefault("CANOPY_ROOT", str(pathlib.Path(__file__).resolve().parents[2]))
    from s3_server import PROGRAM, S3Server, proxy
    if not PROGRAM.exists():
        return [bench.figure(NAME, None, AGAINST, None, reason="the S3 server is not there; run 'tools/bootstrap test'")]
    server = S3Server()
    try:
        tiles, rng = server.bucket("tiles"), random.Random(1)
        for i in range(TILES):
            name = hashlib.sha256(str(i).encode()).hexdigest()
            (tiles / name[:2]).mkdir(exist_ok=True)
            (tiles / name[:2] / f"{name[2:]}.example.gz").write_bytes(rng.randbytes(TILE_BYTES))
        with proxy(server.port, delay_s=DELAY_S) as port:
            os.environ.update(server.environment(AWS_ENDPOINT_URL_S3=f"http://127.0.0.1:{port}"))
            rows = json.loads(bench.run([bench.canopy, "bench", "reads", "--url", "s3://tiles", "--reads", 10 * bench.rounds, "--json"])[0])["rows"]
    finally:
        server.close()
    one, most = rows[0], rows[-1]
    ratio = round(most["times_one"], 1)
    return [{"name": NAME, "value": ratio, "unit": "reads", "against": f"{AGAINST} ({most['in_flight']} asked for)",
             "against_value": round(one["reads_per_second"], 1), "ratio": ratio, "command": "benchmark/runtime/bench.py --only s3_reads"}]
