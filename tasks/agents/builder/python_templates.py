"""Source that is the same in every module of its kind. `{name}`, `{kind}` and `{told}` are filled in."""

REPOSITORY = '''class {name}:
{told}

    def __init__(self) -> None:
        self._records: dict[str, {kind}] = {{}}

    def add(self, key: str, record: {kind}) -> None:
        """Keep a record under a key that is not taken."""
        if key in self._records:
            raise ValueError(f"there is already a record under {{key!r}}")
        self._records[key] = record

    def find(self, key: str) -> {kind} | None:
        """The record under a key, or nothing."""
        return self._records.get(key)

    def all(self) -> tuple[{kind}, ...]:
        """Every record, in the order of the keys."""
        return tuple(self._records[key] for key in sorted(self._records))

    def remove(self, key: str) -> None:
        """Forget the record under a key.

        Raises:
            KeyError: There is none.
        """
        del self._records[key]'''

API_TYPES = '''@dataclass(frozen=True, slots=True)
class Response:
    """A status and what is sent with it."""

    status: int
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path, and what answers them."""

    method: str
    path: str
    answer: Callable[[Mapping[str, object]], Response]'''

API_RESPOND = '''def respond(method: str, path: str, body: Mapping[str, object]) -> Response:
    """The answer of the first route with this method and path; 404 or 405 if there is none."""
    same_path = [route for route in ROUTES if route.path == path]
    for route in same_path:
        if route.method == method.upper():
            return route.answer(body)
    return Response(405 if same_path else 404, {"error": f"nothing answers {method} {path}"})'''

CONNECTION = '''class Connection(Protocol):
    """The part of a database connection that a migration needs."""

    def execute(self, statement: str, /) -> object:
        """Run one statement."""
        ...'''

UPGRADE = '''def upgrade(connection: Connection) -> None:
    """Apply the migration."""
    for statement in UP:
        connection.execute(statement)


def downgrade(connection: Connection) -> None:
    """Take the migration back."""
    for statement in DOWN:
        connection.execute(statement)'''
