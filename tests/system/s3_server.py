# SPDX-License-Identifier: Apache-2.0
"""A real S3 server for system tests: versitygw, as `tools/bootstrap test` brings it, over a temporary folder on a free loopback port."""
import contextlib
import http.client
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
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
