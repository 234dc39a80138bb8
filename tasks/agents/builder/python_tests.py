"""Tests for required modules that pass on their skeletons and fail once a promise is taken back.

They are plain `test_` functions with `assert`, so that they run under pytest and without it. Where nothing can be
tested yet, each promise of the contract has a test that is skipped with its words, so that it is collected and seen.
"""

from prefect_harmonic.tasks.agents.builder.contract import clauses_of
from prefect_harmonic.tasks.agents.builder.naming import snake_name, unique
from prefect_harmonic.tasks.agents.builder.python_kinds import Order
from prefect_harmonic.tasks.agents.builder.python_text import RESERVED, Skeleton, docstring, literal
from prefect_harmonic.tasks.agents.builder.requirements import PublicClass, RequiredModule


def contract_tests(order: Order) -> Skeleton:
    """A test module for everything that the artifact requires."""
    modules = [m for m in order.modules if not m.is_test and m.path != order.artifact.produces_file]
    depth = (order.artifact.produces_file or "test.py").count("/")
    functions: list[tuple[str, str]] = []
    for module in modules:
        functions += _tests_of_module(module)
    found = bool(functions)
    functions = functions or [_unwritten_test(clause) for clause in clauses_of(order.artifact)]
    names = unique([name for name, _ in functions])
    body = [text.replace("def TEST(", f"def {name}(", 1) for name, (_, text) in zip(names, functions, strict=True)]
    left = ["what the parts do, not only that they are there: each unwritten body needs its own tests"]
    if not found:
        left = ["every test: nothing that this artifact requires is a Python file with public names"]
    head = _HEAD.format(depth=depth)
    return Skeleton(
        (head, _LOAD, *body),
        frozenset(),
        frozenset(module.artifact for module in modules if module.classes or module.functions),
        tuple(left),
    )


_HEAD = """ROOT = Path(__file__).resolve().parents[{depth}]
# The tests run from any folder: what they import lies beside them in the workspace.
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))"""

_LOAD = '''def loaded(path: str) -> ModuleType:
    """The module in a file of the workspace."""
    parts = path.removesuffix(".py").split("/")
    if all(part.isidentifier() for part in parts) and parts[0] not in sys.stdlib_module_names:
        return importlib.import_module(".".join(parts).removesuffix(".__init__"))
    spec = importlib.util.spec_from_file_location("_".join(parts), ROOT / path)
    assert spec is not None and spec.loader is not None, f"{path} cannot be loaded"
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module'''


def _tests_of_module(module: RequiredModule) -> list[tuple[str, str]]:
    tests = []
    methods = {each.name: {operation.name for operation in each.methods} for each in module.classes}
    for each in module.classes:
        if {"add", "find", "remove"} <= methods[each.name]:
            tests.append(_behaviour(module, f"{each.name} gives back what it was given", _REPOSITORY_TEST, each.name))
        elif "from_environment" in methods[each.name]:
            tests.append(_behaviour(module, f"{each.name} reads an empty environment", _CONFIG_TEST, each.name))
        elif each.methods:
            tests.append(_operations_test(module, each))
        if each.is_record and each.fields and each.name not in RESERVED:
            tests.append(_record_test(module, each))
        elif not each.methods and each.name not in RESERVED:
            tests.append(_presence_test(module, each.name))
    functions = set(module.functions)
    if "respond" in functions and "Route" in methods:
        tests.append(_behaviour(module, "Every route is reached and an unknown path is not", _API_TEST, "routes"))
    elif {"upgrade", "downgrade"} <= functions:
        tests.append(_behaviour(module, "What goes up comes down again", _MIGRATION_TEST, "migration"))
    else:
        tests += [_presence_test(module, name) for name in module.functions]
    return tests


def _unwritten_test(clause: str) -> tuple[str, str]:
    """A test that is skipped, for a promise that nothing handed over can be held against."""
    told, reason = docstring(f"The contract asks: {clause}", 4), literal(f"to be written: {clause}")
    return f"test_{snake_name(clause)}", f"def TEST() -> None:\n{told}\n    raise unittest.SkipTest({reason})"


_REPOSITORY_TEST = """    subject = module.{name}()
    record = object()
    subject.add("key", record)
    assert subject.find("key") is record
    subject.remove("key")
    assert subject.find("key") is None"""

_CONFIG_TEST = """    subject = module.{name}.from_environment({{}})
    assert subject == module.{name}.from_environment({{}})
    assert set(vars(module.{name}).get("__slots__", ())) == set(module.{name}.__dataclass_fields__)"""

_API_TEST = """    for route in module.ROUTES:
        assert module.respond(route.method, route.path, {{}}).status not in (404, 405)
    assert module.respond("GET", "/there-is-no-such-path", {{}}).status == 404"""

_MIGRATION_TEST = """    database = sqlite3.connect(":memory:")
    module.upgrade(database)
    module.downgrade(database)
    assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    database.close()"""


def _behaviour(module: RequiredModule, told: str, steps: str, name: str) -> tuple[str, str]:
    text = f'def TEST() -> None:\n    """{told}."""\n    module = loaded({literal(module.path)})\n'
    return f"test_{snake_name(told)}", text + steps.format(name=name)


def _operations_test(module: RequiredModule, each: PublicClass) -> tuple[str, str]:
    names = "\n".join(f"        {literal(operation.name)}," for operation in each.methods)
    return f"test_{snake_name(each.name)}_has_its_operations", (
        f'def TEST() -> None:\n    """{each.name} has every operation that its contract names."""\n'
        f"    {_subject(module, each.name)}\n"
        f"    operations = (\n{names}\n    )\n"
        "    assert [name for name in operations if not callable(getattr(subject, name, None))] == []"
    )


def _record_test(module: RequiredModule, each: PublicClass) -> tuple[str, str]:
    fields = "\n".join(f"        {literal(name)}," for name in each.fields)
    return f"test_{snake_name(each.name)}_has_its_fields", (
        f'def TEST() -> None:\n    """{each.name} has exactly the fields that were agreed."""\n'
        f"    {_subject(module, each.name)}\n"
        f"    assert list(subject.__dataclass_fields__) == [\n{fields}\n    ]"
    )


def _presence_test(module: RequiredModule, name: str) -> tuple[str, str]:
    return f"test_{snake_name(name)}_is_there", (
        f'def TEST() -> None:\n    """{module.path} offers {name}."""\n'
        f"    {_subject(module, name)}\n"
        "    assert callable(subject)"
    )


def _subject(module: RequiredModule, name: str) -> str:
    return f"subject = loaded({literal(module.path)}).{name}"
