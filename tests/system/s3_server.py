# SPDX-License-Identifier: Apache-2.0
"""A real S3 server for system tests: versitygw, as `tools/bootstrap test` brings it, over a temporary folder on a free loopback port; and a proxy
before it that delays or spoils what passes."""
import asyncio
import contextlib
import http.client
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from program import ROOT

PROGRAM = pathlib.Path(os.environ.get("CANOPY_S3_SERVER") or ROOT / ".deps/versitygw/versitygw")
KEY, SECRET = "canopyroot", "canopysecret"


class S3Server:
    def __init__(self):
        if not PROGRAM.exists():
            raise RuntimeError(f"{PROGRAM} is missing; run 'tools/bootstrap test'")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="canopy_s3_"))
        for name in ("data", "iam"):
            (self.folder / name).mkdir()
        # Another program may take the port between our look and the server's start.
        if not any(self.start() for _ in range(5)):
            raise RuntimeError("the S3 server does not start: " + (self.folder / "log").read_text()[-500:])

    def start(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "--port", f"127.0.0.1:{self.port}", "--iam-dir", self.folder / "iam", "--health", "/healthz", "--keep-alive", "--quiet",
                 "posix", self.folder / "data"], env=os.environ | {"ROOT_ACCESS_KEY": KEY, "ROOT_SECRET_KEY": SECRET}, stdout=log, stderr=log)
        for _ in range(300):
            if self.process.poll() is not None:
                return False
            try:
                with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
                    connection.request("GET", "/healthz")
                    if connection.getresponse().status == 200:
                        return True
            except OSError:
                pass
            time.sleep(0.1)
        self.stop()
        return False

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def bucket(self, name):
        """A new bucket -> the folder of its objects, each a plain file."""
        folder = self.folder / "data" / name
        folder.mkdir()
        return folder

    def environment(self, **more):
        return {"AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{self.port}", "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
                "AWS_REGION": "us-east-1", "no_proxy": "127.0.0.1"} | more


async def read_message(reader):
    """One HTTP message as bytes; empty at the end of a connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    return head + (await reader.readexactly(length) if length else b"")


@contextlib.contextmanager
def proxy(port, delay_s=0.0, fail_every=0):
    """Passes on to `port`, after `delay_s`; every `fail_every`th request is answered with 503, reset, or done and then reset, in turns. Yields its port."""
    loop, ready, seen = asyncio.new_event_loop(), threading.Event(), [0]

    async def answer(request, reader, writer):
        writer.write(request)
        if not request.startswith(b"HEAD "):
            return await read_message(reader)
        return await reader.readuntil(b"\r\n\r\n")

    async def serve(client, client_writer):
        server, server_writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while request := await read_message(client):
                seen[0] += 1
                spoil = seen[0] // fail_every % 3 if fail_every and seen[0] % fail_every == 0 else None
                if delay_s:
                    await asyncio.sleep(delay_s)
                if spoil == 0:
                    client_writer.write(b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n")
                    continue
                reply = b"" if spoil == 1 else await answer(request, server, server_writer)
                if spoil:
                    client_writer.transport.abort()
                    break
                client_writer.write(reply)
                await client_writer.drain()
        server_writer.close()
        client_writer.close()

    def run():
        asyncio.set_event_loop(loop)
        listener = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 22, backlog=256))
        run.port = listener.sockets[0].getsockname()[1]
        ready.set()
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        listener.close()
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield run.port
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
