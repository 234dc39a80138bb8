import importlib
import pkgutil

import nordvale


def test_every_module_imports():
    names = [module.name for module in pkgutil.walk_packages(nordvale.__path__, "nordvale.")]
    for name in names:
        importlib.import_module(name)
    assert len(names) == 57
