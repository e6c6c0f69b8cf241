"""The vendor's own Python SDK doing the same, in an environment of its own: `python benchmarks/remote_sdk.py URL KEY COUNT …`.

Prints, as JSON, how long after the end of each order `client.run` returned. Nothing of this project is imported here.
"""

import json
import random
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from wavespeed import Client

url, key, at_once, rounds, shortest, longest = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:])
client = Client(api_key=key, base_url=url)


def late_s(seed: int, lasts: float) -> float:
    started = time.time()
    client.run("wavespeed-ai/flux-srpo", {"prompt": "a red fox", "size": "256*256", "seed": seed})
    return time.time() - started - lasts


found = []
for number in range(int(rounds)):
    lasts = random.uniform(shortest, longest)
    change = urllib.request.Request(f"{url}/_settings", data=json.dumps({"duration_s": lasts}).encode(), method="POST")
    urllib.request.urlopen(change).close()
    with ThreadPoolExecutor(int(at_once)) as pool:
        found += pool.map(late_s, range(number * 100, number * 100 + int(at_once)), [lasts] * int(at_once))
print(json.dumps(found))
