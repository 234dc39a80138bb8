"""The WSGI application."""

import json
from urllib.parse import parse_qsl
from wsgiref.simple_server import make_server

from quayside import identity, settings
from quayside.api import booking_routes, change_routes, harbour_routes  # noqa: F401  (they register themselves)
from quayside.api.routes import found
from quayside.problems import Problem

REASONS = {200: "OK", 201: "Created", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}


def application(environ, start_response):
    status, answer = answered(environ)
    content = json.dumps(answer).encode()
    start_response(f"{status} {REASONS[status]}", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
    return [content]


def answered(environ):
    answer, parts = found(environ["REQUEST_METHOD"], environ["PATH_INFO"])
    if answer is None:
        return 404, {"code": "path", "text": "there is nothing here"}
    headers = {"authorization": environ.get("HTTP_AUTHORIZATION", "")}
    query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    try:
        return answer(identity.who(headers), query, body_of(environ), **parts)
    except Problem as problem:
        return problem.status, {"code": problem.code, "text": str(problem)}
    except (KeyError, ValueError) as error:
        return 400, {"code": "body", "text": str(error)}


def body_of(environ):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return json.loads(environ["wsgi.input"].read(length)) if length else {}


if __name__ == "__main__":
    make_server("127.0.0.1", settings.port(), application).serve_forever()
