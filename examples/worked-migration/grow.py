"""Writes a Python package with as many import cycles as one asks for, 47 unless told otherwise; the same each time.

    python examples/worked-migration/grow.py FOLDER [CYCLES]

A cycle is what the code analyzer counts as one: modules each of which reaches every other by imports (a strongly
connected component of two or more). The application is a shop of departments. Each department has a row of modules in
which neighbours import each other in rings of two, three or four; nothing leads back from one ring to an earlier one, so
that rings stay apart. Imports are written so that the package can really be imported.
"""

import sys
from pathlib import Path

DEPARTMENTS = ("billing", "catalog", "customers", "orders", "pricing", "reporting", "shipping", "stock")
PARTS = ("entry", "rules", "records", "notices")
SIZES = (2, 3, 2, 4)


def rings(cycles):
    """For each cycle its modules, department after department, in rings of two, three, two and four."""
    for number in range(cycles):
        department = DEPARTMENTS[number % len(DEPARTMENTS)]
        subject = f"case_{number // len(DEPARTMENTS) + 1}"
        size = SIZES[(number // 3) % len(SIZES)]
        yield [f"{department}.{subject}_{part}" for part in PARTS[:size]]


def sources(cycles):
    """The files of the package, by path."""
    found = {"shop/__init__.py": '"""A shop that has grown for eleven years."""\n'}
    for department in DEPARTMENTS:
        found[f"shop/{department}/__init__.py"] = f'"""{department.capitalize()}."""\n'
    found["shop/money.py"] = '"""Amounts in cents, which all departments use and which uses none of them."""\n\n\ndef cents(amount):\n    return round(amount * 100)\n'
    before = {}
    for ring in rings(cycles):
        department = ring[0].partition(".")[0]
        for at, module in enumerate(ring):
            following = ring[(at + 1) % len(ring)]
            # The first module of a ring also uses the ring before it, which knows nothing of it.
            used = ["shop import money", f"shop.{department} import {following.partition('.')[2]}"]
            if at == 0 and department in before:
                used.append(f"shop.{department} import {before[department]}")
            found[f"shop/{module.replace('.', '/')}.py"] = source(module, following, used)
        before[department] = ring[0].partition(".")[2]
    return dict(sorted(found.items()))


def source(module, following, used):
    """One module: what it imports, and a function that calls the next one of its ring."""
    name, other = module.partition(".")[2], following.partition(".")[2]
    lines = [f'"""{name.replace("_", " ").capitalize()}."""', "", *(f"from {each}" for each in sorted(used)), "", ""]
    lines += ["def handle(case, left=3):", "    if left == 0:", "        return money.cents(case)"]
    return "\n".join([*lines, f"    return {other}.handle(case, left - 1)"]) + "\n"


DOCUMENTS = {
    "README.md": "# Shop\n\nAn application of eight departments in one package, written by `grow.py`.\n",
    "docs/architecture.md": (
        "# Architecture\n\nThe shop is one process and one database. Every department may import every other; nobody has\n"
        "drawn the boundaries since 2015.\n\n"
        "## Open questions\n\n- Which three departments could be a service of their own first?\n"
    ),
    "docs/meetings/2026-03-02-first-services.md": (
        "# First services, 2 March 2026\n\n"
        "The first three departments that become a service of their own are pricing, stock and shipping: the strangler fig\n"
        "pattern is viable for these 3 services, since requests for them already pass one router.\n"
    ),
}


def grow(folder, cycles=47):
    """Writes package and documents below a folder, and gives the rings that are in it."""
    for path, text in {**sources(cycles), **DOCUMENTS}.items():
        file = Path(folder) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return list(rings(cycles))


if __name__ == "__main__":
    made = grow(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 47)
    print(f"{len(made)} cycles of {sum(map(len, made))} modules in {sys.argv[1]}")
