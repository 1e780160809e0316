"""What the least possible client costs: a bare raw list, and bare server-side applies."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import orjson
import urllib3

from gitopsd.model.ownership import Owner

PATHS = {"Service": "/api/v1/services", "Ingress": "/apis/networking.k8s.io/v1/ingresses"}
CREATE = {
    "Service": "/api/v1/namespaces/{namespace}/services/{name}",
    "Ingress": "/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses/{name}",
}


def list_all(pool: urllib3.PoolManager, url: str) -> int:
    """List our Services and Ingresses page by page, decode them, and count."""
    selector, count = quote(Owner("bench", "edge").selector), 0
    for path in PATHS.values():
        token = ""
        while True:
            page = pool.request(
                "GET", f"{url}{path}?limit=500&labelSelector={selector}&continue={token}"
            )
            body = orjson.loads(page.data)
            count += len(body["items"])
            token = quote(body["metadata"].get("continue", ""))
            if not token:
                break
    return count


def apply_all(pool: urllib3.PoolManager, url: str, rendered: str, connections: int) -> int:
    """Server-side apply every manifest of a `gitopsd render -o json` file."""
    with open(rendered, encoding="utf-8") as file:  # noqa: PTH123
        objects = [o for target in json.load(file)["targets"] for o in target["objects"]]

    def apply(manifest: dict) -> int:
        path = CREATE[manifest["kind"]].format(**manifest["metadata"])
        return pool.request(
            "PATCH",
            f"{url}{path}?fieldManager=bare&force=true",
            body=orjson.dumps(manifest),
            headers={**pool.headers, "Content-Type": "application/apply-patch+yaml"},
        ).status

    with ThreadPoolExecutor(connections) as threads:
        statuses = list(threads.map(apply, objects))
    if any(status != 201 for status in statuses):
        raise SystemExit(f"not all were created: {sorted(set(statuses))}")
    return len(statuses)


def main(action: str, url: str, token: str, *more: str) -> None:
    """`list URL TOKEN` or `apply URL TOKEN RENDERED CONNECTIONS`."""
    pool = urllib3.PoolManager(maxsize=64, headers={"Authorization": f"Bearer {token}"})
    if action == "list":
        print(list_all(pool, url))
    else:
        print(apply_all(pool, url, more[0], int(more[1])))


if __name__ == "__main__":
    main(*sys.argv[1:])
