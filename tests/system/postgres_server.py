# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of one's own: a cluster in a temporary folder, reached through a socket there, that ends with `stop`."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

BIN = pathlib.Path(shutil.which("initdb", path="/usr/lib/postgresql/15/bin:" + os.environ["PATH"]) or "/nowhere").resolve().parent


class Server:
    """With the database `farm` of the role `tester`. Where the caller is root, it runs as the user postgres. `settings`: as in postgresql.conf."""

    def __init__(self, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="canopy_pg_"))
        self.user = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        data = self.folder / "data"
        subprocess.run([BIN / "initdb", "-D", data, "-U", "canopy_admin", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, cwd="/", **self.user)
        options = [f"--{name}={value}" for name, value in ({"listen_addresses": "", "fsync": "off"} | settings).items()]
        self.process = subprocess.Popen([BIN / "postgres", "-D", data, "-k", self.folder, *options],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **self.user)
        for _ in range(300):
            if subprocess.run([BIN / "pg_isready", "-q", "-h", self.folder]).returncode == 0:
                break
            time.sleep(0.05)
        self.sql("postgres", "CREATE ROLE tester LOGIN")
        self.sql("postgres", "CREATE DATABASE farm OWNER tester")

    def sql(self, database, text, user="canopy_admin"):
        return subprocess.run([BIN / "psql", "-qAt", "-h", self.folder, "-U", user, "-d", database, "-c", text],
                              check=True, capture_output=True, text=True).stdout.strip()

    @property
    def url(self):
        return f"postgres://tester@/farm?host={self.folder}"

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
