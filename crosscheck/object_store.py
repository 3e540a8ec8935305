"""Holds `fisher fit s3://…` against the same fit of files on the disk, on a server of the S3 protocol.

    python crosscheck/object_store.py path/to/fisher

Needs moto with its server, boto3 and pyarrow, and a `fisher` with the features `object-store` and
`columnar`. Everything that a fit prints as JSON has to be the same, digit by digit; then what is refused.
Ends with 1 and says where if anything differs.
"""

import gzip
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import boto3
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from moto.server import ThreadedMotoServer

ROWS = 60_000
FORMULA = "count ~ x + group + log(size)"
FAILED = []


def table(rows):
    draw = random.Random(20)
    lines = ["count,x,group,size"]
    for _ in range(rows):
        group = draw.choice(["north", "south", "été"])
        x = round(draw.gauss(0, 1), 6)
        count = int(draw.expovariate(0.4) + (x > 0) + (group == "south"))
        cell = "" if draw.random() < 0.01 else x
        lines.append(f"{count},{cell},{group},{1 + draw.randrange(400) / 16}")
    return lines


def write(folder):
    """Files of one table: CSV in parts, some compressed; Parquet in parts of several row groups."""
    header, *rows = table(ROWS)
    part = ROWS // 3
    for i in range(3):
        text = "\n".join([header, *rows[i * part : (i + 1) * part]]) + "\n"
        if i == 1:
            (folder / f"part {i}.csv.gz").write_bytes(gzip.compress(text.encode()))
        else:
            (folder / f"part {i}.csv").write_text(text)
        plain = folder / f"{i}.txt"
        plain.write_text(text)
        read = pa.csv.read_csv(plain)
        pa.parquet.write_table(
            read, folder / f"part-{i}.parquet", row_group_size=7000, compression="zstd"
        )
        with pa.OSFile(str(folder / f"part-{i}.arrow"), "wb") as file:
            with pa.ipc.new_file(file, read.schema) as writer:
                writer.write_table(read, max_chunksize=5000)
        plain.unlink()


def check(name, holds, said=""):
    print("ok  " if holds else "FAIL", name)
    if not holds:
        FAILED.append(name)
        print(said)


def main():
    fisher = sys.argv[1]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    address, port = server.get_host_and_port()
    endpoint = f"http://{address}:{port}"
    access = {"AWS_ACCESS_KEY_ID": "reader", "AWS_SECRET_ACCESS_KEY": "secret"}
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **access,
        "AWS_ENDPOINT": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
    }
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="reader",
        aws_secret_access_key="secret",
    )

    def fit(*data, environment=environment, more=()):
        arguments = [fisher, "fit", *data, FORMULA, "--family", "poisson", "--missing", "drop"]
        done = subprocess.run(
            [*map(str, arguments), "--json", *more],
            capture_output=True,
            text=True,
            env=environment,
            timeout=300,
        )
        return done.returncode, done.stdout, done.stderr

    def refused(name, url, *words, environment=environment):
        begun = time.monotonic()
        code, _, said = fit(url, environment=environment)
        said = " ".join(said.replace("│", " ").split())
        holds = code == 2 and all(word in said for word in words) and "panicked" not in said
        check(f"{name}: {said}", holds and time.monotonic() - begun < 60, said)

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write(folder)
        client.create_bucket(Bucket="tables")
        for file in folder.iterdir():
            client.upload_file(str(file), "tables", f"counts/{file.name}")
        for pattern in ["part ?.csv*", "part-*.parquet", "part-*.arrow", "part 1.csv.gz", "part-2.parquet"]:
            code, here, said = fit(folder / pattern)
            there = fit(f"s3://tables/counts/{pattern}")
            check(f"{pattern} locally", code == 0, said)
            check(f"{pattern} bit by bit", there == (code, here, ""), there[1][:400] + there[2])
        names = [f"part-{i}.parquet" for i in range(3)]
        there = fit(*[f"s3://tables/counts/{name}" for name in names])
        check("objects by their names", there[:2] == fit(*[folder / name for name in names])[:2])
        saved = [folder / "here.json", folder / "there.json"]
        fit(folder / names[0], more=["--save", str(saved[0])])
        fit(f"s3://tables/counts/{names[0]}", more=["--save", str(saved[1])])
        fits = [json.loads(file.read_text()) for file in saved]
        sources = [fit.pop("source") for fit in fits]
        check("saved fits", fits[0] == fits[1] and sources[0]["sha256"] == sources[1]["sha256"])
        predicted = [
            subprocess.run(
                [fisher, "predict", saved[0], data, "--missing", "drop", "--json"],
                capture_output=True,
                text=True,
                env=environment,
            ).stdout
            for data in [folder / "part 2.csv", "s3://tables/counts/part 2.csv"]
        ]
        check("predictions", predicted[0] == predicted[1] and len(predicted[0]) > 1000)

        # A row on its line, in an object.
        client.put_object(Bucket="tables", Key="wrong.csv", Body=b"count,x,group,size\n1,2,a,3\n2,b,a,1\n")
        refused("a cell that is no number", "s3://tables/wrong.csv", "s3://tables/wrong.csv, line 3", "x")
        refused("a missing key", "s3://tables/none.csv", "s3://tables/none.csv: no such object")
        refused("a folder", "s3://tables/counts", "s3://tables/counts/*")
        refused("a pattern of nothing", "s3://tables/counts/*.tsv", "no file matches")
        refused("a missing bucket", "s3://nowhere/a.csv", "s3://nowhere/a.csv: there is no bucket `nowhere`")
        refused("a pattern in a missing bucket", "s3://nowhere/*.csv", "there is no bucket `nowhere`")
        silent = {**environment, "AWS_ENDPOINT": "http://127.0.0.1:9"}
        refused("a server that is not there", "s3://tables/a.csv", "cannot be reached", "AWS_ENDPOINT", environment=silent)
        barred = {name: value for name, value in environment.items() if name != "AWS_ALLOW_HTTP"}
        refused("http where it is not allowed", "s3://tables/a.csv", "AWS_ALLOW_HTTP=true", environment=barred)

        # An object that is written again and again while it is read.
        name = "s3://tables/counts/part 0.csv"
        text = (folder / "part 0.csv").read_bytes()
        ended = threading.Event()

        def write_again():
            i = 0
            while not ended.is_set():
                i += 1
                client.put_object(Bucket="tables", Key="counts/part 0.csv", Body=text + b"1,2,south,%d\n" % i)
                time.sleep(0.02)

        writer = threading.Thread(target=write_again)
        writer.start()
        refused("an object that changes", name, name, "was changed or removed while it was read")
        ended.set()
        writer.join()
    server.stop()
    if FAILED:
        sys.exit(f"{len(FAILED)} differ: {', '.join(FAILED)}")


if __name__ == "__main__":
    main()
